//! What a verified request says: a mail, from Postmark's pieces or from raw MIME.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inlet_core::{
    adapter::{Item, ItemError, Verified},
    inbound::{Attachment, File, MediaState},
};
use serde::Deserialize;

use crate::{
    mail::{Envelope, Mail, Party},
    said::problem,
};

/// A mail in Postmark's words, as far as they are read.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Posted {
    record_type: Option<String>,
    from_full: Option<Person>,
    reply_to: String,
    to_full: Vec<Person>,
    cc_full: Vec<Person>,
    original_recipient: Option<String>,
    subject: Option<String>,
    #[serde(rename = "MessageID")]
    message_id: Option<String>,
    date: String,
    text_body: Option<String>,
    html_body: Option<String>,
    headers: Vec<Header>,
    attachments: Vec<Piece>,
    raw_email: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Person {
    email: String,
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Piece {
    name: String,
    content: String,
    content_type: String,
}

/// The mail in a verified request.
pub(super) fn read(verified: &Verified<'_>) -> Result<Item, ItemError> {
    let posted: Posted = serde_json::from_slice(&verified.request.raw.body)
        .map_err(|_| problem("it is not a mail in JSON, as Postmark posts one"))?;
    if posted.record_type.as_deref().is_some_and(|kind| kind != "Inbound") {
        return Err(problem(
            "it tells how a mail that was sent fares, and brings none: this address is for the inbound stream",
        ));
    }
    let envelope = Envelope {
        recipient: posted.original_recipient.clone(),
        sender: None,
        strength: verified.strength,
        replay: None,
    };
    let mail = match &posted.raw_email {
        Some(mime) => Mail::read(mime.as_bytes())?,
        None => pieces(posted),
    };
    mail.item(envelope)
}

fn pieces(posted: Posted) -> Mail {
    let one_line = |value: &str| value.replace(['\r', '\n'], " ");
    let mut lines = vec![
        format!("Date: {}", one_line(&posted.date)),
        format!("Reply-To: {}", one_line(&posted.reply_to)),
    ];
    lines.extend(
        posted
            .headers
            .iter()
            .map(|header| format!("{}: {}", header.name, one_line(&header.value))),
    );
    let mut mail = Mail::of_headers(&lines.join("\r\n"));
    mail.id = mail.id.or(posted.message_id).filter(|id| !id.is_empty());
    mail.from = posted.from_full.into_iter().map(party).chain(mail.from).collect();
    mail.to = posted.to_full.into_iter().map(party).collect();
    mail.cc = posted.cc_full.into_iter().map(party).collect();
    mail.subject = posted.subject;
    (mail.text, mail.html) = (posted.text_body, posted.html_body);
    for piece in posted.attachments {
        match BASE64.decode(&piece.content) {
            Ok(bytes) => mail.files.push(File::new(piece.name, piece.content_type, &bytes)),
            Err(_) => mail.links.push(broken(piece)),
        }
    }
    mail.tidied()
}

fn party(person: Person) -> Party {
    Party {
        name: Some(person.name).filter(|name| !name.is_empty()),
        address: person.email,
    }
}

fn broken(piece: Piece) -> Attachment {
    Attachment {
        url: piece.name,
        content_type: Some(piece.content_type),
        state: MediaState::Failed {
            reason: "its bytes did not come in base64".to_owned(),
        },
    }
}
