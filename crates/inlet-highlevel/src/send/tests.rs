//! What can be sent, and to whom, as tables.

use inlet_core::{
    contact::{DndSetting, Profile},
    ids::{AppKey, ContactKey, IdCodec, LocationKey, ProviderKey},
    registry::{App, Entries, Location, Registry},
};
use serde_json::{Value, json};

use super::*;

const CONTACT: ContactKey = ContactKey(5);

struct World {
    registry: Registry,
    ids: IdCodec,
    contact: Contact,
}

impl World {
    fn new() -> Self {
        let location = Location {
            key: LocationKey(1),
            id: "here".into(),
            name: "Here".into(),
            country: Some("US".into()),
            agency: None,
            created_at: Timestamp::UNIX_EPOCH,
            words: inlet_core::consent::ConsentWords::default(),
            views: Vec::new(),
        };
        let provider = |key, id: &str, kind, number: Option<&str>| Provider {
            key: ProviderKey(key),
            id: id.into(),
            location: LocationKey(1),
            kind,
            endpoint: None,
            adapter: None,
            account: None,
            number: number.map(str::to_owned),
            delivery_url: None,
        };
        Self {
            registry: Registry::new(Entries {
                locations: vec![location],
                apps: vec![App {
                    key: AppKey(1),
                    id: "6578278e879ad2646715ba9c".into(),
                    name: "built-in".into(),
                    client: None,
                }],
                providers: vec![
                    provider(101, "texts", ProviderKind::Sms, Some("+14155550100")),
                    provider(102, "custom", ProviderKind::Custom, None),
                ],
                ..Entries::default()
            }),
            ids: IdCodec::new([1; 16]),
            contact: Contact {
                key: CONTACT,
                location: LocationKey(1),
                name: None,
                phone: Some("+14155552671".into()),
                email: Some("ann@lee.org".into()),
                created_at: Timestamp::UNIX_EPOCH,
                updated_at: Timestamp::UNIX_EPOCH,
                profile: Profile::default(),
            },
        }
    }

    fn send(&self, mut body: Value) -> Result<Inbound, Fault> {
        body["contactId"] = self.ids.contact(CONTACT).into();
        let door = Door {
            location: self.registry.location(LocationKey(1)).unwrap(),
            registry: &self.registry,
            ids: &self.ids,
            idempotency_key: None,
        };
        let sending = Sending::read(body.to_string().as_bytes())?;
        let answered = sending.answers(&door)?.map(|key| (key, Some("vendor-7".to_owned())));
        match sending.change(&door, &self.contact, answered)?.what {
            What::Message(inbound) => Ok(*inbound),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_message_goes_from_its_provider_to_its_contact() {
    let world = World::new();
    let mail = world.ids.email(MessageKey(9));
    let cases = [
        (json!({"type": "SMS"}), Channel::Sms, None, Some("+14155552671")),
        (
            json!({"type": "SMS", "conversationProviderId": "texts"}),
            Channel::CustomSms,
            Some("+14155550100"),
            Some("+14155552671"),
        ),
        (
            json!({"type": "SMS", "fromNumber": "415 555 0101", "toNumber": "+14155552672"}),
            Channel::Sms,
            Some("+14155550101"),
            Some("+14155552672"),
        ),
        (
            json!({"type": "Custom", "conversationProviderId": "custom"}),
            Channel::CustomSms,
            None,
            Some("+14155552671"),
        ),
        (
            json!({"type": "Email", "emailFrom": "me@x.org", "emailTo": "Ann@Lee.org", "replyMessageId": mail}),
            Channel::Email,
            Some("me@x.org"),
            Some("Ann@Lee.org"),
        ),
    ];
    for (mut body, channel, from, to) in cases {
        body["message"] = "hi".into();
        let sent = world.send(body.clone()).unwrap();
        assert_eq!((sent.channel, sent.direction), (channel, Direction::Outbound), "{body}");
        assert_eq!(
            (sent.detail.from.as_deref(), sent.detail.to.as_deref()),
            (from, to),
            "{body}"
        );
        let answers = channel.is_email().then(|| "vendor-7".to_owned());
        assert_eq!(sent.detail.handover, Some(Handover { at: None, answers }), "{body}");
        let reply_to = sent.detail.email.and_then(|email| email.reply_to);
        assert_eq!(reply_to, channel.is_email().then_some(MessageKey(9)), "{body}");
    }
}

#[test]
fn a_type_that_cannot_be_sent_is_answered_with_those_that_can() {
    let world = World::new();
    let fault = world.send(json!({"type": "Call", "message": "hi"})).unwrap_err();
    let hint = fault.hint.unwrap_or_default();
    assert!(hint.contains("SMS, RCS, Email") && !hint.contains("Call"), "{hint}");
}

#[test]
fn what_cannot_be_sent_is_refused_with_all_that_is_wrong() {
    let world = World::new();
    let cases = [
        (json!({"message": "hi"}), 422),
        (json!({"type": "sms", "message": "hi"}), 422),
        (json!({"type": "Call", "message": "hi"}), 422),
        (json!({"type": "InternalComment", "message": "hi"}), 422),
        (json!({"type": "SMS", "message": 7}), 422),
        (json!({"type": "SMS", "scheduledTimestamp": "soon"}), 422),
        (json!({"type": "SMS", "scheduledTimestamp": 1_900_000_000_000_i64}), 422),
        (json!({"type": "SMS", "toNumber": "12"}), 422),
        (json!({"type": "SMS", "attachments": ["ftp://x.org/a"]}), 422),
        (json!({"type": "Email", "emailReplyMode": "all"}), 422),
        (json!({"type": "Email", "emailTo": "bob@lee.org"}), 400),
        (json!({"type": "Email", "replyMessageId": "nonsense"}), 404),
        (json!({"type": "Custom"}), 400),
        (json!({"type": "Email", "conversationProviderId": "texts"}), 400),
        (json!({"type": "SMS", "conversationProviderId": "nobody"}), 400),
    ];
    for (body, status) in cases {
        let fault = world.send(body.clone()).unwrap_err();
        assert_eq!(fault.status, status, "{body}: {fault:?}");
    }
    let all = world
        .send(json!({"type": "?", "message": 1, "emailCc": 2}))
        .unwrap_err();
    assert_eq!(
        serde_json::to_value(&all).unwrap()["message"].as_array().unwrap().len(),
        3
    );
    let nobody = Sending::read(br#"{"type":"SMS","message":"hi"}"#).unwrap_err();
    assert_eq!(nobody.status, 422);
}

#[test]
fn whoever_cannot_or_will_not_be_reached_is_not_written_to() {
    let mut world = World::new();
    let body = |kind: &str| json!({"type": kind, "message": "hi"});
    let setting = |status: &str| DndSetting {
        status: status.to_owned(),
        message: None,
        code: None,
    };
    for (status, refused) in [("active", true), ("permanent", true), ("inactive", false)] {
        world.contact.profile.dnd_settings = [("SMS".to_owned(), setting(status))].into();
        assert_eq!(world.send(body("SMS")).is_err(), refused, "{status}");
        assert!(world.send(body("Email")).is_ok(), "{status}");
    }
    world.contact.profile = Profile {
        dnd: true,
        ..Profile::default()
    };
    assert_eq!(world.send(body("IG")).unwrap_err().status, 400);
    world.contact.profile = Profile::default();
    (world.contact.phone, world.contact.email) = (None, None);
    for (kind, refused) in [
        ("SMS", true),
        ("RCS", true),
        ("Email", true),
        ("IG", false),
        ("WhatsApp", false),
    ] {
        assert_eq!(world.send(body(kind)).is_err(), refused, "{kind}");
    }
}
