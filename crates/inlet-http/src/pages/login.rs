//! Logging in by a link that works once, and logging out.
//!
//! The link itself only shows a button: what mail scanners and chat previews do to a link must not use it up.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header};
use inlet_core::chance::path_token;

use super::{
    access::{SESSION, SameOrigin, cookie, secret_hash},
    fault::{Fault, Note},
    render,
};
use crate::state::Shared;

/// How long a browser keeps the cookie, in seconds; the directory decides how long the session is good.
const COOKIE_LIFETIME: u32 = 30 * 24 * 3600;

/// `GET /login/{secret}`
pub(super) async fn show() -> Html<String> {
    render(&Note {
        button: Some("Log in"),
        ..Note::new("Welcome to Inlet", "This link logs this browser in, once.")
    })
}

/// `POST /login/{secret}`
pub(super) async fn log_in(
    State(shared): State<Shared>,
    Path(link): Path<String>,
    _: SameOrigin,
) -> Result<Response, Fault> {
    let session = path_token(&*shared.chance);
    let now = shared.clock.now();
    let opened = shared
        .directory
        .log_in(secret_hash(&link), secret_hash(&session), now)
        .await?;
    if !opened {
        return Err(Fault::UsedLink);
    }
    Ok(with_cookie(&shared, &session, COOKIE_LIFETIME))
}

/// `POST /logout`
pub(super) async fn log_out(
    State(shared): State<Shared>,
    headers: HeaderMap,
    _: SameOrigin,
) -> Result<Response, Fault> {
    if let Some(session) = cookie(&headers, SESSION) {
        shared.directory.log_out(secret_hash(session)).await?;
    }
    Ok(with_cookie(&shared, "", 0))
}

fn with_cookie(shared: &Shared, session: &str, lifetime: u32) -> Response {
    let secure = if shared.settings.public_url.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!("{SESSION}={session}; Path=/; HttpOnly; SameSite=Lax; Max-Age={lifetime}{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}
