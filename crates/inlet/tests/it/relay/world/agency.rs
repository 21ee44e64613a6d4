//! An agency upstream with a real app of its own: one refresh token opens all of its locations.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use inlet_core::ids::LocationKey;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{World, house::ask, text};

/// The agency's id.
const COMPANY: &str = "OkaforAgency00000001";

/// An agency's app, authorised.
pub(crate) struct Agency {
    client: String,
    secret: String,
    refresh: String,
    /// The destination that keeps its token.
    keeper: Option<String>,
}

impl World {
    /// Somebody of the agency lets an app in.
    pub(crate) async fn agency(&self) -> Agency {
        let app = json!({ "name": "Relay", "redirect_uris": ["https://relay.example/back"] });
        let app = ask(&self.upstream, "POST", "/apps", app).await;
        let path = format!("/apps/{}/authorize", text(&app, "id"));
        let consent = ask(&self.upstream, "POST", &path, json!({ "agency": COMPANY })).await;
        let body = json!({
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "grant_type": "authorization_code",
            "user_type": "Company",
            "code": consent["code"],
        });
        let request = Request::post("/oauth/token").header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let answer = self.upstream.router().oneshot(request).await.unwrap();
        let answer = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let tokens: Value = serde_json::from_slice(&answer).unwrap();
        Agency {
            client: text(&app, "client_id"),
            secret: text(&app, "client_secret"),
            refresh: text(&tokens, "refresh_token"),
            keeper: None,
        }
    }

    /// A location here that is written to one of the agency's: the first brings its app, the others name that one.
    pub(crate) async fn join_agency(&self, agency: &mut Agency) -> LocationKey {
        let there = json!({ "name": "Upstream", "country": "US", "agency": COMPANY });
        let there = text(&ask(&self.upstream, "POST", "/locations", there).await, "id");
        let here = json!({ "name": "Harbour Dental", "country": "US" });
        let here = text(&ask(&self.relay, "POST", "/locations", here).await, "id");
        let mut opened = json!({ "location": there, "base_url": self.base, "company": COMPANY });
        if let Some(keeper) = &agency.keeper {
            opened["tokens_of"] = keeper.clone().into();
        } else {
            opened["client_id"] = agency.client.clone().into();
            opened["client_secret"] = agency.secret.clone().into();
            opened["refresh_token"] = agency.refresh.clone().into();
        }
        let wish = json!({ "location": here, "upstream": opened, "max_inflight": 50 });
        let added = ask(&self.relay, "POST", "/destinations", wish).await;
        agency.keeper.get_or_insert(text(&added, "id"));
        let registry = self.relay.shared.directory.registry();
        registry.location_by_id(&here).unwrap().key
    }

    /// How often the upstream was asked for this.
    pub(crate) fn asked_for(&self, call: &str) -> usize {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|asked| asked.call == call).count()
    }
}
