//! The relay: how a destination's upstream is spoken to, what is remembered of it, and the port for that memory. The
//! upstream's own words stay in `inlet-highlevel`; its ids are texts here.

use std::{collections::BTreeMap, fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    address::Identity,
    channel::{Channel, coded},
    directory::StoreFault,
    ids::{ContactKey, DestinationKey, LocationKey, MessageKey},
    secret::Secret,
};

mod ledger;
mod reach;

pub use ledger::{LedgerDay, day};
pub use reach::{Finding, Hindered, NoReach, Reach, Verdict, Warmed};

/// How the upstream behind a destination is spoken to. The destination's address is its base URL.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Upstream {
    /// The upstream's own id of the location.
    pub location: String,
    /// The upstream's id of the provider that messages of a channel come by; its default one where none is said.
    #[serde(default)]
    pub providers: BTreeMap<Channel, String>,
    /// Which of its versions is spoken.
    pub dialect: Dialect,
    /// What becomes of a message of which nobody knows whether it was written.
    pub on_uncertain: OnUncertain,
    /// How often it may be called.
    pub limits: CallLimits,
    /// The key that its webhooks are signed with, where it is not the one that it publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_key: Option<String>,
    /// The agency whose token is exchanged for the location's, where it is not opened by a token of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<Agency>,
}

/// An agency upstream: one token of its opens all of its locations, each by an exchange.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Agency {
    /// The upstream's own id of it.
    pub company: String,
    /// The destination that keeps the agency's token: a refresh token is used once, so it is kept in one place.
    #[serde(flatten)]
    pub keeper: Line,
}

coded! {
    /// A version of the upstream's language.
    Dialect {
        /// The established one, of 2021-04-15.
        Established = 1,
        /// Version 3.
        V3 = 3,
    }
}

coded! {
    /// What becomes of a message whose post was not answered.
    OnUncertain {
        /// The upstream is asked whether it has it, before it is sent again.
        Reconcile = 0,
        /// It is kept for a person to decide.
        Hold = 1,
        /// It is sent again, at the risk of a second one.
        Retry = 2,
    }
}

impl OnUncertain {
    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reconcile => "reconcile",
            Self::Hold => "hold",
            Self::Retry => "retry",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }
}

/// How often an upstream may be called for one location.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CallLimits {
    /// Calls in one interval.
    pub burst: u32,
    /// Milliseconds in an interval.
    pub interval_ms: u32,
    /// Calls in a day.
    pub daily: u32,
}

impl CallLimits {
    /// HighLevel's for an app at a location: 100 in 10 seconds, 200,000 a day.
    pub const STANDARD: Self = Self {
        burst: 100,
        interval_ms: 10_000,
        daily: 200_000,
    };
    /// HighLevel's for a private integration in a sandbox or trial: 25 in 10 seconds, 10,000 a day.
    pub const SANDBOX: Self = Self {
        burst: 25,
        daily: 10_000,
        ..Self::STANDARD
    };

    /// The interval.
    pub fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms.into())
    }
}

coded! {
    /// What an upstream is called for.
    CallKind {
        /// To write a message.
        Post = 1,
        /// To find or make a contact.
        Upsert = 2,
        /// To see whether a message is there.
        ReadBack = 3,
        /// To get a new token.
        Token = 4,
        /// To read contacts in bulk, before the first message.
        Warm = 5,
        /// To see whether all is well.
        Doctor = 6,
    }
}

impl CallKind {
    /// Its name in JSON and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Upsert => "upsert",
            Self::ReadBack => "read_back",
            Self::Token => "token",
            Self::Warm => "warm",
            Self::Doctor => "doctor",
        }
    }
}

/// A destination, with the location it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Line {
    /// The location.
    pub location: LocationKey,
    /// The destination.
    pub destination: DestinationKey,
}

/// A contact as the upstream knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteContact {
    /// The upstream's id of it.
    pub id: String,
    /// The upstream's id of its conversation, once known.
    pub conversation: Option<String>,
}

/// How far a message got.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Posted {
    /// It was on its way when nobody knows what became of it.
    Uncertain {
        /// Since when.
        since: Timestamp,
    },
    /// It is there.
    Sent(RemoteMessage),
}

/// A message as the upstream knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteMessage {
    /// The upstream's id of it.
    pub id: String,
    /// The id of the mail, where it is one.
    pub email: Option<String>,
}

/// What is remembered that a message's sending begins with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// Whom its contact is upstream.
    pub contact: Option<RemoteContact>,
    /// Whether it was posted before.
    pub posted: Option<Posted>,
    /// The upstream's id of the mail it answers.
    pub reply_to: Option<String>,
}

/// Which message's standing is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject<'a> {
    /// The message.
    pub message: MessageKey,
    /// Whose it is.
    pub contact: ContactKey,
    /// What identifies them: where the contact is not known upstream, one of these may be.
    pub identities: &'a [Identity],
    /// The mail it answers.
    pub reply_to: Option<MessageKey>,
}

/// Something to remember.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// Calls that were made on a day: days since 1970, what for, how many.
    Calls(i64, CallKind, u32),
    /// Whom a contact is upstream.
    Contact(ContactKey, RemoteContact),
    /// A contact is not known upstream any more, whatever was remembered.
    Forget(ContactKey),
    /// The same by the upstream's id.
    ForgetRemote(String),
    /// Whom somebody with this identity is upstream.
    Known(Identity, String),
    /// All that somebody is found by upstream, as it says itself: whoever led there by another number or address, or had
    /// one of these before, is asked for again.
    Found(String, Vec<Identity>),
    /// The conversation of a contact upstream, by the upstream's own ids.
    Conversation(String, String),
    /// The upstream told something of itself on a day, and whether it was of a message that was sent from here.
    Heard(i64, bool),
    /// A message is about to be written.
    Posting(MessageKey, ContactKey, Timestamp),
    /// It was refused: it is certainly not there.
    Refused(MessageKey),
    /// It is there.
    Sent(MessageKey, RemoteMessage, Timestamp),
}

/// What opens an upstream: a token, and how to get the next one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The token that calls carry.
    pub access: Secret,
    /// Until when it is valid; for ever, where absent.
    pub expires_at: Option<Timestamp>,
    /// How to get the next one; nobody can, where absent.
    pub renewal: Option<Renewal>,
}

/// What gets the next token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renewal {
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: Secret,
    /// The refresh token; it is used once, and the answer brings the next.
    pub refresh: Secret,
}

/// Remembers what was learned of upstreams.
#[async_trait]
pub trait Memory: fmt::Debug + Send + Sync {
    /// What is known of a message that is to be sent.
    async fn standing(&self, line: Line, subject: Subject<'_>) -> Result<Standing, StoreFault>;
    /// Writes all of it down, or nothing; when this answers, it is on disk.
    async fn note(&self, line: Line, notes: Vec<Note>) -> Result<(), StoreFault>;
    /// Which of these upstream ids of messages are of messages that were sent from here.
    async fn ours(&self, line: Line, remote: Vec<String>) -> Result<Vec<String>, StoreFault>;
    /// What opens it, with the number of the version: one more each time that it is saved.
    async fn grant(&self, line: Line) -> Result<Option<(Grant, i64)>, StoreFault>;
    /// Saves what opens it; when this answers, it is on disk. Nobody is getting the next one then.
    async fn save_grant(&self, line: Line, grant: Grant) -> Result<(), StoreFault>;
    /// Whether the caller may get the next one: nobody else is, up to that moment.
    async fn begin_renewal(&self, line: Line, now: Timestamp, until: Timestamp) -> Result<bool, StoreFault>;
    /// The calls of each day since one, the newest first.
    async fn ledger(&self, line: Line, since: i64) -> Result<Vec<LedgerDay>, StoreFault>;
}

/// A memory that remembers nothing, for tests that have no upstream.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMemory;

#[async_trait]
impl Memory for NoMemory {
    async fn standing(&self, _: Line, _: Subject<'_>) -> Result<Standing, StoreFault> {
        Ok(Standing::default())
    }

    async fn note(&self, _: Line, _: Vec<Note>) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn ours(&self, _: Line, _: Vec<String>) -> Result<Vec<String>, StoreFault> {
        Ok(Vec::new())
    }

    async fn grant(&self, _: Line) -> Result<Option<(Grant, i64)>, StoreFault> {
        Ok(None)
    }

    async fn save_grant(&self, _: Line, _: Grant) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn begin_renewal(&self, _: Line, _: Timestamp, _: Timestamp) -> Result<bool, StoreFault> {
        Ok(false)
    }

    async fn ledger(&self, _: Line, _: i64) -> Result<Vec<LedgerDay>, StoreFault> {
        Ok(Vec::new())
    }
}
