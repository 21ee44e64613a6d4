//! Twilio sends a message: the call to its API, what its answers and status callbacks mean, and its error numbers in words.
//!
//! Foreign rules: `twilio.com/docs/messaging/api/message-resource` (creating one; its statuses),
//! `…/docs/messaging/guides/track-outbound-message-status`, `…/docs/usage/twilios-response`, `…/docs/api/errors`.

use form_urlencoded::Serializer;
use inlet_core::{
    adapter::{Fetch, ItemError, Verified},
    channel::{Channel, MessageStatus},
    courier::{Courier, Credentials, Letter, Parcel, Taken, Word},
    registry::{Endpoint, Provider},
    secret::Secret,
};
use serde::Deserialize;

use super::{fields, media, sample::FORM};
use crate::said::problem;

/// Files that Twilio takes with one message.
const MOST_FILES: usize = 10;

/// Sends messages by an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Messages;

/// An answer: a message that was taken, or what is wrong with it.
#[derive(Deserialize)]
struct Answer {
    sid: Option<String>,
    code: Option<u32>,
    message: Option<String>,
}

impl Courier for Messages {
    fn base(&self) -> &'static str {
        "https://api.twilio.com"
    }

    fn own_secret(&self, endpoint: &Endpoint) -> Option<Secret> {
        media::auth_token(endpoint)
    }

    fn check(&self, provider: &Provider, credentials: &Credentials) -> Result<(), String> {
        let is_id = |id: &str, kinds: &[&str]| {
            let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            plain && kinds.iter().any(|kind| id.starts_with(kind))
        };
        if !is_id(&credentials.account, &["AC"]) {
            return Err("the account is written AC… as Twilio's console shows it: say --account AC…".to_owned());
        }
        if !is_id(&credentials.user, &["AC", "SK"]) {
            return Err("who asks is the account itself, or an API key of it: say --user SK…".to_owned());
        }
        match provider.number {
            Some(_) => Ok(()),
            None => Err(
                "this provider takes any number of its account, so nobody knows which one to send from: add a provider with \
                 --number"
                    .to_owned(),
            ),
        }
    }

    fn letter(&self, parcel: &Parcel<'_>) -> Result<Letter, String> {
        let (message, credentials) = (parcel.message, parcel.credentials);
        let before = prefix(message.channel).ok_or("Twilio is asked to send texts and WhatsApp only")?;
        let from = message.detail.from.as_ref().or(parcel.provider.number.as_ref());
        let from = from.ok_or("there is no number to send it from")?;
        let to = message.detail.to.as_ref().ok_or("there is no number to send it to")?;
        let mut form = Serializer::new(String::new());
        form.append_pair("To", &format!("{before}{to}"));
        form.append_pair("From", &format!("{before}{from}"));
        if let Some(body) = message.body.as_deref().filter(|body| !body.is_empty()) {
            form.append_pair("Body", body);
        }
        for file in parcel.files.iter().take(MOST_FILES) {
            form.append_pair("MediaUrl", file);
        }
        if let Some(tell) = parcel.tell {
            form.append_pair("StatusCallback", tell);
        }
        let account = &credentials.account;
        Ok(Letter {
            to: Fetch {
                url: format!("{}/2010-04-01/Accounts/{account}/Messages.json", parcel.base),
                basic_auth: Some((credentials.user.clone(), credentials.secret.clone())),
                ..Fetch::default()
            },
            content_type: FORM,
            body: form.finish().into_bytes(),
        })
    }

    fn answer(&self, status: u16, body: &[u8]) -> Taken {
        let answer: Option<Answer> = serde_json::from_slice(body).ok();
        let sid = answer.as_ref().and_then(|answer| answer.sid.clone());
        match (status, sid) {
            (200..300, Some(sid)) => Taken::Yes(sid),
            (401 | 403 | 404, _) => Taken::NotYet(refused(answer.as_ref())),
            (429 | 503, _) => Taken::Busy,
            (400..500, _) => Taken::Never(refused(answer.as_ref())),
            (_, _) => Taken::Unknown,
        }
    }

    fn word(&self, verified: &Verified<'_>) -> Result<Option<Word>, ItemError> {
        let form =
            fields(verified.request).ok_or_else(|| problem("it is no form in UTF-8, as Twilio posts a status"))?;
        let status = form.get("MessageStatus").or_else(|| form.get("SmsStatus"));
        let status = status.ok_or_else(|| problem("it has no MessageStatus, so it tells of no message's status"))?;
        let status = match status {
            "accepted" | "scheduled" | "queued" | "sending" => MessageStatus::Queued,
            "sent" => MessageStatus::Sent,
            "delivered" => MessageStatus::Delivered,
            "read" => MessageStatus::Read,
            "undelivered" => MessageStatus::Undelivered,
            "failed" | "canceled" => MessageStatus::Failed,
            _ => return Ok(None),
        };
        let failed = matches!(status, MessageStatus::Undelivered | MessageStatus::Failed);
        let code = form.get("ErrorCode").and_then(|code| code.parse().ok());
        let error = failed.then(|| in_words(code, form.get("ErrorMessage")));
        Ok(Some(Word { status, error }))
    }
}

/// What stands before the addresses of a channel.
fn prefix(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::Sms => Some(""),
        Channel::WhatsApp => Some("whatsapp:"),
        Channel::Rcs
        | Channel::CustomSms
        | Channel::Email
        | Channel::CustomEmail
        | Channel::GoogleBusiness
        | Channel::Instagram
        | Channel::Facebook
        | Channel::WebChat
        | Channel::LiveChat
        | Channel::AllInOneChat
        | Channel::TikTok
        | Channel::Form
        | Channel::Call
        | Channel::IvrCall
        | Channel::CampaignCall
        | Channel::CampaignVoicemail => None,
    }
}

fn refused(answer: Option<&Answer>) -> String {
    let code = answer.and_then(|answer| answer.code);
    in_words(code, answer.and_then(|answer| answer.message.as_deref()))
}

/// An error of Twilio's in words for whoever wrote the message: ours where the number is common, else Twilio's own.
fn in_words(code: Option<u32>, said: Option<&str>) -> String {
    let Some(code) = code else {
        return format!(
            "Twilio does not send it{}",
            said.map(|said| format!(": {said}")).unwrap_or_default()
        );
    };
    let words = match code {
        20003 => "it does not take the credentials: set them anew",
        20404 => "it does not know the account: set the credentials anew",
        21211 | 21614 => "that is no number that takes texts",
        21408 => "texts to that country are not switched on in this account",
        21606 | 21660 => "the number they go out from is not this account's, or sends no texts",
        21608 => "a trial account only writes to numbers that it has verified",
        21610 => "they answered STOP to this number",
        21617 => "it is longer than 1,600 letters",
        21620 | 11200 | 12300 => "it could not fetch the file: a public address is needed for that",
        30003 => "their phone is off or out of reach",
        30004 => "their network or their phone blocks it",
        30005 => "nobody has that number",
        30006 => "that is a landline, or a network that takes no texts",
        30007 => "a network took it for spam",
        30034 => "this number is not registered for texts from businesses (A2P 10DLC)",
        63016 => "on WhatsApp only a template may be sent a day after they last wrote",
        _ => said.unwrap_or("it does not say why"),
    };
    format!("Twilio: {words} ({code})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_what_it_means() {
        let never = |words: &str| Taken::Never(words.to_owned());
        let cases = [
            (
                201,
                r#"{"sid":"SM1","status":"queued","code":null}"#,
                Taken::Yes("SM1".to_owned()),
            ),
            (200, r#"{"sid":"SM1"}"#, Taken::Yes("SM1".to_owned())),
            (201, "<html>", Taken::Unknown),
            (
                400,
                r#"{"code":21610,"message":"Attempt to send to unsubscribed recipient","status":400}"#,
                never("Twilio: they answered STOP to this number (21610)"),
            ),
            (
                400,
                r#"{"code":29999,"message":"Something new.","status":400}"#,
                never("Twilio: Something new. (29999)"),
            ),
            (422, "", never("Twilio does not send it")),
            (
                401,
                r#"{"code":20003,"message":"Authenticate","status":401}"#,
                Taken::NotYet("Twilio: it does not take the credentials: set them anew (20003)".to_owned()),
            ),
            (429, r#"{"code":20429}"#, Taken::Busy),
            (503, "", Taken::Busy),
            (500, r#"{"code":20500}"#, Taken::Unknown),
            (302, "", Taken::Unknown),
        ];
        for (status, body, expected) in cases {
            assert_eq!(Messages.answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
