//! Whatever comes to a door, nothing panics there and nothing of the sender's making is answered with a 5xx.
//!
//! The corpus is each vendor's fixtures and what was found to be wrong once, in `tests/corpus/ADAPTER`: all of it is replayed
//! with every run of the tests, and mutated a few hundred times. `INLET_FUZZ_SECONDS` says for how long each vendor's
//! parser is to be fed instead; what makes one panic is then left in the corpus.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on should stop, and a long one says how far it came"
)]

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use inlet_core::{
    adapter::{Adapter, ItemOutcome, Rejection, WebhookRequest},
    registry::Endpoint,
    secret::Secret,
};
use inlet_providers::ALL;

use crate::support::{MOMENT, SENDGRID_PUBLIC, TELNYX_KEY, endpoint_of, fixtures_of, now, read_http_bytes};

/// Mutations of a vendor's corpus, where no time is given.
const FEW: u64 = 300;

/// A request of the corpus, with the template that it is read by.
type Seed = (Vec<u8>, Option<String>);

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 16] = [
    b"\0",
    b"\xff\xfe",
    b"\xf0\x9f\x99\x82",
    b"%",
    b"%00",
    b"&&==",
    b"\r\n\r\n",
    b"--",
    b"=?utf-8?q?=?=",
    b"[[[[[[[[",
    b"{\"a\":{\"a\":",
    b"null",
    b"-1",
    b"9223372036854775808",
    b"\"\\ud800\"",
    b"+",
];

/// A small generator that always goes the same way (xorshift).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides.max(1)).unwrap()).unwrap()
    }

    /// A request that is nearly one of the corpus.
    fn mutate(&mut self, seeds: &[Seed]) -> Seed {
        let (mut bytes, template) = seeds[self.throw(seeds.len())].clone();
        for _ in 0..=self.throw(4) {
            let (from, to) = (self.throw(bytes.len() + 1), self.throw(bytes.len() + 1));
            let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 64));
            match self.throw(6) {
                0 => drop(bytes.drain(from..to)),
                1 => drop(bytes.splice(from..from, PIECES[self.throw(PIECES.len())].iter().copied())),
                2 => {
                    let again = bytes[from..to].to_vec();
                    bytes.splice(from..from, again);
                }
                3 => {
                    let (other, _) = &seeds[self.throw(seeds.len())];
                    let start = self.throw(other.len());
                    let piece = other[start..other.len().min(start + 64)].to_vec();
                    bytes.splice(from..to, piece);
                }
                4 => bytes.truncate(to),
                _ => {
                    if let Some(byte) = bytes.get_mut(from) {
                        *byte ^= 1 << self.throw(8);
                    }
                }
            }
        }
        (bytes, template)
    }
}

fn corpus_of(adapter: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(adapter)
}

fn seeds(adapter: &str) -> Vec<(PathBuf, Seed)> {
    let read = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten();
    let found = read(fixtures_of(adapter)).chain(read(corpus_of(adapter)));
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "http"));
    paths.sort();
    let seed = |path: PathBuf| {
        let template = fs::read_to_string(path.with_extension("toml")).ok();
        let bytes = fs::read(&path).unwrap();
        (path, (bytes, template))
    };
    paths.into_iter().map(seed).collect()
}

/// The endpoint as its owner has it: with the public half of a key. Of a private one, which only samples need, the other half
/// is computed for each request, and that takes longer than all else.
fn in_use(adapter: &dyn Adapter) -> Endpoint {
    let own = endpoint_of(adapter);
    let public = match adapter.name() {
        "sendgrid" => SENDGRID_PUBLIC,
        "telnyx" => TELNYX_KEY,
        _ => return own,
    };
    Endpoint {
        secrets: vec![Secret::new(public)],
        ..own
    }
}

/// Does with a request all that a door does with one.
fn feed(adapter: &dyn Adapter, (bytes, template): &Seed) {
    let Some(request) = read_http_bytes(bytes) else { return };
    let own = in_use(adapter);
    let endpoint = Endpoint {
        template: template.clone().or(own.template.clone()),
        ..own
    };
    let _ = (adapter.claims(&request), adapter.pace(&request, &endpoint));
    if let Some(listening) = adapter.listening() {
        let _ = listening.asked(&request, &endpoint, now());
    }
    if let Some(reply) = adapter.handshake(&request, &endpoint, &MOMENT) {
        assert!(reply.status < 500, "a handshake is answered {}", reply.status);
    }
    if let Err(rejection) = adapter.verify(&request, &endpoint, now()) {
        assert!(adapter.reject(&rejection).status < 500, "{rejection}");
    }
    parse(adapter, &request, &endpoint);
}

/// Reads it as if its origin were proved, which few mutations can be.
fn parse(adapter: &dyn Adapter, request: &WebhookRequest, endpoint: &Endpoint) {
    let verified = inlet_core::adapter::Verified {
        request,
        strength: inlet_core::inbound::Strength::Unsigned,
    };
    for item in adapter.parse(&verified, endpoint) {
        match item {
            Ok(item) => assert!(!item.key.id.is_empty(), "a message without an id of its own"),
            Err(error) => {
                assert!(!error.0.is_empty(), "a reason in words");
                let reply = adapter.reply(&[ItemOutcome::Malformed(error)]);
                assert!(reply.status < 500, "what is malformed is answered {}", reply.status);
            }
        }
    }
    let rejection = Rejection::NotOurs("odd".to_owned());
    assert!(adapter.reject(&rejection).status < 500);
}

fn fed(adapter: &dyn Adapter, seed: &Seed, keep: Option<&Path>) -> bool {
    let fine = catch_unwind(AssertUnwindSafe(|| feed(adapter, seed))).is_ok();
    if let Some(folder) = keep.filter(|_| !fine) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("found.http"), &seed.0).unwrap();
        if let Some(template) = &seed.1 {
            fs::write(folder.join("found.toml"), template).unwrap();
        }
    }
    fine
}

#[test]
fn no_request_makes_a_door_panic_or_answer_a_5xx() {
    for &adapter in ALL {
        stands(adapter);
    }
}

/// Feeds a parser its corpus, and what is nearly of it.
#[expect(clippy::disallowed_methods, reason = "a long run ends by the clock on the wall")]
fn stands(adapter: &dyn Adapter) {
    let name = adapter.name();
    let seconds = std::env::var("INLET_FUZZ_SECONDS").ok();
    let long = seconds
        .and_then(|seconds| seconds.parse().ok())
        .map(Duration::from_secs);
    let seeds = seeds(name);
    assert!(corpus_of(name).is_dir(), "{name} has no corpus of its own");
    for (path, seed) in &seeds {
        assert!(fed(adapter, seed, None), "{}", path.display());
    }
    let seeds: Vec<Seed> = seeds.into_iter().map(|(_, seed)| seed).collect();
    let (mut dice, began, mut done) = (Dice(0x9e37_79b9_7f4a_7c15), Instant::now(), 0);
    let kept = corpus_of(name);
    while long.map_or(done < FEW, |long| began.elapsed() < long) {
        let seed = dice.mutate(&seeds);
        let text = String::from_utf8_lossy(&seed.0);
        assert!(fed(adapter, &seed, long.map(|_| kept.as_path())), "{name}: {text}");
        done += 1;
    }
    println!("{name}: {done} requests from {} of the corpus", seeds.len());
}
