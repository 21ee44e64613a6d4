//! Contacts from outside: made, found, changed and forgotten, over a real store.

use serde_json::{Value, json};

use crate::{
    engine::Engine,
    harness::{Place, Server, cli},
    http::Client,
};

struct World {
    client: Client,
    location: String,
    folder: tempfile::TempDir,
    _server: Server,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::make(folder.path());
        let events = [
            "ContactCreate",
            "ContactUpdate",
            "ContactDelete",
            "ContactTagUpdate",
            "ContactDndUpdate",
            "ConversationUnreadUpdate",
        ];
        let mut add = vec![
            "destination",
            "add",
            "--location",
            &place.location,
            "--url",
            "https://other.example/hook",
        ];
        add.extend(events.iter().flat_map(|event| ["--event", event]));
        let destination = cli(folder.path(), &add);
        cli(
            folder.path(),
            &["destination", "pause", destination["id"].as_str().unwrap()],
        );
        let server = Server::start(folder.path(), &[]);
        Self {
            client: Client::new(server.address, &place.token),
            location: place.location,
            folder,
            _server: server,
        }
    }

    fn make(&mut self, mut body: Value) -> String {
        body["locationId"] = self.location.clone().into();
        let made = self.client.ask("POST", "/contacts/", Some(&body), 201);
        made["contact"]["id"].as_str().unwrap().to_owned()
    }

    /// How often something of this kind was announced.
    fn announced(&self, kind: i64) -> i64 {
        Engine::number(
            self.folder.path(),
            &format!("select count(*) from delivery where kind = {kind}"),
        )
    }
}

#[test]
fn a_contact_lives_and_is_forgotten() {
    let mut world = World::new();
    let id = world.make(json!({"firstName": "Ann", "lastName": "Lee", "phone": "+14155552671", "tags": ["VIP"]}));
    let one = format!("/contacts/{id}");
    let shown = world.client.ask("GET", &one, None, 200);
    assert_eq!(shown["contact"]["name"], "Ann Lee");
    let promised = &cli(world.folder.path(), &["delivery", "list"])["deliveries"][0];
    assert_eq!(
        (&promised["event"], &promised["message_id"]),
        (&json!("ContactCreate"), &Value::Null),
        "it is about no message"
    );
    let change = json!({"email": "ann@lee.org", "lastName": null});
    let changed = world.client.ask("PUT", &one, Some(&change), 200);
    assert_eq!(
        (&changed["succeded"], &changed["contact"]["name"]),
        (&json!(true), &json!("Ann"))
    );
    let tags = world
        .client
        .ask("POST", &format!("{one}/tags"), Some(&json!({"tags": ["new"]})), 201);
    assert_eq!(tags["tags"], json!(["vip", "new"]));
    let tags = world
        .client
        .ask("DELETE", &format!("{one}/tags"), Some(&json!({"tags": ["VIP"]})), 200);
    assert_eq!(tags["tags"], json!(["new"]));
    let quiet = json!({"dndSettings": {"SMS": {"status": "active"}}});
    world.client.ask("PUT", &one, Some(&quiet), 200);
    let notes = format!("{one}/notes");
    let note = world
        .client
        .ask("POST", &notes, Some(&json!({"body": "asked for a plan"})), 201);
    let note = format!("{notes}/{}", note["note"]["id"].as_str().unwrap());
    world
        .client
        .ask("PUT", &note, Some(&json!({"body": "has the plan"})), 200);
    let shown = world.client.ask("GET", &notes, None, 200);
    assert_eq!(shown["notes"][0]["body"], "has the plan");
    world.client.ask("DELETE", &note, None, 200);
    world.client.ask("GET", &note, None, 404);

    let message = json!({"type": "SMS", "contactId": id, "message": "hi", "altId": "m1"});
    let first = world
        .client
        .ask("POST", "/conversations/messages/inbound", Some(&message), 200);
    let message_path = format!("/conversations/messages/{}", first["messageId"].as_str().unwrap());
    world.client.ask("GET", &message_path, None, 200);
    world.client.ask("DELETE", &one, None, 200);
    for gone in [&one, &message_path] {
        world.client.ask("GET", gone, None, 404);
    }
    world.client.ask("DELETE", &one, None, 404);
    let again = world
        .client
        .ask("POST", "/conversations/messages/inbound", Some(&message), 200);
    assert_eq!(again, first, "a repeat is still known as one");
    // Messages in, then contacts made, changed, gone, tagged and left in peace, then the unread count.
    let expected = [(1, 1), (3, 1), (4, 1), (5, 1), (6, 2), (7, 1), (8, 1)];
    for (kind, count) in expected {
        assert_eq!(world.announced(kind), count, "kind {kind}");
    }
}

#[test]
fn one_number_is_one_contact_whoever_brings_it() {
    let mut world = World::new();
    let ann = world.make(json!({"name": "Ann", "phone": "+14155552671"}));
    let location = world.location.clone();
    let same = json!({"locationId": location, "phone": "+1 415 555 2671"});
    let refused = world.client.ask("POST", "/contacts", Some(&same), 400);
    assert_eq!(refused["meta"], json!({"contactId": ann, "matchingField": "phone"}));
    let upserted = world.client.ask("POST", "/contacts/upsert", Some(&same), 200);
    assert_eq!(
        (&upserted["new"], &upserted["contact"]["id"]),
        (&json!(false), &json!(ann))
    );
    let message = json!({"type": "SMS", "phone": "+14155552671", "message": "hi"});
    let answer = world
        .client
        .ask("POST", "/conversations/messages/inbound", Some(&message), 200);
    assert_eq!(answer["contactId"], json!(ann));
    let bob = world.make(json!({"name": "Bob"}));
    let taken = json!({"phone": "+14155552671"});
    world.client.ask("PUT", &format!("/contacts/{bob}"), Some(&taken), 400);
    let target = format!("/contacts/search/duplicate?locationId={location}&number=%2B14155552671");
    assert_eq!(world.client.ask("GET", &target, None, 200)["contact"]["id"], json!(ann));
    let target = format!("/contacts/search/duplicate?locationId={location}&email=nobody%40x.org");
    assert_eq!(world.client.ask("GET", &target, None, 200)["contact"], Value::Null);
    world
        .client
        .ask("PUT", &format!("/contacts/{ann}"), Some(&json!({"phone": null})), 200);
    world.client.ask("PUT", &format!("/contacts/{bob}"), Some(&taken), 200);
}

#[test]
fn contacts_are_found_page_by_page() {
    let mut world = World::new();
    for number in 0..25 {
        let city = if number % 5 == 0 { "Oslo" } else { "Rome" };
        world.make(json!({"name": format!("Contact {number}"), "city": city}));
    }
    let location = world.location.clone();
    let mut seen = Vec::new();
    let mut after = Value::Null;
    loop {
        let body = json!({"locationId": location, "pageLimit": 10, "searchAfter": after});
        let page = world.client.ask("POST", "/contacts/search", Some(&body), 200);
        assert_eq!(page["total"], 25);
        let contacts = page["contacts"].as_array().unwrap();
        let Some(last) = contacts.last() else { break };
        after = last["searchAfter"].clone();
        seen.extend(
            contacts
                .iter()
                .map(|contact| contact["name"].as_str().unwrap().to_owned()),
        );
    }
    let expected: Vec<_> = (0..25).rev().map(|number| format!("Contact {number}")).collect();
    assert_eq!(seen, expected);
    let filters = json!([{"field": "city", "operator": "eq", "value": "oslo"}]);
    let body = json!({"locationId": location, "pageLimit": 2, "page": 2, "filters": filters});
    let page = world.client.ask("POST", "/contacts/search", Some(&body), 200);
    assert_eq!(
        (&page["total"], &page["contacts"][0]["name"]),
        (&json!(5), &json!("Contact 10"))
    );
    let page = world.client.ask(
        "GET",
        &format!("/contacts/?locationId={location}&limit=3&query=contact%202"),
        None,
        200,
    );
    assert_eq!((&page["count"], &page["meta"]["total"]), (&json!(3), &json!(6)));
}

#[test]
fn a_number_written_in_two_ways_is_found_by_either() {
    let mut world = World::new();
    let bia = world.make(json!({"name": "Bia", "phone": "+5511987654321"}));
    let old = json!({"type": "SMS", "phone": "+551187654321", "message": "oi"});
    let answer = world
        .client
        .ask("POST", "/conversations/messages/inbound", Some(&old), 200);
    assert_eq!(answer["contactId"], json!(bia));
    let target = format!(
        "/contacts/search/duplicate?locationId={}&number=%2B551187654321",
        world.location
    );
    assert_eq!(world.client.ask("GET", &target, None, 200)["contact"]["id"], json!(bia));
    let shown = world.client.ask("GET", &format!("/contacts/{bia}"), None, 200);
    assert_eq!(
        shown["contact"]["phone"], "+5511987654321",
        "it is shown as it was given"
    );
    let other = json!({"phone": "+525512345678"});
    world.client.ask("PUT", &format!("/contacts/{bia}"), Some(&other), 200);
    let again = world
        .client
        .ask("POST", "/conversations/messages/inbound", Some(&old), 200);
    assert_ne!(again["contactId"], json!(bia), "both ways have left with the number");
}
