//! A destination as its card shows it: what state it is in, in words, how much waits, and what can be done about it.

use serde::Deserialize;

use super::{
    ask,
    fault::Fault,
    frame::Visit,
    moment::Moment,
    words::{count, host},
};
use crate::state::Shared;

/// A destination as the admin API tells of it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Destination {
    pub(super) id: String,
    pub(super) url: String,
    events: Vec<String>,
    pub(super) state: String,
    reason: Option<String>,
    parked_until: Option<String>,
    schedule: String,
    ordering: String,
    filters: Vec<String>,
    rate: Option<u32>,
    full: bool,
    recovering: bool,
    pub(super) upstream_location: Option<String>,
    #[serde(skip)]
    counts: Counts,
    /// How far each was counted.
    #[serde(skip)]
    counted: usize,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Counts {
    destination: String,
    pending: usize,
    oldest_due_at: Option<String>,
    dead: usize,
    held: usize,
}

#[derive(Deserialize)]
struct List {
    destinations: Vec<Destination>,
}

#[derive(Deserialize)]
struct Counted {
    limit: usize,
    counts: Vec<Counts>,
}

impl Destination {
    /// Those of the location, with their counts.
    pub(super) async fn all(shared: &Shared, visit: &Visit) -> Result<Vec<Self>, Fault> {
        let location = Some(visit.location.id.as_str());
        let list: List = ask::get(shared, &ask::query("/destinations", &[("location", location)])).await?;
        let path = ask::query("/deliveries/counts", &[("location", location)]);
        let counted: Counted = ask::get(shared, &path).await?;
        let mut all = list.destinations;
        for one in &mut all {
            let counts = counted.counts.iter().find(|counts| counts.destination == one.id);
            one.counts = counts.cloned().unwrap_or_default();
            one.counted = counted.limit;
        }
        Ok(all)
    }

    /// Where it leads, without what stands behind the host.
    pub(super) fn host(&self) -> &str {
        host(&self.url)
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) tone: &'static str,
    pub(super) state: String,
    /// Why it is so, and what to do.
    pub(super) why: Option<String>,
    pub(super) events: String,
    pub(super) facts: Vec<String>,
    pub(super) pending: String,
    /// How long the first has been waiting.
    pub(super) oldest: Option<Moment>,
    pub(super) dead: Option<String>,
    pub(super) held: Option<String>,
    /// Verb and label of what can be done.
    pub(super) verbs: Vec<(&'static str, &'static str)>,
    pub(super) disabled: bool,
}

impl Card {
    pub(super) fn new(one: &Destination, visit: &Visit) -> Self {
        let (tone, state, why) = state(one, visit);
        let counts = &one.counts;
        let told = |number: usize| number_of(number, one.counted);
        let some = |number: usize| (number > 0).then(|| told(number));
        Self {
            id: one.id.clone(),
            url: one.url.clone(),
            tone,
            state,
            why,
            events: one.events.join(", "),
            facts: facts(one),
            pending: told(counts.pending),
            oldest: (counts.pending > 0)
                .then(|| visit.maybe_ago(counts.oldest_due_at.as_ref()))
                .flatten(),
            dead: some(counts.dead),
            held: some(counts.held),
            verbs: match one.state.as_str() {
                "active" => vec![("pause", "Pause"), ("disable", "Disable")],
                "paused" => vec![("resume", "Resume"), ("disable", "Disable")],
                _ => Vec::new(),
            },
            disabled: one.state == "disabled",
        }
    }
}

/// Its state in a word, and why in a sentence.
fn state(one: &Destination, visit: &Visit) -> (&'static str, String, Option<String>) {
    let parked = one.parked_until.as_ref().filter(|until| is_ahead(until, visit));
    match (one.state.as_str(), parked) {
        ("paused", _) => ("wait", "paused".to_owned(), one.reason.clone()),
        ("disabled", _) => ("bad", "disabled".to_owned(), one.reason.clone()),
        (_, Some(until)) => {
            let why = "It failed too often, so it is left alone for a while; what comes waits. Nothing is lost.";
            (
                "bad",
                format!("left alone until {}", visit.clock(until)),
                Some(why.to_owned()),
            )
        }
        (_, None) if one.full => {
            let why = "More waits than may: what comes is held until half of the room is free again.";
            ("bad", "full".to_owned(), Some(why.to_owned()))
        }
        (_, None) if one.recovering => {
            let why = "It failed before and is trusted a little more with each good answer.";
            ("wait", "recovering".to_owned(), Some(why.to_owned()))
        }
        (_, None) => ("ok", "working".to_owned(), None),
    }
}

fn is_ahead(stamp: &str, visit: &Visit) -> bool {
    stamp.parse::<inlet_core::Timestamp>().is_ok_and(|at| at > visit.now)
}

fn facts(one: &Destination) -> Vec<String> {
    let order = match one.ordering.as_str() {
        "strict" => Some("strictly in order"),
        "best_effort" => Some("in order, as far as they succeed"),
        _ => None,
    };
    let mut facts: Vec<String> = order.into_iter().map(str::to_owned).collect();
    if one.schedule != "standard" && one.upstream_location.is_none() {
        facts.push(format!("tried again by the schedule {}", one.schedule));
    }
    if let Some(rate) = one.rate {
        facts.push(format!("at most {rate} a second"));
    }
    facts.extend(one.filters.iter().map(|filter| format!("only where {filter}")));
    facts
}

/// A count; beyond how far was counted there may be more.
fn number_of(number: usize, counted: usize) -> String {
    let words = count(u64::try_from(number).unwrap_or(u64::MAX));
    if number >= counted {
        format!("{words} or more")
    } else {
        words
    }
}
