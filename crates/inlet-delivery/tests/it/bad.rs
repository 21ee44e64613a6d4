//! Bad destinations, one a row: what becomes of their deliveries, and that none of them holds up the first attempts of
//! another destination.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use inlet_core::{
    delivery::{Fate, Settlement},
    ids::DestinationKey,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};
use tokio::{net::TcpListener, time::timeout};
use tokio_rustls::TlsAcceptor;

use crate::{
    running::Running,
    support::{
        PATIENCE, destination,
        receiver::{Play, Receiver},
    },
};

/// The longest that an attempt may take here.
const DEADLINE: Duration = Duration::from_secs(3);
/// Events for the bad destination, and for the good one that comes after it.
const EVENTS: usize = 20;

/// What the specification says becomes of an event.
#[derive(Debug)]
enum Expected {
    Delivered,
    Again,
    Dead(&'static str),
    Held,
}

/// What is bad about a destination.
enum Bad {
    /// Its address.
    Url(&'static str),
    /// What it answers.
    Answer(Play),
    /// It sends whoever calls elsewhere: to the one who must not be called.
    Redirect,
    /// Nobody vouches for its certificate.
    Certificate,
}

const BROKEN_OFF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";

fn rows() -> Vec<(&'static str, Bad, Expected, &'static str)> {
    use Bad::{Answer, Url};
    use Expected::{Again, Dead, Delivered, Held};
    let blocked = || Dead("blocked_target");
    vec![
        (
            "is private",
            Url("https://10.0.0.7/hook"),
            blocked(),
            "not called: its address is private",
        ),
        (
            "loops back to Inlet",
            Url("https://127.0.0.2:8700/in/x"),
            blocked(),
            "not called: its address is private",
        ),
        (
            "has a password in it",
            Url("https://u:p@127.0.0.1/"),
            blocked(),
            "not called: the URL has a user name",
        ),
        (
            "redirects",
            Bad::Redirect,
            Again,
            "answered 302: redirects are not followed",
        ),
        ("has a bad certificate", Bad::Certificate, Again, "TLS failed: "),
        (
            "trickles its body",
            Answer(Play::Trickle),
            Again,
            "answered 200, but the answer was not over in time",
        ),
        ("answers with gigabytes", Answer(Play::Endless), Delivered, ""),
        (
            "resets in the middle",
            Answer(Play::SayAndReset(BROKEN_OFF.to_owned())),
            Again,
            "answered 200, but the connection broke within the answer",
        ),
        ("is gone", Answer(Play::answer(410, "", "")), Held, "answered 410"),
        ("hangs", Answer(Play::Hang), Again, "no answer came in time"),
    ]
}

#[tokio::test]
async fn each_has_its_outcome_and_none_holds_up_another() {
    join_all(rows().into_iter().map(|(name, bad, expected, words)| async move {
        let canary = Receiver::answering(200).await;
        let (url, _alive) = stand_up(bad, &canary).await;
        let good = Receiver::answering(200).await;
        let running = Running::within(vec![destination(1, &url), destination(2, &good.url("/"))], DEADLINE);
        (0..EVENTS).for_each(|_| running.promise(1));
        (0..EVENTS).for_each(|_| running.promise(2));
        let log = until(&running, 2, EVENTS).await;
        assert!(
            log.iter().all(|one| one.fate == Fate::Delivered && one.number == 1),
            "{name}"
        );
        let slow = matches!(
            words,
            "no answer came in time" | "answered 200, but the answer was not over in time"
        );
        assert!(
            !slow || of(&running, 1).is_empty(),
            "{name}: the others do not wait for it"
        );
        for one in until(&running, 1, 1).await {
            let said = one.attempt.error.as_deref().unwrap_or_default();
            assert!(said.starts_with(words) && is(&one, &expected), "{name}: {one:?}");
        }
        assert_eq!(canary.connections(), 0, "{name}");
        running.end().await;
    }))
    .await;
}

fn is(one: &Settlement, expected: &Expected) -> bool {
    match (&one.fate, expected) {
        (Fate::Delivered, Expected::Delivered) | (Fate::Again { counted: true, .. }, Expected::Again) => true,
        (Fate::Dead { reason }, Expected::Dead(wanted)) => reason == wanted,
        (Fate::Held, Expected::Held) => one.disable.as_deref() == Some("the receiver is gone for good (410)"),
        _ => false,
    }
}

/// What was settled of one destination.
fn of(running: &Running, destination: i64) -> Vec<Settlement> {
    let mut log = running.outbox.log();
    log.retain(|one| one.destination == DestinationKey(destination));
    log
}

/// The same, once it is enough.
async fn until(running: &Running, destination: i64, count: usize) -> Vec<Settlement> {
    let enough = async {
        while of(running, destination).len() < count {
            running.outbox.settled().await;
        }
    };
    timeout(PATIENCE, enough).await.expect("too few were settled");
    of(running, destination)
}

/// The address of a bad destination, and what has to stay while it is called.
async fn stand_up(bad: Bad, canary: &Receiver) -> (String, Option<Receiver>) {
    let play = match bad {
        Bad::Url(url) => return (url.to_owned(), None),
        Bad::Certificate => return (self_signed().await, None),
        Bad::Redirect => Play::answer(302, &format!("location: {}\r\n", canary.url("/")), ""),
        Bad::Answer(play) => play,
    };
    let receiver = Receiver::playing(vec![play]).await;
    (receiver.url("/"), Some(receiver))
}

/// A server with a certificate that it made itself, for 127.0.0.1.
async fn self_signed() -> String {
    let certificate = CertificateDer::from(include_bytes!("../fixtures/self_signed.cert.der").as_slice());
    let key = PrivatePkcs8KeyDer::from(include_bytes!("../fixtures/self_signed.key.der").as_slice());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // It is the client that says no.
            tokio::spawn(acceptor.accept(stream));
        }
    });
    format!("https://{address}/")
}
