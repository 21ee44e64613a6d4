//! One request and its answer over reqwest: how the client is built, and how its errors read in our words.

use std::{error::Error, sync::Arc};

use reqwest::{ClientBuilder, dns::Resolve, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use url::Url;

use super::{Answer, CONNECT_DEADLINE, End, Failure, Limits, POOL_IDLE, Request, USER_AGENT};

/// What makes a client that connects only to what `names` lets it find.
#[expect(clippy::disallowed_methods, reason = "this is the one place where a client is made")]
pub(super) fn builder(names: impl Resolve + 'static) -> Result<ClientBuilder, rustls::Error> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(names)
        .redirect(Policy::none())
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_DEADLINE)
        .pool_idle_timeout(POOL_IDLE))
}

/// Sends and reads, all within one deadline.
pub(super) async fn exchange(
    client: &reqwest::Client,
    (url, request): (Url, Request<'_>),
    limits: &Limits,
) -> Result<Answer, Failure> {
    let sent = client
        .request(request.method, url)
        .headers(request.headers)
        .body(request.body)
        .timeout(limits.total)
        .send()
        .await;
    let mut response = sent.map_err(|error| failure(&error))?;
    let mut answer = Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: Vec::new(),
        end: End::Whole,
    };
    let mut read = 0;
    answer.end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                read += chunk.len();
                let room = limits.keep.saturating_sub(answer.body.len()).min(chunk.len());
                answer.body.extend_from_slice(chunk.get(..room).unwrap_or_default());
                if read > limits.read {
                    break End::Long;
                }
            }
            Ok(None) => break End::Whole,
            Err(error) if error.is_timeout() => break End::Late,
            Err(_) => break End::Broken,
        }
    };
    Ok(answer)
}

/// What an error of reqwest's means. Its own text is not passed on: it names addresses.
fn failure(error: &reqwest::Error) -> Failure {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(ours) = cause.downcast_ref::<Failure>() {
            return ours.clone();
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Failure::Tls(tls.to_string());
        }
        source = inside(cause);
    }
    if error.is_connect() {
        Failure::Unreachable
    } else if error.is_timeout() {
        Failure::Late
    } else {
        Failure::Lost
    }
}

/// What caused an error. An `io::Error` that wraps another error passes over it in its `source`.
fn inside<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|wrapped| -> &'e (dyn Error + 'static) { wrapped }),
        None => error.source(),
    }
}
