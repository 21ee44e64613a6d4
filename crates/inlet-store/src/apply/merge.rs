//! Contacts merged and parted, written down: who answers as whom, and what the one that stays knows and shows.

use std::collections::HashMap;

use inlet_core::{
    decide::Joined,
    ids::{ContactKey, LocationKey},
};

use super::{Standing, contacts, conversations, later::STAR};
use crate::{
    error::StoreError,
    row::json,
    waist::{Value, Waist, args, rows, run},
};

const MERGED: &str = "
    update contact set alias_of = $3, merged_into = $3, merged_before = $4 where location_id = $1 and id = $2";

const FOLLOWS: &str = "
    update contact set alias_of = $3 where location_id = $1 and id = $2";

const CONVERSATION_FOLLOWS: &str = "
    update conversation set alias_of = $3 where location_id = $1 and id = $2";

pub(crate) const CONVERSATION_UNREAD: &str = "
    update conversation set unread = $3, waits = $4 where location_id = $1 and id = $2";

/// Writes each of them down.
pub(super) async fn join(
    waist: &mut dyn Waist,
    joined: &[&Joined],
    before: &HashMap<ContactKey, Standing>,
) -> Result<(), StoreError> {
    for one in joined {
        let location = one.other.location;
        names(waist, location, one).await?;
        contacts::rewrite(waist, &one.other).await?;
        match &one.conversation {
            Some(conversation) => {
                let last = HashMap::from([(one.other.key, conversation)]);
                conversations(waist, last, before).await?;
                let star = args![location.0, one.other.key.0, conversation.starred];
                run(waist, STAR, &[star]).await?;
            }
            None => contacts::no_conversation(waist, location, one.other.key).await?,
        }
    }
    Ok(())
}

/// Who answers as whom. Followers answer as the same as the contact, or as the contact itself where it parts.
async fn names(waist: &mut dyn Waist, location: LocationKey, one: &Joined) -> Result<(), StoreError> {
    let answers_as = one.answers_as.map(|other| other.0);
    let was = one.before.as_ref().map(json).transpose()?;
    rows(
        waist,
        MERGED,
        args![location.0, one.contact.0, answers_as, was.as_deref()],
    )
    .await?;
    let follow = answers_as.unwrap_or(one.contact.0);
    let followers: Vec<[Value<'_>; 3]> = one
        .followers
        .iter()
        .map(|follower| args![location.0, follower.0, follow])
        .collect();
    run(waist, FOLLOWS, &followers).await?;
    let own = args![location.0, one.contact.0, answers_as];
    run(waist, CONVERSATION_FOLLOWS, &[own]).await?;
    run(waist, CONVERSATION_FOLLOWS, &followers).await?;
    let unread = args![location.0, one.contact.0, one.unread, one.unread > 0];
    rows(waist, CONVERSATION_UNREAD, unread).await.map(|_| ())
}
