//! HighLevel's language, both ways and pure: what its API is told becomes a change in our words, and what is recorded
//! becomes its answers and its webhooks. Nothing here waits, and nothing asks for the time.
//!
//! # The map
//!
//! | to read about | open |
//! |---|---|
//! | the 17 request types, the stored types and the words of webhooks | [`message_type`] |
//! | `POST /conversations/messages/inbound` as a change | [`add_inbound`] |
//! | the older `POST /v1/conversations/messages` as a change | [`v1`] |
//! | the same two bodies in a webhook of one's own | [`webhook`] |
//! | a message that a provider is to send | [`send`] |
//! | files that are handed in; what is told of calls; who types | [`upload`], [`calls`], [`typing`] |
//! | what a recorded message is answered with | [`reply`] |
//! | the other way: what the relay says to HighLevel, and what it answers | [`relay`] |
//! | every refusal, in HighLevel's words | [`fault`] |
//! | old messages, a line each | [`import`] |
//! | what HighLevel does with a body, for whoever wrote it | [`explain`] |
//! | `InboundMessage` and `OutboundMessage` webhooks | [`events`] |
//! | messages, conversations and mails as they are read back | [`read`] |
//! | contacts: bodies, searches, JSON | [`contacts`] |
//! | conversations made, changed and deleted; later words on a message | [`conversations`], [`status`] |
//! | what apps exchange for access tokens, and what these say; a location | [`oauth`], [`token`], [`locations`] |
//! | what the reading endpoints may be asked | [`query`] |
//! | what HighLevel does and does not document | [`quirks`] |
//! | dates as HighLevel writes them | [`time`] |

pub mod add_inbound;
pub mod calls;
pub mod contacts;
pub mod conversations;
pub mod events;
pub mod explain;
pub mod fault;
mod fields;
pub mod import;
pub mod locations;
pub mod message_type;
pub mod oauth;
pub mod query;
pub mod quirks;
pub mod read;
pub mod relay;
pub mod reply;
pub mod send;
pub mod status;
pub mod time;
pub mod token;
pub mod typing;
pub mod upload;
pub mod v1;
pub mod webhook;

#[cfg(test)]
mod sample;
