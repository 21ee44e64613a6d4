//! What is wrong, in words, with what to do: of destinations, of providers, of requests, and of the installation.

use inlet_core::Timestamp;

use super::{
    super::{
        ask,
        destination::{Destination, Standing},
        frame::Visit,
        providers,
    },
    Store, duration, named, since, used,
};
use crate::state::Shared;

/// Seconds after which what waits is late.
const LATE: i64 = 60;
/// Seconds after which a vendor is silent for long: a weekend and more.
const SILENT: i64 = 3 * 24 * 60 * 60;
/// Seconds within which a new provider's first message may come.
const NEW: i64 = 24 * 60 * 60;
/// Of a disk, the part that should be free, in percent; and bytes below which it is said to be full soon.
const FREE: u64 = 10;
const FEW: u64 = 1 << 30;
/// By how much a clock may be behind what was written last, in milliseconds: nodes' clocks are never quite alike.
const APART: u64 = 2_000;
/// Seconds without a commit after which the store stands still for whoever waits.
const STUCK: i64 = 10;

/// Something that is wrong, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trouble {
    /// `bad` where it is wrong now, `wait` where it will be.
    pub(super) tone: &'static str,
    pub(super) what: String,
    pub(super) todo: String,
    /// Where it can be done.
    pub(super) href: Option<String>,
}

impl Trouble {
    fn new(tone: &'static str, what: impl Into<String>, todo: &str) -> Self {
        Self {
            tone,
            what: what.into(),
            todo: todo.to_owned(),
            href: None,
        }
    }

    fn at(self, href: String) -> Self {
        Self {
            href: Some(href),
            ..self
        }
    }
}

/// What is wrong with destinations.
pub(super) fn of_destinations(visit: &Visit, destinations: &[Destination]) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for one in destinations {
        let host = one.host();
        let late = one
            .oldest()
            .map(|due| since(due, visit.now))
            .filter(|late| *late > LATE);
        let dead = one.dead().map(|dead| {
            let what = format!("{dead} for {host} were given up");
            Trouble::new("bad", what, "See why, mend it, and send them again.")
        });
        let found = stands(host, &one.standing(visit), late).into_iter().chain(dead);
        troubles.extend(found.map(|trouble| trouble.at(visit.path(one.section().path()))));
    }
    troubles
}

/// What is wrong with how a destination stands, where the first that waits is so many seconds late.
fn stands(host: &str, standing: &Standing, late: Option<i64>) -> Option<Trouble> {
    let (tone, what, todo) = match standing {
        Standing::Disabled => (
            "bad",
            format!("{host} is disabled, so its events are held"),
            "Mend it, then enable it; what was held can be sent then.",
        ),
        Standing::Paused => (
            "wait",
            format!("{host} is paused, so its events wait"),
            "Resume it when it is ready.",
        ),
        Standing::LeftAlone(until) => (
            "bad",
            format!("{host} failed too often and is left alone until {until}"),
            "Look at its last attempts and mend it; what waits goes by itself then.",
        ),
        Standing::Full => (
            "bad",
            format!("More waits for {host} than may, so what comes is held"),
            "Mend it or make it faster; what was held can be sent when there is room.",
        ),
        Standing::Recovering | Standing::Working => (
            "wait",
            format!("What waits for {host} is {} late", duration(late?)),
            "It does not answer, or not fast enough: look at its last attempts.",
        ),
    };
    Some(Trouble::new(tone, what, todo))
}

/// Which vendors were not heard of for long.
pub(super) fn of_providers(shared: &Shared, visit: &Visit, all: &[providers::Told]) -> Vec<Trouble> {
    let with_address = all.iter().filter(|told| told.adapter.is_some());
    let found = with_address.filter_map(|told| {
        let (added, heard) = (told.added_at.parse().ok()?, told.heard_at.as_ref());
        silent(
            &named(shared, told),
            (added, heard.and_then(|at| at.parse().ok())),
            visit.now,
        )
    });
    let href = visit.path("/providers");
    found.map(|trouble| trouble.at(href.clone())).collect()
}

/// A provider from which nothing came for long, since it was added or since it was last heard of.
fn silent(name: &str, (added, heard): (Timestamp, Option<Timestamp>), now: Timestamp) -> Option<Trouble> {
    let (seconds, most, what, todo) = match heard {
        Some(heard) => (
            since(heard, now),
            SILENT,
            "Nothing came by",
            "Write to it. If nothing arrives, see whether its address still stands at the vendor.",
        ),
        None => (
            since(added, now),
            NEW,
            "Nothing ever came by",
            "Paste its address at the vendor, and test it.",
        ),
    };
    let what = format!("{what} {name} for {}", duration(seconds));
    (seconds > most).then(|| Trouble::new("wait", what, todo))
}

/// Requests whose number or account is nobody's.
pub(super) fn of_requests(visit: &Visit, parked: bool) -> Option<Trouble> {
    let href = ask::query(&visit.path("/journal"), &[("verdict", Some("parked"))]);
    parked.then(|| {
        let what = "Requests are parked: no provider has their number or account";
        Trouble::new("wait", what, "Add the provider, then process them again.").at(href)
    })
}

/// What is known of the installation.
pub(super) struct Facts<'a> {
    /// Whether it has an address that the world sees.
    pub(super) public: bool,
    pub(super) now: Timestamp,
    pub(super) store: &'a Store,
}

impl Facts<'_> {
    /// What is wrong with it.
    pub(super) fn troubles(&self) -> Vec<Trouble> {
        let public = (!self.public).then(|| {
            Trouble::new(
                "wait",
                "Vendors cannot reach this installation",
                "Start it with --public-url https://…, the address at which the world sees it.",
            )
        });
        let all = [self.disk(), self.stuck(), self.clock(), self.chores(), public];
        all.into_iter().flatten().collect()
    }

    fn disk(&self) -> Option<Trouble> {
        let (free, total) = (self.store.disk_free_bytes?, self.store.disk_bytes?);
        (used(free, total) > 100 - FREE || free < FEW).then(|| {
            Trouble::new(
                "bad",
                "The disk is nearly full",
                "Make room, or move the data folder. On a full disk nothing is taken in, and vendors have to send again.",
            )
        })
    }

    fn stuck(&self) -> Option<Trouble> {
        let wrote = self.store.last_commit_at.as_ref()?.parse().ok()?;
        let seconds = since(wrote, self.now);
        (self.store.waiting_writers > 0 && seconds > STUCK).then(|| {
            Trouble::new(
                "bad",
                format!("Nothing was written for {}, and somebody waits", duration(seconds)),
                "See in the log what the store says; a full disk, a lost database or a slow one. Senders are told to come again.",
            )
        })
    }

    fn clock(&self) -> Option<Trouble> {
        let behind = self.store.clock_behind_ms;
        let seconds = i64::try_from(behind / 1_000).unwrap_or(i64::MAX);
        (behind > APART).then(|| {
            Trouble::new(
                "bad",
                format!("The clock is {} behind what was written last", duration(seconds)),
                "It was set back, or another node's is ahead: let NTP keep it. Messages keep their order meanwhile.",
            )
        })
    }

    fn chores(&self) -> Option<Trouble> {
        let leases = &self.store.leases;
        let done = leases.is_empty() || leases.iter().any(|lease| lease.name == "chores");
        (!done).then(|| {
            Trouble::new(
                "wait",
                "No node does the chores: replays, limits and retention stand still",
                "A node takes them within ten seconds; if none does, see in the log what the store says.",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use inlet_core::clock::Millis;

    use super::{super::Lease, *};

    fn at(seconds: i64) -> Timestamp {
        Millis(seconds * 1_000).timestamp()
    }

    #[test]
    fn a_destination_is_told_by_how_it_stands() {
        let until = || Standing::LeftAlone("12:00:00".to_owned());
        let cases = [
            (Standing::Working, None, None),
            (Standing::Recovering, None, None),
            (
                Standing::Working,
                Some(61),
                Some(("wait", "What waits for a.example is 61 seconds late")),
            ),
            (
                Standing::Recovering,
                Some(7_300),
                Some(("wait", "What waits for a.example is 2 hours late")),
            ),
            (
                Standing::Paused,
                Some(61),
                Some(("wait", "a.example is paused, so its events wait")),
            ),
            (
                Standing::Disabled,
                None,
                Some(("bad", "a.example is disabled, so its events are held")),
            ),
            (
                until(),
                None,
                Some(("bad", "a.example failed too often and is left alone until 12:00:00")),
            ),
            (
                Standing::Full,
                None,
                Some(("bad", "More waits for a.example than may, so what comes is held")),
            ),
        ];
        for (standing, late, expected) in cases {
            let found = stands("a.example", &standing, late);
            let found = found.as_ref().map(|trouble| (trouble.tone, trouble.what.as_str()));
            assert_eq!(found, expected, "{standing:?} {late:?}");
        }
    }

    #[test]
    fn a_vendor_is_silent_after_a_weekend_or_a_first_day() {
        let day = 24 * 60 * 60;
        let cases = [
            (None, day, None),
            (None, day + 1, Some("Nothing ever came by Twilio for 24 hours")),
            (Some(day), 4 * day, None),
            (Some(day), 4 * day + 1, Some("Nothing came by Twilio for 3 days")),
        ];
        for (heard, now, expected) in cases {
            let found = silent("Twilio", (at(0), heard.map(at)), at(now));
            assert_eq!(
                found.map(|trouble| trouble.what).as_deref(),
                expected,
                "{heard:?} {now}"
            );
        }
    }

    /// A store that is well, with one thing changed.
    fn store(change: impl Fn(&mut Store)) -> Store {
        let mut store = Store {
            disk_free_bytes: Some(50 << 30),
            disk_bytes: Some(100 << 30),
            last_commit_at: Some(at(1_000).to_string()),
            ..Store::default()
        };
        change(&mut store);
        store
    }

    #[test]
    fn an_installation_says_what_is_wrong_with_it() {
        let lease = |name: &str| Lease { name: name.to_owned() };
        let both = || vec![lease("chores"), lease("node/0")];
        let cases = [
            (store(|_| ()), ""),
            (
                store(|store| store.waiting_writers = 3),
                "Nothing was written for 20 seconds, and somebody waits",
            ),
            (
                store(|store| store.disk_free_bytes = Some(9 << 30)),
                "The disk is nearly full",
            ),
            (store(|store| store.disk_bytes = Some(51 << 30)), ""),
            (
                store(|store| (store.disk_free_bytes, store.disk_bytes) = (Some(1 << 29), Some(1 << 30))),
                "The disk is nearly full",
            ),
            (store(|store| store.clock_behind_ms = 2_000), ""),
            (
                store(|store| store.clock_behind_ms = 61_000),
                "The clock is 61 seconds behind what was written last",
            ),
            (store(|store| store.leases = both()), ""),
            (
                store(|store| store.leases = vec![lease("node/0")]),
                "No node does the chores: replays, limits and retention stand still",
            ),
        ];
        for (store, expected) in cases {
            let facts = Facts {
                public: true,
                now: at(1_020),
                store: &store,
            };
            let found: Vec<String> = facts.troubles().into_iter().map(|trouble| trouble.what).collect();
            assert_eq!(found.join("; "), expected, "{store:?}");
        }
    }

    #[test]
    fn numbers_are_told_in_a_unit_that_fits() {
        for (seconds, words) in [
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_200, "2 hours"),
            (200_000, "2 days"),
        ] {
            assert_eq!(duration(seconds), words);
        }
        assert_eq!([used(25, 100), used(0, 0)], [75, 100]);
    }
}
