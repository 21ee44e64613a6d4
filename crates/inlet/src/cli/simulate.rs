//! `inlet simulate`: sends the running server webhooks as a vendor would sign and send them, and says what became of them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use clap::Args;
use inlet_core::{clock::Clock, journal::RawRequest};
use inlet_delivery::loopback;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    task::{JoinError, JoinSet},
    time::{Interval, MissedTickBehavior, interval},
};

use super::{Trouble, desk::Desk};
use crate::ports::SystemClock;

/// Samples that are asked for at once.
const CHUNK: usize = 200;
/// Requests between two lines of progress.
const PROGRESS: usize = 100;
/// Requests of which is told what became.
const TOLD: usize = 20;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  inlet simulate twilio --provider ID --from +14155550100 --body Hello
  inlet simulate twilio --provider ID --from +14155550100 --body Hello --repeat     the second one is recognised
  inlet simulate twilio --provider ID --from +14155550100 --body Hello --forge      refused, see `inlet request list`
  inlet simulate twilio --provider ID --from +14155550100 --body Look --scenario mms --media https://example.com/cat.png
  inlet simulate twilio --provider ID --from +14155550100 --body Hello --count 1000 --at-once 32 --repeat=5 --forge=1")]
pub(super) struct Flags {
    /// The vendor, such as twilio.
    #[arg(value_name = "ADAPTER")]
    adapter: String,
    /// The provider it is for.
    #[arg(long, value_name = "ID")]
    provider: String,
    /// Who it is from.
    #[arg(long, value_name = "+1…")]
    from: String,
    /// What it says.
    #[arg(long, value_name = "TEXT")]
    body: String,
    /// What kind of message, such as mms, whatsapp, messenger or rcs; a plain text unless said.
    #[arg(long, value_name = "NAME", default_value = "")]
    scenario: String,
    /// The address of a file that it carries, once for each file.
    #[arg(long, value_name = "URL")]
    media: Vec<String>,
    /// How many different messages.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    count: u32,
    /// How many a second; as fast as they are answered unless said.
    #[arg(long, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: Option<u32>,
    /// How many are under way at once.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    at_once: u16,
    /// Send messages twice, as a vendor does that heard no answer: each, or so many of a hundred.
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, require_equals = true, default_missing_value = "100",
          default_value_t = 0, hide_default_value = true, value_parser = clap::value_parser!(u8).range(0..=100))]
    repeat: u8,
    /// Sign wrongly, as someone does who is not the vendor: each, or so many of a hundred.
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, require_equals = true, default_missing_value = "100",
          default_value_t = 0, hide_default_value = true, value_parser = clap::value_parser!(u8).range(0..=100))]
    forge: u8,
}

#[derive(Deserialize)]
struct Samples {
    listening: String,
    requests: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    request: RawRequest,
    repeat: bool,
}

/// A request that was answered: whether it was the second time, with what, and how soon.
type Answered = (RawRequest, bool, Result<u16, Trouble>, Duration);

/// What became of one request.
#[derive(Serialize)]
struct Fate {
    status: u16,
    repeated: bool,
    #[serde(flatten)]
    became: Became,
}

#[derive(Serialize, Deserialize)]
struct Became {
    #[serde(rename = "message_ids")]
    messages: Vec<String>,
    verdict: Option<String>,
    reason: Option<String>,
}

/// What was answered so far.
#[derive(Default)]
struct Tally {
    sent: usize,
    by_status: BTreeMap<u16, usize>,
    /// How soon each was.
    took: Vec<Duration>,
    /// Of the first ones.
    fates: Vec<Fate>,
}

pub(super) async fn run(flags: Flags, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let mut pace = flags.rate.map(|rate| {
        let mut pace = interval(Duration::from_secs(1) / rate);
        pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
        pace
    });
    let mut left = usize::try_from(flags.count).unwrap_or(usize::MAX);
    let mut tally = Tally::default();
    while left > 0 {
        let samples = flags.samples(left.min(CHUNK), desk).await?;
        left -= samples.requests.len().clamp(1, left);
        flags.send(samples, &mut pace, &mut tally, desk).await?;
    }
    let answers: BTreeMap<String, usize> = tally
        .by_status
        .iter()
        .map(|(status, count)| (status.to_string(), *count))
        .collect();
    tally.took.sort_unstable();
    let within = json!({ "p50": millis(tally.within(50)), "p99": millis(tally.within(99)) });
    let done = json!({ "sent": tally.sent, "answers": answers, "answered_ms": within, "became": tally.fates });
    let suffix = desk.suffix.clone();
    desk.printer.show(&done, |_| tally.words(&suffix))?;
    if flags.forge > 0 { Ok(()) } else { tally.judged() }
}

impl Flags {
    async fn samples(&self, count: usize, desk: &mut Desk<'_>) -> Result<Samples, Trouble> {
        let wish = json!({
            "adapter": self.adapter,
            "provider": self.provider,
            "from": self.from,
            "body": self.body,
            "scenario": self.scenario,
            "media": self.media,
            "forge": self.forge,
            "repeat": self.repeat,
            "count": count,
        });
        let samples = desk.post("/simulate", &wish).await?;
        serde_json::from_value(samples)
            .map_err(|error| Trouble::new(format!("the server's samples cannot be read: {error}")))
    }

    /// Sends the samples, so many at once, and notes what was answered.
    async fn send(
        &self,
        samples: Samples,
        pace: &mut Option<Interval>,
        tally: &mut Tally,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        let clock = Arc::new(SystemClock::default());
        let mut under_way: JoinSet<Answered> = JoinSet::new();
        for sample in samples.requests {
            for repeated in [false, true].into_iter().take(1 + usize::from(sample.repeat)) {
                if let Some(pace) = pace {
                    pace.tick().await;
                }
                if under_way.len() >= usize::from(self.at_once) {
                    self.note(under_way.join_next().await, tally, desk).await?;
                }
                let (listening, request, clock) =
                    (samples.listening.clone(), sample.request.clone(), Arc::clone(&clock));
                under_way.spawn(async move {
                    let began = clock.monotonic();
                    let status = post(&listening, &request).await;
                    (request, repeated, status, clock.monotonic().saturating_sub(began))
                });
            }
        }
        while !under_way.is_empty() {
            self.note(under_way.join_next().await, tally, desk).await?;
        }
        Ok(())
    }

    async fn note(
        &self,
        answered: Option<Result<Answered, JoinError>>,
        tally: &mut Tally,
        desk: &mut Desk<'_>,
    ) -> Result<(), Trouble> {
        let Some(answered) = answered else { return Ok(()) };
        let broken = |error: JoinError| Trouble::new(format!("a sample was not sent: {error}"));
        let (request, repeated, status, took) = answered.map_err(broken)?;
        let status = status?;
        tally.took.push(took);
        tally.note(status, desk)?;
        if tally.fates.len() < TOLD {
            let became = self.became(&request, desk).await?;
            tally.fates.push(Fate {
                status,
                repeated,
                became,
            });
        }
        Ok(())
    }

    async fn became(&self, request: &RawRequest, desk: &mut Desk<'_>) -> Result<Became, Trouble> {
        let sent = json!({ "provider": self.provider, "request": request });
        let became = desk.post("/simulate/became", &sent).await?;
        serde_json::from_value(became)
            .map_err(|error| Trouble::new(format!("what became of the sample cannot be read: {error}")))
    }
}

/// Milliseconds, to the tenth.
fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

async fn post(listening: &str, request: &RawRequest) -> Result<u16, Trouble> {
    let url = format!("{listening}{}", request.target);
    let sent = loopback::send(&request.method, &url, &request.headers, request.body.clone()).await;
    let reply = sent.map_err(|error| Trouble::new(format!("the sample could not be sent to {listening}: {error}")))?;
    Ok(reply.status)
}

impl Tally {
    fn note(&mut self, status: u16, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        self.sent += 1;
        *self.by_status.entry(status).or_default() += 1;
        if self.sent.is_multiple_of(PROGRESS) {
            desk.printer.progress(&format!("{} sent", self.sent))?;
        }
        Ok(())
    }

    fn words(&self, suffix: &str) -> String {
        let mut lines: Vec<String> = self.fates.iter().map(Fate::words).collect();
        if self.sent > self.fates.len() {
            lines.push(format!("… and {} more", self.sent - self.fates.len()));
        }
        let answers = self
            .by_status
            .iter()
            .map(|(status, count)| format!("{count} × {status}"));
        lines.push(format!(
            "{} sent, answered {}.",
            self.sent,
            answers.collect::<Vec<_>>().join(", ")
        ));
        if self.sent > 1 {
            let [half, most] = [50, 99].map(|percent| millis(self.within(percent)));
            lines.push(format!(
                "Half were answered within {half} ms, 99 of 100 within {most} ms."
            ));
        }
        if let Some(message) = self.fates.iter().find_map(|fate| fate.became.messages.first()) {
            lines.push(format!("The whole life of the first: inlet trace {message}{suffix}"));
        }
        lines.join("\n")
    }

    /// Within what time so many of a hundred were answered, once they are in order.
    fn within(&self, percent: usize) -> Duration {
        let place = (self.took.len() * percent).div_ceil(100).saturating_sub(1);
        self.took.get(place).copied().unwrap_or_default()
    }

    /// Whether what was sent as the vendor sends it was taken.
    fn judged(&self) -> Result<(), Trouble> {
        let lost = self.fates.iter().find_map(|fate| fate.became.reason.as_ref());
        if let Some(reason) = lost {
            return Err(Trouble::new(format!("not all of it was recorded: {reason}")));
        }
        match self.by_status.keys().find(|status| **status >= 400) {
            Some(status) => Err(Trouble::new(format!(
                "not all of it was taken: some was answered {status}, see `inlet request list`"
            ))),
            None => Ok(()),
        }
    }
}

impl Fate {
    fn words(&self) -> String {
        let reason = self.became.reason.as_deref().unwrap_or_default();
        let said = match (self.became.messages.as_slice(), self.became.verdict.as_deref()) {
            ([], Some(verdict)) => format!("{verdict}: {reason}; see `inlet request list`"),
            ([], None) => "no message, and nothing in the journal".to_owned(),
            (messages, _) if self.repeated => format!("recognised as a repeat of message {}", messages.join(" ")),
            (messages, _) => format!("message {}", messages.join(" ")),
        };
        format!("{}  {said}", self.status)
    }
}
