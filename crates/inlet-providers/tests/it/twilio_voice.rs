//! Twilio Voice: what its words say, what must not be believed, and what Twilio hears.

use inlet_core::{
    adapter::{Adapter, Item, ItemError, ItemOutcome, Rejection, Scenario, WebhookRequest},
    channel::{CallStatus, Direction},
    inbound::Who,
    intake::Refusal,
    seen::SeenKind,
};
use inlet_providers::twilio_voice::TwilioVoice;
use proptest::prelude::*;

use crate::support::{SECRET, endpoint, now, provider, target};

const SIGNATURE: &str = "x-twilio-signature";

fn sample(name: &str, forge: bool) -> WebhookRequest {
    let scenario = Scenario {
        name: name.to_owned(),
        from: "+14155550119".to_owned(),
        external_id: "CA1".to_owned(),
        forge,
        ..Scenario::default()
    };
    let (endpoint, provider) = (endpoint(&[SECRET]), provider());
    let mut at = target(&endpoint, &provider);
    at.path = "/in/twilio-voice/a-token";
    TwilioVoice.sample(&scenario, &at, now())
}

fn parse(request: &WebhookRequest) -> Vec<Result<Item, ItemError>> {
    let endpoint = endpoint(&[SECRET]);
    let verified = TwilioVoice.verify(request, &endpoint, now()).expect("it is signed");
    TwilioVoice.parse(&verified, &endpoint)
}

#[test]
fn each_scenario_is_a_word_on_the_same_call() {
    let cases = [
        ("ringing", CallStatus::Pending, None, 0),
        ("answered", CallStatus::Answered, None, 0),
        ("", CallStatus::Completed, Some(30), 0),
        ("missed", CallStatus::NoAnswer, None, 0),
        ("busy", CallStatus::Busy, None, 0),
        ("recording", CallStatus::Answered, None, 1),
        ("voicemail", CallStatus::Voicemail, None, 1),
    ];
    for (name, status, duration, files) in cases {
        let mut items = parse(&sample(name, false));
        let item = items.pop().expect("a word").expect("it is understood");
        assert_eq!((item.key.kind, item.key.id.as_str()), (SeenKind::Call, "CA1"), "{name}");
        assert_eq!(item.to.number, provider().number, "{name}");
        let inbound = item.inbound;
        let call = inbound.detail.call.expect("it is a call");
        assert_eq!((call.status, call.duration), (status, duration), "{name}");
        assert_eq!(inbound.detail.attachments.len(), files, "{name}");
        assert!(
            inbound
                .detail
                .attachments
                .iter()
                .all(|file| file.url.contains("RE1.mp3"))
        );
        assert!(matches!(inbound.who, Who::Person(person) if person.identities.len() == 1));
        assert_eq!(inbound.direction, Direction::Inbound);
        let forged = TwilioVoice
            .verify(&sample(name, true), &endpoint(&[SECRET]), now())
            .map(|_| ());
        assert!(matches!(forged, Err(Rejection::Forged(_))), "{name}");
    }
}

/// What is done to a good request so that it must be refused.
type Harm = (&'static str, fn(&mut WebhookRequest));

#[test]
fn a_word_that_was_touched_is_refused() {
    let harms: &[Harm] = &[
        ("an extra field", |r| r.raw.body.extend(b"&CallStatus=completed")),
        ("no body", |r| r.raw.body.clear()),
        ("another number in the address", |r| {
            r.raw.target = r.raw.target.replace("0119", "0118");
        }),
        ("no number in the address", |r| r.raw.target.truncate(24)),
        ("another address", |r| r.raw.target.insert(5, 'x')),
        ("no signature", |r| r.raw.headers.retain(|(name, _)| name != SIGNATURE)),
        ("no UTF-8", |r| r.raw.body.extend(b"&x=%FF")),
    ];
    let secrets: [&[&str]; 3] = [&["another"], &[], &[""]];
    for (what, harm) in harms {
        let mut request = sample("voicemail", false);
        harm(&mut request);
        assert!(
            TwilioVoice.verify(&request, &endpoint(&[SECRET]), now()).is_err(),
            "{what}"
        );
    }
    for secrets in secrets {
        let verdict = TwilioVoice
            .verify(&sample("", false), &endpoint(secrets), now())
            .map(|_| ());
        assert!(matches!(verdict, Err(Rejection::Forged(_))), "{secrets:?}");
    }
    assert!(
        TwilioVoice
            .verify(&sample("", false), &endpoint(&["another", SECRET]), now())
            .is_ok()
    );
}

#[test]
fn twilio_need_not_come_again_with_a_recording_whose_call_is_not_known_yet() {
    let refused = ItemOutcome::Refused;
    let cases = [
        (vec![], 200),
        (vec![ItemOutcome::Parked], 200),
        (vec![ItemOutcome::Malformed(ItemError("odd".to_owned()))], 200),
        (vec![refused(Refusal::Early)], 200),
        (vec![refused(Refusal::Unavailable("full".to_owned()))], 503),
    ];
    for (outcomes, status) in cases {
        let reply = TwilioVoice.reply(&outcomes);
        assert_eq!(reply.status, status, "{outcomes:?}");
        assert!(
            status != 200 || reply.body.is_empty(),
            "a callback wants no instructions"
        );
    }
    assert_eq!(TwilioVoice.reject(&Rejection::Forged(String::new())).status, 403);
    let recording = "https://api.twilio.com/2010-04-01/Accounts/AC7/Recordings/RE1.mp3";
    let request = TwilioVoice.media(recording, &endpoint(&[SECRET]), &provider());
    assert!(
        request.is_some_and(|request| request.basic_auth.is_some()),
        "recordings are opened with the token"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_panic(query in "(\\?[ -~]{0,40})?", body in prop::collection::vec(any::<u8>(), 0..200), fields in prop::collection::vec(("(CallSid|CallStatus|From|To|Direction|RecordingUrl|RecordingStatus|CallDuration)", "[a-zA-Z0-9+:/.-]{0,20}"), 0..9)) {
        let mut unsigned = endpoint(&[]);
        unsigned.unsigned = true;
        let form = fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        for body in [body, form.into_bytes()] {
            let mut request = sample("", false);
            request.raw.target.push_str(&query);
            request.raw.body = body;
            let verified = TwilioVoice.verify(&request, &unsigned, now()).unwrap();
            prop_assert!(TwilioVoice.parse(&verified, &unsigned).len() <= 1);
            let _ = TwilioVoice.claims(&request);
        }
    }
}
