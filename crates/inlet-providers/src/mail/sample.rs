//! Mails for samples, as raw MIME.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inlet_core::{
    Timestamp,
    adapter::{Scenario, Target},
};

use crate::{
    multipart,
    specimen::{content_type, id_of},
};

/// The address that stands in for one where the provider takes any.
const ANY_ADDRESS: &str = "inbox@inbox.example.com";

/// The mail that the scenario `first` is, and that the scenario `reply` answers.
const FIRST: &str = "first@sample.example";

/// What a sample says, in the pieces that vendors hand over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sample {
    /// Its Message-ID, without `<>`.
    pub(crate) id: String,
    /// Who it is from, with a name.
    pub(crate) from: String,
    /// The address alone.
    pub(crate) sender: String,
    /// To whom it goes.
    pub(crate) recipient: String,
    /// Its subject.
    pub(crate) subject: &'static str,
    /// Its date, as a header has it.
    pub(crate) date: String,
    /// The mail it answers, in the scenario `reply`.
    pub(crate) answers: Option<&'static str>,
    /// Its text.
    pub(crate) text: String,
    /// Its HTML, in the scenario `html`.
    pub(crate) html: Option<String>,
    /// Its files: names, types, bytes.
    pub(crate) files: Vec<(String, &'static str, Vec<u8>)>,
}

impl Sample {
    /// The scenarios `first`, `reply` and `html`, and for any other name a plain mail, with the files that were asked for.
    pub(crate) fn new(scenario: &Scenario, at: &Target<'_>, now: Timestamp) -> Self {
        let text = scenario.body.clone();
        let html = (scenario.name == "html").then(|| {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
            format!("<p>{escaped}</p>")
        });
        let file = |url: &String| {
            let name = url.rsplit('/').next().unwrap_or_default().to_owned();
            (name, content_type(url), format!("a sample of {url}").into_bytes())
        };
        let recipient = at.provider.number.clone();
        Self {
            id: match scenario.name.as_str() {
                "first" => FIRST.to_owned(),
                _ => id_of(scenario, now, |digits| format!("{digits}@sample.example")),
            },
            from: format!("Sample Sender <{}>", scenario.from),
            sender: scenario.from.clone(),
            recipient: recipient.unwrap_or_else(|| ANY_ADDRESS.to_owned()),
            subject: if scenario.name == "reply" {
                "Re: A question"
            } else {
                "A question"
            },
            date: now.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
            answers: (scenario.name == "reply").then_some(FIRST),
            text,
            html,
            files: scenario.media.iter().map(file).collect(),
        }
    }

    /// The headers, a line each, without those of the parts.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("From", self.from.clone()),
            ("To", format!("<{}>", self.recipient)),
            ("Subject", self.subject.to_owned()),
            ("Date", self.date.clone()),
            ("Message-ID", format!("<{}>", self.id)),
            ("MIME-Version", "1.0".to_owned()),
        ];
        if let Some(answers) = self.answers {
            headers.push(("In-Reply-To", format!("<{answers}>")));
            headers.push(("References", format!("<{answers}>")));
        }
        headers
    }

    /// All of it as raw MIME.
    pub(crate) fn mime(&self) -> Vec<u8> {
        let text = match &self.html {
            Some(html) => ("Content-Type: text/html; charset=utf-8".to_owned(), html.as_bytes()),
            None => (
                "Content-Type: text/plain; charset=utf-8".to_owned(),
                self.text.as_bytes(),
            ),
        };
        let files = self.files.iter().map(|(name, content_type, bytes)| {
            let place = format!("Content-Disposition: attachment; filename=\"{name}\"");
            (format!("Content-Type: {content_type}\r\n{place}"), bytes.as_slice())
        });
        let encoded = std::iter::once(text).chain(files).map(|(headers, bytes)| {
            let lines = in_lines(&BASE64.encode(bytes));
            (
                format!("{headers}\r\nContent-Transfer-Encoding: base64"),
                lines.into_bytes(),
            )
        });
        let (cut, body) = multipart::write(&encoded.collect::<Vec<_>>());
        let mut headers = self.headers();
        headers.push(("Content-Type", format!("multipart/mixed; boundary=\"{cut}\"")));
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = lines.collect::<Vec<_>>().concat() + "\r\n";
        [head.into_bytes(), body].concat()
    }
}

/// Base64 in lines of 76, as MIME wants them.
fn in_lines(encoded: &str) -> String {
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / 38);
    for (index, letter) in encoded.chars().enumerate() {
        if index > 0 && index % 76 == 0 {
            lines.push_str("\r\n");
        }
        lines.push(letter);
    }
    lines
}
