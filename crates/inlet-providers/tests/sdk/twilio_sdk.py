#!/usr/bin/env python3
"""Holds our Twilio signatures against Twilio's own Python library, both ways, over many random requests.

Usage: twilio_sdk.py PATH-OF-THE-EXAMPLE `sign`     (cargo build -p inlet-providers --example sign)
Needs: python3 -m pip install 'twilio>=9.13'
Ends with 1 and the first mismatch in words, if there is one.
"""

import hashlib
import json
import random
import sys
from urllib.parse import parse_qs, parse_qsl, urlencode

from ours import Ours, fail
from twilio.request_validator import RequestValidator, get_signature_algorithm

ROUNDS = 400
ALPHABET = "aZ09 +&=%'\"<>/?:@#\r\n\tßéЖ漢🎉\u00a0\u200d"
BASES = ["https://inbox.example.com", "http://localhost:8700", "https://inbox.example.com:8443", "http://a.example"]


def text(dice, longest=40):
    return "".join(dice.choice(ALPHABET) for _ in range(dice.randrange(longest)))


def twilio_accepts_ours(ours, dice):
    """Twilio's library accepts a sample of ours, and not the same one with another field."""
    shared = dice.random() < 0.3
    voice = dice.random() < 0.2
    wanted = {
        "adapter": "twilio-voice" if voice else "twilio",
        "secret": "webhooks_sharedkey_x:a shared secret" if shared else "an auth token",
        "public_url": dice.choice(BASES),
        "path": "/in/twilio/t" + dice.choice(["", "" if voice else "?b=2&a=1", "" if voice else "?x=%2B"]),
        "name": dice.choice(["", "missed", "voicemail"] if voice else ["", "mms", "whatsapp", "messenger", "rcs"]),
        "from": "+14155550119",
        "body": text(dice),
        "media": [f"https://api.twilio.com/{n}.png" for n in range(dice.randrange(3))],
    }
    request = ours.ask(sample=wanted)
    headers = dict(request["headers"])
    validator = RequestValidator("a shared secret" if shared else "an auth token")
    algorithm = get_signature_algorithm(headers.get("x-twilio-webhooks-signature-settings"))
    fields = dict(parse_qsl(request["body"], keep_blank_values=True))
    signature = headers["x-twilio-signature"]
    if not voice and fields["Body"] != wanted["body"]:
        fail("a sample does not carry its text", wanted)
    if not validator.validate(request["url"], fields, signature, algorithm):
        fail("Twilio's library refuses our sample", wanted)
    if validator.validate(request["url"], {**fields, "Extra": "1"}, signature, algorithm):
        fail("Twilio's library accepts anything", wanted)


class Repeated:
    """A form with repeated fields, in the shape that Twilio's library asks for."""

    def __init__(self, form):
        self.form = form

    def __iter__(self):
        return iter(self.form)

    def __len__(self):
        return len(self.form)

    def getall(self, name):
        return self.form[name]


def signed_by_twilio(dice):
    """A request that Twilio's library signed: a form, or JSON bound by its hash."""
    base, path = dice.choice(BASES), "/in/twilio/t"
    algorithm = dice.choice(["HMAC_SHA1", "HMAC_SHA256"])
    headers, secret = [], "an auth token"
    if algorithm == "HMAC_SHA256":
        secret = "webhooks_sharedkey_x:a shared secret"
        headers = [["x-twilio-webhooks-signature-settings", "key=webhooks_sharedkey_x,algorithm=HMAC_SHA256"]]
    if dice.random() < 0.2:
        body, fields = json.dumps({"text": text(dice)}), {}
        target = f"{path}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
        headers.append(["content-type", "application/json"])
    else:
        names = ["Body", "Reason", "ReasonConferenceEnded", "Sid", "SidAccount", "From", "a", "Ä", "🎉"]
        pairs = [(dice.choice(names), text(dice)) for _ in range(dice.randrange(9))]
        body, target = urlencode(pairs), path + dice.choice(["", "?b=2&a=1", "?"])
        fields = Repeated(parse_qs(body, keep_blank_values=True))
        headers.append(["content-type", "application/x-www-form-urlencoded"])
    validator = RequestValidator(secret.split(":")[-1])
    headers.append(["x-twilio-signature", validator.compute_signature(base + target, fields, algorithm)])
    return {
        "secrets": ["an older token", secret],
        "public_url": base,
        "target": target,
        "method": "POST",
        "headers": headers,
        "body": body,
    }


def we_accept_twilios(ours, dice):
    """We accept what Twilio's library signed, and not when a field, the path or the key differs."""
    request = signed_by_twilio(dice)
    if not ours.ask(verify=request)["accepted"]:
        fail("we refuse what Twilio's library signed", request)
    touched = {
        "body": request["body"] + "&Extra=1",
        "target": request["target"].replace("/in/", "/on/"),
        "secrets": ["an older token"],
    }
    for name, value in touched.items():
        if ours.ask(verify={**request, name: value})["accepted"]:
            fail(f"we accept it with another {name}", request)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ours, seed = Ours(sys.argv[1]), 20261122
    dice = random.Random(seed)
    for _ in range(ROUNDS):
        twilio_accepts_ours(ours, dice)
        we_accept_twilios(ours, dice)
    print(f"Twilio's library and ours agree on {2 * ROUNDS} requests and on {4 * ROUNDS} forgeries")


if __name__ == "__main__":
    main()
