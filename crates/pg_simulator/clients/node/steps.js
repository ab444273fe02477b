// What the drivers share: steps as JSON lines, and the shopper's part.
'use strict';
const { randomUUID } = require('node:crypto');

const CLIENT_KEY = process.env.TOSS_CLIENT_KEY || 'test_ck_D5GePWvyJnrK0W0k6q8gLzN97Eoq';
const SECRET_KEY = process.env.TOSS_SECRET_KEY || 'test_sk_zXLkKEypNArWmo50nX3lmeaxYG5R';

function baseUrl() {
  if (process.argv.length !== 3) {
    console.error(`usage: node ${process.argv[1]} http://HOST:PORT/toss`);
    process.exit(2);
  }
  return process.argv[2].replace(/\/$/, '');
}

function steps(client) {
  let failed = false;
  return {
    check(step, ok, saw) {
      failed = failed || !ok;
      console.log(JSON.stringify({ client, step, ok: Boolean(ok), saw: saw === undefined ? null : saw }));
    },
    async run(main) {
      try {
        await main();
      } catch (error) {
        this.check('unexpected', false, String(error && error.stack));
      }
      process.exit(failed ? 1 : 0);
    },
  };
}

async function control(base, action, fields) {
  const response = await fetch(`${base}/_control/${action}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fields),
  });
  return response.json();
}

const orderId = () => `client-${randomUUID()}`;

// A shopper goes through the window.
async function authenticated(base, order, amount, method = 'CARD') {
  const fields = { clientKey: CLIENT_KEY, method, amount, orderId: order, orderName: '면 티셔츠 외 1건' };
  return (await control(base, 'authenticate', fields)).paymentKey;
}

module.exports = { CLIENT_KEY, SECRET_KEY, authenticated, baseUrl, control, orderId, steps };
