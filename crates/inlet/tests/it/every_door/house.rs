//! Vendors' doors as a table, and a server with endpoints of all of them.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use inlet_core::{
    Timestamp,
    adapter::{Adapter, Scenario, Target, WebhookRequest},
    ids::{EndpointKey, LocationKey, ProviderKey},
    registry::{Endpoint, Provider, ProviderKind},
    secret::Secret,
};
use inlet_providers::ALL;
use serde_json::Value;

use crate::{
    engine::Engine,
    harness::{Server, cli},
};

/// A key pair of Telnyx's kind and another, the first and second of RFC 8032, 7.1.
const PAIR: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";
const OTHER_PAIR: &str = "TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs9QBfD6EOJWpK3Cqdu0368nJgsyzG4lozAzVXxKvRmDA==";
/// Private keys of P-256, made for tests.
const P256: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQP3FcLuXr3OJZVlIB2i9fIeV7XD3p0Du1XkH6LjcqI2hRANCAASn/2CVzIgZEXiDqQlwBKelR+NPtMTs0LXx5J+henE5q214u4j4iJbNLyG7gVRzORvQEMkHzatb9WR3RxFfL854";
pub(super) const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_WHSEC: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// Settings of a chat widget.
pub(super) const WIDGET: &str = "origins = [\"https://studio.example\"]";
/// Bytes that a mail may have, and any other request.
const MAIL: usize = 48 * 1024 * 1024;
const OTHER: usize = 5 * 1024 * 1024;

/// A vendor's door, and what it answers.
pub(super) struct Door {
    pub(super) adapter: &'static str,
    pub(super) secret: &'static str,
    /// The secret of another endpoint of the same vendor; empty where the address is all there is.
    pub(super) neighbour: &'static str,
    /// Ours, as the vendor names it, and another of the same vendor.
    pub(super) numbers: [&'static str; 2],
    /// Our account there.
    pub(super) account: &'static str,
    pub(super) from: &'static str,
    pub(super) most: usize,
    /// What is answered to a signature of another endpoint's.
    pub(super) foreign: u16,
    /// To a body that is too large.
    pub(super) large: u16,
    /// The scenario that posts a form in one charset, and what is answered where it is not UTF-8.
    pub(super) form: Option<(&'static str, u16)>,
    /// What it says of whom a message is for: the account, the number.
    pub(super) names: (bool, bool),
}

const TEXT: Door = Door {
    adapter: "",
    secret: "12345",
    neighbour: "67890",
    numbers: ["+14155550100", "+14155550101"],
    account: "AC0123456789abcdef0123456789abcdef",
    from: "+14155550119",
    most: OTHER,
    foreign: 403,
    large: 413,
    form: None,
    names: (true, true),
};
const LETTER: Door = Door {
    numbers: ["inbox@studio.example", "other@studio.example"],
    from: "maya@okafor.example",
    most: MAIL,
    names: (false, true),
    ..TEXT
};

pub(super) const DOORS: &[Door] = &[
    Door {
        adapter: "twilio",
        form: Some(("", 400)),
        ..TEXT
    },
    Door {
        adapter: "twilio-voice",
        form: Some(("", 400)),
        ..TEXT
    },
    Door {
        adapter: "clicksend",
        secret: "",
        neighbour: "",
        account: "304497",
        form: Some(("form", 400)),
        ..TEXT
    },
    Door {
        adapter: "telnyx",
        secret: PAIR,
        neighbour: OTHER_PAIR,
        account: "740572b6-099c-44a1-89b9-6c92163bc68d",
        ..TEXT
    },
    Door {
        adapter: "custom",
        secret: WHSEC,
        neighbour: OTHER_WHSEC,
        names: (false, false),
        ..TEXT
    },
    Door {
        adapter: "meta",
        account: "104996122399160",
        ..TEXT
    },
    Door {
        adapter: "mailgun",
        large: 406,
        form: Some(("", 406)),
        ..LETTER
    },
    Door {
        adapter: "postmark",
        secret: "inlet:12345",
        neighbour: "inlet:67890",
        foreign: 401,
        large: 403,
        ..LETTER
    },
    Door {
        adapter: "sendgrid",
        secret: P256,
        neighbour: "inlet:67890",
        foreign: 400,
        ..LETTER
    },
    Door {
        adapter: "mime",
        ..LETTER
    },
    Door {
        adapter: "web-chat",
        secret: "sixteen-letters-or-more",
        neighbour: "another-sixteen-letters",
        names: (false, false),
        ..TEXT
    },
];

/// An endpoint that was added, as the vendor knows it.
#[derive(Clone)]
pub(super) struct Added {
    pub(super) endpoint: Endpoint,
    pub(super) provider: Provider,
    pub(super) public_url: String,
    pub(super) path: String,
}

impl Added {
    pub(super) fn request(&self, (name, id, body): (&str, &str, &str), from: &str, at: i64) -> WebhookRequest {
        let scenario = Scenario {
            name: name.to_owned(),
            from: from.to_owned(),
            body: body.to_owned(),
            external_id: id.to_owned(),
            ..Scenario::default()
        };
        let target = Target {
            endpoint: &self.endpoint,
            provider: &self.provider,
            public_url: &self.public_url,
            path: &self.path,
        };
        let now = Timestamp::now().as_second() + at;
        adapter(&self.endpoint.adapter).sample(&scenario, &target, Timestamp::from_second(now).unwrap())
    }
}

pub(super) fn adapter(name: &str) -> &'static dyn Adapter {
    *ALL.iter().find(|adapter| adapter.name() == name).unwrap()
}

pub(super) struct House {
    pub(super) folder: tempfile::TempDir,
    pub(super) location: String,
    pub(super) server: Server,
}

impl House {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = cli(folder.path(), &["location", "add", "--name", "Studio"]);
        Self {
            location: text(&location, "id"),
            server: Server::start(folder.path(), &[]),
            folder,
        }
    }

    /// Adds a provider with an endpoint of its own.
    pub(super) fn add(&self, door: &Door, secret: &str, number: &str, template: Option<&str>) -> Added {
        let written = |name: &str, content: &str| {
            let file = self.folder.path().join(name);
            fs::write(&file, content).unwrap();
            file.to_str().unwrap().to_owned()
        };
        let mut add = vec![
            "provider",
            "add",
            "--location",
            &self.location,
            "--adapter",
            door.adapter,
        ];
        let (secrets, settings) = (
            written("secret", secret),
            written("template", template.unwrap_or_default()),
        );
        for (flag, value, given) in [
            ("--secret-file", secrets.as_str(), !secret.is_empty()),
            ("--template", settings.as_str(), template.is_some()),
            ("--account", door.account, door.names.0),
            ("--number", number, door.names.1),
        ] {
            if given {
                add.extend([flag, value]);
            }
        }
        let added = cli(self.folder.path(), &add);
        let url = text(&added, "webhook_url");
        let (public_url, token) = url.split_once("/in/").unwrap();
        Added {
            endpoint: Endpoint {
                key: EndpointKey(1),
                adapter: door.adapter.to_owned(),
                token: Secret::new(token.rsplit('/').next().unwrap()),
                secrets: vec![Secret::new(secret)],
                unsigned: false,
                template: template.map(str::to_owned),
                created_at: Timestamp::UNIX_EPOCH,
            },
            provider: Provider {
                key: ProviderKey(1),
                id: text(&added, "id"),
                location: LocationKey(1),
                kind: ProviderKind::Sms,
                endpoint: Some(EndpointKey(1)),
                adapter: Some(door.adapter.to_owned()),
                account: door.names.0.then(|| door.account.to_owned()),
                number: door.names.1.then(|| number.to_owned()),
                delivery_url: None,
            },
            public_url: public_url.to_owned(),
            path: format!("/in/{token}"),
        }
    }

    pub(super) fn send(&self, request: &WebhookRequest) -> u16 {
        post(self.server.address, request, request.raw.body.len())
    }

    pub(super) fn stored(&self) -> i64 {
        Engine::number(self.folder.path(), "select count(*) from message")
    }

    /// The verdict on the last request that the journal keeps, and the reason.
    pub(super) fn verdict(&self) -> (String, String) {
        let kept = cli(self.folder.path(), &["request", "list", "--limit", "1"]);
        let last = &kept["requests"][0];
        (text(last, "verdict"), text(last, "reason"))
    }

    /// Whether a request is answered with this status, is in the journal with this verdict, and stores nothing.
    pub(super) fn refuses(&self, request: &WebhookRequest, (status, verdict): (u16, &str), what: &str) {
        let before = self.stored();
        assert_eq!(self.send(request), status, "{what}");
        assert_eq!(self.stored(), before, "{what}: nothing is stored");
        assert_eq!(self.verdict().0, verdict, "{what}: {}", self.verdict().1);
    }
}

pub(super) fn text(value: &Value, key: &str) -> String {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

/// Sends a request whose body says that it has `length` bytes; the status of the answer.
pub(super) fn post(address: SocketAddr, request: &WebhookRequest, length: usize) -> u16 {
    let raw = &request.raw;
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n",
        raw.method, raw.target
    );
    for (name, value) in &raw.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.extend(["content-length: ", &length.to_string(), "\r\n\r\n"]);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(&[head.as_bytes(), &raw.body].concat()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("it answered {line:?}"));
    status.parse().unwrap()
}
