//! `inlet destination warm`: reads whom HighLevel has already, so that they cost no call when they first write.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::{Trouble, desk::Desk, pause, provider::path_part};

/// How long one wait between two pages is at most: then it is asked again.
const LONGEST_WAIT: u64 = 60_000;

#[derive(Args, Debug)]
pub(super) struct Warm {
    /// The destination's id.
    id: String,
}

/// What was read so far.
#[derive(Default)]
struct Sum {
    contacts: u64,
    identities: u64,
    calls: u64,
}

impl Warm {
    pub(super) async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let path = format!("/destinations/{}/warm", path_part(&self.id));
        let mut sum = Sum::default();
        let mut after: Option<String> = None;
        loop {
            let page = desk.post(&path, &json!({ "after": after })).await?;
            let number = |key: &str| page.get(key).and_then(Value::as_u64).unwrap_or_default();
            if page.get("wait_until").is_some_and(Value::is_string) {
                pause(Duration::from_millis(number("wait_ms").min(LONGEST_WAIT))).await;
                continue;
            }
            sum.contacts += number("contacts");
            sum.identities += number("identities");
            sum.calls += 1;
            let all = page.get("total").and_then(Value::as_u64);
            let all = all.map(|all| format!(" of {all}")).unwrap_or_default();
            desk.printer.progress(&format!("{}{all} contacts", sum.contacts))?;
            after = page.get("next").and_then(Value::as_str).map(str::to_owned);
            if after.is_none() {
                break;
            }
        }
        let done = json!({ "contacts": sum.contacts, "identities": sum.identities, "calls": sum.calls });
        desk.printer.show(&done, |_| {
            format!(
                "{} contacts were read with {} calls, and {} numbers and addresses are known now: whoever has one of them costs \
                 no call more than the message.",
                sum.contacts, sum.calls, sum.identities
            )
        })
    }
}
