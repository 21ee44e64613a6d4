//! Filters as tables: what they let through, and the sentence for what cannot be read.

use super::*;

fn facts(tags: &[String]) -> Facts<'_> {
    Facts {
        event: EventKind::InboundMessage,
        channel: Channel::WhatsApp,
        provider: "61b8e4c0aa20f3d9c0000001",
        direction: Direction::Inbound,
        body: "Please CALL me back, it is urgent!",
        subject: "",
        tags,
    }
}

#[test]
fn what_fits_and_what_does_not() {
    let cases = [
        ("channel = whatsapp", true),
        ("Channel = WHATSAPP", true),
        ("channel=sms", false),
        ("channel != sms", true),
        ("channel in (sms, whatsapp)", true),
        ("channel in (sms,email)", false),
        ("event = InboundMessage and direction = inbound", true),
        ("direction = outbound or body contains urgent", true),
        ("provider = 61B8E4C0AA20F3D9C0000001", true),
        ("provider in (61b8e4c0aa20f3d9c0000002)", false),
        (r#"body contains "call me""#, true),
        ("body contains 'call us'", false),
        (r#"body starts "please""#, true),
        ("body ends '!'", true),
        ("body ends please", false),
        ("subject = ''", true),
        ("not subject contains invoice", true),
        ("not (channel = whatsapp or channel = sms)", false),
        // `and` binds more than `or`.
        ("channel = whatsapp or channel = sms and body contains nothing", true),
        ("(channel = whatsapp or channel = sms) and body contains nothing", false),
        ("not not channel = whatsapp", true),
        (r#"body contains "\"""#, false),
        ("tag = vip", true),
        ("tag = VIP and not tag = gold", true),
        ("tag = v", false),
        ("tag contains lead", true),
        ("tag starts 'hot '", true),
        ("tag ends hot", false),
        ("tag in (gold, vip)", true),
        ("tag != vip", false),
        ("tag != gold", true),
        ("channel = sms or (tag = 'hot lead')", true),
    ];
    let tags = ["vip".to_owned(), "hot lead".to_owned()];
    for (text, expected) in cases {
        let filter: Filter = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(filter.fits(&facts(&tags)), expected, "{text}");
        assert_eq!(filter.to_string(), text);
        assert_eq!(filter.asks_tags(), text.contains("tag"), "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_a_sentence() {
    let nested = "(".repeat(30) + "channel = sms" + &")".repeat(30);
    let denied = "not ".repeat(30) + "channel = sms";
    let long = format!("body contains {}", "x".repeat(3_000));
    let cases = [
        ("", "it ends where a field would stand"),
        ("colour = red", "there is no field colour: choose from event, channel"),
        ("channel", "a field is followed by"),
        ("channel like sms", "there is no test like"),
        ("channel = pigeon", "there is no such value as pigeon: choose from sms"),
        ("direction = up", "choose from inbound, outbound"),
        ("event = Nothing", "choose from inboundmessage"),
        ("channel in sms", "`in` is followed by a list"),
        ("channel in (sms", "a list is not closed"),
        ("channel in ()", ") stands where a text would"),
        ("body contains \"urgent", "a quoted text does not end"),
        ("channel = sms body = x", "body stands where `and` or `or` would"),
        ("channel = sms and", "it ends where a field would stand"),
        ("(channel = sms", "a parenthesis is not closed"),
        ("body contains", "it ends where a text would stand"),
        (nested.as_str(), "nested more than 20 deep"),
        (denied.as_str(), "nested more than 20 deep"),
        (long.as_str(), "longer than 2000 characters"),
    ];
    for (text, expected) in cases {
        let refused = text.parse::<Filter>().unwrap_err().to_string();
        assert!(refused.contains(expected), "{text}: {refused}");
    }
}
