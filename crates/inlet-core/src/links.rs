//! Links under which kept files are served: unguessable, because signed, and the same for ever, so that an event can
//! name one before the file has been fetched.

use std::fmt;

use crate::{
    ids::{IdCodec, MessageKey},
    secret::Secret,
    signature::hmac_sha256,
};

/// Makes and checks links to the files of messages.
#[derive(Clone)]
pub struct MediaLinks {
    base: String,
    key: Secret,
    ids: IdCodec,
}

impl fmt::Debug for MediaLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaLinks({})", self.base)
    }
}

impl MediaLinks {
    /// Links below the public address `base` (no slash at its end), signed under `key`.
    pub fn new(base: &str, key: Secret, ids: IdCodec) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            key,
            ids,
        }
    }

    /// The link to a message's attachment, counted from 0.
    pub fn url(&self, message: MessageKey, index: usize) -> String {
        format!("{}{}", self.base, self.path(message, index))
    }

    /// The same without the public address: for our own pages.
    pub fn path(&self, message: MessageKey, index: usize) -> String {
        let id = self.ids.message(message);
        format!("/media/{id}/{index}?s={}", self.signature(&id, index))
    }

    /// The message that a link names, if the signature is ours.
    pub fn open(&self, id: &str, index: usize, signature: &str) -> Option<MessageKey> {
        let fits = Secret::new(self.signature(id, index)) == Secret::new(signature);
        let key = self.ids.decode(crate::ids::IdKind::Message, id)?;
        fits.then_some(MessageKey(key))
    }

    fn signature(&self, id: &str, index: usize) -> String {
        let mac = hmac_sha256(self.key.expose(), &[id.as_bytes(), b"/", index.to_string().as_bytes()]);
        hex::encode(mac.get(..16).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_own_file_only() {
        let links = MediaLinks::new("https://x.test/", Secret::new(*b"key"), IdCodec::new([1; 16]));
        let url = links.url(MessageKey(77), 2);
        let rest = url.strip_prefix("https://x.test/media/").unwrap();
        let (id, rest) = rest.split_once('/').unwrap();
        let (_, signature) = rest.split_once("?s=").unwrap();
        assert_eq!(links.open(id, 2, signature), Some(MessageKey(77)));
        assert_eq!(links.open(id, 3, signature), None);
        assert_eq!(links.open(id, 2, ""), None);
    }
}
