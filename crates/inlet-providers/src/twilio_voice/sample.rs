//! Requests as Twilio Voice would send and sign them, for the simulator, the demo and tests.

use form_urlencoded::Serializer;
use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
    journal::RawRequest,
};

use crate::{
    specimen::{headers, id_of},
    twilio::sample::sign,
};

/// The number and account that stand in where the provider takes any.
const ANY_NUMBER: &str = "+15005550006";
const ANY_ACCOUNT: &str = "AC00000000000000000000000000000000";

/// A signed request: the scenarios `ringing`, `answered`, `missed` and `busy` are words on how a call goes, `voicemail`
/// and `recording` tell of a recording, `unnamed` of a voicemail without saying whose call it was, and any other is a call
/// that ended after half a minute.
pub(super) fn make(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
    let number = at.provider.number.as_deref().unwrap_or(ANY_NUMBER);
    let account = at.provider.account.as_deref().unwrap_or(ANY_ACCOUNT);
    let call = id_of(scenario, now, |digits| format!("CA{digits}"));
    let parties = [("From", scenario.from.as_str()), ("To", number)];
    let mut form = Serializer::new(String::new());
    form.append_pair("ApiVersion", "2010-04-01")
        .append_pair("AccountSid", account);
    form.append_pair("CallSid", &call);
    let mut target = at.path.to_owned();
    if let Some(source) = source(&scenario.name) {
        // Its callback names nobody; who wants it told at once writes that into its address.
        if scenario.name != "unnamed" {
            let query = Serializer::new(String::new()).extend_pairs(parties).finish();
            target = format!("{target}?{query}");
        }
        recording(&mut form, (source, account, &call), scenario.media.first());
    } else {
        form.extend_pairs(parties).append_pair("Direction", "inbound");
        form.append_pair("CallbackSource", "call-progress-events");
        status(&mut form, &scenario.name);
    }
    let mut request = WebhookRequest {
        public_url: at.public_url.to_owned(),
        raw: RawRequest {
            method: "POST".to_owned(),
            target,
            headers: headers(&[
                ("content-type", "application/x-www-form-urlencoded; charset=UTF-8"),
                ("user-agent", "TwilioProxy/1.1"),
            ]),
            body: form.finish().into_bytes(),
        },
    };
    sign(&mut request, at, scenario.forge);
    request
}

/// What made the recording of a scenario that has one.
fn source(scenario: &str) -> Option<&'static str> {
    match scenario {
        "voicemail" | "unnamed" => Some("RecordVerb"),
        "recording" => Some("DialVerb"),
        _ => None,
    }
}

fn status(form: &mut Serializer<'_, String>, scenario: &str) {
    let (status, sequence) = match scenario {
        "ringing" => ("ringing", "1"),
        "answered" => ("in-progress", "2"),
        "missed" => ("no-answer", "3"),
        "busy" => ("busy", "3"),
        _ => ("completed", "3"),
    };
    form.append_pair("CallStatus", status)
        .append_pair("SequenceNumber", sequence);
    if status == "completed" {
        form.append_pair("CallDuration", "30").append_pair("Duration", "1");
    }
}

fn recording(form: &mut Serializer<'_, String>, (source, account, call): (&str, &str, &str), at: Option<&String>) {
    let sid = call.replacen("CA", "RE", 1);
    let own = format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{sid}");
    form.append_pair("RecordingSid", &sid);
    form.append_pair(
        "RecordingUrl",
        at.map_or(own.as_str(), |url| url.trim_end_matches(".mp3")),
    );
    form.append_pair("RecordingStatus", "completed")
        .append_pair("RecordingDuration", "12");
    form.append_pair("RecordingChannels", "1")
        .append_pair("RecordingSource", source);
}
