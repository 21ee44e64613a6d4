//! What is shown before the first message: how to send one, with this installation's own address and ids. Its buttons make a
//! token for the line to paste, and send that line's message themselves.

use axum::{
    Form,
    extract::{Path, State as Given},
    response::{IntoResponse, Redirect, Response},
};
use inlet_core::{
    people::Role,
    registry::{Location, Registry},
};
use inlet_highlevel::add_inbound::{self, Door};
use serde::Deserialize;

use super::{access::Viewer, fault::Fault, find::find_location, inbox::guided};
use crate::{
    admin::tokens,
    state::{Shared, State},
};

/// What the token of the guide may do: record messages, and read back what became of them.
const SCOPES: [&str; 2] = ["conversations/message.write", "conversations/message.readonly"];

/// The body of the message that the guide sends.
const FIRST_MESSAGE: &str = r#"{"type":"SMS","phone":"+14155550119","message":"Hello Inlet"}"#;

/// The set-up guide.
#[derive(Clone, Debug)]
pub(super) struct Guide {
    /// Makes a token at the command line.
    pub(super) token: String,
    /// Sends a message by HighLevel's API.
    pub(super) curl: String,
    /// Whether that has a token in it already.
    pub(super) ready: bool,
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
    /// The guide, with a token in its line where one was just made.
    pub(super) fn new(state: &State, registry: &Registry, location: &Location, token: Option<&str>) -> Self {
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
                 -H 'Authorization: Bearer {}' \\\n  \
                 -H 'Version: 2021-04-15' -H 'Content-Type: application/json' \\\n  \
                 -d '{FIRST_MESSAGE}'",
                token.unwrap_or("YOUR-TOKEN")
            ),
            ready: token.is_some(),
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

/// What one of the guide's buttons asks for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase", tag = "do")]
pub(super) enum Wish {
    /// A token for the line to paste.
    Token,
    /// A message as that line sends it.
    Simulate,
}

/// `POST /l/{location}`: the guide's buttons.
pub(super) async fn act(
    Given(shared): Given<Shared>,
    Path(location): Path<String>,
    viewer: Viewer,
    Form(wish): Form<Wish>,
) -> Result<Response, Fault> {
    let location = find_location(&shared, &location)?;
    match wish {
        // Tokens are the owners', here as on their page.
        Wish::Token if viewer.role(&shared, location.key) != Some(Role::Owner) => Err(Fault::NotAllowed),
        Wish::Token => {
            let app = shared.directory.registry().builtin_app().ok_or(Fault::Store)?.key;
            let scopes = SCOPES.map(str::to_owned).to_vec();
            let (_, token) = tokens::issue(&shared, (location.key, app), scopes).await?;
            Ok(guided(shared, location, token, viewer).await?.into_response())
        }
        Wish::Simulate => {
            simulate(&shared, &location).await?;
            Ok(Redirect::to(&format!("/l/{}", location.id)).into_response())
        }
    }
}

/// Records the guide's message by the same words as the line that it shows.
async fn simulate(shared: &State, location: &Location) -> Result<(), Fault> {
    let registry = shared.directory.registry();
    let door = Door {
        location,
        registry: &registry,
        ids: &shared.ids,
        idempotency_key: None,
    };
    let change = add_inbound::read(&door, FIRST_MESSAGE.as_bytes()).map_err(|_| Fault::Store)?;
    let answered = shared.intake.submit(vec![change]).await.pop();
    answered.ok_or(Fault::Store)?.map_err(|_| Fault::Store)?;
    Ok(())
}
