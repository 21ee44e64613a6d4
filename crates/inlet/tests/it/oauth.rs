//! Apps from outside: consent, tokens, their renewal and their end, over a real store.

use serde_json::{Value, json};

use crate::{
    harness::{Server, cli},
    http::{Answer, Client},
};

const BACK: &str = "https://app.example/back?from=inlet";

struct World {
    folder: tempfile::TempDir,
    server: Server,
    /// Two locations of one agency, and one of another.
    here: String,
    there: String,
    elsewhere: String,
    app: Value,
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let add = |name: &str, agency: &str| {
            let added = cli(data, &["location", "add", "--name", name, "--agency", agency]);
            text(&added, "id").to_owned()
        };
        let (here, there) = (add("Harbour Dental", "harbour"), add("Harbour Ortho", "harbour"));
        let elsewhere = add("Hill Dental", "hill");
        let app = cli(data, &["app", "add", "--name", "Sync", "--redirect-uri", BACK]);
        let server = Server::start(data, &[]);
        Self {
            folder,
            server,
            here,
            there,
            elsewhere,
            app,
        }
    }

    fn code(&self, whose: [&str; 2]) -> String {
        let mut arguments = vec!["app", "authorize", text(&self.app, "id")];
        arguments.extend(whose);
        text(&cli(self.folder.path(), &arguments), "code").to_owned()
    }

    fn client(&self, token: &str) -> Client {
        Client::new(self.server.address, token)
    }

    /// What a form with the app's name and secret is answered.
    fn exchange(&self, offer: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("client_id", text(&self.app, "client_id")),
            ("client_secret", text(&self.app, "client_secret")),
        ];
        form.extend(offer);
        self.post_form("/oauth/token", "", &form)
    }

    fn post_form(&self, target: &str, token: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        let sent = self
            .client(token)
            .send("POST", target, &kind, body.join("&").as_bytes());
        sent.unwrap()
    }

    /// The tokens of a fresh consent.
    fn tokens(&self, whose: [&str; 2]) -> Value {
        let code = self.code(whose);
        let answer = self.exchange(&[("grant_type", "authorization_code"), ("code", &code)]);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    fn refresh(&self, tokens: &Value) -> Answer {
        self.exchange(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", text(tokens, "refresh_token")),
        ])
    }
}

/// What stands in a form for this; enough for what these stories send.
fn escaped(value: &str) -> String {
    value
        .replace('%', "%25")
        .replace('&', "%26")
        .replace('=', "%3D")
        .replace('+', "%2B")
}

#[test]
fn a_location_is_opened_renewed_and_closed() {
    let world = World::new();
    let first = world.tokens(["--location", &world.here]);
    assert_eq!(
        (text(&first, "userType"), text(&first, "locationId")),
        ("Location", &*world.here)
    );
    assert_eq!(text(&first, "companyId"), "harbour");
    assert_eq!(
        (&first["expires_in"], &first["expiresIn"]),
        (&json!(86399), &json!(86399))
    );
    for (snake, camel) in [("access_token", "accessToken"), ("refresh_token", "refreshToken")] {
        assert_eq!(text(&first, snake), text(&first, camel));
    }
    let location = format!("/locations/{}", world.here);
    let mut client = world.client(text(&first, "access_token"));
    let shown = client.ask("GET", &location, None, 200);
    assert_eq!(shown["location"]["name"], "Harbour Dental");
    let contact = json!({"locationId": world.here, "name": "Ann"});
    client.ask("POST", "/contacts", Some(&contact), 201);
    client.ask("GET", &format!("/locations/{}", world.there), None, 403);

    let second = world.refresh(&first);
    assert_eq!(second.status, 200, "{second:?}");
    let second = second.json();
    assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
    assert_ne!(text(&first, "access_token"), text(&second, "access_token"));
    client.ask("GET", &location, None, 200);
    let mut renewed = world.client(text(&second, "access_token"));
    renewed.ask("GET", &location, None, 200);

    let again = world.refresh(&first);
    assert_eq!((again.status, text(&again.json(), "error")), (400, "invalid_grant"));
    for client in [&mut client, &mut renewed] {
        let refused = client.ask("GET", &location, None, 401);
        assert_eq!(refused["message"], "Invalid JWT", "the whole family is taken back");
    }
    assert_eq!(world.refresh(&second).status, 400);
}

#[test]
fn an_agency_opens_its_own_locations_and_no_other() {
    let world = World::new();
    let tokens = world.tokens(["--agency", "harbour"]);
    assert_eq!(tokens["approvedLocations"], json!([world.here, world.there]));
    let agency = text(&tokens, "access_token");
    let mut client = world.client(agency);
    client.ask("GET", &format!("/locations/{}", world.there), None, 200);
    client.ask("GET", &format!("/locations/{}", world.elsewhere), None, 403);
    let refused = client.ask(
        "GET",
        &format!("/conversations/search?locationId={}", world.here),
        None,
        401,
    );
    assert!(text(&refused, "message").starts_with("This authClass type is not allowed"));

    let ask = |path: &str, company: &str, location: &str| {
        world.post_form(path, agency, &[("companyId", company), ("locationId", location)])
    };
    for path in ["/oauth/locationToken", "/oauth/location-token"] {
        let own = ask(path, "harbour", &world.there).json();
        let search = format!("/conversations/search?locationId={}", world.there);
        world.client(text(&own, "accessToken")).ask("GET", &search, None, 200);
        let renewed = world.refresh(&own).json();
        assert_eq!(text(&renewed, "locationId"), world.there);
        world
            .client(text(&renewed, "access_token"))
            .ask("GET", &search, None, 200);
        for (company, location) in [
            ("harbour", &*world.elsewhere),
            ("hill", &*world.elsewhere),
            ("hill", &*world.there),
        ] {
            assert_eq!(ask(path, company, location).status, 403, "{company} {location}");
        }
    }
}

#[test]
fn an_agencys_locations_are_listed_in_both_forms() {
    let world = World::new();
    let tokens = world.tokens(["--agency", "harbour"]);
    let mut client = world.client(text(&tokens, "access_token"));
    let asked = format!("companyId=harbour&appId={}", text(&world.app, "id"));
    let older = client.ask(
        "GET",
        &format!("/oauth/installedLocations?{asked}&limit=1&skip=1"),
        None,
        200,
    );
    assert_eq!(
        (&older["count"], &older["locations"][0]["_id"]),
        (&json!(2), &json!(world.there))
    );
    let newer = client.ask(
        "GET",
        &format!("/oauth/installed-locations?{asked}&pageSize=1"),
        None,
        200,
    );
    assert_eq!(
        (
            &newer["pagination"]["hasNextPage"],
            &newer["pagination"]["nextPageToken"]
        ),
        (&json!(true), &json!("1"))
    );
    assert_eq!(newer["items"][0]["isInstalled"], true);
    client.ask(
        "GET",
        &format!("/oauth/installedLocations?{}", asked.replace("harbour", "hill")),
        None,
        403,
    );
}

#[test]
fn what_an_app_gives_for_tokens_has_to_be_its_own_and_good() {
    let world = World::new();
    let code = world.code(["--location", &world.here]);
    let exchange = ("grant_type", "authorization_code");
    let stranger = [
        ("client_id", text(&world.app, "client_id")),
        ("client_secret", "guessed"),
        exchange,
        ("code", &*code),
    ];
    let refused = world.post_form("/oauth/token", "", &stranger);
    assert_eq!(
        (refused.status, text(&refused.json(), "error")),
        (401, "invalid_client")
    );
    let good = world.exchange(&[exchange, ("code", &code), ("redirect_uri", BACK)]);
    assert_eq!(
        good.status, 200,
        "whoever does not know the secret uses nothing up: {good:?}"
    );
    let again = world.exchange(&[exchange, ("code", &code)]);
    assert_eq!(again.status, 400);
    world
        .client(text(&good.json(), "access_token"))
        .ask("GET", &format!("/locations/{}", world.here), None, 401);
    let code = world.code(["--location", &world.here]);
    let elsewhere = world.exchange(&[exchange, ("code", &code), ("redirect_uri", "https://evil.example/")]);
    assert_eq!(elsewhere.status, 400);
    let granted = world.exchange(&[("grant_type", "client_credentials"), ("location_id", &world.here)]);
    assert_eq!((granted.status, &granted.json()["refresh_token"]), (200, &Value::Null));
    let nothing = world.exchange(&[("grant_type", "client_credentials"), ("location_id", &world.there)]);
    assert_eq!(nothing.status, 400, "nobody allowed it there");

    let grants = cli(world.folder.path(), &["app", "grants"]);
    let live = grants["grants"]
        .as_array()
        .unwrap()
        .iter()
        .find(|grant| grant["revoked_at"].is_null());
    cli(world.folder.path(), &["app", "revoke", text(live.unwrap(), "id")]);
    let token = granted.json();
    world
        .client(text(&token, "access_token"))
        .ask("GET", &format!("/locations/{}", world.here), None, 401);
}
