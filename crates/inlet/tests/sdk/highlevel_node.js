// HighLevel's own library for Node, unmodified, against a running Inlet: a contact, messages in and out, reading back, and
// webhooks that the library itself verifies.
//
// Usage: NODE_PATH=… node highlevel_node.js '{"base": …, "token": …, "location": …}', as run.py tells it
// Needs: npm install @gohighlevel/api-client
// Ends with 1 and the first mismatch in words, if there is one.
"use strict";

const assert = require("node:assert/strict");
const http = require("node:http");
const { HighLevel } = require("@gohighlevel/api-client");

const { base, token, location: locationId, port, provider, app, key } = JSON.parse(process.argv[2]);
HighLevel.BASE_URL = base;
const client = new HighLevel({ privateIntegrationToken: token, logLevel: "none" });
const { contacts, conversations } = client;

async function refused(promise, status) {
  const error = await promise.then(
    () => assert.fail(`this should be refused with ${status}`),
    (error) => error,
  );
  assert.equal(error.statusCode ?? error.response?.status, status, String(error));
}

async function people() {
  const { contact } = await contacts.createContact({ locationId, firstName: "Zoë", phone: "+14155552671" });
  const contactId = contact.id;
  await refused(contacts.createContact({ locationId, phone: "+14155552671" }), 400);
  const upserted = await contacts.upsertContact({ locationId, phone: "+14155552671", email: "zoe@example.org" });
  assert.deepEqual([upserted.new, upserted.contact.id], [false, contactId]);
  assert.deepEqual((await contacts.addTags({ contactId }, { tags: ["VIP", "new"] })).tags, ["vip", "new"]);
  assert.deepEqual((await contacts.removeTags({ contactId }, { tags: ["new"] })).tags, ["vip"]);
  const { note } = await contacts.createNote({ contactId }, { body: "asked for a plan" });
  await contacts.updateNote({ contactId, id: note.id }, { body: "has the plan" });
  assert.equal((await contacts.getAllNotes({ contactId })).notes[0].body, "has the plan");
  await contacts.deleteNote({ contactId, id: note.id });
  const found = await contacts.getDuplicateContact({ locationId, email: "zoe@example.org" });
  assert.equal(found.contact.id, contactId);
  const filters = [{ field: "tags", operator: "eq", value: ["vip"] }];
  const searched = await contacts.searchContactsAdvanced({ locationId, pageLimit: 10, filters });
  assert.deepEqual(searched.contacts.map((one) => one.id), [contactId]);
  return contactId;
}

async function messages(contactId) {
  const first = await conversations.addAnInboundMessage({ type: "SMS", contactId, message: "héllo" });
  const { conversationId } = first;
  const again = { type: "SMS", conversationId, message: "again", altId: "n1" };
  const second = await conversations.addAnInboundMessage(again);
  assert.equal((await conversations.addAnInboundMessage(again)).messageId, second.messageId);
  const search = await conversations.searchConversation({ locationId, contactId });
  assert.deepEqual([search.total, search.conversations[0].id], [1, conversationId]);
  assert.equal((await conversations.getConversation({ conversationId })).unreadCount, 2);
  const page = await conversations.getMessages({ conversationId, limit: 1, type: "TYPE_SMS,TYPE_CALL" });
  assert.deepEqual([page.messages.messages[0].body, page.messages.nextPage], ["again", true]);
  assert.equal((await conversations.getMessage({ id: first.messageId })).body, "héllo");
  const read = await conversations.updateConversation({ conversationId }, { locationId, unreadCount: 0 });
  assert.equal(read.conversation.unreadCount, 0);
  await refused(conversations.updateMessageStatus({ messageId: first.messageId }, { status: "read" }), 403);
  const out = await conversations.addAnInboundMessage({
    type: "SMS",
    contactId,
    message: "bye",
    direction: "outbound",
  });
  const standing = await conversations.updateMessageStatus({ messageId: out.messageId }, { status: "read" });
  assert.equal(standing.status, "read");
  const exported = await conversations.exportMessagesByLocation({ locationId, conversationId, limit: 10, sortOrder: "asc" });
  assert.deepEqual(exported.messages.map((one) => one.body), ["héllo", "again", "bye"]);
  assert.deepEqual([exported.total, exported.nextCursor], [3, null]);
  await refused(conversations.createConversation({ locationId, contactId }), 400);
  await conversations.deleteConversation({ conversationId });
  await refused(conversations.getMessage({ id: first.messageId }), 404);
}

// A form, as the library asks for: it turns one into JSON unless its type is said.
async function files(contactId) {
  const form = new FormData();
  form.append("locationId", locationId);
  form.append("contactId", contactId);
  form.append("fileAttachment", new Blob(["by hand"]), "note.txt");
  const multipart = { headers: { "Content-Type": "multipart/form-data" } };
  const { uploadedFiles } = await conversations.uploadFileAttachments(form, multipart);
  const kept = await fetch(uploadedFiles["note.txt"]);
  assert.deepEqual([kept.status, await kept.text()], [200, "by hand"]);
}

// What arrives at the webhooks' address, judged by the library's own middleware.
async function listen() {
  const judge = new HighLevel({
    clientId: `${app}-x`,
    clientSecret: "unused",
    webhookPublicKey: key,
    logLevel: "none",
  }).webhooks.subscribe();
  const arrived = [];
  const waiting = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const judged = { method: "POST", url: request.url, headers: request.headers, body };
    await judge(judged, response, () => {});
    arrived.push({ valid: judged.isSignatureValid, event: JSON.parse(body) });
    response.end();
    waiting.splice(0).forEach((wake) => wake());
  });
  await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
  const next = async (fits) => {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const found = arrived.find((one) => fits(one.event));
      if (found) return found;
      assert.ok(Date.now() < deadline, `waited in vain; there came ${JSON.stringify(arrived)}`);
      await Promise.race([new Promise((wake) => waiting.push(wake)), new Promise((tick) => setTimeout(tick, 500))]);
    }
  };
  return { next, close: () => server.close() };
}

async function webhooks(contactId) {
  const { next, close } = await listen();
  const { messageId } = await conversations.addAnInboundMessage({ type: "SMS", contactId, message: "Ünïcode" });
  const told = await next((event) => event.type === "InboundMessage" && event.messageId === messageId);
  assert.deepEqual([told.valid, told.event.body], [true, "Ünïcode"]);
  const sent = await conversations.sendANewMessage({
    type: "SMS",
    contactId,
    conversationProviderId: provider,
    message: "See you at ten",
  });
  assert.equal(sent.status, "pending");
  const out = await next((event) => event.type === "OutboundMessage" && event.messageId === sent.messageId);
  assert.equal(out.valid, true);
  const handed = await next((event) => event.type === "SMS" && event.messageId === sent.messageId);
  assert.deepEqual([handed.valid, handed.event.message, handed.event.phone], [true, "See you at ten", "+14155552671"]);
  const standing = await conversations.updateMessageStatus({ messageId: sent.messageId }, { status: "delivered" });
  assert.equal(standing.status, "delivered");
  close();
}

async function main() {
  const contactId = await people();
  await messages(contactId);
  await files(contactId);
  await webhooks(contactId);
  await contacts.deleteContact({ contactId });
  await refused(contacts.getContact({ contactId }), 404);
  console.log("HighLevel's library for Node: a contact, its messages in and out, what is read back, and webhooks");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
