//! Who may see the pages: a session in a cookie, and forms only from our own pages.

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use sha2::{Digest, Sha256};

use super::{fault::Fault, moment::Zone};
use crate::state::Shared;

/// The cookie that holds a session's secret.
pub(super) const SESSION: &str = "inlet_session";
/// The cookie in which our script keeps the reader's offset from UTC, in minutes.
const OFFSET: &str = "inlet_offset";

/// The SHA-256 under which the directory knows a login link's or a session's secret.
pub fn secret_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Someone who may see the pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Viewer {
    /// Where their clock stands.
    pub(super) zone: Zone,
}

impl FromRequestParts<Shared> for Viewer {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let open = shared.settings.open_pages
            || match cookie(&parts.headers, SESSION) {
                Some(secret) => {
                    let hash = secret_hash(secret);
                    shared.directory.session(hash, shared.clock.now()).await?
                }
                None => false,
            };
        if !open {
            return Err(Fault::Closed);
        }
        let minutes = cookie(&parts.headers, OFFSET).and_then(|minutes| minutes.parse().ok());
        Ok(Self {
            zone: Zone::new(minutes.unwrap_or_default()),
        })
    }
}

/// A form that one of our own pages sent: without this, another site could press our buttons.
#[derive(Clone, Copy, Debug)]
pub(super) struct SameOrigin;

impl FromRequestParts<Shared> for SameOrigin {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        // Browsers say where a request comes from: in words on secure pages, and as an origin with every POST.
        let ours = match (text("sec-fetch-site"), text("origin")) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => {
                let host = origin.split_once("://").map(|(_, host)| host);
                origin == shared.settings.public_url || (host.is_some() && host == text("host"))
            }
            (None, None) => false,
        };
        if ours { Ok(Self) } else { Err(Fault::Elsewhere) }
    }
}

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).into_iter();
    all.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
