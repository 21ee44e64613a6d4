//! The webhooks' exact bytes, and that JavaScript gives the same ones back.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use inlet_core::{
    channel::MessageStatus,
    ids::{EventKey, MessageKey},
    inbound::{Attachment, Call, Email, MediaState},
};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::sample::{self, HERE, SMS_PROVIDER, at};

fn render_as(kind: EventKind, message: &Message) -> String {
    let events = Events::new(sample::ids(), sample::links());
    events.render(&Announcement {
        kind,
        event: EventKey(8_000_001),
        app: &sample::app(),
        location: &sample::location(HERE),
        message,
        provider: &sample::provider(1001, SMS_PROVIDER, inlet_core::registry::ProviderKind::Sms, HERE),
        at: at("2024-07-29T15:51:29.5Z"),
    })
}

fn render(message: &Message) -> String {
    render_as(EventKind::InboundMessage, message)
}

/// The same bytes with a line break before each field, to be read by people.
fn a_line_each(event: &str) -> String {
    event.replace(",\"", ",\n\"")
}

fn attachment(state: MediaState) -> Attachment {
    Attachment {
        url: "https://api.vendor.example/media/1".into(),
        content_type: None,
        state,
    }
}

fn called(channel: Channel, status: CallStatus, duration: Option<u32>) -> Message {
    let mut message = sample::message(channel, "");
    message.body = None;
    message.detail.call = Some(Call {
        status,
        duration,
        announced: true,
    });
    message.detail.from = Some("+15037081210".into());
    message.detail.to = Some("+15037081211".into());
    message
}

fn mail() -> Message {
    let mut message = sample::message(Channel::Email, "<div style=\"font-size: 11pt;\">Testing</div>");
    message.detail.from = Some("Internal Notify <sample@email.service>".into());
    message.detail.to = Some("testprasath95@gmail.com".into());
    message.detail.email = Some(Email {
        subject: Some("Order Confirmed".into()),
        html: true,
        cc: vec!["a@b.c".into(), "d@e.f".into()],
        bcc: Vec::new(),
        reply_to: Some(MessageKey(7_000_000)),
        thread: Some(MessageKey(6_000_000)),
    });
    message
}

#[test]
fn a_message_has_highlevels_shape() {
    let mut message = sample::message(Channel::CustomSms, "This is a test message – \"quoted\" / 你好 👋\n");
    message.detail.chat_widget = Some("67b0cc8cf14b19d85ace7s35".into());
    message.detail.from = Some("+14155550119".into());
    message.detail.attachments = vec![attachment(MediaState::Linked), attachment(MediaState::Pending)];
    insta::assert_snapshot!(a_line_each(&render(&message)), @r#"
    {"type":"InboundMessage",
    "locationId":"l1C08ntBrFjLS0elLIY1",
    "attachments":["https://api.vendor.example/media/1",
    "https://inbox.example.com/media/00000000fIi0gSAdOAgf/00000001UYS24S5pZqAQ/1?s=f87945cb25d9bf6decb2abbe3303e611"],
    "contactId":"00000001ZhQHxscErL7J",
    "conversationId":"0000000141yq4cx2MU8C",
    "dateAdded":"2024-07-29T15:51:28.071Z",
    "direction":"inbound",
    "messageType":"Custom",
    "messageId":"00000001UYS24S5pZqAQ",
    "messageTypeId":22,
    "messageTypeString":"TYPE_CUSTOM_PROVIDER_SMS",
    "conversationProviderId":"61d6d1f9cdac7612faf80701",
    "body":"This is a test message – \"quoted\" / 你好 👋\n",
    "contentType":"text/plain",
    "status":"delivered",
    "from":"+14155550119",
    "chatWidgetId":"67b0cc8cf14b19d85ace7s35",
    "appId":"6578278e879ad2646715ba9c",
    "versionId":"6578278e879ad2646715ba9c",
    "timestamp":"2024-07-29T15:51:29.500Z",
    "webhookId":"e091572e-976d-4c0b-aaea-46ccea3eaa3d"}
    "#);
}

#[test]
fn a_call_has_highlevels_shape() {
    let mut message = called(Channel::Call, CallStatus::Completed, Some(120));
    message.detail.attachments = vec![attachment(MediaState::Linked)];
    insta::assert_snapshot!(a_line_each(&render(&message)), @r#"
    {"type":"InboundMessage",
    "locationId":"l1C08ntBrFjLS0elLIY1",
    "attachments":["https://api.vendor.example/media/1"],
    "contactId":"00000001ZhQHxscErL7J",
    "conversationId":"0000000141yq4cx2MU8C",
    "dateAdded":"2024-07-29T15:51:28.071Z",
    "direction":"inbound",
    "messageType":"CALL",
    "messageId":"00000001UYS24S5pZqAQ",
    "messageTypeId":1,
    "messageTypeString":"TYPE_CALL",
    "conversationProviderId":"61d6d1f9cdac7612faf80701",
    "status":"completed",
    "callDuration":120,
    "callStatus":"completed",
    "from":"+15037081210",
    "to":"+15037081211",
    "appId":"6578278e879ad2646715ba9c",
    "versionId":"6578278e879ad2646715ba9c",
    "timestamp":"2024-07-29T15:51:29.500Z",
    "webhookId":"e091572e-976d-4c0b-aaea-46ccea3eaa3d"}
    "#);
}

#[test]
fn a_voicemail_has_highlevels_shape() {
    insta::assert_snapshot!(a_line_each(&render(&called(Channel::Call, CallStatus::Voicemail, None))), @r#"
    {"type":"InboundMessage",
    "locationId":"l1C08ntBrFjLS0elLIY1",
    "attachments":[],
    "contactId":"00000001ZhQHxscErL7J",
    "conversationId":"0000000141yq4cx2MU8C",
    "dateAdded":"2024-07-29T15:51:28.071Z",
    "direction":"inbound",
    "messageType":"CALL",
    "messageId":"00000001UYS24S5pZqAQ",
    "messageTypeId":10,
    "messageTypeString":"TYPE_VOICEMAIL",
    "conversationProviderId":"61d6d1f9cdac7612faf80701",
    "status":"voicemail",
    "callStatus":"voicemail",
    "from":"+15037081210",
    "to":"+15037081211",
    "appId":"6578278e879ad2646715ba9c",
    "versionId":"6578278e879ad2646715ba9c",
    "timestamp":"2024-07-29T15:51:29.500Z",
    "webhookId":"e091572e-976d-4c0b-aaea-46ccea3eaa3d"}
    "#);
}

#[test]
fn a_mail_has_highlevels_shape() {
    insta::assert_snapshot!(a_line_each(&render(&mail())), @r#"
    {"type":"InboundMessage",
    "locationId":"l1C08ntBrFjLS0elLIY1",
    "attachments":[],
    "contactId":"00000001ZhQHxscErL7J",
    "conversationId":"0000000141yq4cx2MU8C",
    "dateAdded":"2024-07-29T15:51:28.071Z",
    "direction":"inbound",
    "messageType":"Email",
    "messageId":"00000001UYS24S5pZqAQ",
    "messageTypeId":3,
    "messageTypeString":"TYPE_EMAIL",
    "conversationProviderId":"61d6d1f9cdac7612faf80701",
    "body":"<div style=\"font-size: 11pt;\">Testing</div>",
    "emailMessageId":"00000001DzevaL9ttc3A",
    "threadId":"00000001Fgw2Y8AnAjSv",
    "from":"Internal Notify <sample@email.service>",
    "subject":"Order Confirmed",
    "to":["testprasath95@gmail.com"],
    "cc":"a@b.c, d@e.f",
    "ccList":["a@b.c",
    "d@e.f"],
    "appId":"6578278e879ad2646715ba9c",
    "versionId":"6578278e879ad2646715ba9c",
    "timestamp":"2024-07-29T15:51:29.500Z",
    "webhookId":"e091572e-976d-4c0b-aaea-46ccea3eaa3d"}
    "#);
}

#[test]
fn what_went_out_says_what_made_it() {
    let mut message = sample::message(Channel::Sms, "hi");
    message.direction = Direction::Outbound;
    message.status = MessageStatus::Sent;
    insta::assert_snapshot!(a_line_each(&render_as(EventKind::OutboundMessage, &message)), @r#"
    {"type":"OutboundMessage",
    "locationId":"l1C08ntBrFjLS0elLIY1",
    "attachments":[],
    "contactId":"00000001ZhQHxscErL7J",
    "conversationId":"0000000141yq4cx2MU8C",
    "dateAdded":"2024-07-29T15:51:28.071Z",
    "direction":"outbound",
    "messageType":"SMS",
    "messageId":"00000001UYS24S5pZqAQ",
    "messageTypeId":2,
    "messageTypeString":"TYPE_SMS",
    "conversationProviderId":"61d6d1f9cdac7612faf80701",
    "body":"hi",
    "contentType":"text/plain",
    "status":"sent",
    "source":"api",
    "appId":"6578278e879ad2646715ba9c",
    "versionId":"6578278e879ad2646715ba9c",
    "timestamp":"2024-07-29T15:51:29.500Z",
    "webhookId":"e091572e-976d-4c0b-aaea-46ccea3eaa3d"}
    "#);
}

#[test]
fn types_of_calls_are_those_of_webhooks() {
    let cases = [
        (
            Channel::Call,
            CallStatus::Completed,
            Direction::Inbound,
            "TYPE_CALL",
            "completed",
        ),
        (
            Channel::Call,
            CallStatus::NoAnswer,
            Direction::Inbound,
            "TYPE_CALL",
            "no-answer",
        ),
        (
            Channel::IvrCall,
            CallStatus::Completed,
            Direction::Inbound,
            "TYPE_IVR_CALL",
            "completed",
        ),
        (
            Channel::CampaignVoicemail,
            CallStatus::Voicemail,
            Direction::Inbound,
            "TYPE_VOICEMAIL",
            "voicemail",
        ),
        (
            Channel::Call,
            CallStatus::Voicemail,
            Direction::Outbound,
            "TYPE_CALL",
            "completed",
        ),
    ];
    for (channel, status, direction, kind, word) in cases {
        let mut message = called(channel, status, None);
        message.direction = direction;
        let event: Value = serde_json::from_str(&render(&message)).unwrap();
        assert_eq!(event["messageType"], "CALL");
        assert_eq!(event["messageTypeString"], kind, "{channel:?} {status:?} {direction:?}");
        assert_eq!(event["status"], word, "{channel:?} {status:?} {direction:?}");
        assert_eq!(event["callStatus"], call_word(status));
    }
}

/// What `JSON.stringify` writes for a text: the escapes of ECMA-262, and nothing else escaped.
fn stringify(text: &str) -> String {
    let escape = |character: char| match character {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\u{8}' => "\\b".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        control if u32::from(control) < 0x20 => format!("\\u{:04x}", u32::from(control)),
        plain => plain.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

proptest! {
    #[test]
    fn any_text_is_escaped_as_javascript_does(text in any::<String>()) {
        let event = render(&sample::message(Channel::Sms, &text));
        let body = format!("\"body\":{},\"contentType\"", stringify(&text));
        prop_assert!(event.contains(&body), "{event}");
    }
}

#[test]
fn no_key_looks_like_an_index_and_no_number_has_a_fraction() {
    for message in [
        mail(),
        called(Channel::Call, CallStatus::Completed, Some(120)),
        sample::message(Channel::Sms, ""),
    ] {
        let event: Value = serde_json::from_str(&render(&message)).unwrap();
        for (key, value) in event.as_object().unwrap() {
            assert!(key.starts_with(|first: char| first.is_ascii_lowercase()), "{key}");
            assert!(
                value.as_number().is_none_or(serde_json::Number::is_u64),
                "{key} is {value}"
            );
        }
    }
}

/// The same with a real JavaScript engine, where one is installed.
#[test]
fn node_gives_the_same_bytes_back() {
    let odd = "\u{0}\u{1f}\u{7f}\u{2028}\u{feff}</script>\\/\"👩‍👩‍👧é\u{10ffff}";
    let events = [
        render(&sample::message(Channel::Sms, odd)),
        render(&called(Channel::Call, CallStatus::Completed, Some(u32::MAX))),
        render(&mail()),
    ];
    let script = "let s='';process.stdin.on('data',c=>s+=c).on('end',()=>\
                  process.stdout.write(s.split('\\n').map(l=>JSON.stringify(JSON.parse(l))).join('\\n')))";
    let node = Command::new("node")
        .args(["-e", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut node) = node else {
        println!("node is not installed: the escapes are held by `any_text_is_escaped_as_javascript_does` alone");
        return;
    };
    let sent = events.join("\n");
    node.stdin.take().unwrap().write_all(sent.as_bytes()).unwrap();
    let answer = node.wait_with_output().unwrap();
    assert!(answer.status.success());
    assert_eq!(String::from_utf8(answer.stdout).unwrap(), sent);
}
