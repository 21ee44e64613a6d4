//! What waits for the writer, and the batch that is made of it.

use std::{future::Future, pin::Pin};

use inlet_core::{
    change::Change,
    intake::{Receipt, Refusal},
};
use tokio::sync::{mpsc, oneshot};

use super::Desk;
use crate::{error::StoreError, waist::Answer};

/// Where the answers to one sender's changes go.
type Sender = oneshot::Sender<Vec<Result<Receipt, Refusal>>>;

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
pub(crate) trait Write: Send {
    /// Does it, in the transaction. An error is the whole transaction's.
    fn run<'a>(&'a mut self, desk: &'a mut Desk) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;
    /// Answers who waits: what came of it, or the failure of the transaction.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

/// A job of one kind, with who waits for it.
pub(crate) struct Waiting<T, F> {
    job: Option<F>,
    done: Result<T, StoreError>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Waiting<T, F>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Desk) -> Answer<'a, T> + Send + 'static,
{
    /// The job for the queue, and where its answer will come.
    pub(crate) fn queue(job: F) -> (Box<dyn Write>, oneshot::Receiver<Result<T, StoreError>>) {
        let (answer, waiting) = oneshot::channel();
        let done = Err(StoreError::Broken("it was not done".to_owned()));
        let job = Some(job);
        (Box::new(Self { job, done, answer }), waiting)
    }
}

impl<T, F> Write for Waiting<T, F>
where
    T: Send,
    F: for<'a> FnOnce(&'a mut Desk) -> Answer<'a, T> + Send,
{
    fn run<'a>(&'a mut self, desk: &'a mut Desk) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>> {
        Box::pin(async move {
            let Some(job) = self.job.take() else {
                return Ok(());
            };
            let rings = desk.rings.len();
            desk.waist.begin_part().await?;
            match job(desk).await {
                Err(error) if error.is_broken() => return Err(error),
                done => self.done = done,
            }
            if self.done.is_err() {
                desk.rings.truncate(rings);
            }
            desk.waist.end_part(self.done.is_ok()).await
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
const MOST: usize = 512;

/// All that goes into one transaction.
#[derive(Default)]
pub(super) struct Batch {
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
            Job::Changes(mut changes, sender) => {
                self.senders.push((changes.len(), sender));
                self.changes.append(&mut changes);
            }
            Job::Write(write) => self.writes.push(write),
            Job::Close(closed) => {
                jobs.close();
                self.closing.push(closed);
            }
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
    pub(super) fn answer(&mut self) {
        let mut answers = self.answers.drain(..);
        for (count, sender) in self.senders.drain(..) {
            let _ = sender.send(answers.by_ref().take(count).collect());
        }
        for write in self.writes.drain(..) {
            write.answer(None);
        }
    }

    /// Answers everybody that it cannot be done now.
    pub(super) fn refuse(self, error: &StoreError) {
        for (count, sender) in self.senders {
            let _ = sender.send(vec![Err(Refusal::Unavailable(error.to_string())); count]);
        }
        for write in self.writes {
            write.answer(Some(error));
        }
    }
}
