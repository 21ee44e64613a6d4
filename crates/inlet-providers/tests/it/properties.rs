//! What holds for every request, not only for those that someone thought of.

use inlet_core::{
    adapter::{Adapter, Rejection, Scenario, WebhookRequest},
    inbound::Strength,
};
use inlet_providers::{form::Form, twilio::Twilio};
use proptest::prelude::*;

use crate::support::{endpoint, now, provider, target, verify};

fn scenario() -> impl Strategy<Value = Scenario> {
    let name = prop::sample::select(vec!["", "whatsapp", "messenger", "rcs"]);
    let media = prop::collection::vec("https://api.twilio.com/[a-z']{1,9}\\.png", 0..3);
    (name, "\\+1[2-9][0-9]{9}", any::<String>(), media).prop_map(|(name, from, body, media)| Scenario {
        name: name.to_owned(),
        from,
        body,
        media,
        ..Scenario::default()
    })
}

fn sample(scenario: &Scenario, secret: &str, path: &str) -> WebhookRequest {
    let (endpoint, provider) = (endpoint(&[secret]), provider());
    let mut at = target(&endpoint, &provider);
    at.path = path;
    Twilio.sample(scenario, &at, now())
}

/// Replaces one byte by another; false where that changes nothing of what is said.
fn change_byte(request: &mut WebhookRequest, at: prop::sample::Index, byte: u8) -> bool {
    let place = at.index(request.raw.body.len());
    let before = Form::decode(&request.raw.body);
    if let Some(found) = request.raw.body.get_mut(place) {
        *found = byte;
    }
    Form::decode(&request.raw.body) != before
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn samples_verify_and_say_what_they_were_made_of(scenario in scenario(), query in "(\\?[a-z]{1,3}=[a-z0-9:@'%+]{0,9})?") {
        let path = format!("/in/twilio/a-token{query}");
        for secret in ["a token", "webhooks_sharedkey_one:a secret"] {
            let request = sample(&scenario, secret, &path);
            prop_assert_eq!(verify(&request, &[secret]), Ok(Strength::SignedForm));
            let endpoint = endpoint(&[secret]);
            let verified = Twilio.verify(&request, &endpoint, now()).unwrap();
            let items = Twilio.parse(&verified, &endpoint);
            prop_assert_eq!(items.len(), 1);
            let item = items[0].as_ref().unwrap();
            prop_assert_eq!(item.inbound.body.clone().unwrap_or_default(), scenario.body.clone());
            prop_assert_eq!(item.inbound.detail.attachments.len(), scenario.media.len());
            prop_assert_eq!(item.inbound.detail.from.clone(), Some(scenario.from.clone()));
        }
        let forged = sample(&Scenario { forge: true, ..scenario }, "a token", &path);
        prop_assert!(matches!(verify(&forged, &["a token"]), Err(Rejection::Forged(_))));
    }

    #[test]
    fn one_changed_byte_of_the_body_is_refused(scenario in scenario(), at: prop::sample::Index, byte: u8) {
        let mut request = sample(&scenario, "a token", "/in/twilio/a-token");
        // `%2b` for `%2B` or a raw space for `+` say the same, and so their signature is the same.
        prop_assume!(change_byte(&mut request, at, byte));
        prop_assert!(verify(&request, &["a token"]).is_err());
    }

    #[test]
    fn one_changed_byte_of_the_address_is_refused(scenario in scenario(), at: prop::sample::Index, byte in b'!'..=b'~') {
        let mut request = sample(&scenario, "a token", "/in/twilio/a-token?b=2&a=1");
        let mut target = request.raw.target.clone().into_bytes();
        let place = at.index(target.len());
        prop_assume!(target[place] != byte);
        target[place] = byte;
        request.raw.target = String::from_utf8(target).unwrap();
        prop_assert!(verify(&request, &["a token"]).is_err());
    }

    #[test]
    fn one_changed_byte_of_the_signature_is_refused(scenario in scenario(), at: prop::sample::Index, byte in b'!'..=b'~') {
        let mut request = sample(&scenario, "a token", "/in/twilio/a-token");
        let header = request.raw.headers.iter_mut().find(|(name, _)| name == "x-twilio-signature").unwrap();
        let mut signature = header.1.clone().into_bytes();
        let place = at.index(signature.len());
        prop_assume!(signature[place] != byte);
        signature[place] = byte;
        header.1 = String::from_utf8(signature).unwrap();
        prop_assert!(verify(&request, &["a token"]).is_err());
    }

    #[test]
    fn nothing_makes_it_panic(target in "/[ -~]{0,60}", body in prop::collection::vec(any::<u8>(), 0..200), get: bool) {
        let mut request = sample(&Scenario::default(), "a token", &target);
        request.raw.body = body;
        if get {
            "GET".clone_into(&mut request.raw.method);
        }
        let mut unsigned = endpoint(&["a token"]);
        prop_assert!(verify(&request, &["a token"]).is_err() || request.raw.body.is_empty());
        unsigned.unsigned = true;
        let verified = Twilio.verify(&request, &unsigned, now()).unwrap();
        prop_assert_eq!(Twilio.parse(&verified, &unsigned).len(), 1);
        let _ = Twilio.claims(&request);
    }
}
