//! What a verified form says: one message, or why it is none.

use inlet_core::{
    adapter::{Claim, Item, ItemError},
    address::{Identity, Phone},
    channel::{Channel, Direction},
    consent::Consent,
    inbound::{Attachment, Detail, Inbound, Person, Strength, Who},
    seen::SeenKey,
};

use crate::{
    form::Form,
    said::{LONGEST_ID, digest, file, problem, texter},
};

/// Twilio sends ten files at most; a few more cost nothing should it change its mind.
const MOST_FILES: usize = 20;

/// An address with what stands before it: `whatsapp:+14155550119`.
struct Address<'a> {
    channel: Channel,
    value: &'a str,
}

impl<'a> Address<'a> {
    fn read(raw: &'a str) -> Option<Self> {
        let (channel, value) = match raw.split_once(':') {
            None => (Channel::Sms, raw),
            Some(("whatsapp", rest)) => (Channel::WhatsApp, rest),
            Some(("messenger", rest)) => (Channel::Facebook, rest),
            Some(("rcs", rest)) => (Channel::Rcs, rest),
            Some(_) => return None,
        };
        (!value.is_empty()).then_some(Self { channel, value })
    }
}

/// Who a form says it is for; not yet believed.
pub(super) fn claim(form: &Form) -> Option<Claim> {
    let account = form.get("AccountSid").map(ToOwned::to_owned);
    let number = form.get("To").and_then(Address::read).map(|to| to.value.to_owned());
    (account.is_some() || number.is_some()).then_some(Claim { account, number })
}

/// The message in a verified form.
pub(super) fn read(form: &Form, strength: Strength) -> Result<Item, ItemError> {
    let id = message_id(form)?;
    if is_status_callback(form) {
        return Err(problem(
            "it tells how a message that was sent stands (a status callback), and brings no new one: this address is \
             for incoming messages",
        ));
    }
    let from = address(form, "From")?;
    let to = address(form, "To")?;
    let body = body(form);
    let attachments = attachments(form);
    let detail = Detail {
        from: Some(from.value.to_owned()),
        to: Some(to.value.to_owned()),
        attachments,
        consent: consent(form),
        verified: Some(strength),
        ..Detail::default()
    };
    Ok(Item {
        to: claim(form).unwrap_or_default(),
        key: SeenKey::message(id),
        replay: None,
        fingerprint: what_is_said(form),
        inbound: Inbound {
            channel: from.channel,
            direction: Direction::Inbound,
            who: Who::Person(Person {
                identities: identities(form, &from, &to),
                name: form.get("ProfileName").map(ToOwned::to_owned),
            }),
            body,
            occurred_at: None,
            detail,
            files: Vec::new(),
            answers: Vec::new(),
        },
    })
}

fn message_id(form: &Form) -> Result<&str, ItemError> {
    let id = ["MessageSid", "SmsMessageSid", "SmsSid"]
        .iter()
        .find_map(|name| form.get(name));
    let id = id.ok_or_else(|| {
        problem("it has no MessageSid, so it is not a message: this address is for a number's \"A message comes in\"")
    })?;
    if id.len() > LONGEST_ID {
        return Err(problem("its MessageSid is longer than any that Twilio gives"));
    }
    Ok(id)
}

fn is_status_callback(form: &Form) -> bool {
    let said = form.get("MessageStatus").or_else(|| form.get("SmsStatus"));
    said.is_some_and(|status| status != "received" && status != "receiving")
}

fn address<'f>(form: &'f Form, name: &str) -> Result<Address<'f>, ItemError> {
    let raw = form.get(name).ok_or_else(|| problem(format!("it has no {name}")))?;
    let unknown = || {
        problem(format!(
            "its {name} names a channel other than SMS, WhatsApp, Messenger and RCS"
        ))
    };
    Address::read(raw).ok_or_else(unknown)
}

/// The text; of a shared place, which has none, its name, address and coordinates.
fn body(form: &Form) -> Option<String> {
    if let Some(text) = form.get("Body") {
        return Some(text.to_owned());
    }
    let (latitude, longitude) = form.get("Latitude").zip(form.get("Longitude"))?;
    let coordinates = format!("{latitude}, {longitude}");
    let lines: Vec<_> = [form.get("Label"), form.get("Address"), Some(coordinates.as_str())]
        .into_iter()
        .flatten()
        .collect();
    Some(lines.join("\n"))
}

/// What Twilio itself took it for, where Advanced Opt-Out is on. It has answered the sender then; nobody else does.
fn consent(form: &Form) -> Option<Consent> {
    match form.get("OptOutType")? {
        "STOP" => Some(Consent::Out),
        "START" => Some(Consent::In),
        "HELP" => Some(Consent::Help),
        _ => None,
    }
}

/// The files that are named, whatever `NumMedia` says: a wrong count must not lose one.
fn attachments(form: &Form) -> Vec<Attachment> {
    let named = |index| {
        let url = form.get(&format!("MediaUrl{index}"))?;
        Some(file(url, form.get(&format!("MediaContentType{index}"))))
    };
    (0..MOST_FILES).filter_map(named).collect()
}

/// By what the sender is known, most trusted first.
fn identities(form: &Form, from: &Address<'_>, to: &Address<'_>) -> Vec<Identity> {
    // A Messenger id is digits too, but never a number to call.
    let phone = Phone::parse(from.value, None).ok();
    let own = match phone.filter(|_| from.channel != Channel::Facebook) {
        Some(phone) => Identity::phone(&phone),
        None if from.channel == Channel::Sms => texter(from.value),
        None => Identity::page(to.value, from.value),
    };
    let mut all = vec![own];
    // Who has a WhatsApp user name may hide the number later; this id stays.
    if let Some(user) = form.get("ExternalUserId").and_then(Address::read) {
        let user = Identity::page(to.value, user.value);
        if !all.contains(&user) {
            all.push(user);
        }
    }
    all
}

/// What is said, without what Twilio may say differently when it comes again.
fn what_is_said(form: &Form) -> i64 {
    let said = |name: &str| matches!(name, "From" | "To" | "Body") || name.starts_with("MediaUrl");
    let fields = form.fields().iter().filter(|(name, _)| said(name));
    digest(fields.flat_map(|(name, value)| [name.as_str(), value.as_str()]))
}
