//! What is taken, and as what.

use inlet_core::{channel::CallStatus, inbound::Call};

use super::*;
use crate::sample::at;

#[test]
fn every_type_becomes_its_channel_at_its_provider() {
    // Type, provider, channel, and the key of the provider it is recorded under.
    let cases = [
        ("SMS", None, Channel::Sms, 1),
        ("SMS", Some("$sms"), Channel::CustomSms, 1001),
        ("Custom", Some("$sms"), Channel::CustomSms, 1001),
        ("Custom", Some("$custom"), Channel::CustomSms, 1004),
        ("Custom", Some("$emailer"), Channel::CustomEmail, 1002),
        ("Email", None, Channel::Email, 3),
        ("Email", Some("$emailer"), Channel::CustomEmail, 1002),
        ("Call", Some("$caller"), Channel::Call, 1003),
        ("WhatsApp", None, Channel::WhatsApp, 4),
        ("GMB", None, Channel::GoogleBusiness, 5),
        ("IG", None, Channel::Instagram, 6),
        ("FB", None, Channel::Facebook, 7),
        ("WebChat", None, Channel::WebChat, 8),
        ("Live_Chat", None, Channel::LiveChat, 9),
        ("RCS", None, Channel::Rcs, 2),
        ("IVR_Call", None, Channel::IvrCall, 16),
        ("Campaign_Call", None, Channel::CampaignCall, 17),
        ("Campaign_VoiceMail", None, Channel::CampaignVoicemail, 18),
        ("TIKTOK", None, Channel::TikTok, 11),
        ("ALL_IN_ONE_CHAT", None, Channel::AllInOneChat, 10),
        ("FORM_SUBMISSION", None, Channel::Form, 12),
    ];
    for (kind, provider, channel, key) in cases {
        let mut template = json!({"type": kind, "contactId": "$contact", "message": "hi"});
        if let Some(provider) = provider {
            template["conversationProviderId"] = provider.into();
        }
        let (change, inbound) = taken(&template);
        assert_eq!(
            (inbound.channel, change.provider),
            (channel, ProviderKey(key)),
            "{kind} at {provider:?}"
        );
    }
}

#[test]
fn a_built_in_provider_can_be_named_by_its_id() {
    let id = sample::registry().builtin_provider(HERE, Channel::WhatsApp).id;
    let (change, inbound) =
        taken(&json!({"type": "WhatsApp", "contactId": "$contact", "message": "hi", "conversationProviderId": id}));
    assert_eq!((inbound.channel, change.provider), (Channel::WhatsApp, ProviderKey(4)));
}

#[test]
fn either_id_names_the_contact_and_wins_over_phone_and_email() {
    let cases = [
        json!({"contactId": "$contact"}),
        json!({"conversationId": "$conversation"}),
        json!({"contactId": "$contact", "conversationId": "$conversation"}),
        json!({"contactId": "$contact", "conversationId": ""}),
        json!({"contactId": null, "conversationId": " $conversation "}),
        json!({"contactId": "$contact", "phone": "nonsense", "email": "nobody"}),
    ];
    for mut template in cases {
        template["type"] = "SMS".into();
        template["message"] = "hi".into();
        assert_eq!(taken(&template).1.who, Who::Known(CONTACT), "{template}");
    }
}

#[test]
fn phone_and_email_may_stand_in_for_the_ids() {
    let phone = Identity::phone(&Phone::parse("+14155552671", None).unwrap());
    let email = Identity::email(&EmailAddress::parse("maya@okafor.studio").unwrap());
    let cases = [
        (json!({"phone": "(415) 555-2671"}), vec![phone.clone()]),
        (json!({"email": "Maya <Maya@Okafor.Studio>"}), vec![email.clone()]),
        (
            json!({"phone": "+14155552671", "email": "maya@okafor.studio"}),
            vec![phone, email],
        ),
    ];
    for (mut template, identities) in cases {
        template["type"] = "SMS".into();
        template["message"] = "hi".into();
        let first = identities[0].value.clone();
        let (_, inbound) = taken(&template);
        assert_eq!(
            inbound.who,
            Who::Person(Person { identities, name: None }),
            "{template}"
        );
        assert_eq!((inbound.detail.from, inbound.detail.to), (Some(first.clone()), None));
        template["direction"] = "outbound".into();
        let (_, outbound) = taken(&template);
        assert_eq!((outbound.detail.from, outbound.detail.to), (None, Some(first)));
    }
}

#[test]
fn a_mail_has_all_its_fields_and_its_thread() {
    let (change, inbound) = taken(&json!({
        "type": "Email", "contactId": "$contact", "subject": "Re: Order", "html": "<p>hi</p>", "message": "hi",
        "emailFrom": "Maya <maya@okafor.studio>", "emailTo": "shop@example.com",
        "emailCc": ["a@b.c", "d@e.f"], "emailBcc": ["g@h.i"], "emailMessageId": "$mail", "altId": "<1@mail>",
        "attachments": ["https://files.example.com/a.pdf"], "date": "2024-07-29T17:51:28.071+02:00",
    }));
    assert_eq!(change.external_id(), Some("<1@mail>"));
    assert_eq!(inbound.body.as_deref(), Some("<p>hi</p>"));
    assert_eq!(inbound.occurred_at, Some(at("2024-07-29T15:51:28.071Z")));
    let detail = inbound.detail;
    assert_eq!(detail.from.as_deref(), Some("Maya <maya@okafor.studio>"));
    assert_eq!(detail.to.as_deref(), Some("shop@example.com"));
    assert_eq!(detail.attachments[0].url, "https://files.example.com/a.pdf");
    assert_eq!(detail.attachments[0].state, MediaState::Linked);
    let email = detail.email.unwrap();
    assert_eq!(email.subject.as_deref(), Some("Re: Order"));
    assert!(email.html);
    assert_eq!((email.cc.len(), email.bcc.len()), (2, 1));
    assert_eq!(email.reply_to, Some(MessageKey(6_000_001)));
    let (_, plain) = taken(&json!({"type": "Email", "contactId": "$contact", "message": "hi"}));
    assert!(!plain.detail.email.unwrap().html, "a mail of text only");
}

#[test]
fn a_call_has_its_numbers_and_its_outcome() {
    let (_, inbound) = taken(&json!({
        "type": "Call", "conversationId": "$conversation", "conversationProviderId": "$caller",
        "call": {"from": "+15037081210", "to": "+15037081211", "status": "no-answer"},
    }));
    assert_eq!(inbound.detail.from.as_deref(), Some("+15037081210"));
    assert_eq!(inbound.detail.to.as_deref(), Some("+15037081211"));
    let status = |inbound: &Inbound| inbound.detail.call.as_ref().map(|call: &Call| call.status);
    assert_eq!(status(&inbound), Some(CallStatus::NoAnswer));
    let (_, voicemail) = taken(&json!({"type": "Campaign_VoiceMail", "contactId": "$contact"}));
    assert_eq!(status(&voicemail), Some(CallStatus::Voicemail));
    let (_, bare) = taken(&json!({"type": "IVR_Call", "contactId": "$contact"}));
    assert_eq!(status(&bare), None, "the rule takes it for completed");
}

#[test]
fn what_belongs_to_another_type_and_unknown_fields_are_ignored() {
    let (_, inbound) = taken(&json!({
        "type": "SMS", "contactId": "$contact", "message": "hi", "html": "<p>no</p>", "subject": "no",
        "emailMessageId": "string", "call": {"status": "completed"},
        "locationId": "x", "dateSent": 7, "externalMessageId": ["y"],
    }));
    assert_eq!(inbound.body.as_deref(), Some("hi"));
    assert_eq!(inbound.detail, Detail::default());
    assert_eq!(inbound.direction, Direction::Inbound, "where nothing is said of it");
}

#[test]
fn keys_make_a_message_itself() {
    let template = json!({"type": "SMS", "contactId": "$contact", "message": "hi", "altId": "SM1"});
    let change = read_with(Some("retry-1"), &body(&template)).unwrap();
    let idempotency = SeenKey {
        kind: SeenKind::Idempotency,
        id: "retry-1".into(),
    };
    assert_eq!(change.keys, [SeenKey::message("SM1"), idempotency]);
    assert_eq!(
        taken(&json!({"type": "SMS", "contactId": "$contact", "message": "hi"}))
            .0
            .keys,
        []
    );
}

#[test]
fn the_fingerprint_is_of_the_meaning_not_of_the_spelling() {
    let of = |text: &str| {
        let template: Value = serde_json::from_str(text).unwrap();
        taken(&template).0.fingerprint
    };
    let first = of(r#"{"type":"SMS","contactId":"$contact","message":"hi"}"#);
    let same = [
        r#"{ "message" : "\u0068i", "contactId": "$contact", "type": "SMS" }"#,
        r#"{"type":"SMS","conversationId":"$conversation","message":"hi","direction":"inbound"}"#,
        r#"{"type":"SMS","contactId":"$contact","message":"hi","html":null,"altId":"other","unknown":1}"#,
    ];
    for text in same {
        assert_eq!(of(text), first, "{text}");
    }
    let others = [
        r#"{"type":"SMS","contactId":"$contact","message":"hi!"}"#,
        r#"{"type":"WhatsApp","contactId":"$contact","message":"hi"}"#,
        r#"{"type":"SMS","contactId":"$contact","message":"hi","direction":"outbound"}"#,
        r#"{"type":"SMS","contactId":"$contact","message":"hi","attachments":["https://a.b/c"]}"#,
        r#"{"type":"SMS","contactId":"$contact","message":"hi","date":"2024-07-29T15:51:28Z"}"#,
        r#"{"type":"SMS","phone":"+14155552671","message":"hi"}"#,
    ];
    for text in others {
        assert_ne!(of(text), first, "{text}");
    }
}
