//! A signature as a template describes it: what is signed, with which hash, and in which header it stands.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inlet_core::{
    Timestamp,
    adapter::{Rejection, WebhookRequest},
    inbound::Strength,
    secret::Secret,
    signature::hmac_sha256,
};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::{proof::WINDOW, template::Form as Written};
use crate::{
    credentials::{forged, hmac_sha1, only},
    form::Form,
};

/// How requests are signed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scheme {
    /// The header that carries the signature.
    header: String,
    /// What stands before it there, such as `sha256=`.
    #[serde(default)]
    prefix: String,
    /// What is signed: these, one after the other.
    over: Vec<Part>,
    /// How.
    #[serde(default)]
    hash: Hash,
    /// In which letters it is written.
    #[serde(default)]
    encoding: Encoding,
    /// The header with the time that is signed, in seconds since 1970.
    time: Option<String>,
    /// The header with what is signed once only, where the body is not signed.
    once: Option<String>,
}

/// A piece of what is signed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(from = "String")]
enum Part {
    /// The body, as it came.
    Body,
    /// The address, as the vendor was given it.
    Url,
    /// The same up to its query.
    UrlWithoutQuery,
    /// The fields of the form, by name, each name with its value: as they are decoded.
    Form,
    /// What a header says.
    Header(String),
    /// Always the same.
    Constant(String),
}

/// The hash of the HMAC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Hash {
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-1.
    Sha1,
}

/// The letters of a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    /// Lower-case hexadecimal.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        match text.as_str() {
            "$body" => Self::Body,
            "$form" => Self::Form,
            "$url" => Self::Url,
            "$url_without_query" => Self::UrlWithoutQuery,
            other => match other.strip_prefix("$header.") {
                Some(name) => Self::Header(name.to_owned()),
                None => Self::Constant(text),
            },
        }
    }
}

impl Scheme {
    /// What of it cannot work, in a sentence.
    pub(super) fn check(&self, written: Written) -> Result<(), String> {
        let mut headers = vec![&self.header];
        headers.extend(&self.time);
        headers.extend(&self.once);
        headers.extend(self.over.iter().filter_map(|part| match part {
            Part::Header(name) => Some(name),
            Part::Body | Part::Form | Part::Url | Part::UrlWithoutQuery | Part::Constant(_) => None,
        }));
        if headers.iter().any(|name| name.to_ascii_lowercase() != **name) {
            return Err("the headers of the template's signature must be written in lower case".to_owned());
        }
        let signed = |name: &String| self.over.contains(&Part::Header(name.clone()));
        if !self.time.iter().chain(&self.once).all(signed) {
            return Err(
                "the template's signature does not cover its time or once: name them in over too, as $header.NAME"
                    .to_owned(),
            );
        }
        if self.over.contains(&Part::Form) && !(written == Written::Form && self.over.contains(&Part::Url)) {
            return Err(
                "$form is signed where body = \"form\", and together with $url, where a form without a body stands"
                    .to_owned(),
            );
        }
        if !self.covers_body() && self.once.is_none() {
            return Err(
                "the template's signature does not cover the body: name the header of what is signed once only as once"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Whether one of these secrets signed the request.
    pub(super) fn verify(
        &self,
        request: &WebhookRequest,
        secrets: &[Secret],
        now: Timestamp,
    ) -> Result<Strength, Rejection> {
        let given = needed(request, &self.header)?;
        if let Some(name) = &self.time {
            let at = needed(request, name)?.parse::<i64>();
            let at = at.map_err(|_| forged(&format!("its {name} is not a number of seconds since 1970")))?;
            if at.abs_diff(now.as_second()) > WINDOW {
                return Err(forged(&format!("its {name} is more than five minutes from now")));
            }
        }
        if let Some(name) = &self.once {
            needed(request, name)?;
        }
        let message = self.message(request)?;
        let fits = |secret: &Secret| self.sign(secret, &message).as_bytes().ct_eq(given.as_bytes()).into();
        let mut secrets = secrets.iter().filter(|secret| !secret.expose().is_empty());
        if !secrets.any(fits) {
            return Err(forged(
                "its signature does not fit: check the secret, and that the public URL is the one the sender was given",
            ));
        }
        // A signature that says nothing of the body proves no more than that its sender knows the secret.
        Ok(if self.over.contains(&Part::Body) {
            Strength::SignedBody
        } else if self.over.contains(&Part::Form) {
            Strength::SignedForm
        } else {
            Strength::Secret
        })
    }

    /// What the sender signs once only.
    pub(super) fn once<'r>(&self, request: &'r WebhookRequest) -> Option<&'r str> {
        request.header(self.once.as_ref()?)
    }

    /// Signs a sample under a secret: with the time, and with what is signed once.
    pub(super) fn prove(&self, request: &mut WebhookRequest, secret: &Secret, (id, now): (&str, Timestamp)) {
        let headers = &mut request.raw.headers;
        if let Some(name) = &self.time {
            headers.push((name.clone(), now.as_second().to_string()));
        }
        for part in &self.over {
            match part {
                Part::Header(name) if headers.iter().all(|(known, _)| known != name) => {
                    headers.push((name.clone(), id.to_owned()));
                }
                Part::Header(_) | Part::Body | Part::Form | Part::Url | Part::UrlWithoutQuery | Part::Constant(_) => {}
            }
        }
        if let Ok(message) = self.message(request) {
            let signature = self.sign(secret, &message);
            request.raw.headers.push((self.header.clone(), signature));
        }
    }

    fn covers_body(&self) -> bool {
        self.over.contains(&Part::Body) || self.over.contains(&Part::Form)
    }

    fn message(&self, request: &WebhookRequest) -> Result<Vec<u8>, Rejection> {
        let url = request.url();
        let mut message = Vec::new();
        for part in &self.over {
            match part {
                Part::Body => message.extend_from_slice(&request.raw.body),
                Part::Form => message.extend_from_slice(fields(request)?.as_bytes()),
                Part::Url => message.extend_from_slice(url.as_bytes()),
                Part::UrlWithoutQuery => {
                    message.extend_from_slice(url.split('?').next().unwrap_or_default().as_bytes());
                }
                Part::Header(name) => message.extend_from_slice(needed(request, name)?.as_bytes()),
                Part::Constant(text) => message.extend_from_slice(text.as_bytes()),
            }
        }
        Ok(message)
    }

    /// The signature as it stands in the header.
    fn sign(&self, secret: &Secret, message: &[u8]) -> String {
        let mac = match self.hash {
            Hash::Sha256 => hmac_sha256(secret.expose(), &[message]),
            Hash::Sha1 => hmac_sha1(secret.expose(), message),
        };
        let letters = match self.encoding {
            Encoding::Hex => hex::encode(mac),
            Encoding::Base64 => BASE64.encode(mac),
        };
        format!("{}{letters}", self.prefix)
    }
}

/// The fields of a form as they are signed. Those of one name keep their order.
fn fields(request: &WebhookRequest) -> Result<String, Rejection> {
    let form = Form::decode(&request.raw.body);
    let form = form.ok_or_else(|| Rejection::NotOurs("its form is not in UTF-8".to_owned()))?;
    let mut fields: Vec<_> = form.fields().iter().collect();
    fields.sort_by_key(|(name, _)| name.as_str());
    Ok(fields
        .iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()])
        .collect())
}

fn needed<'r>(request: &'r WebhookRequest, name: &str) -> Result<&'r str, Rejection> {
    only(request, name)?
        .ok_or_else(|| Rejection::Missing(format!("it has no {name} header, which its signature needs")))
}
