// HighLevel's own library for Node, unmodified, against a running Inlet: a contact, messages in, and reading back.
//
// Usage: NODE_PATH=… node highlevel_node.js http://127.0.0.1:PORT TOKEN LOCATION
// Needs: npm install @gohighlevel/api-client
// Ends with 1 and the first mismatch in words, if there is one.
"use strict";

const assert = require("node:assert/strict");
const { HighLevel } = require("@gohighlevel/api-client");

const [base, token, locationId] = process.argv.slice(2);
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
  await refused(conversations.createConversation({ locationId, contactId }), 400);
  await conversations.deleteConversation({ conversationId });
  await refused(conversations.getMessage({ id: first.messageId }), 404);
}

async function main() {
  const contactId = await people();
  await messages(contactId);
  await contacts.deleteContact({ contactId });
  await refused(contacts.getContact({ contactId }), 404);
  console.log("HighLevel's library for Node: a contact, its messages and all that is read back");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
