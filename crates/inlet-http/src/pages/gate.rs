//! The gate before all pages: who comes, whether their role covers what they ask for, and whether a form is one of ours.
//! What was changed is noted in the log of deeds.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, header, request::Parts};
use inlet_core::{deeds::Deed, ids::LocationKey, people::Role};

use super::{
    access::{SameOrigin, Viewer},
    fault::Fault,
    find::find_location,
};
use crate::state::Shared;

/// The field of our forms, and the header of our script, that prove where they come from.
const FIELD: &str = "token";
const HEADER: &str = "x-inlet-token";
/// Bytes that a form may have.
const LARGEST_FORM: usize = 1 << 20;

/// What only owners see and do; of all else, looking needs any role, and changing an agent's.
const OWNERS: [&str; 9] = [
    "/l/{location}/tokens",
    "/l/{location}/tokens/{token}/revoke",
    "/l/{location}/destinations/{destination}/{verb}",
    "/l/{location}/providers/{provider}/credentials",
    "/l/{location}/people",
    "/l/{location}/people/{user}/role",
    "/l/{location}/people/{user}/password",
    "/l/{location}/people/{user}/login-link",
    "/l/{location}/people/{user}/remove",
];

/// The role that a request needs.
pub(super) fn needs(method: &Method, path: &str) -> Role {
    if OWNERS.contains(&path) {
        Role::Owner
    } else if is_look(method) {
        Role::ReadOnly
    } else {
        Role::Agent
    }
}

fn is_look(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Lets through what may pass.
pub(super) async fn check(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match pass(&shared, &mut parts, body).await {
        Ok((body, visitor)) => {
            let response = next.run(Request::from_parts(parts, body)).await;
            if let Some(visitor) = visitor
                && (response.status().is_success() || response.status().is_redirection())
            {
                note(&shared, visitor).await;
            }
            response
        }
        Err(fault) => fault.into_response(),
    }
}

/// Somebody who changes something.
struct Visitor {
    who: String,
    location: Option<LocationKey>,
    what: String,
}

async fn pass(shared: &Shared, parts: &mut Parts, body: Body) -> Result<(Body, Option<Visitor>), Fault> {
    let viewer = Viewer::from_request_parts(parts, shared).await?;
    let path = MatchedPath::from_request_parts(parts, shared).await;
    let path = path.map(|path| path.as_str().to_owned()).unwrap_or_default();
    let params = RawPathParams::from_request_parts(parts, shared).await;
    let params = params.map_err(|_| Fault::NotFound)?;
    let named = params.iter().find(|(name, _)| *name == "location");
    let location = named.map(|(_, id)| find_location(shared, id)).transpose()?;
    if let Some(location) = &location {
        // Who has no role here is answered as if it were not here.
        let role = viewer.role(shared, location.key).ok_or(Fault::NotFound)?;
        if !role.covers(needs(&parts.method, &path)) {
            return Err(Fault::NotAllowed);
        }
    }
    if is_look(&parts.method) {
        return Ok((body, None));
    }
    SameOrigin::from_request_parts(parts, shared).await?;
    let body = if viewer.has_session() {
        proved(parts, body, viewer).await?
    } else {
        body
    };
    let whole = parts.uri.path();
    let what = match &location {
        Some(location) => whole.strip_prefix(&format!("/l/{}", location.id)).unwrap_or(whole),
        None => whole,
    };
    let visitor = Visitor {
        who: viewer.name(shared),
        location: location.map(|location| location.key),
        what: what.trim_start_matches('/').to_owned(),
    };
    Ok((body, Some(visitor)))
}

/// The body of a request that carries the session's token, in a header or in its form.
async fn proved(parts: &Parts, body: Body, viewer: Viewer) -> Result<Body, Fault> {
    let expected = viewer.form_token.to_string();
    let header = parts.headers.get(HEADER).and_then(|value| value.to_str().ok());
    if header == Some(expected.as_str()) {
        return Ok(body);
    }
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(Fault::Elsewhere);
    }
    let bytes = to_bytes(body, LARGEST_FORM).await.map_err(|_| Fault::Elsewhere)?;
    let mut fields = form_urlencoded::parse(&bytes);
    if fields.any(|(name, value)| name == FIELD && value == expected) {
        Ok(Body::from(bytes))
    } else {
        Err(Fault::Elsewhere)
    }
}

async fn note(shared: &Shared, visitor: Visitor) {
    let now = shared.clock.now();
    let deed = Deed {
        key: shared.keys.next(now),
        location: visitor.location,
        at: now,
        who: visitor.who,
        what: visitor.what,
    };
    if let Err(error) = shared.deeds.note(deed).await {
        tracing::error!(%error, "what somebody changed could not be noted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_needs_any_role_and_changing_more() {
        let cases = [
            (Method::GET, "/l/{location}", Role::ReadOnly),
            (Method::HEAD, "/l/{location}/journal", Role::ReadOnly),
            (Method::POST, "/l/{location}/c/{conversation}/mark", Role::Agent),
            (Method::POST, "/l/{location}/deliveries/{delivery}/{order}", Role::Agent),
            (Method::DELETE, "/l/{location}/anything", Role::Agent),
            (Method::GET, "/l/{location}/tokens", Role::Owner),
            (Method::POST, "/l/{location}/tokens", Role::Owner),
            (
                Method::POST,
                "/l/{location}/destinations/{destination}/{verb}",
                Role::Owner,
            ),
            (Method::GET, "/l/{location}/people", Role::Owner),
            (
                Method::POST,
                "/l/{location}/providers/{provider}/credentials",
                Role::Owner,
            ),
            (Method::GET, "/l/{location}/providers", Role::ReadOnly),
        ];
        for (method, path, role) in cases {
            assert_eq!(needs(&method, path), role, "{method} {path}");
        }
    }
}
