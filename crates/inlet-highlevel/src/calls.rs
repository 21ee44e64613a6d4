//! What is told of a call beside its message: its transcription, and other files in place of those it has.

use inlet_core::{
    inbound::{Attachment, MediaState},
    message::Message,
};
use serde::Serialize;

use crate::{add_inbound::read_links, fault::Fault, fields::Fields};

/// Files that a call may have: HighLevel's limit.
const MOST: usize = 5;

/// One sentence of a transcription: HighLevel's `GetMessageTranscriptionResponseDto`.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sentence {
    media_channel: u32,
    #[serde(rename = "sentenceIndex")]
    index: u32,
    /// Milliseconds.
    start_time: u64,
    /// Milliseconds.
    end_time: u64,
    transcript: String,
    confidence: u32,
}

/// The text of a call, where it is one and has a text.
pub fn transcript(message: &Message) -> Result<&str, Fault> {
    let text = message.body.as_deref().filter(|_| message.channel.is_call());
    text.filter(|text| !text.trim().is_empty())
        .ok_or_else(Fault::no_transcription)
}

/// The same as HighLevel's list of sentences. Here the text is one, from the beginning of the call to its end, and as
/// certain as whoever sent it.
pub fn sentences(message: &Message) -> Result<Vec<Sentence>, Fault> {
    let transcript = transcript(message)?.to_owned();
    let seconds = message.detail.call.as_ref().and_then(|call| call.duration);
    Ok(vec![Sentence {
        media_channel: 1,
        index: 0,
        start_time: 0,
        end_time: u64::from(seconds.unwrap_or_default()) * 1000,
        transcript,
        confidence: 1,
    }])
}

/// `PUT /conversations/messages/{id}/attachments`: links to the files that a call shall have.
pub fn read_attachments(body: &[u8]) -> Result<Vec<Attachment>, Fault> {
    let mut fields = Fields::parse(body)?;
    if !fields.is_list("attachments") {
        fields.complain("attachments", "must be an array");
    }
    let links = read_links(&mut fields, MOST);
    fields.finish()?;
    let linked = |url| Attachment {
        url,
        content_type: None,
        state: MediaState::Linked,
    };
    Ok(links.into_iter().map(linked).collect())
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Replaced {
    success: bool,
    attachments: Vec<String>,
}

impl Replaced {
    /// The files of a call as they now are.
    pub fn new(attachments: Vec<String>) -> Self {
        Self {
            success: true,
            attachments,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_links_and_at_most_five() {
        let five = r#"{"attachments":["https://a.org/1","https://a.org/2","https://a.org/3","https://a.org/4","https://a.org/5"]}"#;
        let six = five.replace("5\"]", "5\",\"https://a.org/6\"]");
        let cases = [
            (r#"{"attachments":["https://a.org/1.mp3"]}"#, Ok(1)),
            (r#"{"attachments":[]}"#, Ok(0)),
            (five, Ok(5)),
            (&six, Err(422)),
            (r#"{"attachments":["nonsense"]}"#, Err(422)),
            (r#"{"attachments":[7]}"#, Err(422)),
            (r#"{"attachments":"https://a.org/1.mp3"}"#, Err(422)),
            ("{}", Err(422)),
            ("[]", Err(400)),
        ];
        for (body, expected) in cases {
            let read = read_attachments(body.as_bytes());
            assert_eq!(
                read.map(|files| files.len()).map_err(|fault| fault.status),
                expected,
                "{body}"
            );
        }
    }
}
