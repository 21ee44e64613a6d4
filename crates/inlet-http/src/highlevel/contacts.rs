//! Contacts: what their endpoints have in common.

use axum::routing::{MethodRouter, get, post};

use super::{Api, call::Call, caller::Needs};

mod add_note;
mod add_tags;
mod change_note;
mod create;
mod delete_note;
mod duplicate;
mod get_note;
mod list;
mod list_notes;
mod remove;
mod remove_tags;
mod search;
mod show;
mod update;
mod upsert;

const READ: Needs = Needs {
    scope: "contacts.readonly",
    version: true,
};
const WRITE: Needs = Needs {
    scope: "contacts.write",
    version: true,
};

/// All endpoints of contacts.
pub(super) fn endpoints() -> [(&'static str, MethodRouter<Api>); 8] {
    let one = get(show::handle).put(update::handle).delete(remove::handle);
    let note = get(get_note::handle)
        .put(change_note::handle)
        .delete(delete_note::handle);
    [
        ("/contacts", post(create::handle).get(list::handle)),
        ("/contacts/upsert", post(upsert::handle)),
        ("/contacts/search", post(search::handle)),
        ("/contacts/search/duplicate", get(duplicate::handle)),
        ("/contacts/{contactId}", one),
        (
            "/contacts/{contactId}/tags",
            post(add_tags::handle).delete(remove_tags::handle),
        ),
        (
            "/contacts/{contactId}/notes",
            get(list_notes::handle).post(add_note::handle),
        ),
        ("/contacts/{contactId}/notes/{id}", note),
    ]
}
