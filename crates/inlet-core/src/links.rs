//! Links under which kept files are served: unguessable, because signed, and the same for ever, so that an event can
//! name one before the file has been fetched. Each names its location, for the store answers within one only.

use std::fmt;

use crate::{
    ids::{IdCodec, IdKind, LocationKey, MessageKey},
    secret::Secret,
    signature::hmac_sha256,
};

/// Makes and checks links to kept files.
#[derive(Clone)]
pub struct MediaLinks {
    base: String,
    key: Secret,
    ids: IdCodec,
}

/// A file that was handed in by itself, as its link names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandedIn {
    /// Where it belongs.
    pub location: LocationKey,
    /// SHA-256 of its bytes, lower hex.
    pub blob: String,
    /// What it is called, in letters that a path may have.
    pub name: String,
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

    /// The link to an attachment of a location's message, counted from 0.
    pub fn url(&self, location: LocationKey, message: MessageKey, index: usize) -> String {
        format!("{}{}", self.base, self.path(location, message, index))
    }

    /// The same without the public address: for our own pages.
    pub fn path(&self, location: LocationKey, message: MessageKey, index: usize) -> String {
        let place = self.ids.encode(IdKind::Location, location.0);
        self.signed(format!("/media/{place}/{}/{index}", self.ids.message(message)))
    }

    /// The location and message that a link names, if the signature is ours.
    pub fn open(&self, (place, id): (&str, &str), index: usize, signature: &str) -> Option<(LocationKey, MessageKey)> {
        self.fits(&format!("/media/{place}/{id}/{index}"), signature)?;
        let location = self.ids.decode(IdKind::Location, place)?;
        let message = self.ids.decode(IdKind::Message, id)?;
        Some((LocationKey(location), MessageKey(message)))
    }

    /// The link to a file that was handed in by itself.
    pub fn file_url(&self, file: &HandedIn) -> String {
        let place = self.ids.encode(IdKind::Location, file.location.0);
        let path = self.signed(format!("/files/{place}/{}/{}", file.blob, file.name));
        format!("{}{path}", self.base)
    }

    /// The file that a link names, if the signature is ours.
    pub fn open_file(&self, (place, blob): (&str, &str), name: &str, signature: &str) -> Option<HandedIn> {
        self.fits(&format!("/files/{place}/{blob}/{name}"), signature)?;
        Some(HandedIn {
            location: LocationKey(self.ids.decode(IdKind::Location, place)?),
            blob: blob.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The file behind a whole link, where it is one of ours.
    pub fn own_file(&self, url: &str) -> Option<HandedIn> {
        let path = url.strip_prefix(&self.base)?.strip_prefix("/files/")?;
        let (path, signature) = path.split_once("?s=")?;
        let mut parts = path.splitn(3, '/');
        let (place, blob, name) = (parts.next()?, parts.next()?, parts.next()?);
        self.open_file((place, blob), name, signature)
    }

    fn signed(&self, path: String) -> String {
        let signature = self.signature(&path);
        path + "?s=" + &signature
    }

    fn fits(&self, path: &str, signature: &str) -> Option<()> {
        (Secret::new(self.signature(path)) == Secret::new(signature)).then_some(())
    }

    fn signature(&self, path: &str) -> String {
        let mac = hmac_sha256(self.key.expose(), &[path.as_bytes()]);
        hex::encode(mac.get(..16).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> MediaLinks {
        MediaLinks::new("https://x.test/", Secret::new(*b"key"), IdCodec::new([1; 16]))
    }

    #[test]
    fn a_link_opens_its_own_file_only() {
        let links = links();
        let url = links.url(LocationKey(3), MessageKey(77), 2);
        let rest = url.strip_prefix("https://x.test/media/").unwrap();
        let parts: Vec<_> = rest.split(['/', '?']).collect();
        let [place, id, "2", signature] = parts[..] else {
            panic!("{url}")
        };
        let signature = signature.strip_prefix("s=").unwrap();
        let found = Some((LocationKey(3), MessageKey(77)));
        assert_eq!(links.open((place, id), 2, signature), found);
        assert_eq!(links.open((place, id), 3, signature), None);
        assert_eq!(links.open((place, id), 2, ""), None);
        let elsewhere = links.ids.encode(IdKind::Location, 4);
        assert_eq!(links.open((&elsewhere, id), 2, signature), None);
    }

    #[test]
    fn a_link_to_a_file_is_known_as_ours_or_not_at_all() {
        let links = links();
        let file = HandedIn {
            location: LocationKey(3),
            blob: "ab".repeat(32),
            name: "a.png".to_owned(),
        };
        let url = links.file_url(&file);
        assert_eq!(links.own_file(&url), Some(file));
        let others = [
            url.replace("a.png", "b.png"),
            url.replace("x.test", "y.test"),
            url.replace("abab", "abac"),
            url.replace("/files/", "/media/"),
            url.split('?').next().unwrap().to_owned(),
        ];
        for other in others {
            assert_eq!(links.own_file(&other), None, "{other}");
        }
    }
}
