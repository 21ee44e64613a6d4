//! Each answer with what it means, as a table: the words are those that users met.

use serde_json::json;

use super::*;

fn kind<T>(answer: &Answer<T>) -> &'static str {
    match answer {
        Answer::Good(_) => "good",
        Answer::Refused { reason, .. } => reason,
        Answer::NoContact => "no contact",
        Answer::Unauthorised(_) => "unauthorised!",
        Answer::Forbidden(_) => "forbidden!",
        Answer::Limited => "limited",
        Answer::Unclear => "unclear",
    }
}

#[test]
fn an_answer_to_a_post_means_one_thing() {
    let message = |words: &str| json!({ "message": words }).to_string();
    let cases = [
        (
            200,
            r#"{"messageId":"m1","message":"Message queued successfully."}"#.to_owned(),
            "good",
        ),
        (201, r#"{"messageId":"m1"}"#.to_owned(), "good"),
        (201, String::new(), "accepted_without_id"),
        (200, r#"{"success":true}"#.to_owned(), "accepted_without_id"),
        (200, r#"{"messageId":"m"#.to_owned(), "unclear"),
        (302, String::new(), "unexpected_redirect"),
        (400, message("Incorrect conversationProviderId/type"), "validation"),
        (
            422,
            json!({ "message": ["type must be a valid enum value"] }).to_string(),
            "validation",
        ),
        (401, message("Invalid JWT"), "unauthorised!"),
        (401, message("version header is invalid"), "unauthorised"),
        (
            401,
            message("You don't have access to the conversationProvider with id: X"),
            "provider_no_access",
        ),
        (
            403,
            message("The token does not have access to this location."),
            "forbidden!",
        ),
        (404, message("Contact not found"), "no contact"),
        (
            404,
            message("There is no contact or conversation with this id at this location."),
            "no contact",
        ),
        (400, message("Contact with id x not found"), "no contact"),
        (404, message("Cannot POST /conversations/messages/inbound"), "not_found"),
        (413, message("request entity too large"), "too_large"),
        (429, message("Too Many Requests"), "limited"),
        (408, String::new(), "unclear"),
        (500, message("Internal server error"), "unclear"),
        (502, "<html>bad gateway</html>".to_owned(), "unclear"),
    ];
    for (status, body, expected) in cases {
        assert_eq!(kind(&posted(status, body.as_bytes())), expected, "{status} {body}");
    }
}

#[test]
fn an_upsert_answers_whom_it_found() {
    let duplicate = r#"{"message":"This location does not allow duplicated contacts.","meta":{"contactId":"c2"}}"#;
    let cases = [
        (200, r#"{"new":true,"contact":{"id":"c1"}}"#, "c1"),
        (201, r#"{"contact":{"id":"c1"}}"#, "c1"),
        (400, duplicate, "c2"),
    ];
    for (status, body, id) in cases {
        assert_eq!(upserted(status, body.as_bytes()), Answer::Good(id.to_owned()));
    }
    for (status, body, expected) in [
        (200, "{}", "unclear"),
        (400, r#"{"message":"phone is invalid"}"#, "validation"),
        (404, r#"{"message":"contact not found"}"#, "not_found"),
    ] {
        assert_eq!(kind(&upserted(status, body.as_bytes())), expected, "{status} {body}");
    }
}

#[test]
fn what_is_passed_on_of_an_answer_is_short() {
    let long = json!({ "message": "x".repeat(1000) });
    assert_eq!(words(&long).len(), LONGEST);
    assert_eq!(words(&json!({ "message": ["a", "b"] })), "a, b");
    assert_eq!(
        words(&json!({ "error": "invalid_grant", "error_description": "Invalid refresh token" })),
        "Invalid refresh token"
    );
}
