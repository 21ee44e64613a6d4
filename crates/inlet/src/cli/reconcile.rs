//! `inlet provider reconcile`: page by page through what the vendor kept, so that it can be stopped anywhere and run again.

use std::{collections::HashSet, time::Duration};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Trouble, desk::Desk, pause, provider::path_part};

/// Pauses in a row after which it is given up.
const PATIENCE: u32 = 5;
/// The longest that is waited; who is told to wait for longer is told so in turn.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

#[derive(Args, Debug)]
pub(super) struct Reconcile {
    /// The provider's id; all providers of its account at the same webhook are compared with it.
    id: String,
    /// What came from then on: 2026-11-20T00:00:00Z, or so long ago: 90m, 24h, 7d [default: 24h].
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
}

/// What became of the messages of one page, and of all.
#[derive(Default, Serialize, Deserialize)]
struct Counts {
    listed: usize,
    recorded: usize,
    known: usize,
    unassigned: usize,
    refused: usize,
}

#[derive(Deserialize)]
struct Page {
    #[serde(flatten)]
    counts: Counts,
    next: Option<String>,
    pause_ms: Option<u64>,
    reason: Option<String>,
}

impl Reconcile {
    pub(super) async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let mut course = Course::default();
        let mut page = None;
        loop {
            let answer = self.page(page, desk).await?;
            match course.after(answer)? {
                Step::Done => break,
                Step::Next(next) => {
                    desk.printer.progress(&course.total.words())?;
                    page = Some(next);
                }
                Step::Again { same, wait, reason } => {
                    let seconds = wait.as_millis().div_ceil(1_000);
                    desk.printer.progress(&format!("{reason}: waiting {seconds} s"))?;
                    pause(wait).await;
                    page = same;
                }
            }
        }
        let done = serde_json::to_value(&course.total).unwrap_or_default();
        desk.printer.show(&done, |_| course.total.words())
    }

    async fn page(&self, page: Option<String>, desk: &mut Desk<'_>) -> Result<Page, Trouble> {
        let path = format!("/providers/{}/reconcile", path_part(&self.id));
        let answer = desk.post(&path, &json!({ "since": self.since, "page": page })).await?;
        serde_json::from_value(answer).map_err(|error| Trouble::new(format!("the answer cannot be read: {error}")))
    }
}

/// What comes after a page.
#[derive(PartialEq, Eq, Debug)]
enum Step {
    /// It was the last one.
    Done,
    /// This page.
    Next(String),
    /// The same page, after a while.
    Again {
        same: Option<String>,
        wait: Duration,
        reason: String,
    },
}

/// How far the list was read.
#[derive(Default)]
struct Course {
    total: Counts,
    /// Pauses in a row.
    pauses: u32,
    /// The pages that were named.
    named: HashSet<String>,
}

impl Course {
    /// Counts what a page brought; what is next, or why there is an end.
    fn after(&mut self, page: Page) -> Result<Step, Trouble> {
        if let Some(millis) = page.pause_ms {
            let (wait, reason) = (Duration::from_millis(millis), page.reason.unwrap_or_default());
            self.pauses += 1;
            if wait > LONGEST_WAIT {
                let minutes = wait.as_secs().div_ceil(60);
                return Err(stopped(
                    &reason,
                    &format!("run this again in {minutes} minutes, as it asks for"),
                ));
            }
            if self.pauses > PATIENCE {
                return Err(stopped(&reason, "run this again later"));
            }
            return Ok(Step::Again {
                same: page.next,
                wait,
                reason,
            });
        }
        self.pauses = 0;
        self.total.add(&page.counts);
        match page.next {
            None => Ok(Step::Done),
            Some(next) if self.named.insert(next.clone()) => Ok(Step::Next(next)),
            Some(_) => Err(stopped("the vendor's list leads in a circle", "ask the vendor")),
        }
    }
}

/// Why it stopped in the midst of the list, and what to do.
fn stopped(reason: &str, what: &str) -> Trouble {
    Trouble::new(format!("{reason}: what was listed before is recorded; {what}"))
}

impl Counts {
    fn add(&mut self, page: &Self) {
        self.listed += page.listed;
        self.recorded += page.recorded;
        self.known += page.known;
        self.unassigned += page.unassigned;
        self.refused += page.refused;
    }

    fn words(&self) -> String {
        format!(
            "{} listed: {} had been missed and are recorded, {} were there, {} are for numbers that no provider of this webhook has, {} cannot be recorded.",
            self.listed, self.recorded, self.known, self.unassigned, self.refused
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(next: Option<&str>, pause: Option<u64>) -> Page {
        Page {
            counts: Counts {
                listed: 2,
                recorded: 1,
                known: 1,
                ..Counts::default()
            },
            next: next.map(str::to_owned),
            pause_ms: pause,
            reason: pause.map(|_| "the vendor's API answered 429".to_owned()),
        }
    }

    /// What each answer leads to: the page and the wait in milliseconds, or the end in words.
    fn course(answers: &[(Option<&str>, Option<u64>)]) -> Vec<String> {
        let mut course = Course::default();
        let steps = answers
            .iter()
            .map(|&(next, pause)| match course.after(page(next, pause)) {
                Ok(Step::Done) => format!("done {}", course.total.listed),
                Ok(Step::Next(next)) => next,
                Ok(Step::Again { same, wait, .. }) => format!("{same:?} in {}", wait.as_millis()),
                Err(trouble) => trouble.to_string(),
            });
        steps.collect()
    }

    #[test]
    fn it_waits_as_it_is_told_and_goes_on_with_the_same_page() {
        let answers = [
            (None, Some(90_000)),
            (Some("b"), None),
            (Some("b"), Some(900_000)),
            (Some("b"), Some(1)),
            (None, None),
        ];
        let steps = [
            "None in 90000",
            "b",
            "Some(\"b\") in 900000",
            "Some(\"b\") in 1",
            "done 4",
        ];
        assert_eq!(course(&answers), steps);
    }

    #[test]
    fn it_says_what_to_do_and_never_loops() {
        let patient = [(None, Some(1_000)); 6];
        let end = "the vendor's API answered 429: what was listed before is recorded; ";
        assert_eq!(course(&patient)[4], "None in 1000");
        assert_eq!(course(&patient)[5], format!("{end}run this again later"));
        let long = course(&[(Some("b"), Some(3_600_000))]);
        assert_eq!(long, [format!("{end}run this again in 60 minutes, as it asks for")]);
        let circle = course(&[(Some("b"), None), (Some("c"), None), (Some("b"), None)]);
        assert!(circle[2].contains("leads in a circle"), "{circle:?}");
        // A page between two pauses begins the count anew.
        let mixed = [patient.as_slice(), &[(Some("b"), None)], &patient].concat();
        let mixed = course(&mixed[1..]);
        assert_eq!(mixed[5], "b");
        assert_eq!(mixed[10], "None in 1000");
    }
}
