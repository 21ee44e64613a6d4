#!/usr/bin/env python3
"""Runs HighLevel's own libraries against a server of their own: a throw-away store, a location, a token.

Usage: run.py PATH-OF-INLET PATH-OF-NODE PATH-OF-NODE-MODULES
Ends with 1 and the first mismatch in words, if there is one.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

from ours import Inlet

INLET, NODE, MODULES = sys.argv[1:4]
HERE = pathlib.Path(__file__).parent


def main():
    with tempfile.TemporaryDirectory() as data:
        inlet = Inlet(INLET, data)
        location, token = inlet.place()
        with inlet.serving() as base:
            stories = [[NODE, str(HERE / "highlevel_node.js")], [sys.executable, "-B", str(HERE / "highlevel_python.py")]]
            for story in stories:
                environment = {**os.environ, "NODE_PATH": MODULES}
                subprocess.run([*story, base, token, location], check=True, env=environment, timeout=120)


main()
