//! The log of deeds: who changed what, and when.

use async_trait::async_trait;
use inlet_core::{
    deeds::{Deed, DeedQuery, Deeds},
    directory::StoreFault,
    ids::LocationKey,
};

use crate::{
    Store,
    error::StoreError,
    inbox::as_limit,
    waist::{Row, args, row, rows},
};

const NOTE: &str = "
    insert into deed (id, location_id, at, who, what) values ($1, $2, $3, $4, $5)";

const NEWEST: &str = "
    select id, location_id, at, who, what from deed
     where ($1 is null or location_id = $1) and ($2 is null or id < $2) order by id desc limit $3";

#[async_trait]
impl Deeds for Store {
    async fn note(&self, deed: Deed) -> Result<(), StoreFault> {
        let noted = self.write_with(deed, |desk, deed| {
            Box::pin(async move {
                let location = deed.location.map(|location| location.0);
                let list = args![deed.key, location, deed.at, deed.who.as_str(), deed.what.as_str()];
                row(&mut *desk.waist, NOTE, list).await.map(|_| ())
            })
        });
        noted.await.map_err(|error| error.adding("this deed"))
    }

    async fn deeds(&self, query: &DeedQuery) -> Result<Vec<Deed>, StoreFault> {
        let location = query.location.map(|location| location.0);
        let (before, limit) = (query.before, as_limit(query.limit));
        let found = self.read(move |waist| Box::pin(rows(waist, NEWEST, args![location, before, limit])));
        let deeds = found.await?.into_iter().map(|mut row| read(&mut row));
        Ok(deeds.collect::<Result<_, _>>()?)
    }
}

fn read(row: &mut Row) -> Result<Deed, StoreError> {
    Ok(Deed {
        key: row.int()?,
        location: row.opt_int()?.map(LocationKey),
        at: row.at()?,
        who: row.text()?,
        what: row.text()?,
    })
}
