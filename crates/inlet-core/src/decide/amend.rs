//! A later word on a message. Words are monotone: a later callback wins by rank, and a final state stays.

use jiff::Timestamp;

use super::{Amend, Decision, Rule, event_kind, record::receipt};
use crate::{
    channel::{CallStatus, MessageStatus},
    event::Event,
    inbound::MediaState,
    intake::Refusal,
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

impl Rule<'_> {
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
            self.announce_call(message, known, now)
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
            Ok(self.announce_call(message, known, now))
        }
    }

    fn announce_call(&self, mut message: Message, known: &Known, now: Timestamp) -> Decision {
        if let Some(call) = &mut message.detail.call {
            call.announced = true;
        }
        let events = self.announce(event_kind(message.direction), &message, known, now);
        Decision::Amend(Box::new(Amend {
            call_done: true,
            ..amend(message, events)
        }))
    }
}

fn amended(message: Message, events: Vec<Event>) -> Decision {
    Decision::Amend(Box::new(amend(message, events)))
}

fn amend(message: Message, events: Vec<Event>) -> Amend {
    let receipt = receipt(&message);
    Amend {
        message,
        events,
        call_done: false,
        media_done: None,
        receipt,
    }
}
