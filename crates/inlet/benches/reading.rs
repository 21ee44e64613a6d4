//! How fast what is stored is read back: searches and pages of messages, over a store of one million messages in ten
//! thousand conversations of ten locations. `script/bench reading`; `--messages N` makes it smaller.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the real clock and its own environment"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on should stop, and its figures are small"
)]
#![expect(dead_code, reason = "the other benchmark measures more of the server and the load")]

mod durable {
    pub(crate) mod database;
    pub(crate) mod load;
    pub(crate) mod server;
}

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use durable::{
    load::{Load, Target},
    server::Server,
};
use serde_json::{Value, json};

/// Messages in the store, unless told otherwise.
const MESSAGES: u64 = 1_000_000;
/// Times that each question is asked, on each connection.
const TIMES: usize = 500;
const CONNECTIONS: usize = 2;
/// What the 99th of a hundred answers may take at most, in milliseconds.
const MARK: f64 = 20.0;

/// A question, asked of one contact's location.
struct Question {
    name: &'static str,
    target: fn(&Places) -> String,
}

/// Where the questions are asked.
struct Places {
    token: String,
    location: String,
    contact: String,
    conversation: String,
    /// A message in the middle of the conversation.
    message: String,
    /// A place deep in the list.
    deep: String,
}

const QUESTIONS: [Question; 8] = [
    Question {
        name: "search, first page",
        target: |at| search(at, "limit=20"),
    },
    Question {
        name: "search, a page further down",
        target: |at| search(at, &format!("limit=20&startAfterDate={}", at.deep)),
    },
    Question {
        name: "search, unread",
        target: |at| search(at, "limit=20&status=unread"),
    },
    Question {
        name: "search, one contact",
        target: |at| search(at, &format!("contactId={}", at.contact)),
    },
    Question {
        name: "search, by number",
        target: |at| search(at, "limit=20&query=4155557"),
    },
    Question {
        name: "messages, newest 20",
        target: |at| messages(at, "limit=20"),
    },
    Question {
        name: "messages, newest 100",
        target: |at| messages(at, "limit=100"),
    },
    Question {
        name: "messages, before one",
        target: |at| messages(at, &format!("limit=20&lastMessageId={}", at.message)),
    },
];

fn search(at: &Places, query: &str) -> String {
    format!("/conversations/search?locationId={}&{query}", at.location)
}

fn messages(at: &Places, query: &str) -> String {
    format!("/conversations/{}/messages?{query}", at.conversation)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let as_json = arguments.iter().any(|one| one == "--json");
    let wanted = arguments.iter().position(|one| one == "--messages");
    let wanted = wanted.and_then(|at| arguments[at + 1].parse().ok()).unwrap_or(MESSAGES);
    let server = Server::start(0, 1, None);
    let contacts = server.contacts();
    fill(&server, &contacts, wanted);
    let places: Vec<Places> = contacts
        .iter()
        .step_by(contacts.len() / 100)
        .map(|one| look(&server, one))
        .collect();
    let rows: Vec<_> = QUESTIONS
        .iter()
        .map(|question| (question.name, ask(&server, question, &places)))
        .collect();
    if as_json {
        let rows = rows
            .iter()
            .map(|(name, took)| json!({"what": name, "p50_ms": share(took, 0.5), "p99_ms": share(took, 0.99)}));
        println!("{}", json!({"messages": wanted, "rows": rows.collect::<Vec<_>>()}));
        return;
    }
    println!(
        "{wanted} messages in {} conversations; the mark is {MARK} ms at p99",
        contacts.len()
    );
    println!("{:<32}  p50 ms  p99 ms", "what");
    for (name, took) in &rows {
        let p99 = share(took, 0.99);
        let verdict = if p99 < MARK { "" } else { "  over the mark" };
        println!("{name:<32}  {:>6.2}  {p99:>6.2}{verdict}", share(took, 0.5));
    }
}

fn fill(server: &Server, contacts: &[Target], wanted: u64) {
    let mut stored = contacts.len() as u64;
    while stored < wanted {
        let load = Load {
            addresses: server.addresses(),
            path: "/conversations/messages/inbound",
            connections: 64,
            time: Duration::from_secs(if wanted - stored > 100_000 { 10 } else { 1 }),
        };
        stored += load.run(contacts).requests;
        eprintln!("{stored} messages are stored");
    }
}

/// What stands around one contact.
fn look(server: &Server, target: &Target) -> Places {
    let mut connection = Connection::open(server);
    let contact = connection.get(&target.token, &format!("/contacts/{}", target.contact));
    let location = contact["contact"]["locationId"].as_str().unwrap().to_owned();
    let found = format!(
        "/conversations/search?locationId={location}&contactId={}",
        target.contact
    );
    let one = connection.get(&target.token, &found)["conversations"][0].clone();
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
    let conversation = text(&one["id"]);
    let page = connection.get(
        &target.token,
        &format!("/conversations/{conversation}/messages?limit=50"),
    );
    Places {
        token: target.token.clone(),
        location,
        contact: target.contact.clone(),
        conversation,
        message: text(&page["lastMessageId"]),
        deep: one["lastMessageDate"].to_string(),
    }
}

/// How long each answer took, sorted, in milliseconds.
fn ask(server: &Server, question: &Question, places: &[Places]) -> Vec<f64> {
    let one = || {
        let mut connection = Connection::open(server);
        let mut took = Vec::with_capacity(TIMES);
        for at in places.iter().cycle().take(TIMES) {
            let target = (question.target)(at);
            let begun = Instant::now();
            connection.ask(&at.token, &target);
            took.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        took
    };
    let mut all: Vec<f64> = std::thread::scope(|scope| {
        let askers: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(one)).collect();
        askers.into_iter().flat_map(|asker| asker.join().unwrap()).collect()
    });
    all.sort_by(f64::total_cmp);
    all
}

fn share(took: &[f64], share: f64) -> f64 {
    took[((took.len() as f64 * share) as usize).min(took.len() - 1)]
}

/// One connection, kept alive, blocking.
struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.addresses()[0]).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::new(stream),
        }
    }

    fn get(&mut self, token: &str, target: &str) -> Value {
        let body = self.ask(token, target);
        serde_json::from_slice(&body).unwrap()
    }

    fn ask(&mut self, token: &str, target: &str) -> Vec<u8> {
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nVersion: 2021-04-15\r\n\r\n"
        );
        self.stream.get_mut().write_all(head.as_bytes()).unwrap();
        let mut length = 0;
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{target}: {line}");
        while line != "\r\n" {
            line.clear();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "the server hung up");
            if let Some(bytes) = line.strip_prefix("content-length: ") {
                length = bytes.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        body
    }
}
