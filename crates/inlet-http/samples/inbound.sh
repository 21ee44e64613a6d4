# Adds an inbound message; curl.
curl --silent --show-error --fail-with-body INLET-URL/conversations/messages/inbound \
  -H 'Authorization: Bearer YOUR-TOKEN' \
  -H 'Version: 2021-04-15' \
  -H 'Content-Type: application/json' \
  -d '{"type": "SMS", "contactId": "CONTACT-ID", "message": "Hello from curl", "altId": "curl-1"}'
