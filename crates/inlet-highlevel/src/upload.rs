//! `POST /conversations/messages/upload`: which files are taken in, and how they are answered. The limits are HighLevel's.

use std::collections::BTreeMap;

use inlet_core::{
    ids::{ContactKey, IdCodec, IdKind},
    registry::Location,
};
use serde::Serialize;

use crate::fault::Fault;

/// Bytes that one file may have.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;
/// Files that one request may bring.
pub const MOST_FILES: usize = 5;
/// The name under which files are handed in.
pub const FIELD: &str = "fileAttachment";
/// Letters that a file's name may have.
const MOST_NAME: usize = 100;

/// The endings of files that are taken in: HighLevel's list, and the pictures and sounds that phones send.
const ENDINGS: [&str; 23] = [
    "jpg", "jpeg", "png", "gif", "webp", "heic", "mp4", "mpeg", "mov", "3gp", "zip", "rar", "pdf", "doc", "docx",
    "txt", "csv", "vcf", "mp3", "wav", "m4a", "ogg", "amr",
];

/// What stands in the form beside the files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Form {
    /// `locationId`.
    pub location: Option<String>,
    /// `contactId`.
    pub contact: Option<String>,
    /// `conversationId`.
    pub conversation: Option<String>,
    /// The files, each under its name.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Form {
    /// Whose conversation the files are for, if all of the form can be taken in.
    pub fn check(&self, location: &Location, ids: &IdCodec) -> Result<ContactKey, Fault> {
        match &self.location {
            Some(id) if *id == location.id => {}
            Some(_) => return Err(Fault::other_location()),
            None => return Err(Fault::upload(400, "locationId is required")),
        }
        let named = [
            (IdKind::Conversation, &self.conversation),
            (IdKind::Contact, &self.contact),
        ];
        let mut keys = named
            .into_iter()
            .filter_map(|(kind, id)| Some(ids.decode(kind, id.as_deref()?).map(ContactKey)));
        let Some(first) = keys.next() else {
            return Err(Fault::upload(400, "conversationId or contactId is required"));
        };
        let first = first.ok_or_else(Fault::unknown_contact)?;
        if keys.any(|other| other != Some(first)) {
            return Err(Fault::upload(
                400,
                "contactId and conversationId do not belong together",
            ));
        }
        match self.files.len() {
            0 => Err(Fault::upload(400, format!("send the files as parts named {FIELD}"))),
            many if many > MOST_FILES => Err(Fault::upload(
                400,
                format!("at most {MOST_FILES} files go in one request"),
            )),
            _ => Ok(first),
        }
    }

    /// Takes one more file. Its bytes are counted by whoever reads them.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        let name = tame(name);
        if !ending(&name).is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
            let known = ENDINGS.join(", ");
            return Err(Fault::upload(
                415,
                format!("files of this type are not taken in: send one of {known}"),
            ));
        }
        if bytes.is_empty() {
            return Err(Fault::upload(400, "a file is empty"));
        }
        if self.files.iter().any(|(other, _)| *other == name) {
            return Err(Fault::upload(400, "two files have the same name"));
        }
        self.files.push((name, bytes));
        Ok(())
    }
}

/// 413: one file, or all of them, are too large.
pub fn too_large() -> Fault {
    let megabytes = MOST_BYTES / (1024 * 1024);
    Fault::upload(
        413,
        format!("a file may have {megabytes} MB, and a request {MOST_FILES} of them"),
    )
}

/// 415: the request is no form with files.
pub fn no_form() -> Fault {
    let hint = format!("send multipart/form-data with the files as parts named {FIELD}");
    Fault::upload(415, hint)
}

/// A name as a path may have it: no folder, no letter that means something there.
fn tame(name: &str) -> String {
    let bare = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') {
            letter
        } else {
            '_'
        }
    };
    let letters: Vec<char> = bare.chars().map(safe).collect();
    let skip = letters.len().saturating_sub(MOST_NAME);
    letters.into_iter().skip(skip).collect()
}

fn ending(name: &str) -> Option<String> {
    let (start, ending) = name.rsplit_once('.')?;
    (!start.is_empty()).then(|| ending.to_ascii_lowercase())
}

/// The answer: where each file is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Uploaded {
    /// The link to each file, under its name.
    pub uploaded_files: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tame_and_their_endings_known() {
        let cases = [
            ("a.png", Ok("a.png")),
            ("C:\\Users\\me\\A b.PDF", Ok("A_b.PDF")),
            ("../../etc/passwd.txt", Ok("passwd.txt")),
            ("h\u{e9}.jpg", Ok("h_.jpg")),
            ("a.html", Err(415)),
            ("a.svg", Err(415)),
            ("a.png.exe", Err(415)),
            ("png", Err(415)),
            (".png", Err(415)),
            ("", Err(415)),
        ];
        for (name, expected) in cases {
            let mut form = Form::default();
            let added = form.add(name, vec![1]).map_err(|fault| fault.status);
            let kept = added.map(|()| form.files[0].0.as_str());
            assert_eq!(kept, expected, "{name}");
        }
        let mut form = Form::default();
        assert_eq!(form.add("a.png", Vec::new()).unwrap_err().status, 400);
        form.add("a.png", vec![1]).unwrap();
        assert_eq!(form.add("a.png", vec![2]).unwrap_err().status, 400);
        let long = "x".repeat(300) + ".png";
        form.add(&long, vec![1]).unwrap();
        assert_eq!(form.files[1].0.len(), MOST_NAME);
    }

    #[test]
    fn errors_have_the_documented_body() {
        let body = serde_json::to_value(too_large()).unwrap();
        assert_eq!(body["status"], 413);
        assert!(body["message"].is_string(), "{body}");
    }
}
