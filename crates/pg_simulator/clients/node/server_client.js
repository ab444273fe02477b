// npm toss-payments-server-api 10.0.0: the old way to approve, key-in, virtual accounts, cancels, cash receipts.
'use strict';
const toss = require('toss-payments-server-api').default;
const { SECRET_KEY, authenticated, baseUrl, control, orderId, steps } = require('./steps');

const run = steps('toss-payments-server-api 10.0.0');
run.run(async () => {
  const base = baseUrl();
  const { v1 } = toss.functional;
  const authorization = `Basic ${Buffer.from(`${SECRET_KEY}:`).toString('base64')}`;
  const connection = { host: base, headers: { Authorization: authorization } };
  const refused = async (step, code, call) => {
    try {
      await call();
      run.check(step, false, 'accepted');
    } catch (error) {
      const saw = JSON.parse(error.message).code;
      run.check(step, saw === code, saw);
    }
  };

  const order = orderId();
  const key = await authenticated(base, order, 15000);
  const paid = await v1.payments.approve(connection, key, { orderId: order, amount: 15000 });
  run.check('approve', paid.status === 'DONE' && paid.totalAmount === 15000, paid.status);
  const found = await v1.payments.at(connection, key);
  run.check('at', found.paymentKey === key, found.status);
  const part = await v1.payments.cancel(connection, key, { paymentKey: key, cancelReason: '변심', cancelAmount: 5000 });
  run.check('cancel in part', part.status === 'PARTIAL_CANCELED' && part.cancels.length === 1, part.balanceAmount);
  await refused('cancel too much', 'NOT_CANCELABLE_AMOUNT', () =>
    v1.payments.cancel(connection, key, { paymentKey: key, cancelReason: '변심', cancelAmount: 10001 }));
  await refused('unknown payment', 'NOT_FOUND_PAYMENT', () => v1.payments.at(connection, 'nothing'));

  const keyed = await v1.payments.key_in(connection, {
    method: 'card', amount: 25000, orderId: orderId(), orderName: '의자', cardNumber: '4330121234561234',
    cardExpirationYear: '30', cardExpirationMonth: '07', customerIdentityNumber: '881212',
  });
  run.check('key-in', keyed.status === 'DONE' && keyed.card.number.includes('*'), keyed.card.number);

  const account = orderId();
  const issued = await v1.virtual_accounts.create(connection, {
    method: 'virtual-account', amount: 33000, orderId: account, orderName: '의자', bank: '우리', customerName: '박구매',
  });
  run.check('virtual account', issued.status === 'WAITING_FOR_DEPOSIT', issued.virtualAccount.accountNumber);
  await control(base, 'deposit', { orderId: account });
  const deposited = await v1.payments.at(connection, issued.paymentKey);
  run.check('deposit', deposited.status === 'DONE', deposited.approvedAt);
  const refunded = await v1.payments.cancel(connection, issued.paymentKey, {
    paymentKey: issued.paymentKey, cancelReason: '변심',
    refundReceiveAccount: { bank: '20', accountNumber: '1002123456789', holderName: '박구매' },
  });
  run.check('refund', refunded.virtualAccount.refundStatus === 'PENDING', refunded.status);

  const receipt = await v1.cash_receipts.create(connection, {
    type: '소득공제', paymentKey: issued.paymentKey, orderId: account, orderName: '의자', amount: 33000,
    registrationNumber: '01012345678',
  });
  run.check('cash receipt', typeof receipt.receiptKey === 'string', receipt.issueStatus);
  const canceled = await v1.cash_receipts.cancel(connection, receipt.receiptKey, { amount: 33000 });
  run.check('cash receipt canceled', canceled.transactionType === 'CANCEL', canceled.receiptKey);
});
