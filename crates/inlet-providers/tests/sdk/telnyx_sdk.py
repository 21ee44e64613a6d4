#!/usr/bin/env python3
"""Holds our Telnyx signatures against Telnyx's own Python library, which verifies, over many random events.

Usage: telnyx_sdk.py PATH-OF-THE-EXAMPLE `sign`     (cargo build -p inlet-providers --example sign)
Needs: python3 -m pip install 'telnyx>=4' pynacl
Ends with 1 and the first mismatch in words, if there is one.
"""

import base64
import random
import sys
import time

from nacl.signing import SigningKey
from ours import Ours, fail
from telnyx.lib.webhook_verification import WebhookVerificationError, verify_webhook_signature

ROUNDS = 200
ALPHABET = "aZ09 +&=%'\"<>/?:@#\r\n\tßéЖ漢🎉\u00a0\u200d"


def keys():
    """A fresh pair: the form that samples are signed with, and the public half as Telnyx shows it."""
    key = SigningKey.generate()
    pair = bytes(key) + bytes(key.verify_key)
    return base64.b64encode(pair).decode(), base64.b64encode(bytes(key.verify_key)).decode()


def they_accept(body, headers, key):
    try:
        verify_webhook_signature(body, headers, key)
        return True
    except WebhookVerificationError:
        return False


def touched(body, dice):
    place = dice.randrange(len(body))
    return body[:place] + ("x" if body[place] != "x" else "y") + body[place + 1 :]


def both_accept(ours, dice):
    """Telnyx's library and we accept a sample of ours, and neither does with one letter changed, late, or another key."""
    (pair, public), (_, other) = keys(), keys()
    now = int(time.time())
    wanted = {
        "adapter": "telnyx",
        "secret": pair,
        "public_url": "https://inbox.example.com",
        "path": "/in/telnyx/t",
        "from": "+14155550119",
        "body": "".join(dice.choice(ALPHABET) for _ in range(dice.randrange(60))),
        "media": [f"https://x.example/{n}.png" for n in range(dice.randrange(3))],
    }
    for body_of, at, key, good in [
        (lambda body: body, now, public, True),
        (lambda body: touched(body, dice), now, public, False),
        (lambda body: body, now - 400, public, False),
        (lambda body: body, now, other, False),
    ]:
        request = ours.ask(sample={**wanted, "at": at})
        body = body_of(request["body"])
        sent = {
            "adapter": "telnyx",
            "secrets": [key],
            "public_url": "https://inbox.example.com",
            "target": "/in/telnyx/t",
            "method": "POST",
            "headers": request["headers"],
            "body": body,
            "at": now,
        }
        if they_accept(body, dict(request["headers"]), key) != good:
            fail(f"Telnyx's library {'refuses our sample' if good else 'accepts anything'}", sent)
        if ours.ask(verify=sent)["accepted"] != good:
            fail(f"we {'refuse what its library accepts' if good else 'accept what its library refuses'}", sent)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ours, dice = Ours(sys.argv[1]), random.Random(20261125)
    for _ in range(ROUNDS):
        both_accept(ours, dice)
    print(f"Telnyx's library and ours agree on {ROUNDS} samples and on {3 * ROUNDS} forgeries")


if __name__ == "__main__":
    main()
