//! The worker's loop: woken by hints, never held up by a slow receiver, and ended without leaving anything open.

use std::{sync::Arc, time::Duration};

use inlet_core::{
    bell::{Bell, Ring},
    delivery::{DeliveryStatus, Fate},
    ids::{DestinationKey, LocationKey},
    registry::Destination,
};
use inlet_delivery::{
    hints::Hints,
    worker::{Parts, Worker},
};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::support::{
    FixedDirectory, PATIENCE, StillClock, destination,
    outbox::MemoryOutbox,
    receiver::{Play, Receiver},
    webhooks,
};

pub(crate) struct Running {
    pub(crate) outbox: Arc<MemoryOutbox>,
    clock: Arc<StillClock>,
    hints: Arc<Hints>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    fn with(destinations: Vec<Destination>) -> Self {
        Self::within(destinations, PATIENCE)
    }

    /// Where an attempt may take so long.
    pub(crate) fn within(destinations: Vec<Destination>, deadline: Duration) -> Self {
        let (outbox, clock, hints) = (MemoryOutbox::new(), StillClock::new(), Arc::new(Hints::default()));
        let directory = FixedDirectory::with_destinations(destinations);
        let worker = Arc::new(Worker::new(Parts {
            outbox: Arc::<MemoryOutbox>::clone(&outbox),
            sender: Arc::new(webhooks(&directory, &clock, deadline)),
            directory,
            clock: Arc::<StillClock>::clone(&clock),
            hints: Arc::clone(&hints),
            governors: inlet_delivery::upstream::governor::Governors::default(),
            deadline,
        }));
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(worker.run(shutdown.clone()));
        Self {
            outbox,
            clock,
            hints,
            shutdown,
            task,
        }
    }

    /// Promises an event, and rings as the store does after the commit.
    pub(crate) fn promise(&self, destination: i64) {
        self.outbox.promise(destination, &self.clock);
        self.hints.ring(&[Ring::Promised {
            location: LocationKey(1),
            destination: DestinationKey(destination),
        }]);
    }

    async fn until_delivered(&self, count: usize) {
        let all = async {
            while self.outbox.count(DeliveryStatus::Delivered) < count {
                self.outbox.settled().await;
            }
        };
        timeout(PATIENCE, all).await.expect("not all was delivered");
    }

    pub(crate) async fn end(self) -> Arc<MemoryOutbox> {
        self.shutdown.cancel();
        timeout(PATIENCE * 2, self.task).await.expect("it did not end").unwrap();
        self.outbox
    }
}

#[tokio::test]
async fn a_slow_receiver_does_not_hold_up_another() {
    let mut slow = Receiver::playing(vec![Play::Hang]).await;
    let mut quick = Receiver::answering(200).await;
    let all = vec![destination(1, &slow.url("/")), destination(2, &quick.url("/"))];
    let running = Running::with(all);
    for _ in 0..20 {
        running.promise(1);
    }
    for _ in 0..8 {
        slow.next().await;
    }
    for _ in 0..20 {
        running.promise(2);
    }
    running.until_delivered(20).await;
    quick.next().await;
    assert!(slow.come().is_none(), "the slow one has its eight and no more");
    assert_eq!(running.outbox.log().len(), 20, "and none of them has ended");
    drop(slow);
    let outbox = running.end().await;
    assert_eq!(
        outbox.count(DeliveryStatus::Leased),
        0,
        "what was under way is settled at the end"
    );
    let again = |fate: &Fate| matches!(fate, Fate::Again { counted: true, .. });
    assert_eq!(
        outbox.log().iter().filter(|settlement| again(&settlement.fate)).count(),
        8
    );
}

#[tokio::test]
async fn a_backlog_is_worked_off_without_further_hints() {
    let receiver = Receiver::answering(200).await;
    let running = Running::with(vec![destination(1, &receiver.url("/"))]);
    for _ in 0..299 {
        running.outbox.promise(1, &running.clock);
    }
    running.promise(1);
    running.until_delivered(300).await;
    let outbox = running.end().await;
    assert_eq!(outbox.log().len(), 300, "each was sent once");
    assert!(receiver.connections() <= 8, "over at most eight connections");
}

#[tokio::test]
async fn what_no_hint_told_of_is_found_by_the_poll() {
    let receiver = Receiver::answering(200).await;
    let running = Running::with(vec![destination(1, &receiver.url("/"))]);
    running.outbox.promise(1, &running.clock);
    running.until_delivered(1).await;
    running.end().await;
}

#[tokio::test]
async fn after_the_end_nothing_is_claimed() {
    let receiver = Receiver::answering(200).await;
    let running = Running::with(vec![destination(1, &receiver.url("/"))]);
    running.shutdown.cancel();
    running.promise(1);
    let outbox = running.end().await;
    assert_eq!(outbox.count(DeliveryStatus::Ready), 1);
    assert_eq!(receiver.connections(), 0);
}
