//! What the relay says to the real HighLevel, and what its answers mean. Pure: nothing here calls anybody.
//!
//! | to read about | open |
//! |---|---|
//! | the body of one message, and what HighLevel would swallow | [`post`] |
//! | the one call for somebody new | [`person`] |
//! | what an answer means | [`answer`] |
//! | the next token | [`token`] |
//! | finding a message again whose post was not answered | [`read_back`] |
//! | its contacts, page by page | [`people`] |
//! | what a token says of itself; harmless calls that tell how things stand; what refusals mean | [`opening`], [`probe`], [`cure`] |
//! | what its own webhooks tell, and what proves that they are its own | [`news`], [`proof`] |

use inlet_core::relay::Dialect;

pub mod answer;
pub mod cure;
pub mod news;
pub mod opening;
pub mod people;
pub mod person;
pub mod post;
pub mod probe;
pub mod proof;
pub mod read_back;
pub mod token;

/// The `Version` header for a path, of those that HighLevel has published.
pub fn version(dialect: Dialect, path: &str) -> &'static str {
    match dialect {
        Dialect::V3 => "v3",
        Dialect::Established if path.starts_with("/contacts") || path.starts_with("/oauth") => "2021-07-28",
        Dialect::Established => "2021-04-15",
    }
}
