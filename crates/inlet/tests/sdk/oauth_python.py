#!/usr/bin/env python3
"""HighLevel's own library for Python, unmodified, as an app: a code, its token, and a 401 in the middle that it mends itself.

Usage: oauth_python.py URL LOCATION CLIENT-ID CLIENT-SECRET CODE EXPIRED-TOKEN ITS-REFRESH-TOKEN
Needs: python3 -m pip install gohighlevel-api-client
Ends with 1 and the first mismatch in words, if there is one.
"""

import asyncio
import sys

from highlevel import HighLevel

BASE, LOCATION, CLIENT_ID, CLIENT_SECRET, CODE, EXPIRED, SPARE = sys.argv[1:8]
HERE = {"headers": {"x-location-id": LOCATION}}


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


async def main():
    HighLevel.BASE_URL = BASE
    client = HighLevel(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, log_level="none")
    storage = client.get_session_storage()
    tokens = await client.oauth.get_access_token(
        {
            "clientId": CLIENT_ID,
            "clientSecret": CLIENT_SECRET,
            "grantType": "authorization_code",
            "userType": "Location",
            "code": CODE,
        }
    )
    same((tokens["locationId"], tokens["userType"], tokens["expiresIn"]), (LOCATION, "Location", 86399))
    await storage.set_session(LOCATION, tokens)
    made = await client.contacts.create_contact({"locationId": LOCATION, "firstName": "Zoë"}, HERE)
    contact = made["contact"]["id"]

    stale = {"access_token": EXPIRED, "accessToken": EXPIRED, "refresh_token": SPARE, "refreshToken": SPARE}
    await storage.set_session(LOCATION, {**tokens, **stale})
    read = await client.contacts.get_contact(contact, HERE)
    same(read["contact"]["firstName"], "Zoë")
    renewed = await storage.get_session(LOCATION)
    if renewed["access_token"] == EXPIRED or renewed["refresh_token"] == SPARE:
        sys.exit("the token should have been renewed")
    # The library goes on with the token that followed: both spellings of it have to be in the answer.
    again = {**renewed, "access_token": EXPIRED, "accessToken": EXPIRED}
    await storage.set_session(LOCATION, again)
    await client.contacts.get_contact(contact, HERE)

    spent = client.oauth.refresh_token(SPARE, CLIENT_ID, CLIENT_SECRET, "refresh_token", "Location")
    await refused(spent, 400)
    await refused(client.contacts.get_contact(contact, HERE), 401)
    print("HighLevel's library for Python: a token by OAuth, a 401 that it mends, and the end of a token that came twice")


asyncio.run(main())
