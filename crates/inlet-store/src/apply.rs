//! What was decided, written down: one statement a table, whatever the size of the batch, and each conversation once.

use std::collections::HashMap;

use inlet_core::{
    decide::{Decision, Record},
    delivery::Promise,
    event::Event,
    ids::ContactKey,
    inbound::{Attachment, MediaState},
    known::Conversation,
    message::Message,
};
use jiff::Timestamp;

use crate::{
    blob,
    error::StoreError,
    outbox::lane::{self, Lane, Places, Wanted},
    row::detail_json,
    waist::{Row, Value, Waist, args, run},
};

mod contacts;
mod early;
mod later;
mod merge;

pub(crate) use contacts::CONVERSATION_GONE;
pub(crate) use merge::CONVERSATION_UNREAD;

const CONTACT: &str = "
    insert into contact (location_id, id, name, phone, email, created_at) values ($1, $2, $3, $4, $5, $6)";

const IDENTITY: &str = "
    insert into identity (location_id, kind, scope, value, contact_id) values ($1, $2, $3, $4, $5)
    on conflict do nothing returning location_id, kind, scope, value";

const CONVERSATION: &str = "
    insert into conversation (location_id, id, last_seq, last_message_id, last_channel, last_at, unread, bucket, waits)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

pub(crate) const CONVERSATION_GOES_ON: &str = "
    update conversation set last_seq = $3, last_message_id = $4, last_channel = $5, last_at = $6, unread = $7
     where location_id = $1 and id = $2";

pub(crate) const CONVERSATION_MOVES_UP: &str = "
    update conversation set last_seq = $3, last_message_id = $4, last_channel = $5, last_at = $6, unread = $7, bucket = $8,
                            waits = $9
     where location_id = $1 and id = $2";

const MESSAGE: &str = "
    insert into message (location_id, id, contact_id, seq, before_id, provider_id, external_id, channel, direction,
                         status, body, occurred_at, created_at, detail)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

pub(crate) const SEEN: &str = "
    insert into seen (location_id, hash, check_hash, message_id, contact_id, occurred_at, email, fingerprint)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

pub(crate) const DELIVERY: &str = "
    insert into delivery (location_id, id, event_id, kind, lane_id, message_id, later, destination_id, status, class,
                          due_at, expires_at, created_at, attempts, lease, body, lane_seq)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $14, $10, $11, $10, 0, 0, $12, $13)";

const MAIL_THREAD: &str = "
    insert into mail_thread (location_id, root_id, message_id) values ($1, $2, $3)";

const CALL_UNDER_WAY: &str = "
    insert into call_under_way (location_id, message_id, provider_id, due_at) values ($1, $2, $3, $4)";

const MEDIA: &str = "
    insert into media (location_id, message_id, idx, provider_id, url, tries, due_at) values ($1, $2, $3, $4, $5, 0, $6)";

/// Where a conversation stands in the indexes of the lists: a message that changes nothing of it touches none of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    bucket: i64,
    waits: bool,
}

impl Standing {
    pub(crate) fn of(conversation: &Conversation) -> Self {
        Self {
            bucket: bucket(conversation.last_at),
            waits: conversation.unread > 0,
        }
    }
}

/// The step in which the list of conversations is kept in order: its entry moves at most once in some 65 seconds.
pub(crate) fn bucket(last_at: Timestamp) -> i64 {
    last_at.as_millisecond() >> 16
}

/// Writes a batch down. `before` tells where each conversation stood before the batch.
pub(crate) async fn apply(
    waist: &mut dyn Waist,
    decisions: &[Decision],
    before: &HashMap<ContactKey, Standing>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut records = Vec::with_capacity(decisions.len());
    let (mut amends, mut kept, mut forgotten, mut joined) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut marks, mut events, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = HashMap::new();
    for decision in decisions {
        match decision {
            Decision::Record(record) => {
                last.insert(record.message.contact, &record.conversation);
                events.extend(record.events.iter().map(|event| (event, false)));
                records.push(&**record);
            }
            Decision::Mark(marked) => {
                last.insert(marked.contact, &marked.conversation);
                events.extend(marked.events.iter().map(|event| (event, false)));
                marks.push(&**marked);
            }
            Decision::Amend(amend) => {
                events.extend(amend.events.iter().map(|event| (event, true)));
                amends.push(&**amend);
            }
            Decision::Wait(early) => waiting.push(&**early),
            Decision::Contact(contact) => {
                events.extend(contact.events.iter().map(|event| (event, false)));
                kept.push(&**contact);
            }
            Decision::Forget(conversation) => {
                events.extend(conversation.events.iter().map(|event| (event, false)));
                forgotten.push(&**conversation);
            }
            Decision::Join(join) => {
                events.extend(join.events.iter().map(|event| (event, false)));
                joined.push(&**join);
            }
            Decision::Seen(_) | Decision::Refused(_) => {}
        }
    }
    early::keep(waist, &waiting, now).await?;
    early::take(waist, &records, now).await?;
    people(waist, &records).await?;
    contacts::opted(waist, &records).await?;
    conversations(waist, last, before).await?;
    later::star(waist, &marks).await?;
    messages(waist, &records).await?;
    seen(waist, &records).await?;
    besides(waist, &records).await?;
    later::amend(waist, &amends).await?;
    contacts::keep(waist, &kept).await?;
    contacts::forget(waist, &forgotten).await?;
    merge::join(waist, &joined, before).await?;
    deliveries(waist, &events, now).await
}

async fn people(waist: &mut dyn Waist, records: &[&Record]) -> Result<(), StoreError> {
    let new = records
        .iter()
        .filter_map(|record| Some((&record.message, record.new_contact.as_ref()?)));
    let lists: Vec<_> = new
        .map(|(message, new)| {
            args![
                message.location.0,
                new.key.0,
                new.name.as_deref(),
                new.phone.as_deref(),
                new.email.as_deref(),
                message.created_at,
            ]
        })
        .collect();
    run(waist, CONTACT, &lists).await?;
    let identities = records
        .iter()
        .flat_map(|record| record.identities.iter().map(|one| (&record.message, one)));
    let mut lists: Vec<_> = identities
        .map(|(message, one)| {
            args![
                message.location.0,
                one.kind.code(),
                one.scope.as_str(),
                one.value.as_str(),
                message.contact.0,
            ]
        })
        .collect();
    lists.sort_unstable();
    lists.dedup();
    all_first(&run(waist, IDENTITY, &lists).await?)
}

/// Each of these rows was to be new. One that was there already was written by another node since `look`.
fn all_first(written: &[Vec<Row>]) -> Result<(), StoreError> {
    if written.iter().any(Vec::is_empty) {
        return Err(StoreError::Raced);
    }
    Ok(())
}

async fn conversations(
    waist: &mut dyn Waist,
    last: HashMap<ContactKey, &Conversation>,
    before: &HashMap<ContactKey, Standing>,
) -> Result<(), StoreError> {
    let (mut new, mut moved, mut same) = (Vec::new(), Vec::new(), Vec::with_capacity(last.len()));
    for (contact, conversation) in last {
        let now = Standing::of(conversation);
        let [location, id, seq, message, channel, at, unread, place, waits] = args![
            conversation.location.0,
            contact.0,
            conversation.last_seq,
            conversation.last_message.map_or(0, |message| message.0),
            conversation.last_channel.map(inlet_core::channel::Channel::code),
            conversation.last_at,
            conversation.unread,
            now.bucket,
            now.waits,
        ];
        if !conversation.stored {
            new.push([location, id, seq, message, channel, at, unread, place, waits]);
        } else if before.get(&contact) == Some(&now) {
            same.push([location, id, seq, message, channel, at, unread]);
        } else {
            moved.push([location, id, seq, message, channel, at, unread, place, waits]);
        }
    }
    run(waist, CONVERSATION, &new).await?;
    run(waist, CONVERSATION_MOVES_UP, &moved).await?;
    run(waist, CONVERSATION_GOES_ON, &same).await.map(|_| ())
}

async fn messages(waist: &mut dyn Waist, records: &[&Record]) -> Result<(), StoreError> {
    let details = records
        .iter()
        .map(|record| detail_json(&record.message.detail))
        .collect::<Result<Vec<_>, _>>()?;
    let lists: Vec<_> = records
        .iter()
        .zip(&details)
        .map(|(record, detail)| {
            let message = &record.message;
            args![
                message.location.0,
                message.key.0,
                message.contact.0,
                message.seq,
                message.before.map(|before| before.0),
                message.provider.0,
                message.external_id.as_deref(),
                message.channel.code(),
                message.direction.code(),
                message.status.code(),
                message.body.as_deref(),
                message.occurred_at,
                message.created_at,
                detail.as_deref(),
            ]
        })
        .collect();
    run(waist, MESSAGE, &lists).await.map(|_| ())
}

async fn seen(waist: &mut dyn Waist, records: &[&Record]) -> Result<(), StoreError> {
    let all = records
        .iter()
        .flat_map(|record| record.seen.iter().map(|entry| (record.message.location.0, entry)));
    let lists: Vec<_> = all
        .map(|(location, (hash, seen))| {
            args![
                location,
                hash.row,
                hash.check,
                seen.message.0,
                seen.contact.0,
                seen.occurred_at,
                seen.email,
                seen.fingerprint,
            ]
        })
        .collect();
    run(waist, SEEN, &lists).await.map(|_| ())
}

/// What only some messages have: a thread of mails, a call that is not over, files to be fetched.
async fn besides(waist: &mut dyn Waist, records: &[&Record]) -> Result<(), StoreError> {
    let mut mails = Vec::new();
    let mut calls = Vec::new();
    let mut media = Vec::new();
    let mut files = Vec::new();
    for Record {
        message,
        call_deadline,
        files: within,
        ..
    } in records
    {
        files.extend(within.iter().map(|file| (message.location, file)));
        if message.channel.is_email() {
            mails.push(args![message.location.0, message.thread_root().0, message.key.0]);
        }
        if let Some(due_at) = call_deadline {
            calls.push(args![message.location.0, message.key.0, message.provider.0, *due_at]);
        }
        let own = (0_i64..).zip(&message.detail.attachments);
        media.extend(own.filter_map(|(index, file)| media_args(message, index, file)));
    }
    run(waist, MAIL_THREAD, &mails).await?;
    run(waist, CALL_UNDER_WAY, &calls).await?;
    run(waist, MEDIA, &media).await?;
    blob::keep_all(waist, &files).await
}

/// A file that waits to be fetched.
fn media_args<'a>(message: &Message, index: i64, file: &'a Attachment) -> Option<[Value<'a>; 6]> {
    (file.state == MediaState::Pending).then(|| {
        args![
            message.location.0,
            message.key.0,
            index,
            message.provider.0,
            file.url.as_str(),
            message.created_at,
        ]
    })
}

/// The first delivery of an event carries its bytes. Events come in the order of their changes, and each with whether it is
/// a later word on what was recorded before.
async fn deliveries(waist: &mut dyn Waist, events: &[(&Event, bool)], now: Timestamp) -> Result<(), StoreError> {
    let mut wanted = Wanted::new();
    for (event, promise) in events
        .iter()
        .flat_map(|(event, _)| event.promises.iter().map(move |promise| (event, promise)))
    {
        if promise.in_lane {
            *wanted.entry(lane(event, promise)).or_default() += 1;
        }
    }
    let mut places = lane::take(waist, &wanted).await?;
    let lists: Vec<_> = events
        .iter()
        .flat_map(|(event, later)| event.promises.iter().map(move |promise| (*event, promise, *later)))
        .map(|promised| delivery_args(promised, &mut places))
        .collect();
    run(waist, DELIVERY, &lists).await?;
    lane::advance(waist, wanted.keys(), now).await.map(|_| ())
}

fn lane(event: &Event, promise: &Promise) -> Lane {
    Lane {
        location: event.location,
        destination: promise.destination,
        contact: event.lane,
    }
}

fn delivery_args<'e>((event, promise, later): (&'e Event, &'e Promise, bool), places: &mut Places) -> [Value<'e>; 14] {
    let body = (promise.delivery.0 == event.key.0).then_some(event.body.as_str());
    let place = promise.in_lane.then(|| places.next(lane(event, promise))).flatten();
    args![
        event.location.0,
        promise.delivery.0,
        event.key.0,
        event.kind.code(),
        event.lane.0,
        event.message.map_or(0, |message| message.0),
        later,
        promise.destination.0,
        promise.status.code(),
        promise.due_at,
        promise.expires_at,
        body,
        place,
        promise.class.code(),
    ]
}
