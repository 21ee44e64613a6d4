//! What is remembered of an upstream, written down.

use inlet_core::{
    address::Identity,
    ids::{ContactKey, MessageKey},
    relay::{Line, Note, RemoteContact, RemoteMessage, day},
};
use jiff::Timestamp;

use super::{CONTACTS, ECHOES, HEARD, MESSAGES, ON_ITS_WAY, THERE};
use crate::{
    error::StoreError,
    waist::{Waist, args, row, rows},
};

const COUNT: &str = "
    insert into upstream_ledger (location_id, destination_id, day, kind, count) values ($1, $2, $3, $4, $5)
    on conflict (location_id, destination_id, day, kind)
    do update set count = upstream_ledger.count + excluded.count";

/// A contact that was merged upstream has another conversation too.
const CONTACT: &str = "
    insert into upstream_contact (location_id, destination_id, contact_id, remote_id, conversation)
    values ($1, $2, $3, $4, $5)
    on conflict (location_id, destination_id, contact_id)
    do update set conversation = case when upstream_contact.remote_id = excluded.remote_id
                                      then coalesce(excluded.conversation, upstream_contact.conversation)
                                      else excluded.conversation end,
                  remote_id = excluded.remote_id";

const WROTE: &str = "
    update upstream_contact set last_day = $4
     where location_id = $1 and destination_id = $2 and contact_id = $3 and last_day <> $4
    returning contact_id";

const REMOTE: &str = "
    select remote_id from upstream_contact
     where location_id = $1 and destination_id = $2 and contact_id = $3";

const FORGET_CONTACT: &str = "
    delete from upstream_contact where location_id = $1 and destination_id = $2 and remote_id = $3";

const FORGET_IDENTITY: &str = "
    delete from upstream_identity where location_id = $1 and destination_id = $2 and remote_id = $3";

const IDENTITY: &str = "
    insert into upstream_identity (location_id, destination_id, kind, value, remote_id) values ($1, $2, $3, $4, $5)
    on conflict (location_id, destination_id, kind, value) do update set remote_id = excluded.remote_id";

const CONVERSATION: &str = "
    update upstream_contact set conversation = $4
     where location_id = $1 and destination_id = $2 and remote_id = $3
       and (conversation is null or conversation <> $4)
    returning contact_id";

const OF_REMOTE: &str = "
    select kind, value from upstream_identity where location_id = $1 and destination_id = $2 and remote_id = $3";

const OF_IDENTITY: &str = "
    select remote_id from upstream_identity
     where location_id = $1 and destination_id = $2 and kind = $3 and value = $4";

const MESSAGE: &str = "
    insert into upstream_message (location_id, destination_id, message_id, contact_id, state, at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (location_id, destination_id, message_id) do update set state = excluded.state, at = excluded.at";

const REFUSED: &str = "
    delete from upstream_message where location_id = $1 and destination_id = $2 and message_id = $3 and state = $4";

const SENT: &str = "
    update upstream_message set state = $4, at = $5, remote_id = $6, remote_email = $7
     where location_id = $1 and destination_id = $2 and message_id = $3 and state <> $4
    returning contact_id";

/// Writes all of it down.
pub(super) async fn note(waist: &mut dyn Waist, line: Line, notes: &[Note]) -> Result<(), StoreError> {
    let mut book = Book { waist, line };
    for note in notes {
        match note {
            Note::Calls(day, kind, count) => book.count(*day, kind.code(), i64::from(*count)).await?,
            Note::Contact(contact, remote) => book.contact(*contact, remote).await?,
            Note::Forget(contact) => book.forget(*contact).await?,
            Note::ForgetRemote(remote) => book.forget_remote(remote).await?,
            Note::Known(identity, remote) => book.known(identity, remote).await?,
            Note::Found(remote, identities) => book.found(remote, identities).await?,
            Note::Conversation(remote, conversation) => {
                let (location, destination) = book.place();
                let list = args![location, destination, remote.as_str(), conversation.as_str()];
                rows(book.waist, CONVERSATION, list).await?;
            }
            Note::Heard(day, echo) => {
                book.count(*day, HEARD, 1).await?;
                if *echo {
                    book.count(*day, ECHOES, 1).await?;
                }
            }
            Note::Posting(message, contact, at) => {
                let (location, destination) = book.place();
                let list = args![location, destination, message.0, contact.0, ON_ITS_WAY, *at];
                row(book.waist, MESSAGE, list).await?;
            }
            Note::Refused(message) => {
                let (location, destination) = book.place();
                row(book.waist, REFUSED, args![location, destination, message.0, ON_ITS_WAY]).await?;
            }
            Note::Sent(message, remote, at) => book.sent(*message, remote, *at).await?,
        }
    }
    Ok(())
}

struct Book<'a> {
    waist: &'a mut dyn Waist,
    line: Line,
}

impl Book<'_> {
    fn place(&self) -> (i64, i64) {
        (self.line.location.0, self.line.destination.0)
    }

    async fn count(&mut self, day: i64, kind: i64, count: i64) -> Result<(), StoreError> {
        let (location, destination) = self.place();
        row(self.waist, COUNT, args![location, destination, day, kind, count]).await?;
        Ok(())
    }

    async fn contact(&mut self, contact: ContactKey, remote: &RemoteContact) -> Result<(), StoreError> {
        let (location, destination) = self.place();
        let list = args![
            location,
            destination,
            contact.0,
            remote.id.as_str(),
            remote.conversation.as_deref()
        ];
        row(self.waist, CONTACT, list).await?;
        Ok(())
    }

    async fn known(&mut self, identity: &Identity, remote: &str) -> Result<(), StoreError> {
        let (location, destination) = self.place();
        let list = args![
            location,
            destination,
            identity.kind.code(),
            identity.value.as_str(),
            remote
        ];
        row(self.waist, IDENTITY, list).await?;
        Ok(())
    }

    /// What leads to somebody is what they say; whom something else of its kind led there, or whom this led to before,
    /// is asked for again.
    async fn found(&mut self, remote: &str, identities: &[Identity]) -> Result<(), StoreError> {
        let (location, destination) = self.place();
        let mut is_other = false;
        for mut known in rows(self.waist, OF_REMOTE, args![location, destination, remote]).await? {
            let (kind, value) = (known.int()?, known.text()?);
            let mut alike = identities.iter().filter(|one| one.kind.code() == kind).peekable();
            is_other |= alike.peek().is_some() && !alike.any(|one| one.value == value);
        }
        if is_other {
            self.forget_remote(remote).await?;
        }
        for identity in identities {
            let list = args![location, destination, identity.kind.code(), identity.value.as_str()];
            let before = row(self.waist, OF_IDENTITY, list).await?;
            let before = before.map(|mut before| before.text()).transpose()?;
            if let Some(before) = before.filter(|before| before != remote) {
                self.forget_remote(&before).await?;
            }
            self.known(identity, remote).await?;
        }
        Ok(())
    }

    /// Forgets whom a contact is, and what else led there.
    async fn forget(&mut self, contact: ContactKey) -> Result<(), StoreError> {
        let (location, destination) = self.place();
        let found = row(self.waist, REMOTE, args![location, destination, contact.0]).await?;
        match found {
            Some(mut found) => self.forget_remote(&found.text()?).await,
            None => Ok(()),
        }
    }

    async fn forget_remote(&mut self, remote: &str) -> Result<(), StoreError> {
        let (location, destination) = self.place();
        for sql in [FORGET_CONTACT, FORGET_IDENTITY] {
            row(self.waist, sql, args![location, destination, remote]).await?;
        }
        Ok(())
    }

    /// Counts a message and its contact where it was not known to be there before.
    async fn sent(&mut self, message: MessageKey, remote: &RemoteMessage, at: Timestamp) -> Result<(), StoreError> {
        let (location, destination) = self.place();
        let list = args![
            location,
            destination,
            message.0,
            THERE,
            at,
            remote.id.as_str(),
            remote.email.as_deref()
        ];
        let Some(mut found) = row(self.waist, SENT, list).await? else {
            return Ok(());
        };
        let contact = found.int()?;
        self.count(day(at), MESSAGES, 1).await?;
        let wrote = row(self.waist, WROTE, args![location, destination, contact, day(at)]).await?;
        if wrote.is_some() {
            self.count(day(at), CONTACTS, 1).await?;
        }
        Ok(())
    }
}
