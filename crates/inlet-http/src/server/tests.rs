//! Connections over loopback with short deadlines: who is slow is closed, who is not is served, and the end is orderly.

use std::{future::pending, path::Path, time::Duration};

use axum::{
    Router,
    body::Bytes,
    http::StatusCode,
    routing::{get, post},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    sync::oneshot,
    task::JoinHandle,
};

use super::*;

/// Long enough that only a hanging server ever waits for it.
const HANGS: Duration = Duration::from_secs(20);
const SOON: Duration = Duration::from_millis(80);
const GET: &[u8] = b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n";

/// Deadlines that nothing in a test reaches, unless the test makes one short.
fn patient() -> Connections {
    Connections {
        total: 16,
        per_address: 16,
        first_byte: HANGS,
        first_head: HANGS,
        keep_alive: HANGS,
        body: HANGS,
        drain: HANGS,
    }
}

fn app() -> Router {
    Router::new().route("/ping", get(async || "pong")).route(
        "/read",
        post(
            async |body: Result<Bytes, axum::extract::rejection::BytesRejection>| match body {
                Ok(body) => (StatusCode::OK, body.len().to_string()),
                Err(_) => (StatusCode::REQUEST_TIMEOUT, "too slow".to_owned()),
            },
        ),
    )
}

struct Server {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn start(limits: Connections, app: Router) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let end = async {
        let _ = stopped.await;
    };
    let task = tokio::spawn(serve(listener, app, limits, end));
    Server { address, stop, task }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        timeout(HANGS, self.task).await.expect("the server ends").unwrap();
    }
}

/// All that comes until the other side closes.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = timeout(HANGS, stream.read_to_end(&mut bytes))
        .await
        .expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Asks and waits for the answer to `GET /ping`, and leaves the connection open.
async fn ping(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    stream.write_all(GET).await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"pong") {
        let read = timeout(HANGS, stream.read_buf(&mut seen))
            .await
            .expect("an answer")
            .unwrap();
        assert_ne!(read, 0, "closed after {}", String::from_utf8_lossy(&seen));
    }
    assert!(seen.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_connection_is_used_again_and_again() {
    let server = start(patient(), app()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        ping(&mut stream).await;
    }
    server.stop().await;
    assert_eq!(rest(&mut stream).await, "", "an idle connection is closed at the end");
}

#[tokio::test]
async fn what_is_not_to_be_answered_is_closed_without_a_word() {
    let server = start(patient(), app().route("/never", get(async || Unanswered))).await;
    let mut stream = server.connect().await;
    ping(&mut stream).await;
    stream
        .write_all(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(rest(&mut stream).await, "");
    server.stop().await;
}

#[tokio::test]
async fn who_says_nothing_is_closed() {
    let server = start(
        Connections {
            first_byte: SOON,
            ..patient()
        },
        app(),
    )
    .await;
    assert_eq!(rest(&mut server.connect().await).await, "");
    server.stop().await;
}

#[tokio::test]
async fn who_never_ends_the_first_head_is_closed() {
    let server = start(
        Connections {
            first_head: SOON,
            ..patient()
        },
        app(),
    )
    .await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /ping HTTP/1.1\r\nx: ").await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
    let mut stream = server.connect().await;
    ping(&mut stream).await;
    server.stop().await;
}

#[tokio::test]
async fn who_stays_idle_is_closed_and_so_is_who_never_ends_a_later_head() {
    let server = start(
        Connections {
            keep_alive: SOON,
            ..patient()
        },
        app(),
    )
    .await;
    for later in [&b""[..], b"GET /pi"] {
        let mut stream = server.connect().await;
        ping(&mut stream).await;
        stream.write_all(later).await.unwrap();
        rest(&mut stream).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_body_must_arrive_in_time() {
    let server = start(
        Connections {
            body: SOON,
            ..patient()
        },
        app(),
    )
    .await;
    let mut stream = server.connect().await;
    let head = b"POST /read HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4\r\n\r\n";
    stream.write_all(head).await.unwrap();
    stream.write_all(b"ab").await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 408"));
    let mut stream = server.connect().await;
    stream.write_all(head).await.unwrap();
    stream.write_all(b"abcd").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n4"),
        "{answer}"
    );
    server.stop().await;
}

#[tokio::test]
async fn beyond_the_cap_a_connection_waits_until_another_ends() {
    let server = start(Connections { total: 1, ..patient() }, app()).await;
    let mut first = server.connect().await;
    ping(&mut first).await;
    let mut second = server.connect().await;
    second.write_all(GET).await.unwrap();
    let early = timeout(SOON, second.read_u8()).await;
    assert!(early.is_err(), "there is no room for it yet");
    drop(first);
    assert_eq!(timeout(HANGS, second.read_u8()).await.expect("room").unwrap(), b'H');
    server.stop().await;
}

#[tokio::test]
async fn heads_have_a_limit() {
    let server = start(patient(), app()).await;
    let ask = async |header: usize| {
        let mut stream = server.connect().await;
        let request = format!(
            "GET /ping HTTP/1.1\r\nconnection: close\r\nx: {}\r\n\r\n",
            "a".repeat(header)
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(ask(MAX_HEAD - 500).await, "200");
    assert_eq!(ask(MAX_HEAD).await, "431");
    server.stop().await;
}

/// An app that tells when it is asked, and answers when it is told.
fn slow() -> (Router, oneshot::Receiver<()>, oneshot::Sender<()>) {
    let (asked, when_asked) = oneshot::channel();
    let (go, told) = oneshot::channel::<()>();
    let once = Arc::new(std::sync::Mutex::new(Some((asked, told))));
    let answer = move || {
        let (asked, told) = once.lock().unwrap().take().expect("asked once");
        async move {
            asked.send(()).unwrap();
            told.await.unwrap();
            "pong"
        }
    };
    (Router::new().route("/ping", get(answer)), when_asked, go)
}

#[tokio::test]
async fn what_is_under_way_is_finished_at_the_end_and_nothing_new_is_begun() {
    let (app, when_asked, go) = slow();
    let server = start(patient(), app).await;
    let address = server.address;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    when_asked.await.unwrap();
    let mut silent = server.connect().await;
    let end = tokio::spawn(server.stop());
    assert_eq!(rest(&mut silent).await, "", "who has not asked yet is not waited for");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    go.send(()).unwrap();
    assert!(rest(&mut stream).await.ends_with("pong"));
    end.await.unwrap();
}

#[tokio::test]
async fn what_never_finishes_is_cut_off_after_the_drain() {
    let app = Router::new().route("/ping", get(async || pending::<&str>().await));
    let server = start(
        Connections {
            drain: SOON,
            ..patient()
        },
        app,
    )
    .await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    server.stop().await;
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_unix_socket_is_served_as_well() {
    let name = format!("inlet-server-test-{}.sock", std::process::id());
    let path = std::env::temp_dir().join(name);
    let remove = |path: &Path| {
        // It may not be there.
        let _ = std::fs::remove_file(path);
    };
    remove(&path);
    let listener = UnixListener::bind(&path).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let end = async {
        let _ = stopped.await;
    };
    let task = tokio::spawn(serve(listener, app(), patient(), end));
    let mut stream = UnixStream::connect(&path).await.unwrap();
    ping(&mut stream).await;
    stop.send(()).unwrap();
    timeout(HANGS, task).await.expect("the server ends").unwrap();
    remove(&path);
}
