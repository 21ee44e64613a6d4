//! Up to when providers' messages were compared with their vendors' own lists. It stands beside the provider, and is not
//! part of the registry, which would be read again each time.

use async_trait::async_trait;
use inlet_core::{
    Timestamp,
    clock::Millis,
    directory::StoreFault,
    gaps::Gaps,
    ids::{LocationKey, ProviderKey},
};

use crate::{
    Store,
    waist::{args, row},
};

const READ: &str = "
    select closed_until from provider where location_id = $1 and id = $2";

// Never back: of two that compared, the later one is right.
const CLOSE: &str = "
    update provider set closed_until = $3
     where location_id = $1 and id = $2 and (closed_until is null or closed_until < $3)";

#[async_trait]
impl Gaps for Store {
    async fn closed_until(
        &self,
        location: LocationKey,
        provider: ProviderKey,
    ) -> Result<Option<Timestamp>, StoreFault> {
        let read = self.read(move |waist| {
            Box::pin(async move {
                let found = row(waist, READ, args![location.0, provider.0]).await?;
                found.map_or(Ok(None), |mut found| found.opt_int())
            })
        });
        Ok(read.await?.map(|millis| Millis(millis).timestamp()))
    }

    async fn close(&self, location: LocationKey, provider: ProviderKey, until: Timestamp) -> Result<(), StoreFault> {
        let closed = self.write(move |desk| {
            Box::pin(async move {
                row(&mut *desk.waist, CLOSE, args![location.0, provider.0, until]).await?;
                Ok(())
            })
        });
        Ok(closed.await?)
    }
}
