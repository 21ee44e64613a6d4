//! Every answer that a webhook can get, and what it means.

use http::{HeaderName, HeaderValue};

use super::*;
use crate::guard::Forbidden;

fn now() -> Timestamp {
    "1994-11-06T08:00:00Z".parse().unwrap()
}

fn answer(status: u16, headers: &[(&'static str, &str)], end: End) -> Answer {
    let header =
        |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    Answer {
        status,
        headers: headers.iter().map(header).collect(),
        body: Vec::new(),
        end,
    }
}

fn retry(after: Option<u64>, park: bool, cap: Option<u32>) -> Outcome {
    Outcome::Retry {
        after: after.map(Duration::from_secs),
        park,
        cap,
    }
}

#[test]
fn a_status_decides() {
    for status in [200, 201, 202, 204, 206, 299] {
        assert_eq!(outcome(&answer(status, &[], End::Whole), now()), Outcome::Delivered);
        assert_eq!(outcome(&answer(status, &[], End::Long), now()), Outcome::Delivered);
        for end in [End::Late, End::Broken] {
            assert_eq!(outcome(&answer(status, &[], end), now()), AGAIN, "{status} {end:?}");
        }
    }
    for status in [
        300, 301, 302, 304, 307, 308, 408, 425, 500, 501, 502, 503, 504, 520, 599,
    ] {
        assert_eq!(outcome(&answer(status, &[], End::Whole), now()), AGAIN, "{status}");
    }
    for status in [400, 401, 402, 403, 404, 405, 406, 409, 413, 414, 415, 418, 422, 451] {
        let expected = retry(None, false, Some(REFUSED_CAP));
        assert_eq!(outcome(&answer(status, &[], End::Whole), now()), expected, "{status}");
    }
    assert_eq!(outcome(&answer(429, &[], End::Whole), now()), retry(None, true, None));
    assert!(matches!(
        outcome(&answer(410, &[], End::Whole), now()),
        Outcome::Disable { .. }
    ));
}

#[test]
fn the_delivery_header_speaks_for_the_receiver() {
    for status in [200, 404, 500] {
        let disabled = outcome(&answer(status, &[("webhook-delivery", "disable")], End::Whole), now());
        assert!(matches!(disabled, Outcome::Disable { .. }), "{status}");
    }
    let aborted = |status| {
        outcome(
            &answer(status, &[("webhook-delivery", "abort-message")], End::Whole),
            now(),
        )
    };
    let reason = "aborted_by_receiver";
    assert_eq!(aborted(422), Outcome::Dead { reason });
    assert_eq!(aborted(200), Outcome::Delivered, "it has it already");
    let unknown = outcome(&answer(500, &[("webhook-delivery", "please")], End::Whole), now());
    assert_eq!(unknown, AGAIN);
}

#[test]
fn a_receiver_can_ask_for_time() {
    let asked = |status, text: &str| outcome(&answer(status, &[("retry-after", text)], End::Whole), now());
    assert_eq!(asked(429, "120"), retry(Some(120), true, None));
    assert_eq!(asked(503, "120"), retry(Some(120), true, None));
    assert_eq!(asked(500, "120"), retry(Some(120), false, None));
    assert_eq!(asked(404, "120"), retry(Some(120), false, Some(REFUSED_CAP)));
    assert_eq!(asked(301, "120"), AGAIN);
    assert_eq!(asked(503, "soon"), AGAIN);
    assert_eq!(asked(429, "soon"), retry(None, true, None));
}

#[test]
fn retry_after_is_read_as_rfc_9110_has_it() {
    let millis = |text: &str| {
        let headers = answer(429, &[("retry-after", text)], End::Whole).headers;
        retry_after(&headers, now()).map(|wait| wait.as_millis())
    };
    let day = Some(86_400_000);
    let cases = [
        ("120", Some(120_000)),
        (" 7 ", Some(7_000)),
        ("1.5", Some(1_500)),
        ("0", None),
        ("86401", day),
        ("99999999999999999999999999999999", day),
        ("-5", None),
        ("1e3", None),
        ("inf", None),
        ("NaN", None),
        ("", None),
        (".", None),
        ("1.2.3", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(2_977_000)),
        ("Sun, 06 Nov 1994 07:59:59 GMT", None),
        ("Sun, 06 Nov 2094 08:49:37 GMT", None),
        ("Sat, 06 Nov 2094 08:49:37 GMT", day),
        ("tomorrow", None),
    ];
    for (text, expected) in cases {
        assert_eq!(millis(text), expected, "{text}");
    }
}

#[test]
fn no_answer_is_tried_again_unless_nobody_may_be_called() {
    let failures = [
        Failure::Unresolved,
        Failure::Unreachable,
        Failure::Tls("invalid peer certificate".to_owned()),
        Failure::Late,
        Failure::Lost,
    ];
    for failure in failures {
        assert_eq!(unanswered(&failure), AGAIN, "{failure}");
    }
    let reason = "blocked_target";
    assert_eq!(
        unanswered(&Failure::Blocked(Forbidden::Address)),
        Outcome::Dead { reason }
    );
}

#[test]
fn what_went_wrong_is_said_in_words() {
    assert_eq!(answered(&answer(204, &[], End::Whole), now()).1, None);
    let cases = [
        (500, End::Whole, "answered 500"),
        (
            301,
            End::Whole,
            "answered 301: redirects are not followed, so give the address it leads to",
        ),
        (200, End::Late, "answered 200, but the answer was not over in time"),
        (
            200,
            End::Broken,
            "answered 200, but the connection broke within the answer",
        ),
    ];
    for (status, end, words) in cases {
        assert_eq!(answered(&answer(status, &[], end), now()).1.as_deref(), Some(words));
    }
}
