//! Who may see the pages: users, with a role at each location that they work for; and whose a session is.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    channel::coded,
    ids::{LocationKey, UserKey},
    secret::Secret,
};

coded! {
    /// What somebody may do at a location's pages, the most first.
    Role {
        /// Everything: tokens, destinations and people too.
        Owner = 1,
        /// What daily work needs: conversations, contacts, replays.
        Agent = 2,
        /// Only look.
        ReadOnly = 3,
    }
}

impl Role {
    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Agent => "agent",
            Self::ReadOnly => "read-only",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }

    /// Whether it may do what needs `other`.
    pub fn covers(self, other: Self) -> bool {
        self.code() <= other.code()
    }
}

/// Somebody who may see the pages.
#[derive(Clone, Debug)]
pub struct User {
    /// Their key.
    pub key: UserKey,
    /// The name they log in by: unique, in lower case.
    pub name: String,
    /// Their password as argon2 keeps it; whoever has none comes by a link.
    pub password: Option<Secret>,
    /// What they may do, where.
    pub roles: BTreeMap<LocationKey, Role>,
    /// When they were added.
    pub created_at: Timestamp,
}

/// Whose a session is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// Whoever runs the installation, by a link from its command line: an owner everywhere.
    Operator,
    /// A user.
    User(UserKey),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_covers_itself_and_those_below() {
        use Role::{Agent, Owner, ReadOnly};
        let cases = [
            (Owner, [true, true, true]),
            (Agent, [false, true, true]),
            (ReadOnly, [false, false, true]),
        ];
        for (role, covered) in cases {
            assert_eq!([Owner, Agent, ReadOnly].map(|other| role.covers(other)), covered);
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
    }
}
