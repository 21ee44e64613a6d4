//! Faults on purpose, laid around the endpoints where the set-up asks for some. Without, the endpoints are as they are.

use std::{future::pending, time::Duration};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use inlet_highlevel::fault::Fault;
use tokio::time::timeout;

use super::{Api, visit::Visit};
use crate::{server::Unanswered, trial::FaultKind};

/// How long a connection stays open whose answer never comes, where its client does not close it first.
const SILENCE: Duration = Duration::from_mins(1);

/// The endpoints with their faults.
pub(crate) fn around(endpoints: Router<Api>, api: &Api) -> Router<Api> {
    if api.ports().settings.trial.faults.is_empty() {
        return endpoints;
    }
    endpoints.route_layer(from_fn_with_state(api.clone(), handle))
}

async fn handle(State(api): State<Api>, route: MatchedPath, request: Request, next: Next) -> Response {
    let ports = api.ports();
    let paths = (route.as_str(), request.uri().path());
    let struck = ports
        .settings
        .trial
        .strike(request.method().as_str(), paths, &*ports.chance);
    match struck {
        None => next.run(request).await,
        Some(FaultKind::TimeoutAfterWrite) => {
            drop(next.run(request).await);
            // Its client gives up earlier, and the end of the connection ends this too.
            let _ = timeout(SILENCE, pending::<()>()).await;
            Unanswered.into_response()
        }
        Some(FaultKind::Reset) => Unanswered.into_response(),
        Some(FaultKind::Burst) => {
            let seconds = ports.settings.limits.interval_ms.div_ceil(1000);
            Visit::worn_out(&api, false).refuse(&Fault::too_many_requests(seconds.into()))
        }
        Some(FaultKind::Daily) => Visit::worn_out(&api, true).refuse(&Fault::day_is_used_up()),
        Some(FaultKind::Broken) => Visit::open(&api).refuse(&Fault::broken()),
        Some(FaultKind::ExpiredToken) => Visit::open(&api).refuse(&Fault::garbage_token()),
    }
}
