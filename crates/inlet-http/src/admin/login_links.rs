//! Login links: a link that opens the pages once, for whoever can run commands here.

use std::time::Duration;

use axum::{Json, Router, extract::State, routing::post};
use inlet_core::{chance, clock::later, people::Whose};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    fault::Answer,
    input::{Input, stamp},
    users,
};
use crate::state::Shared;

/// For how long a link can be used.
const VALID_FOR: Duration = Duration::from_mins(15);

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/login_links", post(add))
}

#[derive(Serialize)]
struct Added {
    url: String,
    valid_until: String,
}

#[derive(Deserialize)]
struct Whom {
    /// A user's id or name; none for whoever runs the installation.
    user: Option<String>,
}

async fn add(State(shared): State<Shared>, Input(whom): Input<Whom>) -> Answer<Added> {
    let whose = match &whom.user {
        Some(who) => Whose::User(users::named(&shared, who)?.key),
        None => Whose::Operator,
    };
    let secret = chance::path_token(&*shared.chance);
    let until = later(shared.clock.now(), VALID_FOR);
    let hash = Sha256::digest(secret.as_bytes()).into();
    shared.directory.add_login(hash, whose, until).await?;
    Ok(Json(Added {
        url: format!("{}/login/{secret}", shared.settings.public_url),
        valid_until: stamp(until),
    }))
}
