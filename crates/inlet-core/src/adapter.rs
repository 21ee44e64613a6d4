//! The port for vendors: how a webhook is verified, understood and answered. Pure and synchronous, a unit struct a vendor.

use std::fmt;

use jiff::Timestamp;

use crate::{
    chance::Chance,
    channel::Channel,
    courier::Courier,
    inbound::{Inbound, Strength},
    intake::{Receipt, Refusal},
    journal::RawRequest,
    listening::Listening,
    listing::Lister,
    registry::{Endpoint, Provider},
    seen::SeenKey,
};

/// Speaks one vendor's language.
pub trait Adapter: fmt::Debug + Send + Sync {
    /// Its name in URLs, on the command line and in the store.
    fn name(&self) -> &'static str;
    /// What it is called in sentences.
    fn title(&self) -> &'static str;
    /// What to do with a webhook's address at the vendor, in a sentence for whoever adds a provider.
    fn advice(&self) -> &'static str {
        ""
    }
    /// Whether the vendor proves that a request is its own. Where it does not, the secret address is the only proof, and
    /// an endpoint needs no secret.
    fn proves_origin(&self) -> bool {
        true
    }
    /// Whether an endpoint can work: a sentence says what of its secrets or its template is wrong.
    fn check(&self, endpoint: &Endpoint) -> Result<(), String> {
        without_template(self.title(), endpoint)
    }
    /// The channels its messages come by; what a provider of it fits unless its owner says otherwise.
    fn channels(&self) -> &'static [Channel];
    /// Bytes that a request of it may have, where that is more than others may send: mails bring their files along.
    fn largest_body(&self) -> usize {
        0
    }
    /// Who the request says it is for, before anything is believed: only to select candidate keys where the path does not.
    fn claims(&self, _request: &WebhookRequest) -> Option<Claim> {
        // At an address with a token in it, nothing has to select keys.
        None
    }
    /// The answer to a request that brings no message, if it is one: the vendor checks that someone is here, or a page asks
    /// for what it needs to begin.
    fn handshake(&self, _request: &WebhookRequest, _endpoint: &Endpoint, _at: &Moment<'_>) -> Option<Reply> {
        None
    }
    /// Whether its secret is ours to make: nobody else has to know it.
    fn makes_secret(&self) -> bool {
        false
    }
    /// Whether scripts of other sites' pages call it and read its answers.
    fn serves_pages(&self) -> bool {
        false
    }
    /// Whose request this is and how many a minute they may send, where anybody can send some.
    fn pace(&self, _request: &WebhookRequest, _endpoint: &Endpoint) -> Option<Pace> {
        None
    }
    /// How strongly the request proves, over its raw bytes, that it is the vendor's.
    fn prove(&self, request: &WebhookRequest, endpoint: &Endpoint, now: Timestamp) -> Result<Strength, Rejection>;
    /// The request as one that can be parsed: its origin is proved, or nothing is asked of it at this endpoint.
    fn verify<'r>(
        &self,
        request: &'r WebhookRequest,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Result<Verified<'r>, Rejection> {
        let strength = if endpoint.unsigned {
            Strength::Unsigned
        } else {
            self.prove(request, endpoint, now)?
        };
        Ok(Verified { request, strength })
    }
    /// What a verified request says, item by item; one bad item does not lose the others.
    fn parse(&self, verified: &Verified<'_>, endpoint: &Endpoint) -> Vec<Result<Item, ItemError>>;
    /// What this vendor wants to hear.
    fn reply(&self, outcomes: &[ItemOutcome]) -> Reply;
    /// What this vendor must hear so that it comes again, or goes away, after a rejection.
    fn reject(&self, rejection: &Rejection) -> Reply {
        rejection.reply()
    }
    /// The names of what [`Adapter::sample`] makes beside the plainest message.
    fn scenarios(&self) -> &'static [&'static str] {
        &[]
    }
    /// A request as the vendor would send and sign it.
    fn sample(&self, scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest;
    /// How a file of a message is fetched: the URL as it is, and the credentials for its host.
    fn media(&self, _url: &str, _endpoint: &Endpoint, _provider: &Provider) -> Option<Fetch> {
        None
    }
    /// Who lists what the vendor kept of its messages, where it does.
    fn lister(&self) -> Option<&'static dyn Lister> {
        None
    }
    /// Who tells pages what is answered, where its messages come from pages: then it needs nobody else to send that.
    fn listening(&self) -> Option<&'static dyn Listening> {
        None
    }
    /// Who has the vendor send messages, where it has an API for that.
    fn courier(&self) -> Option<&'static dyn Courier> {
        None
    }
    /// Where a file really is, if what was answered from `url` only names its address.
    fn media_leads(&self, _url: &str, _answer: &[u8]) -> Option<String> {
        None
    }
}

/// Whether an endpoint leaves it to the vendor's own form how its requests are read.
pub fn without_template(title: &str, endpoint: &Endpoint) -> Result<(), String> {
    match endpoint.template {
        None => Ok(()),
        Some(_) => Err(format!(
            "{title} has a form of its own: a template goes with --adapter custom"
        )),
    }
}

/// A webhook request as it arrived, with the public URL that the vendor was given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WebhookRequest {
    /// The configured public address, without a path: `https://inbox.example.com`.
    pub public_url: String,
    /// Method, raw target, headers and raw body.
    pub raw: RawRequest,
}

impl WebhookRequest {
    /// The first header of that name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.raw
            .headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The address the vendor called: the configured public one with the raw target, byte for byte.
    pub fn url(&self) -> String {
        format!("{}{}", self.public_url, self.raw.target)
    }
}

/// The time, and chance, for an answer that needs them.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Now.
    pub now: Timestamp,
    /// Where random bytes come from.
    pub chance: &'a dyn Chance,
}

/// How many requests of one sender are taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Who sends them, within their endpoint.
    pub sender: String,
    /// How many a minute.
    pub most: u32,
}

/// Who a request says it is for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Claim {
    /// The vendor's name for the account.
    pub account: Option<String>,
    /// The number or page it was sent to.
    pub number: Option<String>,
}

/// A request whose origin is verified: the only thing that can be parsed.
#[derive(Clone, Debug)]
pub struct Verified<'r> {
    /// The request.
    pub request: &'r WebhookRequest,
    /// How strongly.
    pub strength: Strength,
}

/// One thing a request says, in our words, not yet routed to a provider.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// The account and number it was sent to; the directory maps it to a provider.
    pub to: Claim,
    /// What makes a repeat recognisable: the vendor's own id.
    pub key: SeenKey,
    /// What the vendor signs once only, where its signature does not cover what is said: whatever comes with it again
    /// is a repeat.
    pub replay: Option<SeenKey>,
    /// A digest of what is said.
    pub fingerprint: i64,
    /// What it says.
    pub inbound: Inbound,
}

/// Why one item could not be understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ItemError(pub String);

/// What became of one item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ItemOutcome {
    /// Recorded, now or before.
    Stored(Receipt),
    /// Kept in the journal until its number is somebody's.
    Parked,
    /// Refused by the rule.
    Refused(Refusal),
    /// Not understood.
    Malformed(ItemError),
}

/// Why a request was not believed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    /// What should prove its origin is not there.
    #[error("{0}")]
    Missing(String),
    /// What should prove its origin does not fit.
    #[error("{0}")]
    Forged(String),
    /// It is not what this vendor sends.
    #[error("{0}")]
    NotOurs(String),
    /// It has more bytes than are read, so nobody knows whether it is the vendor's.
    #[error("{0}")]
    TooLarge(String),
}

impl Rejection {
    /// What most vendors hear. Never a 5xx: they would come again with the same.
    pub fn reply(&self) -> Reply {
        let status = match self {
            Self::Missing(_) | Self::NotOurs(_) => 400,
            Self::Forged(_) => 403,
            Self::TooLarge(_) => 413,
        };
        Reply::sentence(status, &self.to_string())
    }
}

/// An answer to a vendor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// The type of its body, where it has one.
    pub content_type: Option<&'static str>,
    /// Its body.
    pub body: String,
}

impl Reply {
    /// An answer with a sentence.
    pub fn sentence(status: u16, text: &str) -> Self {
        Self {
            status,
            content_type: Some("text/plain; charset=utf-8"),
            body: text.to_owned(),
        }
    }
}

/// What a sample should be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scenario {
    /// Its name, such as `mms`; the plainest message where empty.
    pub name: String,
    /// Who it is from.
    pub from: String,
    /// What it says.
    pub body: String,
    /// The vendor's own id for it.
    pub external_id: String,
    /// Files it carries.
    pub media: Vec<String>,
    /// Whether its signature should be wrong.
    pub forge: bool,
}

/// Where a sample is sent.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The endpoint, whose secret signs it.
    pub endpoint: &'a Endpoint,
    /// The provider it is for.
    pub provider: &'a Provider,
    /// The public address, without a path.
    pub public_url: &'a str,
    /// The path, with the endpoint's token.
    pub path: &'a str,
}

/// How something is fetched from a vendor: a file, or a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fetch {
    /// Where it is.
    pub url: String,
    /// `user:password` for this host only, where it asks for them.
    pub basic_auth: Option<(String, crate::secret::Secret)>,
    /// A token for this host only, where it asks for one.
    pub bearer: Option<crate::secret::Secret>,
}
