//! Web chat: a widget for pages of one's own. A GET of the address is its script, a POST without a session opens one for the
//! page's origin, and a POST with one brings what a visitor typed.
//!
//! There is no vendor: the script is ours, and so are the rules. The address stands in the page and is no secret; what
//! counts is a session, which only a page of an allowed origin is given. A visitor is who holds a session. They may say
//! what they are called, which is shown; an address or a number that they name is not believed.
//!
//! A POST with a session that names the messages its page `shows` asks for the others of the conversation: what the team
//! answered, and after a reload what the visitor wrote before.
//!
//! The endpoint's template is the widget's settings: see `settings`.

use inlet_core::{
    Timestamp,
    adapter::{
        Adapter, Claim, Item, ItemError, ItemOutcome, Moment, Pace, Rejection, Reply, Scenario, Target, Verified,
        WebhookRequest,
    },
    address::Identity,
    channel::{Channel, Direction},
    inbound::{Detail, Inbound, Person, Strength, Who},
    listening::Listening,
    registry::Endpoint,
    seen::SeenKey,
};
use serde::Deserialize;
use serde_json::json;

use self::{session::Session, settings::Settings};
use crate::{
    credentials::only,
    reply,
    said::{LONGEST_ID, digest, problem},
    specimen::{headers, id_of, post, secret},
};

mod answers;
mod session;
mod settings;

/// What runs in the page. `__SETTINGS__` is what the settings say of its looks.
const SCRIPT: &str = include_str!("web_chat/widget.js");
/// Sessions that an endpoint opens a minute.
const SESSIONS: u32 = 120;
/// Messages that a visitor sends a minute.
const MESSAGES: u32 = 20;
/// How often a visitor's pages ask for answers a minute: each of them waits while there is nothing.
const QUESTIONS: u32 = 60;
/// Requests a minute that are none of these, before they are looked at.
const STRAYS: u32 = 120;
/// Characters of a message.
const LONGEST: usize = 4_000;
/// Characters of a visitor's name.
const LONGEST_NAME: usize = 100;

/// Speaks to the widget.
#[derive(Clone, Copy, Debug)]
pub struct WebChat;

/// What the widget posts.
#[derive(Deserialize)]
struct Posted {
    session: Option<String>,
    id: Option<String>,
    text: Option<String>,
    name: Option<String>,
    shows: Option<Vec<String>>,
    #[serde(default)]
    waits: bool,
}

impl Adapter for WebChat {
    fn name(&self) -> &'static str {
        "web-chat"
    }

    fn title(&self) -> &'static str {
        "web chat"
    }

    fn advice(&self) -> &'static str {
        "In each page, before </body>: <script src=\"ADDRESS\" async></script>"
    }

    fn check(&self, endpoint: &Endpoint) -> Result<(), String> {
        if endpoint.unsigned {
            return Err("web chat makes its own secret: leave out --unsigned".to_owned());
        }
        Settings::of(endpoint).map(|_| ())
    }

    fn channels(&self) -> &'static [Channel] {
        &[Channel::LiveChat, Channel::WebChat]
    }

    fn makes_secret(&self) -> bool {
        true
    }

    fn serves_pages(&self) -> bool {
        true
    }

    fn pace(&self, request: &WebhookRequest, endpoint: &Endpoint) -> Option<Pace> {
        if request.raw.method == "GET" {
            return None;
        }
        let posted = posted(request).map(|posted| (posted.session, posted.shows.is_some()));
        let (sender, most) = match posted {
            Some((None, _)) => ("open".to_owned(), SESSIONS),
            Some((Some(session), asks)) => match Session::read(&session, &endpoint.secrets) {
                Some(session) if asks => (format!("{} asks", session.visitor()), QUESTIONS),
                Some(session) => (session.visitor(), MESSAGES),
                None => ("stray".to_owned(), STRAYS),
            },
            None => ("stray".to_owned(), STRAYS),
        };
        Some(Pace { sender, most })
    }

    fn handshake(&self, request: &WebhookRequest, endpoint: &Endpoint, at: &Moment<'_>) -> Option<Reply> {
        let settings = Settings::of(endpoint).ok()?;
        if request.raw.method == "GET" {
            return Some(Reply {
                status: 200,
                content_type: Some("text/javascript; charset=utf-8"),
                body: SCRIPT.replace("__SETTINGS__", &settings.looks()),
            });
        }
        if posted(request)?.session.is_some() {
            return None;
        }
        if let Err(rejection) = from_allowed(request, &settings) {
            return Some(self.reject(&rejection));
        }
        let session = Session::open(at);
        Some(Reply {
            status: 200,
            content_type: Some("application/json"),
            body: json!({ "session": session.signed(endpoint.secrets.first()?) }).to_string(),
        })
    }

    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, now: Timestamp) -> Result<Strength, Rejection> {
        visitor(request, endpoint, now).map(|_| Strength::Session)
    }

    fn parse(&self, verified: &Verified<'_>, endpoint: &Endpoint) -> Vec<Result<Item, ItemError>> {
        vec![read(verified, endpoint)]
    }

    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply {
        reply::or_stop(outcomes, 400)
    }

    fn listening(&self) -> Option<&'static dyn Listening> {
        Some(&answers::Answers)
    }

    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
        let secret = secret(scenario, at);
        let settings = Settings::of(at.endpoint).unwrap_or_default();
        let origin = settings.origins.first().map_or("", String::as_str);
        let body = json!({
            "session": Session::of(&scenario.from, now).signed(&secret),
            "id": id_of(scenario, now, ToOwned::to_owned),
            "name": scenario.from,
            "text": scenario.body,
        });
        post(
            at,
            headers(&[("content-type", "text/plain;charset=UTF-8"), ("origin", origin)]),
            body.to_string().into_bytes(),
        )
    }
}

fn posted(request: &WebhookRequest) -> Option<Posted> {
    serde_json::from_slice(&request.raw.body).ok()
}

/// Whose session a request of an allowed page has, and what it says.
fn visitor(request: &WebhookRequest, endpoint: &Endpoint, now: Timestamp) -> Result<(String, Posted), Rejection> {
    let settings = Settings::of(endpoint).map_err(Rejection::NotOurs)?;
    from_allowed(request, &settings)?;
    let posted =
        posted(request).ok_or_else(|| Rejection::NotOurs("it is not what the chat widget posts".to_owned()))?;
    let session = posted.session.as_deref().unwrap_or_default();
    let session = Session::read(session, &endpoint.secrets).filter(|session| session.is_open(now));
    let session = session.ok_or_else(|| {
        Rejection::Forged("its session is not one of this widget, or too old: open another".to_owned())
    })?;
    Ok((session.visitor(), posted))
}

/// Whether a page of an allowed origin sends it. A browser says so itself, and no script can make it say another.
fn from_allowed(request: &WebhookRequest, settings: &Settings) -> Result<(), Rejection> {
    let origin = only(request, "origin")?;
    let origin = origin.ok_or_else(|| Rejection::Missing("it has no Origin header, which browsers send".to_owned()))?;
    if settings.allows(origin) {
        return Ok(());
    }
    let sentence = "its page is not of an origin that the widget's settings name: add it to origins";
    Err(Rejection::Forged(sentence.to_owned()))
}

/// How the ids of a visitor's messages begin.
fn own(visitor: &str) -> String {
    format!("{visitor}:")
}

fn read(verified: &Verified<'_>, endpoint: &Endpoint) -> Result<Item, ItemError> {
    let settings = Settings::of(endpoint).map_err(problem)?;
    let posted = posted(verified.request).ok_or_else(|| problem("it is not what the chat widget posts"))?;
    let session = posted.session.unwrap_or_default();
    let session = Session::read(&session, &endpoint.secrets);
    let visitor = session.ok_or_else(|| problem("its session cannot be read"))?.visitor();
    let text = posted.text.unwrap_or_default();
    if text.trim().is_empty() || text.chars().count() > LONGEST {
        return Err(problem(format!("write 1 to {LONGEST} characters")));
    }
    let id = posted.id.filter(|id| !id.is_empty() && id.len() <= LONGEST_ID / 2);
    let id = id.ok_or_else(|| problem("it has no id of its own"))?;
    let name = posted
        .name
        .map(|name| name.trim().chars().take(LONGEST_NAME).collect::<String>());
    let widget = Settings::widget(endpoint);
    Ok(Item {
        to: Claim::default(),
        // Another visitor's id is another message.
        key: SeenKey::message(format!("{}{id}", own(&visitor))),
        replay: None,
        fingerprint: digest([visitor.as_str(), text.as_str()]),
        inbound: Inbound {
            channel: settings.channel.channel(),
            direction: Direction::Inbound,
            who: Who::Person(Person {
                identities: vec![Identity::page(&widget, &visitor)],
                name: name.filter(|name| !name.is_empty()),
            }),
            body: Some(text),
            occurred_at: None,
            detail: Detail {
                chat_widget: Some(widget),
                verified: Some(verified.strength),
                ..Detail::default()
            },
            files: Vec::new(),
            answers: Vec::new(),
        },
    })
}
