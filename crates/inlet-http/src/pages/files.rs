//! The files of a message, as they are shown: pictures and sound that are ours, cards for everything else.

use inlet_core::{
    inbound::{Attachment, MediaState},
    message::Message,
};

use super::words;
use crate::state::State;

/// A file as the thread shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum File {
    /// A picture that we keep.
    Picture {
        /// Where it is served.
        path: String,
        /// Its name.
        name: String,
    },
    /// Sound that we keep.
    Sound {
        /// Where it is served.
        path: String,
    },
    /// Any other file that can be had.
    Card {
        /// Where it is.
        path: String,
        /// Its name.
        name: String,
        /// Its type and size, or whose server it is on.
        note: String,
    },
    /// A file that is not there, and why, in words.
    Absent {
        /// Its name.
        name: String,
        /// Why.
        note: String,
        /// Whether it will not come any more.
        failed: bool,
    },
}

/// The files of a message.
pub(super) fn files(message: &Message, state: &State) -> Vec<File> {
    let attachments = message.detail.attachments.iter().enumerate();
    attachments
        .map(|(index, attachment)| {
            let path = state.links.path(message.location, message.key, index);
            file(attachment, index, path)
        })
        .collect()
}

fn file(attachment: &Attachment, index: usize, path: String) -> File {
    let name = file_name(attachment, index);
    match &attachment.state {
        MediaState::Kept { size, content_type, .. } => kept(name, path, *size, content_type),
        MediaState::Linked => match host(&attachment.url) {
            Some(host) => File::Card {
                path: attachment.url.clone(),
                name,
                note: format!("{} · at {host}", type_words(attachment.content_type.as_deref())),
            },
            None => absent(name, "Its address is not a web address", true),
        },
        MediaState::Pending => absent(name, "Being fetched from the sender", false),
        MediaState::Failed { reason } => absent(name, &format!("Could not be fetched: {reason}"), true),
    }
}

fn kept(name: String, path: String, size: u64, content_type: &str) -> File {
    match content_type.split(';').next().unwrap_or_default().trim() {
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" => File::Picture { path, name },
        sound if sound.starts_with("audio/") => File::Sound { path },
        other => File::Card {
            path,
            name,
            note: format!("{} · {}", type_words(Some(other)), words::size(size)),
        },
    }
}

fn absent(name: String, note: &str, failed: bool) -> File {
    File::Absent {
        name,
        note: note.to_owned(),
        failed,
    }
}

/// The host of a web address: any other kind of address is not made a link.
fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())
}

/// What a file is called in a preview.
pub(super) fn preview(attachment: &Attachment) -> (&'static str, String) {
    let name = file_name(attachment, 0);
    let content_type = kept_type(attachment).unwrap_or_default();
    match content_type.split('/').next() {
        Some("image") => ("picture", format!("Picture · {name}")),
        Some("audio") => ("sound", "Recording".to_owned()),
        _ => ("clip", format!("{} · {name}", type_words(Some(content_type)))),
    }
}

fn kept_type(attachment: &Attachment) -> Option<&str> {
    match &attachment.state {
        MediaState::Kept { content_type, .. } => Some(content_type),
        MediaState::Linked | MediaState::Pending | MediaState::Failed { .. } => attachment.content_type.as_deref(),
    }
}

/// A name for an attachment: the last part of its address where that looks like one, else its place and type. Only
/// letters, digits, dots, dashes and underscores are left of it.
pub(crate) fn file_name(attachment: &Attachment, index: usize) -> String {
    let path = attachment.url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(*letter))
        .take(80)
        .collect();
    let looks_like_one = plain
        .trim_matches('.')
        .split_once('.')
        .is_some_and(|(stem, _)| !stem.is_empty());
    if looks_like_one {
        return plain.trim_matches('.').to_owned();
    }
    format!(
        "file-{}{}",
        index + 1,
        ending(kept_type(attachment).unwrap_or_default())
    )
}

fn ending(content_type: &str) -> &'static str {
    match content_type.split(';').next().unwrap_or_default().trim() {
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "image/webp" => ".webp",
        "application/pdf" => ".pdf",
        "text/vcard" | "text/x-vcard" => ".vcf",
        "video/mp4" => ".mp4",
        "audio/mpeg" => ".mp3",
        "audio/wav" | "audio/x-wav" => ".wav",
        "audio/ogg" => ".ogg",
        "audio/mp4" => ".m4a",
        "text/plain" => ".txt",
        _ => "",
    }
}

fn type_words(content_type: Option<&str>) -> &'static str {
    let content_type = content_type.unwrap_or_default();
    match content_type.split(';').next().unwrap_or_default().trim() {
        "application/pdf" => "PDF",
        "text/vcard" | "text/x-vcard" => "Contact card",
        "text/calendar" => "Calendar entry",
        kind if kind.starts_with("image/") => "Picture",
        kind if kind.starts_with("video/") => "Video",
        kind if kind.starts_with("audio/") => "Sound",
        kind if kind.starts_with("text/") => "Text",
        _ => "File",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(url: &str, content_type: &str) -> Attachment {
        Attachment {
            url: url.to_owned(),
            content_type: Some(content_type.to_owned()),
            state: MediaState::Linked,
        }
    }

    #[test]
    fn names_are_safe_and_say_what_it_is() {
        let cases = [
            ("https://x.test/a/IMG_2031.jpg?x=1", "image/jpeg", "IMG_2031.jpg"),
            ("https://api.twilio.test/Media/ME123", "image/jpeg", "file-1.jpg"),
            ("https://x.test/../..", "text/html", "file-1"),
            ("https://x.test/\"><b>.svg", "image/svg+xml", "b.svg"),
            ("https://x.test/a\r\nb.pdf", "application/pdf", "ab.pdf"),
        ];
        for (url, content_type, name) in cases {
            assert_eq!(file_name(&attachment(url, content_type), 0), name, "{url}");
        }
    }

    #[test]
    fn only_web_addresses_become_links() {
        for url in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://x.test/a.txt",
            "https://",
        ] {
            let shown = file(&attachment(url, "text/plain"), 0, String::new());
            assert!(matches!(shown, File::Absent { failed: true, .. }), "{url}");
        }
        let shown = file(&attachment("https://x.test/a.pdf", "application/pdf"), 0, String::new());
        assert!(matches!(shown, File::Card { note, .. } if note == "PDF · at x.test"));
    }
}
