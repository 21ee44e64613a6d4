//! Sends each delivery as its destination wants it: to a webhook, or to the upstream.

use std::sync::Arc;

use async_trait::async_trait;
use inlet_core::{
    delivery::{Attempt, Delivery, Destination, Outcome},
    directory::Directory,
};

use crate::{upstream::Upstreams, webhook::Webhooks};

/// Both kinds of destination.
#[derive(Debug)]
pub struct Senders {
    /// Says of which kind a destination is.
    pub directory: Arc<dyn Directory>,
    /// Sends to webhooks.
    pub webhooks: Webhooks,
    /// Writes to upstreams.
    pub upstreams: Arc<Upstreams>,
}

#[async_trait]
impl Destination for Senders {
    async fn send(&self, delivery: &Delivery) -> (Attempt, Outcome) {
        let registry = self.directory.registry();
        let destination = registry.destination(delivery.destination);
        if destination.is_some_and(|destination| destination.upstream.is_some()) {
            self.upstreams.send(delivery).await
        } else {
            self.webhooks.send(delivery).await
        }
    }
}
