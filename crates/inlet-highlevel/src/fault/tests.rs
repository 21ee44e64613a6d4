//! The words and statuses of refusals, as clients of HighLevel know them.

use super::*;

fn json(fault: &Fault) -> String {
    serde_json::to_string(fault).unwrap()
}

#[test]
fn faults_have_the_bodies_that_clients_of_highlevel_know() {
    insta::assert_snapshot!(json(&Fault::no_version()), @r#"{"statusCode":401,"message":"version header was not found.","error":"Unauthorized","hint":"Send the header Version: 2021-04-15."}"#);
    insta::assert_snapshot!(json(&Fault::provider_mismatch()), @r#"{"statusCode":400,"message":"Incorrect conversationProviderId/type","canonicalCode":"CONVERSATIONS_MSG_CONVERSATION_PROVIDER_MISMATCH","hint":"Send the type that the provider is for: an SMS provider takes SMS and Custom, an Email provider Email and Custom, a Call provider Call, a Custom provider Custom."}"#);
    insta::assert_snapshot!(json(&Fault::unprocessable(vec![BAD_TYPE.to_owned()])), @r#"{"statusCode":422,"message":["type must be a valid enum value"],"error":"Unprocessable Entity","hint":"Write type exactly as one of SMS, Email, WhatsApp, GMB, IG, FB, Custom, WebChat, Live_Chat, Call, RCS, IVR_Call, Campaign_Call, Campaign_VoiceMail, TIKTOK, ALL_IN_ONE_CHAT, FORM_SUBMISSION; capital letters count."}"#);
    insta::assert_snapshot!(json(&Fault::too_many_requests(3)), @r#"{"statusCode":429,"message":"Too Many Requests"}"#);
    insta::assert_snapshot!(json(&Fault::no_route("GET", "/nowhere")), @r#"{"statusCode":404,"message":"Cannot GET /nowhere","error":"Not Found"}"#);
}

#[test]
fn every_refusal_of_the_rule_has_its_status() {
    let cases = [
        (Refusal::NoSuchContact, 404, None),
        (Refusal::NoSuchEmail, 404, None),
        (Refusal::NoSuchMessage, 404, None),
        (Refusal::Nothing, 422, None),
        (Refusal::Stale, 409, None),
        (Refusal::NoSuchNote, 404, None),
        (Refusal::Full("there is no room"), 400, None),
        (
            Refusal::Duplicate {
                contact: inlet_core::ids::ContactKey(1),
                by: inlet_core::address::IdentityKind::Phone,
            },
            400,
            None,
        ),
        (Refusal::KeyReused, 422, None),
        (Refusal::Unavailable("the disk of /srv is full".into()), 429, Some(1)),
    ];
    for (refusal, status, retry_after) in cases {
        let fault = Fault::from(refusal.clone());
        assert_eq!((fault.status, fault.retry_after), (status, retry_after), "{refusal:?}");
        assert!(!json(&fault).contains("/srv"), "the inside stays inside");
    }
}
