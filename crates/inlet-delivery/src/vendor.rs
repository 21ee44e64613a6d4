//! A vendor's own API: it is handed each message to send, once.
//!
//! No such API knows a repeat. So that a message is on its way is on disk before the call; who finds it so later does not
//! call again, but waits for the vendor's word on it, and without one says that nobody knows.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, header};
use inlet_core::{
    Timestamp,
    adapter::Adapter,
    change::{Change, What},
    channel::MessageStatus,
    clock::{Clock, later},
    courier::{Courier, Credentials, Letter, Parcel, Taken},
    delivery::{Attempt, Delivery, Destination, Outcome},
    directory::{Directory, StoreFault},
    ids::IdCodec,
    inbox::Inbox,
    intake::{Intake, Refusal},
    links::MediaLinks,
    message::Message,
    registry::{self, Endpoint, Provider, Registry},
    relay::{Line, Memory, Note, Posted, RemoteMessage, Subject},
};
use inlet_highlevel::read::Reader;

use crate::{
    classify::{BLOCKED, retry_after},
    client::{Answer, Client, End, Failure, Limits, Request},
    fetch,
};

/// For how long a word of the vendor is waited for where its answer got lost.
const PATIENCE: Duration = Duration::from_mins(1);
/// A failure of any kind: the whole schedule.
const AGAIN: Outcome = Outcome::Retry {
    after: None,
    park: false,
    cap: None,
};

/// What a sender by vendors is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Says whose credentials open an API.
    pub directory: Arc<dyn Directory>,
    /// The vendors that are spoken.
    pub adapters: &'static [&'static dyn Adapter],
    /// Reads messages.
    pub inbox: Arc<dyn Inbox>,
    /// Records what became of them.
    pub intake: Arc<dyn Intake>,
    /// Remembers which are on their way.
    pub memory: Arc<dyn Memory>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes our own ids.
    pub ids: IdCodec,
    /// Makes links to kept files.
    pub links: MediaLinks,
    /// Makes the calls.
    pub client: Client,
    /// How long an answer may take, and how much of it is read.
    pub limits: Limits,
    /// The address the world knows, where one is set: vendors tell there what becomes of a message.
    pub public_url: Option<String>,
}

/// Has vendors send messages.
#[derive(Clone, Debug)]
pub struct Vendors(Parts);

/// One message on its way.
struct Journey<'a> {
    parts: &'a Parts,
    line: Line,
    attempt: Attempt,
    message: Message,
}

/// A provider with all that sending by its vendor takes.
struct Place<'a> {
    registry: &'a Registry,
    destination: &'a registry::Destination,
    provider: Provider,
    endpoint: &'a Endpoint,
    courier: &'static dyn Courier,
    credentials: Credentials,
}

impl Vendors {
    /// A sender.
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    fn place<'a>(&self, registry: &'a Registry, delivery: &Delivery) -> Option<Place<'a>> {
        let destination = registry.destination(delivery.destination)?;
        let provider = registry.provider(destination.location, destination.vendor?)?;
        let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key))?;
        let mut adapters = self.0.adapters.iter();
        let adapter = adapters.find(|adapter| adapter.name() == endpoint.adapter)?;
        Some(Place {
            registry,
            destination,
            endpoint,
            courier: adapter.courier()?,
            credentials: Credentials::open(&destination.secret)?,
            provider,
        })
    }
}

#[async_trait]
impl Destination for Vendors {
    async fn send(&self, delivery: &Delivery) -> (Attempt, Outcome) {
        let parts = &self.0;
        let begun = parts.clock.monotonic();
        let mut attempt = Attempt::begun(parts.clock.now());
        let registry = parts.directory.registry();
        let Some(place) = self.place(&registry, delivery) else {
            attempt.error = Some("not sent: its provider or the credentials are no longer there".to_owned());
            let reason = "destination_gone";
            return (attempt, Outcome::Dead { reason });
        };
        let found = match delivery.message {
            Some(message) => parts.inbox.message(delivery.location, message).await,
            None => Ok(None),
        };
        let message = match found {
            Ok(Some(message)) => message,
            Ok(None) => {
                attempt.error = Some("not sent: the message is no longer there".to_owned());
                let reason = "message_gone";
                return (attempt, Outcome::Dead { reason });
            }
            Err(fault) => {
                attempt.error = Some(fault.to_string());
                return (attempt, AGAIN);
            }
        };
        let mut journey = Journey {
            parts,
            line: Line {
                location: delivery.location,
                destination: delivery.destination,
            },
            attempt,
            message,
        };
        let outcome = journey.go(&place).await.unwrap_or_else(|outcome| outcome);
        journey.attempt.took = parts.clock.monotonic().saturating_sub(begun);
        (journey.attempt, outcome)
    }

    /// A message that nobody sends any more does not stay on its way.
    async fn given_up(&self, delivery: &Delivery, last: &Attempt) -> Result<(), StoreFault> {
        let Some(key) = delivery.message else { return Ok(()) };
        let found = self.0.inbox.message(delivery.location, key).await?;
        let is_on_its_way =
            |message: &Message| matches!(message.status, MessageStatus::Pending | MessageStatus::Scheduled);
        let Some(message) = found.filter(is_on_its_way) else {
            return Ok(());
        };
        let why = last.error.as_deref().unwrap_or("its vendor did not take it");
        self.0
            .tell(&message, MessageStatus::Failed, Some(format!("given up: {why}")))
            .await
    }
}

impl Parts {
    /// Records what became of a message, unless something later is known of it.
    async fn tell(&self, message: &Message, status: MessageStatus, error: Option<String>) -> Result<(), StoreFault> {
        let what = What::Status {
            message: message.key,
            status,
            error,
        };
        let change = Change::later((message.location, message.provider), what);
        match self.intake.submit(vec![change]).await.pop() {
            Some(Ok(_) | Err(Refusal::Stale)) => Ok(()),
            Some(Err(refusal)) => Err(StoreFault::Unavailable(refusal.to_string())),
            None => Err(StoreFault::Unavailable("the store gave no answer".to_owned())),
        }
    }
}

/// An `Err` is the outcome that ends a step early.
impl Journey<'_> {
    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    async fn go(&mut self, place: &Place<'_>) -> Result<Outcome, Outcome> {
        match self.message.status {
            MessageStatus::Pending | MessageStatus::Scheduled => {}
            // Its own word tells that the vendor has it.
            MessageStatus::Queued | MessageStatus::Sent | MessageStatus::Delivered | MessageStatus::Read => {
                return Ok(Outcome::Delivered);
            }
            MessageStatus::Undelivered | MessageStatus::Failed => {
                return Ok(self.dead("failed_before", "not sent: it failed before, so write it anew"));
            }
        }
        match self.posted().await? {
            None => {}
            Some(Posted::Sent(_)) => return self.taken().await,
            Some(Posted::Uncertain { since }) => return self.uncertain(since).await,
        }
        let letter = self.letter(place);
        let letter = match letter {
            Ok(letter) => letter,
            Err(why) => return self.never(&why).await,
        };
        self.note(Note::Posting(self.message.key, self.message.contact, self.now()))
            .await?;
        match self.post(&letter).await {
            Ok(answer) => self.answered(place, answer).await,
            Err(failure) => self.unanswered(&failure).await,
        }
    }

    /// Whether it was on its way before.
    async fn posted(&mut self) -> Result<Option<Posted>, Outcome> {
        let subject = Subject {
            message: self.message.key,
            contact: self.message.contact,
            identities: &[],
            reply_to: None,
        };
        let standing = self.parts.memory.standing(self.line, subject).await;
        standing
            .map(|standing| standing.posted)
            .map_err(|fault| self.again(fault.to_string()))
    }

    fn letter(&self, place: &Place<'_>) -> Result<Letter, String> {
        let location = place.registry.location(self.message.location);
        let reader = Reader {
            location: location.ok_or("its location is no longer there")?,
            registry: place.registry,
            ids: &self.parts.ids,
            links: &self.parts.links,
        };
        let files = reader.attachments(&self.message);
        let id = self.parts.ids.message(self.message.key);
        let token = place.endpoint.token.expose_text().unwrap_or_default();
        let adapter = &place.endpoint.adapter;
        let public = self.parts.public_url.as_ref();
        let tell = public.map(|url| format!("{url}/in/{adapter}/{token}/status/{id}"));
        place.courier.letter(&Parcel {
            provider: &place.provider,
            credentials: &place.credentials,
            base: place.destination.url.trim_end_matches('/'),
            message: &self.message,
            files: &files,
            tell: tell.as_deref(),
        })
    }

    async fn post(&self, letter: &Letter) -> Result<Answer, Failure> {
        let mut headers = fetch::credentials(&letter.to).unwrap_or_default();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(letter.content_type));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let request = Request {
            method: Method::POST,
            url: &letter.to.url,
            headers,
            body: Bytes::copy_from_slice(&letter.body),
        };
        self.parts.client.send(request, &self.parts.limits).await
    }

    async fn answered(&mut self, place: &Place<'_>, answer: Answer) -> Result<Outcome, Outcome> {
        self.attempt.status = Some(answer.status);
        self.attempt.response = Some(String::from_utf8_lossy(&answer.body).into_owned());
        let taken = match answer.end {
            End::Whole => place.courier.answer(answer.status, &answer.body),
            End::Long | End::Late | End::Broken => Taken::Unknown,
        };
        match taken {
            Taken::Yes(id) => {
                let remote = RemoteMessage { id, email: None };
                self.note(Note::Sent(self.message.key, remote, self.now())).await?;
                self.taken().await
            }
            Taken::Never(why) => {
                self.note(Note::Refused(self.message.key)).await?;
                self.never(&why).await
            }
            Taken::NotYet(why) => {
                self.note(Note::Refused(self.message.key)).await?;
                Err(self.again(why))
            }
            Taken::Busy => {
                self.note(Note::Refused(self.message.key)).await?;
                self.attempt.error = Some("it has too much to do: it is asked again later".to_owned());
                Ok(Outcome::Retry {
                    after: retry_after(&answer.headers, self.now()),
                    park: true,
                    cap: None,
                })
            }
            Taken::Unknown => Ok(self.wait("its answer does not say whether it has the message", self.now())),
        }
    }

    async fn unanswered(&mut self, failure: &Failure) -> Result<Outcome, Outcome> {
        match failure {
            Failure::Late | Failure::Lost => Ok(self.wait(&failure.to_string(), self.now())),
            Failure::Blocked(_) => {
                self.note(Note::Refused(self.message.key)).await?;
                self.tell(MessageStatus::Failed, Some(failure.to_string())).await?;
                Ok(self.dead(BLOCKED, &failure.to_string()))
            }
            Failure::Unresolved | Failure::Unreachable | Failure::Tls(_) => {
                self.note(Note::Refused(self.message.key)).await?;
                Err(self.again(failure.to_string()))
            }
        }
    }

    /// It has the message: how it stands is its own to say, where the world can reach us.
    async fn taken(&mut self) -> Result<Outcome, Outcome> {
        let status = match self.parts.public_url {
            Some(_) => MessageStatus::Queued,
            None => MessageStatus::Sent,
        };
        self.tell(status, None).await?;
        Ok(Outcome::Delivered)
    }

    /// It will never send it.
    async fn never(&mut self, why: &str) -> Result<Outcome, Outcome> {
        self.tell(MessageStatus::Failed, Some(why.to_owned())).await?;
        Ok(self.dead("refused", why))
    }

    /// It was on its way, and no word came that it arrived.
    async fn uncertain(&mut self, since: Timestamp) -> Result<Outcome, Outcome> {
        if self.now() < later(since, PATIENCE) {
            return Ok(self.wait("it was on its way when the answer got lost", since));
        }
        let why = "no answer came, so nobody knows whether it was sent: look at the vendor before you write it again";
        self.tell(MessageStatus::Failed, Some(why.to_owned())).await?;
        Ok(self.dead("uncertain", why))
    }

    /// Waits for the vendor's own word.
    fn wait(&mut self, why: &str, since: Timestamp) -> Outcome {
        self.attempt.error = Some(why.to_owned());
        Outcome::Later {
            at: later(since, PATIENCE),
            park: false,
        }
    }

    async fn tell(&mut self, status: MessageStatus, error: Option<String>) -> Result<(), Outcome> {
        let told = self.parts.tell(&self.message, status, error).await;
        told.map_err(|fault| self.again(fault.to_string()))
    }

    async fn note(&mut self, note: Note) -> Result<(), Outcome> {
        let noted = self.parts.memory.note(self.line, vec![note]).await;
        noted.map_err(|fault| self.again(fault.to_string()))
    }

    fn again(&mut self, why: String) -> Outcome {
        self.attempt.error = Some(why);
        AGAIN
    }

    fn dead(&mut self, reason: &'static str, why: &str) -> Outcome {
        self.attempt.error = Some(why.to_owned());
        Outcome::Dead { reason }
    }
}
