//! What is shown before the first message: how to send one, with this installation's own address and ids.

use inlet_core::registry::{Location, Registry};

use crate::state::State;

/// The set-up guide.
#[derive(Clone, Debug)]
pub(super) struct Guide {
    /// Makes a token.
    pub(super) token: String,
    /// Sends a message by HighLevel's API.
    pub(super) curl: String,
    /// The webhook addresses that there are, with their vendor's name.
    pub(super) webhooks: Vec<(String, String)>,
    /// Makes a webhook address.
    pub(super) provider: String,
    /// Sends a message as a vendor would.
    pub(super) simulate: String,
    /// Whether vendors cannot reach this address.
    pub(super) unreachable: bool,
}

impl Guide {
    pub(super) fn new(state: &State, registry: &Registry, location: &Location) -> Self {
        let base = &state.settings.public_url;
        let id = &location.id;
        let providers = || {
            let own = registry.providers().iter();
            own.filter(|provider| provider.location == location.key && provider.endpoint.is_some())
        };
        let example = providers().next();
        Self {
            token: format!("inlet token add --location {id}"),
            curl: format!(
                "curl {base}/conversations/messages/inbound \\\n  \
                 -H 'Authorization: Bearer YOUR-TOKEN' \\\n  \
                 -H 'Version: 2021-04-15' -H 'Content-Type: application/json' \\\n  \
                 -d '{{\"type\":\"SMS\",\"phone\":\"+14155550119\",\"message\":\"Hello Inlet\"}}'"
            ),
            webhooks: providers()
                .filter_map(|provider| webhook(state, registry, provider.endpoint?))
                .collect(),
            provider: format!(
                "inlet provider add --location {id} --adapter twilio \\\n  \
                 --number +1… --secret-env TWILIO_AUTH_TOKEN"
            ),
            simulate: format!(
                "inlet simulate {} --provider {} \\\n  --from +14155550119 --body \"Hello Inlet\"",
                example
                    .and_then(|provider| provider.adapter.as_deref())
                    .unwrap_or("twilio"),
                example.map_or("PROVIDER-ID", |provider| &provider.id),
            ),
            unreachable: !state.settings.has_public_url,
        }
    }
}

fn webhook(state: &State, registry: &Registry, endpoint: inlet_core::ids::EndpointKey) -> Option<(String, String)> {
    let endpoint = registry.endpoint(endpoint)?;
    let adapter = state.adapter(&endpoint.adapter);
    let title = adapter.map_or(endpoint.adapter.as_str(), |adapter| adapter.title());
    let token = endpoint.token.expose_text()?;
    let url = format!("{}/in/{}/{token}", state.settings.public_url, endpoint.adapter);
    Some((title.to_owned(), url))
}
