//! WhatsApp Cloud: what a change of a business account says, message by message.

use inlet_core::{
    Timestamp,
    adapter::{Claim, Item, ItemError},
    address::{Identity, Phone},
    channel::{Channel, Direction},
    inbound::{Attachment, Detail, Inbound, Person, Revised, Strength, Who},
    seen::SeenKey,
};
use serde_json::Value;

use super::{list, media, moment, place, text};
use crate::said::{LONGEST_ID, digest, file, problem};

/// Kinds of message that are one file, with a caption or without.
const FILES: [&str; 5] = ["image", "audio", "video", "document", "sticker"];

/// The messages of an entry. What tells how messages that were sent fare (`statuses`) and echoes of them bring none.
pub(super) fn read(entry: &Value, strength: Strength) -> Vec<Result<Item, ItemError>> {
    let account = text(entry, "/id").unwrap_or_default();
    let changes = list(entry, "/changes").iter();
    changes
        .flat_map(|change| read_change(account, change, strength))
        .collect()
}

fn read_change(account: &str, change: &Value, strength: Strength) -> Vec<Result<Item, ItemError>> {
    let field = text(change, "/field").unwrap_or_default();
    match (field, change.pointer("/value")) {
        ("messages", Some(value)) => {
            let messages = list(value, "/messages").iter().map(|one| match text(one, "/type") {
                Some(kind @ ("edit" | "revoke")) => revised(kind, account, value, (one, strength)),
                Some(_) | None => message(account, value, one, strength),
            });
            let errors = list(value, "/errors").iter().map(|error| {
                let code = error.pointer("/code").and_then(Value::as_i64).unwrap_or_default();
                Err(problem(format!(
                    "WhatsApp tells of a problem of its own, with code {code}"
                )))
            });
            messages.chain(errors).collect()
        }
        ("smb_message_echoes", _) => Vec::new(),
        _ => vec![Err(problem(
            "it is about something else at WhatsApp than a message: subscribe to `messages` only",
        ))],
    }
}

/// What was done to a message later: it is told as a message of its own, which names the one that it is about. Of two edits
/// the later one counts.
fn revised(kind: &str, account: &str, value: &Value, (event, strength): (&Value, Strength)) -> Result<Item, ItemError> {
    let about = event.pointer(&format!("/{kind}")).unwrap_or(&Value::Null);
    let id = text(about, "/original_message_id").ok_or_else(|| problem("it does not say which message was changed"))?;
    let mut after = match about.pointer("/message") {
        Some(content) if kind == "edit" => content.clone(),
        // What is no longer there says nothing.
        _ => serde_json::json!({ "type": "text" }),
    };
    if let Some(fields) = after.as_object_mut() {
        fields.insert("id".to_owned(), id.into());
        for name in ["from", "from_user_id", "timestamp"] {
            if let Some(own) = event.pointer(&format!("/{name}")) {
                fields.insert(name.to_owned(), own.clone());
            }
        }
    }
    let mut item = message(account, value, &after, strength)?;
    item.inbound.detail.revised = Some(match (kind, item.inbound.occurred_at) {
        ("edit", at) => Revised {
            version: at.map_or(1, Timestamp::as_second),
            withdrawn: false,
        },
        _ => Revised::WITHDRAWN,
    });
    Ok(item)
}

fn message(account: &str, value: &Value, message: &Value, strength: Strength) -> Result<Item, ItemError> {
    let id = text(message, "/id")
        .filter(|id| id.len() <= LONGEST_ID)
        .ok_or_else(|| problem("it has no id of its own"))?;
    let kind = text(message, "/type").unwrap_or_default();
    let (body, attachments) = content(kind, message)?;
    let own_number = text(value, "/metadata/display_phone_number").and_then(number);
    let person = person(account, value, message)?;
    let from = person.identities.first().map(|identity| identity.value.clone());
    let fingerprint = digest([
        id,
        from.as_deref().unwrap_or_default(),
        kind,
        body.as_deref().unwrap_or_default(),
    ]);
    Ok(Item {
        to: Claim {
            account: Some(match text(value, "/metadata/phone_number_id") {
                Some(phone) => format!("{account}/{phone}"),
                None => account.to_owned(),
            }),
            number: own_number.clone(),
        },
        key: SeenKey::message(id),
        replay: None,
        fingerprint,
        inbound: Inbound {
            channel: Channel::WhatsApp,
            direction: Direction::Inbound,
            who: Who::Person(person),
            body,
            occurred_at: moment(message.pointer("/timestamp")),
            detail: Detail {
                from,
                to: own_number,
                attachments,
                verified: Some(strength),
                ..Detail::default()
            },
            files: Vec::new(),
            answers: Vec::new(),
        },
    })
}

/// A number as WhatsApp writes it: all digits, or spelled for people.
fn number(raw: &str) -> Option<String> {
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    Phone::parse(&format!("+{digits}"), None)
        .ok()
        .map(|phone| phone.as_str().to_owned())
}

/// Who wrote it: by number, and by the id that stays where the number is hidden behind a user name.
fn person(account: &str, value: &Value, message: &Value) -> Result<Person, ItemError> {
    let (from, user) = (text(message, "/from"), text(message, "/from_user_id"));
    let contact = list(value, "/contacts").iter().find(|contact| {
        let is = |place, wanted: Option<&str>| wanted.is_some() && text(contact, place) == wanted;
        is("/wa_id", from) || is("/user_id", user)
    });
    let phone = from.and_then(number).and_then(|phone| Phone::parse(&phone, None).ok());
    let user = user.or_else(|| text(contact?, "/user_id"));
    let by_id = user.map(|user| Identity::page(account, user));
    let identities: Vec<_> = phone.as_ref().map(Identity::phone).into_iter().chain(by_id).collect();
    if identities.is_empty() {
        return Err(problem("it names no sender, neither by number nor by id"));
    }
    let named = |place| text(contact?, place).map(ToOwned::to_owned);
    Ok(Person {
        identities,
        name: named("/profile/name").or_else(|| named("/profile/username")),
    })
}

/// What a message says, and the files it carries.
fn content(kind: &str, message: &Value) -> Result<(Option<String>, Vec<Attachment>), ItemError> {
    if FILES.contains(&kind) {
        let part = message.pointer(&format!("/{kind}")).unwrap_or(&Value::Null);
        let id = text(part, "/id").ok_or_else(|| problem("it is a file without an id"))?;
        let caption = text(part, "/caption").map(ToOwned::to_owned);
        return Ok((caption, vec![file(&media::link(id), text(part, "/mime_type"))]));
    }
    let owned = |place| text(message, place).map(ToOwned::to_owned);
    let body = match kind {
        "text" => owned("/text/body"),
        "button" => owned("/button/text"),
        "interactive" => owned("/interactive/button_reply/title")
            .or_else(|| owned("/interactive/list_reply/title"))
            .or_else(|| owned("/interactive/nfm_reply/body")),
        "location" => message.pointer("/location").and_then(location),
        "contacts" => Some(cards(message)),
        "order" => Some(order(message)),
        "reaction" => return Err(problem("it is a reaction to a message, and brings none")),
        "system" => {
            return Err(problem(
                "it tells that a person changed their number or id, and brings no message",
            ));
        }
        "unsupported" => return Err(problem("WhatsApp says that it cannot pass this kind of message on")),
        _ => return Err(problem("it is a kind of message that is not known here")),
    };
    Ok((body, Vec::new()))
}

fn location(location: &Value) -> Option<String> {
    let coordinates = location.pointer("/latitude").zip(location.pointer("/longitude"))?;
    Some(place(text(location, "/name"), text(location, "/address"), coordinates))
}

/// Contact cards, a line each.
fn cards(message: &Value) -> String {
    let card = |card: &Value| {
        let phones = list(card, "/phones").iter().filter_map(|phone| text(phone, "/phone"));
        let parts = text(card, "/name/formatted_name").into_iter().chain(phones);
        parts.collect::<Vec<_>>().join(", ")
    };
    list(message, "/contacts")
        .iter()
        .map(card)
        .collect::<Vec<_>>()
        .join("\n")
}

/// An order from a catalogue: what was said with it, and a line for each product.
fn order(message: &Value) -> String {
    let product = |item: &Value| {
        let count = item.pointer("/quantity").and_then(Value::as_i64).unwrap_or(1);
        format!(
            "{count} × {}",
            text(item, "/product_retailer_id").unwrap_or("a product")
        )
    };
    let products = list(message, "/order/product_items").iter().map(product);
    let said = text(message, "/order/text").map(ToOwned::to_owned);
    said.into_iter().chain(products).collect::<Vec<_>>().join("\n")
}
