//! A call that was admitted, with its body read, and what most endpoints do with one.

use axum::{extract::Request, http::request::Parts};
use inlet_core::{
    change::Change,
    contact::{Contact, ContactChange, Edit},
    ids::{ContactKey, IdKind},
    intake::{Receipt, Refusal},
};
use inlet_highlevel::{
    contacts::{ContactJson, fault},
    fault::Fault,
};

use super::{
    caller::{Caller, Needs},
    payload::read_json,
    visit::Visit,
};
use crate::state::Shared;

/// A call that was admitted.
pub(super) struct Call<'a> {
    pub(super) state: &'a Shared,
    pub(super) caller: Caller,
    pub(super) head: Parts,
    pub(super) body: Vec<u8>,
}

impl<'a> Call<'a> {
    /// Admits a call whose body says nothing.
    pub(super) async fn bare(visit: &mut Visit<'a>, request: Request, needs: &Needs) -> Result<Self, Fault> {
        let (head, _) = request.into_parts();
        let caller = visit.admit(&head, needs).await?;
        Ok(Self {
            state: &visit.api.state,
            caller,
            head,
            body: Vec::new(),
        })
    }

    /// Admits a call and reads its body.
    pub(super) async fn with_body(visit: &mut Visit<'a>, request: Request, needs: &Needs) -> Result<Self, Fault> {
        let (head, body) = request.into_parts();
        let caller = visit.admit(&head, needs).await?;
        let state = &visit.api.state;
        let body = read_json(&head.headers, body, state.settings.max_body).await?;
        Ok(Self {
            state,
            caller,
            head,
            body,
        })
    }

    /// The contact that an id in the path names.
    pub(super) fn key(&self, id: &str) -> Result<ContactKey, Fault> {
        let key = self.state.ids.decode(IdKind::Contact, id);
        key.map(ContactKey).ok_or_else(Fault::unknown_contact)
    }

    /// The note that the ids in the path name. The contact's is judged first: else a foreign one could be told from an
    /// unknown one.
    pub(super) fn note(&self, contact: &str, id: &str) -> Result<i64, Fault> {
        self.key(contact)?;
        let key = self.state.ids.decode(IdKind::Note, id);
        key.ok_or_else(Fault::unknown_note)
    }

    pub(super) async fn read(&self, key: ContactKey) -> Result<Contact, Fault> {
        let found = self.state.contacts.contact(self.caller.location, key).await?;
        found.ok_or_else(Fault::unknown_contact)
    }

    pub(super) async fn submit(&self, change: ContactChange) -> Result<Receipt, Fault> {
        let answer = self.record(Change::contact(self.caller.location, change)).await;
        answer.map_err(|refusal| fault(refusal, &self.state.ids))
    }

    /// Records one change.
    pub(super) async fn record(&self, change: Change) -> Result<Receipt, Refusal> {
        let answer = self.state.intake.submit(vec![change]).await.pop();
        let unanswered = || Err(Refusal::Unavailable("the writer has gone".to_owned()));
        answer.unwrap_or_else(unanswered)
    }

    /// Changes a contact, and reads it as it then stands.
    pub(super) async fn edit(&self, id: &str, edit: Edit) -> Result<Contact, Fault> {
        let receipt = self.submit(ContactChange::Edit(self.key(id)?, edit)).await?;
        self.read(receipt.contact).await
    }

    pub(super) fn shown(&self, contact: &Contact) -> Result<ContactJson, Fault> {
        let location = self.caller.location()?;
        Ok(ContactJson::new(contact, &location.id, &self.state.ids))
    }
}
