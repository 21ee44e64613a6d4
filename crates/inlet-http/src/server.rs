//! Connections: an accept loop of our own with the deadlines and caps that `axum::serve` does not have, so that slow
//! or silent clients cannot use the server up. This is where the HTTP server waits.

use std::{
    io,
    net::IpAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode},
    response::IntoResponse,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::timeout,
};
use tower::Service;

mod body;
mod crowd;
mod listener;
#[cfg(test)]
mod tests;

use body::{InPieces, Timed};
use crowd::{Crowd, Place};
pub use listener::Listener;

/// Bytes that the head of a request may have.
const MAX_HEAD: usize = 32 * 1024;
/// Bytes that are buffered of a connection.
const BUFFER: usize = 64 * 1024;
/// How long the loop rests when no more connections can be accepted, as when there are no file descriptors left.
const REST: Duration = Duration::from_millis(100);

/// The answer that is none: whoever asked finds the connection closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("closed without an answer, on purpose")]
pub struct Unanswered;

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.extensions_mut().insert(self);
        response
    }
}

/// How many connections there may be, and how long each may take for what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Connections {
    /// Connections at once; whoever comes beyond them waits.
    pub total: usize,
    /// Connections at once from one address. Loopback is exempt: a proxy stands there for many.
    pub per_address: usize,
    /// From accepting to the first byte.
    pub first_byte: Duration,
    /// From the first byte to the end of the first request's head.
    pub first_head: Duration,
    /// From one answer to the end of the next request's head, idle time included.
    pub keep_alive: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For what is under way when the end comes.
    pub drain: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            total: 8192,
            per_address: 512,
            first_byte: Duration::from_secs(5),
            first_head: Duration::from_secs(10),
            keep_alive: Duration::from_mins(1),
            body: Duration::from_secs(10),
            drain: Duration::from_secs(10),
        }
    }
}

/// Serves until `shutdown` is over; then takes no more connections, and lets what is under way finish within a bound.
pub async fn serve<L: Listener>(
    mut listener: L,
    router: Router,
    limits: Connections,
    shutdown: impl Future<Output = ()> + Send,
) {
    let (closing, _) = watch::channel(());
    let room = Arc::new(Semaphore::new(limits.total));
    let crowd = Crowd::new(limits.per_address);
    let mut conversations = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = conversations.join_next(), if !conversations.is_empty() => continue,
            accepted = accept(&mut listener, &room) => accepted,
        };
        let Some((stream, address, permit)) = accepted else {
            continue;
        };
        // Beyond what one address may have, the connection is closed without a word.
        let Some(place) = crowd.enter(address) else { continue };
        let conversation = Conversation::<L> {
            stream,
            router: router.clone(),
            limits,
            closing: closing.subscribe(),
            seats: (permit, place),
        };
        conversations.spawn(conversation.run());
    }
    drop(listener);
    closing.send_replace(());
    let finished = async { while conversations.join_next().await.is_some() {} };
    if timeout(limits.drain, finished).await.is_err() {
        tracing::warn!("some connections were cut off at the end: they took too long");
    }
    conversations.shutdown().await;
}

type Accepted<L> = (<L as Listener>::Stream, Option<IpAddr>, OwnedSemaphorePermit);

/// The next connection, when there is room for one.
async fn accept<L: Listener>(listener: &mut L, room: &Arc<Semaphore>) -> Option<Accepted<L>> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => Some((stream, address, permit)),
        Err(error) => {
            rest_after(&error).await;
            None
        }
    }
}

/// Rests after an error that would come again at once; one that belongs to a single connection does not matter.
async fn rest_after(error: &io::Error) {
    let of_one = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !of_one {
        tracing::error!(%error, "no connection can be accepted: raise the limit of open files (ulimit -n)");
        pause(REST).await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this file is the port for waiting on connections"
)]
fn pause(time: Duration) -> tokio::time::Sleep {
    tokio::time::sleep(time)
}

/// One connection and all that it needs.
struct Conversation<L: Listener> {
    stream: L::Stream,
    router: Router,
    limits: Connections,
    closing: watch::Receiver<()>,
    /// What the connection takes up; given back when it ends.
    seats: (OwnedSemaphorePermit, Place),
}

impl<L: Listener> Conversation<L> {
    async fn run(self) {
        let Self {
            stream,
            router,
            limits,
            mut closing,
            seats: _seats,
        } = self;
        let spoken = tokio::select! {
            spoken = timeout(limits.first_byte, L::readable(&stream)) => spoken.is_ok_and(|ready| ready.is_ok()),
            _ = closing.changed() => false,
        };
        if spoken {
            converse(stream, router, limits, closing).await;
        }
    }
}

async fn converse<S>(stream: S, router: Router, limits: Connections, mut closing: watch::Receiver<()>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let asked = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&asked);
    let service = service_fn(move |request| {
        note.store(true, Ordering::Relaxed);
        answer(router.clone(), request, limits.body)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.keep_alive)
        .max_header_size(MAX_HEAD)
        .max_buf_size(BUFFER)
        .writev(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut first_head = pin!(pause(limits.first_head));
    let (mut silent, mut open) = (true, true);
    loop {
        tokio::select! {
            // How one connection ended, only its client can mend.
            _ = connection.as_mut() => return,
            () = &mut first_head, if silent => {
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
                silent = false;
            }
            _ = closing.changed(), if open => {
                open = false;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    patience: Duration,
) -> Result<Response<InPieces>, Unanswered> {
    let called = router.call(request.map(|body| Body::new(Timed::new(body, patience))));
    let answer = called.await.unwrap_or_else(|never| match never {});
    match answer.extensions().get::<Unanswered>() {
        Some(&unanswered) => Err(unanswered),
        None => Ok(answer.map(InPieces::new)),
    }
}
