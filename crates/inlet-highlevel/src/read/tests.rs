//! The exact JSON of the reading endpoints.

use inlet_core::{
    channel::{CallStatus, Direction},
    ids::{ContactKey, LocationKey, MessageKey, ProviderKey},
    inbound::{Call, Email},
};
use serde::Serialize;

use super::*;
use crate::sample::{self, HERE, at};

fn show<T: Serialize>(read: impl FnOnce(Reader<'_>) -> T) -> String {
    let json = read(Reader {
        location: &sample::location(HERE),
        registry: &sample::registry(),
        ids: &sample::ids(),
        links: &sample::links(),
    });
    serde_json::to_string_pretty(&json).unwrap()
}

fn mail() -> Message {
    let mut message = sample::message(Channel::CustomEmail, "<p>hi</p>");
    message.provider = ProviderKey(1002);
    message.detail.from = Some("maya@okafor.studio".into());
    message.detail.to = Some("shop@example.com".into());
    message.detail.email = Some(Email {
        subject: Some("Order".into()),
        html: true,
        cc: vec!["a@b.c".into()],
        bcc: Vec::new(),
        reply_to: Some(MessageKey(6_000_001)),
        thread: Some(MessageKey(6_000_000)),
    });
    message
}

fn view(last: Option<Message>) -> ConversationView {
    ConversationView {
        key: ContactKey(5_000_001),
        location: LocationKey(1),
        name: None,
        phone: Some("+14155550119".into()),
        email: None,
        created_at: at("2024-07-01T00:00:00Z"),
        unread: 3,
        starred: false,
        count: 4,
        last_at: at("2024-07-29T15:51:28.071Z"),
        last,
    }
}

#[test]
fn a_message_is_flat_and_nested_at_once() {
    let mut message = sample::message(Channel::Sms, "hi");
    message.provider = ProviderKey(1);
    message.detail.source = Some("twilio".into());
    let shown = show(|reader| reader.message(&message));
    insta::assert_snapshot!(shown, @r#"
    {
      "id": "00000001UYS24S5pZqAQ",
      "type": 2,
      "messageType": "TYPE_SMS",
      "locationId": "l1C08ntBrFjLS0elLIY1",
      "contactId": "00000001ZhQHxscErL7J",
      "conversationId": "0000000141yq4cx2MU8C",
      "dateAdded": "2024-07-29T15:51:28.071Z",
      "body": "hi",
      "direction": "inbound",
      "status": "delivered",
      "contentType": "text/plain",
      "attachments": [],
      "source": "twilio",
      "conversationProviderId": "b844bec1cb627256029e8579",
      "altId": "SM1",
      "message": {
        "id": "00000001UYS24S5pZqAQ",
        "type": 2,
        "messageType": "TYPE_SMS",
        "locationId": "l1C08ntBrFjLS0elLIY1",
        "contactId": "00000001ZhQHxscErL7J",
        "conversationId": "0000000141yq4cx2MU8C",
        "dateAdded": "2024-07-29T15:51:28.071Z",
        "body": "hi",
        "direction": "inbound",
        "status": "delivered",
        "contentType": "text/plain",
        "attachments": [],
        "source": "twilio",
        "conversationProviderId": "b844bec1cb627256029e8579",
        "altId": "SM1"
      }
    }
    "#);
}

#[test]
fn a_call_has_its_outcome_in_meta() {
    let mut message = sample::message(Channel::Call, "");
    message.provider = ProviderKey(1003);
    message.detail.call = Some(Call {
        status: CallStatus::Completed,
        duration: Some(120),
        announced: true,
    });
    let shown = serde_json::to_value(show_one(&message)).unwrap();
    assert_eq!(shown["type"], 34);
    assert_eq!(shown["messageType"], "TYPE_CUSTOM_CALL");
    let meta = serde_json::json!({
        "callDuration": 120, "callStatus": "completed", "call": {"duration": 120, "status": "completed"},
    });
    assert_eq!(shown["meta"], meta);
}

fn show_one(message: &Message) -> serde_json::Value {
    serde_json::from_str(&show(|reader| reader.message(message))).unwrap()
}

#[test]
fn a_mail_gives_its_addresses_with_the_mail_only() {
    let message = mail();
    let shown = show_one(&message);
    assert_eq!((shown.get("from"), shown.get("to")), (None, None));
    assert_eq!(shown["contentType"], "text/html");
    assert_eq!(
        shown["meta"]["email"]["messageIds"][0],
        sample::ids().email(message.key)
    );
    insta::assert_snapshot!(show(|reader| reader.mail(&message)), @r#"
    {
      "id": "00000001DzevaL9ttc3A",
      "altId": "SM1",
      "threadId": "00000001Fgw2Y8AnAjSv",
      "locationId": "l1C08ntBrFjLS0elLIY1",
      "contactId": "00000001ZhQHxscErL7J",
      "conversationId": "0000000141yq4cx2MU8C",
      "dateAdded": "2024-07-29T15:51:28.071Z",
      "subject": "Order",
      "body": "<p>hi</p>",
      "direction": "inbound",
      "status": "delivered",
      "contentType": "text/html",
      "attachments": [],
      "from": "maya@okafor.studio",
      "to": [
        "shop@example.com"
      ],
      "cc": [
        "a@b.c"
      ],
      "replyToMessageId": "00000001I48t5OnuyZfD",
      "conversationProviderId": "61d6d1f9cdac7612faf80702"
    }
    "#);
}

#[test]
fn a_page_is_nested_with_its_paging_at_the_top_too() {
    let page = MessagePage {
        messages: vec![sample::message(Channel::Sms, "hi")],
        more: true,
    };
    let shown: serde_json::Value = serde_json::from_str(&show(|reader| reader.messages(&page))).unwrap();
    let last = sample::ids().message(MessageKey(7_000_001));
    for paging in [&shown, &shown["messages"]] {
        assert_eq!(paging["lastMessageId"], last);
        assert_eq!(paging["nextPage"], true);
    }
    assert_eq!(shown["messages"]["messages"][0]["body"], "hi");
    let empty: serde_json::Value =
        serde_json::from_str(&show(|reader| reader.messages(&MessagePage::default()))).unwrap();
    assert_eq!(empty["nextPage"], false);
    assert_eq!(empty["messages"]["messages"], serde_json::json!([]));
}

#[test]
fn a_conversation_is_flat() {
    insta::assert_snapshot!(show(|reader| reader.conversation(&view(Some(mail())))), @r#"
    {
      "id": "0000000141yq4cx2MU8C",
      "contactId": "00000001ZhQHxscErL7J",
      "locationId": "l1C08ntBrFjLS0elLIY1",
      "deleted": false,
      "inbox": true,
      "type": 2,
      "unreadCount": 3,
      "starred": false
    }
    "#);
}

#[test]
fn a_search_gives_what_people_look_for() {
    let mut last = sample::message(Channel::Sms, "hi");
    last.direction = Direction::Outbound;
    let found = show(|reader| reader.found(&[view(Some(last))], 7));
    insta::assert_snapshot!(found, @r#"
    {
      "conversations": [
        {
          "id": "0000000141yq4cx2MU8C",
          "contactId": "00000001ZhQHxscErL7J",
          "locationId": "l1C08ntBrFjLS0elLIY1",
          "lastMessageBody": "hi",
          "lastMessageType": "TYPE_SMS",
          "lastMessageDirection": "outbound",
          "lastMessageDate": 1722268288071,
          "type": "TYPE_PHONE",
          "unreadCount": 3,
          "fullName": "+14155550119",
          "contactName": "+14155550119",
          "email": null,
          "phone": "+14155550119",
          "dateAdded": 1719792000000,
          "dateUpdated": 1722268288071,
          "starred": false,
          "sort": [
            1722268288071,
            "0000000141yq4cx2MU8C"
          ]
        }
      ],
      "total": 7
    }
    "#);
    let empty = show(|reader| reader.found(&[view(None)], 1));
    assert!(empty.contains("\"lastMessageBody\": \"\"") && !empty.contains("lastMessageDirection"));
}
