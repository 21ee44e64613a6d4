//! The body as a table, channel by channel, and what is refused before anybody is called.

use std::collections::BTreeMap;

use inlet_core::{
    channel::Direction,
    inbound::{Attachment, Call as CallDetail, Email},
    relay::{CallLimits, Dialect, OnUncertain},
};
use serde_json::{Value, json};

use super::*;
use crate::sample;

fn upstream(providers: &[(Channel, &str)]) -> Upstream {
    Upstream {
        location: "UpstreamLocation0001".into(),
        providers: providers
            .iter()
            .map(|(channel, id)| (*channel, (*id).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        dialect: Dialect::Established,
        on_uncertain: OnUncertain::Reconcile,
        limits: CallLimits::STANDARD,
        webhook_key: None,
        agency: None,
    }
}

fn written(message: &Message, upstream: &Upstream, reply_to: Option<&str>) -> Result<Value, Hindrance> {
    let place = Place {
        upstream,
        links: &sample::links(),
        ids: &sample::ids(),
    };
    let body = body(message, "ve9EPM428h8vShlRW1KT", reply_to, &place)?;
    Ok(serde_json::from_slice(&body).unwrap())
}

#[test]
fn each_channel_has_its_type_and_provider() {
    let cases = [
        (Channel::Sms, None, "SMS"),
        (Channel::Sms, Some("p1"), "Custom"),
        (Channel::CustomSms, Some("p1"), "Custom"),
        (Channel::WhatsApp, None, "WhatsApp"),
        (Channel::WhatsApp, Some("p1"), "Custom"),
        (Channel::Instagram, None, "IG"),
        (Channel::LiveChat, None, "Live_Chat"),
        (Channel::TikTok, None, "TIKTOK"),
    ];
    for (channel, provider, kind) in cases {
        let providers: Vec<_> = provider.iter().map(|id| (channel, *id)).collect();
        let said = written(&sample::message(channel, "hi"), &upstream(&providers), None).unwrap();
        assert_eq!(
            (&said["type"], said["conversationProviderId"].as_str()),
            (&json!(kind), provider),
            "{channel:?}"
        );
    }
}

#[test]
fn a_text_says_all_that_is_known_and_nothing_more() {
    let said = written(&sample::message(Channel::Sms, "h\u{e9}llo"), &upstream(&[]), None).unwrap();
    assert_eq!(
        said,
        json!({
            "type": "SMS", "contactId": "ve9EPM428h8vShlRW1KT", "message": "h\u{e9}llo", "direction": "inbound",
            "date": "2024-07-29T15:51:28.071Z", "altId": "SM1",
        })
    );
}

#[test]
fn a_mail_a_call_and_a_picture_say_what_they_have() {
    let mut mail = sample::message(Channel::Email, "<p>hi</p>");
    mail.direction = Direction::Outbound;
    mail.external_id = None;
    mail.detail.from = Some("a@b.c".into());
    mail.detail.email = Some(Email {
        subject: Some("Re: x".into()),
        html: true,
        cc: vec!["d@e.f".into()],
        ..Email::default()
    });
    let said = written(&mail, &upstream(&[]), Some("upstreammail")).unwrap();
    assert_eq!(
        (said["html"].as_str(), said["message"].as_str()),
        (Some("<p>hi</p>"), None)
    );
    assert_eq!(
        (&said["subject"], &said["emailFrom"], &said["emailCc"]),
        (&json!("Re: x"), &json!("a@b.c"), &json!(["d@e.f"]))
    );
    assert_eq!(
        (&said["emailMessageId"], &said["direction"]),
        (&json!("upstreammail"), &json!("outbound"))
    );
    assert_eq!(
        said["altId"],
        sample::ids().message(mail.key),
        "its own id where its vendor has none"
    );

    let mut call = sample::message(Channel::Call, "");
    call.body = None;
    call.detail.from = Some("+14155550119".into());
    call.detail.call = Some(CallDetail {
        status: CallStatus::NoAnswer,
        duration: None,
        announced: true,
    });
    let said = written(&call, &upstream(&[(Channel::Call, "p9")]), None).unwrap();
    assert_eq!(said["call"], json!({ "from": "+14155550119", "status": "no-answer" }));
    assert_eq!(
        (&said["type"], &said["conversationProviderId"]),
        (&json!("Call"), &json!("p9"))
    );

    let mut picture = sample::message(Channel::Sms, "");
    picture.body = None;
    let link = "https://files.example.com/a.png";
    picture.detail.attachments = vec![Attachment {
        url: link.into(),
        content_type: None,
        state: MediaState::Linked,
    }];
    assert_eq!(
        written(&picture, &upstream(&[]), None).unwrap()["attachments"],
        json!([link])
    );
}

#[test]
fn what_highlevel_would_swallow_is_refused_and_what_is_not_complete_waits() {
    let mut empty = sample::message(Channel::Sms, "");
    empty.body = None;
    let mut ringing = sample::message(Channel::Call, "");
    ringing.detail.call = Some(CallDetail {
        status: CallStatus::Answered,
        duration: None,
        announced: true,
    });
    let mut fetching = sample::message(Channel::Sms, "hi");
    fetching.detail.attachments = vec![Attachment {
        url: "https://files.example.com/a.png".into(),
        content_type: None,
        state: MediaState::Pending,
    }];
    let cases = [
        (sample::message(Channel::CustomSms, "hi"), "provider_needed"),
        (sample::message(Channel::CustomEmail, "hi"), "provider_needed"),
        (sample::message(Channel::Call, ""), "provider_needed"),
        (empty, "nothing_to_write"),
    ];
    for (message, expected) in cases {
        match written(&message, &upstream(&[]), None) {
            Err(Hindrance::Refused { reason, .. }) => assert_eq!(reason, expected, "{:?}", message.channel),
            other => panic!("{:?} was {other:?}", message.channel),
        }
    }
    let with_provider = upstream(&[(Channel::Call, "p9")]);
    for (message, upstream) in [(ringing, &with_provider), (fetching, &upstream(&[]))] {
        let said = written(&message, upstream, None);
        assert!(matches!(said, Err(Hindrance::Incomplete { .. })), "{said:?}");
    }
}

#[test]
fn every_channel_is_named_by_a_word_and_found_by_it() {
    for &known in Channel::ALL {
        assert_eq!(channel(&word(known)), Some(known));
    }
    assert_eq!((word(Channel::WhatsApp).as_str(), channel("fax")), ("whatsapp", None));
}
