#!/usr/bin/env python3
"""Holds our Standard Webhooks signatures against the Python libraries of Standard Webhooks and of Svix, both ways.

Usage: custom_sdk.py PATH-OF-THE-EXAMPLE `sign`     (cargo build -p inlet-providers --example sign)
Needs: python3 -m pip install standardwebhooks svix
Ends with 1 and the first mismatch in words, if there is one.
"""

import base64
import json
import random
import sys
import time
from datetime import datetime, timezone

import standardwebhooks
import svix.webhooks
from ours import Ours, fail

ROUNDS = 200
ALPHABET = "aZ09 +&=%'\"<>/?:@#\r\n\tßéЖ漢🎉\u00a0\u200d"
LIBRARIES = [
    ("Standard Webhooks", standardwebhooks.Webhook, "webhook"),
    ("Svix", svix.webhooks.Webhook, "svix"),
]


def a_secret(dice):
    return "whsec_" + base64.b64encode(dice.randbytes(dice.randrange(24, 65))).decode()


def text(dice):
    return "".join(dice.choice(ALPHABET) for _ in range(1 + dice.randrange(60)))


def they_accept(library, secret, body, headers):
    try:
        library(secret).verify(body, headers)
        return True
    # Each has an error of its own, and what they verify is JSON that they read as well.
    except (standardwebhooks.WebhookVerificationError, svix.webhooks.WebhookVerificationError, ValueError):
        return False


def asked(secret, headers, body):
    return {
        "adapter": "custom",
        "secrets": [secret],
        "public_url": "https://inbox.example.com",
        "target": "/in/custom/t",
        "method": "POST",
        "headers": headers,
        "body": body,
        "at": int(time.time()),
    }


def they_accept_ours(ours, dice):
    """Both libraries accept a sample of ours, and not the same one with a blank more, or under another secret."""
    secret = a_secret(dice)
    request = ours.ask(
        sample={
            "adapter": "custom",
            "secret": secret,
            "public_url": "https://inbox.example.com",
            "path": "/in/custom/t",
            "name": dice.choice(["", "v1"]),
            "from": "+14155550119",
            "body": text(dice),
            "at": int(time.time()),
        }
    )
    headers, body = dict(request["headers"]), request["body"]
    for name, library, _ in LIBRARIES:
        if not they_accept(library, secret, body, headers):
            fail(f"{name}'s library refuses our sample", request)
        if they_accept(library, secret, body + " ", headers) or they_accept(library, a_secret(dice), body, headers):
            fail(f"{name}'s library accepts anything", request)


def we_accept_theirs(ours, dice):
    """We accept what both libraries sign, and not with another body, id or secret, nor an hour later."""
    for name, library, prefix in LIBRARIES:
        secret, body = a_secret(dice), json.dumps({"text": text(dice)}, ensure_ascii=dice.random() < 0.5)
        now = datetime.now(tz=timezone.utc)
        headers = [
            [f"{prefix}-id", f"msg_{dice.randrange(10**9)}"],
            [f"{prefix}-timestamp", str(int(now.timestamp()))],
        ]
        headers.append([f"{prefix}-signature", library(secret).sign(headers[0][1], now, body)])
        sent = asked(secret, headers, body)
        if not ours.ask(verify=sent)["accepted"]:
            fail(f"we refuse what {name}'s library signed", sent)
        touched = {
            "body": body + " ",
            "headers": [[headers[0][0], "another"], *headers[1:]],
            "secrets": [a_secret(dice)],
            "at": sent["at"] + 3600,
        }
        for what, value in touched.items():
            if ours.ask(verify={**sent, what: value})["accepted"]:
                fail(f"we accept it with another {what}", sent)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ours, dice = Ours(sys.argv[1]), random.Random(20261125)
    for _ in range(ROUNDS):
        they_accept_ours(ours, dice)
        we_accept_theirs(ours, dice)
    print(f"The libraries of Standard Webhooks and Svix and ours agree on {3 * ROUNDS} requests and {12 * ROUNDS} forgeries")


if __name__ == "__main__":
    main()
