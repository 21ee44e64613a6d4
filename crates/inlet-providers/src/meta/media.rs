//! How files are fetched. WhatsApp names a file by its id: Meta's Graph API answers that with an address that is good for
//! five minutes, and both ask for the access token. Messenger's and Instagram's files have addresses that need none.

use inlet_core::{adapter::Fetch, registry::Endpoint, secret::Secret};
use serde_json::Value;
use url::Url;

use super::{signature::TOKEN, text};

/// The host of the Graph API.
const GRAPH: &str = "graph.facebook.com";
/// The host that keeps WhatsApp's files.
const FILES: &str = "lookaside.fbsbx.com";
/// The version of the Graph API that is asked.
const VERSION: &str = "v23.0";

/// Where the file of that id is asked for.
pub(super) fn link(id: &str) -> String {
    format!("https://{GRAPH}/{VERSION}/{id}")
}

/// The request for one file; `None` where the link is no web address, or asks for a token that is not there.
pub(super) fn request(link: &str, endpoint: &Endpoint) -> Option<Fetch> {
    let url = Url::parse(link).ok()?;
    let own = [GRAPH, FILES].iter().any(|host| is_at(&url, host));
    let token = endpoint
        .secrets
        .iter()
        .find_map(|secret| secret.expose_text()?.strip_prefix(TOKEN));
    let bearer = own.then_some(token).flatten().map(Secret::new);
    let fetched = matches!(url.scheme(), "https" | "http") && (bearer.is_some() || !own);
    fetched.then(|| Fetch {
        url: link.to_owned(),
        bearer,
        ..Fetch::default()
    })
}

/// The address that the Graph API answers with.
pub(super) fn leads(link: &str, answer: &[u8]) -> Option<String> {
    let url = Url::parse(link).ok().filter(|url| is_at(url, GRAPH))?;
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let next = text(&answer, "/url").filter(|next| *next != url.as_str())?;
    Some(next.to_owned())
}

/// Whether an address is at that very host, over TLS.
fn is_at(url: &Url, host: &str) -> bool {
    url.scheme() == "https" && url.host_str() == Some(host) && url.port().is_none()
}
