//! `inlet provider reconcile`: page by page through what the vendor kept, so that it can be stopped anywhere and run again.

use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Trouble, desk::Desk, provider::path_part};

/// Pauses in a row after which it is given up.
const PATIENCE: u32 = 5;

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
        let (mut total, mut page, mut pauses) = (Counts::default(), None, 0);
        loop {
            let answer = self.page(page, desk).await?;
            if let Some(pause) = answer.pause_ms {
                pauses += 1;
                let reason = answer.reason.unwrap_or_default();
                if pauses > PATIENCE {
                    return Err(Trouble::new(format!(
                        "{reason}: what was listed before is recorded; try again later"
                    )));
                }
                desk.printer
                    .progress(&format!("{reason}: waiting {} s", pause.div_ceil(1_000)))?;
                rest(Duration::from_millis(pause)).await;
            } else {
                pauses = 0;
                total.add(&answer.counts);
                desk.printer.progress(&total.words())?;
                if answer.next.is_none() {
                    break;
                }
            }
            page = answer.next;
        }
        let done = serde_json::to_value(&total).unwrap_or_default();
        desk.printer.show(&done, |_| total.words())
    }

    async fn page(&self, page: Option<String>, desk: &mut Desk<'_>) -> Result<Page, Trouble> {
        let path = format!("/providers/{}/reconcile", path_part(&self.id));
        let answer = desk.post(&path, &json!({ "since": self.since, "page": page })).await?;
        serde_json::from_value(answer).map_err(|error| Trouble::new(format!("the answer cannot be read: {error}")))
    }
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

async fn rest(pause: Duration) {
    let mut ticks = tokio::time::interval(pause.max(Duration::from_millis(1)));
    ticks.tick().await;
    ticks.tick().await;
}
