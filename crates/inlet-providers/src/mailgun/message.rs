//! What a verified form says: a mail, from its fields or from raw MIME.

use inlet_core::{
    adapter::{Fetch, Item, ItemError},
    inbound::{Attachment, Strength},
    registry::Endpoint,
    secret::Secret,
    seen::SeenKey,
};
use serde::Deserialize;
use url::Url;

use super::signature::API;
use crate::{
    mail::{Envelope, Mail},
    posted::Posted,
    said::file,
};

/// Headers that Mailgun also posts as fields of their own; they serve where the list of all headers is not there.
const FIELDS: [&str; 8] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-Id",
    "In-Reply-To",
    "References",
];

/// A file of a stored mail, as Mailgun lists it.
#[derive(Deserialize)]
struct Stored {
    url: String,
    #[serde(default, rename = "content-type")]
    content_type: Option<String>,
}

/// The mail in a verified form.
pub(super) fn read(posted: &Posted<'_>, strength: Strength) -> Result<Item, ItemError> {
    let mail = match posted.bytes("body-mime") {
        Some(mime) => Mail::read(mime)?,
        None => fields(posted),
    };
    let first = |name| {
        let list = posted.get(name)?;
        list.split(',').next().map(|address| address.trim().to_owned())
    };
    mail.item(Envelope {
        recipient: first("recipient"),
        sender: first("sender"),
        strength,
        replay: posted.get("token").map(SeenKey::replay),
    })
}

fn fields(posted: &Posted<'_>) -> Mail {
    let block = headers(posted).unwrap_or_else(|| {
        let line = |name: &&str| {
            Some(format!(
                "{name}: {}",
                one_line(&posted.get(name).or_else(|| posted.get(&name.to_lowercase()))?)
            ))
        };
        FIELDS.iter().filter_map(line).collect::<Vec<_>>().join("\r\n")
    });
    let mut mail = Mail::of_headers(&block);
    mail.text = posted.get("body-plain").map(Into::into);
    mail.html = posted.get("body-html").map(Into::into);
    mail.files = posted.files();
    mail.links = stored(posted);
    mail.tidied()
}

/// All headers, which Mailgun posts as a list of pairs in JSON.
fn headers(posted: &Posted<'_>) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_json::from_str(&posted.get("message-headers")?).ok()?;
    let lines = pairs.iter().map(|(name, value)| format!("{name}: {}", one_line(value)));
    Some(lines.collect::<Vec<_>>().join("\r\n"))
}

fn one_line(value: &str) -> String {
    value.replace(['\r', '\n'], " ")
}

/// The files of a stored mail: Mailgun keeps them for three days.
fn stored(posted: &Posted<'_>) -> Vec<Attachment> {
    let list = posted.get("attachments");
    let list: Vec<Stored> = list
        .and_then(|list| serde_json::from_str(&list).ok())
        .unwrap_or_default();
    list.iter()
        .map(|stored| file(&stored.url, stored.content_type.as_deref()))
        .collect()
}

/// How a file of a stored mail is fetched: Mailgun asks for the API key, on its own hosts only.
pub(super) fn media(link: &str, endpoint: &Endpoint) -> Option<Fetch> {
    let url = Url::parse(link).ok()?;
    if !matches!(url.scheme(), "https" | "http") {
        return None;
    }
    let host = url.host_str().unwrap_or_default();
    let own = host.ends_with(".mailgun.net") || host.ends_with(".mailgun.org");
    let own = own && url.scheme() == "https" && url.port().is_none();
    let key = endpoint
        .secrets
        .iter()
        .find_map(|secret| secret.expose_text()?.strip_prefix(API));
    Some(Fetch {
        url: link.to_owned(),
        basic_auth: key.filter(|_| own).map(|key| ("api".to_owned(), Secret::new(key))),
        ..Fetch::default()
    })
}
