"""The samples of docs/delivery.md, as they stand there, run over requests that a destination received."""

import base64
import hashlib
import hmac
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

DOCUMENT = pathlib.Path(__file__).parents[4] / "docs" / "delivery.md"

# What reads the cases, calls `verify` for each, and prints what it answered, in each language.
ENDINGS = {
    "js": """
const cases = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const verdicts = cases.map((one) => verify(one.secret, one.headers, Buffer.from(one.body, "base64")));
console.log(JSON.stringify(verdicts));
""",
    "python": """
import json, sys
cases = json.load(sys.stdin)
print(json.dumps([verify(one["secret"], one["headers"], base64.b64decode(one["body"])) for one in cases]))
""",
    "go": """
func main() {
	var cases []struct {
		Secret  string
		Headers map[string]string
		Body    []byte
	}
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	verdicts := []bool{}
	for _, one := range cases {
		verdicts = append(verdicts, verify(one.Secret, one.Headers, one.Body))
	}
	json.NewEncoder(os.Stdout).Encode(verdicts)
}
""",
    "php": """
$cases = json_decode(file_get_contents('php://stdin'), true);
echo json_encode(array_map(fn ($one) => verify($one['secret'], $one['headers'], base64_decode($one['body'])), $cases));
""",
}
BEGINNINGS = {"go": 'package main\n\nimport (\n\t"encoding/json"\n\t"os"\n)\n\n', "php": "<?php\n"}


def commands(node):
    """How a file of each language is run; nothing where its interpreter is not here."""
    go, php = shutil.which("go"), shutil.which("php")
    return {"js": [node], "python": [sys.executable, "-B"], "go": go and [go, "run"], "php": php and [php]}


def samples():
    """The samples by their language: one each."""
    text = DOCUMENT.read_text(encoding="utf-8")
    found = dict(re.findall(r"^```(js|python|go|php)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    if set(found) != set(ENDINGS):
        sys.exit(f"{DOCUMENT.name} has samples for {sorted(found)} instead of {sorted(ENDINGS)}")
    return found


def of_another_time(secret, request, seconds):
    """The same request, signed as it would have been then."""
    headers = {**request["headers"], "webhook-timestamp": str(int(time.time()) + seconds)}
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request["body"]
    headers["webhook-signature"] = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {**request, "headers": headers}


def cases(secrets, requests, broken):
    """What to judge, and what should be said of it."""
    for request, spoilt, signing in zip(requests, broken, secrets, strict=True):
        for secret in signing:
            yield secret, request, True
            yield secret, spoilt, False
            for seconds, fresh in [(-240, True), (240, True), (-360, False), (360, False)]:
                yield secret, of_another_time(secret, request, seconds), fresh
        yield "whsec_" + base64.b64encode(bytes(32)).decode(), request, False


def run(node, secrets, requests, broken):
    """Runs each sample whose interpreter is here; ends with 1 where one is wrong. Answers which were run."""
    judged = list(cases(secrets, requests, broken))
    given = [{"secret": secret, "headers": one["headers"], "body": base64.b64encode(one["body"]).decode()} for secret, one, _ in judged]
    expected = [verdict for _, _, verdict in judged]
    ran = []
    for language, code in samples().items():
        command = commands(node)[language]
        if not command:
            continue
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, f"sample.{language}")
            file.write_text(BEGINNINGS.get(language, "") + code + ENDINGS[language], encoding="utf-8")
            done = subprocess.run(
                [*command, str(file)], check=True, stdout=subprocess.PIPE, text=True, input=json.dumps(given), timeout=120
            )
        found = json.loads(done.stdout)
        if found != expected:
            sys.exit(f"the sample in {language} said {found} instead of {expected}")
        ran.append(language)
    return ran
