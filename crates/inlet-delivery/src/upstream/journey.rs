//! The way of one message to an upstream: whether it is there already, whom it is of, what it says, and what the answer
//! means for it.

use std::{collections::BTreeMap, time::Duration};

use http::HeaderMap;
use inlet_core::{
    Timestamp,
    clock::later,
    contact::Contact,
    delivery::{Class, Delivery, Outcome},
    ids::ContactKey,
    message::Message,
    registry::Destination,
    relay::{
        CallKind, CallLimits, Line, Note, OnUncertain, Posted, RemoteContact, RemoteMessage, Standing, Subject,
        Upstream, day,
    },
};
use inlet_highlevel::relay::{
    answer::{Answer, Written, posted, upserted},
    person,
    post::{self, Hindrance, Place},
};

use super::{
    Upstreams,
    call::{Call, Reply},
    governor::Account,
};
use crate::{classify::BLOCKED, client::Failure};

/// How long after a post that was not answered it is looked for: what HighLevel shows lags behind what it has.
pub(super) const SETTLE: Duration = Duration::from_secs(10);
/// When a message that is not complete is looked at again.
const COMPLETE: Duration = Duration::from_secs(5);
/// How often a message is tried that HighLevel answers with 500.
const BROKEN_CAP: u32 = 6;
/// How much of an answer is kept.
const KEPT: usize = 16 << 10;

/// A try that failed for once: the whole schedule.
pub(super) const AGAIN: Outcome = Outcome::Retry {
    after: None,
    park: false,
    cap: None,
};

/// What the attempt log keeps of it.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) status: Option<u16>,
    pub(super) words: Option<String>,
    pub(super) response: Option<String>,
    /// The headers of the last answer.
    pub(super) headers: HeaderMap,
}

/// One message on its way. An `Err` of its steps is the outcome that ends it early.
#[derive(Debug)]
pub(super) struct Journey<'a> {
    pub(super) relay: &'a Upstreams,
    pub(super) destination: &'a Destination,
    pub(super) upstream: &'a Upstream,
    pub(super) account: (Account, CallLimits),
    pub(super) line: Line,
    pub(super) contact: ContactKey,
    pub(super) notes: Vec<Note>,
    pub(super) heard: Heard,
    calls: BTreeMap<CallKind, u32>,
}

impl<'a> Journey<'a> {
    /// A way to this destination, where it is an upstream.
    pub(super) fn new(relay: &'a Upstreams, destination: &'a Destination) -> Option<Self> {
        Some(Self {
            relay,
            destination,
            upstream: destination.upstream.as_deref()?,
            account: Account::of(destination)?,
            line: Line {
                location: destination.location,
                destination: destination.key,
            },
            contact: ContactKey(0),
            notes: Vec::new(),
            heard: Heard::default(),
            calls: BTreeMap::new(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.relay.parts.clock.now()
    }

    pub(super) fn count(&mut self, kind: CallKind) {
        *self.calls.entry(kind).or_default() += 1;
        metrics::counter!("inlet_upstream_calls_total", "kind" => kind.name()).increment(1);
    }

    /// Writes down what was learned so far.
    pub(super) async fn flush(&mut self) -> Result<(), Outcome> {
        let today = day(self.now());
        let calls = std::mem::take(&mut self.calls);
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(calls.into_iter().map(|(kind, count)| Note::Calls(today, kind, count)));
        self.relay.parts.memory.note(self.line, notes).await.map_err(|fault| {
            self.heard.words = Some(fault.to_string());
            AGAIN
        })
    }

    /// Writes down the rest. What could not be written is not known: then the message is looked at again.
    pub(super) async fn put_down(&mut self, outcome: Outcome) -> Outcome {
        match self.flush().await {
            Ok(()) => outcome,
            Err(again) => again,
        }
    }

    /// Goes the whole way.
    pub(super) async fn go(&mut self, delivery: &Delivery) -> Result<Outcome, Outcome> {
        let (message, contact) = self.read(delivery).await?;
        self.contact = contact.key;
        let identities = person::identities(&contact);
        let subject = Subject {
            message: message.key,
            contact: contact.key,
            identities: &identities,
            reply_to: message.detail.email.as_ref().and_then(|mail| mail.reply_to),
        };
        let standing = self.relay.parts.memory.standing(self.line, subject).await;
        let standing = standing.map_err(|fault| self.end(AGAIN, fault.to_string()))?;
        if let Some(outcome) = self.seen_before(&standing, (&message, &contact), delivery).await? {
            return Ok(outcome);
        }
        post::check(&message, self.upstream).map_err(|hindrance| self.hindered(hindrance))?;
        let remote = match &standing.contact {
            Some(known) => known.clone(),
            None => self.introduce(&message, &contact).await?,
        };
        let reply_to = standing.reply_to.as_deref();
        if let Some(outcome) = self.post(&message, &remote, reply_to).await? {
            return Ok(outcome);
        }
        // The contact is gone, or merged into another: whom it is now, one upsert tells.
        self.notes.push(Note::Forget(contact.key));
        self.notes.push(Note::ForgetRemote(remote.id));
        let remote = self.introduce(&message, &contact).await?;
        let outcome = self.post(&message, &remote, reply_to).await?;
        Ok(outcome.unwrap_or(Outcome::Dead { reason: "no_contact" }))
    }

    async fn read(&mut self, delivery: &Delivery) -> Result<(Message, Contact), Outcome> {
        let parts = &self.relay.parts;
        let gone = |what: &str| {
            (
                Outcome::Dead { reason: "message_gone" },
                format!("not sent: its {what} is gone"),
            )
        };
        let Some(key) = delivery.message else {
            return Err(self.end(
                Outcome::Dead { reason: "no_message" },
                "not sent: an upstream hears of messages only".to_owned(),
            ));
        };
        let message = parts.inbox.message(delivery.location, key).await;
        let message = message.map_err(|fault| (AGAIN, fault.to_string()));
        let message = message.and_then(|found| found.ok_or_else(|| gone("message")));
        let message = message.map_err(|(outcome, words)| self.end(outcome, words))?;
        let contact = parts.contacts.contact(delivery.location, message.contact).await;
        let contact = contact.map_err(|fault| (AGAIN, fault.to_string()));
        let contact = contact.and_then(|found| found.ok_or_else(|| gone("contact")));
        let contact = contact.map_err(|(outcome, words)| self.end(outcome, words))?;
        Ok((message, contact))
    }

    /// Whether it was written before; if nobody knows, what the policy says.
    async fn seen_before(
        &mut self,
        standing: &Standing,
        (message, contact): (&Message, &Contact),
        delivery: &Delivery,
    ) -> Result<Option<Outcome>, Outcome> {
        let since = match &standing.posted {
            None => return Ok(None),
            Some(Posted::Sent(_)) => return Ok(Some(Outcome::Delivered)),
            Some(Posted::Uncertain { since }) => *since,
        };
        match self.upstream.on_uncertain {
            OnUncertain::Retry => Ok(None),
            // Whoever has it sent once more has decided, for one try.
            OnUncertain::Hold if delivery.class == Class::Replay && delivery.attempt == 1 => Ok(None),
            OnUncertain::Hold => Ok(Some(self.end(
                Outcome::Dead { reason: "uncertain" },
                "nobody knows whether it is there: replay it to write it again".to_owned(),
            ))),
            OnUncertain::Reconcile => {
                let settled = later(since, SETTLE);
                if self.now() < settled {
                    return Err(Outcome::Later {
                        at: settled,
                        park: false,
                    });
                }
                let found = self.reconcile(message, contact, standing).await?;
                Ok(found.map(|remote| self.is_there(message, remote)))
            }
        }
    }

    /// Finds or makes its contact there: one call.
    pub(super) async fn introduce(&mut self, message: &Message, contact: &Contact) -> Result<RemoteContact, Outcome> {
        let body = person::body(contact, &self.upstream.location, message.channel.is_email());
        let call = Call::post(CallKind::Upsert, "/contacts/upsert", body);
        let answer = match self.call(&call).await? {
            Reply::Answered { status, body } => upserted(status, &body),
            Reply::NeverLeft(failure) => return Err(self.never_left(&failure)),
            // It makes nobody twice: it can be made again at once.
            Reply::Lost(_) => Answer::Unclear,
        };
        match answer {
            Answer::Good(id) => {
                let remote = RemoteContact { id, conversation: None };
                self.notes.push(Note::Contact(contact.key, remote.clone()));
                let known = person::told(contact, message.channel.is_email()).into_iter();
                self.notes
                    .extend(known.map(|identity| Note::Known(identity, remote.id.clone())));
                Ok(remote)
            }
            Answer::Unclear => Err(AGAIN),
            other => Err(self.not_done(&other)),
        }
    }

    /// Writes it. `None` where there is no such contact.
    async fn post(
        &mut self,
        message: &Message,
        remote: &RemoteContact,
        reply_to: Option<&str>,
    ) -> Result<Option<Outcome>, Outcome> {
        let parts = &self.relay.parts;
        let place = Place {
            upstream: self.upstream,
            links: &parts.links,
            ids: &parts.ids,
        };
        let body = post::body(message, &remote.id, reply_to, &place).map_err(|hindrance| self.hindered(hindrance))?;
        let call = Call {
            carries: Some(message.key),
            ..Call::post(CallKind::Post, "/conversations/messages/inbound", body)
        };
        let answer = match self.call(&call).await? {
            Reply::Answered { status, body } => {
                self.heard.response = Some(String::from_utf8_lossy(body.get(..KEPT).unwrap_or(&body)).into_owned());
                posted(status, &body)
            }
            Reply::NeverLeft(failure) => {
                self.was_refused(&call);
                return Err(self.never_left(&failure));
            }
            Reply::Lost(words) => {
                self.heard.words = Some(words);
                Answer::Unclear
            }
        };
        match answer {
            Answer::Good(written) => Ok(Some(self.written(message, remote, written))),
            Answer::Unclear => Ok(Some(self.unclear())),
            Answer::NoContact => {
                self.was_refused(&call);
                Ok(None)
            }
            other => {
                self.was_refused(&call);
                Ok(Some(self.not_done(&other)))
            }
        }
    }

    fn written(&mut self, message: &Message, remote: &RemoteContact, written: Written) -> Outcome {
        let remote = RemoteContact {
            id: written.contact.unwrap_or_else(|| remote.id.clone()),
            conversation: written.conversation,
        };
        self.notes.push(Note::Contact(message.contact, remote));
        let there = RemoteMessage {
            id: written.message,
            email: written.email,
        };
        self.is_there(message, there)
    }

    fn is_there(&mut self, message: &Message, remote: RemoteMessage) -> Outcome {
        let now = self.now();
        self.notes.push(Note::Sent(message.key, remote, now));
        Outcome::Delivered
    }

    /// Its time was over in the middle of something.
    pub(super) fn late(&mut self) -> Outcome {
        self.heard.status = None;
        self.heard.words = Some("its calls took too long together".to_owned());
        self.unclear()
    }

    /// Nobody knows whether it was written.
    fn unclear(&self) -> Outcome {
        let broken = self.heard.status == Some(500);
        match self.upstream.on_uncertain {
            OnUncertain::Hold => Outcome::Dead { reason: "uncertain" },
            OnUncertain::Retry => AGAIN,
            OnUncertain::Reconcile => Outcome::Retry {
                after: Some(SETTLE),
                park: false,
                cap: broken.then_some(BROKEN_CAP),
            },
        }
    }

    /// It certainly was not done: what becomes of the message.
    pub(super) fn not_done<T>(&mut self, answer: &Answer<T>) -> Outcome {
        match answer {
            Answer::Refused { reason, words } => self.end(Outcome::Dead { reason }, words.clone()),
            Answer::Unauthorised(words) => self.end(
                Outcome::Disable {
                    reason: "needs re-authorisation: the upstream does not take the token any more",
                },
                words.clone(),
            ),
            Answer::Forbidden(words) => self.end(
                Outcome::Disable {
                    reason: "needs re-authorisation: the token is not for this location of the upstream",
                },
                words.clone(),
            ),
            Answer::Limited => {
                let at = self.relay.parts.governors.opens(&self.account, self.now());
                let at = at.unwrap_or_else(|| later(self.now(), self.account.1.interval()));
                self.end(Outcome::Later { at, park: false }, "too many calls".to_owned())
            }
            Answer::Good(_) | Answer::NoContact | Answer::Unclear => AGAIN,
        }
    }

    fn never_left(&mut self, failure: &Failure) -> Outcome {
        self.heard.words = Some(failure.to_string());
        match failure {
            Failure::Blocked(_) => Outcome::Dead { reason: BLOCKED },
            Failure::Unresolved | Failure::Unreachable | Failure::Tls(_) | Failure::Late | Failure::Lost => AGAIN,
        }
    }

    fn hindered(&mut self, hindrance: Hindrance) -> Outcome {
        match hindrance {
            Hindrance::Refused { reason, words } => self.end(Outcome::Dead { reason }, words),
            Hindrance::Incomplete { words } => {
                let at = later(self.now(), COMPLETE);
                self.end(Outcome::Later { at, park: false }, words.to_owned())
            }
        }
    }

    /// The end of this try, with why.
    pub(super) fn end(&mut self, outcome: Outcome, words: String) -> Outcome {
        self.heard.words = Some(words);
        outcome
    }
}
