// The PG's own npm loaders, given another `src`, load our SDK file in jsdom: what it refuses, and the overlay it opens.
'use strict';
const { JSDOM, VirtualConsole } = require('jsdom');
const { CLIENT_KEY, baseUrl, orderId, steps } = require('./steps');

const run = steps('@tosspayments/tosspayments-sdk 2.8.1, payment-sdk 1.9.3');

function browser() {
  const dom = new JSDOM('<!doctype html><body></body>', {
    url: 'http://shop.localhost/', runScripts: 'dangerously', resources: 'usable', virtualConsole: new VirtualConsole(),
  });
  global.window = dom.window;
  global.document = dom.window.document;
  return dom;
}

run.run(async () => {
  const base = baseUrl();
  const request = (more) => Object.assign({
    method: 'CARD', amount: { currency: 'KRW', value: 15000 }, orderId: orderId(), orderName: '의자',
    successUrl: 'http://shop.localhost/return', failUrl: 'http://shop.localhost/fail',
  }, more);

  const dom = browser();
  const v2 = require('@tosspayments/tosspayments-sdk');
  const toss = await v2.loadTossPayments(CLIENT_KEY, { src: `${base}/v2/standard` });
  run.check('v2 loads', dom.window.TossPayments.ANONYMOUS === v2.ANONYMOUS, v2.ANONYMOUS);
  const payment = toss.payment({ customerKey: v2.ANONYMOUS });
  const refusals = [
    ['BELOW_ZERO_AMOUNT', request({ amount: { currency: 'KRW', value: 0 } })],
    ['INVALID_PARAMETERS', request({ orderId: 'x' })],
    ['NOT_SUPPORTED_METHOD', request({ method: 'BARTER' })],
    ['INCORRECT_SUCCESS_URL_FORMAT', request({ successUrl: '/return' })],
    ['INVALID_METADATA', request({ metadata: { 'a[b]': 'c' } })],
  ];
  for (const [code, wrong] of refusals) {
    const saw = await payment.requestPayment(wrong).then(() => 'accepted', (error) => error.code);
    run.check(`v2 refuses: ${code}`, saw === code, saw);
  }

  payment.requestPayment(request({ windowTarget: 'iframe' })).catch(() => {});
  const frame = await until(() => dom.window.document.getElementById('__tosspayments_payment_iframe__'));
  run.check('v2 opens an iframe', frame.src.startsWith(`${base}/window?`), frame.src.split('?')[0]);
  const page = await fetch(frame.src);
  run.check('the iframe is the window', page.ok && (await page.text()).includes('data-test="method-CARD"'), page.status);
  await payment.destroy();
  run.check('destroy closes it', !dom.window.document.getElementById('__tosspayments_payment_iframe__'));
  const billing = await payment.requestBillingAuth({}).then(() => 'accepted', (error) => error.code);
  run.check('billing is refused clearly', billing === 'NOT_SIMULATED', billing);

  const older = browser();
  const v1 = require('@tosspayments/payment-sdk');
  const window1 = await v1.loadTossPayments(CLIENT_KEY, { src: `${base}/v1` });
  window1.requestPayment('가상계좌', Object.assign(request(), { amount: 33000 })).catch(() => {});
  const frame1 = await until(() => older.window.document.getElementById('__tosspayments_payment_iframe__'));
  const page1 = await fetch(frame1.src);
  run.check('v1 opens the window', (await page1.text()).includes('data-test="method-VIRTUAL_ACCOUNT"'), page1.status);
});

async function until(find) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = find();
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('it never came');
}
