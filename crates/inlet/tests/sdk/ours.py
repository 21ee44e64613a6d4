"""The real binary beside a story: its commands, and a server over a throw-away store."""

import contextlib
import json
import subprocess


class Inlet:
    """The binary, and the data folder of its store."""

    def __init__(self, binary, data):
        self.binary, self.data = binary, data

    def __call__(self, *arguments):
        """Runs a command and answers what it printed."""
        command = [self.binary, *arguments, "--json", "--data", self.data]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def place(self):
        """A location and a token for it."""
        location = self("location", "add", "--name", "Harbour Dental")["id"]
        return location, self("token", "add", "--location", location)["token"]

    @contextlib.contextmanager
    def serving(self, *flags):
        """A running server; its address."""
        serve = [self.binary, "serve", "--json", "--listen", "127.0.0.1:0", "--data", self.data, *flags]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
            try:
                yield json.loads(server.stdout.readline())["listening"]
            finally:
                server.kill()
