// Adds an inbound message; Node 18 or newer, or a browser.
const response = await fetch("INLET-URL/conversations/messages/inbound", {
  method: "POST",
  headers: {
    Authorization: "Bearer YOUR-TOKEN",
    Version: "2021-04-15",
    "Content-Type": "application/json",
  },
  body: JSON.stringify({ type: "SMS", contactId: "CONTACT-ID", message: "Hello from Node", altId: "node-1" }),
});
if (!response.ok) throw new Error(await response.text());
console.log(await response.json());
