//! When tokens were last used and providers last heard of. It is noted in memory (`group/pulse`), and written down in one
//! transaction now and then; it is not part of the registry, which would be read again each time.

use async_trait::async_trait;
use inlet_core::{
    directory::StoreFault,
    ids::{LocationKey, ProviderKey, TokenKey},
    usage::{LastUse, Usage, Used},
};
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    group::{Desk, Noted},
    waist::{Row, args, row, rows},
};

const USE: &str = "
    update token set used_at = $2 where id = $1 and (used_at is null or used_at < $2)";

const HEAR: &str = "
    update provider set heard_at = $3
     where location_id = $1 and id = $2 and (heard_at is null or heard_at < $3)";

const TOKENS: &str = "
    select id, used_at from token where location_id = $1 and used_at is not null";

const PROVIDERS: &str = "
    select id, heard_at from provider where location_id = $1 and heard_at is not null";

#[async_trait]
impl Usage for Store {
    fn note(&self, location: LocationKey, used: Used, at: Timestamp) {
        self.inner().published.pulse.note(location, used, at);
    }

    async fn keep(&self) -> Result<(), StoreFault> {
        let pulse = &self.inner().published.pulse;
        let noted = pulse.take();
        if noted.is_empty() {
            return Ok(());
        }
        let kept = self.write_with(noted.clone(), |desk, noted| Box::pin(write(desk, noted)));
        let kept = kept.await;
        if kept.is_err() {
            pulse.put_back(noted);
        }
        Ok(kept?)
    }

    async fn last_use(&self, location: LocationKey) -> Result<LastUse, StoreFault> {
        let found = self.read(move |waist| {
            Box::pin(async move {
                let tokens = rows(waist, TOKENS, args![location.0]).await?;
                let providers = rows(waist, PROVIDERS, args![location.0]).await?;
                let tokens = tokens
                    .into_iter()
                    .map(|row| read(row, |key| Used::Token(TokenKey(key))));
                let providers = providers
                    .into_iter()
                    .map(|row| read(row, |key| Used::Provider(ProviderKey(key))));
                tokens.chain(providers).collect::<Result<LastUse, _>>()
            })
        });
        let mut last = found.await?;
        for (used, at) in self.inner().published.pulse.of(location) {
            let kept = last.entry(used).or_insert(at);
            *kept = at.max(*kept);
        }
        Ok(last)
    }
}

async fn write(desk: &mut Desk, noted: Noted) -> Result<(), StoreError> {
    for ((location, used), at) in noted {
        match used {
            Used::Token(token) => row(&mut *desk.waist, USE, args![token.0, at]).await?,
            Used::Provider(provider) => row(&mut *desk.waist, HEAR, args![location.0, provider.0, at]).await?,
        };
    }
    Ok(())
}

fn read(mut row: Row, used: impl Fn(i64) -> Used) -> Result<(Used, Timestamp), StoreError> {
    Ok((used(row.int()?), row.at()?))
}
