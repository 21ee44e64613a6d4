//! Telnyx: what must not be believed, what it hears, and what holds for every request.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inlet_core::{
    Timestamp,
    adapter::{Adapter, ItemError, ItemOutcome, Rejection, Scenario, WebhookRequest},
    inbound::Strength,
    intake::Refusal,
};
use inlet_providers::telnyx::Telnyx;
use proptest::prelude::*;

use crate::support::{TELNYX_KEY, TELNYX_PAIR, endpoint, now, provider, target};

const SIGNATURE: &str = "telnyx-signature-ed25519";
const TIMESTAMP: &str = "telnyx-timestamp";

fn sample(scenario: &Scenario) -> WebhookRequest {
    Telnyx.sample(scenario, &target(&endpoint(&[TELNYX_PAIR]), &provider()), now())
}

fn hello() -> WebhookRequest {
    sample(&Scenario {
        from: "+14155550119".to_owned(),
        body: "It's me".to_owned(),
        ..Scenario::default()
    })
}

fn verdict(request: &WebhookRequest, secrets: &[&str], seconds: i64) -> &'static str {
    let at = Timestamp::from_second(now().as_second() + seconds).expect("a time that can be");
    match Telnyx.verify(request, &endpoint(secrets), at) {
        Ok(verified) => {
            assert_eq!(verified.strength, Strength::SignedBody);
            "signed"
        }
        Err(Rejection::Missing(_)) => "missing",
        Err(Rejection::Forged(_)) => "forged",
        Err(Rejection::NotOurs(_) | Rejection::TooLarge(_)) => "not ours",
    }
}

fn header<'r>(request: &'r mut WebhookRequest, name: &str) -> &'r mut String {
    let mut headers = request.raw.headers.iter_mut();
    headers
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
        .expect("the header is there")
}

fn twice(request: &mut WebhookRequest, name: &str) {
    let again = (name.to_owned(), header(request, name).clone());
    request.raw.headers.push(again);
}

/// What is done to a good request, and what becomes of it then.
type Harm = (&'static str, fn(&mut WebhookRequest), &'static str);

const HARMS: &[Harm] = &[
    ("nothing", |_| {}, "signed"),
    ("another address", |r| r.raw.target.push('x'), "signed"),
    (
        "a changed byte",
        |r| *r.raw.body.last_mut().expect("a body") ^= 1,
        "forged",
    ),
    ("a blank more", |r| r.raw.body.push(b' '), "forged"),
    ("no body", |r| r.raw.body.clear(), "forged"),
    (
        "another time",
        |r| "1800000001".clone_into(header(r, TIMESTAMP)),
        "forged",
    ),
    ("a time in words", |r| "now".clone_into(header(r, TIMESTAMP)), "forged"),
    (
        "a time beyond all",
        |r| *header(r, TIMESTAMP) = "9".repeat(30),
        "forged",
    ),
    ("a time with a sign", |r| header(r, TIMESTAMP).insert(0, '+'), "forged"),
    ("no time", |r| header(r, TIMESTAMP).clear(), "missing"),
    ("no signature", |r| header(r, SIGNATURE).clear(), "missing"),
    ("no header", |r| r.raw.headers.clear(), "missing"),
    ("two signatures", |r| twice(r, SIGNATURE), "forged"),
    ("two times", |r| twice(r, TIMESTAMP), "forged"),
    ("a signature cut short", |r| header(r, SIGNATURE).truncate(80), "forged"),
    (
        "a signature gone on",
        |r| header(r, SIGNATURE).push_str("AAAA"),
        "forged",
    ),
    ("junk after it", |r| header(r, SIGNATURE).push_str(" x"), "forged"),
    ("hex", |r| *header(r, SIGNATURE) = "00".repeat(64), "forged"),
    ("no base64", |r| header(r, SIGNATURE).insert(0, '-'), "forged"),
];

#[test]
fn a_request_that_was_touched_is_refused() {
    for (what, harm, expected) in HARMS {
        let mut request = hello();
        harm(&mut request);
        assert_eq!(verdict(&request, &[TELNYX_KEY], 0), *expected, "{what}");
    }
}

#[test]
fn a_signature_is_good_for_five_minutes_and_under_any_key_of_the_endpoint() {
    for (seconds, expected) in [(-301, "forged"), (-300, "signed"), (300, "signed"), (301, "forged")] {
        assert_eq!(
            verdict(&hello(), &[TELNYX_KEY], seconds),
            expected,
            "{seconds} seconds later"
        );
    }
    // The second public key of RFC 8032, 7.1.
    let other = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";
    let keys: [(&[&str], _); 6] = [
        (&[other, TELNYX_KEY], "signed"),
        (&[other], "forged"),
        (&[TELNYX_PAIR], "signed"),
        (&["no key", TELNYX_KEY], "signed"),
        (&["no key"], "forged"),
        (&[], "forged"),
    ];
    for (secrets, expected) in keys {
        assert_eq!(verdict(&hello(), secrets, 0), expected, "{secrets:?}");
    }
    // A key of low order would let one signature fit many messages.
    let weak = BASE64.encode([0; 32]);
    let mut request = hello();
    *header(&mut request, SIGNATURE) = BASE64.encode([0; 64]);
    assert_eq!(verdict(&request, &[&weak], 0), "forged");
}

#[test]
fn secrets_that_are_no_key_are_refused_at_once() {
    for (secret, fine) in [
        (TELNYX_KEY, true),
        (TELNYX_PAIR, true),
        ("KEY0123", false),
        ("", false),
        ("AAAA", false),
    ] {
        assert_eq!(Telnyx.check(&endpoint(&[secret])).is_ok(), fine, "{secret}");
    }
    let mut with = endpoint(&[TELNYX_KEY]);
    with.template = Some(String::new());
    assert!(Telnyx.check(&with).is_err(), "it has a form of its own");
}

#[test]
fn telnyx_hears_200_unless_the_store_is_down() {
    let down = ItemOutcome::Refused(Refusal::Unavailable("full".to_owned()));
    let cases = [
        (vec![], 200),
        (vec![ItemOutcome::Parked], 200),
        (vec![ItemOutcome::Malformed(ItemError("odd".to_owned()))], 200),
        (vec![down], 503),
    ];
    for (outcomes, status) in cases {
        assert_eq!(Telnyx.reply(&outcomes).status, status, "{outcomes:?}");
    }
    assert_eq!(Telnyx.reject(&Rejection::Forged(String::new())).status, 403);
    assert_eq!(Telnyx.reject(&Rejection::Missing(String::new())).status, 400);
    let media = Telnyx.media("https://example.com/a", &endpoint(&[TELNYX_KEY]), &provider());
    assert_eq!(media.map(|media| media.basic_auth), Some(None), "its links are open");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn samples_verify_and_say_what_they_were_made_of(body: String, media in prop::collection::vec("https://[a-z]{1,9}/[a-z]{1,9}\\.png", 0..3), at: prop::sample::Index, byte: u8) {
        let scenario = Scenario { from: "+14155550119".to_owned(), body: body.clone(), media, ..Scenario::default() };
        let mut request = sample(&scenario);
        let endpoint = endpoint(&[TELNYX_KEY]);
        let verified = Telnyx.verify(&request, &endpoint, now()).unwrap();
        let item = Telnyx.parse(&verified, &endpoint).remove(0).unwrap();
        prop_assert_eq!(item.inbound.body.unwrap_or_default(), body);
        prop_assert_eq!(item.inbound.detail.attachments.len(), scenario.media.len());
        prop_assert_eq!((item.to.account, item.to.number), (provider().account, provider().number));
        let receipt = sample(&Scenario { name: "receipt".to_owned(), ..scenario.clone() });
        let verified = Telnyx.verify(&receipt, &endpoint, now()).unwrap();
        prop_assert_eq!(Telnyx.parse(&verified, &endpoint), []);
        let forged = sample(&Scenario { forge: true, ..scenario });
        prop_assert_eq!(verdict(&forged, &[TELNYX_KEY], 0), "forged");
        let place = at.index(request.raw.body.len());
        prop_assume!(request.raw.body[place] != byte);
        request.raw.body[place] = byte;
        prop_assert_eq!(verdict(&request, &[TELNYX_KEY], 0), "forged");
    }

    #[test]
    fn nothing_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), json in "[\\[\\]{}\":,a-z0-9]{0,60}") {
        let mut unsigned = endpoint(&[]);
        unsigned.unsigned = true;
        for body in [body, json.clone().into_bytes(), format!("{{\"data\":{{\"event_type\":\"message.received\",\"payload\":{json}}}}}").into_bytes()] {
            let mut request = hello();
            request.raw.body = body;
            let verified = Telnyx.verify(&request, &unsigned, now()).unwrap();
            prop_assert!(Telnyx.parse(&verified, &unsigned).len() <= 1);
            let _ = Telnyx.claims(&request);
        }
    }
}
