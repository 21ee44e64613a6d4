//! The vendors whose webhooks are understood: pure and synchronous, with no network, no store and no clock.
//!
//! # The map
//!
//! | to read about | open |
//! |---|---|
//! | Twilio: SMS, MMS, and WhatsApp, Messenger and RCS by the same webhook | [`twilio`] |
//! | Twilio Voice: calls, voicemails and recordings | [`twilio_voice`] |
//! | ClickSend: SMS | [`clicksend`] |
//! | Telnyx: SMS and MMS | [`telnyx`] |
//! | webhooks of one's own: HighLevel's bodies, or any that a template reads | [`custom`] |
//! | Meta: WhatsApp Cloud, Messenger and Instagram | [`meta`] |
//! | Mailgun: mails of its routes | [`mailgun`] |
//! | Postmark and SendGrid: inbound mails | [`postmark`], [`sendgrid`] |
//! | web chat: a widget for pages of one's own | [`web_chat`] |
//! | raw MIME over HTTP, for whoever has a mail server | [`mime`] |
//! | forms as vendors post them | [`form`] |
//! | mails, the forms they come in, and secrets in the `Authorization` header | `mail`, `posted`, `multipart`, `credentials` |
//! | what vendors have in common: answers, pieces of what they say, samples | `reply`, `said`, `specimen` |
//!
//! # To add a vendor
//!
//! 1. One file of its name beside `twilio.rs`, with a unit struct that implements [`Adapter`]. `verify` works over the
//!    raw bytes of the request and takes the time as an argument; only what it returns can be parsed.
//! 2. Its fixtures: `tests/fixtures/<name>/<case>.http`, requests as the vendor sends them, and the vectors that it
//!    publishes. The fixtures' test finds the folder by the adapter's name.
//! 3. Two lines here: its module, and its place in [`ALL`]. `CONTRIBUTING.md` says what else its tests ask for.

use inlet_core::adapter::Adapter;

pub mod clicksend;
mod credentials;
pub mod custom;
pub mod form;
mod mail;
pub mod mailgun;
pub mod meta;
pub mod mime;
mod multipart;
mod posted;
pub mod postmark;
mod reply;
mod said;
pub mod sendgrid;
mod specimen;
pub mod telnyx;
pub mod twilio;
pub mod twilio_voice;
pub mod web_chat;

/// Every vendor there is, by the order in which help texts list them.
pub const ALL: &[&dyn Adapter] = &[
    &twilio::Twilio,
    &twilio_voice::TwilioVoice,
    &clicksend::ClickSend,
    &telnyx::Telnyx,
    &custom::Custom,
    &meta::Meta,
    &mailgun::Mailgun,
    &postmark::Postmark,
    &sendgrid::SendGrid,
    &mime::Mime,
    &web_chat::WebChat,
];
