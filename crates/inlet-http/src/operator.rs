//! What only whoever runs the installation may reach over the network: the admin API and the metrics, behind a token of
//! their own.

use std::{fmt, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use inlet_core::secret::Secret;
use tower::ServiceExt;

/// Writes all metrics down, as Prometheus reads them.
#[derive(Clone)]
pub struct Metrics(Arc<dyn Fn() -> String + Send + Sync>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(..)")
    }
}

impl Metrics {
    /// Metrics that `render` writes down.
    pub fn new(render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(render))
    }
}

/// `/metrics` for whoever may reach it at all.
pub fn metrics(metrics: Metrics) -> Router {
    let page = move || {
        let text = (metrics.0)();
        async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text) }
    };
    Router::new().route("/metrics", get(page))
}

/// The admin API and the metrics for whoever brings the token.
pub fn router(admin: Router, shown: Metrics, token: Secret) -> Router {
    let admin = any(async move |request: Request| admin.oneshot(request).await);
    Router::new()
        .route("/admin/v1/{*path}", admin)
        .merge(metrics(shown))
        .route_layer(middleware::from_fn_with_state(token, check))
}

async fn check(State(token): State<Secret>, request: Request, next: Next) -> Response {
    let brought = request.headers().get(header::AUTHORIZATION);
    let brought = brought.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match brought {
        Some(brought) if Secret::new(brought) == token => next.run(request).await,
        Some(_) | None => {
            let words = "bring the setting admin.token as `Authorization: Bearer …`\n";
            (StatusCode::UNAUTHORIZED, words).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(path: &str, brought: Option<&str>) -> Request<Body> {
        let mut request = Request::get(path);
        if let Some(brought) = brought {
            request = request.header(header::AUTHORIZATION, brought);
        }
        request.body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn nothing_is_shown_without_the_token() {
        let admin = Router::new().route("/admin/v1/status", get(|| async { "secret" }));
        let all = router(admin, Metrics::new(|| "secret".to_owned()), Secret::new("right"));
        let cases = [
            (None, StatusCode::UNAUTHORIZED),
            (Some("Bearer wrong"), StatusCode::UNAUTHORIZED),
            (Some("right"), StatusCode::UNAUTHORIZED),
            (Some("Bearer right"), StatusCode::OK),
        ];
        for path in ["/admin/v1/status", "/metrics"] {
            for (brought, expected) in cases {
                let answer = all.clone().oneshot(request(path, brought)).await.unwrap();
                assert_eq!(answer.status(), expected, "{path} {brought:?}");
            }
        }
    }
}
