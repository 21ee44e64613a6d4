//! Words that came before what they speak of, written down; and taken away once it is there and has them.
//!
//! Where several nodes write, a word and what it speaks of may come to two of them at once. Both of them write the row of
//! that key, so that one waits for the other: who comes second finds what the first one wrote, and looks again.

use std::collections::BTreeMap;

use inlet_core::decide::{Early, Record};
use jiff::Timestamp;

use super::all_first;
use crate::{
    error::StoreError,
    look::{PROBES, SEEN, read_seen},
    row::json,
    waist::{Waist, args, run},
};

const WORD: &str = "
    insert into early_word (location_id, hash, check_hash, detail, created_at) values ($1, $2, $3, $4, $5)
    on conflict do nothing returning location_id, hash, check_hash";

const MORE: &str = "
    update early_word set detail = $4 where location_id = $1 and hash = $2 and check_hash = $3";

const TAKEN: &str = "
    delete from early_word where location_id = $1 and hash = $2 and check_hash = $3";

/// Keeps words, each with all that was said before it.
pub(super) async fn keep(waist: &mut dyn Waist, waiting: &[&Early], now: Timestamp) -> Result<(), StoreError> {
    let last: BTreeMap<_, &Early> = waiting
        .iter()
        .map(|early| ((early.location, early.hash.row, early.hash.check), *early))
        .collect();
    let details = last
        .values()
        .map(|early| json(&early.detail))
        .collect::<Result<Vec<_>, _>>()?;
    let (mut new, mut more, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
    for (early, detail) in last.into_values().zip(&details) {
        let [location, row, check] = args![early.location.0, early.hash.row, early.hash.check];
        if early.stored {
            more.push([location, row, check, detail.as_str().into()]);
        } else {
            new.push([location, row, check, detail.as_str().into(), now.into()]);
            subjects.push((early, [location, row, early.hash.row.saturating_add(PROBES).into()]));
        }
    }
    run(waist, MORE, &more).await?;
    all_first(&run(waist, WORD, &new).await?)?;
    let (early, lists): (Vec<_>, Vec<_>) = subjects.into_iter().unzip();
    for (rows, early) in run(waist, SEEN, &lists).await?.into_iter().zip(early) {
        for mut row in rows {
            if read_seen(&mut row)?.0.check == early.hash.check {
                return Err(StoreError::Raced);
            }
        }
    }
    Ok(())
}

/// Takes away the words that what is new has in it, and sees to it that there are no others.
pub(super) async fn take(waist: &mut dyn Waist, records: &[&Record], now: Timestamp) -> Result<(), StoreError> {
    let awaited = records
        .iter()
        .flat_map(|record| record.awaited.iter().map(|one| (record.message.location, one)));
    let (mut all, mut claimed) = (Vec::new(), Vec::new());
    for (location, (hash, found)) in awaited {
        let [location, row, check] = args![location.0, hash.row, hash.check];
        all.push([location, row, check]);
        if !found {
            claimed.push([location, row, check, "{}".into(), now.into()]);
        }
    }
    claimed.sort_unstable();
    all_first(&run(waist, WORD, &claimed).await?)?;
    run(waist, TAKEN, &all).await.map(|_| ())
}
