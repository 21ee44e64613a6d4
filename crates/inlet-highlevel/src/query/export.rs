//! `GET /conversations/messages/export`: all messages of a location, page by page. The cursor holds where the page ended
//! and how many messages there were when the first one was asked for, so that they are counted once.

use inlet_core::{
    Timestamp,
    channel::Channel,
    ids::{IdKind, MessageKey},
    inbox::ExportQuery,
};

use super::{Ask, Query};
use crate::{fault::Fault, time};

/// Rows of a page where none are asked for, and the bounds of what can be: the wider ones of two published.
const PAGE: usize = 100;
const FEWEST: usize = 10;
const MOST: usize = 1000;

/// What is asked, and what an earlier page said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exporting {
    /// The question.
    pub query: Ask<ExportQuery>,
    /// How many there are, as an earlier page counted them.
    pub total: Option<u64>,
}

impl Query<'_> {
    /// Reads the question.
    pub fn export(mut self) -> Result<Exporting, Fault> {
        if self.get("locationId").is_none() {
            self.say("locationId is required");
        }
        if !matches!(self.get("sortBy"), None | Some("createdAt" | "updatedAt")) {
            self.say("sortBy must be createdAt or updatedAt");
        }
        let oldest_first = match self.get("sortOrder") {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(_) => {
                self.say("sortOrder must be asc or desc");
                false
            }
        };
        let cursor = self.cursor();
        let contact = self.contact("conversationId");
        let query = ExportQuery {
            location: self.location,
            contact: match contact {
                Ask::This(contact) => contact,
                Ask::Nothing => None,
            },
            channels: self.channel(),
            since: self.date("startDate"),
            until: self.date("endDate"),
            after: cursor.map(|(message, _)| message),
            oldest_first,
            limit: self.limit_within(PAGE, FEWEST..=MOST),
            count: cursor.is_none(),
        };
        let turned = matches!((query.since, query.until), (Some(since), Some(until)) if since > until);
        if turned {
            self.say("startDate must not be after endDate");
        }
        self.finish()?;
        Ok(Exporting {
            query: if contact == Ask::Nothing {
                Ask::Nothing
            } else {
                Ask::This(query)
            },
            total: cursor.map(|(_, total)| total),
        })
    }

    fn cursor(&mut self) -> Option<(MessageKey, u64)> {
        let text = self.get("cursor")?;
        let read = text.split_once('.').and_then(|(id, total)| {
            let key = self.ids.decode(IdKind::Message, id)?;
            Some((MessageKey(key), total.parse().ok()?))
        });
        if read.is_none() {
            self.say("cursor must be the nextCursor of an earlier page");
        }
        read
    }

    /// The channels asked for; where none is, all but mail.
    fn channel(&mut self) -> Vec<Channel> {
        let wanted: fn(Channel) -> bool = match self.get("channel") {
            None => |channel| !channel.is_email(),
            Some("Call") => Channel::is_call,
            Some("SMS") => |channel| matches!(channel, Channel::Sms | Channel::CustomSms),
            Some("Email") => Channel::is_email,
            Some("WhatsApp") => |channel| channel == Channel::WhatsApp,
            Some("Instagram") => |channel| channel == Channel::Instagram,
            Some("Facebook") => |channel| channel == Channel::Facebook,
            Some(_) => {
                self.say("channel must be one of Call, SMS, Email, WhatsApp, Instagram, Facebook");
                |_| false
            }
        };
        Channel::ALL
            .iter()
            .copied()
            .filter(|channel| wanted(*channel))
            .collect()
    }

    fn date(&mut self, name: &str) -> Option<Timestamp> {
        let read = time::read(self.get(name)?);
        if read.is_none() {
            self.say(format!(
                "{name} must be an ISO 8601 date with its offset, such as 2024-07-29T15:51:28.071Z"
            ));
        }
        read
    }
}
