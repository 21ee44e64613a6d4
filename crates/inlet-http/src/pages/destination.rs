//! A destination as its card shows it: what state it is in, in words, how much waits, and what can be done about it.

use inlet_core::Timestamp;
use serde::Deserialize;

use super::{
    ask,
    fault::Fault,
    frame::{Section, Visit},
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

    /// How it stands.
    pub(super) fn standing(&self, visit: &Visit) -> Standing {
        let parked = self.parked_until.as_ref().filter(|until| is_ahead(until, visit));
        match (self.state.as_str(), parked) {
            ("paused", _) => Standing::Paused,
            ("disabled", _) => Standing::Disabled,
            (_, Some(until)) => Standing::LeftAlone(visit.clock(until)),
            (_, None) if self.full => Standing::Full,
            (_, None) if self.recovering => Standing::Recovering,
            (_, None) => Standing::Working,
        }
    }

    /// When the first that waits was due.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.counts.oldest_due_at.as_ref()?.parse().ok()
    }

    /// How many were given up, in words.
    pub(super) fn dead(&self) -> Option<String> {
        (self.counts.dead > 0).then(|| number_of(self.counts.dead, self.counted))
    }

    /// The section that it stands in.
    pub(super) fn section(&self) -> Section {
        match self.upstream_location {
            Some(_) => Section::Forwarding,
            None => Section::Webhooks,
        }
    }

    /// Where it leads, without what stands behind the host.
    pub(super) fn host(&self) -> &str {
        host(&self.url)
    }
}

/// How a destination stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// Somebody told it to wait.
    Paused,
    /// Nothing is sent, by somebody's word or because it was gone.
    Disabled,
    /// It failed too often, and is left alone until then.
    LeftAlone(String),
    /// More waits than may.
    Full,
    /// It failed before, and is tried carefully.
    Recovering,
    /// All is well.
    Working,
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
            dead: one.dead(),
            held: (counts.held > 0).then(|| told(counts.held)),
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
    let (tone, word, why) = match one.standing(visit) {
        Standing::Paused => return ("wait", "paused".to_owned(), one.reason.clone()),
        Standing::Disabled => return ("bad", "disabled".to_owned(), one.reason.clone()),
        Standing::LeftAlone(until) => (
            "bad",
            format!("left alone until {until}"),
            "It failed too often, so it is left alone for a while; what comes waits. Nothing is lost.",
        ),
        Standing::Full => (
            "bad",
            "full".to_owned(),
            "More waits than may: what comes is held until half of the room is free again.",
        ),
        Standing::Recovering => (
            "wait",
            "recovering".to_owned(),
            "It failed before and is trusted a little more with each good answer.",
        ),
        Standing::Working => return ("ok", "working".to_owned(), None),
    };
    (tone, word, Some(why.to_owned()))
}

fn is_ahead(stamp: &str, visit: &Visit) -> bool {
    stamp.parse::<Timestamp>().is_ok_and(|at| at > visit.now)
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
