//! What was said of the messages and calls of a batch before they came. Only those of channels where that happens are asked
//! for, and only what has not come yet.

use std::collections::HashSet;

use inlet_core::{
    change::Change,
    decide::{Early, Rule},
    ids::LocationKey,
    known::Known,
    seen::SeenHash,
};

use crate::{
    error::StoreError,
    waist::{Waist, args, run},
};

const WORDS: &str = "
    select detail from early_word where location_id = $1 and hash = $2 and check_hash = $3";

pub(super) async fn look_for_words(
    waist: &mut dyn Waist,
    batch: &[Change],
    rule: &Rule<'_>,
    known: &mut Known,
) -> Result<(), StoreError> {
    let subjects = batch.iter().flat_map(|change| {
        let hashes = rule.subjects(change);
        hashes.map(|hash| (change.location, hash))
    });
    let wanted: HashSet<(LocationKey, SeenHash)> =
        subjects.filter(|(_, hash)| !known.seen.contains_key(hash)).collect();
    let wanted: Vec<_> = wanted.into_iter().collect();
    let lists: Vec<_> = wanted
        .iter()
        .map(|(location, hash)| args![location.0, hash.row, hash.check])
        .collect();
    for (rows, (location, hash)) in run(waist, WORDS, &lists).await?.into_iter().zip(wanted) {
        for mut row in rows {
            let early = Early {
                location,
                hash,
                detail: row.json()?,
                stored: true,
            };
            known.early.insert(hash, early);
        }
    }
    Ok(())
}
