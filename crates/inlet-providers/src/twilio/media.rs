//! How the files of a message are fetched: Twilio asks for the account's id and auth token, on its own hosts only.

use inlet_core::{
    adapter::Fetch,
    registry::{Endpoint, Provider},
    secret::Secret,
};
use url::Url;

use super::signature::{Algorithm, Key};

/// The request for one file; `None` where the link is no web address.
pub(crate) fn request(link: &str, endpoint: &Endpoint, provider: &Provider) -> Option<Fetch> {
    let url = Url::parse(link).ok()?;
    if !matches!(url.scheme(), "https" | "http") {
        return None;
    }
    let basic_auth = is_twilio(&url).then(|| credentials(&url, endpoint, provider)).flatten();
    Some(Fetch {
        url: link.to_owned(),
        basic_auth,
        ..Fetch::default()
    })
}

/// `api.twilio.com` and `mcs.us1.twilio.com`, with their regional names, over TLS.
fn is_twilio(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let own = host.ends_with(".twilio.com") && (host.starts_with("api.") || host.starts_with("mcs."));
    own && url.scheme() == "https" && url.port().is_none()
}

fn credentials(url: &Url, endpoint: &Endpoint, provider: &Provider) -> Option<(String, Secret)> {
    let account = provider.account.clone().or_else(|| account_in(url))?;
    Some((account, auth_token(endpoint)?))
}

/// The auth token of an endpoint: the first secret that is no shared key.
pub(super) fn auth_token(endpoint: &Endpoint) -> Option<Secret> {
    let is_token = |secret: &&Secret| Key::new(secret).is_some_and(|key| key.algorithm() == Algorithm::Sha1);
    endpoint.secrets.iter().find(is_token).cloned()
}

/// The account in `/2010-04-01/Accounts/AC…/Messages/…`.
fn account_in(url: &Url) -> Option<String> {
    let mut segments = url
        .path_segments()?
        .skip_while(|&segment| segment != "Accounts")
        .skip(1);
    segments.next().map(ToOwned::to_owned)
}
