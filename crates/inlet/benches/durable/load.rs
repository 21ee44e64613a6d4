//! The client: as many kept-alive connections as asked, one request at a time on each, on one thread.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// A known contact, and the token of its location.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) token: String,
    pub(crate) contact: String,
}

/// What to send, and for how long.
pub(crate) struct Load {
    /// The nodes, among which the connections are divided.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) path: &'static str,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) requests: u64,
    pub(crate) per_second: f64,
    latencies: Vec<u32>,
}

impl Outcome {
    /// The latency below which `share` of the answers came, in milliseconds.
    pub(crate) fn millis(&self, share: f64) -> f64 {
        let at = ((self.latencies.len() as f64 * share) as usize).min(self.latencies.len() - 1);
        f64::from(self.latencies[at]) / 1000.0
    }

    pub(crate) fn mean(&self, other: &Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            per_second: f64::midpoint(self.per_second, other.per_second),
            latencies: self.latencies.clone(),
        }
    }
}

impl Load {
    pub(crate) fn run(&self, targets: &[Target]) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(self.drive(targets))
    }

    async fn drive(&self, targets: &[Target]) -> Outcome {
        let begun = Instant::now();
        let end = begun + self.time;
        let mut connections = JoinSet::new();
        for number in 0..self.connections {
            let mine: Vec<Target> = targets.iter().skip(number).step_by(self.connections).cloned().collect();
            let address = self.addresses[number % self.addresses.len()];
            connections.spawn(connection(address, self.path, mine, end));
        }
        let mut latencies = connections.join_all().await.concat();
        let took = begun.elapsed().as_secs_f64();
        latencies.sort_unstable();
        let requests = latencies.len() as u64;
        Outcome {
            requests,
            per_second: requests as f64 / took,
            latencies,
        }
    }
}

async fn connection(address: SocketAddr, path: &'static str, targets: Vec<Target>, end: Instant) -> Vec<u32> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 16 * 1024];
    let mut latencies = Vec::with_capacity(64 * 1024);
    for target in targets.iter().cycle() {
        let begun = Instant::now();
        if begun >= end {
            break;
        }
        stream.write_all(&request(path, target)).await.unwrap();
        read_answer(&mut stream, &mut buffer).await;
        latencies.push(begun.elapsed().as_micros() as u32);
    }
    latencies
}

/// Seed 001's body for a text, with an `altId` that was never used.
fn request(path: &str, target: &Target) -> Vec<u8> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static FRESH: AtomicU64 = AtomicU64::new(0);
    let fresh = FRESH.fetch_add(1, Ordering::Relaxed);
    let body = format!(
        r#"{{"type":"SMS","message":"Hi, I would like to move my appointment to Thursday morning, if that is possible.","contactId":"{}","altId":"SM{fresh:032x}","date":"2026-11-25T09:41:07.000Z"}}"#,
        target.contact
    );
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nVersion: 2021-04-15\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        target.token,
        body.len()
    )
    .into_bytes()
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the server hung up");
        filled += read;
        let text = &buffer[..filled];
        let Some(head) = find(text, b"\r\n\r\n") else { continue };
        let length = find(&text[..head], b"content-length: ")
            .map(|at| number(&text[at + 16..]))
            .expect("a length");
        if filled >= head + 4 + length {
            assert!(text.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(text));
            return;
        }
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn number(text: &[u8]) -> usize {
    text.iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0, |value, digit| value * 10 + usize::from(digit - b'0'))
}
