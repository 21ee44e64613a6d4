# Adds an inbound message; Python 3, nothing to install.
import json
import urllib.request

request = urllib.request.Request(
    "INLET-URL/conversations/messages/inbound",
    method="POST",
    headers={
        "Authorization": "Bearer YOUR-TOKEN",
        "Version": "2021-04-15",
        "Content-Type": "application/json",
    },
    data=json.dumps(
        {"type": "SMS", "contactId": "CONTACT-ID", "message": "Hello from Python", "altId": "python-1"}
    ).encode(),
)
with urllib.request.urlopen(request) as response:
    print(json.load(response))
