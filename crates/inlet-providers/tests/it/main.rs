//! Tests of the vendors from outside: published vectors, requests as they arrive, and everything that must be refused.

mod clicksend;
mod custom;
mod documents;
mod every_vendor;
mod fixtures;
mod fuzz;
mod mailgun;
mod mails;
mod meta;
mod negatives;
mod properties;
mod replies;
mod sendgrid;
mod support;
mod telnyx;
mod templates;
mod twilio_voice;
mod vectors;
mod web_chat;
