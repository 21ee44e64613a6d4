#!/usr/bin/env python3
"""Holds our SendGrid signatures against SendGrid's own Python library, which verifies, over many random mails.

Usage: sendgrid_sdk.py PATH-OF-THE-EXAMPLE `sign`     (cargo build -p inlet-providers --example sign)
Needs: python3 -m pip install 'sendgrid>=6.12'
Ends with 1 and the first mismatch in words, if there is one.
"""

import base64
import random
import sys

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from ours import Ours, fail
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader

ROUNDS = 200
ALPHABET = "aZ09 +&=%'\"<>/?:@#\r\n\tßéЖ漢🎉\u00a0\u200d"


def keys():
    """A fresh pair, in the forms in which one pastes them."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(private).decode(), base64.b64encode(public).decode()


def a_sample(ours, dice, private, at):
    return ours.ask(
        sample={
            "adapter": "sendgrid",
            "secret": private,
            "public_url": "https://inbox.example.com",
            "path": "/in/sendgrid/t",
            "name": dice.choice(["", "raw", "html", "reply"]),
            "from": "maya@okafor.example",
            "body": "".join(dice.choice(ALPHABET) for _ in range(1 + dice.randrange(60))),
            "media": [f"https://x.example/{n}.png" for n in range(dice.randrange(3))],
            "at": at,
        }
    )


def touched(body, dice):
    place = dice.randrange(len(body))
    return body[:place] + ("x" if body[place] != "x" else "y") + body[place + 1 :]


def both_accept(ours, dice):
    """SendGrid's library and we accept a sample of ours, and neither does with one letter changed or another key."""
    (private, public), (_, other) = keys(), keys()
    at = 1_800_000_000 + dice.randrange(1_000_000)
    request = a_sample(ours, dice, private, at)
    headers = dict(request["headers"])
    signature = headers[EventWebhookHeader.SIGNATURE.lower()]
    timestamp = headers[EventWebhookHeader.TIMESTAMP.lower()]
    sent = {
        "adapter": "sendgrid",
        "secrets": [public],
        "public_url": "https://inbox.example.com",
        "target": "/in/sendgrid/t",
        "method": "POST",
        "headers": request["headers"],
        "body": request["body"],
        "at": at,
    }
    harmed = touched(request["body"], dice)
    for body, key, good in [(request["body"], public, True), (harmed, public, False), (request["body"], other, False)]:
        if EventWebhook(key).verify_signature(body, signature, timestamp) != good:
            fail(f"SendGrid's library {'refuses our sample' if good else 'accepts anything'}", sent)
        if ours.ask(verify={**sent, "secrets": [key], "body": body})["accepted"] != good:
            fail(f"we {'refuse what its library accepts' if good else 'accept what its library refuses'}", sent)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ours, dice = Ours(sys.argv[1]), random.Random(20261125)
    for _ in range(ROUNDS):
        both_accept(ours, dice)
    print(f"SendGrid's library and ours agree on {ROUNDS} requests and on {2 * ROUNDS} forgeries")


if __name__ == "__main__":
    main()
