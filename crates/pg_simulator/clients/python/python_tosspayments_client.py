"""PyPI python-tosspayments 1.1.0: confirm, look up, cancel, key-in, transactions. Its base URL is a private attribute."""

from datetime import date, timedelta

from tosspayments import TossPayments

from steps import SECRET_KEY, Steps, authenticated, base_url, order_id


def refused(steps, step, code, act):
    try:
        act()
        steps.check(step, False, "accepted")
    except Exception as error:  # The client raises a class of its own that it does not export.
        steps.check(step, getattr(error, "error_type", None) == code, getattr(error, "error_type", str(error)))


def main(base, steps):
    toss = TossPayments(SECRET_KEY)
    toss._TossPayments__base_url = f"{base}/"
    order = order_id()
    key = authenticated(base, order, 15000)
    paid = toss.confirm(key, order, 15000, idempotency_key=order)
    steps.check("confirm", paid["status"] == "DONE" and paid["vat"] == 1364, paid["status"])
    again = toss.confirm(key, order, 15000, idempotency_key=order)
    steps.check("confirm repeated", again == paid, again["status"])
    found = toss.get_payment_by_payment_key(key)
    steps.check("get_payment_by_payment_key", found == paid, found["status"])
    found = toss.get_payment_by_order_id(order)
    steps.check("get_payment_by_order_id", found == paid, found["status"])
    part = toss.cancel(key, {"cancelReason": "변심", "cancelAmount": 5000})
    steps.check("cancel in part", part["status"] == "PARTIAL_CANCELED", part["balanceAmount"])
    rest = toss.cancel(key, {"cancelReason": "변심"})
    steps.check("cancel the rest", rest["status"] == "CANCELED", rest["balanceAmount"])
    refused(steps, "cancel again", "ALREADY_CANCELED_PAYMENT", lambda: toss.cancel(key, {"cancelReason": "변심"}))
    refused(steps, "unknown payment", "NOT_FOUND_PAYMENT", lambda: toss.get_payment_by_payment_key("nothing"))

    keyed = toss.pay_with_card_number(
        {
            "amount": 60000,
            "orderId": order_id(),
            "orderName": "의자",
            "cardNumber": "4330121234561234",
            "cardExpirationYear": "30",
            "cardExpirationMonth": "07",
            "customerIdentityNumber": "881212",
            "cardInstallmentPlan": 3,
        }
    )
    steps.check("key-in", keyed["card"]["installmentPlanMonths"] == 3, keyed["card"]["number"])
    # The simulator's day, which need not be this machine's.
    today = date.fromisoformat(paid["approvedAt"][:10])
    rows = toss.get_transaction(str(today), str(today + timedelta(days=1)), limit=5000)
    mine = [row["amount"] for row in rows if row["orderId"] == order]
    steps.check("transactions", mine == [15000, -5000, -10000], mine)


if __name__ == "__main__":
    run = Steps("python-tosspayments 1.1.0")
    main(base_url(), run)
    run.finish()
