//! The pages beside the inbox, from outside: what each shows of a house that is lived in, what its buttons do, and that
//! nothing of another location can be seen or touched by them.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    harness::{Server, cli, cli_with},
    http::Client,
    visitor::Visitor,
};

fn text(value: &Value, key: &str) -> String {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

#[track_caller]
pub(crate) fn says(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "the page does not say {word:?}: {page}");
    }
}

/// A location of that name, and a token for it.
pub(crate) fn location(data: &Path, name: &str) -> (String, String) {
    let id = text(&cli(data, &["location", "add", "--name", name]), "id");
    let token = text(&cli(data, &["token", "add", "--location", &id]), "token");
    (id, token)
}

fn write(server: &Server, token: &str, number: &str, words: &str) -> Value {
    let body = json!({"type": "SMS", "phone": number, "message": words});
    Client::new(server.address, token).ask("POST", "/conversations/messages/inbound", Some(&body), 200)
}

/// A location with one delivery that waits for a paused destination, and another location.
struct House {
    folder: tempfile::TempDir,
    server: Server,
    here: String,
    there: String,
    token: String,
    destination: String,
    delivery: String,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let ((here, token), (there, _)) = (location(data, "Harbour Dental"), location(data, "Elsewhere"));
        let add = ["destination", "add", "--location", &here, "--url"];
        let url = "https://subscriber.example/hook";
        let destination = text(&cli(data, &[&add[..], &[url]].concat()), "id");
        cli(data, &["destination", "pause", &destination]);
        let server = Server::start(data, &[]);
        write(&server, &token, "+14155552671", "Hello");
        let delivery = text(&cli(data, &["delivery", "list"])["deliveries"][0], "id");
        Self {
            folder,
            server,
            here,
            there,
            token,
            destination,
            delivery,
        }
    }

    fn visitor(&self) -> Visitor {
        Visitor::log_in(self.folder.path(), &self.server)
    }
}

#[test]
fn a_delivery_is_seen_and_told_what_to_do() {
    let house = House::new();
    let mut visitor = house.visitor();
    let webhooks = format!("/l/{}/webhooks", house.here);
    let listed = [
        "https://subscriber.example/hook",
        "paused by hand",
        "InboundMessage",
        "not tried yet",
    ];
    says(&visitor.page(&webhooks), &listed);
    says(
        &visitor.page(&format!("{webhooks}?status=dead")),
        &["No delivery is like this"],
    );
    let shown = format!("/l/{}/deliveries/{}", house.here, house.delivery);
    says(
        &visitor.page(&shown),
        &["Hello", "webhook-id", "Cancel", "Copy as curl"],
    );
    for (order, words) in [
        ("cancel", "Cancelled: it is not sent."),
        ("cancel", "it is cancelled already"),
        ("replay", "It is being sent again."),
        ("discard", "it is ready, so it is sent anyway"),
    ] {
        says(&visitor.press(&format!("{shown}/{order}"), "", &shown), &[words]);
    }
}

#[test]
fn a_destination_is_disabled_and_enabled_by_its_buttons() {
    let house = House::new();
    let mut visitor = house.visitor();
    let webhooks = format!("/l/{}/webhooks", house.here);
    let change = format!("/l/{}/destinations/{}", house.here, house.destination);
    let mut press = |verb: &str| visitor.press(&format!("{change}/{verb}"), "", &webhooks);
    says(&press("disable"), &["disabled by hand", "Enable only"]);
    says(&press("pause"), &["the destination is disabled"]);
    write(&house.server, &house.token, "+14155552671", "While it is disabled");
    says(
        &press("enable"),
        &["stays held until it is replayed", "Send what was held"],
    );
    says(&press("replay-held"), &["1 are being sent again."]);
    assert_eq!(visitor.send(&format!("{change}/rotate-secret"), "").status, 404);
}

#[test]
fn what_belongs_to_another_location_is_not_there() {
    let house = House::new();
    let mut visitor = house.visitor();
    let (here, there, delivery) = (&house.here, &house.there, &house.delivery);
    for path in [
        format!("/l/{there}/deliveries/{delivery}"),
        format!("/l/{here}/deliveries/00000000000000000000"),
        format!("/l/{here}/deliveries/..%2Fdestinations"),
        "/l/nowhere/webhooks".to_owned(),
    ] {
        assert_eq!(visitor.get(&path).status, 404, "{path}");
    }
    for path in [
        format!("/l/{there}/deliveries/{delivery}/replay"),
        format!("/l/{there}/destinations/{}/pause", house.destination),
        format!("/l/{there}/providers/{}/test", house.destination),
    ] {
        assert_eq!(visitor.send(&path, "").status, 404, "{path}");
    }
    says(&visitor.page(&format!("/l/{there}/webhooks")), &["No webhook yet"]);
}

/// A Twilio webhook without a signature, at whose address a text for another number was parked.
pub(crate) fn parked(data: &Path, here: &str) -> (Server, Value) {
    let add = ["provider", "add", "--location", here];
    let number = ["--adapter", "twilio", "--unsigned", "--number", "+14155552680"];
    let provider = cli(data, &[&add[..], &number].concat());
    let server = Server::start(data, &[]);
    let door = text(&provider, "webhook_url");
    let door = door.splitn(4, '/').last().map(|path| format!("/{path}")).unwrap();
    let form = format!("MessageSid={SID}&AccountSid=AC1&From=%2B14155552670&To=%2B14155552681&Body=Hi");
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let mut vendor = Client::new(server.address, "");
    let answer = vendor.send("POST", &door, &headers, form.as_bytes()).unwrap();
    assert_eq!(answer.status, 200);
    (server, provider)
}

pub(crate) const SID: &str = "SM00000000000000000000000000000001";

#[test]
fn the_journal_shows_what_was_parked_where_it_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let ((here, _), (there, _)) = (location(data, "Harbour Dental"), location(data, "Elsewhere"));
    let (server, provider) = parked(data, &here);
    let mut visitor = Visitor::log_in(data, &server);
    let journal = format!("/l/{here}/journal");
    let page = visitor.page(&journal);
    says(
        &page,
        &["parked", "/in/twilio/…", "Process again", "Process all parked again"],
    );
    says(
        &visitor.page(&format!("{journal}?verdict=refused")),
        &["No request is like this"],
    );
    says(
        &visitor.page(&format!("/l/{there}/journal")),
        &["Nothing was refused, parked or failed"],
    );
    let providers = visitor.page(&format!("/l/{here}/providers"));
    // The address changes with the port; the secret part does not.
    let address = text(&provider, "webhook_url");
    let (_, secret) = address.rsplit_once('/').unwrap();
    says(
        &providers,
        &[
            "Twilio",
            "+1 (415) 555-2680",
            secret,
            "nothing is verified",
            "last heard of",
        ],
    );
    let request = text(&cli(data, &["request", "list"])["requests"][0], "id");
    let shown = visitor.page(&format!("{journal}/{request}"));
    says(&shown, &["no provider here has its number", SID, "200 in"]);
    assert_eq!(visitor.get(&format!("/l/{there}/journal/{request}")).status, 404);
    let foreign = visitor.send(&format!("/l/{there}/journal/{request}/process"), "");
    assert_eq!(foreign.status, 404);
}

#[test]
fn a_parked_request_is_processed_again_from_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let ((here, _), (there, _)) = (location(data, "Harbour Dental"), location(data, "Elsewhere"));
    let (server, provider) = parked(data, &here);
    let mut visitor = Visitor::log_in(data, &server);
    let journal = format!("/l/{here}/journal");
    let request = text(&cli(data, &["request", "list"])["requests"][0], "id");
    let shown = format!("{journal}/{request}");
    let still = visitor.press(&format!("{shown}/process"), "", &shown);
    says(&still, &["It was not recorded"]);
    let add = [
        "provider",
        "add",
        "--location",
        &here,
        "--number",
        "+14155552681",
        "--beside",
    ];
    cli(data, &[&add[..], &[&text(&provider, "id")]].concat());
    let recorded = visitor.press(&format!("{journal}/process"), "", &journal);
    says(&recorded, &["It was processed again: recorded.", "accepted"]);
    let message = text(&cli(data, &["trace", SID])["messages"][0], "id");
    let place = format!("/l/{here}/m/{message}");
    says(&visitor.page(&shown), &[&place]);
    assert_eq!(visitor.get(&place).status, 303, "on to its conversation");
    assert_eq!(visitor.get(&format!("/l/{there}/m/{message}")).status, 404);
}

#[test]
fn a_token_is_made_shown_once_and_revoked_by_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let ((here, _), (there, _)) = (location(data, "Harbour Dental"), location(data, "Elsewhere"));
    let server = Server::start(data, &[]);
    let mut visitor = Visitor::log_in(data, &server);
    let tokens = format!("/l/{here}/tokens");
    let made = visitor.send(&tokens, "scope=conversations%2Fmessage.write");
    assert_eq!(made.status, 200);
    let (_, rest) = made.body.split_once("pit-").expect("the token is shown");
    let token = format!("pit-{}", rest.split('<').next().unwrap());
    write(&server, &token, "+14155552671", "By the new token");
    let later = visitor.page(&tokens);
    assert!(!later.contains(&token), "it is shown this once");
    let about = [
        "conversations/message.write",
        "may do everything",
        "just now",
        "never used",
    ];
    says(&later, &about);

    let listed = cli(data, &["token", "list", "--location", &here]);
    let mut all = listed["tokens"].as_array().unwrap().iter();
    let id = text(
        all.find(|one| !one["scopes"].as_array().unwrap().is_empty()).unwrap(),
        "id",
    );
    assert_eq!(visitor.send(&format!("/l/{there}/tokens/{id}/revoke"), "").status, 404);
    says(
        &visitor.press(&format!("{tokens}/{id}/revoke"), "", &tokens),
        &["Revoked: whoever brings it"],
    );
    let body = json!({"type": "SMS", "phone": "+14155552671", "message": "Too late"});
    Client::new(server.address, &token).ask("POST", "/conversations/messages/inbound", Some(&body), 401);
    let refused = visitor.press(&tokens, "scope=everything", &tokens);
    says(&refused, &["there is no scope everything"]);
}

#[test]
fn people_are_found_and_what_is_forwarded_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let ((here, token), (there, _)) = (location(data, "Harbour Dental"), location(data, "Elsewhere"));
    let server = Server::start(data, &[]);
    let mut visitor = Visitor::log_in(data, &server);
    let contacts = format!("/l/{here}/contacts");
    says(&visitor.page(&contacts), &["0 contacts", "Nobody wrote yet"]);
    let first = write(&server, &token, "+14155552671", "Hello");
    write(&server, &token, "+14155552672", "Hello");
    let conversation = text(&first, "conversationId");
    says(&visitor.page(&contacts), &["2 contacts", "+1 (415) 555-2672"]);
    let found = visitor.page(&format!("{contacts}?q=%28415%29+555-2671"));
    says(
        &found,
        &["1 contact", "+1 (415) 555-2671", &format!("/l/{here}/c/{conversation}")],
    );
    assert!(!found.contains("555-2672"));
    assert!(!visitor.page(&format!("/l/{there}/contacts")).contains("555-26"));

    let forwarding = format!("/l/{here}/forwarding");
    says(
        &visitor.page(&forwarding),
        &["Nothing is forwarded", "inlet destination add"],
    );
    let add = [
        "destination",
        "add",
        "--location",
        &here,
        "--upstream",
        "--upstream-location",
        "THEIRS",
    ];
    let how = ["--base-url", "https://upstream.example", "--token-env", "THEIR_TOKEN"];
    let upstream = cli_with(data, &[&add[..], &how].concat(), &[("THEIR_TOKEN", "pit-theirs")]);
    cli(data, &["destination", "pause", &text(&upstream, "id")]);
    write(&server, &token, "+14155552671", "To be forwarded");
    says(
        &visitor.page(&forwarding),
        &[
            "https://upstream.example",
            "THEIRS",
            "paused by hand",
            "strictly in order",
            "HighLevel was not called yet",
            "not tried yet",
        ],
    );
    assert!(
        !visitor
            .page(&format!("/l/{here}/webhooks"))
            .contains("upstream.example"),
        "an upstream is no webhook"
    );
}

#[test]
fn without_a_session_or_from_elsewhere_nothing_is_shown_or_done() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let (here, _) = location(data, "Harbour Dental");
    let server = Server::start(data, &[]);
    let mut stranger = Client::new(server.address, "");
    for page in [
        "contacts",
        "providers",
        "webhooks",
        "forwarding",
        "journal",
        "tokens",
        "health",
    ] {
        let path = format!("/l/{here}/{page}");
        assert_eq!(stranger.send("GET", &path, &[], b"").unwrap().status, 401, "{page}");
    }
    let mut visitor = Visitor::log_in(data, &server);
    let tokens = format!("/l/{here}/tokens");
    let headers = [
        ("Cookie", visitor.cookie.as_str()),
        ("Sec-Fetch-Site", "cross-site"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let form = format!("token={}", visitor.token);
    let answer = visitor.client.send("POST", &tokens, &headers, form.as_bytes()).unwrap();
    assert_eq!(answer.status, 403, "a form of another site");
    assert_eq!(cli(data, &["token", "list"])["tokens"].as_array().unwrap().len(), 1);
}

#[test]
fn a_cut_of_the_list_is_kept_under_a_name_until_it_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let ((here, token), (there, _)) = (location(data, "Harbour Dental"), location(data, "Elsewhere"));
    let server = Server::start(data, &[]);
    write(&server, &token, "+14155552671", "Hello");
    let mut visitor = Visitor::log_in(data, &server);
    let (views, list) = (format!("/l/{here}/views"), format!("/l/{here}?tab=unread&channel=sms"));
    let keep = "cut=%3Ftab%3Dunread%26channel%3Dsms%26after%3Dx&name=";
    let mut send = |form: &str| assert_eq!(visitor.send(&views, form).status, 303, "{form}");
    send(&format!("{keep}Unread+texts"));
    send(&format!("{keep}Passing"));
    send(&format!("{keep}Passing&drop=yes"));
    send("cut=&name=Everything");
    let page = visitor.page(&list);
    says(
        &page,
        &["Unread texts", "Forget this view", "tab=unread&#38;channel=sms"],
    );
    assert!(!page.contains("Passing") && !page.contains("Everything"));
    assert!(!visitor.page(&format!("/l/{there}?tab=unread")).contains("Unread texts"));
    visitor.send(&views, &format!("{keep}Unread+texts&drop=yes"));
    assert!(!visitor.page(&list).contains("Unread texts"));
}
