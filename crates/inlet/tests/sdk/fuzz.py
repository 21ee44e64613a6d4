#!/usr/bin/env python3
"""Runs Schemathesis against a server of its own, with real ids in the document's examples.

Usage: fuzz.py PATH-OF-INLET PATH-OF-SCHEMATHESIS CASES
Ends with 1 where an answer is a 5xx or breaks the document, or where fewer cases were tried.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

from ours import Inlet

# Schemathesis runs in a folder of its own.
INLET, SCHEMATHESIS, CASES = sys.argv[1], str(pathlib.Path(sys.argv[2]).absolute()), int(sys.argv[3])
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# With one seed a small operation runs out of new cases; then there is another round.
ROUNDS = 20


def call(base, token, method, path, body=None):
    head = {"Authorization": f"Bearer {token}", "Version": "2021-04-15", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(base + path, data, head, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def furnish(base, token, location):
    """A contact with a message, a mail and a note; their ids under the names of the paths."""
    inbound = "/conversations/messages/inbound"
    contact = call(base, token, "POST", "/contacts", {"locationId": location, "name": "Ann"})["contact"]["id"]
    text = {"type": "SMS", "contactId": contact, "message": "hi", "direction": "outbound"}
    message = call(base, token, "POST", inbound, text)
    mail = call(base, token, "POST", inbound, {"type": "Email", "contactId": contact, "html": "<p>hi</p>"})
    note = call(base, token, "POST", f"/contacts/{contact}/notes", {"body": "a note"})["note"]["id"]
    return {
        "contactId": contact,
        "conversationId": message["conversationId"],
        "locationId": location,
        "messages": message["messageId"],
        "email": mail["emailMessageId"],
        "notes": note,
    }


def with_examples(document, ids):
    """The document with an id that exists beside each that the generator makes up."""
    for path, methods in document["paths"].items():
        own = next((name for name in ("notes", "email", "messages") if f"/{name}/{{id}}" in path), None)
        for operation in methods.values():
            for parameter in operation["parameters"]:
                known = ids.get(own if parameter["name"] == "id" else parameter["name"])
                if known:
                    parameter["schema"] = {"anyOf": [{"enum": [known]}, parameter["schema"]]}
                    parameter["example"] = known
    for schema in document["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            if schema.get("example") and name in ids and isinstance(field, dict):
                schema["properties"][name] = {"anyOf": [{"enum": [ids[name]]}, field]}
                if name in schema["example"]:
                    schema["example"][name] = ids[name]
    return document


def main():
    with tempfile.TemporaryDirectory() as data:
        inlet = Inlet(INLET, data)
        location, token = inlet.place()
        with inlet.serving() as base:
            with urllib.request.urlopen(f"{base}/openapi.json", timeout=20) as response:
                document = json.load(response)
            operations = sum(len(methods) for methods in document["paths"].values())
            document = with_examples(document, furnish(base, token, location))
            file = pathlib.Path(data, "openapi.json")
            file.write_text(json.dumps(document))
            tried = 0
            for seed in range(1, ROUNDS + 1):
                each = max(10, int(1.15 * (CASES - tried) / operations))
                tried += attack(file, base, token, (each, seed))
                if tried >= CASES:
                    print(f"Schemathesis: {tried} cases over {operations} operations, 0 answers of 5xx, 0 breaches")
                    return
            sys.exit(f"only {tried} cases were tried")


def attack(file, base, token, rounds):
    """One round; how many cases it tried."""
    each, seed = rounds
    command = [SCHEMATHESIS, "run", str(file), "--url", base, "--checks", CHECKS, "--max-examples", str(each)]
    command += ["--seed", str(seed), "--phases", "examples,fuzzing", "--workers", "2", "--no-color", "--warnings", "off"]
    command += ["--header", f"Authorization: Bearer {token}", "--header", "Version: 2021-04-15"]
    command += ["--suppress-health-check", "all"]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=file.parent)
    counted = re.search(r"(\d+) generated", done.stdout)
    if done.returncode != 0 or not counted:
        sys.exit(done.stdout[-8000:])
    return int(counted[1])


main()
