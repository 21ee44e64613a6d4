//! A later word on a message. Words are monotone: a later callback wins by rank, and a final state stays.

use jiff::Timestamp;

use super::{Amend, Decision, Rule, event_kind, record::receipt};
use crate::{
    channel::{CallStatus, MessageStatus},
    event::Event,
    inbound::{Attachment, Call, Inbound, MediaState},
    intake::{Receipt, Refusal},
    known::Known,
    message::Message,
};

/// A word on how a message stands.
pub(super) fn status(mut message: Message, status: MessageStatus, error: Option<&str>) -> Result<Decision, Refusal> {
    if status.rank() <= message.status.rank() {
        return Err(Refusal::Stale);
    }
    message.status = status;
    message.detail.error = error.map(str::to_owned);
    Ok(amended(message, Vec::new()))
}

/// What became of a file.
pub(super) fn media(mut message: Message, index: usize, state: &MediaState) -> Result<Decision, Refusal> {
    let attachment = message
        .detail
        .attachments
        .get_mut(index)
        .ok_or(Refusal::NoSuchMessage)?;
    if attachment.state != MediaState::Pending {
        return Err(Refusal::Stale);
    }
    attachment.state = state.clone();
    Ok(Decision::Amend(Box::new(Amend {
        media_done: Some(index),
        ..amend(message, Vec::new())
    })))
}

/// Other files of a call. While one is being fetched they stay, for its place is known by its number.
pub(super) fn attachments(mut message: Message, files: &[Attachment]) -> Result<Decision, Refusal> {
    let own = &mut message.detail.attachments;
    if own.iter().any(|file| file.state == MediaState::Pending) {
        return Err(Refusal::Stale);
    }
    files.clone_into(own);
    Ok(amended(message, Vec::new()))
}

/// A later word by who wrote a message: they changed it, or took it back. What is older than what is known is a repeat.
pub(super) fn revision(word: &Inbound, seen: &Receipt, known: &Known) -> Decision {
    let found = known.messages.get(&seen.message);
    let revised = found.and_then(|before| {
        let said = word.detail.revised?;
        said.is_newer(before.detail.revised).then_some((before, said))
    });
    let Some((before, said)) = revised else {
        return Decision::Seen(Receipt {
            differs: false,
            ..seen.clone()
        });
    };
    let mut message = before.clone();
    message.detail.revised = Some(said);
    message.body = word.body.clone().filter(|_| !said.withdrawn);
    if said.withdrawn {
        message.detail.attachments.clear();
    }
    Decision::Amend(Box::new(Amend {
        rewritten: true,
        ..amend(message, Vec::new())
    }))
}

impl Rule<'_> {
    /// A later word on a call that the vendor's id names. What adds nothing is a repeat.
    pub(super) fn word_on_call(&self, word: &Inbound, seen: &Receipt, known: &Known, now: Timestamp) -> Decision {
        let found = known.messages.get(&seen.message);
        let merged = found.and_then(|before| Some((before, with_word(before, word)?)));
        let Some((before, message)) = merged.filter(|(before, after)| *before != after) else {
            // Callbacks of one call differ by nature, so none of them is worth a flag.
            return Decision::Seen(Receipt {
                differs: false,
                ..seen.clone()
            });
        };
        let new_files = before.detail.attachments.len();
        let over = |call: &Call| call.status.is_final() && !call.announced;
        let mut amended = if message.detail.call.as_ref().is_some_and(over) {
            self.announce_call(message, known, now)
        } else {
            amend(message, Vec::new())
        };
        amended.new_files = new_files;
        Decision::Amend(Box::new(amended))
    }

    /// A word on how a call stands: announced once, when it is over.
    pub(super) fn call(
        &self,
        mut message: Message,
        (status, duration): (CallStatus, Option<u32>),
        known: &Known,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let call = message.detail.call.as_mut().ok_or(Refusal::NoSuchMessage)?;
        if status.rank() <= call.status.rank() {
            return Err(Refusal::Stale);
        }
        call.status = status;
        call.duration = duration.or(call.duration);
        let over = status.is_final() && !call.announced;
        Ok(if over {
            Decision::Amend(Box::new(self.announce_call(message, known, now)))
        } else {
            amended(message, Vec::new())
        })
    }

    /// The call has been under way for so long that it is announced as it stands.
    pub(super) fn call_overdue(&self, message: Message, known: &Known, now: Timestamp) -> Result<Decision, Refusal> {
        let announced = message.detail.call.as_ref().ok_or(Refusal::NoSuchMessage)?.announced;
        if announced {
            Err(Refusal::Stale)
        } else {
            Ok(Decision::Amend(Box::new(self.announce_call(message, known, now))))
        }
    }

    fn announce_call(&self, mut message: Message, known: &Known, now: Timestamp) -> Amend {
        if let Some(call) = &mut message.detail.call {
            call.announced = true;
        }
        let events = self.announce(event_kind(message.direction), &message, known, now);
        Amend {
            call_done: true,
            ..amend(message, events)
        }
    }
}

/// A call's message with one more word; `None` where it is not a call's.
fn with_word(before: &Message, word: &Inbound) -> Option<Message> {
    before.detail.call.as_ref()?;
    let mut message = before.clone();
    message.detail.add(&word.detail);
    Some(message)
}

fn amended(message: Message, events: Vec<Event>) -> Decision {
    Decision::Amend(Box::new(amend(message, events)))
}

fn amend(message: Message, events: Vec<Event>) -> Amend {
    let receipt = receipt(&message);
    Amend {
        new_files: message.detail.attachments.len(),
        message,
        events,
        call_done: false,
        media_done: None,
        rewritten: false,
        receipt,
    }
}
