//! Requests that stay on this machine, byte for byte as they are given: a simulated vendor's to our own server, and the
//! command line's to a running server over its Unix socket.

use std::{net::IpAddr, path::Path, time::Duration};

use http::{HeaderName, HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    body::Bytes,
    client::conn::http1,
    rt::{Read, Write},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, net::UnixStream, time::timeout};
use url::{Host, Url};

/// The longest that a request may take: some verbs do long work before they answer.
const DEADLINE: Duration = Duration::from_mins(5);
/// The longest answer that is read.
const LONGEST: usize = 64 << 20;

/// An answer from this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum LoopbackError {
    /// The address is not one of this machine.
    #[error("it is not an address of this machine: give one such as http://127.0.0.1:8700")]
    NotHere,
    /// The method, target or a header cannot be sent.
    #[error("the request cannot be sent: {0}")]
    Unsendable(#[from] http::Error),
    /// Nobody listens there.
    #[error("nobody answers there: is Inlet running? ({0})")]
    Nobody(#[from] std::io::Error),
    /// The connection was taken, but no whole answer came.
    #[error("no whole answer came: {0}")]
    Broken(String),
}

/// Sends to a plain http address of this machine: a loopback address, or `localhost`, which stands for 127.0.0.1.
pub async fn send(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: Vec<u8>,
) -> Result<Reply, LoopbackError> {
    let (authority, target, ip, port) = here(url).ok_or(LoopbackError::NotHere)?;
    let request = request((method, &target), &authority, headers, body)?;
    within(async { exchange(TcpStream::connect((ip, port)).await?, request).await }).await
}

/// Sends to the server that listens on a Unix socket.
pub async fn unix(
    path: &Path,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: Vec<u8>,
) -> Result<Reply, LoopbackError> {
    let request = request((method, target), "localhost", headers, body)?;
    within(async { exchange(UnixStream::connect(path).await?, request).await }).await
}

/// What stands before and after the authority, and where it is, if that is here. The target stays as it was written:
/// a URL library would escape it anew, and a signature over it would no longer fit.
fn here(url: &str) -> Option<(String, String, IpAddr, u16)> {
    let parsed = Url::parse(url).ok().filter(|parsed| parsed.scheme() == "http")?;
    let ip = match parsed.host()? {
        Host::Ipv4(ip) => IpAddr::V4(ip),
        Host::Ipv6(ip) => IpAddr::V6(ip),
        Host::Domain(name) => (name == "localhost").then_some(IpAddr::from([127, 0, 0, 1]))?,
    };
    let (_, rest) = url.split_once("://")?;
    let rest = rest.split('#').next()?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at_checked(end)?;
    let target = if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("/{target}")
    };
    let plain = ip.is_loopback() && parsed.username().is_empty() && parsed.password().is_none();
    plain.then(|| (authority.to_owned(), target, ip, parsed.port().unwrap_or(80)))
}

fn request(
    (method, target): (&str, &str),
    authority: &str,
    headers: &[(String, String)],
    body: Vec<u8>,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder().method(method).uri(Uri::try_from(target)?);
    let named = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    if !named {
        request = request.header(http::header::HOST, authority);
    }
    for (name, value) in headers {
        let name = HeaderName::try_from(name.as_str())?;
        request = request.header(name, HeaderValue::try_from(value.as_str())?);
    }
    request.body(Full::from(body))
}

async fn within(exchange: impl Future<Output = Result<Reply, LoopbackError>>) -> Result<Reply, LoopbackError> {
    let late = || LoopbackError::Broken("it took too long".to_owned());
    timeout(DEADLINE, exchange).await.unwrap_or_else(|_| Err(late()))
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Reply, LoopbackError>
where
    TokioIo<S>: Read + Write + Send + Unpin + 'static,
{
    let broken = |error: hyper::Error| LoopbackError::Broken(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(broken)?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, LONGEST).collect().await;
    let body = body.map_err(|error| LoopbackError::Broken(error.to_string()))?;
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Reply {
        status: head.status.as_u16(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: body.to_bytes().to_vec(),
    })
}
