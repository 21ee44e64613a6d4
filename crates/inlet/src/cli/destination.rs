//! `inlet destination`: add one (its secret is shown this once), list them, and say whether they are sent to.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Trouble,
    desk::{Desk, query},
    print::{items, table, text},
    provider::path_part,
    upstream::{Authorise, Relay},
    warm::Warm,
};

#[derive(Subcommand, Debug)]
pub(super) enum Verb {
    /// Add a webhook to which events are sent, its secret printed this once; or HighLevel as the upstream.
    #[command(after_help = "Examples:
  inlet destination add --location ID --url https://example.com/hook --event InboundMessage
  inlet destination add --location ID --upstream --upstream-location ve9EPM428h8vShlRW1KT --token-env HIGHLEVEL_TOKEN")]
    Add(Box<Add>),
    /// List the destinations.
    List {
        /// Those of one location only.
        #[arg(long, value_name = "ID")]
        location: Option<String>,
    },
    /// Send nothing for now; what is promised waits.
    Pause(Which),
    /// Send again, what waited first.
    Resume(Which),
    /// Send nothing and hold what is promised until it is enabled.
    Disable(Which),
    /// End a disablement, whoever made it. What was held stays held, unless it is released.
    Enable(Enable),
    /// Give an upstream another token, or another refresh token.
    Authorise(Authorise),
    /// Read whom an upstream has already, so that they cost no call when they first write.
    Warm(Warm),
    /// Replace the secret; the new one is printed this once, and the old one still signs for a while.
    RotateSecret(Rotate),
}

#[derive(Args, Debug)]
pub(super) struct Enable {
    /// The destination's id.
    id: String,
    /// Send what was held, in order.
    #[arg(long)]
    release: bool,
    /// How many of the held in a second [default: 20].
    #[arg(long, value_name = "N", requires = "release")]
    rate: Option<u32>,
}

#[derive(Args, Debug)]
pub(super) struct Rotate {
    /// The destination's id.
    id: String,
    /// For how many hours the old secret still signs [default: 24].
    #[arg(long, value_name = "HOURS")]
    grace: Option<u64>,
}

#[derive(Args, Debug)]
pub(super) struct Which {
    /// The destination's id.
    id: String,
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// The location whose events it hears.
    #[arg(long, value_name = "ID")]
    location: String,
    /// The address of the webhook.
    #[arg(
        long,
        value_name = "https://…",
        required_unless_present = "upstream",
        conflicts_with = "upstream"
    )]
    url: Option<String>,
    #[command(flatten)]
    relay: Relay,
    /// What it hears, once for each event; what comes in, unless said.
    #[arg(long = "event", value_name = "NAME")]
    events: Vec<String>,
    /// The app whose id its events carry; the built-in one unless said.
    #[arg(long, value_name = "ID")]
    app: Option<String>,
    /// When failed deliveries are tried again: standard, highlevel, or seconds such as 5,30,120.
    #[arg(long)]
    schedule: Option<String>,
    /// How many deliveries may be under way at once.
    #[arg(long, value_name = "N")]
    max_inflight: Option<u32>,
    /// In which order it gets the events of a conversation.
    #[arg(long, value_parser = ["none", "best_effort", "strict"])]
    ordering: Option<String>,
    /// Which events it wants, such as 'channel = sms and tag = vip and body contains urgent'; all of these must hold.
    #[arg(long = "filter", value_name = "EXPR")]
    filters: Vec<String>,
    /// How many attempts may begin in a second.
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// How many deliveries may wait; what comes beyond them is held.
    #[arg(long, value_name = "N")]
    max_pending: Option<u32>,
}

pub(super) async fn run(verb: Verb, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    match verb {
        Verb::Add(add) => add.run(desk).await,
        Verb::List { location } => {
            let found = desk.get(&query("/destinations", &[("location", location)])).await?;
            let columns = ["id", "location", "url", "events", "state", "reason"];
            let none = "There is no destination yet: `inlet destination add --location ID --url https://…` adds one.";
            desk.printer.show(&found, |found| {
                let listed = table(found, "destinations", &columns, none);
                listed + &disabled(found)
            })
        }
        Verb::Pause(which) => change(&which.id, "pause", desk).await,
        Verb::Resume(which) => change(&which.id, "resume", desk).await,
        Verb::Disable(which) => change(&which.id, "disable", desk).await,
        Verb::Enable(enable) => enable.run(desk).await,
        Verb::Authorise(authorise) => authorise.run(desk).await,
        Verb::Warm(warm) => warm.run(desk).await,
        Verb::RotateSecret(rotate) => rotate.run(desk).await,
    }
}

/// What becomes of the events of disabled destinations, a line each.
fn disabled(found: &Value) -> String {
    let all = items(found, "destinations").iter();
    let disabled = all
        .filter(|one| text(one, "state") == "disabled")
        .map(|one| text(one, "id"));
    let line = |id| {
        format!(
            "\nWhat is promised to {id} is held, since it is disabled: `inlet destination enable {id} --release` sends it."
        )
    };
    disabled.map(line).collect()
}

async fn change(id: &str, verb: &str, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let changed = desk
        .post(&format!("/destinations/{}/{verb}", path_part(id)), &json!({}))
        .await?;
    desk.printer.show(&changed, |changed| {
        format!("Destination {} is {} now.", text(changed, "id"), text(changed, "state"))
    })
}

impl Enable {
    async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let how = json!({ "release": self.release, "rate": self.rate });
        let path = format!("/destinations/{}/enable", path_part(&self.id));
        let changed = desk.post(&path, &how).await?;
        let release = self.release;
        desk.printer.show(&changed, |changed| {
            let held = if release {
                "What was held is sent in order: `inlet delivery replays` shows how far it came."
            } else {
                "What was held stays held: `inlet delivery replay --destination ID --status held` sends it."
            };
            format!(
                "Destination {} is {} now. {held}",
                text(changed, "id"),
                text(changed, "state")
            )
        })
    }
}

impl Rotate {
    async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let path = format!("/destinations/{}/rotate-secret", path_part(&self.id));
        let rotated = desk.post(&path, &json!({ "grace": self.grace })).await?;
        desk.printer.show(&rotated, |rotated| {
            format!(
                "New secret (not shown again)\n{}\nThe one before it still signs beside it until {}.",
                text(rotated, "secret"),
                text(rotated, "old_until")
            )
        })
    }
}

impl Add {
    async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let wish = json!({
            "location": self.location,
            "url": self.url,
            "upstream": self.relay.wish()?,
            "events": self.events,
            "app": self.app,
            "schedule": self.schedule,
            "max_inflight": self.max_inflight,
            "ordering": self.ordering,
            "filters": self.filters,
            "rate": self.rate,
            "max_pending": self.max_pending,
        });
        let added = desk.post("/destinations", &wish).await?;
        if self.relay.upstream {
            return desk.printer.show(&added, |added| {
                format!(
                    "Destination {} is there: each message is written to HighLevel with one call.\n\
                     `inlet ledger` shows the calls; `inlet delivery list --destination {0} --status dead` what was refused.\n\n\
                     If you have an app at HighLevel, give it this webhook URL, for the events ContactCreate, ContactUpdate,\n\
                     ContactDelete, InboundMessage and OutboundMessage: whom HighLevel knows is known here before they write.\n{1}",
                    text(added, "id"),
                    text(added, "webhook_url")
                )
            });
        }
        desk.printer.show(&added, |added| {
            format!(
                "Destination {} is there.\n\nSecret (Standard Webhooks; not shown again)\n{}\n\n\
                 Public key (X-GHL-Signature)\n{}\nappId in its events: {}",
                text(added, "id"),
                text(added, "secret"),
                text(added, "public_key"),
                text(added, "app_id"),
            )
        })
    }
}
