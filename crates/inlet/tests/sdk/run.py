#!/usr/bin/env python3
"""Runs HighLevel's own libraries against a server of their own: a throw-away store, and for each a location, a token, and a
provider and a destination whose webhooks the library itself verifies.

Usage: run.py PATH-OF-INLET PATH-OF-NODE PATH-OF-NODE-MODULES
Ends with 1 and the first mismatch in words, if there is one.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

from ours import Inlet

INLET, NODE, MODULES = sys.argv[1:4]
HERE = pathlib.Path(__file__).parent
STORIES = [[NODE, str(HERE / "highlevel_node.js")], [sys.executable, "-B", str(HERE / "highlevel_python.py")]]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def place(inlet):
    """A location of its own, and where its webhooks go."""
    port = free_port()
    hook = f"http://127.0.0.1:{port}/hook"
    location, token = inlet.place()
    events = ["--event", "InboundMessage", "--event", "OutboundMessage"]
    destination = inlet("destination", "add", "--location", location, "--url", hook, *events)
    provider = inlet("provider", "add", "--location", location, "--type", "SMS", "--delivery-url", hook)
    return {
        "port": port,
        "location": location,
        "token": token,
        "app": destination["app_id"],
        "key": destination["public_key"],
        "provider": provider["id"],
    }


def main():
    with tempfile.TemporaryDirectory() as data:
        inlet = Inlet(INLET, data)
        with inlet.serving("--allow", "127.0.0.0/8") as base:
            for story in STORIES:
                environment = {**os.environ, "NODE_PATH": MODULES}
                told = json.dumps({**place(inlet), "base": base})
                subprocess.run([*story, told], check=True, env=environment, timeout=120)


main()
