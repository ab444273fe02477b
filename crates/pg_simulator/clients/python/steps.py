"""What the drivers share: steps as JSON lines, and the shopper's part."""

import json
import os
import sys
import urllib.error
import urllib.request
import uuid

CLIENT_KEY = os.environ.get("TOSS_CLIENT_KEY", "test_ck_D5GePWvyJnrK0W0k6q8gLzN97Eoq")
SECRET_KEY = os.environ.get("TOSS_SECRET_KEY", "test_sk_zXLkKEypNArWmo50nX3lmeaxYG5R")


class Steps:
    def __init__(self, client):
        self.client = client
        self.failed = False

    def check(self, step, ok, saw):
        self.failed = self.failed or not ok
        line = {"client": self.client, "step": step, "ok": bool(ok), "saw": saw}
        print(json.dumps(line, ensure_ascii=False, default=str), flush=True)

    def finish(self):
        sys.exit(1 if self.failed else 0)


def base_url():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} http://HOST:PORT/toss")
    return sys.argv[1].rstrip("/")


def order_id():
    return f"client-{uuid.uuid4()}"


def control(base, action, **fields):
    request = urllib.request.Request(
        f"{base}/_control/{action}",
        data=json.dumps(fields).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def authenticated(base, order, amount, method="CARD"):
    """A shopper goes through the window."""
    answer = control(
        base,
        "authenticate",
        clientKey=CLIENT_KEY,
        method=method,
        amount=amount,
        orderId=order,
        orderName="면 티셔츠 외 1건",
    )
    return answer["paymentKey"]
