//! The chore of the gap filler: now and then, and first of all after a start, each list is compared with what is there.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use inlet_core::{
    Timestamp,
    backlog::Backlog,
    clock::later,
    directory::StoreFault,
    gaps::{Ask, Compared, Gaps, Obstacle, Reconcile},
    ids::{EndpointKey, ProviderKey},
    registry::{Provider, Registry},
};
use metrics::counter;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::Filler;

/// How often it is looked whether a list is due.
const EVERY: Duration = Duration::from_secs(10);
/// How far before the end of the last comparison the next one begins: a list may be behind the webhooks.
const OVERLAP: Duration = Duration::from_hours(1);
/// Pages that are read of one list in a row.
const PAGES: usize = 20;
/// What is said of a list whose pages lead back to one that was read.
const IN_A_CIRCLE: &str = "its pages lead in a circle";

/// Compares what is due.
#[derive(Debug)]
pub struct Watch {
    filler: Filler,
    gaps: Arc<dyn Gaps>,
    backlog: Arc<dyn Backlog>,
    /// How long after a comparison the next one is due.
    pause: Duration,
    /// When each list is due, where it is known.
    due: HashMap<ProviderKey, Timestamp>,
    /// Comparisons under way: where the next page is.
    runs: HashMap<ProviderKey, Run>,
}

/// A comparison that is under way.
#[derive(Clone, Debug)]
struct Run {
    began: Timestamp,
    since: Timestamp,
    page: Option<String>,
    /// The pages that were named so far.
    named: HashSet<String>,
}

impl Watch {
    /// One for which every list is due.
    pub fn new(filler: Filler, gaps: Arc<dyn Gaps>, backlog: Arc<dyn Backlog>, pause: Duration) -> Self {
        Self {
            filler,
            gaps,
            backlog,
            pause,
            due: HashMap::new(),
            runs: HashMap::new(),
        }
    }

    /// Reads some pages of each list that is due; answers what was counted. Of several nodes one does it.
    pub async fn turn(&mut self) -> Result<Compared, StoreFault> {
        let mut total = Compared::default();
        if !self.backlog.leads().await? {
            return Ok(total);
        }
        let registry = self.filler.0.directory.registry();
        for provider in lists(&registry, &self.filler) {
            let now = self.filler.0.clock.now();
            if self.due.get(&provider.key).is_none_or(|due| *due <= now) {
                self.go_on(&registry, provider, &mut total).await?;
            }
        }
        Ok(total)
    }

    /// Keeps turning until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let work = async {
            loop {
                every.tick().await;
                if let Err(fault) = self.turn().await {
                    tracing::warn!(%fault, "vendors' lists could not be compared");
                }
            }
        };
        shutdown.run_until_cancelled(work).await;
    }

    async fn go_on(
        &mut self,
        registry: &Registry,
        provider: &Provider,
        total: &mut Compared,
    ) -> Result<(), StoreFault> {
        let mut run = match self.runs.remove(&provider.key) {
            Some(run) => run,
            None => self.begin(registry, provider).await?,
        };
        for _ in 0..PAGES {
            let ask = Ask {
                location: provider.location,
                provider: provider.key,
                since: run.since,
                page: run.page.clone(),
            };
            let now = self.filler.0.clock.now();
            match self.filler.page(&ask).await {
                Ok(compared) => {
                    count(&compared, total);
                    let circle = compared.next.clone().is_some_and(|next| !run.named.insert(next));
                    if circle {
                        self.give_up(provider, (now, IN_A_CIRCLE));
                        return Ok(());
                    }
                    run.page = compared.next;
                    if run.page.is_none() {
                        self.gaps.close(provider.location, provider.key, run.began).await?;
                        self.due.insert(provider.key, later(now, self.pause));
                        return Ok(());
                    }
                }
                Err(Obstacle::Later { reason, pause }) => {
                    tracing::warn!(provider = provider.id, reason, "a vendor's list could not be read now");
                    self.due.insert(provider.key, later(now, pause));
                    self.runs.insert(provider.key, run);
                    return Ok(());
                }
                Err(Obstacle::Unable(reason)) => {
                    self.give_up(provider, (now, &reason));
                    return Ok(());
                }
            }
        }
        self.runs.insert(provider.key, run);
        Ok(())
    }

    fn give_up(&mut self, provider: &Provider, (now, reason): (Timestamp, &str)) {
        tracing::info!(provider = provider.id, reason, "a vendor's list cannot be read");
        self.due.insert(provider.key, later(now, self.pause));
    }

    /// A comparison from where the last one ended; at first, from when the webhook was made.
    async fn begin(&self, registry: &Registry, provider: &Provider) -> Result<Run, StoreFault> {
        let closed = self.gaps.closed_until(provider.location, provider.key).await?;
        let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key));
        let made = endpoint.map_or(Timestamp::UNIX_EPOCH, |endpoint| endpoint.created_at);
        let overlapping = closed.and_then(|closed| closed.checked_sub(OVERLAP).ok());
        Ok(Run {
            began: self.filler.0.clock.now(),
            since: overlapping.map_or(made, |since| since.max(made)),
            page: None,
            named: HashSet::new(),
        })
    }
}

/// The providers whose vendors have a list: one for each account of each endpoint, for a list is a whole account's.
fn lists<'r>(registry: &'r Registry, filler: &Filler) -> Vec<&'r Provider> {
    let mut known: HashSet<(Option<EndpointKey>, Option<&str>)> = HashSet::new();
    let providers = registry.providers().iter();
    let listed = providers.filter(|provider| filler.place(registry, provider).is_ok());
    listed
        .filter(|provider| known.insert((provider.endpoint, provider.account.as_deref())))
        .collect()
}

fn count(compared: &Compared, total: &mut Compared) {
    for (outcome, count, sum) in [
        ("recorded", compared.recorded, &mut total.recorded),
        ("known", compared.known, &mut total.known),
        ("unassigned", compared.unassigned, &mut total.unassigned),
        ("refused", compared.refused, &mut total.refused),
    ] {
        *sum += count;
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        counter!("inlet_gap_messages_total", "outcome" => outcome).increment(count);
    }
    total.listed += compared.listed;
}
