//! Sends each delivery as its destination wants it: to a webhook, to the upstream, or by a vendor's own API.

use std::sync::Arc;

use async_trait::async_trait;
use inlet_core::{
    delivery::{Attempt, Delivery, Destination, Outcome},
    directory::{Directory, StoreFault},
};

use crate::{upstream::Upstreams, vendor::Vendors, webhook::Webhooks};

/// All kinds of destination.
#[derive(Debug)]
pub struct Senders {
    /// Says of which kind a destination is.
    pub directory: Arc<dyn Directory>,
    /// Sends to webhooks.
    pub webhooks: Webhooks,
    /// Writes to upstreams.
    pub upstreams: Arc<Upstreams>,
    /// Has vendors send.
    pub vendors: Vendors,
}

#[async_trait]
impl Destination for Senders {
    async fn send(&self, delivery: &Delivery) -> (Attempt, Outcome) {
        let registry = self.directory.registry();
        let destination = registry.destination(delivery.destination);
        match destination {
            Some(found) if found.upstream.is_some() => self.upstreams.send(delivery).await,
            Some(found) if found.vendor.is_some() => self.vendors.send(delivery).await,
            Some(_) | None => self.webhooks.send(delivery).await,
        }
    }

    async fn given_up(&self, delivery: &Delivery, last: &Attempt) -> Result<(), StoreFault> {
        let registry = self.directory.registry();
        match registry.destination(delivery.destination) {
            Some(found) if found.vendor.is_some() => self.vendors.given_up(delivery, last).await,
            Some(_) | None => Ok(()),
        }
    }
}
