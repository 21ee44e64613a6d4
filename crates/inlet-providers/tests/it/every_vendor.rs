//! What holds at the door of every vendor, as one table: a vendor that is added must be added here.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test needs to begin with must be there"
)]

use inlet_core::{
    Timestamp,
    adapter::{Adapter, ItemError, ItemOutcome, Rejection, Scenario, WebhookRequest},
    intake::Refusal,
    registry::Endpoint,
    secret::Secret,
};
use inlet_providers::ALL;

use crate::support::{endpoint_of, now, provider, target};

/// Where a vendor's proof of origin stands, and what it covers.
struct Door {
    adapter: &'static str,
    /// Its header.
    header: Option<&'static str>,
    /// Whether that header is a list, of which one has to fit.
    list: bool,
    /// The header of the time that is signed.
    time: Option<&'static str>,
    /// For how many seconds it is good, where it bears a time.
    window: Option<i64>,
    /// Whether it covers the body.
    covers_body: bool,
    /// Another key of the same kind, which did not sign.
    other_key: &'static str,
    /// What is answered to what cannot be read although it is the vendor's: so that it neither comes for days nor turns
    /// the webhook off.
    malformed: u16,
    /// What is answered to a proof that is absent, does not fit, to what is not the vendor's at all, and to what is too
    /// large.
    rejected: [u16; 4],
}

const USUAL: [u16; 4] = [400, 403, 400, 413];

const fn signed(adapter: &'static str, header: &'static str, malformed: u16) -> Door {
    Door {
        adapter,
        header: Some(header),
        list: false,
        time: None,
        window: None,
        covers_body: true,
        other_key: "another key of the same kind",
        malformed,
        rejected: USUAL,
    }
}

const DOORS: &[Door] = &[
    signed("twilio", "x-twilio-signature", 200),
    signed("twilio-voice", "x-twilio-signature", 200),
    Door {
        header: None,
        covers_body: false,
        ..signed("clicksend", "", 200)
    },
    Door {
        time: Some("telnyx-timestamp"),
        window: Some(300),
        // The second public key of RFC 8032, 7.1.
        other_key: "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=",
        ..signed("telnyx", "telnyx-signature-ed25519", 200)
    },
    Door {
        list: true,
        time: Some("webhook-timestamp"),
        window: Some(300),
        other_key: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        rejected: [401, 403, 400, 413],
        ..signed("custom", "webhook-signature", 422)
    },
    signed("meta", "x-hub-signature-256", 200),
    Door {
        header: None,
        covers_body: false,
        rejected: [400, 403, 406, 406],
        ..signed("mailgun", "", 406)
    },
    Door {
        covers_body: false,
        rejected: [401, 401, 403, 403],
        ..signed("postmark", "authorization", 403)
    },
    Door {
        time: Some("x-twilio-email-event-webhook-timestamp"),
        other_key: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
        ..signed("sendgrid", "x-twilio-email-event-webhook-signature", 200)
    },
    Door {
        covers_body: false,
        ..signed("mime", "authorization", 400)
    },
    Door {
        header: None,
        covers_body: false,
        ..signed("web-chat", "", 400)
    },
];

impl Door {
    fn adapter(&self) -> &'static dyn Adapter {
        let found = ALL.iter().find(|adapter| adapter.name() == self.adapter);
        *found.unwrap_or_else(|| panic!("there is no adapter {}", self.adapter))
    }

    fn endpoint(&self, secrets: &[&str]) -> Endpoint {
        Endpoint {
            secrets: secrets.iter().map(|&secret| Secret::new(secret)).collect(),
            ..endpoint_of(self.adapter())
        }
    }

    /// The secret that signs its samples.
    fn secret(&self) -> String {
        if self.header == Some("authorization") {
            return "inlet:a password".to_owned();
        }
        let endpoint = endpoint_of(self.adapter());
        let secret = endpoint.secrets.first().and_then(Secret::expose_text);
        secret.unwrap_or_default().to_owned()
    }

    fn sample(&self) -> WebhookRequest {
        let from = match self.adapter {
            "mailgun" | "postmark" | "sendgrid" | "mime" => "maya@okafor.example",
            _ => "+14155550119",
        };
        let scenario = Scenario {
            from: from.to_owned(),
            body: "Hello".to_owned(),
            ..Scenario::default()
        };
        let endpoint = self.endpoint(&[&self.secret()]);
        self.adapter().sample(&scenario, &target(&endpoint, &provider()), now())
    }

    /// What becomes of a request under some secrets, so many seconds later.
    fn verdict(&self, request: &WebhookRequest, secrets: &[&str], later: i64) -> &'static str {
        let at = Timestamp::from_second(now().as_second() + later).unwrap();
        match self.adapter().verify(request, &self.endpoint(secrets), at) {
            Ok(_) => "believed",
            Err(Rejection::Missing(_)) => "missing",
            Err(Rejection::Forged(_)) => "forged",
            Err(Rejection::NotOurs(_)) => "not ours",
            Err(Rejection::TooLarge(_)) => "too large",
        }
    }
}

fn header<'r>(request: &'r mut WebhookRequest, name: &str) -> &'r mut String {
    let found = request.raw.headers.iter_mut().find(|(key, _)| key == name);
    &mut found.unwrap_or_else(|| panic!("no header {name}")).1
}

#[test]
fn no_vendor_is_left_out() {
    let listed: Vec<_> = DOORS.iter().map(|door| door.adapter).collect();
    for adapter in ALL {
        assert!(listed.contains(&adapter.name()), "{} has no row here", adapter.name());
    }
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).unwrap();
    for folder in folders {
        let name = folder.unwrap().file_name();
        assert!(
            listed.iter().any(|adapter| name == *adapter),
            "{name:?} is no adapter's"
        );
    }
}

#[test]
fn a_proof_in_a_header_is_whole_single_and_its_own() {
    type Harm = (&'static str, fn(&mut String), &'static str);
    let harms: [Harm; 7] = [
        ("nothing", |_| {}, "believed"),
        ("empty", String::clear, "missing"),
        ("cut short", |value| value.truncate(value.len() - 5), "forged"),
        ("gone on", |value| value.push_str("AAAA"), "forged"),
        ("junk after it", |value| value.push_str(" x"), "forged"),
        ("another alphabet", |value| value.insert(value.len() - 4, '-'), "forged"),
        ("in upper case", |value| *value = value.to_uppercase(), "forged"),
    ];
    for door in DOORS {
        let (secret, Some(name)) = (door.secret(), door.header) else {
            continue;
        };
        for (what, harm, expected) in harms {
            let mut request = door.sample();
            let expected = if door.list && what == "junk after it" {
                "believed"
            } else {
                expected
            };
            harm(header(&mut request, name));
            assert_eq!(
                door.verdict(&request, &[&secret], 0),
                expected,
                "{}: {what}",
                door.adapter
            );
        }
        let mut request = door.sample();
        let twice = (name.to_owned(), header(&mut request, name).clone());
        request.raw.headers.push(twice);
        assert_eq!(
            door.verdict(&request, &[&secret], 0),
            "forged",
            "{}: two of them",
            door.adapter
        );
        request.raw.headers.retain(|(key, _)| key != name);
        assert_eq!(
            door.verdict(&request, &[&secret], 0),
            "missing",
            "{}: none",
            door.adapter
        );
    }
}

#[test]
fn any_active_key_may_sign_and_no_other() {
    for door in DOORS.iter().filter(|door| door.adapter().proves_origin()) {
        let (request, secret) = (door.sample(), door.secret());
        let cases: [(&[&str], bool); 4] = [
            (&[&secret], true),
            (&[door.other_key, &secret], true),
            (&[door.other_key], false),
            (&[], false),
        ];
        for (secrets, expected) in cases {
            let what = format!("{} under {} keys", door.adapter, secrets.len());
            assert_eq!(door.verdict(&request, secrets, 0) == "believed", expected, "{what}");
        }
    }
}

#[test]
fn a_body_that_is_covered_cannot_be_changed() {
    for door in DOORS.iter().filter(|door| door.covers_body) {
        let secret = door.secret();
        for byte in [0xff, b' '] {
            let mut request = door.sample();
            request.raw.body.push(byte);
            let verdict = door.verdict(&request, &[&secret], 0);
            assert!(verdict != "believed", "{}: {byte:x} more", door.adapter);
        }
        let mut request = door.sample();
        request.raw.body.pop();
        assert_ne!(
            door.verdict(&request, &[&secret], 0),
            "believed",
            "{}: a byte less",
            door.adapter
        );
    }
}

#[test]
fn a_signed_time_is_a_number_and_near() {
    for door in DOORS {
        let (secret, Some(name)) = (door.secret(), door.time) else {
            continue;
        };
        for time in ["now", "", "-1", "99999999999999999999", "1800000000.5"] {
            let mut request = door.sample();
            time.clone_into(header(&mut request, name));
            assert_ne!(
                door.verdict(&request, &[&secret], 0),
                "believed",
                "{}: {time:?}",
                door.adapter
            );
        }
        let Some(window) = door.window else { continue };
        for (later, expected) in [(window, "believed"), (window + 1, "forged"), (-window - 1, "forged")] {
            let what = format!("{}: {later} seconds later", door.adapter);
            assert_eq!(door.verdict(&door.sample(), &[&secret], later), expected, "{what}");
        }
    }
}

#[test]
fn each_vendor_hears_what_it_needs_to_hear() {
    let odd = || ItemOutcome::Malformed(ItemError("odd".to_owned()));
    let down = || ItemOutcome::Refused(Refusal::Unavailable("full".to_owned()));
    for door in DOORS {
        let adapter = door.adapter();
        let status = |outcomes: &[ItemOutcome]| adapter.reply(outcomes).status;
        assert_eq!(status(&[ItemOutcome::Parked]), 200, "{}: parked", door.adapter);
        assert_eq!(status(&[odd()]), door.malformed, "{}: malformed", door.adapter);
        assert_eq!(status(&[down()]), 503, "{}: the store is down", door.adapter);
        assert_eq!(
            status(&[ItemOutcome::Parked, odd(), down()]),
            503,
            "{}: one of them",
            door.adapter
        );
        let rejections = [
            Rejection::Missing,
            Rejection::Forged,
            Rejection::NotOurs,
            Rejection::TooLarge,
        ];
        let statuses = rejections.map(|rejection| adapter.reject(&rejection("x".to_owned())).status);
        assert_eq!(statuses, door.rejected, "{}: rejected", door.adapter);
    }
}
