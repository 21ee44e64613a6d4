//! A receiver of webhooks on loopback, in this process: it keeps what comes, in the order of its coming, and answers each
//! as the story wants. A connection has a thread of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long a story waits for what must come.
const PATIENCE: Duration = Duration::from_mins(2);

/// A webhook as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) attempt: u32,
    pub(crate) conversation: String,
    pub(crate) text: String,
    pub(crate) body: String,
    pub(crate) at: Instant,
    /// What it was answered.
    pub(crate) status: u16,
}

/// What to answer: a status, and further header lines.
pub(crate) type Answer = (u16, &'static str);

type Decide = dyn Fn(&Seen) -> Answer + Send + Sync;

struct Shared {
    seen: Mutex<Vec<Seen>>,
    changed: Condvar,
    decide: Box<Decide>,
}

/// See the module.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    /// A receiver that answers as `decide` says, once it says so.
    pub(crate) fn new(decide: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            seen: Mutex::default(),
            changed: Condvar::new(),
            decide: Box::new(decide),
        });
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.unwrap(), Arc::clone(&all));
                thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All that came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// All that came, once it is enough.
    pub(crate) fn until(&self, enough: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        let seen = self.shared.seen.lock().unwrap();
        let more = |seen: &mut Vec<Seen>| !enough(seen);
        let (seen, waited) = self.shared.changed.wait_timeout_while(seen, PATIENCE, more).unwrap();
        assert!(
            !waited.timed_out(),
            "{} webhooks came, and they were not enough",
            seen.len()
        );
        seen.clone()
    }
}

/// Serves one connection until its other end goes away, as a killed server does in the middle of anything.
fn serve(stream: &TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    while let Some(mut seen) = read(&mut reader) {
        let (status, headers) = (shared.decide)(&seen);
        seen.status = status;
        shared.seen.lock().unwrap().push(seen);
        shared.changed.notify_all();
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n{headers}\r\n");
        if (&mut &*stream).write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Seen> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim_end().is_empty() {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let header = |name: &str| {
        let found = lines.iter().filter_map(|line| line.split_once(": "));
        let mut found = found.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.to_owned())
    };
    let mut body = vec![0; header("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    let json: Value = serde_json::from_str(&body).ok()?;
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    Some(Seen {
        path: lines.first()?.split(' ').nth(1)?.to_owned(),
        id: header("webhook-id")?,
        attempt: header("x-inlet-attempt")?.parse().ok()?,
        conversation: text("conversationId"),
        text: text("body"),
        body,
        at: Instant::now(),
        status: 0,
    })
}
