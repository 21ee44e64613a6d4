#!/usr/bin/env python3
"""HighLevel's own library for Python, unmodified, against a running Inlet: a contact, messages in and out, reading back,
and webhooks that the library itself verifies.

Usage: highlevel_python.py '{"base": …, "token": …, "location": …}', as run.py tells it
Needs: python3 -m pip install gohighlevel-api-client
Ends with 1 and the first mismatch in words, if there is one.
"""

import asyncio
import json
import os
import sys
import types

from highlevel import HighLevel

TOLD = json.loads(sys.argv[1])
LOCATION = TOLD["location"]


def same(found, expected):
    if found != expected:
        sys.exit(f"found {found!r} instead of {expected!r}")


async def refused(call, status):
    try:
        await call
    except Exception as error:  # the library has one error of its own, and wraps others
        found = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
        same(found, status)
        return
    sys.exit(f"this should be refused with {status}")


async def people(contacts):
    made = await contacts.create_contact({"locationId": LOCATION, "firstName": "Zoë", "phone": "+14155552672"})
    contact = made["contact"]["id"]
    await refused(contacts.create_contact({"locationId": LOCATION, "phone": "+14155552672"}), 400)
    same((await contacts.add_tags(contact, {"tags": ["VIP"]}))["tags"], ["vip"])
    note = (await contacts.create_note(contact, {"body": "asked for a plan"}))["note"]
    same((await contacts.get_all_notes(contact))["notes"][0]["id"], note["id"])
    found = await contacts.search_contacts_advanced({"locationId": LOCATION, "pageLimit": 10, "query": "zoë"})
    same([one["id"] for one in found["contacts"]], [contact])
    return contact


async def messages(conversations, contact):
    first = await conversations.add_an_inbound_message({"type": "SMS", "contactId": contact, "message": "héllo"})
    conversation = first["conversationId"]
    await conversations.add_an_inbound_message({"type": "SMS", "conversationId": conversation, "message": "again"})
    search = await conversations.search_conversation(location_id=LOCATION, contact_id=contact)
    same((search["total"], search["conversations"][0]["id"]), (1, conversation))
    same((await conversations.get_conversation(conversation))["unreadCount"], 2)
    page = await conversations.get_messages(conversation, limit=1)
    same(page["messages"]["messages"][0]["body"], "again")
    # This library's get_message takes no id, so that it cannot ask for a message.
    last = page["messages"]["lastMessageId"]
    page = await conversations.get_messages(conversation, last_message_id=last)
    same([one["id"] for one in page["messages"]["messages"]], [first["messageId"]])
    exported = await conversations.export_messages_by_location(LOCATION, limit=10, contact_id=contact, sort_order="asc")
    same(([one["body"] for one in exported["messages"]], exported["total"]), (["héllo", "again"], 2))
    await conversations.delete_conversation(conversation)
    same((await conversations.search_conversation(location_id=LOCATION, contact_id=contact))["total"], 0)


async def listen(judge, arrived):
    """What arrives at the webhooks' address, judged by the library's own middleware."""

    async def answer(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        # Of a plain dictionary the library wants its keys in lower case.
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        request = types.SimpleNamespace(method="POST", url="/hook", headers=headers, body=body)
        await judge(request)
        arrived.append((getattr(request, "is_signature_valid", None), json.loads(body)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", TOLD["port"])


async def wait_for(arrived, kind, message):
    for _ in range(200):
        for valid, event in arrived:
            if event["type"] == kind and event["messageId"] == message:
                same(valid, True)
                return event
        await asyncio.sleep(0.1)
    sys.exit(f"no {kind} came; there came {arrived!r}")


async def webhooks(client, contact):
    conversations = client.conversations
    os.environ["CLIENT_ID"] = f"{TOLD['app']}-x"
    os.environ["WEBHOOK_SIGNATURE_PUBLIC_KEY"] = TOLD["key"]
    arrived = []
    server = await listen(client.webhooks.subscribe(), arrived)
    first = await conversations.add_an_inbound_message({"type": "SMS", "contactId": contact, "message": "Ünïcode"})
    same((await wait_for(arrived, "InboundMessage", first["messageId"]))["body"], "Ünïcode")
    wish = {"type": "SMS", "contactId": contact, "conversationProviderId": TOLD["provider"], "message": "See you at ten"}
    sent = await conversations.send_a_new_message(wish)
    same(sent["status"], "pending")
    await wait_for(arrived, "OutboundMessage", sent["messageId"])
    same((await wait_for(arrived, "SMS", sent["messageId"]))["phone"], "+14155552672")
    standing = await conversations.update_message_status(sent["messageId"], {"status": "delivered"})
    same(standing["status"], "delivered")
    server.close()


async def main():
    HighLevel.BASE_URL = TOLD["base"]
    client = HighLevel(private_integration_token=TOLD["token"], log_level="none")
    contact = await people(client.contacts)
    await messages(client.conversations, contact)
    await webhooks(client, contact)
    await client.contacts.delete_contact(contact)
    await refused(client.contacts.get_contact(contact), 404)
    print("HighLevel's library for Python: a contact, its messages in and out, what is read back, and webhooks")


asyncio.run(main())
