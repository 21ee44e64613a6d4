//! One word on a call: a status callback, or that of a recording.

use inlet_core::{
    adapter::{Claim, Item, ItemError, WebhookRequest},
    address::{Identity, IdentityKind, Phone},
    channel::{CallStatus, Channel, Direction},
    inbound::{Attachment, Call, Detail, Inbound, Person, Strength, Who},
    seen::SeenKey,
};

use crate::{
    form::Form,
    said::{LONGEST_ID, digest, file, problem},
};

/// What Twilio posted, and what stands in the address it was given.
pub(super) struct Word {
    body: Form,
    query: Form,
}

impl Word {
    /// Reads a request; `None` where it is no form in UTF-8.
    pub(super) fn of(request: &WebhookRequest) -> Option<Self> {
        let (_, query) = request.raw.target.split_once('?').unwrap_or_default();
        let query = Form::decode(query.as_bytes())?;
        let body = Form::decode(&request.raw.body)?;
        Some(Self { body, query })
    }

    /// The first of these fields that says something, in the body or else in the address.
    fn get(&self, names: &[&str]) -> Option<&str> {
        let in_form = |form| names.iter().find_map(|name| Form::get(form, name));
        in_form(&self.body).or_else(|| in_form(&self.query))
    }

    fn caller(&self) -> Option<&str> {
        self.get(&["From", "Caller"])
    }

    fn called(&self) -> Option<&str> {
        self.get(&["To", "Called"])
    }

    /// Which way the call goes. Twilio calls what it was asked to place `outbound-api`.
    fn direction(&self) -> Direction {
        match self.get(&["Direction"]) {
            Some(direction) if direction.starts_with("outbound") => Direction::Outbound,
            Some(_) | None => Direction::Inbound,
        }
    }

    /// Our own number, and the account.
    pub(super) fn claim(&self) -> Claim {
        let number = match self.direction() {
            Direction::Inbound => self.called(),
            Direction::Outbound => self.caller(),
        };
        Claim {
            account: self.get(&["AccountSid"]).map(ToOwned::to_owned),
            number: number.map(ToOwned::to_owned),
        }
    }

    /// What it says; nothing where it is about a leg of another call.
    pub(super) fn read(&self, strength: Strength) -> Result<Option<Item>, ItemError> {
        let id = self.get(&["CallSid"]).ok_or_else(|| {
            problem("it has no CallSid: this address is for a number's status callback and for recordings")
        })?;
        if id.len() > LONGEST_ID {
            return Err(problem("its CallSid is longer than any that Twilio gives"));
        }
        // What a call is put through to is a call at Twilio, but not at ours.
        let leg = self.get(&["Direction"]) == Some("outbound-dial") || self.get(&["ParentCallSid"]).is_some();
        if leg {
            return Ok(None);
        }
        let status = self.status()?;
        let recording = self.recording();
        let said = [
            id,
            &format!("{status:?}"),
            recording.as_ref().map_or("", |file| file.url.as_str()),
        ];
        Ok(Some(Item {
            to: self.claim(),
            key: SeenKey::call(id),
            replay: None,
            fingerprint: digest(said),
            inbound: self.inbound(status, recording, strength),
        }))
    }

    fn inbound(&self, status: CallStatus, recording: Option<Attachment>, strength: Strength) -> Inbound {
        let direction = self.direction();
        let other = match direction {
            Direction::Inbound => self.caller(),
            Direction::Outbound => self.called(),
        };
        let call = Call {
            status,
            duration: self.get(&["CallDuration"]).and_then(|seconds| seconds.parse().ok()),
            announced: false,
        };
        Inbound {
            channel: Channel::Call,
            direction,
            who: Who::Person(Person {
                identities: other.map(person).into_iter().collect(),
                name: self.get(&["CallerName"]).map(ToOwned::to_owned),
            }),
            body: None,
            occurred_at: None,
            detail: Detail {
                from: self.caller().map(ToOwned::to_owned),
                to: self.called().map(ToOwned::to_owned),
                attachments: recording.into_iter().collect(),
                call: Some(call),
                verified: Some(strength),
                ..Detail::default()
            },
            files: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// How the call stands. A recording that the verb `Record` made is what its caller left; any other shows that someone
    /// spoke.
    fn status(&self) -> Result<CallStatus, ItemError> {
        if let Some(recorded) = self.get(&["RecordingStatus"]) {
            let left = recorded == "completed" && self.get(&["RecordingSource"]) == Some("RecordVerb");
            return Ok(if left {
                CallStatus::Voicemail
            } else {
                CallStatus::Answered
            });
        }
        let status = self.get(&["CallStatus"]).ok_or_else(|| {
            problem("it has neither a CallStatus nor a RecordingStatus, so it says nothing of how a call stands")
        })?;
        match status {
            "queued" | "initiated" | "ringing" => Ok(CallStatus::Pending),
            "in-progress" | "answered" => Ok(CallStatus::Answered),
            "completed" => Ok(CallStatus::Completed),
            "busy" => Ok(CallStatus::Busy),
            "no-answer" => Ok(CallStatus::NoAnswer),
            "failed" => Ok(CallStatus::Failed),
            "canceled" => Ok(CallStatus::Canceled),
            _ => Err(problem("its CallStatus is none that Twilio documents")),
        }
    }

    /// The recording, once it is there. Twilio plays it under its address; with an ending, in that format.
    fn recording(&self) -> Option<Attachment> {
        let url = self.get(&["RecordingUrl"])?;
        let there = self
            .get(&["RecordingStatus"])
            .is_none_or(|status| status == "completed");
        there.then(|| file(&format!("{}.mp3", url.trim_end_matches(".mp3")), Some("audio/mpeg")))
    }
}

/// Who is on the other end. A SIP address, a client's name or `anonymous` is no number, but stays the same.
fn person(raw: &str) -> Identity {
    match Phone::parse(raw, None) {
        Ok(phone) => Identity::phone(&phone),
        Err(_) => Identity {
            kind: IdentityKind::Opaque,
            scope: "call".to_owned(),
            value: raw.to_owned(),
        },
    }
}
