//! The port for vendors that send what they are given by an API of their own: how it is called for one message, what its
//! answer means, and what it tells of the message later. Pure, as an adapter is; whoever has a client makes the call.

use std::fmt;

use crate::{
    adapter::{Fetch, ItemError, Verified},
    channel::MessageStatus,
    message::Message,
    registry::{Endpoint, Provider},
    secret::Secret,
};

/// Has one vendor send messages.
pub trait Courier: fmt::Debug + Send + Sync {
    /// Where the vendor's API is, without a slash at its end.
    fn base(&self) -> &'static str;
    /// The secret that opens the API, where the endpoint's own does.
    fn own_secret(&self, endpoint: &Endpoint) -> Option<Secret>;
    /// Whether these can be credentials, and this provider can send by them: a sentence says what to change.
    fn check(&self, provider: &Provider, credentials: &Credentials) -> Result<(), String>;
    /// The call that sends a message; a sentence where it cannot be sent by this vendor.
    fn letter(&self, parcel: &Parcel<'_>) -> Result<Letter, String>;
    /// What the answer to it means.
    fn answer(&self, status: u16, body: &[u8]) -> Taken;
    /// What a verified request to the message's own address tells of it; nothing, where it says no more than is known.
    fn word(&self, verified: &Verified<'_>) -> Result<Option<Word>, ItemError>;
}

/// What opens a vendor's API: kept together, sealed, as one secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credentials {
    /// The account that pays.
    pub account: String,
    /// Who asks: the account, or a key of its.
    pub user: String,
    /// What proves that.
    pub secret: Secret,
}

impl Credentials {
    /// As they are kept. Neither account nor user has a colon.
    pub fn sealed(&self) -> Secret {
        let head = format!("{}:{}:", self.account, self.user);
        Secret::new([head.as_bytes(), self.secret.expose()].concat())
    }

    /// As they were kept.
    pub fn open(sealed: &Secret) -> Option<Self> {
        let mut parts = sealed.expose_text()?.splitn(3, ':');
        let (account, user, secret) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            account: account.to_owned(),
            user: user.to_owned(),
            secret: Secret::new(secret),
        })
    }
}

/// A message to be sent, with all that a vendor asks for.
#[derive(Clone, Copy, Debug)]
pub struct Parcel<'a> {
    /// Whose number it goes out from.
    pub provider: &'a Provider,
    /// What opens the API.
    pub credentials: &'a Credentials,
    /// Where the API is, without a slash at its end.
    pub base: &'a str,
    /// The message.
    pub message: &'a Message,
    /// Links to its files.
    pub files: &'a [String],
    /// Where the vendor is to tell what becomes of it, where the world can reach us.
    pub tell: Option<&'a str>,
}

/// The call that sends a message: a POST.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// Where it goes, and what opens that.
    pub to: Fetch,
    /// The type of its body.
    pub content_type: &'static str,
    /// Its body.
    pub body: Vec<u8>,
}

/// What a vendor's answer means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It has the message, under an id of its own.
    Yes(String),
    /// It will never send it, in words for people.
    Never(String),
    /// It did not take it, because of something that can be mended, in words.
    NotYet(String),
    /// It did not take it, because there is too much to do.
    Busy,
    /// Nobody knows.
    Unknown,
}

/// What a vendor tells of a message that it has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// How it stands.
    pub status: MessageStatus,
    /// Why it failed, where it failed.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_come_back_as_they_were_kept() {
        let kept = Credentials {
            account: "AC1".to_owned(),
            user: "SK2".to_owned(),
            secret: Secret::new("with:colons"),
        };
        assert_eq!(Credentials::open(&kept.sealed()), Some(kept));
        assert_eq!(Credentials::open(&Secret::new("a signing secret")), None);
    }
}
