//! Whether anybody would send a message that goes out: a provider's delivery URL, its vendor's own API, a destination that asks
//! for such events, or the page that the conversation came from, which asks for what it is answered.

use inlet_core::{
    event::EventKind,
    message::Message,
    registry::{Provider, Registry},
};

use crate::state::State;

/// Whether somebody takes a message of this provider to send it. Who asks for the contact's tags counts as one, for these are
/// not looked up for a remark.
pub(crate) fn is_taken(state: &State, registry: &Registry, message: &Message, provider: &Provider) -> bool {
    let adapter = provider.adapter.as_deref().and_then(|name| state.adapter(name));
    if adapter.is_some_and(|adapter| adapter.listening().is_some()) {
        return true;
    }
    let kind = EventKind::ProviderOutboundMessage;
    let mut subscribers = registry.subscribers(message.location, kind);
    subscribers.any(|destination| destination.asks_tags() || destination.wants(kind, message, provider, &[]))
}
