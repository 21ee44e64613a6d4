//! Conversations marked and forgotten, calls that went out, and later words on messages, over a real store.

use serde_json::{Value, json};

use crate::{
    harness::{Place, Server, cli},
    http::Client,
};

#[test]
fn a_conversation_is_marked_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::make(folder.path());
    let server = Server::start(folder.path(), &[]);
    let mut client = Client::new(server.address, &place.token);
    let location = &place.location;
    let contact = client.ask(
        "POST",
        "/contacts",
        Some(&json!({"locationId": location, "name": "Ann"})),
        201,
    );
    let contact = &contact["contact"]["id"];
    let wish = json!({"locationId": location, "contactId": contact});
    let made = client.ask("POST", "/conversations/", Some(&wish), 201);
    let id = made["conversation"]["id"].as_str().unwrap();
    let one = format!("/conversations/{id}");
    let unread = json!({"locationId": location, "unreadCount": 3, "starred": true});
    client.ask("PUT", &one, Some(&unread), 400);
    let message = json!({"type": "SMS", "contactId": contact, "message": "hi"});
    let answer = client.ask("POST", "/conversations/messages/inbound", Some(&message), 200);
    assert_eq!(answer["conversationId"], id, "it is the one that was made");
    let refused = client.ask("POST", "/conversations/", Some(&wish), 400);
    assert_eq!(
        (&refused["conversationId"], &refused["message"]),
        (&json!(id), &json!("Conversation already exists"))
    );
    let changed = client.ask("PUT", &one, Some(&unread), 200);
    assert_eq!(changed["conversation"]["unreadCount"], 3);
    let shown = client.ask("GET", &one, None, 200);
    assert_eq!((&shown["unreadCount"], &shown["starred"]), (&json!(3), &json!(true)));
    let starred = format!("/conversations/search?locationId={location}&status=starred");
    assert_eq!(client.ask("GET", &starred, None, 200)["total"], 1);
    client.ask("DELETE", &one, None, 200);
    assert_eq!(client.ask("GET", &starred, None, 200)["total"], 0);
    let path = format!("/conversations/messages/{}", answer["messageId"].as_str().unwrap());
    client.ask("GET", &path, None, 404);
    let contact_path = format!("/contacts/{}", contact.as_str().unwrap());
    client.ask("GET", &contact_path, None, 200);
    let again = client.ask("POST", "/conversations/messages/inbound", Some(&message), 200);
    assert_eq!(again["conversationId"], id);
    let messages = client.ask("GET", &format!("{one}/messages"), None, 200);
    assert_eq!(
        messages["messages"]["messages"].as_array().map(Vec::len),
        Some(1),
        "it begins anew"
    );
}

#[test]
fn a_call_that_went_out_and_a_later_word_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::make(folder.path());
    let provider = cli(
        folder.path(),
        &["provider", "add", "--location", &place.location, "--type", "Call"],
    );
    let server = Server::start(folder.path(), &[]);
    let mut client = Client::new(server.address, &place.token);
    let call = |kind: &str| {
        json!({
            "type": kind, "phone": "+14155552671", "conversationProviderId": provider["id"],
            "call": {"to": "+14155552671", "status": "completed"},
        })
    };
    client.ask("POST", "/conversations/messages/outbound", Some(&call("SMS")), 422);
    let answer = client.ask("POST", "/conversations/messages/outbound", Some(&call("Call")), 200);
    let path = format!("/conversations/messages/{}", answer["messageId"].as_str().unwrap());
    let shown = client.ask("GET", &path, None, 200);
    assert_eq!((&shown["direction"], &shown["type"]), (&json!("outbound"), &json!(34)));

    let status = format!("{path}/status");
    let words = [("read", "read"), ("delivered", "read"), ("pending", "read")];
    for (word, stands) in words {
        let answer = client.ask("PUT", &status, Some(&json!({"status": word})), 200);
        assert_eq!(answer["status"], stands, "{word}");
    }
    client.ask("PUT", &status, Some(&json!({"status": "failed"})), 422);
    let inbound = json!({"type": "Email", "phone": "+14155552671", "subject": "hi"});
    let answer = client.ask("POST", "/conversations/messages/inbound", Some(&inbound), 200);
    let mail = format!(
        "/conversations/messages/email/{}/status",
        answer["emailMessageId"].as_str().unwrap()
    );
    let refused: Value = client.ask("PUT", &mail, Some(&json!({"status": "opened"})), 403);
    assert_eq!(refused["message"], "No conversation provider found for this message");
}
