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

impl Senders {
    /// The sender of the kind that a delivery's destination is.
    fn of(&self, delivery: &Delivery) -> &dyn Destination {
        let registry = self.directory.registry();
        match registry.destination(delivery.destination) {
            Some(found) if found.upstream.is_some() => &*self.upstreams,
            Some(found) if found.vendor.is_some() => &self.vendors,
            Some(_) | None => &self.webhooks,
        }
    }
}

#[async_trait]
impl Destination for Senders {
    async fn send(&self, delivery: &Delivery) -> (Attempt, Outcome) {
        self.of(delivery).send(delivery).await
    }

    async fn given_up(&self, delivery: &Delivery, last: &Attempt) -> Result<(), StoreFault> {
        self.of(delivery).given_up(delivery, last).await
    }
}
