#!/usr/bin/env python3
"""Holds what Inlet sends against the receivers' own libraries, unmodified: HighLevel's middleware for Node and for Python,
Standard Webhooks and Svix, and the samples of docs/delivery.md. Each verifies a first attempt, a retry and a replay, and
refuses each with one byte changed.

Usage: webhooks.py PATH-OF-INLET PATH-OF-NODE PATH-OF-NODE-MODULES
Needs: python3 -m pip install gohighlevel-api-client standardwebhooks svix; npm install @gohighlevel/api-client
Ends with 1 and the first mismatch in words, if there is one.
"""

import asyncio
import base64
import http.server
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import types
import urllib.request

import samples
import standardwebhooks
import svix.webhooks
from highlevel import HighLevel
from ours import Inlet

INLET, NODE, MODULES = sys.argv[1:4]
HERE = pathlib.Path(__file__).parent
PATIENCE = 30
TEXT = "héllo “quoted” <b> 漢🎉 \\ \u2028 1.0"
LIBRARIES = [standardwebhooks.Webhook, svix.webhooks.Webhook]
REFUSALS = (standardwebhooks.WebhookVerificationError, svix.webhooks.WebhookVerificationError)


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: found {found!r} instead of {expected!r}")


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what comes, fails the first time, and takes everything after that."""

    protocol_version = "HTTP/1.1"
    come = queue.Queue()
    answers = iter([503])

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(next(self.answers, 204))
        self.send_header("content-length", "0")
        self.end_headers()
        self.come.put({"headers": headers, "body": body})

    def log_message(self, *_):
        pass


def say(base, token, contact):
    body = {"type": "SMS", "phone": contact, "message": TEXT}
    headers = {"authorization": f"Bearer {token}", "version": "2021-04-15", "content-type": "application/json"}
    request = urllib.request.Request(f"{base}/conversations/messages/inbound", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        same("the message's status", answer.status, 200)


def changed(request):
    """The same request with one letter of the message another one, so that its body is JSON still."""
    body = request["body"].replace("héllo".encode(), "hélly".encode())
    same("letters changed", sum(one != other for one, other in zip(body, request["body"], strict=True)), 1)
    return {**request, "body": body}


def taken_by(library, secret, request):
    try:
        library(secret).verify(request["body"], request["headers"])
        return True
    except REFUSALS:
        return False


def highlevel_python(destination, requests):
    os.environ["CLIENT_ID"] = f"{destination['app_id']}-suffix"
    os.environ["WEBHOOK_SIGNATURE_PUBLIC_KEY"] = destination["public_key"]
    middleware = HighLevel(private_integration_token="pit-none", log_level="none").webhooks.subscribe()
    verdicts = []
    for request in requests:
        seen = types.SimpleNamespace(method="POST", url="/hook", **request)
        asyncio.run(middleware(seen))
        same("signatures left out by the middleware", seen.skipped_signature_verification, False)
        verdicts.append(seen.is_signature_valid)
    return verdicts


def highlevel_node(destination, requests):
    coded = [{**one, "body": base64.b64encode(one["body"]).decode()} for one in requests]
    given = {"app_id": destination["app_id"], "public_key": destination["public_key"], "requests": coded}
    done = subprocess.run(
        [NODE, str(HERE / "webhooks_node.js")],
        check=True, stdout=subprocess.PIPE, text=True, input=json.dumps(given), timeout=120,
        env={**os.environ, "NODE_PATH": MODULES},
    )
    return json.loads(done.stdout)


def verify(destination, secrets, requests):
    """`secrets[n]` are those that sign `requests[n]`."""
    broken = [changed(request) for request in requests]
    yes, no = [True] * len(requests), [False] * len(requests)
    same("HighLevel's middleware for Python", highlevel_python(destination, requests + broken), yes + no)
    same("HighLevel's middleware for Node", highlevel_node(destination, requests + broken), [[one, one] for one in yes + no])
    for library in LIBRARIES:
        for request, spoilt, signing in zip(requests, broken, secrets, strict=True):
            name = f"{library.__module__} on attempt {request['headers']['x-inlet-attempt']}"
            for secret in signing:
                same(name, taken_by(library, secret, request), True)
                same(f"{name}, changed", taken_by(library, secret, spoilt), False)
                later = {**request["headers"], "webhook-timestamp": str(int(request["headers"]["webhook-timestamp"]) + 1)}
                same(f"{name}, of another time", taken_by(library, secret, {**request, "headers": later}), False)


def story(inlet, url):
    """A first attempt that fails, its retry, and a replay after a new secret; what came, and which secrets sign each."""
    location, token = inlet.place()
    with inlet.serving("--allow", "127.0.0.1") as base:
        destination = inlet("destination", "add", "--location", location, "--url", url, "--schedule", "1,1,1")
        say(base, token, "+14155552671")
        requests = [Receiver.come.get(timeout=PATIENCE) for _ in range(2)]
        rotated = inlet("destination", "rotate-secret", destination["id"])["secret"]
        delivery = delivered(inlet)
        inlet("delivery", "replay", delivery)
        requests.append(Receiver.come.get(timeout=PATIENCE))
    secrets = [[destination["secret"]], [destination["secret"]], [rotated, destination["secret"]]]
    return destination, secrets, requests


def delivered(inlet):
    """The id of the delivery, once its end is written down: the receiver hears of it a moment before."""
    waiting = threading.Event()
    for _ in range(10 * PATIENCE):
        [delivery] = inlet("delivery", "list")["deliveries"]
        if delivery["status"] == "delivered":
            return delivery["id"]
        waiting.wait(0.1)
    sys.exit(f"the delivery is {delivery['status']} still")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as data:
        url = f"http://127.0.0.1:{server.server_port}/hook"
        destination, secrets, requests = story(Inlet(INLET, data), url)
    same("attempts", [one["headers"]["x-inlet-attempt"] for one in requests], ["1", "2", "1"])
    same("ids", len({one["headers"]["webhook-id"] for one in requests}), 1)
    same("bodies", len({one["body"] for one in requests}), 1)
    same("the message", json.loads(requests[0]["body"])["body"], TEXT)
    same("the id in the body", json.loads(requests[0]["body"])["webhookId"], requests[0]["headers"]["webhook-id"])
    verify(destination, secrets, requests)
    ran = samples.run(NODE, secrets, requests, [changed(request) for request in requests])
    print(f"The samples in docs/delivery.md, as far as their interpreters are here: {', '.join(ran)}")
    print("HighLevel's middleware for Node and Python, Standard Webhooks and Svix: a first attempt, a retry, a replay")


main()
