//! A receiver on loopback that plays one script a request: good answers, bad ones, and no answers at all.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::PATIENCE;

/// What happens to one request.
#[derive(Clone, Debug)]
pub(crate) enum Play {
    /// These bytes, and the connection stays open for the next request.
    Say(String),
    /// These bytes, and the connection is torn down.
    SayAndReset(String),
    /// An answer whose body comes a byte every two milliseconds.
    Trickle,
    /// An answer whose body never ends, as fast as it is read.
    Endless,
    /// Nothing, until the sender or the receiver goes away.
    Hang,
}

impl Play {
    /// A whole answer.
    pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Say(format!(
            "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        ))
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    connections: Arc<Mutex<usize>>,
    requests: mpsc::UnboundedReceiver<Received>,
    task: JoinHandle<()>,
    _gone: DropGuard,
}

impl Receiver {
    /// Plays the scripts in order, a request each, and the last one for ever.
    pub(crate) async fn playing(plays: Vec<Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(Mutex::new(0));
        let (seen, requests) = mpsc::unbounded_channel();
        let (count, plays) = (Arc::clone(&connections), Arc::new(Mutex::new(plays)));
        let gone = CancellationToken::new();
        let end = gone.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                let connection = serve(stream, Arc::clone(&plays), seen.clone());
                tokio::spawn(end.clone().run_until_cancelled_owned(connection));
            }
        });
        Self {
            address,
            connections,
            requests,
            task,
            _gone: gone.drop_guard(),
        }
    }

    pub(crate) async fn answering(status: u16) -> Self {
        Self::playing(vec![Play::answer(status, "", "ok")]).await
    }

    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// The next request, which must come.
    pub(crate) async fn next(&mut self) -> Received {
        timeout(PATIENCE, self.requests.recv())
            .await
            .expect("no request came")
            .unwrap()
    }

    /// A request that has come already.
    pub(crate) fn come(&mut self) -> Option<Received> {
        self.requests.try_recv().ok()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, plays: Arc<Mutex<Vec<Play>>>, seen: mpsc::UnboundedSender<Received>) {
    while let Some(request) = read(&mut stream).await {
        let play = {
            let mut plays = plays.lock().unwrap();
            if plays.len() > 1 {
                plays.remove(0)
            } else {
                plays[0].clone()
            }
        };
        let _ = seen.send(request);
        match play {
            Play::Say(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Play::SayAndReset(text) => {
                stream.write_all(text.as_bytes()).await.unwrap();
                stream.set_zero_linger().unwrap();
                return;
            }
            Play::Trickle => return trickle(&mut stream).await,
            Play::Endless => return endless(&mut stream).await,
            Play::Hang => {
                let _ = stream.read(&mut [0]).await;
                return;
            }
        }
    }
}

async fn trickle(stream: &mut TcpStream) {
    let mut step = interval(Duration::from_millis(2));
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n")
        .await
        .unwrap();
    for _ in 0..60_000 {
        step.tick().await;
        if stream.write_all(b"x").await.is_err() {
            return;
        }
    }
}

async fn endless(stream: &mut TcpStream) {
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let chunk = [b'x'; 8192];
    while stream.write_all(&chunk).await.is_ok() {}
}

/// One request with its body; `None` when the sender has no more.
pub(crate) async fn read<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next()?.to_owned();
    let pair = |line: &str| {
        line.split_once(": ")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let mut request = Received {
        line,
        headers: lines.filter_map(pair).collect(),
        body: Vec::new(),
    };
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    request.body = vec![0; length];
    stream.read_exact(&mut request.body).await.ok()?;
    Some(request)
}
