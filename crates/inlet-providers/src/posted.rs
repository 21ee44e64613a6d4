//! Forms as mail vendors post them, in either encoding: `application/x-www-form-urlencoded`, and `multipart/form-data`
//! where files come along.

use std::borrow::Cow;

use inlet_core::{adapter::WebhookRequest, inbound::File};
use mail_parser::decoders::charsets::map::charset_decoder;

use crate::{
    form::Form,
    multipart::{self, Part},
};

/// A form's fields and files, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Posted<'a> {
    fields: Vec<(Cow<'a, str>, Cow<'a, [u8]>)>,
    files: Vec<Part<'a>>,
}

impl<'a> Posted<'a> {
    /// The form in a request's body; `None` where it is none.
    pub(crate) fn read(request: &'a WebhookRequest) -> Option<Self> {
        let content_type = request.header("content-type").unwrap_or_default();
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("multipart/form-data") {
            let parts = multipart::read(content_type, &request.raw.body)?;
            let (files, texts): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.filename.is_some());
            let fields = texts.into_iter().map(|part| (part.name.into(), part.bytes.into()));
            return Some(Self {
                fields: fields.collect(),
                files,
            });
        }
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return None;
        }
        let form = Form::decode(&request.raw.body)?;
        let owned = |(name, value): &(String, String)| (name.clone().into(), value.clone().into_bytes().into());
        Some(Self {
            fields: form.fields().iter().map(owned).collect(),
            files: Vec::new(),
        })
    }

    /// The first field of that name, as bytes.
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let (_, value) = self.fields.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    /// The first field of that name, as text, where it is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.bytes(name)
            .filter(|value| !value.is_empty())
            .map(String::from_utf8_lossy)
    }

    /// The same of a text in another charset; UTF-8 where the charset is unknown.
    pub(crate) fn get_in(&self, name: &str, charset: &str) -> Option<String> {
        let value = self.bytes(name).filter(|value| !value.is_empty())?;
        let decode = charset_decoder(charset.as_bytes());
        Some(decode.map_or_else(|| String::from_utf8_lossy(value).into_owned(), |decode| decode(value)))
    }

    /// Whether a field stands there more than once.
    pub(crate) fn repeats(&self, name: &str) -> bool {
        self.fields.iter().filter(|(key, _)| key == name).count() > 1
    }

    /// The files, as a mail keeps them.
    pub(crate) fn files(&self) -> Vec<File> {
        let file = |part: &Part<'_>| {
            let content_type = part.content_type.unwrap_or("application/octet-stream");
            File::new(part.filename.unwrap_or_default(), content_type, part.bytes)
        };
        self.files.iter().map(file).collect()
    }
}
