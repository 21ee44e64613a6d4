//! An OAuth app before the upstream's door: its tokens end, its refresh tokens are used once, and it can lose an answer.

use std::sync::Mutex;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use serde_json::json;

/// Off, until it is given the token that it stands for.
#[derive(Debug, Default)]
pub(crate) struct App(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The upstream's own token, behind all that are given out.
    behind: Option<String>,
    /// How often a token was renewed, and asked for.
    renewals: usize,
    asked: usize,
    /// Whether the present token is not taken any more.
    revoked: bool,
    swallow: bool,
}

impl State {
    fn access(&self) -> String {
        format!("access-{}", self.renewals)
    }

    fn refresh(&self) -> String {
        format!("refresh-{}", self.renewals)
    }
}

impl App {
    pub(crate) fn stand_for(&self, token: &str) {
        self.0.lock().unwrap().behind = Some(token.to_owned());
    }

    /// The refresh token that is good now.
    pub(crate) fn refresh(&self) -> String {
        self.0.lock().unwrap().refresh()
    }

    pub(crate) fn renewals(&self) -> usize {
        self.0.lock().unwrap().renewals
    }

    pub(crate) fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }

    pub(crate) fn revoke(&self) {
        self.0.lock().unwrap().revoked = true;
    }

    /// Renews once without an answer.
    pub(crate) fn swallow_next(&self) {
        self.0.lock().unwrap().swallow = true;
    }

    /// Lets a request through that carries the present token, and renews it.
    pub(super) async fn admit(&self, mut request: Request, next: Next) -> Response {
        if self.0.lock().unwrap().behind.is_none() {
            return next.run(request).await;
        }
        if request.uri().path() == "/oauth/token" {
            let body = to_bytes(request.into_body(), 1 << 16).await.unwrap();
            return self.renew(&String::from_utf8_lossy(&body)).await;
        }
        let own = {
            let state = self.0.lock().unwrap();
            let shown = request.headers().get("authorization").map(HeaderValue::as_bytes);
            let good = !state.revoked && shown == Some(format!("Bearer {}", state.access()).as_bytes());
            state.behind.clone().filter(|_| good)
        };
        let Some(own) = own else {
            return said(
                StatusCode::UNAUTHORIZED,
                &json!({ "statusCode": 401, "message": "Invalid JWT" }),
            );
        };
        let header = HeaderValue::try_from(format!("Bearer {own}")).unwrap();
        request.headers_mut().insert("authorization", header);
        next.run(request).await
    }

    async fn renew(&self, form: &str) -> Response {
        let (good, silent) = {
            let mut state = self.0.lock().unwrap();
            state.asked += 1;
            let good = form.contains(&format!("refresh_token={}&", state.refresh()));
            if good {
                state.renewals += 1;
                state.revoked = false;
            }
            (good, std::mem::take(&mut state.swallow))
        };
        if silent {
            std::future::pending::<()>().await;
        }
        if !good {
            let words = json!({ "error": "invalid_grant", "error_description": "Invalid refresh token" });
            return said(StatusCode::BAD_REQUEST, &words);
        }
        let state = self.0.lock().unwrap();
        let pair = json!({ "access_token": state.access(), "refresh_token": state.refresh(), "expires_in": 86_399 });
        said(StatusCode::OK, &pair)
    }
}

fn said(status: StatusCode, body: &serde_json::Value) -> Response {
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = status;
    answer
}
