//! A conversation marked by a person: read, unread, starred. A mark that changes nothing is answered like a repeat.

use jiff::Timestamp;

use super::{Decision, Marked, Rule};
use crate::{
    announcer::Subject,
    change::Mark,
    channel::Channel,
    event::EventKind,
    ids::{ContactKey, LocationKey, MessageKey},
    intake::{Receipt, Refusal},
    known::Known,
};

impl Rule<'_> {
    /// Marks a conversation. There is nothing to mark before the first message.
    pub(super) fn mark(
        &self,
        known: &Known,
        (location, contact): (LocationKey, ContactKey),
        mark: Mark,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let contact = known.answering(contact);
        let found = known.conversations.get(&contact);
        let before = found
            .filter(|found| found.location == location && (found.stored || found.last_message.is_some()))
            .ok_or(Refusal::NoSuchContact)?;
        let mut conversation = before.clone();
        match mark {
            Mark::Read => conversation.unread = 0,
            Mark::Unread => conversation.unread = conversation.unread.max(1),
            Mark::Starred => conversation.starred = true,
            Mark::Unstarred => conversation.starred = false,
            Mark::Count(count) => conversation.unread = count.into(),
        }
        let changed = conversation != *before;
        let receipt = Receipt {
            message: conversation.last_message.unwrap_or(MessageKey(0)),
            contact,
            occurred_at: conversation.last_at,
            email: conversation.last_channel.is_some_and(Channel::is_email),
            repeated: !changed,
            differs: false,
        };
        let subject = Subject::Conversation {
            contact,
            conversation: &conversation,
            deleted: false,
        };
        let kind = EventKind::ConversationUnreadUpdate;
        Ok(if changed {
            let events = self.announce_contact((location, kind), &subject, known, now);
            Decision::Mark(Box::new(Marked {
                location,
                contact,
                conversation,
                events,
                receipt,
            }))
        } else {
            Decision::Seen(receipt)
        })
    }
}
