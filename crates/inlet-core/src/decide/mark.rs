//! A conversation marked by a person: read, unread, starred. A mark that changes nothing is answered like a repeat.

use super::{Decision, Marked};
use crate::{
    change::Mark,
    channel::Channel,
    ids::{ContactKey, LocationKey},
    intake::{Receipt, Refusal},
    known::Known,
};

/// Marks a conversation. There is nothing to mark before the first message.
pub(super) fn mark(known: &Known, location: LocationKey, contact: ContactKey, mark: Mark) -> Result<Decision, Refusal> {
    let found = known.conversations.get(&contact);
    let before = found
        .filter(|found| found.location == location)
        .ok_or(Refusal::NoSuchContact)?;
    let mut conversation = before.clone();
    match mark {
        Mark::Read => conversation.unread = 0,
        Mark::Unread => conversation.unread = conversation.unread.max(1),
        Mark::Starred => conversation.starred = true,
        Mark::Unstarred => conversation.starred = false,
    }
    let changed = conversation != *before;
    let receipt = Receipt {
        message: conversation.last_message.ok_or(Refusal::NoSuchContact)?,
        contact,
        occurred_at: conversation.last_at,
        email: conversation.last_channel.is_some_and(Channel::is_email),
        repeated: !changed,
        differs: false,
    };
    Ok(if changed {
        Decision::Mark(Box::new(Marked {
            location,
            contact,
            conversation,
            receipt,
        }))
    } else {
        Decision::Seen(receipt)
    })
}
