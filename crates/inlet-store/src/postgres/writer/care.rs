//! What a node does beside writing: it keeps its number, polls the registry's version, tells other nodes what it has
//! committed, and hears what they have.

use std::{future::poll_fn, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};
use tokio_postgres::{AsyncMessage, Client};

use super::Office;
use crate::{
    error::StoreError,
    postgres::{
        connect::Heard,
        lease::{Number, give_back, keep_number, mark_of, take_number},
        news::CHANNEL,
    },
};

/// How often the version of the registry is asked for.
const POLL: Duration = Duration::from_secs(1);
/// How often the node's number is held for longer.
const KEEP: Duration = Duration::from_secs(10);
/// How often other nodes are told, at most.
const TELL: Duration = Duration::from_millis(100);
/// How long after a lost connection it is listened again.
const AGAIN: Duration = Duration::from_secs(2);

/// Runs until it is ended.
pub(super) struct Care {
    over: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Begins.
pub(super) fn begin(office: &Arc<Office>, number: Number) -> Care {
    let (over, _) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(keep(Arc::clone(office), number, over.subscribe()));
    tasks.spawn(look(Arc::clone(office), over.subscribe()));
    tasks.spawn(tell(Arc::clone(office), over.subscribe()));
    tasks.spawn(hear(Arc::clone(office), over.subscribe()));
    Care { over, tasks }
}

impl Care {
    /// Ends all of it; the number is given back.
    pub(super) async fn end(self) {
        self.over.send_replace(true);
        self.tasks.join_all().await;
    }
}

/// Ticks until it is over.
async fn tick(every: &mut tokio::time::Interval, over: &mut watch::Receiver<bool>) -> bool {
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::select! {
        biased;
        _ = over.wait_for(|over| *over) => false,
        _ = every.tick() => true,
    }
}

async fn keep(office: Arc<Office>, mut number: Number, mut over: watch::Receiver<bool>) {
    let mut every = interval(KEEP);
    while tick(&mut every, &mut over).await {
        match keep_or_change(&office, number).await {
            Ok(kept) => number = kept,
            Err(error) => tracing::warn!(%error, "this node's number could not be held for longer"),
        }
    }
    let given = async {
        let mut waist = office.connection().await?;
        give_back(&mut waist, number, mark_of(office.scribe.keys())).await
    };
    if let Err(error) = given.await {
        tracing::warn!(%error, "this node's number was not given back: it is free again in a minute");
    }
}

/// A node that stood still for so long that another one has its number takes the next free one.
async fn keep_or_change(office: &Office, number: Number) -> Result<Number, StoreError> {
    let mut waist = office.connection().await?;
    let (now, mark) = (office.scribe.clock().now(), mark_of(office.scribe.keys()));
    if keep_number(&mut waist, number, now, mark).await? {
        return Ok(number);
    }
    let Some(other) = take_number(&mut waist, number.owner, now).await? else {
        return Ok(number);
    };
    tracing::warn!(
        from = number.node,
        to = other.node,
        "this node stood still and goes on under another number"
    );
    office.scribe.keys().move_to(other.node);
    Ok(other)
}

async fn look(office: Arc<Office>, mut over: watch::Receiver<bool>) {
    let mut every = interval(POLL);
    while tick(&mut every, &mut over).await {
        if let Err(error) = office.fresh.look().await {
            tracing::warn!(%error, "who owns what could not be asked for");
        }
    }
}

async fn tell(office: Arc<Office>, mut over: watch::Receiver<bool>) {
    let mut every = interval(TELL);
    while tick(&mut every, &mut over).await {
        let letters = office.news.letters();
        if letters.is_empty() {
            continue;
        }
        // A hint that does not get through is no loss.
        let Ok(client) = office.database.pool.get().await else {
            continue;
        };
        let Ok(statement) = client.prepare_cached("select pg_notify($1, $2)").await else {
            continue;
        };
        for letter in letters {
            let _ = client.execute(&statement, &[&CHANNEL, &letter]).await;
        }
    }
}

async fn hear(office: Arc<Office>, mut over: watch::Receiver<bool>) {
    let mut every = interval(AGAIN);
    while tick(&mut every, &mut over).await {
        let Ok((client, heard)) = office.database.alone().await else {
            continue;
        };
        tokio::select! {
            _ = over.wait_for(|over| *over) => return,
            () = listen(&office, (client, heard)) => {}
        }
    }
}

/// Hears until the connection is lost.
async fn listen(office: &Office, (client, mut heard): (Client, Heard)) {
    let words = format!("listen {CHANNEL}");
    let mut asked = Box::pin(client.batch_execute(&words));
    let mut listening = false;
    loop {
        let next = poll_fn(|context| {
            if !listening && asked.as_mut().poll(context).is_ready() {
                listening = true;
            }
            heard.poll_message(context)
        });
        match next.await {
            Some(Ok(AsyncMessage::Notification(letter))) => act(office, letter.payload()).await,
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return,
        }
    }
}

async fn act(office: &Office, letter: &str) {
    let rings = office.news.read(letter);
    if rings.contains(&inlet_core::bell::Ring::Directory) {
        // The poll finds it, if this does not.
        let _ = office.fresh.look().await;
    }
    office.scribe.ring(&rings);
}
