//! Whether anybody would send a message that goes out: a provider's delivery URL, or a destination that asks for such events.

use inlet_core::{
    event::EventKind,
    message::Message,
    registry::{Provider, Registry},
};

/// Whether somebody takes a message of this provider to send it. Who asks for the contact's tags counts as one, for these are
/// not looked up for a remark.
pub(crate) fn is_taken(registry: &Registry, message: &Message, provider: &Provider) -> bool {
    let kind = EventKind::ProviderOutboundMessage;
    let mut subscribers = registry.subscribers(message.location, kind);
    subscribers.any(|destination| destination.asks_tags() || destination.wants(kind, message, provider, &[]))
}
