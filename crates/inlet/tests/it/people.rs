//! People and access, from outside: what each role may do, how people log in and are shut out, and that what they change
//! is noted.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    harness::{Server, cli, cli_with},
    http::{Answer, Client},
    visitor::Visitor,
};

const PASSWORD: &str = "correct-horse-battery";

fn text(value: &Value, key: &str) -> String {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

fn add(data: &Path, name: &str, location: &str, role: &str) {
    let add = ["user", "add", "--name", name, "--location", location, "--role", role];
    cli_with(
        data,
        &[&add[..], &["--password-env", "WORD"]].concat(),
        &[("WORD", PASSWORD)],
    );
}

fn known(visitor: Result<Visitor, Answer>) -> Visitor {
    visitor.unwrap_or_else(|answer| panic!("{answer:?}"))
}

fn location(data: &Path, name: &str) -> String {
    text(&cli(data, &["location", "add", "--name", name]), "id")
}

/// A location with a message, a paused destination and so a delivery that waits: id, destination, delivery, conversation.
fn furnish(data: &Path) -> (String, String, String, String) {
    let here = location(data, "Harbour Dental");
    let add = [
        "destination",
        "add",
        "--location",
        &here,
        "--url",
        "https://subscriber.example/hook",
    ];
    let destination = text(&cli(data, &add), "id");
    cli(data, &["destination", "pause", &destination]);
    let receive = [
        "receive",
        "--location",
        &here,
        "--phone",
        "+14155552671",
        "--body",
        "Hello",
    ];
    let received = cli(data, &receive);
    let delivery = text(&cli(data, &["delivery", "list"])["deliveries"][0], "id");
    (here, destination, delivery, text(&received, "conversation_id"))
}

#[test]
fn each_role_does_what_it_covers_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let (here, destination, delivery, conversation) = furnish(data);
    let there = location(data, "Elsewhere");
    let roles = ["owner", "agent", "read-only"];
    for role in roles {
        add(data, &format!("{role}@example.com"), &here, role);
    }
    let server = Server::start(data, &[]);
    let mut people = roles.map(|role| {
        let name = format!("{role}%40example.com");
        known(Visitor::by_password(data, &server, &name, PASSWORD))
    });
    let looks: [(String, [u16; 3]); 7] = [
        (format!("/l/{here}"), [200, 200, 200]),
        (format!("/l/{here}/webhooks"), [200, 200, 200]),
        (format!("/l/{here}/deliveries/{delivery}"), [200, 200, 200]),
        (format!("/l/{here}/tokens"), [200, 403, 403]),
        (format!("/l/{here}/people"), [200, 403, 403]),
        (format!("/l/{there}"), [404, 404, 404]),
        (format!("/l/{there}/journal"), [404, 404, 404]),
    ];
    for (path, expected) in looks {
        assert_eq!(people.each_mut().map(|who| who.get(&path).status), expected, "{path}");
    }
    let acts: [(String, &str, [u16; 3]); 10] = [
        (format!("/l/{here}/c/{conversation}/mark"), "as=read", [303, 303, 403]),
        (format!("/l/{here}/deliveries/{delivery}/cancel"), "", [303, 303, 403]),
        (
            format!("/l/{here}/c/{conversation}/person"),
            "do=tag&what=vip",
            [303, 303, 403],
        ),
        (format!("/l/{here}"), "do=token", [200, 403, 403]),
        (format!("/l/{here}/journal/process"), "", [303, 303, 403]),
        (
            format!("/l/{here}/destinations/{destination}/resume"),
            "",
            [303, 403, 403],
        ),
        (format!("/l/{here}/tokens"), "", [200, 403, 403]),
        (format!("/l/{here}/people"), "name=eve&role=owner", [303, 403, 403]),
        (format!("/l/{there}/journal/process"), "", [404, 404, 404]),
        (format!("/l/{there}/people"), "name=eve&role=owner", [404, 404, 404]),
    ];
    for (path, form, expected) in acts {
        assert_eq!(
            people.each_mut().map(|who| who.send(&path, form).status),
            expected,
            "{path}"
        );
    }
    let page = people[2].page(&format!("/l/{here}/webhooks"));
    assert!(
        !page.contains("/disable") && !page.contains("/tokens"),
        "what they may not do is not offered"
    );
}

#[test]
fn who_may_only_look_is_offered_nothing_else_and_told_why() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let (here, _, _, conversation) = furnish(data);
    let new = location(data, "Nobody wrote yet");
    let tokens = [&here, &new].map(|location| {
        let add = ["provider", "add", "--location", location, "--adapter", "twilio"];
        let secret = ["--number", "+14155550100", "--secret-env", "WORD"];
        let added = cli_with(data, &[&add[..], &secret].concat(), &[("WORD", PASSWORD)]);
        let address = text(&added, "webhook_url");
        address.rsplit('/').next().unwrap().to_owned()
    });
    let server = Server::start(data, &[]);
    for (role, looks) in [("owner", false), ("agent", false), ("read-only", true)] {
        add(data, role, &here, role);
        let mut who = known(Visitor::by_password(data, &server, role, PASSWORD));
        let page = who.page(&format!("/l/{here}/c/{conversation}?side=contact"));
        let said = [
            "Your role here is to look",
            "data-looks",
            "Add a tag",
            "Forget for good",
        ]
        .map(|word| page.contains(word));
        assert_eq!(said, [looks, looks, !looks, !looks], "{role}");
        let shown = who.page(&format!("/l/{here}/providers")).contains(&tokens[0]);
        assert_eq!(shown, !looks, "{role}: who knows the address may try to write");
        let own = format!("{role}-there");
        add(data, &own, &new, role);
        let mut who = known(Visitor::by_password(data, &server, &own, PASSWORD));
        let shown = who.page(&format!("/l/{new}")).contains(&tokens[1]);
        assert_eq!(shown, !looks, "{role}: so in the guide");
    }
}

#[test]
fn passwords_and_links_open_and_removal_shuts() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let here = location(data, "Harbour Dental");
    add(data, "maya", &here, "agent");
    let server = Server::start(data, &[]);
    let page = format!("/l/{here}");
    for (name, password) in [("maya", "wrong-horse-battery"), ("nobody", PASSWORD), ("maya", "")] {
        let refused = Visitor::by_password(data, &server, name, password)
            .err()
            .expect("refused");
        assert_eq!(refused.status, 403, "{name}");
        assert!(refused.cookie.is_none() && !refused.body.contains(password.get(..8).unwrap_or("<<")));
    }
    let mut maya = known(Visitor::by_password(data, &server, "Maya", PASSWORD));
    cli_with(
        data,
        &["user", "password", "maya", "--password-env", "WORD"],
        &[("WORD", "another-horse")],
    );
    assert_eq!(maya.get(&page).status, 401, "a new password ends what was open");
    let link = text(&cli(data, &["user", "login-link", "maya"]), "url");
    let mut maya = Visitor::by_link(data, &server, &link);
    assert_eq!(maya.get(&page).status, 200);
    assert_eq!(
        maya.get(&format!("/l/{here}/tokens")).status,
        403,
        "the link is no more than she is"
    );
    cli(data, &["user", "role", "maya", "--location", &here, "--role", "owner"]);
    assert_eq!(
        maya.get(&format!("/l/{here}/tokens")).status,
        200,
        "a role counts at once"
    );
    cli(data, &["user", "remove", "maya"]);
    assert_eq!(maya.get(&page).status, 401);
    for _ in 0..5 {
        let _ = Visitor::by_password(data, &server, "eve", "guess");
    }
    let limited = Visitor::by_password(data, &server, "eve", "guess")
        .err()
        .expect("limited");
    assert_eq!(limited.status, 429);
}

#[test]
fn a_form_must_carry_the_token_of_its_session() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let here = location(data, "Harbour Dental");
    let server = Server::start(data, &[]);
    let mut visitor = Visitor::log_in(data, &server);
    let other = Visitor::log_in(data, &server).token;
    let path = format!("/l/{here}/journal/process");
    let right = std::mem::take(&mut visitor.token);
    assert_eq!(right.len(), 32);
    for wrong in ["", "0", other.as_str()] {
        visitor.token = wrong.to_owned();
        assert_eq!(visitor.send(&path, "").status, 403, "{wrong}");
    }
    let cookie = visitor.cookie.clone();
    let headers = [
        ("Cookie", cookie.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
        ("X-Inlet-Token", &right),
    ];
    assert_eq!(
        visitor.client.send("POST", &path, &headers, b"").unwrap().status,
        303,
        "the script's header"
    );
    let mut stranger = Client::new(server.address, "");
    assert_eq!(stranger.send("POST", &path, &headers[1..], b"").unwrap().status, 401);
}

#[test]
fn what_is_changed_is_noted_with_who_did_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let (here, destination, delivery, _) = furnish(data);
    add(data, "maya", &here, "owner");
    let server = Server::start(data, &[]);
    let mut maya = known(Visitor::by_password(data, &server, "maya", PASSWORD));
    let people = format!("/l/{here}/people");
    maya.press(&format!("/l/{here}/deliveries/{delivery}/cancel"), "", &people);
    let listed = maya.press(&people, "name=jonas&role=read-only", &people);
    assert!(listed.contains("jonas may come in.") && listed.contains(&format!("deliveries/{delivery}/cancel")));
    let log = cli(data, &["user", "log"]);
    let told: Vec<Value> = log["deeds"].as_array().unwrap().iter().rev().cloned().collect();
    let who_and_what: Vec<_> = told.iter().map(|deed| json!([deed["who"], deed["what"]])).collect();
    let expected = [
        json!(["command line", "locations"]),
        json!(["command line", "destinations"]),
        json!(["command line", format!("destinations/{destination}/pause")]),
        json!(["command line", "receive"]),
        json!(["command line", "users"]),
        json!(["command line", "login_links"]),
        json!(["maya", format!("deliveries/{delivery}/cancel")]),
        json!(["maya", "people"]),
    ];
    assert_eq!(who_and_what, expected);
    let here_only = cli(data, &["user", "log", "--location", &here]);
    assert_eq!(here_only["deeds"].as_array().unwrap().len(), 2);
    let users = cli(data, &["user", "list"])["users"].clone();
    assert!(!users.to_string().contains("argon2"), "no password is shown");
}
