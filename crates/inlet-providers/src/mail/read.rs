//! From bytes to a [`Mail`]: raw MIME, or a block of headers alone.

use inlet_core::{Timestamp, adapter::ItemError, inbound::File};
use mail_parser::{
    Address, DateTime, Encoding, Header, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders,
    PartType,
};

use super::{Mail, Party};
use crate::said::problem;

/// Headers in which mail servers write down the address they delivered to, the most exact first.
const DELIVERED_TO: [&str; 4] = ["X-Original-To", "X-Envelope-To", "Envelope-To", "Delivered-To"];
/// Before this no mail was written; who says so has a wrong clock.
const FIRST_DATE: i64 = 315_532_800;

impl Mail {
    /// Reads raw MIME.
    pub(crate) fn read(raw: &[u8]) -> Result<Self, ItemError> {
        let message = MessageParser::default().parse(raw);
        let message = message.ok_or_else(|| problem("it is not a mail: it has no headers"))?;
        let mut mail = of_headers(&message);
        let html = message.html_bodies().any(|part| matches!(part.body, PartType::Html(_)));
        if html {
            let parts = (0..message.html_body_count()).filter_map(|index| message.body_html(index));
            mail.html = Some(parts.collect::<Vec<_>>().concat());
        }
        let parts = (0..message.text_body_count()).filter_map(|index| message.body_text(index));
        mail.text = Some(parts.collect::<Vec<_>>().join("\n"));
        mail.files = message.attachments().map(|part| file(raw, part)).collect();
        Ok(mail.tidied())
    }

    /// Reads headers, a line each, of a mail whose texts and files come beside them.
    pub(crate) fn of_headers(block: &str) -> Self {
        let block = format!("{}\r\n\r\n", block.trim_end());
        let message = MessageParser::default().parse_headers(&block);
        message.as_ref().map(of_headers).unwrap_or_default()
    }
}

fn of_headers(message: &Message<'_>) -> Mail {
    let headers = message.headers();
    let parties = |name: HeaderName<'static>| parties(headers, &name);
    let mut answers = ids(headers, &HeaderName::InReplyTo);
    for id in ids(headers, &HeaderName::References).into_iter().rev() {
        if !answers.contains(&id) {
            answers.push(id);
        }
    }
    let from = [HeaderName::From, HeaderName::ReplyTo, HeaderName::Sender];
    let subject = message.subject().filter(|subject| !subject.trim().is_empty());
    Mail {
        // What is not an address of a mail, such as a word of the broken, is nobody's alone.
        id: message.message_id().map(one_line).filter(|id| id.contains('@')),
        from: from.into_iter().flat_map(parties).collect(),
        to: parties(HeaderName::To),
        delivered_to: DELIVERED_TO.iter().find_map(|name| {
            let value = message.header(*name)?.as_text()?;
            Some(value.trim().to_owned())
        }),
        cc: parties(HeaderName::Cc),
        subject: subject.map(ToOwned::to_owned),
        date: message.date().and_then(written),
        answers,
        report: is_report(message),
        ..Mail::default()
    }
    .tidied()
}

/// All values of headers of that name.
fn values<'m>(headers: &'m [Header<'m>], name: &HeaderName<'_>) -> impl Iterator<Item = &'m HeaderValue<'m>> {
    headers
        .iter()
        .filter(move |header| header.name == *name)
        .map(|header| &header.value)
}

fn parties(headers: &[Header<'_>], name: &HeaderName<'_>) -> Vec<Party> {
    let party = |address: &mail_parser::Addr<'_>| {
        Some(Party {
            name: address.name().map(one_line).filter(|name| !name.is_empty()),
            address: one_line(address.address()?),
        })
    };
    let addresses = values(headers, name).filter_map(HeaderValue::as_address);
    addresses.flat_map(Address::iter).filter_map(party).collect()
}

/// The ids in headers of that name, in order. What broken senders write without `<>` is cut at blanks.
fn ids(headers: &[Header<'_>], name: &HeaderName<'_>) -> Vec<String> {
    let texts = values(headers, name).flat_map(|value| match value {
        HeaderValue::Text(text) => vec![text.as_ref()],
        HeaderValue::TextList(list) => list.iter().map(AsRef::as_ref).collect(),
        HeaderValue::Address(_)
        | HeaderValue::DateTime(_)
        | HeaderValue::ContentType(_)
        | HeaderValue::Received(_)
        | HeaderValue::Empty => Vec::new(),
    });
    texts.flat_map(str::split_whitespace).map(ToOwned::to_owned).collect()
}

fn one_line(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .collect::<String>()
        .trim()
        .to_owned()
}

fn written(date: &DateTime) -> Option<Timestamp> {
    let at = Timestamp::from_second(date.to_timestamp()).ok()?;
    (date.is_valid() && at.as_second() >= FIRST_DATE).then_some(at)
}

/// A bounce, a receipt or a complaint: written by a machine about a mail that was sent (RFC 3462).
fn is_report(message: &Message<'_>) -> bool {
    let reports = ["delivery-status", "disposition-notification", "feedback-report"];
    message.content_type().is_some_and(|kind| {
        let report = kind.attribute("report-type").unwrap_or_default();
        kind.ctype() == "multipart" && kind.subtype() == Some("report") && reports.contains(&report)
    })
}

fn file(raw: &[u8], part: &MessagePart<'_>) -> File {
    let content_type = part
        .content_type()
        .map_or("application/octet-stream".to_owned(), |kind| {
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream"))
        });
    let bytes = match (&part.body, &part.encoding) {
        // Of a mail within a mail that is not encoded, the parser keeps the whole; its own bytes are these.
        (PartType::Message(_), Encoding::None) => {
            let place = usize::try_from(part.raw_body_offset())
                .ok()
                .zip(usize::try_from(part.raw_end_offset()).ok());
            place.and_then(|(from, to)| raw.get(from..to)).unwrap_or_default()
        }
        _ => part.contents(),
    };
    File::new(name(part, &content_type), content_type, bytes)
}

/// What the sender calls it; else what it is.
fn name(part: &MessagePart<'_>, content_type: &str) -> String {
    let given = part.attachment_name().map(one_line).filter(|name| !name.is_empty());
    given.unwrap_or_else(|| match (content_type, part.message().and_then(Message::subject)) {
        ("message/rfc822", Some(subject)) => format!("{}.eml", one_line(subject)),
        ("message/rfc822", None) => "message.eml".to_owned(),
        ("text/calendar", _) => "invite.ics".to_owned(),
        _ => String::new(),
    })
}
