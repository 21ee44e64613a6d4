//! What waits for the writer, and the batch that is made of it.

use std::{collections::BTreeMap, future::Future, pin::Pin};

use inlet_core::{
    change::{Change, What},
    ids::LocationKey,
    intake::{Receipt, Refusal},
};
use tokio::sync::{mpsc, oneshot};

use super::Desk;
use crate::{error::StoreError, waist::Answer};

/// Where the answers to one sender's changes go.
pub(crate) type Sender = oneshot::Sender<Vec<Result<Receipt, Refusal>>>;

/// Something for the writer to do.
pub(crate) enum Job {
    /// Changes of one sender, answered together.
    Changes(Vec<Change>, Sender),
    /// Anything else that is written.
    Write(Box<dyn Write>),
    /// The end: what is queued before is done, what comes after is turned away.
    Close(oneshot::Sender<()>),
}

/// A piece of writing that is no change. It spoils no other: it is undone by itself if it fails.
pub(crate) trait Write: Send + Sync {
    /// Does it, in the transaction; again, where the engine undid that. An error is the whole transaction's.
    fn run<'a>(&'a mut self, desk: &'a mut Desk) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;
    /// Answers who waits: what came of it, or the failure of the transaction.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

/// A job of one kind, with who waits for it.
pub(crate) struct Waiting<T, F> {
    job: F,
    done: Result<T, StoreError>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Waiting<T, F>
where
    T: Send + Sync + 'static,
    F: for<'a> Fn(&'a mut Desk) -> Answer<'a, T> + Send + Sync + 'static,
{
    /// The job for the queue, and where its answer will come.
    pub(crate) fn queue(job: F) -> (Box<dyn Write>, oneshot::Receiver<Result<T, StoreError>>) {
        let (answer, waiting) = oneshot::channel();
        let done = Err(StoreError::Broken("it was not done".to_owned()));
        (Box::new(Self { job, done, answer }), waiting)
    }
}

impl<T, F> Write for Waiting<T, F>
where
    T: Send + Sync,
    F: for<'a> Fn(&'a mut Desk) -> Answer<'a, T> + Send + Sync,
{
    fn run<'a>(&'a mut self, desk: &'a mut Desk) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>> {
        Box::pin(async move {
            let job = &self.job;
            let rings = desk.rings.len();
            desk.waist.begin_part().await?;
            let mut done = job(desk).await;
            if done.is_ok()
                && let Err(error) = desk.waist.end_part(true).await
            {
                done = Err(error);
            }
            match done {
                Err(error) if error.is_broken() => Err(error),
                Err(error) => {
                    self.done = Err(error);
                    desk.rings.truncate(rings);
                    desk.waist.end_part(false).await
                }
                done => {
                    self.done = done;
                    Ok(())
                }
            }
        })
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        let answer = match failure {
            Some(failure) => Err(failure.clone()),
            None => self.done,
        };
        // Who no longer waits does not need the answer.
        let _ = self.answer.send(answer);
    }
}

/// Changes in one batch, at most: so that nobody waits long for the others.
pub(crate) const MOST: usize = 512;

/// All that goes into one transaction.
#[derive(Default)]
pub(crate) struct Batch {
    pub(super) changes: Vec<Change>,
    pub(super) answers: Vec<Result<Receipt, Refusal>>,
    pub(super) writes: Vec<Box<dyn Write>>,
    pub(super) closing: Vec<oneshot::Sender<()>>,
    senders: Vec<(usize, Sender)>,
}

impl Batch {
    /// Waits for a job, then takes all that is waiting; `None` when there will be no more.
    pub(super) fn gather(jobs: &mut mpsc::Receiver<Job>) -> Option<Self> {
        let mut batch = Self::default();
        batch.add(jobs.blocking_recv()?, jobs);
        while batch.changes.len() + batch.writes.len() < MOST {
            let Ok(job) = jobs.try_recv() else {
                break;
            };
            batch.add(job, jobs);
        }
        Some(batch)
    }

    fn add(&mut self, job: Job, jobs: &mut mpsc::Receiver<Job>) {
        match job {
            Job::Changes(changes, sender) => self.add_changes(changes, sender),
            Job::Write(write) => self.add_write(write),
            Job::Close(closed) => {
                jobs.close();
                self.closing.push(closed);
            }
        }
    }

    /// Adds the changes of one sender.
    pub(crate) fn add_changes(&mut self, mut changes: Vec<Change>, sender: Sender) {
        self.senders.push((changes.len(), sender));
        self.changes.append(&mut changes);
    }

    /// Adds a piece of writing.
    pub(crate) fn add_write(&mut self, write: Box<dyn Write>) {
        self.writes.push(write);
    }

    /// How much there is to do.
    pub(crate) fn len(&self) -> usize {
        self.changes.len() + self.writes.len()
    }

    /// Each piece of writing by itself, and each location's changes; a batch that has no such parts is the only one.
    pub(crate) fn parts(mut self) -> Vec<Self> {
        let mut locations: BTreeMap<Option<LocationKey>, Self> = BTreeMap::new();
        for (changes, sender) in self.take_apart() {
            let location = changes.first().map(|change| change.location);
            locations.entry(location).or_default().add_changes(changes, sender);
        }
        let alone = |write| Self {
            writes: vec![write],
            ..Self::default()
        };
        locations
            .into_values()
            .chain(self.writes.into_iter().map(alone))
            .collect()
    }

    /// Whether there is anything to write that is no change.
    pub(crate) fn has_writes(&self) -> bool {
        !self.writes.is_empty()
    }

    /// The changes of each sender, with where they are answered.
    fn take_apart(&mut self) -> Vec<(Vec<Change>, Sender)> {
        let mut rest = std::mem::take(&mut self.changes);
        let senders = std::mem::take(&mut self.senders).into_iter();
        let own = senders.map(|(count, sender)| {
            let others = rest.split_off(count.min(rest.len()));
            (std::mem::replace(&mut rest, others), sender)
        });
        own.collect()
    }

    /// Refuses whose repeat would not be known as one, because nobody knows whether they were recorded.
    pub(crate) fn refuse_unrepeatable(&mut self, error: &StoreError) {
        for (own, sender) in self.take_apart() {
            if own.iter().all(is_repeatable) {
                self.add_changes(own, sender);
            } else {
                let _ = sender.send(vec![Err(Refusal::Unavailable(error.to_string())); own.len()]);
            }
        }
        for write in self.writes.drain(..) {
            write.answer(Some(error));
        }
    }

    /// The changes of each sender.
    pub(super) fn by_sender(&self) -> impl Iterator<Item = &[Change]> {
        let mut rest = self.changes.as_slice();
        self.senders.iter().map(move |(count, _)| {
            let (own, others) = rest.split_at_checked(*count).unwrap_or((rest, &[]));
            rest = others;
            own
        })
    }

    /// Answers everybody with what came of it.
    pub(crate) fn answer(&mut self) {
        let mut answers = self.answers.drain(..);
        for (count, sender) in self.senders.drain(..) {
            let _ = sender.send(answers.by_ref().take(count).collect());
        }
        for write in self.writes.drain(..) {
            write.answer(None);
        }
    }

    /// Answers everybody that it cannot be done now.
    pub(crate) fn refuse(self, error: &StoreError) {
        for (count, sender) in self.senders {
            let _ = sender.send(vec![Err(Refusal::Unavailable(error.to_string())); count]);
        }
        for write in self.writes {
            write.answer(Some(error));
        }
    }
}

/// A message without a key of its own would be recorded twice, and a contact or note made twice; a later word says the
/// same again.
fn is_repeatable(change: &Change) -> bool {
    match change.what {
        What::Message(_) => !change.keys.is_empty(),
        What::Contact(_) => false,
        What::Status { .. }
        | What::Call { .. }
        | What::CallOverdue { .. }
        | What::Media { .. }
        | What::Attachments { .. }
        | What::Mark { .. } => true,
    }
}
