//! Every operation of the table is refused to whoever may not call it: another location, another agency, a token that was
//! revoked, is over, or lacks the scope, and an agency where a location is meant. Each is told first that it works for whom it
//! may, so that no refusal is one for another reason.

use inlet_core::{Timestamp, secret::Secret, signature::hmac_sha256};
use inlet_highlevel::token::{AccessTokens, AuthClass, Claims, LIFETIME, Meta, SCOPES};
use inlet_http::openapi::{Access, OPERATIONS, Operation, schema};
use serde_json::{Value, json};

use crate::{
    harness::{Server, cli},
    http::Client,
};

struct World {
    folder: tempfile::TempDir,
    server: Server,
    /// One location, another of its agency, and one of another agency.
    locations: [String; 3],
    provider: String,
    app: Value,
    count: u32,
}

/// The ids of fresh things at the first location.
struct Things {
    contact: String,
    bare: String,
    conversation: String,
    message: String,
    mail: String,
    call: String,
    note: String,
}

fn text(value: &Value, key: &str) -> String {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {value}"))
        .to_owned()
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let locations = [
            ("Harbour Dental", "harbour"),
            ("Harbour Ortho", "harbour"),
            ("Hill Dental", "hill"),
        ]
        .map(|(name, agency)| {
            text(
                &cli(data, &["location", "add", "--name", name, "--agency", agency]),
                "id",
            )
        });
        let provider = [
            "provider",
            "add",
            "--location",
            &locations[0],
            "--adapter",
            "custom",
            "--type",
            "Call",
            "--unsigned",
        ];
        let provider = text(&cli(data, &provider), "id");
        let app = cli(
            data,
            &["app", "add", "--name", "Sync", "--redirect-uri", "https://app.example/"],
        );
        let server = Server::start(data, &[]);
        Self {
            folder,
            server,
            locations,
            provider,
            app,
            count: 0,
        }
    }

    fn cli(&self, arguments: &[&str]) -> Value {
        cli(self.folder.path(), arguments)
    }

    fn client(&self, token: &str) -> Client {
        Client::new(self.server.address, token)
    }

    /// A private integration token of a location with all scopes that `fits`.
    fn private(&self, location: usize, fits: impl Fn(&str) -> bool) -> String {
        let mut add = vec!["token", "add", "--location", &self.locations[location]];
        let scopes = SCOPES.iter().filter(|scope| fits(scope));
        add.extend(scopes.flat_map(|scope| ["--scope", scope]));
        text(&self.cli(&add), "token")
    }

    /// The access token of a fresh grant, and the grant.
    fn granted(&self, whose: [&str; 2], scopes: &[&str]) -> (String, String) {
        let id = text(&self.app, "id");
        let mut authorize = vec!["app", "authorize", &id];
        authorize.extend(whose);
        authorize.extend(scopes.iter().flat_map(|scope| ["--scope", scope]));
        let exchange = json!({
            "grantType": "authorization_code",
            "code": text(&self.cli(&authorize), "code"),
            "clientId": self.app["client_id"],
            "clientSecret": self.app["client_secret"],
        });
        let tokens = self.client("").ask("POST", "/oauth/token", Some(&exchange), 200);
        (text(&tokens, "accessToken"), text(&tokens, "userId"))
    }

    /// A token of that grant whose time has been over since 1970.
    fn expired(&self, grant: &str, class: AuthClass, id: &str) -> String {
        let master = std::fs::read_to_string(self.folder.path().join("inlet.key")).unwrap();
        let master = Secret::new(hex::decode(master.trim()).unwrap());
        let key: [u8; 32] = hmac_sha256(master.expose(), &[b"tokens"]).try_into().unwrap();
        let app = text(&self.app, "id");
        AccessTokens::new(&key, LIFETIME).issue(&Claims {
            auth_class: class,
            auth_class_id: id.to_owned(),
            primary_auth_class_id: id.to_owned(),
            source: "INTEGRATION".to_owned(),
            source_id: text(&self.app, "client_id"),
            channel: "OAUTH".to_owned(),
            oauth_meta: Meta {
                scopes: SCOPES.map(str::to_owned).to_vec(),
                client: app.clone(),
                version_id: app,
            },
            sid: grant.to_owned(),
            jti: "1".to_owned(),
            iat: 0,
            exp: Timestamp::UNIX_EPOCH.as_second() + 60,
        })
    }

    /// A token with just the scope that an operation needs, and one with all others.
    fn scoped(&self, operation: &Operation) -> (String, String) {
        let scope = operation.access.scope().unwrap();
        let others: Vec<&str> = SCOPES.into_iter().filter(|other| *other != scope).collect();
        match operation.access {
            Access::Agency(_) => (
                self.granted(["--agency", "harbour"], &[scope]).0,
                self.granted(["--agency", "harbour"], &others).0,
            ),
            Access::Location(_) | Access::Either(_) | Access::Client | Access::Anybody => {
                (self.private(0, |one| one == scope), self.private(0, |one| one != scope))
            }
        }
    }

    fn things(&mut self, token: &str) -> Things {
        self.count += 1;
        let mut client = self.client(token);
        let mut post = |path: &str, body: Value, status| client.ask("POST", path, Some(&body), status);
        let (location, count) = (&self.locations[0], self.count);
        let ann = json!({
            "locationId": location,
            "name": "Ann",
            "phone": format!("+1415555{count:04}"),
            "email": format!("ann{count}@example.com"),
        });
        let ann = text(&post("/contacts", ann, 201)["contact"], "id");
        let bob = post("/contacts", json!({"locationId": location, "name": "Bob"}), 201);
        let note = post(&format!("/contacts/{ann}/notes"), json!({"body": "a note"}), 201);
        // What is to be sent later can still be taken back, and its status told.
        let mut later = |kind: &str| {
            let body =
                json!({"type": kind, "contactId": ann, "message": "hi", "scheduledTimestamp": 4_000_000_000_u32});
            post("/conversations/messages", body, 200)
        };
        let (message, mail) = (later("SMS"), later("Email"));
        let call = json!({
            "type": "Call",
            "contactId": ann,
            "conversationProviderId": self.provider,
            "message": "call me back",
            "attachments": ["https://files.example/a.wav"],
            "call": {"from": format!("+1415555{count:04}"), "status": "completed"},
        });
        let call = post("/conversations/messages/inbound", call, 200);
        Things {
            bare: text(&bob["contact"], "id"),
            conversation: text(&message, "conversationId"),
            message: text(&message, "messageId"),
            mail: text(&mail, "emailMessageId"),
            call: text(&call, "messageId"),
            note: text(&note["note"], "id"),
            contact: ann,
        }
    }

    /// A good request of an operation, about these things: its target and its body.
    fn request(&self, operation: &Operation, things: &Things) -> (String, Option<Value>) {
        let own = match operation.path {
            path if path.contains("/notes/") => &things.note,
            path if path.contains("/email/") => &things.mail,
            path if path.ends_with("/attachments") => &things.call,
            _ => &things.message,
        };
        let fill = |text: &str| {
            let ids = [
                ("{contactId}", things.contact.as_str()),
                ("{bareContactId}", &things.bare),
                ("{conversationId}", &things.conversation),
                ("{messageId}", &things.call),
                ("{locationId}", &self.locations[0]),
                ("{callProviderId}", &self.provider),
                ("{companyId}", "harbour"),
                ("{appId}", self.app["id"].as_str().unwrap()),
                ("{id}", own),
            ];
            let filled = ids
                .iter()
                .fold(text.to_owned(), |text, (name, id)| text.replace(name, id));
            filled.replace("SM8f2c41", &format!("m{}", self.count))
        };
        let asked = operation.query.iter();
        let query: Vec<String> = asked
            .filter_map(|asked| match asked.name {
                "number" => Some("number=%2B14155550100".to_owned()),
                name => asked.required.then(|| fill(&format!("{name}={{{name}}}"))),
            })
            .collect();
        let target = format!("{}?{}", fill(operation.path), query.join("&"));
        let body = operation.body.map(|name| {
            if name == "Upload" {
                return Value::String(form(&self.locations[0], &things.contact));
            }
            let example = schema(name)["example"].to_string();
            serde_json::from_str(&fill(&example)).unwrap()
        });
        (target.trim_end_matches('?').to_owned(), body)
    }

    fn status(&self, operation: &Operation, token: &str, (target, body): &(String, Option<Value>)) -> u16 {
        let (kind, body) = match body {
            Some(Value::String(form)) => ("multipart/form-data; boundary=parting", form.clone()),
            Some(body) => ("application/json", body.to_string()),
            None => ("application/json", String::new()),
        };
        let mut client = self.client(token);
        client
            .send(operation.method, target, &[("Content-Type", kind)], body.as_bytes())
            .unwrap()
            .status
    }
}

/// A form that hands one file in.
fn form(location: &str, contact: &str) -> String {
    let mut form = String::new();
    for (name, value) in [("locationId", location), ("contactId", contact)] {
        form.extend([
            "--parting\r\nContent-Disposition: form-data; name=\"",
            name,
            "\"\r\n\r\n",
            value,
            "\r\n",
        ]);
    }
    form + "--parting\r\nContent-Disposition: form-data; name=\"fileAttachment\"; filename=\"a.txt\"\r\n\
            Content-Type: text/plain\r\n\r\nhello\r\n--parting--\r\n"
}

/// Whoever may not call an operation, and the statuses that say so.
struct Stranger {
    who: &'static str,
    token: String,
    statuses: &'static [u16],
}

/// Those who are strangers to every operation: where `whose` has its grant.
fn worn_out(world: &World, whose: [&str; 2], class: AuthClass) -> Vec<Stranger> {
    let stranger = |who, token| Stranger {
        who,
        token,
        statuses: &[401],
    };
    let (revoked, grant) = world.granted(whose, &[]);
    world.cli(&["app", "revoke", &grant]);
    let (_, live) = world.granted(whose, &[]);
    vec![
        stranger("a grant that was taken back", revoked),
        stranger("a token whose time is over", world.expired(&live, class, whose[1])),
        stranger("nobody's token", "pit-00000000-0000-4000-8000-000000000000".to_owned()),
    ]
}

/// Strangers to what belongs to the first location.
fn to_a_location(world: &World, either: bool) -> Vec<Stranger> {
    let here = ["--location", world.locations[0].as_str()];
    let mut all = worn_out(world, here, AuthClass::Location);
    let revoked = world.private(0, |_| true);
    world.cli(&["token", "revoke", &revoked]);
    let foreign = |who, token| Stranger {
        who,
        token,
        // 400 is HighLevel's word for a provider of somebody else's.
        statuses: &[400, 403, 404],
    };
    let (other, _) = world.granted(["--location", &world.locations[1]], &[]);
    let (hill, _) = world.granted(["--agency", "hill"], &[]);
    let (harbour, _) = world.granted(["--agency", "harbour"], &[]);
    all.push(foreign("another location", world.private(1, |_| true)));
    all.push(foreign("another location, by a grant", other));
    all.push(foreign("another agency's location", world.private(2, |_| true)));
    all.push(Stranger {
        who: "a private token that was revoked",
        token: revoked,
        statuses: &[401],
    });
    all.push(Stranger {
        who: "another agency",
        token: hill,
        statuses: if either { &[403, 404] } else { &[401] },
    });
    if !either {
        all.push(Stranger {
            who: "its own agency, for a location",
            token: harbour,
            statuses: &[401],
        });
    }
    all
}

fn to_an_agency(world: &World) -> Vec<Stranger> {
    let mut all = worn_out(world, ["--agency", "harbour"], AuthClass::Company);
    let (hill, _) = world.granted(["--agency", "hill"], &[]);
    all.push(Stranger {
        who: "another agency",
        token: hill,
        statuses: &[403],
    });
    all.push(Stranger {
        who: "a location of its own",
        token: world.private(0, |_| true),
        statuses: &[401],
    });
    all
}

#[test]
fn whoever_may_not_call_an_operation_is_refused() {
    let mut world = World::new();
    let all = world.private(0, |_| true);
    let (location, either, agency) = (
        to_a_location(&world, false),
        to_a_location(&world, true),
        to_an_agency(&world),
    );
    let (mut asked, mut wrong) = (0, Vec::new());
    for operation in OPERATIONS {
        let strangers = match operation.access {
            Access::Location(_) => &location,
            Access::Either(_) => &either,
            Access::Agency(_) => &agency,
            Access::Client | Access::Anybody => continue,
        };
        let (with, without) = world.scoped(operation);
        let things = world.things(&all);
        let request = world.request(operation, &things);
        let friends = [
            ("all scopes but its own", &without, 401),
            ("its own scope", &with, operation.answer.0),
        ];
        let mut answers = Vec::new();
        for stranger in strangers {
            let status = world.status(operation, &stranger.token, &request);
            answers.push((stranger.who, status, stranger.statuses.contains(&status)));
        }
        for (who, token, expected) in friends {
            let status = world.status(operation, token, &request);
            answers.push((who, status, status == expected));
        }
        asked += answers.len();
        let named = |(who, status, _): &(&str, u16, bool)| format!("{} answers {status} to {who}", operation.id());
        wrong.extend(answers.iter().filter(|(_, _, right)| !right).map(named));
    }
    assert_eq!(wrong, Vec::<String>::new());
    println!(
        "{asked} calls by whoever may and may not, over {} operations",
        OPERATIONS.len()
    );
    assert!(asked > 300);
}
