//! Pieces of what vendors say that they say alike: phone numbers, files, and the digest of it all.

use inlet_core::{
    adapter::{Fetch, ItemError},
    address::{Identity, IdentityKind, Phone},
    inbound::{Attachment, MediaState},
    seen::fingerprint,
};
use url::Url;

/// Bytes of a vendor's own id for a message; what is longer is none.
pub(crate) const LONGEST_ID: usize = 255;

/// Who sends texts from this number. A name in letters or a long short code cannot be called, but stays the same.
pub(crate) fn texter(raw: &str) -> Identity {
    match Phone::parse(raw, None) {
        Ok(phone) => Identity::phone(&phone),
        Err(_) => Identity {
            kind: IdentityKind::Opaque,
            scope: "sms".to_owned(),
            value: raw.to_owned(),
        },
    }
}

/// A file to be fetched; one without a web address is kept as what could not be.
pub(crate) fn file(url: &str, content_type: Option<&str>) -> Attachment {
    let state = if url.starts_with("https://") || url.starts_with("http://") {
        MediaState::Pending
    } else {
        MediaState::Failed {
            reason: "its link is not a web address".to_owned(),
        }
    };
    Attachment {
        url: url.to_owned(),
        content_type: content_type.map(ToOwned::to_owned),
        state,
    }
}

/// How a file is fetched that asks for no credentials; `None` where the link is no web address.
pub(crate) fn open_file(url: &str) -> Option<Fetch> {
    let parsed = Url::parse(url).ok()?;
    matches!(parsed.scheme(), "https" | "http").then(|| Fetch {
        url: url.to_owned(),
        ..Fetch::default()
    })
}

/// A number with its country code, whose `+` some vendors leave out. Short codes, names and national numbers stay.
pub(crate) fn international(raw: &str) -> String {
    let raw = raw.trim();
    let bare = raw.bytes().all(|byte| byte.is_ascii_digit());
    if bare && (9..=15).contains(&raw.len()) && !raw.starts_with('0') {
        format!("+{raw}")
    } else {
        raw.to_owned()
    }
}

/// A digest of what is said. Each part goes in with its length, so that no two sayings run together.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> i64 {
    let mut content = Vec::new();
    for part in parts {
        content.extend_from_slice(part.len().to_string().as_bytes());
        content.push(b':');
        content.extend_from_slice(part.as_bytes());
    }
    fingerprint(&content)
}

/// Why an item is none, as a sentence that goes on from "the message: …".
pub(crate) fn problem(sentence: impl Into<String>) -> ItemError {
    ItemError(sentence.into())
}
