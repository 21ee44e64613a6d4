//! The rows of a log as who writes holds them, by their places, and what of that may still be undone.

use std::{collections::BTreeMap, ops::RangeBounds};

/// See the module.
pub(super) struct Held<K, V> {
    rows: BTreeMap<K, V>,
    /// What stood at each place before it was changed, in the order of the changes.
    before: Vec<(K, Option<V>)>,
    before_part: usize,
}

impl<K: Copy + Ord, V: Copy> Held<K, V> {
    pub(super) fn new() -> Self {
        Self {
            rows: BTreeMap::new(),
            before: Vec::new(),
            before_part: 0,
        }
    }

    pub(super) fn get(&self, place: K) -> Option<V> {
        self.rows.get(&place).copied()
    }

    pub(super) fn within(&self, places: impl RangeBounds<K>) -> impl Iterator<Item = (K, V)> {
        self.rows.range(places).map(|(place, row)| (*place, *row))
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// What went where it belongs is not held any more.
    pub(super) fn let_go(&mut self, place: K) {
        self.rows.remove(&place);
    }

    /// Puts a row in a place, or takes away what is there.
    pub(super) fn set(&mut self, place: K, row: Option<V>) {
        let before = match row {
            Some(row) => self.rows.insert(place, row),
            None => self.rows.remove(&place),
        };
        self.before.push((place, before));
    }

    /// A part of the transaction begins.
    pub(super) fn begin_part(&mut self) {
        self.before_part = self.before.len();
    }

    /// The part is undone.
    pub(super) fn undo_part(&mut self) {
        self.undo(self.before_part);
    }

    /// The transaction is undone.
    pub(super) fn undo_all(&mut self) {
        self.undo(0);
    }

    fn undo(&mut self, from: usize) {
        for (place, before) in self.before.drain(from.min(self.before.len())..).rev() {
            match before {
                Some(row) => self.rows.insert(place, row),
                None => self.rows.remove(&place),
            };
        }
    }

    /// The transaction is done: nothing of it is undone any more, and nothing is held that went where it belongs.
    pub(super) fn committed(&mut self, moved: bool) {
        self.before.clear();
        if moved {
            self.rows.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(held: &Held<i64, char>) -> Vec<(i64, char)> {
        held.within(..).collect()
    }

    #[test]
    fn what_is_undone_is_as_it_was() {
        let mut held = Held::new();
        held.set(1, Some('a'));
        held.set(2, Some('b'));
        held.committed(false);
        held.set(1, Some('c'));
        held.begin_part();
        held.set(1, None);
        held.set(1, Some('d'));
        held.set(2, None);
        held.set(3, Some('e'));
        assert_eq!(all(&held), [(1, 'd'), (3, 'e')]);
        held.undo_part();
        assert_eq!(all(&held), [(1, 'c'), (2, 'b')]);
        held.undo_all();
        assert_eq!(all(&held), [(1, 'a'), (2, 'b')]);
    }

    #[test]
    fn what_moved_is_not_held() {
        let mut held = Held::new();
        held.set(1, Some('a'));
        held.committed(true);
        assert_eq!(all(&held), []);
        held.undo_all();
        assert_eq!(all(&held), [], "and does not come back");
    }
}
