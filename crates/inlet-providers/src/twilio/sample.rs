//! Requests as Twilio would send and sign them, for the simulator, the demo and tests.

use form_urlencoded::Serializer;
use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target, WebhookRequest},
    secret::Secret,
};

use super::signature::{Algorithm, Key, SETTINGS, SIGNATURE, joined};
use crate::{
    form::Form,
    specimen::{content_type, headers, id_of, post},
};

/// How Twilio says that a body is a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";
/// The number that stands in for one where the provider takes any: Twilio's own for tests.
const ANY_NUMBER: &str = "+15005550006";
/// The account that stands in for one where the provider takes any.
const ANY_ACCOUNT: &str = "AC00000000000000000000000000000000";

/// A signed request: the scenarios `mms`, `whatsapp`, `messenger`, `rcs` and `stop`, and for any other name a plain text.
pub(super) fn make(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> WebhookRequest {
    let body = body(scenario, at, now);
    let mut request = post(
        at,
        headers(&[
            ("content-type", FORM),
            ("user-agent", "TwilioProxy/1.1"),
            ("accept", "*/*"),
        ]),
        body.into_bytes(),
    );
    sign(&mut request, at, scenario.forge);
    request
}

/// Signs a request under the first secret of its endpoint.
pub(crate) fn sign(request: &mut WebhookRequest, at: &Target<'_>, forge: bool) {
    let wrong = Secret::new("not the auth token");
    let secret = at.endpoint.secrets.first().filter(|_| !forge).unwrap_or(&wrong);
    let Some(key) = Key::new(secret) else { return };
    let fields = Form::decode(&request.raw.body).unwrap_or_default();
    let signature = key.sign(key.algorithm(), &(request.url() + &joined(&fields)));
    request.raw.headers.extend(headers(&[(SIGNATURE, &signature)]));
    match (key.algorithm(), key.id) {
        (Algorithm::Sha256, Some(id)) => {
            let settings = format!("key={id},algorithm=HMAC_SHA256");
            request.raw.headers.extend(headers(&[(SETTINGS, &settings)]));
        }
        (Algorithm::Sha256, None) | (Algorithm::Sha1, _) => {}
    }
}

fn body(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> String {
    let number = at.provider.number.as_deref().unwrap_or(ANY_NUMBER);
    let account = at.provider.account.as_deref().unwrap_or(ANY_ACCOUNT);
    let prefix = match scenario.name.as_str() {
        "whatsapp" => "whatsapp:",
        "messenger" => "messenger:",
        "rcs" => "rcs:",
        _ => "",
    };
    let sid = message_sid(scenario, now);
    let count = scenario.media.len().to_string();
    let mut form = Serializer::new(String::new());
    form.append_pair("ToCountry", "US").append_pair("ToState", "");
    form.append_pair("SmsMessageSid", &sid).append_pair("NumMedia", &count);
    if prefix == "whatsapp:" {
        form.append_pair("ProfileName", "Sample Sender");
        form.append_pair("WaId", scenario.from.trim_start_matches('+'));
    }
    form.append_pair("SmsSid", &sid).append_pair("SmsStatus", "received");
    if scenario.name == "stop" {
        form.append_pair("Body", "STOP").append_pair("OptOutType", "STOP");
    } else {
        form.append_pair("Body", &scenario.body);
    }
    form.append_pair("To", &format!("{prefix}{number}"));
    form.append_pair("NumSegments", "1").append_pair("MessageSid", &sid);
    form.append_pair("AccountSid", account);
    form.append_pair("From", &format!("{prefix}{}", scenario.from));
    for (index, url) in scenario.media.iter().enumerate() {
        form.append_pair(&format!("MediaContentType{index}"), content_type(url));
        form.append_pair(&format!("MediaUrl{index}"), url);
    }
    form.append_pair("ApiVersion", "2010-04-01");
    form.finish()
}

/// The id that was asked for; else one that this message at this moment always gets.
fn message_sid(scenario: &Scenario, now: Timestamp) -> String {
    let kind = if scenario.media.is_empty() { "SM" } else { "MM" };
    id_of(scenario, now, |digits| format!("{kind}{digits}"))
}
