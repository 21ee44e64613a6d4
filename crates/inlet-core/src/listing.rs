//! The port for vendors that keep what they sent: how their list of it is asked for, page by page, and read. Pure, as an
//! adapter is; whoever has a client makes the calls.

use std::fmt;

use jiff::Timestamp;

use crate::{
    adapter::{Fetch, WebhookRequest},
    registry::{Endpoint, Provider},
};

/// Asks one vendor for what it kept.
pub trait Lister: fmt::Debug + Send + Sync {
    /// Where the vendor's API is, without a slash at its end.
    fn base(&self) -> &'static str;
    /// The request for the first page; a sentence where the endpoint or the provider lacks what it takes.
    fn first(&self, wish: &Wish<'_>) -> Result<Fetch, String>;
    /// What the answer to a page says; a sentence where it cannot be read.
    fn page(&self, wish: &Wish<'_>, answer: &[u8]) -> Result<Page, String>;
    /// A message with the files that the answer from [`Kept::files`] names; a sentence where that cannot be read.
    fn with_files(&self, kept: Kept, _answer: &[u8]) -> Result<WebhookRequest, String> {
        Ok(kept.request)
    }
}

/// What is wanted of a vendor's list.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The endpoint, whose secrets open the list.
    pub endpoint: &'a Endpoint,
    /// The provider whose messages are wanted.
    pub provider: &'a Provider,
    /// Where the vendor's API is, without a slash at its end.
    pub base: &'a str,
    /// What came from then on.
    pub since: Timestamp,
}

/// A page of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// The messages that came to us.
    pub messages: Vec<Kept>,
    /// Where the next page is; the last page has none.
    pub next: Option<String>,
}

/// A message that a vendor kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// The webhook that would have brought it, as far as the list says what was in it.
    pub request: WebhookRequest,
    /// When it came.
    pub at: Option<Timestamp>,
    /// Where its files are listed, where it has some.
    pub files: Option<String>,
}
