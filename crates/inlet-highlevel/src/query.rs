//! What the reading endpoints may be asked: their query strings as core's questions, or the sentences that say what is
//! wrong with them.

use std::ops::RangeInclusive;

use inlet_core::{
    Timestamp,
    channel::{Channel, Direction},
    ids::{ContactKey, IdCodec, IdKind, LocationKey, MessageKey},
    inbox::{ConversationQuery, MessageQuery},
};

mod export;
#[cfg(test)]
mod tests;

pub use export::Exporting;

use crate::{fault::Fault, message_type::filter};

/// Rows of a page where none are asked for, and at most.
const PAGE: (usize, usize) = (20, 100);

/// A question, or the certainty that nothing fits it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask<Q> {
    /// To be asked.
    This(Q),
    /// Asks for what is never stored here, so that the answer is empty.
    Nothing,
}

/// Reads query strings for one location.
#[derive(Debug)]
pub struct Query<'a> {
    location: LocationKey,
    ids: &'a IdCodec,
    /// Name and value, decoded, in order.
    pairs: Vec<(String, String)>,
    wrong: Vec<String>,
}

impl<'a> Query<'a> {
    /// Reads the part of the target behind the question mark.
    pub fn new(location: LocationKey, ids: &'a IdCodec, query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self {
            location,
            ids,
            pairs,
            wrong: Vec::new(),
        }
    }

    /// `GET /conversations/{id}/messages`: `limit`, `lastMessageId`, `type`.
    pub fn messages(mut self, contact: ContactKey) -> Result<Ask<MessageQuery>, Fault> {
        let limit = self.limit();
        let before = self.message_id("lastMessageId");
        let channels = self.channels("type");
        let query = MessageQuery {
            location: self.location,
            contact,
            before,
            channels: channels.clone().unwrap_or_default(),
            limit,
        };
        self.finish()?;
        Ok(if channels.is_some_and(|channels| channels.is_empty()) {
            Ask::Nothing
        } else {
            Ask::This(query)
        })
    }

    /// `GET /conversations/search`.
    pub fn search(mut self) -> Result<Ask<ConversationQuery>, Fault> {
        if self.get("locationId").is_none() {
            self.say("locationId is required");
        }
        let (unread, starred) = self.status();
        let contact = self.contact("id");
        let last_channels = self.channels("lastMessageType");
        let query = ConversationQuery {
            location: self.location,
            unread,
            starred: starred.then_some(true),
            since: None,
            until: None,
            made_since: self.moment("startDate"),
            made_until: self.moment("endDate"),
            contact: match contact {
                Ask::This(contact) => contact,
                Ask::Nothing => None,
            },
            text: self
                .get("query")
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty()),
            last_channels: last_channels.clone().unwrap_or_default(),
            last_direction: self.direction(),
            after: self.after(),
            oldest_first: self.oldest_first(),
            limit: self.limit(),
        };
        let automated = self.automated();
        self.sort_by();
        let nobody = contact == Ask::Nothing
            || last_channels.is_some_and(|channels| channels.is_empty())
            || automated
            || self.assigned();
        self.finish()?;
        Ok(if nobody { Ask::Nothing } else { Ask::This(query) })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn say(&mut self, sentence: impl Into<String>) {
        self.wrong.push(sentence.into());
    }

    fn finish(self) -> Result<(), Fault> {
        if self.wrong.is_empty() {
            Ok(())
        } else {
            Err(Fault::unprocessable(self.wrong))
        }
    }

    fn limit(&mut self) -> usize {
        let (usual, most) = PAGE;
        self.limit_within(usual, 1..=most)
    }

    fn limit_within(&mut self, usual: usize, bounds: RangeInclusive<usize>) -> usize {
        let limit = self.get("limit").map_or(Some(usual), |limit| limit.parse().ok());
        let fits = limit.filter(|limit| bounds.contains(limit));
        if fits.is_none() {
            self.say(format!(
                "limit must be a number from {} to {}",
                bounds.start(),
                bounds.end()
            ));
        }
        fits.unwrap_or(usual)
    }

    /// The contact asked for, by its own id or by its conversation's, which has this name.
    fn contact(&self, conversation: &str) -> Ask<Option<ContactKey>> {
        let mut asked = None;
        for (kind, name) in [(IdKind::Contact, "contactId"), (IdKind::Conversation, conversation)] {
            let Some(id) = self.get(name) else { continue };
            match self.ids.decode(kind, id).map(ContactKey) {
                Some(key) if asked.is_none_or(|other| other == key) => asked = Some(key),
                Some(_) | None => return Ask::Nothing,
            }
        }
        Ask::This(asked)
    }

    fn message_id(&mut self, name: &str) -> Option<MessageKey> {
        let key = self.ids.decode(IdKind::Message, self.get(name)?);
        if key.is_none() {
            self.say(format!("{name} must be the id of a message of this conversation"));
        }
        key.map(MessageKey)
    }

    /// The channels of a comma-separated filter: nothing where none was given.
    fn channels(&mut self, name: &str) -> Option<Vec<Channel>> {
        let words: Vec<_> = self.get(name)?.split(',').map(|word| filter(word.trim())).collect();
        if words.iter().any(Option::is_none) {
            self.say(format!(
                "each value in {name} must be a message type such as TYPE_SMS, TYPE_EMAIL or TYPE_CALL"
            ));
        }
        Some(words.into_iter().flatten().flatten().collect())
    }

    /// Whether only unread or only read ones are asked for, and whether only starred ones.
    fn status(&mut self) -> (Option<bool>, bool) {
        match self.get("status") {
            None | Some("all" | "recents") => (None, false),
            Some("unread") => (Some(true), false),
            Some("read") => (Some(false), false),
            Some("starred") => (None, true),
            Some(_) => {
                self.say("status must be one of all, read, unread, starred, recents");
                (None, false)
            }
        }
    }

    fn direction(&mut self) -> Option<Direction> {
        match self.get("lastMessageDirection") {
            None => None,
            Some("inbound") => Some(Direction::Inbound),
            Some("outbound") => Some(Direction::Outbound),
            Some(_) => {
                self.say("lastMessageDirection must be inbound or outbound");
                None
            }
        }
    }

    fn oldest_first(&mut self) -> bool {
        match self.get("sort") {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(_) => {
                self.say("sort must be asc or desc");
                false
            }
        }
    }

    /// `startAfterDate`: a number, or the `sort` of the last row, as JSON, with commas, or as a repeated parameter.
    fn after(&mut self) -> Option<(Timestamp, Option<ContactKey>)> {
        let given = self
            .pairs
            .iter()
            .filter(|(key, _)| key.trim_end_matches("[]") == "startAfterDate");
        let joined = given.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(",");
        if joined.is_empty() {
            return None;
        }
        let bare = |part: &str| part.trim_matches(['[', ']', '"', ' ']).to_owned();
        let mut parts = joined.split(',').map(bare);
        let at = parts.next().and_then(|millis| millis.parse().ok());
        let at = at.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        if at.is_none() {
            self.say("startAfterDate must be the sort of the last conversation, or its first number");
        }
        let key = parts.next().and_then(|id| self.ids.decode(IdKind::Conversation, &id));
        at.map(|at| (at, key.map(ContactKey)))
    }

    /// A moment in milliseconds.
    fn moment(&mut self, name: &str) -> Option<Timestamp> {
        let given = self.get(name)?.parse().ok();
        let at = given.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        if at.is_none() {
            self.say(format!("{name} must be a number of milliseconds"));
        }
        at
    }

    /// Nobody is assigned yet, so that a filter by such people finds nothing.
    fn assigned(&self) -> bool {
        let assigned = self.get("assignedTo");
        assigned.is_some_and(|users| users.split(',').all(|user| user.trim() != "unassigned"))
    }

    /// Whether only what was sent by itself is asked for: nothing here is.
    fn automated(&mut self) -> bool {
        match self.get("lastMessageAction") {
            None | Some("manual") => false,
            Some("automated") => true,
            Some(_) => {
                self.say("lastMessageAction must be automated or manual");
                false
            }
        }
    }

    /// By what it is sorted. There are no scores and no due dates here, so that what is sorted by them is in the usual order.
    fn sort_by(&mut self) {
        const KNOWN: [&str; 5] = [
            "last_manual_message_date",
            "last_message_date",
            "score_profile",
            "overdue_at",
            "due_at",
        ];
        if self.get("sortBy").is_some_and(|by| !KNOWN.contains(&by)) {
            self.say(format!("sortBy must be one of {}", KNOWN.join(", ")));
        }
    }
}
