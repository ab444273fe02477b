"""PyPI boilpayment 0.3.0: confirm, look up, refund in parts, cash receipts, transactions, forced refusals."""

import asyncio
from datetime import UTC, datetime, timedelta

from boilpayment.core import ProviderError, money
from boilpayment.toss import TossProvider, TossProviderConfig

from steps import SECRET_KEY, Steps, authenticated, base_url, control, order_id


async def main(base, steps):
    toss = TossProvider(TossProviderConfig(secret_key=SECRET_KEY, api_base=base))
    order = order_id()
    key = authenticated(base, order, 15000)
    paid = await toss.confirm_payment(payment_key=key, order_id=order, amount=15000)
    steps.check("confirm", paid.status == "succeeded" and paid.amount.amount_minor == 15000, paid.status)
    found = await toss.get_payment(key)
    steps.check("get_payment", found.provider_ref == key, found.status)
    found = await toss.get_payment_by_order_id(order)
    steps.check("get_payment_by_order_id", found is not None and found.provider_ref == key, found and found.status)
    steps.check("unknown order", await toss.get_payment_by_order_id(order_id()) is None, None)

    won = money(amount_minor=5000, currency="KRW")
    repeated = order_id()
    refund = await toss.refund(payment_ref=key, amount=won, reason="변심", idempotency_key=repeated)
    steps.check("refund in part", refund.status == "succeeded" and refund.amount.amount_minor == 5000, refund.status)
    again = await toss.refund(payment_ref=key, amount=won, reason="변심", idempotency_key=repeated)
    steps.check("refund repeated", again.provider_ref == refund.provider_ref, again.provider_ref)
    found = await toss.get_payment(key)
    steps.check("partially refunded", found.raw["balanceAmount"] == 10000, found.status)

    try:
        await toss.confirm_payment(payment_key=key, order_id=order, amount=15000)
        steps.check("confirm twice", False, "accepted")
    except ProviderError as error:
        steps.check("confirm twice", error.failure.provider_code == "ALREADY_PROCESSED_PAYMENT", str(error))

    account = order_id()
    key = authenticated(base, account, 33000, "VIRTUAL_ACCOUNT")
    waiting = await toss.confirm_payment(payment_key=key, order_id=account, amount=33000)
    steps.check("virtual account", waiting.status == "pending", waiting.status)
    control(base, "deposit", orderId=account)
    deposited = await toss.get_payment(key)
    steps.check("deposit", deposited.status == "succeeded", deposited.status)

    forced = TossProvider(TossProviderConfig(secret_key=SECRET_KEY, api_base=base, test_code="REJECT_CARD_PAYMENT"))
    try:
        await forced.get_payment(key)
        steps.check("forced refusal", False, "accepted")
    except ProviderError as error:
        ok = error.failure.code == "insufficient_funds" and error.http_status == 403
        steps.check("forced refusal", ok, error.failure.provider_code)

    since = datetime.now(UTC) - timedelta(hours=1)
    rows = await toss.list_payments(customer_ref="nobody", since=since)
    steps.check("transactions", rows == [], len(rows))
    await receipts(toss, steps, key, account)


async def receipts(toss, steps, key, account):
    receipt = await toss.issue_cash_receipt(payment_ref=key, type="personal", customer_identity_number="0100001234")
    steps.check("cash receipt", receipt.status == "in_progress", receipt.receipt_key)
    # The simulator's day, which need not be this machine's.
    today = receipt.raw["requestedAt"][:10]
    found = await toss.get_cash_receipt(order_id=account, request_date=today)
    steps.check("cash receipt found", found is not None and found.receipt_key == receipt.receipt_key, today)
    canceled = await toss.cancel_cash_receipt(receipt_key=receipt.receipt_key)
    steps.check("cash receipt canceled", canceled.raw["transactionType"] == "CANCEL", canceled.receipt_key)


if __name__ == "__main__":
    run = Steps("boilpayment 0.3.0")
    asyncio.run(main(base_url(), run))
    run.finish()
