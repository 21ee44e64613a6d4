//! Logging in by a password or by a link that works once, and logging out.
//!
//! The link itself only shows a button: what mail scanners and chat previews do to a link must not use it up.

use axum::{
    Form,
    extract::{Path, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header};
use inlet_core::chance::path_token;
use serde::Deserialize;

use super::{
    access::{SESSION, SameOrigin, cookie, secret_hash},
    fault::{Fault, Note},
    render,
};
use crate::{password, state::Shared};

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

/// A name and a password.
#[derive(Deserialize)]
pub(super) struct Known {
    name: String,
    password: String,
}

/// `GET /login`
pub(super) async fn ask() -> Html<String> {
    render(&Note {
        login: true,
        ..Note::new("Welcome to Inlet", "Log in to see your conversations.")
    })
}

/// `POST /login`
pub(super) async fn by_password(
    State(shared): State<Shared>,
    _: SameOrigin,
    Form(known): Form<Known>,
) -> Result<Response, Fault> {
    let name = known.name.trim().to_lowercase();
    if !shared.attempts.may_try(&name, shared.clock.monotonic()) {
        return Err(Fault::TooManyTries);
    }
    let registry = shared.directory.registry();
    let user = registry.user_by_name(&name);
    let kept = user.and_then(|user| user.password.as_ref()?.expose_text().map(str::to_owned));
    let fits = password::fits(known.password, kept).await;
    let Some(user) = user.filter(|_| fits) else {
        return Err(Fault::WrongPassword);
    };
    shared.attempts.forget(&name);
    let session = path_token(&*shared.chance);
    let now = shared.clock.now();
    shared
        .directory
        .open_session(secret_hash(&session), user.key, now)
        .await?;
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
