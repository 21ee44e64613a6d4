#!/usr/bin/env python3
"""HighLevel's own library for Python, unmodified, against a running Inlet: a contact, messages in, and reading back.

Usage: highlevel_python.py http://127.0.0.1:PORT TOKEN LOCATION
Needs: python3 -m pip install gohighlevel-api-client
Ends with 1 and the first mismatch in words, if there is one.
"""

import asyncio
import sys

from highlevel import HighLevel

BASE, TOKEN, LOCATION = sys.argv[1:4]


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
    await conversations.delete_conversation(conversation)
    same((await conversations.search_conversation(location_id=LOCATION, contact_id=contact))["total"], 0)


async def main():
    HighLevel.BASE_URL = BASE
    client = HighLevel(private_integration_token=TOKEN, log_level="none")
    contact = await people(client.contacts)
    await messages(client.conversations, contact)
    await client.contacts.delete_contact(contact)
    await refused(client.contacts.get_contact(contact), 404)
    print("HighLevel's library for Python: a contact, its messages and all that is read back")


asyncio.run(main())
