//! Who may see the pages, as the registry knows them.

use super::Registry;
use crate::{ids::UserKey, people::User};

impl Registry {
    /// Who may see the pages.
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// The user of that key.
    pub fn user(&self, key: UserKey) -> Option<&User> {
        self.users.iter().find(|user| user.key == key)
    }

    /// The user of that name, in lower case.
    pub fn user_by_name(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }
}
