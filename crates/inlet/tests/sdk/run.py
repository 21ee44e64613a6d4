#!/usr/bin/env python3
"""Runs HighLevel's own libraries against a server of their own: a throw-away store, a location, a token.

Usage: run.py PATH-OF-INLET PATH-OF-NODE PATH-OF-NODE-MODULES
Ends with 1 and the first mismatch in words, if there is one.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

INLET, NODE, MODULES = sys.argv[1:4]
HERE = pathlib.Path(__file__).parent


def inlet(data, *arguments):
    done = subprocess.run([INLET, *arguments, "--json", "--data", data], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main():
    with tempfile.TemporaryDirectory() as data:
        location = inlet(data, "location", "add", "--name", "Harbour Dental")["id"]
        token = inlet(data, "token", "add", "--location", location)["token"]
        serve = [INLET, "serve", "--json", "--listen", "127.0.0.1:0", "--data", data]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
            try:
                base = json.loads(server.stdout.readline())["listening"]
                stories = [[NODE, str(HERE / "highlevel_node.js")], [sys.executable, "-B", str(HERE / "highlevel_python.py")]]
                for story in stories:
                    environment = {**os.environ, "NODE_PATH": MODULES}
                    subprocess.run([*story, base, token, location], check=True, env=environment, timeout=120)
            finally:
                server.kill()


main()
