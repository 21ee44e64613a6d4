# Adds an inbound message; Ruby, nothing to install.
require "json"
require "net/http"

answer = Net::HTTP.post(
  URI("INLET-URL/conversations/messages/inbound"),
  { type: "SMS", contactId: "CONTACT-ID", message: "Hello from Ruby", altId: "ruby-1" }.to_json,
  "Authorization" => "Bearer YOUR-TOKEN",
  "Version" => "2021-04-15",
  "Content-Type" => "application/json"
)
abort answer.body unless answer.is_a?(Net::HTTPOK)
puts answer.body
