//! What no operation may take: bodies that are none, heads that lack something, and ids that are nobody's or somebody
//! else's. The cases follow from the route table, so that a new operation is held to them from its first day.

use std::collections::HashMap;

use inlet_http::router::ROUTES;
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    harness::{Place, Server, cli},
    http::{Answer, Client},
};

/// The operations that need no `Version`.
const UNVERSIONED: [(&str, &str); 2] = [
    ("POST", "/v1/conversations/messages"),
    ("GET", "/conversations/messages/email/{id}"),
];
/// The operation whose body is a form.
const FORM: &str = "/conversations/messages/upload";

/// Ids of a location's own things, by their place in a path.
struct Owner {
    client: Client,
    location: String,
    ids: HashMap<&'static str, String>,
}

impl Owner {
    fn new(server: &Server, place: &Place, provider: &str) -> Self {
        let mut client = Client::new(server.address, &place.token);
        let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).unwrap().to_owned();
        let body = json!({"locationId": place.location, "phone": "+14155552671", "email": "ann@lee.org"});
        let contact = text(&client.ask("POST", "/contacts/", Some(&body), 201), "/contact/id");
        let notes = format!("/contacts/{contact}/notes");
        let note = text(
            &client.ask("POST", &notes, Some(&json!({"body": "x"})), 201),
            "/note/id",
        );
        let mut take = |body: Value| client.ask("POST", "/conversations/messages/inbound", Some(&body), 200);
        let sms = take(json!({"type": "SMS", "contactId": contact, "message": "hi"}));
        let mail = take(json!({"type": "Email", "contactId": contact, "html": "hi"}));
        let call = json!({"type": "Call", "contactId": contact, "conversationProviderId": provider});
        let call = take(call);
        let ids = [
            ("contact", contact),
            ("conversation", text(&sms, "/conversationId")),
            ("message", text(&sms, "/messageId")),
            ("mail", text(&mail, "/emailMessageId")),
            ("call", text(&call, "/messageId")),
            ("note", note),
        ];
        Self {
            client,
            location: place.location.clone(),
            ids: ids.into(),
        }
    }

    /// A path with this owner's ids in it, at this location.
    fn path(&self, route: &str, location: &str) -> String {
        let id = if route.contains("/notes/") {
            "note"
        } else if route.contains("/email/") {
            "mail"
        } else {
            "message"
        };
        let path = route
            .replace("{locationId}", location)
            .replace("{contactId}", &self.ids["contact"])
            .replace("{conversationId}", &self.ids["conversation"])
            .replace("{messageId}", &self.ids["call"])
            .replace("{id}", &self.ids[id]);
        format!("{path}?locationId={location}")
    }

    fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.client.send(method, target, headers, body).unwrap()
    }
}

struct World {
    mine: Owner,
    theirs: Owner,
    folder: tempfile::TempDir,
    _server: Server,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let places = [Place::make(folder.path()), Place::make(folder.path())];
        let providers = places.each_ref().map(|place| {
            let add = ["provider", "add", "--location", &place.location, "--type", "Call"];
            cli(folder.path(), &add)["id"].as_str().unwrap().to_owned()
        });
        let server = Server::start(folder.path(), &[]);
        let owners = [0, 1].map(|at| Owner::new(&server, &places[at], &providers[at]));
        let [mine, theirs] = owners;
        Self {
            mine,
            theirs,
            folder,
            _server: server,
        }
    }

    /// How much there is of everything that an operation writes.
    fn written(&self) -> Vec<i64> {
        let tables = [
            "contact",
            "conversation",
            "message",
            "delivery",
            "blob",
            "seen",
            "identity",
        ];
        let count = |table: &str| Engine::number(self.folder.path(), &format!("select count(*) from {table}"));
        tables.into_iter().map(count).collect()
    }
}

/// The operations on conversations and contacts.
fn operations() -> impl Iterator<Item = (&'static str, &'static str)> {
    let ours = |path: &str| {
        ["/conversations", "/contacts", "/v1/"]
            .iter()
            .any(|root| path.starts_with(root))
    };
    let vendors = |path: &str| path.starts_with("/conversations/providers/twilio");
    ROUTES.into_iter().filter(move |(_, path)| ours(path) && !vendors(path))
}

fn takes_a_body((method, path): (&str, &str)) -> bool {
    method == "POST" || method == "PUT" || path.ends_with("/tags")
}

#[test]
fn a_body_that_is_none_is_refused_by_every_operation_and_leaves_nothing() {
    let mut world = World::new();
    let before = world.written();
    let deep = "{\"a\":".repeat(99) + "{" + &"}".repeat(100);
    let cases: [(&str, &str, u16); 6] = [
        ("", "application/json", 400),
        ("nonsense", "application/json", 400),
        ("[]", "application/json", 400),
        ("{\"a\":", "application/json", 400),
        (&deep, "application/json", 400),
        ("{}", "text/plain", 415),
    ];
    let mut refused = 0;
    for (method, route) in operations().filter(|one| takes_a_body(*one) && one.1 != FORM) {
        let here = world.mine.location.clone();
        let target = world.mine.path(route, &here);
        for (body, kind, status) in &cases {
            let answer = world
                .mine
                .send(method, &target, &[("Content-Type", kind)], body.as_bytes());
            let start: String = body.chars().take(20).collect();
            assert_eq!(
                answer.status, *status,
                "{method} {route} with {start:?}: {}",
                answer.body
            );
            assert!(
                answer.json()["message"].as_str().is_some_and(|words| !words.is_empty()),
                "{route}"
            );
            refused += 1;
        }
    }
    assert!(refused > 100, "{refused}");
    assert_eq!(world.written(), before);
}

#[test]
fn a_head_that_lacks_something_is_refused_by_every_operation() {
    let mut world = World::new();
    let before = world.written();
    let here = world.mine.location.clone();
    for (method, route) in operations() {
        let target = world.mine.path(route, &here);
        let unknown = world.mine.send(method, &target, &[("Version", "2019-01-01")], b"{}");
        let versioned = !UNVERSIONED.contains(&(method, route));
        assert_eq!(unknown.status == 401, versioned, "{method} {route}: {unknown:?}");
        let elsewhere = world.mine.path(route, "elsewhere");
        let foreign = world.mine.send(method, &elsewhere, &[], b"{}");
        assert_eq!(foreign.status, 403, "{method} {route} at another location: {foreign:?}");
        let wrong = world.mine.send("PATCH", &target, &[], b"{}");
        assert_eq!(wrong.status, 404, "PATCH {route}");
        assert!(
            wrong.json()["message"].as_str().unwrap().starts_with("Cannot PATCH /"),
            "{wrong:?}"
        );
    }
    let [contacts, conversations, ..] = before[..] else {
        panic!("{before:?}")
    };
    let after = world.written();
    assert_eq!(
        (after[0], after[1]),
        (contacts, conversations),
        "nothing was made of it"
    );
}

#[test]
fn a_foreign_id_is_answered_like_one_that_nobody_has() {
    let mut world = World::new();
    let mut nobody = HashMap::new();
    for name in world.mine.ids.keys() {
        nobody.insert(*name, "ve9EPM428h8vShlRW1KT".to_owned());
    }
    let here = world.mine.location.clone();
    let good = json!({
        "body": "x", "tags": ["x"], "status": "read", "locationId": here, "attachments": [], "unreadCount": 0,
        "firstName": "X", "contactId": "", "type": "SMS",
    });
    let good = good.to_string();
    let mut asked = 0;
    for (method, route) in operations().filter(|(_, route)| route.contains('{')) {
        let body = if takes_a_body((method, route)) {
            good.as_bytes()
        } else {
            b""
        };
        let theirs = world.theirs.path(route, &here);
        let own = std::mem::replace(&mut world.mine.ids, nobody.clone());
        let unknown = world.mine.path(route, &here);
        world.mine.ids = own;
        let [theirs, unknown] = [theirs, unknown].map(|target| world.mine.send(method, &target, &[], body));
        assert_eq!(theirs.status, 404, "{method} {route}: {theirs:?}");
        assert_eq!(
            (theirs.status, theirs.json()),
            (unknown.status, unknown.json()),
            "{method} {route}"
        );
        asked += 1;
    }
    assert!(asked > 15, "{asked}");
    let ours = world.theirs.path("/contacts/{contactId}", &world.theirs.location);
    assert_eq!(
        world.theirs.send("GET", &ours, &[], b"").status,
        200,
        "and theirs are all still there"
    );
}
