//! Sessions of the chat widget: a random visitor and the moment it was opened, signed with the endpoint's secret. Nothing
//! of them is kept here.

use std::time::Duration;

use inlet_core::{Timestamp, adapter::Moment, clock::later, secret::Secret, signature::hmac_sha256};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// For how long a visitor stays the same.
const LIFETIME: Duration = Duration::from_hours(30 * 24);

/// Who types into the widget.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Session {
    visitor: [u8; 16],
    opened: i64,
}

impl Session {
    /// A new visitor.
    pub(super) fn open(at: &Moment<'_>) -> Self {
        let mut visitor = [0; 16];
        at.chance.fill(&mut visitor);
        Self {
            visitor,
            opened: at.now.as_second(),
        }
    }

    /// The visitor who stands for a name, in samples.
    pub(super) fn of(name: &str, now: Timestamp) -> Self {
        let digest: [u8; 32] = Sha256::digest(name.as_bytes()).into();
        let mut visitor = [0; 16];
        visitor.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self {
            visitor,
            opened: now.as_second(),
        }
    }

    /// What the page keeps: `visitor.opened.signature`.
    pub(super) fn signed(&self, secret: &Secret) -> String {
        let said = format!("{}.{}", self.visitor(), self.opened);
        let signature = hex::encode(hmac_sha256(secret.expose(), &[said.as_bytes()]));
        format!("{said}.{signature}")
    }

    /// What the page kept, if one of these secrets signed it.
    pub(super) fn read(kept: &str, secrets: &[Secret]) -> Option<Self> {
        let (visitor, rest) = kept.split_once('.')?;
        let (opened, _) = rest.split_once('.')?;
        let mut session = Self {
            visitor: [0; 16],
            opened: opened.parse().ok()?,
        };
        hex::decode_to_slice(visitor, &mut session.visitor).ok()?;
        let fits = |secret: &Secret| bool::from(session.signed(secret).as_bytes().ct_eq(kept.as_bytes()));
        let signs = |secret: &&Secret| !secret.expose().is_empty();
        secrets.iter().filter(signs).any(fits).then_some(session)
    }

    /// Whether it may still be used.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        let opened = Timestamp::from_second(self.opened);
        opened.is_ok_and(|opened| now < later(opened, LIFETIME))
    }

    /// The visitor, as 32 hex digits.
    pub(super) fn visitor(&self) -> String {
        hex::encode(self.visitor)
    }
}
