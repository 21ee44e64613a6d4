//! What was learned of upstreams: whom and what they know of ours, and the calls made to them.

use async_trait::async_trait;
use inlet_core::{
    address::IdentityKind,
    directory::StoreFault,
    relay::{CallKind, Grant, LedgerDay, Line, Memory, Note, Posted, RemoteContact, RemoteMessage, Standing, Subject},
};

use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    waist::{Row, Waist, args, row, rows},
};

mod grant;
mod note;

const CONTACT: &str = "
    select remote_id, conversation from upstream_contact
     where location_id = $1 and destination_id = $2 and contact_id = $3";

const IDENTITY: &str = "
    select remote_id from upstream_identity
     where location_id = $1 and destination_id = $2 and kind = $3 and value = $4";

const MESSAGE: &str = "
    select state, at, remote_id, remote_email from upstream_message
     where location_id = $1 and destination_id = $2 and message_id = $3";

const OURS: &str = "
    select remote_id from upstream_message where location_id = $1 and destination_id = $2 and remote_id = $3";

const LEDGER: &str = "
    select day, kind, count from upstream_ledger
     where location_id = $1 and destination_id = $2 and day >= $3 order by day desc, kind";

/// The ledger's numbers that are no kinds of calls: messages written, and the contacts they were of.
const MESSAGES: i64 = 100;
const CONTACTS: i64 = 101;
/// Webhooks of the upstream's own that came, and those of them that told of messages from here.
const HEARD: i64 = 102;
const ECHOES: i64 = 103;

/// Where an answer to "was it posted" says that nobody knows what became of it.
const ON_ITS_WAY: i64 = 0;
const THERE: i64 = 1;

/// What is asked of a message that is to be sent, on its own.
struct Asked {
    line: Line,
    message: i64,
    contact: i64,
    identities: Vec<(i64, String)>,
    reply_to: Option<i64>,
}

#[async_trait]
impl Memory for Store {
    async fn standing(&self, line: Line, subject: Subject<'_>) -> Result<Standing, StoreFault> {
        let plain = subject.identities.iter().filter(|one| is_plain(one.kind));
        let asked = Asked {
            line,
            message: subject.message.0,
            contact: subject.contact.0,
            identities: plain.map(|one| (one.kind.code(), one.value.clone())).collect(),
            reply_to: subject.reply_to.map(|key| key.0),
        };
        let found = self.read(move |waist| Box::pin(async move { standing(waist, &asked).await }));
        Ok(found.await?)
    }

    async fn note(&self, line: Line, notes: Vec<Note>) -> Result<(), StoreFault> {
        if notes.is_empty() {
            return Ok(());
        }
        let written = self.write_with((line, notes), |desk, (line, notes)| {
            Box::pin(async move { note::note(&mut *desk.waist, line, &notes).await })
        });
        Ok(written.await?)
    }

    async fn ours(&self, line: Line, remote: Vec<String>) -> Result<Vec<String>, StoreFault> {
        let found = self.read(move |waist| Box::pin(async move { ours(waist, line, &remote).await }));
        Ok(found.await?)
    }

    async fn grant(&self, line: Line) -> Result<Option<(Grant, i64)>, StoreFault> {
        let sealer = self.inner().sealer.clone();
        let found = self.read(move |waist| Box::pin(async move { grant::read(waist, &sealer, line).await }));
        Ok(found.await?)
    }

    async fn save_grant(&self, line: Line, grant: Grant) -> Result<(), StoreFault> {
        let saved = self.write_with((line, grant), |desk, (line, grant)| {
            Box::pin(async move { grant::save(desk, line, &grant).await })
        });
        Ok(saved.await?)
    }

    async fn begin_renewal(&self, line: Line, now: Timestamp, until: Timestamp) -> Result<bool, StoreFault> {
        let begun = self.write_with((line, now, until), |desk, (line, now, until)| {
            Box::pin(grant::begin_renewal(&mut *desk.waist, line, (now, until)))
        });
        Ok(begun.await?)
    }

    async fn ledger(&self, line: Line, since: i64) -> Result<Vec<LedgerDay>, StoreFault> {
        let found = self.read(move |waist| Box::pin(async move { ledger(waist, line, since).await }));
        Ok(found.await?)
    }
}

/// Whether the upstream finds people by it too: other identities mean something to one vendor only.
fn is_plain(kind: IdentityKind) -> bool {
    matches!(kind, IdentityKind::Phone | IdentityKind::Email)
}

async fn standing(waist: &mut dyn Waist, asked: &Asked) -> Result<Standing, StoreError> {
    let (location, destination) = (asked.line.location.0, asked.line.destination.0);
    let found = row(waist, CONTACT, args![location, destination, asked.contact]).await?;
    let contact = match found {
        Some(mut found) => Some(RemoteContact {
            id: found.text()?,
            conversation: found.opt_text()?,
        }),
        None => by_identity(waist, asked).await?,
    };
    let posted = match row(waist, MESSAGE, args![location, destination, asked.message]).await? {
        Some(mut found) => Some(posted(&mut found)?),
        None => None,
    };
    Ok(Standing {
        contact,
        posted,
        reply_to: reply_to(waist, asked).await?,
    })
}

async fn by_identity(waist: &mut dyn Waist, asked: &Asked) -> Result<Option<RemoteContact>, StoreError> {
    for (kind, value) in &asked.identities {
        let list = args![asked.line.location.0, asked.line.destination.0, *kind, value.as_str()];
        if let Some(mut found) = row(waist, IDENTITY, list).await? {
            return Ok(Some(RemoteContact {
                id: found.text()?,
                conversation: None,
            }));
        }
    }
    Ok(None)
}

fn posted(row: &mut Row) -> Result<Posted, StoreError> {
    let (state, at) = (row.int()?, row.at()?);
    let (id, email) = (row.opt_text()?, row.opt_text()?);
    match id.filter(|_| state == THERE) {
        Some(id) => Ok(Posted::Sent(RemoteMessage { id, email })),
        None => Ok(Posted::Uncertain { since: at }),
    }
}

async fn reply_to(waist: &mut dyn Waist, asked: &Asked) -> Result<Option<String>, StoreError> {
    let Some(mail) = asked.reply_to else {
        return Ok(None);
    };
    let list = args![asked.line.location.0, asked.line.destination.0, mail];
    let Some(mut found) = row(waist, MESSAGE, list).await? else {
        return Ok(None);
    };
    Ok(match posted(&mut found)? {
        Posted::Sent(remote) => remote.email,
        Posted::Uncertain { .. } => None,
    })
}

async fn ours(waist: &mut dyn Waist, line: Line, remote: &[String]) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for id in remote {
        let list = args![line.location.0, line.destination.0, id.as_str()];
        if let Some(mut one) = row(waist, OURS, list).await? {
            found.push(one.text()?);
        }
    }
    Ok(found)
}

async fn ledger(waist: &mut dyn Waist, line: Line, since: i64) -> Result<Vec<LedgerDay>, StoreError> {
    let mut days: Vec<LedgerDay> = Vec::new();
    for mut found in rows(waist, LEDGER, args![line.location.0, line.destination.0, since]).await? {
        let (day, kind, count) = (found.int()?, found.int()?, found.count()?);
        if days.last().is_none_or(|last| last.day != day) {
            days.push(LedgerDay {
                day,
                ..LedgerDay::default()
            });
        }
        let Some(last) = days.last_mut() else { continue };
        match kind {
            MESSAGES => last.messages = count,
            CONTACTS => last.contacts = count,
            HEARD => last.heard = count,
            ECHOES => last.echoes = count,
            code => {
                let kind = CallKind::from_code(code);
                last.calls.insert(kind.ok_or(StoreError::Unreadable("a code"))?, count);
            }
        }
    }
    Ok(days)
}
