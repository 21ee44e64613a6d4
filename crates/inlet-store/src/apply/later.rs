//! Later words on messages and marks on conversations, written down.

use inlet_core::decide::{Amend, Marked};

use super::{MEDIA, contacts::MEDIA_GONE, media_args};
use crate::{
    error::StoreError,
    row::detail_json,
    search,
    waist::{Value, Waist, args, run},
};

const MESSAGE: &str = "
    update message set status = $3, detail = $4 where location_id = $1 and id = $2";

const REWRITTEN: &str = "
    update message set body = $3 where location_id = $1 and id = $2";

const CALL_DONE: &str = "
    delete from call_under_way where location_id = $1 and message_id = $2";

const MEDIA_DONE: &str = "
    delete from media where location_id = $1 and message_id = $2 and idx = $3";

/// Beside what each message changes of a conversation, so that the index of starred ones stays out of ingest's way.
pub(super) const STAR: &str = "
    update conversation set starred = $3 where location_id = $1 and id = $2";

/// Writes the stars of a batch, in their order.
pub(super) async fn star(waist: &mut dyn Waist, marks: &[&Marked]) -> Result<(), StoreError> {
    let lists: Vec<_> = marks
        .iter()
        .map(|marked| args![marked.location.0, marked.contact.0, marked.conversation.starred])
        .collect();
    run(waist, STAR, &lists).await.map(|_| ())
}

/// Writes the later words of a batch, in their order.
pub(super) async fn amend(waist: &mut dyn Waist, amends: &[&Amend]) -> Result<(), StoreError> {
    let details = amends
        .iter()
        .map(|amend| detail_json(&amend.message.detail))
        .collect::<Result<Vec<_>, _>>()?;
    let mut words = Vec::new();
    let mut calls = Vec::new();
    let mut media = Vec::new();
    let mut texts = Vec::new();
    for (amend, detail) in amends.iter().zip(&details) {
        let message = &amend.message;
        words.push(args![
            message.location.0,
            message.key.0,
            message.status.code(),
            detail.as_deref(),
        ]);
        if amend.rewritten {
            texts.push(args![message.location.0, message.key.0, message.body.as_deref()]);
        }
        if amend.call_done {
            calls.push(args![message.location.0, message.key.0]);
        }
        if let Some(index) = amend.media_done {
            media.push(args![message.location.0, message.key.0, i64::try_from(index).ok()]);
        }
    }
    new_files(waist, amends).await?;
    run(waist, MESSAGE, &words).await?;
    rewrite(waist, amends, &texts).await?;
    run(waist, CALL_DONE, &calls).await?;
    run(waist, MEDIA_DONE, &media).await.map(|_| ())
}

/// Texts that are other ones: search takes them up anew, and what was taken back brings no files any more.
async fn rewrite(waist: &mut dyn Waist, amends: &[&Amend], texts: &[[Value<'_>; 3]]) -> Result<(), StoreError> {
    let rewritten = amends.iter().filter(|amend| amend.rewritten);
    let messages: Vec<_> = rewritten.clone().map(|amend| &amend.message).collect();
    let gone = messages.iter().filter(|message| message.detail.is_withdrawn());
    let gone: Vec<_> = gone.map(|message| args![message.location.0, message.key.0]).collect();
    run(waist, REWRITTEN, texts).await?;
    run(waist, MEDIA_GONE, &gone).await?;
    search::anew(waist, &messages).await
}

/// Files that a later word brought, to be fetched.
async fn new_files(waist: &mut dyn Waist, amends: &[&Amend]) -> Result<(), StoreError> {
    let mut media = Vec::new();
    for Amend { message, new_files, .. } in amends {
        let files = (0_i64..).zip(&message.detail.attachments).skip(*new_files);
        media.extend(files.filter_map(|(index, file)| media_args(message, index, file)));
    }
    run(waist, MEDIA, &media).await.map(|_| ())
}
