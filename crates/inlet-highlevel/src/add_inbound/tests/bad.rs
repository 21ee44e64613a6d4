//! Every kind of wrong body: its status, and the sentence that says what to change.

use super::*;

fn refused(body: &str) -> Fault {
    match read_with(None, body) {
        Err(fault) => fault,
        Ok(change) => panic!("{body} was taken as {change:?}"),
    }
}

/// The sentences of a 422.
fn sentences(template: &Value) -> Vec<String> {
    let fault = refused(&body(template));
    assert_eq!(fault.status, 422, "{template}: {fault:?}");
    match fault.message {
        Words::Each(sentences) => sentences,
        Words::One(sentence) => panic!("{template}: {sentence} should be in a list"),
    }
}

#[test]
fn bodies_that_are_not_json_objects_are_400() {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let cases = [
        (String::new(), "The body is empty: send a JSON object."),
        (" \n".into(), "The body is empty: send a JSON object."),
        (
            "{\"type\":".into(),
            "The body is not valid JSON: EOF while parsing a value at line 1 column 8.",
        ),
        (
            "{'type':'SMS'}".into(),
            "The body is not valid JSON: key must be a string at line 1 column 2.",
        ),
        ("[]".into(), "The body is JSON, but not an object: send {\"type\": …}."),
        (
            "\"SMS\"".into(),
            "The body is JSON, but not an object: send {\"type\": …}.",
        ),
        (
            format!("{{\"type\":\"SMS\",\"x\":{deep}}}"),
            "The JSON is nested deeper than 64 levels: flatten it.",
        ),
        (
            "[".repeat(100_000),
            "The JSON is nested deeper than 64 levels: flatten it.",
        ),
    ];
    for (body, sentence) in cases {
        let fault = refused(&body);
        assert_eq!((fault.status, fault.message), (400, Words::One(sentence.into())));
    }
    let broken = read_with(None, "{\"message\":\"+14155550119 secret").unwrap_err();
    assert!(
        !format!("{broken:?}").contains("4155550119"),
        "what was sent is not repeated"
    );
}

/// Each change to a good body makes it say just that sentence.
fn each_says(cases: &[(Value, &str)]) {
    for (change, sentence) in cases {
        let mut template = json!({"type": "SMS", "contactId": "$contact", "message": "hi"});
        for (name, value) in change.as_object().unwrap() {
            template[name] = value.clone();
        }
        assert_eq!(sentences(&template), [*sentence], "{change}");
    }
}

#[test]
fn each_wrong_field_is_named_in_a_sentence() {
    let either = "contactId or conversationId is required (here phone or email will do as well)";
    let bad_type = "type must be a valid enum value";
    let date = "date must be a valid ISO 8601 date string with its offset, such as 2024-07-29T15:51:28.071Z";
    let status =
        "call.status must be one of pending, completed, answered, busy, no-answer, failed, canceled, voicemail";
    let cases = [
        (json!({"contactId": null}), either),
        (json!({"contactId": ""}), either),
        (json!({"type": "sms"}), bad_type),
        (json!({"type": "CUSTOM"}), bad_type),
        (json!({"type": null}), bad_type),
        (
            json!({"contactId": 7, "conversationId": "$conversation"}),
            "contactId must be a string",
        ),
        (json!({"message": 7}), "message must be a string"),
        (json!({"message": {"text": "hi"}}), "message must be a string"),
        (
            json!({"message": "a\u{0}b"}),
            "message must not contain the character U+0000",
        ),
        (json!({"emailCc": "a@b.c"}), "emailCc must be an array"),
        (json!({"call": "voicemail"}), "call must be an object"),
        (json!({"call": {"from": 7}}), "call.from must be a string"),
        (json!({"call": {"status": "ringing"}}), status),
        (
            json!({"direction": "in"}),
            "direction must be \"inbound\" or \"outbound\"",
        ),
        (json!({"date": "yesterday"}), date),
        (json!({"date": "2024-07-29"}), date),
        (json!({"date": 1_722_268_288}), "date must be a string"),
        (
            json!({"altId": "x".repeat(256)}),
            "altId must be shorter than or equal to 255 characters",
        ),
    ];
    each_says(&cases);
}

#[test]
fn links_numbers_and_addresses_must_be_what_they_say() {
    let link = "attachments must be links that begin with https:// or http://";
    let cases = [
        (json!({"attachments": "https://a.b/c"}), "attachments must be an array"),
        (
            json!({"attachments": [7]}),
            "each value in attachments must be a string",
        ),
        (json!({"attachments": ["javascript:alert(1)"]}), link),
        (json!({"attachments": ["/a.jpg"]}), link),
        (
            json!({"attachments": vec!["https://a.b/c"; 51]}),
            "attachments must contain no more than 50 elements",
        ),
        (
            json!({"contactId": null, "phone": "hello"}),
            "phone cannot be used: it is not a phone number: write it in E.164, such as +14155550119",
        ),
        (
            json!({"contactId": null, "email": "nobody"}),
            "email cannot be used: it is not an e-mail address: write it as name@example.com",
        ),
    ];
    each_says(&cases);
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let said = sentences(&json!({"type": "sms", "message": 7, "date": "never", "call": {"to": []}}));
    insta::assert_snapshot!(said.join("\n"), @r#"
    type must be a valid enum value
    contactId or conversationId is required (here phone or email will do as well)
    message must be a string
    date must be a valid ISO 8601 date string with its offset, such as 2024-07-29T15:51:28.071Z
    call.to must be a string
    "#);
}

#[test]
fn the_published_sample_is_answered_with_a_sentence_on_just_what_is_wrong_in_it() {
    let sample = json!({
        "type": "SMS", "attachments": ["string"], "message": "string",
        "conversationId": "ve9EPM428h8vShlRW1KT", "contactId": "ve9EPM428h8vShlRW1KT",
        "conversationProviderId": "61d6d1f9cdac7612faf80753", "html": "string", "subject": "string",
        "emailFrom": "sender@company.com", "emailTo": "string", "emailCc": ["john1@doe.com", "john2@doe.com"],
        "emailBcc": ["john1@doe.com", "john2@doe.com"], "emailMessageId": "string",
        "altId": "61d6d1f9cdac7612faf80753", "direction": ["outbound", "inbound"],
        "date": "2024-07-29T15:51:28.071Z",
        "call": {"to": "+15037081210", "from": "+15037081210", "status": "completed"},
    });
    insta::assert_snapshot!(sentences(&sample).join("\n"), @r#"direction must be one text, "inbound" or "outbound": in the published sample it is a list, which only names the two. Leave it out for an inbound message."#);
}

#[test]
fn ids_and_providers_that_do_not_fit_are_refused_in_highlevels_words() {
    let unknown = Fault::unknown_contact;
    let disagree = || {
        Fault::bad_request(
            "contactId and conversationId do not belong together: send one of them, or the two of one contact.",
        )
    };
    let cases: [(Value, Fault); 18] = [
        (json!({"contactId": "ve9EPM428h8vShlRW1KT"}), unknown()),
        (json!({"contactId": "$conversation"}), unknown()),
        (json!({"contactId": "+14155550119"}), unknown()),
        (
            json!({"contactId": null, "conversationId": "ve9EPM428h8vShlRW1KT"}),
            unknown(),
        ),
        (
            json!({"contactId": "ve9EPM428h8vShlRW1KT", "conversationId": "ve9EPM428h8vShlRW1KT"}),
            unknown(),
        ),
        (json!({"conversationId": "$other"}), disagree()),
        (json!({"conversationId": "ve9EPM428h8vShlRW1KT"}), disagree()),
        (json!({"type": "Custom"}), Fault::custom_needs_provider()),
        (json!({"type": "Call"}), Fault::call_needs_provider()),
        (
            json!({"conversationProviderId": "61d6d1f9cdac7612faf80753"}),
            Fault::unknown_provider(),
        ),
        (json!({"conversationProviderId": "$foreign"}), Fault::unknown_provider()),
        (
            json!({"conversationProviderId": "$emailer"}),
            Fault::provider_mismatch(),
        ),
        (json!({"conversationProviderId": "$custom"}), Fault::provider_mismatch()),
        (
            json!({"type": "Email", "conversationProviderId": "$sms"}),
            Fault::provider_mismatch(),
        ),
        (
            json!({"type": "Custom", "conversationProviderId": "$caller"}),
            Fault::provider_mismatch(),
        ),
        (
            json!({"type": "WhatsApp", "conversationProviderId": "$sms"}),
            Fault::provider_mismatch(),
        ),
        (
            json!({"type": "Email", "emailMessageId": "string"}),
            Fault::unknown_email(),
        ),
        (
            json!({"type": "Email", "emailMessageId": "$contact"}),
            Fault::unknown_email(),
        ),
    ];
    for (change, expected) in cases {
        let mut template = json!({"type": "SMS", "contactId": "$contact", "message": "hi"});
        for (name, value) in change.as_object().unwrap() {
            template[name] = value.clone();
        }
        assert_eq!(refused(&body(&template)), expected, "{change}");
    }
}

#[test]
fn an_idempotency_key_has_a_length() {
    let template = json!({"type": "SMS", "contactId": "$contact", "message": "hi"});
    for (key, fits) in [
        ("", false),
        ("k", true),
        (&"k".repeat(255), true),
        (&"k".repeat(256), false),
    ] {
        assert_eq!(
            read_with(Some(key), &body(&template)).is_ok(),
            fits,
            "{} characters",
            key.len()
        );
    }
}
