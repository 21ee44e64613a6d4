//! A cut of a location's list that its people keep under a name.

use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SavedView {
    /// What it is called; no other of its location is called so.
    pub name: String,
    /// The cut, as it stands in the address of the list.
    pub query: String,
}
