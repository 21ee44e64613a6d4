//! The signatures that vendors publish.

use inlet_core::adapter::Rejection;
use serde_json::Value;

use crate::support::{fixtures_of, post, verify};

#[test]
fn twilios_published_signatures_fit_and_its_negative_ones_do_not() {
    let text = std::fs::read_to_string(fixtures_of("twilio").join("vectors.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 16, "some of the published vectors are gone");
    let mut refused = 0;
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let content_type = if vector["json"].as_bool().unwrap() {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let headers = [
            ("content-type", content_type),
            ("x-twilio-signature", text("signature")),
        ];
        let request = post(text("url"), &headers, text("body"));
        let verdict = verify(&request, &[text("token")]);
        let name = text("name");
        if vector["accept"].as_bool().unwrap() {
            assert!(verdict.is_ok(), "{name}: {verdict:?}");
            let other = verify(&request, &["54321"]);
            assert!(matches!(other, Err(Rejection::Forged(_))), "{name}, under another key");
        } else {
            refused += 1;
            assert!(matches!(verdict, Err(Rejection::Forged(_))), "{name}: {verdict:?}");
        }
    }
    assert!(refused >= 1, "no negative vector is left");
}
