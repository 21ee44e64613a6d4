//! ClickSend: whatever comes to the secret address is read with care, and nothing makes it a 5xx but a store that is down.

use inlet_core::{
    adapter::{Adapter, ItemError, ItemOutcome, Rejection, Scenario, WebhookRequest},
    inbound::Strength,
    intake::Refusal,
};
use inlet_providers::clicksend::ClickSend;
use proptest::prelude::*;

use crate::support::{endpoint, endpoint_of, now, post, provider, target};

const FORM: &str = "from=61429912603&to=61477485926&body=Hi&message_id=M1&user_id=304497&timestamp=1775012927";

fn form(body: &str) -> WebhookRequest {
    post("https://inbox.example.com/in/clicksend/t", &[], body)
}

/// What becomes of a request, in a word.
fn becomes(request: &WebhookRequest) -> &'static str {
    let endpoint = endpoint_of(&ClickSend);
    match ClickSend.verify(request, &endpoint, now()) {
        Err(Rejection::NotOurs(_) | Rejection::TooLarge(_)) => "not ClickSend's",
        Err(Rejection::Missing(_) | Rejection::Forged(_)) => "not believed",
        Ok(verified) => {
            assert_eq!(verified.strength, Strength::UrlToken, "never more than that");
            let items = ClickSend.parse(&verified, &endpoint);
            assert_eq!(items.len(), 1);
            if items.iter().all(Result::is_ok) {
                "a message"
            } else {
                "malformed"
            }
        }
    }
}

#[test]
fn what_is_not_a_message_is_said_to_be_none() {
    let cases = [
        (FORM.to_owned(), "a message"),
        (FORM.replace("&message_id=M1", ""), "malformed"),
        (FORM.replace("M1", ""), "malformed"),
        (FORM.replace("M1", &"M".repeat(256)), "malformed"),
        (FORM.replace("M1", &"M".repeat(255)), "a message"),
        (FORM.replace("from=61429912603&", ""), "malformed"),
        (FORM.replace("body=Hi", "status=Delivered"), "malformed"),
        (FORM.replace("Hi", "%FF"), "not ClickSend's"),
        (String::new(), "malformed"),
        (
            r#"{"from":"61429912603","message_id":"M1","body":"Hi"}"#.to_owned(),
            "a message",
        ),
        (
            r#"{"from":61429912603,"message_id":1,"body":["Hi"]}"#.to_owned(),
            "a message",
        ),
        (
            r#"{"from":"61429912603","message_id":"M1""#.to_owned(),
            "not ClickSend's",
        ),
        (format!("{{\"a\":{}", "[".repeat(10_000)), "not ClickSend's"),
    ];
    for (body, expected) in cases {
        assert_eq!(becomes(&form(&body)), expected, "{body:.90}");
    }
}

#[test]
fn a_message_is_for_the_account_that_it_names() {
    let cases = [
        ("user_id=304497", Some("304497")),
        ("user_id=304497&subaccount_id=745158", Some("304497/745158")),
        ("subaccount_id=745158", Some("745158")),
        ("body=Hi", Some("")),
    ];
    for (body, expected) in cases {
        let claim = ClickSend.claims(&form(body)).expect("a form is read");
        assert_eq!(claim.account.as_deref(), expected, "{body}");
    }
}

#[test]
fn clicksend_hears_200_unless_the_store_is_down() {
    let down = ItemOutcome::Refused(Refusal::Unavailable("full".to_owned()));
    let cases = [
        (ItemOutcome::Parked, 200),
        (ItemOutcome::Refused(Refusal::Nothing), 200),
        (ItemOutcome::Malformed(ItemError("odd".to_owned())), 200),
        (down, 503),
    ];
    for (outcome, status) in cases {
        assert_eq!(ClickSend.reply(&[outcome]).status, status);
    }
    assert_eq!(ClickSend.reject(&Rejection::NotOurs("odd".to_owned())).status, 400);
    assert!(!ClickSend.proves_origin());
    let link = "https://rest.clicksend.com/a.png";
    assert_eq!(
        ClickSend.media(link, &endpoint(&[]), &provider()),
        None,
        "it sends no files"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn samples_say_the_same_in_all_three_spellings(body: String, from in "\\+[1-9][0-9]{8,13}", name in prop::sample::select(vec!["", "form", "get"])) {
        let (endpoint, mut provider) = (endpoint_of(&ClickSend), provider());
        provider.account = Some("304497/745158".to_owned());
        let scenario = Scenario { name: name.to_owned(), from: from.clone(), body: body.clone(), ..Scenario::default() };
        let request = ClickSend.sample(&scenario, &target(&endpoint, &provider), now());
        let verified = ClickSend.verify(&request, &endpoint, now()).unwrap();
        let item = ClickSend.parse(&verified, &endpoint).remove(0).unwrap();
        prop_assert_eq!(&item.to.account, &provider.account);
        prop_assert_eq!(&item.to.number, &provider.number);
        prop_assert_eq!(item.inbound.body.unwrap_or_default(), body);
        prop_assert_eq!(item.inbound.detail.from, Some(from));
        prop_assert_eq!(item.inbound.occurred_at, Some(now()));
        let forged = ClickSend.sample(&Scenario { forge: true, ..scenario }, &target(&endpoint, &provider), now());
        let path = |request: &WebhookRequest| request.raw.target.split('?').next().map(ToOwned::to_owned);
        prop_assert_ne!(path(&forged), path(&request), "only the address can be wrong");
    }

    #[test]
    fn nothing_makes_it_panic(target in "/[ -~]{0,60}", body in prop::collection::vec(any::<u8>(), 0..200), get: bool) {
        let mut request = form("");
        (request.raw.target, request.raw.body) = (target, body);
        if get {
            "GET".clone_into(&mut request.raw.method);
        }
        let _ = becomes(&request);
        let _ = ClickSend.claims(&request);
    }
}
