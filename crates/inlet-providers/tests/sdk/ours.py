"""Our side of an exchange with a vendor's own library: the example `sign`, which answers each line with a line."""

import json
import subprocess
import sys


def fail(what, case):
    sys.exit(f"mismatch: {what}\n{json.dumps(case, ensure_ascii=False, indent=2)}")


class Ours:
    """Our side: a process that answers each line with a line."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("the example `sign` ended early")
        return json.loads(answer)
