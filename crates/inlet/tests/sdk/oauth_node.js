// HighLevel's own library for Node, unmodified, as an app: a code, its token, and a 401 in the middle that it mends itself.
//
// Usage: NODE_PATH=… node oauth_node.js URL LOCATION CLIENT-ID CLIENT-SECRET CODE EXPIRED-TOKEN ITS-REFRESH-TOKEN
// Needs: npm install @gohighlevel/api-client
// Ends with 1 and the first mismatch in words, if there is one.
"use strict";

const assert = require("node:assert/strict");
const { HighLevel } = require("@gohighlevel/api-client");

const [base, locationId, clientId, clientSecret, code, expired, spare] = process.argv.slice(2);
HighLevel.BASE_URL = base;
const client = new HighLevel({ clientId, clientSecret, logLevel: "none" });
const here = { headers: { locationId } };

async function refused(promise, status) {
  const error = await promise.then(
    () => assert.fail(`this should be refused with ${status}`),
    (error) => error,
  );
  assert.equal(error.statusCode ?? error.response?.status, status, String(error));
}

async function main() {
  const storage = client.getSessionStorage();
  const tokens = await client.oauth.getAccessToken({
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: "authorization_code",
    user_type: "Location",
    code,
  });
  assert.deepEqual([tokens.locationId, tokens.userType, tokens.expires_in], [locationId, "Location", 86399]);
  await storage.setSession(locationId, tokens);
  const { contact } = await client.contacts.createContact({ locationId, firstName: "Zoë" }, here);

  await storage.setSession(locationId, { ...tokens, access_token: expired, refresh_token: spare });
  const read = await client.contacts.getContact({ contactId: contact.id }, here);
  assert.equal(read.contact.firstName, "Zoë");
  const renewed = await storage.getSession(locationId);
  assert.notEqual(renewed.access_token, expired);
  assert.notEqual(renewed.refresh_token, spare);
  await client.conversations.addAnInboundMessage({ type: "SMS", contactId: contact.id, message: "hi" }, here);

  await refused(client.oauth.refreshToken(spare, clientId, clientSecret, "refresh_token", "Location"), 400);
  await refused(client.contacts.getContact({ contactId: contact.id }, here), 401);
  console.log("HighLevel's library for Node: a token by OAuth, a 401 that it mends, and the end of a token that came twice");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
