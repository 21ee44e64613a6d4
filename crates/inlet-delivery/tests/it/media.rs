//! Files that are fetched: with the right credentials, from the right places, so often and so large.

use std::{sync::Arc, time::Duration};

use inlet_core::{
    blobs::PendingMedia,
    clock::{Clock, later},
    inbound::MediaState,
};
use inlet_delivery::{
    client::Limits,
    hints::Hints,
    media::{Fetcher, Parts},
};

use crate::support::{
    FixedDirectory, PATIENCE, StillClock, loopback_client,
    media::{MemoryBlobs, Notebook, VENDORS, endpoint, pending, provider},
    receiver::{Play, Receiver},
};

struct World {
    blobs: Arc<MemoryBlobs>,
    intake: Arc<Notebook>,
    clock: Arc<StillClock>,
    fetcher: Fetcher,
}

impl World {
    fn with(url: &str, limits: Limits) -> Self {
        let (blobs, clock) = (Arc::new(MemoryBlobs::default()), StillClock::new());
        blobs.pending.lock().unwrap().push(pending(url, clock.now()));
        let intake = Arc::new(Notebook {
            blobs: Arc::clone(&blobs),
            ..Notebook::default()
        });
        let fetcher = Fetcher::new(Parts {
            blobs: Arc::<MemoryBlobs>::clone(&blobs),
            directory: FixedDirectory::with_provider(endpoint(), provider()),
            intake: Arc::<Notebook>::clone(&intake),
            adapters: VENDORS,
            clock: Arc::<StillClock>::clone(&clock),
            client: loopback_client(),
            hints: Arc::new(Hints::default()),
            limits,
        });
        Self {
            blobs,
            intake,
            clock,
            fetcher,
        }
    }

    /// Turns once: what the file has become, if that is settled.
    async fn turn(&self) -> Option<MediaState> {
        assert_eq!(self.fetcher.turn().await.unwrap(), 1);
        self.intake.states().pop()
    }

    fn waiting(&self) -> Option<PendingMedia> {
        self.blobs.pending.lock().unwrap().first().cloned()
    }
}

fn leading_to(url: &str) -> Play {
    Play::answer(307, &format!("location: {url}\r\n"), "")
}

fn failed(state: Option<MediaState>) -> String {
    match state {
        Some(MediaState::Failed { reason }) => reason,
        other => panic!("it did not fail: {other:?}"),
    }
}

#[tokio::test]
async fn credentials_go_to_their_host_and_not_along_a_redirect() {
    let picture = Play::answer(200, "content-type: image/png\r\n", "a picture");
    let mut storage = Receiver::playing(vec![picture]).await;
    let mut vendor = Receiver::playing(vec![leading_to(&storage.url("/bucket/1?sig=x"))]).await;
    let world = World::with(&vendor.url("/files/1"), Limits::MEDIA);
    let kept = MediaState::Kept {
        blob: "blob-1".to_owned(),
        size: 9,
        content_type: "image/png".to_owned(),
    };
    assert_eq!(world.turn().await, Some(kept));
    assert_eq!(*world.blobs.kept.lock().unwrap(), [b"a picture"]);
    let asked = vendor.next().await;
    assert_eq!(asked.line, "GET /files/1 HTTP/1.1");
    assert_eq!(asked.header("authorization"), Some("Basic dXNlcjpwYXNz"));
    let led = storage.next().await;
    assert_eq!(led.line, "GET /bucket/1?sig=x HTTP/1.1");
    assert_eq!(led.header("authorization"), None);
    assert!(led.header("referer").is_none());
    let change = world.intake.changes.lock().unwrap().remove(0);
    assert_eq!(
        (change.location.0, change.provider.0, change.about().unwrap().0),
        (1, 1_000_000, 8)
    );
    assert_eq!(world.fetcher.turn().await.unwrap(), 0, "nothing waits any more");
}

#[tokio::test]
async fn even_a_redirect_to_the_same_host_is_followed_without_credentials() {
    let plays = vec![
        Play::answer(302, "location: /files/2\r\n", ""),
        Play::answer(200, "", "here"),
    ];
    let mut vendor = Receiver::playing(plays).await;
    let world = World::with(&vendor.url("/files/1"), Limits::MEDIA);
    let Some(MediaState::Kept { content_type, .. }) = world.turn().await else {
        panic!("it is kept");
    };
    assert_eq!(content_type, "application/octet-stream");
    assert!(vendor.next().await.header("authorization").is_some());
    let second = vendor.next().await;
    assert_eq!(
        (second.line.as_str(), second.header("authorization")),
        ("GET /files/2 HTTP/1.1", None)
    );
}

#[tokio::test]
async fn where_a_vendor_only_names_the_address_the_file_is_fetched_from_there_with_its_own_credentials() {
    let mut storage = Receiver::playing(vec![Play::answer(200, "content-type: image/png\r\n", "a picture")]).await;
    let signpost = Play::answer(200, "", &storage.url("/files/1"));
    let mut vendor = Receiver::playing(vec![signpost]).await;
    let world = World::with(&vendor.url("/signposts/1"), Limits::MEDIA);
    assert!(matches!(world.turn().await, Some(MediaState::Kept { size: 9, .. })));
    assert_eq!(vendor.next().await.header("authorization"), Some("Bearer pass"));
    assert_eq!(storage.next().await.header("authorization"), Some("Basic dXNlcjpwYXNz"));

    let endless = Receiver::answering(200).await;
    let elsewhere = Play::answer(200, "", &endless.url("/elsewhere"));
    let vendor = Receiver::playing(vec![elsewhere]).await;
    let world = World::with(&vendor.url("/signposts/1"), Limits::MEDIA);
    assert_eq!(
        failed(world.turn().await),
        "vendor files are not fetched from this address"
    );
    assert_eq!(endless.connections(), 0);
}

#[tokio::test]
async fn a_file_that_does_not_come_is_tried_five_times_within_the_hour() {
    let mut vendor = Receiver::answering(404).await;
    let world = World::with(&vendor.url("/files/1"), Limits::MEDIA);
    let begun = world.clock.now();
    for tries in 1..=4 {
        assert_eq!(world.turn().await, None);
        let waiting = world.waiting().unwrap();
        assert_eq!(waiting.tries, tries);
        assert_eq!(world.fetcher.turn().await.unwrap(), 0, "it is not due yet");
        world.clock.set(waiting.due_at);
    }
    assert_eq!(failed(world.turn().await), "its server answered 404");
    assert!(world.clock.now() <= later(begun, Duration::from_hours(1)));
    assert_eq!(world.waiting(), None);
    for _ in 0..5 {
        vendor.next().await;
    }
    assert!(vendor.come().is_none());
}

#[tokio::test]
async fn what_may_come_later_waits() {
    let short = Limits {
        total: Duration::from_millis(100),
        ..Limits::MEDIA
    };
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_owned();
    let rows = [
        (Play::answer(500, "", ""), Limits::MEDIA),
        (Play::answer(204, "", ""), Limits::MEDIA),
        (Play::SayAndReset(String::new()), Limits::MEDIA),
        (Play::SayAndReset(half), Limits::MEDIA),
        (Play::Trickle, short),
        (Play::Hang, short),
    ];
    for (play, limits) in rows {
        let vendor = Receiver::playing(vec![play.clone()]).await;
        let world = World::with(&vendor.url("/files/1"), limits);
        assert_eq!(world.turn().await, None, "{play:?}");
        assert_eq!(world.waiting().map(|media| media.tries), Some(1), "{play:?}");
        assert_eq!(
            world.blobs.kept.lock().unwrap().len(),
            0,
            "half a file is no file: {play:?}"
        );
    }
}

#[tokio::test]
async fn what_never_comes_fails_at_once() {
    let canary = Receiver::answering(200).await;
    let small = Limits {
        total: PATIENCE,
        read: 100_000,
        keep: 100_000,
    };
    let forbidden = "not called: its address is private, local or reserved: use a public one, or start Inlet with \
                     --allow CIDR";
    let rows = [
        (Play::Endless, "it is too large to be kept"),
        (leading_to("http://10.0.0.1/latest"), forbidden),
        (leading_to("https://169.254.169.254/latest"), forbidden),
        (leading_to("/files/again"), "it was redirected more than 3 times"),
        (Play::answer(302, "", ""), "it was redirected without a place to go"),
    ];
    for (play, reason) in rows {
        let vendor = Receiver::playing(vec![play.clone()]).await;
        let world = World::with(&vendor.url("/files/1"), small);
        assert_eq!(failed(world.turn().await), reason, "{play:?}");
    }
    let elsewhere = World::with(&canary.url("/elsewhere"), Limits::MEDIA);
    assert_eq!(
        failed(elsewhere.turn().await),
        "vendor files are not fetched from this address"
    );
    let inside = World::with("https://192.168.0.1/files/1", Limits::MEDIA);
    assert_eq!(failed(inside.turn().await), forbidden);
    assert_eq!(canary.connections(), 0);
}
