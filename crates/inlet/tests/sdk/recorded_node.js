// What HighLevel's own library for Node, unmodified, puts on the wire for each call that the relay makes: recorded at a
// loopback server, one JSON object a line. `crates/inlet/tests/it/relay/sdk/node.ndjson` is what it printed; the relay's
// own requests are held against that.
//
// Usage: NODE_PATH=… node recorded_node.js
"use strict";

const http = require("node:http");
const { HighLevel } = require("@gohighlevel/api-client");

const KEPT = ["accept", "authorization", "content-type", "version"];

function record(request, body) {
  const headers = Object.fromEntries(KEPT.filter((name) => request.headers[name]).map((name) => [name, request.headers[name]]));
  console.log(JSON.stringify({ method: request.method, target: request.url, headers, body }));
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    record(request, Buffer.concat(chunks).toString());
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ access_token: "a", refresh_token: "r", expires_in: 86399 }));
  });
});

server.listen(0, "127.0.0.1", async () => {
  HighLevel.BASE_URL = `http://127.0.0.1:${server.address().port}`;
  const privateIntegrationToken = "pit-00000000-0000-0000-0000-000000000000";
  const { contacts, conversations } = new HighLevel({ privateIntegrationToken, logLevel: "none" });
  await contacts.upsertContact({ locationId: "LOC1", phone: "+14155550000" });
  await conversations.addAnInboundMessage({
    type: "SMS",
    contactId: "CON1",
    message: "message 0",
    direction: "inbound",
    date: "2027-01-15T08:00:00.000Z",
    altId: "SM0",
  });
  await conversations.searchConversation({ locationId: "LOC1", contactId: "CON1" });
  await conversations.getMessages({ conversationId: "CNV1", limit: 100 });
  await contacts.searchContactsAdvanced({ locationId: "LOC1", page: 1, pageLimit: 100 });
  const app = new HighLevel({ clientId: "app", clientSecret: "secret", logLevel: "none" });
  await app.oauth.refreshToken("OLDREF", "app", "secret", "refresh_token", "Location");
  const agency = new HighLevel({ clientId: "app", clientSecret: "secret", agencyAccessToken: "agency-0", logLevel: "none" });
  await agency.oauth.getLocationAccessToken({ companyId: "COM1", locationId: "LOC1" });
  server.close();
  server.closeAllConnections();
});
