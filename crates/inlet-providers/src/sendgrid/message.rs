//! What a verified form says: a mail, from its fields or from raw MIME.

use std::collections::HashMap;

use inlet_core::adapter::{Item, ItemError, Verified};
use serde::Deserialize;

use crate::{
    mail::{Envelope, Mail},
    posted::Posted,
    said::problem,
};

/// How the mail was handed over, as SendGrid says it in JSON.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Handed {
    to: Vec<String>,
    from: String,
}

/// The mail in a verified form.
pub(super) fn read(verified: &Verified<'_>) -> Result<Item, ItemError> {
    let posted = Posted::read(verified.request)
        .ok_or_else(|| problem("it is not a form: this address is for Inbound Parse, not for event webhooks"))?;
    let mail = match posted.bytes("email") {
        Some(mime) => Mail::read(mime)?,
        None => fields(&posted),
    };
    let handed = posted.get("envelope");
    let handed: Handed = handed
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default();
    mail.item(Envelope {
        recipient: handed.to.into_iter().next(),
        sender: Some(handed.from).filter(|from| !from.is_empty()),
        strength: verified.strength,
        replay: None,
    })
}

fn fields(posted: &Posted<'_>) -> Mail {
    let charsets = posted.get("charsets");
    let charsets: HashMap<String, String> = charsets
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default();
    let text = |name: &str| posted.get_in(name, charsets.get(name).map_or("utf-8", String::as_str));
    let few = || {
        let line = |name: &&str| Some(format!("{name}: {}", text(name)?.replace(['\r', '\n'], " ")));
        let lines = ["from", "to", "cc", "subject"].iter().filter_map(line);
        lines.collect::<Vec<_>>().join("\r\n")
    };
    let block = posted.get("headers").map_or_else(few, String::from);
    let mut mail = Mail::of_headers(&block);
    mail.text = text("text");
    mail.html = text("html");
    mail.files = posted.files();
    mail.tidied()
}
