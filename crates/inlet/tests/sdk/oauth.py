#!/usr/bin/env python3
"""Runs HighLevel's own libraries as OAuth apps against a server of their own, with a token whose time is over.

Usage: oauth.py PATH-OF-INLET PATH-OF-NODE PATH-OF-NODE-MODULES
Ends with 1 and the first mismatch in words, if there is one.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from ours import Inlet

INLET, NODE, MODULES = sys.argv[1:4]
HERE = pathlib.Path(__file__).parent


def status(request):
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def expired(inlet, location, app, count):
    """Access tokens whose time is over, each with its refresh token, which is still good."""
    tokens = []
    settings = pathlib.Path(inlet.data, "short.toml")
    settings.write_text("[oauth]\naccess_seconds = 1\n")
    with inlet.serving("--config", str(settings)) as base:
        for _ in range(count):
            code = inlet("app", "authorize", app["id"], "--location", location)["code"]
            body = {"grantType": "authorization_code", "code": code}
            body |= {"clientId": app["client_id"], "clientSecret": app["client_secret"]}
            head = {"Content-Type": "application/json"}
            request = urllib.request.Request(f"{base}/oauth/token", json.dumps(body).encode(), head)
            with urllib.request.urlopen(request, timeout=20) as response:
                tokens.append(json.load(response))
        head = {"Authorization": f"Bearer {tokens[-1]['access_token']}", "Version": "v3"}
        until = time.monotonic() + 20
        while status(urllib.request.Request(f"{base}/locations/{location}", headers=head)) != 401:
            if time.monotonic() > until:
                sys.exit("a token of one second should be over by now")
            time.sleep(0.1)
    return [[one["access_token"], one["refresh_token"]] for one in tokens]


def run(story, *arguments):
    program = NODE if story.endswith(".js") else sys.executable
    environment = {**os.environ, "NODE_PATH": MODULES, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([program, str(HERE / story), *arguments], check=True, env=environment, timeout=120)


def main():
    with tempfile.TemporaryDirectory() as data:
        inlet = Inlet(INLET, data)
        location, _ = inlet.place()
        app = inlet("app", "add", "--name", "Sync", "--redirect-uri", "https://app.example/back")
        stories = ["oauth_node.js", "oauth_python.py"]
        over = expired(inlet, location, app, len(stories))
        with inlet.serving() as base:
            for story, spent in zip(stories, over):
                code = inlet("app", "authorize", app["id"], "--location", location)["code"]
                run(story, base, location, app["client_id"], app["client_secret"], code, *spent)


main()
