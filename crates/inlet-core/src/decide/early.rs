//! Words that come before what they speak of, such as a recording before its call: they wait under its key, and are added to
//! it once it comes.

use std::borrow::Cow;

use super::{Decision, Rule};
use crate::{
    change::{Change, What},
    ids::LocationKey,
    inbound::{Detail, Inbound, Who},
    intake::Refusal,
    known::Known,
    seen::{SeenHash, SeenKind},
};

/// What is known of a message or call before it is there.
#[derive(Clone, PartialEq, Debug)]
pub struct Early {
    /// The location it will belong to.
    pub location: LocationKey,
    /// The hash of its key.
    pub hash: SeenHash,
    /// All that was said of it, together.
    pub detail: Detail,
    /// Whether some of it is in the store.
    pub stored: bool,
}

/// Whether it makes no message, but only says more of one: it names nobody whose call it is, or takes a message back.
pub(super) fn is_later(word: &Inbound) -> bool {
    let nobodys = matches!(&word.who, Who::Person(person) if person.identities.is_empty());
    (word.channel.is_call() && nobodys) || word.detail.is_withdrawn()
}

impl Rule<'_> {
    /// The hashes of what a change brings, or is a later word on, where either may come first: `look` asks the store for
    /// their messages, and for the words that wait for them.
    pub fn subjects<'c>(&'c self, change: &'c Change) -> impl Iterator<Item = SeenHash> + 'c {
        let may_be = |word: &Inbound| word.channel.is_revisable() || word.detail.revised.is_some();
        let revisable = matches!(&change.what, What::Message(word) if may_be(word));
        let keys = change.keys.iter().zip(self.hashes(change));
        let wanted = keys.filter(move |(key, _)| match key.kind {
            SeenKind::Call => true,
            SeenKind::Message => revisable,
            SeenKind::Idempotency | SeenKind::Status | SeenKind::Replay => false,
        });
        wanted.map(|(_, hash)| hash)
    }

    /// Keeps a word until what it speaks of comes.
    pub(super) fn wait(&self, change: &Change, word: &Inbound, known: &Known) -> Result<Decision, Refusal> {
        let hash = self.subjects(change).next().ok_or(Refusal::NoSuchMessage)?;
        let mut early = known.early.get(&hash).cloned().unwrap_or_else(|| Early {
            location: change.location,
            hash,
            detail: Detail::default(),
            stored: false,
        });
        early.detail.add(&word.detail);
        Ok(Decision::Wait(Box::new(early)))
    }

    /// A message or call with what was said of it before it came.
    pub(super) fn with_early<'i>(&self, change: &Change, inbound: &'i Inbound, known: &Known) -> Cow<'i, Inbound> {
        let mut inbound = Cow::Borrowed(inbound);
        for early in self.subjects(change).filter_map(|hash| known.early.get(&hash)) {
            let whole = inbound.to_mut();
            whole.detail.add(&early.detail);
            if whole.detail.is_withdrawn() {
                whole.body = None;
                whole.detail.attachments.clear();
            }
        }
        inbound
    }

    /// The keys under which words on it may wait, and whether some do.
    pub(super) fn awaited(&self, change: &Change, known: &Known) -> Vec<(SeenHash, bool)> {
        let subjects = self.subjects(change);
        subjects.map(|hash| (hash, known.early.contains_key(&hash))).collect()
    }
}
