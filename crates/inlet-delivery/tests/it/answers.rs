//! Every answer that a receiver can give, and every way not to answer: what the attempt log says, and what comes of it.

use std::time::Duration;

use inlet_core::{
    Timestamp,
    delivery::{Destination, Outcome},
    event::EventKind,
    ids::{ContactKey, DeliveryKey, DestinationKey, EventKey, LocationKey},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{
    FixedDirectory, PATIENCE, StillClock, destination,
    receiver::{Play, Receiver},
    webhooks,
};

const SHORT: Duration = Duration::from_millis(150);

fn delivery() -> inlet_core::delivery::Delivery {
    inlet_core::delivery::Delivery {
        key: DeliveryKey(1),
        location: LocationKey(1),
        event: EventKey(1),
        kind: EventKind::InboundMessage,
        destination: DestinationKey(1),
        lane: ContactKey(1),
        message: None,
        body: "{}".to_owned(),
        class: inlet_core::delivery::Class::First,
        due_at: Timestamp::UNIX_EPOCH,
        attempt: 1,
        lease: 1,
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::MAX,
    }
}

fn retry(after: Option<u64>, park: bool, cap: Option<u32>) -> Outcome {
    Outcome::Retry {
        after: after.map(Duration::from_secs),
        park,
        cap,
    }
}

fn again() -> Outcome {
    retry(None, false, None)
}

/// Sends one delivery to `url` and answers status, words and outcome.
async fn send(url: &str, total: Duration) -> (Option<u16>, Option<String>, Outcome, Option<String>) {
    let directory = FixedDirectory::with_destinations(vec![destination(1, url)]);
    let sender = webhooks(&directory, &StillClock::new(), total);
    let (attempt, outcome) = sender.send(&delivery()).await;
    (attempt.status, attempt.error, outcome, attempt.response)
}

#[tokio::test]
async fn each_answer_has_its_outcome() {
    let gone = "the receiver is gone for good (410)";
    let unwanted = "the receiver asked for no more events (webhook-delivery: disable)";
    let aborted = Outcome::Dead {
        reason: "aborted_by_receiver",
    };
    let rows = [
        (200, "", Outcome::Delivered),
        (204, "", Outcome::Delivered),
        (301, "location: http://169.254.169.254/\r\n", again()),
        (400, "", retry(None, false, Some(7))),
        (401, "", retry(None, false, Some(7))),
        (410, "", Outcome::Disable { reason: gone }),
        (422, "webhook-delivery: abort-message\r\n", aborted),
        (
            500,
            "webhook-delivery: disable\r\n",
            Outcome::Disable { reason: unwanted },
        ),
        (429, "", retry(None, true, None)),
        (429, "retry-after: 90\r\n", retry(Some(90), true, None)),
        (500, "", again()),
        (500, "retry-after: 90\r\n", retry(Some(90), false, None)),
        (503, "", again()),
        (503, "retry-after: 90\r\n", retry(Some(90), true, None)),
    ];
    for (status, headers, expected) in rows {
        let body = if status == 204 { "" } else { "thanks" };
        let mut receiver = Receiver::playing(vec![Play::answer(status, headers, body)]).await;
        let (seen, words, outcome, response) = send(&receiver.url("/hook"), PATIENCE).await;
        assert_eq!((seen, &outcome), (Some(status), &expected), "{status} {headers}");
        assert_eq!(words.is_none(), outcome == Outcome::Delivered, "{status}: {words:?}");
        assert_eq!(response.as_deref(), Some(body));
        assert_eq!(receiver.next().await.line, "POST /hook HTTP/1.1");
        assert!(receiver.come().is_none(), "one request a try");
    }
}

#[tokio::test]
async fn each_way_not_to_answer_is_tried_again() {
    let broken_off = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_owned();
    let rows = [
        (
            Play::SayAndReset(String::new()),
            None,
            "the connection broke before an answer came",
        ),
        (
            Play::SayAndReset(broken_off),
            Some(200),
            "answered 200, but the connection broke within the answer",
        ),
        (
            Play::Trickle,
            Some(200),
            "answered 200, but the answer was not over in time",
        ),
        (Play::Hang, None, "no answer came in time"),
        (
            Play::SayAndReset("I am not HTTP\r\n\r\n".to_owned()),
            None,
            "the connection broke before an answer came",
        ),
    ];
    for (play, status, words) in rows {
        let receiver = Receiver::playing(vec![play.clone()]).await;
        let total = match play {
            Play::Trickle | Play::Hang => SHORT,
            Play::Say(_) | Play::SayAndReset(_) | Play::Endless => PATIENCE,
        };
        let (seen, said, outcome, _) = send(&receiver.url("/"), total).await;
        assert_eq!(
            (seen, said.as_deref(), outcome),
            (status, Some(words), again()),
            "{play:?}"
        );
    }
}

#[tokio::test]
async fn an_endless_answer_is_read_so_far_and_kept_so_far() {
    let receiver = Receiver::playing(vec![Play::Endless]).await;
    let (status, words, outcome, response) = send(&receiver.url("/"), PATIENCE).await;
    assert_eq!((status, words, outcome), (Some(200), None, Outcome::Delivered));
    assert_eq!(response.unwrap().len(), 16 << 10);
}

#[tokio::test]
async fn nobody_there_is_tried_again_and_nobody_to_be_called_is_not() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (status, words, outcome, _) = send(&format!("http://{free}/"), PATIENCE).await;
    assert_eq!((status, words.as_deref()), (None, Some("no connection could be made")));
    assert_eq!(outcome, again());

    let (_, words, outcome, _) = send("http://no-such-host.example:1234/", PATIENCE).await;
    assert_eq!(words.as_deref(), Some("the name of its host could not be resolved"));
    assert_eq!(outcome, again());

    let blocked = Outcome::Dead {
        reason: "blocked_target",
    };
    for url in [
        "https://10.0.0.1/",
        "http://127.0.0.2:80/",
        "https://u:p@example.com/",
        "not a url",
    ] {
        let (status, words, outcome, _) = send(url, PATIENCE).await;
        assert_eq!((status, outcome), (None, blocked.clone()), "{url}");
        assert!(words.unwrap().starts_with("not called: "), "{url}");
    }
}

#[tokio::test]
async fn plain_text_to_a_tls_client_is_a_tls_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    });
    let (status, words, outcome, _) = send(&format!("https://{address}/"), PATIENCE).await;
    assert_eq!((status, outcome), (None, again()));
    assert!(words.as_deref().unwrap().starts_with("TLS failed: "), "{words:?}");
}

#[tokio::test]
async fn a_destination_that_is_gone_gets_nothing() {
    let sender = webhooks(
        &FixedDirectory::with_destinations(Vec::new()),
        &StillClock::new(),
        PATIENCE,
    );
    let (_, outcome) = sender.send(&delivery()).await;
    let reason = "destination_gone";
    assert_eq!(outcome, Outcome::Dead { reason });
}
