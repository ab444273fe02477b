"""What a blind fuzzer cannot guess: payments that exist, keys that are new, and that nothing may leave this machine."""

import itertools
import os

import requests
import schemathesis

API = os.environ["NARUPAY_API_URL"]
AUTH = {"Authorization": f"Bearer {os.environ['NARUPAY_SECRET_KEY']}"}
# Nobody listens there.
NOWHERE = "http://127.0.0.1:9/"

count = itertools.count()


def post(path, body):
    headers = {**AUTH, "Idempotency-Key": f"made-{next(count)}"}
    answer = requests.post(f"{API}{path}", json=body, headers=headers, timeout=10)
    answer.raise_for_status()
    return answer.json()


def payment(order, **more):
    return post("/v1/payments", {"orderId": order, "orderName": "fuzzed", "amount": 15000, **more})["id"]


def payments():
    """One in each state that is easily reached."""
    ready = payment("fuzz-ready")
    paid = payment("fuzz-paid")
    post(f"/v1/test/payments/{paid}/pay", {"method": "CARD", "outcome": "approve"})
    waiting = payment("fuzz-waiting")
    post(f"/v1/test/payments/{waiting}/pay", {"method": "VIRTUAL_ACCOUNT", "outcome": "approve"})
    undecided = payment("fuzz-undecided", confirm="BY_SHOP")
    post(f"/v1/test/payments/{undecided}/pay", {"method": "TRANSFER", "outcome": "approve"})
    declined = payment("fuzz-declined")
    post(f"/v1/test/payments/{declined}/pay", {"method": "CARD", "outcome": "decline"})
    return [ready, paid, waiting, undecided, declined]


known = payments()
KNOWN_MAX = 50
# Any value of these has the right form, and almost none has a meaning: with them most requests would end there.
PICKY = ("currency", "taxFreeAmount", "taxExemptAmount", "method", "methods", "kind", "instalmentMonths", "escrow", "interestFree",
         "returnUrl", "customer", "metadata", "expectedBalance")


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(count)
    # Three of four calls are about a payment that exists.
    if number % 4 and "paymentId" in (case.path_parameters or {}):
        case.path_parameters["paymentId"] = known[number % len(known)]
    # What was used before would only tell what it told before; one call in ten still has the fuzzer's own.
    if number % 10 and "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = f"fuzz-{number}"
    if not isinstance(case.body, dict):
        return
    if number % 10 and isinstance(case.body.get("orderId"), str):
        case.body["orderId"] = f"fuzz-order-{number}"
    if isinstance(case.body.get("url"), str) and "://" in case.body["url"]:
        case.body["url"] = NOWHERE
    if number % 2:
        for name in PICKY:
            if "outcome" in case.body and name == "method":
                case.body[name] = "CARD"
            else:
                case.body.pop(name, None)


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code == 201 and len(known) < KNOWN_MAX:
        made = response.json().get("id", "")
        if made.startswith("pay_"):
            known.append(made)
