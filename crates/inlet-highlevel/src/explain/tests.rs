//! Each body that was seen in the wild has its fate and its sentence.

use super::*;

/// Bodies as they were seen in the wild, with what becomes of each and a part of a sentence on it.
const SEEN: [(&str, Fate, &str); 17] = [
    (
        r#"{"type":"SMS","contactId":"c","message":"hi","direction":"inbound"}"#,
        Fate::Written,
        "It is written",
    ),
    (
        r#"{"type":"SMS","contactId":"c","message":"hi"}"#,
        Fate::Written,
        "would be outbound",
    ),
    (
        r#"{"type":"SMS","contactId":"c","message":"hi","timestamp":"2024-01-15T14:30:00Z"}"#,
        Fate::Written,
        "did you mean date?",
    ),
    (
        r#"{"type":"SMS","contactId":"c","message":"hi","dateAdded":"x"}"#,
        Fate::Written,
        "did you mean date?",
    ),
    (
        r#"{"type":"SMS","contactId":"c","message":"hi","locationId":"l"}"#,
        Fate::Written,
        "the token says",
    ),
    (
        r#"{"type":"Custom","contactId":"c","message":"hi"}"#,
        Fate::Lost,
        "stores nothing",
    ),
    (
        r#"{"type":"Email","contactId":"c","html":"hi","conversationProviderId":"p"}"#,
        Fate::Astray,
        "default channel",
    ),
    (
        r#"{"type":"Call","contactId":"c"}"#,
        Fate::Refused,
        "No conversationProviderId passed in body",
    ),
    (
        r#"{"type":"Call","contactId":"c","conversationProviderId":"p"}"#,
        Fate::Refused,
        "No call object",
    ),
    (
        r#"{"type":"sms","contactId":"c","message":"hi"}"#,
        Fate::Refused,
        "Write type as \"SMS\"",
    ),
    (
        r#"{"type":"SMS","phone":"+14155550119","message":"hi"}"#,
        Fate::Refused,
        "POST /contacts/upsert",
    ),
    (
        r#"{"type":"SMS","contactId":"c"}"#,
        Fate::Refused,
        "no text and no file",
    ),
    (
        r#"{"type":"SMS","contactId":"c","mediaUrl":"https://x.example/a.png"}"#,
        Fate::Refused,
        "did you mean attachments?",
    ),
    (
        r#"{"messageType":"sms","contactId":"c","body":"hi","source":"twilio"}"#,
        Fate::Refused,
        "older endpoint",
    ),
    (
        r#"{"type":"SMS","contactId":"c","message":"hi","conversationProviderId":"p"}"#,
        Fate::Written,
        "refused with 401",
    ),
    (
        r#"{"type":"SMS","contactId":"c","message":"hi","direction":["outbound","inbound"]}"#,
        Fate::Refused,
        "direction",
    ),
    ("[]", Fate::Refused, "no JSON object"),
];

#[test]
fn each_body_seen_in_the_wild_has_its_fate_and_its_sentence() {
    for (body, fate, sentence) in SEEN {
        let explained = explain(body.as_bytes());
        assert_eq!(explained.fate, fate, "{body}: {explained:?}");
        assert!(
            explained.sentences.iter().any(|said| said.contains(sentence)),
            "{body}: {explained:?}"
        );
    }
}
