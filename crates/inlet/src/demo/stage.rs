//! What the demo's script plays on: a location with a token, a number at each of a few vendors, and a destination; and the
//! moves it makes.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use inlet_core::{
    adapter::{Scenario, Target, Verified, WebhookRequest},
    ids::{IdKind, LocationKey, MessageKey},
    inbound::{MediaState, Strength},
    message::Message,
    registry::{Endpoint, Provider},
};
use inlet_delivery::loopback::{self, Reply};
use inlet_http::{live::News, state::Shared};
use serde_json::{Value, json};
use tokio::{sync::broadcast, time::timeout};

use super::receiver::Receiver;
use crate::{
    cli::{Trouble, in_process},
    node::Node,
};

/// One of the demo's vendors, with what `inlet provider add` is told of it: nobody's.
struct Vendor {
    adapter: &'static str,
    account: Option<&'static str>,
    number: Option<&'static str>,
    secret: Option<&'static str>,
    template: Option<&'static str>,
}

const fn vendor(adapter: &'static str, number: Option<&'static str>, secret: Option<&'static str>) -> Vendor {
    Vendor {
        adapter,
        account: None,
        number,
        secret,
        template: None,
    }
}

const VENDORS: [Vendor; 7] = [
    Vendor {
        account: Some("AC00000000000000000000000000000000"),
        ..vendor("twilio", Some("+14155550100"), Some("demo-auth-token"))
    },
    vendor("twilio-voice", Some("+14155550100"), Some("demo-auth-token")),
    Vendor {
        account: Some("304497"),
        ..vendor("clicksend", Some("+61477485926"), None)
    },
    vendor(
        "custom",
        None,
        Some("whsec_bm9ib2R5J3Mga2V5LCBmb3IgdGhlIGRlbW8gb25seQ=="),
    ),
    vendor("meta", Some("+14155550101"), Some("demo-app-secret")),
    vendor("mailgun", Some("desk@harbourdental.example"), Some("demo-signing-key")),
    Vendor {
        template: Some("origins = [\"https://harbourdental.example\"]"),
        ..vendor("web-chat", None, None)
    },
];

/// How long a picture may take to be fetched.
const PATIENCE: Duration = Duration::from_secs(10);

/// One step as it is told.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// What arrived.
    pub what: String,
    /// How long the answer took: what is answered is on disk.
    pub on_disk: Duration,
    /// The message.
    pub message: Option<String>,
    /// The conversation.
    pub conversation: Option<String>,
    /// The message's place in the conversation.
    pub seq: i64,
    /// How long after its arrival the webhook was with the receiver.
    pub webhook: Option<Duration>,
    /// What there is to say beside that.
    pub note: String,
    /// What did not go as it should.
    pub failure: Option<String>,
}

/// See the module.
pub(super) struct Stage {
    pub(super) receiver: Receiver,
    pub(super) lines: Vec<Line>,
    shared: Shared,
    address: SocketAddr,
    token: String,
    location: LocationKey,
    doors: Vec<Door>,
    news: broadcast::Receiver<News>,
}

/// Where a vendor's webhooks go.
struct Door {
    endpoint: Endpoint,
    provider: Provider,
    path: String,
}

/// What the server said to a move, and how soon.
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) json: Value,
    pub(super) body: String,
    began: Duration,
    took: Duration,
}

impl Stage {
    /// Sets the stage in a fresh store.
    pub(super) async fn set(node: &Node, address: SocketAddr, receiver: Receiver) -> Result<Self, Trouble> {
        let add = async |path: &str, body: Value| in_process(node.admin(), "POST", path, Some(&body)).await;
        let location = text(
            &add("/locations", json!({ "name": "Harbour Dental", "country": "US" })).await?,
            "id",
        );
        let token = text(&add("/tokens", json!({ "location": location })).await?, "token");
        add(
            "/destinations",
            json!({ "location": location, "url": format!("{}/hook", receiver.base) }),
        )
        .await?;
        let mut doors = Vec::new();
        for vendor in VENDORS {
            doors.push(open_door(node, &location, &vendor).await?);
        }
        let shared = Arc::clone(&node.shared);
        let location = shared
            .directory
            .registry()
            .location_by_id(&location)
            .ok_or_else(missing)?
            .key;
        Ok(Self {
            receiver,
            lines: Vec::new(),
            news: shared.live.listen(),
            shared,
            address,
            token,
            location,
            doors,
        })
    }

    /// A request as the vendor signs it.
    pub(super) fn sample(&self, adapter: &str, scenario: &Scenario) -> Result<WebhookRequest, Trouble> {
        let door = self
            .doors
            .iter()
            .find(|door| door.endpoint.adapter == adapter)
            .ok_or_else(missing)?;
        let target = Target {
            endpoint: &door.endpoint,
            provider: &door.provider,
            public_url: &self.shared.settings.public_url,
            path: &door.path,
        };
        let adapter = self.shared.adapter(adapter).ok_or_else(missing)?;
        Ok(adapter.sample(scenario, &target, self.shared.clock.now()))
    }

    /// The vendor's own id of what a sample says.
    pub(super) fn id_in(&self, adapter: &str, request: &WebhookRequest) -> Result<String, Trouble> {
        let door = self.doors.iter().find(|door| door.endpoint.adapter == adapter);
        let (door, adapter) = door.zip(self.shared.adapter(adapter)).ok_or_else(missing)?;
        let verified = Verified {
            request,
            strength: Strength::Unsigned,
        };
        let items = adapter.parse(&verified, &door.endpoint);
        items
            .into_iter()
            .flatten()
            .next()
            .map(|item| item.key.id)
            .ok_or_else(missing)
    }

    /// Sends a vendor's request.
    pub(super) async fn webhook(&self, request: WebhookRequest) -> Result<Said, Trouble> {
        let raw = request.raw;
        self.send(&raw.method, &raw.target, &raw.headers, raw.body).await
    }

    /// Calls HighLevel's API.
    pub(super) async fn api(&self, method: &str, path: &str, body: &Value) -> Result<Said, Trouble> {
        let headers = [
            ("authorization".to_owned(), format!("Bearer {}", self.token)),
            ("version".to_owned(), "2021-04-15".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ];
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        self.send(method, path, &headers, body).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Result<Said, Trouble> {
        let began = self.shared.clock.monotonic();
        let url = format!("http://{}{path}", self.address);
        let reply = loopback::send(method, &url, headers, body).await;
        let Reply { status, body, .. } = reply.map_err(|error| Trouble::new(error.to_string()))?;
        let took = self.shared.clock.monotonic().saturating_sub(began);
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Said {
            status,
            json,
            body: String::from_utf8_lossy(&body).into_owned(),
            began,
            took,
        })
    }

    /// Tells a step and keeps it.
    pub(super) fn say(
        &mut self,
        line: Line,
        tell: &mut dyn FnMut(&Line) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        tell(&line)?;
        self.lines.push(line);
        Ok(())
    }

    /// The location that all of it happens at.
    pub(super) fn location(&self) -> LocationKey {
        self.location
    }

    /// The outside id of a message's contact.
    pub(super) fn contact(&self, message: &Message) -> String {
        self.shared.ids.contact(message.contact)
    }

    /// The outside id of a message's conversation.
    pub(super) fn conversation(&self, message: &Message) -> String {
        self.shared.ids.conversation(message.contact)
    }

    /// The message that an answer of the API names.
    pub(super) fn named(&self, said: &Said) -> Option<MessageKey> {
        self.shared
            .ids
            .decode(IdKind::Message, &text(&said.json, "messageId"))
            .map(MessageKey)
    }

    /// The message under the vendor's own id.
    pub(super) async fn under(&self, external_id: &str) -> Result<Option<MessageKey>, Trouble> {
        let found = self.shared.inbox.by_external_id(self.location, external_id).await;
        Ok(found
            .map_err(|error| Trouble::new(error.to_string()))?
            .first()
            .map(|message| message.key))
    }

    /// A message as it is stored now.
    pub(super) async fn stored(&self, key: MessageKey) -> Result<Message, Trouble> {
        let found = self.shared.inbox.message(self.location, key).await;
        found
            .map_err(|error| Trouble::new(error.to_string()))?
            .ok_or_else(missing)
    }

    /// Tells of a message that was stored, once its webhook has come.
    pub(super) async fn tell_stored(&self, what: &str, said: &Said, key: Option<MessageKey>) -> Result<Line, Trouble> {
        let mut line = Line {
            what: what.to_owned(),
            on_disk: said.took,
            ..Line::default()
        };
        let Some(key) = key.filter(|_| (200..300).contains(&said.status)) else {
            line.failure = Some(format!(
                "it was answered {} and is not stored: {}",
                said.status, said.body
            ));
            return Ok(line);
        };
        let message = self.stored(key).await?;
        let id = self.shared.ids.message(key);
        line.seq = message.seq;
        line.conversation = Some(self.shared.ids.conversation(message.contact));
        match self.receiver.webhook(&id).await {
            Some(came) if came.verified && came.times == 1 => {
                line.webhook = Some(self.shared.clock.monotonic().saturating_sub(said.began));
            }
            Some(came) => {
                line.failure = Some(format!(
                    "its webhook came {} times, verified: {}",
                    came.times, came.verified
                ));
            }
            None => line.failure = Some("no webhook came".to_owned()),
        }
        line.message = Some(id);
        Ok(line)
    }

    /// Waits until a file of a message has been fetched; answers its size.
    pub(super) async fn fetched(&mut self, key: MessageKey) -> Result<u64, Trouble> {
        loop {
            let message = self.stored(key).await?;
            match message.detail.attachments.first().map(|file| &file.state) {
                Some(MediaState::Kept { size, .. }) => return Ok(*size),
                Some(MediaState::Pending) => {}
                other => return Err(Trouble::new(format!("the file was not kept: {other:?}"))),
            }
            let next = timeout(PATIENCE, self.news.recv()).await;
            next.map_err(|_| Trouble::new("the file was not fetched in time".to_owned()))?
                .ok();
        }
    }
}

impl Line {
    /// The step as JSON.
    pub fn json(&self) -> Value {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        json!({
            "what": self.what,
            "on_disk_ms": millis(self.on_disk),
            "message_id": self.message,
            "conversation_id": self.conversation,
            "sequence": self.seq,
            "webhook_ms": self.webhook.map(millis),
            "note": self.note,
            "failure": self.failure,
        })
    }
}

impl Said {
    /// How long the answer took.
    pub(super) fn took(&self) -> Duration {
        self.took
    }
}

/// Adds a provider at a vendor.
async fn open_door(node: &Node, location: &str, vendor: &Vendor) -> Result<Door, Trouble> {
    let provider = json!({
        "location": location, "adapter": vendor.adapter, "account": vendor.account, "number": vendor.number,
        "secret": vendor.secret, "template": vendor.template,
    });
    let added = in_process(node.admin(), "POST", "/providers", Some(&provider)).await?;
    let registry = node.shared.directory.registry();
    let location = registry.location_by_id(location).ok_or_else(missing)?.key;
    let provider = registry
        .provider_by_id(location, &text(&added, "id"))
        .ok_or_else(missing)?;
    let endpoint = provider
        .endpoint
        .and_then(|key| registry.endpoint(key))
        .ok_or_else(missing)?
        .clone();
    let url = text(&added, "webhook_url");
    let path = url
        .strip_prefix(&node.shared.settings.public_url)
        .unwrap_or(&url)
        .to_owned();
    Ok(Door {
        endpoint,
        provider,
        path,
    })
}

pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn missing() -> Trouble {
    Trouble::new("the demo's own store does not have what was just put there".to_owned())
}
