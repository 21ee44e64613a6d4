//! Closes gaps for a person who asks: with a client that is made when it is first needed, for most commands need none.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use inlet_core::{
    adapter::Adapter,
    clock::Clock,
    directory::Directory,
    gaps::{Ask, Compared, Obstacle, Reconcile},
    intake::Intake,
};
use inlet_delivery::{
    client::{Client, Names, SystemNames},
    gaps::{Filler, Parts},
};

use super::{NodeError, guard};
use crate::config::Config;

/// What a filler takes beside a client.
#[derive(Clone, Debug)]
pub(super) struct Closer {
    pub(super) directory: Arc<dyn Directory>,
    pub(super) intake: Arc<dyn Intake>,
    pub(super) adapters: &'static [&'static dyn Adapter],
    pub(super) clock: Arc<dyn Clock>,
    pub(super) config: Config,
    pub(super) made: OnceLock<Filler>,
}

impl Closer {
    /// The filler with a client of its own.
    fn filler(&self) -> Result<Filler, NodeError> {
        let names: Arc<dyn Names> = Arc::new(SystemNames::new()?);
        let client = Client::guarded(guard(&self.config.guard.allow)?, &names)?;
        Ok(self.with(client))
    }

    /// The filler with a client.
    pub(super) fn with(&self, client: Client) -> Filler {
        let reconcile = &self.config.reconcile;
        let bases = [("twilio", &reconcile.twilio), ("clicksend", &reconcile.clicksend)];
        let set = bases.into_iter().filter(|(_, base)| !base.is_empty());
        Filler::new(Parts {
            directory: Arc::clone(&self.directory),
            intake: Arc::clone(&self.intake),
            adapters: self.adapters,
            clock: Arc::clone(&self.clock),
            client,
            bases: set
                .map(|(name, base)| (name.to_owned(), base.trim_end_matches('/').to_owned()))
                .collect(),
        })
    }
}

#[async_trait]
impl Reconcile for Closer {
    async fn page(&self, ask: &Ask) -> Result<Compared, Obstacle> {
        let filler = if let Some(filler) = self.made.get() {
            filler.clone()
        } else {
            let filler = self.filler().map_err(|error| Obstacle::Unable(error.to_string()))?;
            self.made.get_or_init(|| filler).clone()
        };
        filler.page(ask).await
    }
}
