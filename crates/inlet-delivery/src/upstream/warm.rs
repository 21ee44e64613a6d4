//! The map warmed: an upstream's contacts are read in bulk, page by page, before the first message. What comes in goes
//! first: when little of the day is left, this waits.

use std::time::Duration;

use inlet_core::{
    clock::later,
    delivery::Outcome,
    registry::Destination,
    relay::{CallKind, Hindered, Note, Warmed},
};
use inlet_highlevel::relay::{answer, cure, people};

use super::{
    Upstreams,
    call::{Call, Reply},
    journey::Journey,
};

/// When to look again where little of the day is left.
const SCARCE: Duration = Duration::from_hours(1);
/// When to try again what was not answered.
const AGAIN: Duration = Duration::from_secs(5);

impl Upstreams {
    /// Reads one page of a destination's contacts and remembers them.
    pub(super) async fn read_contacts(
        &self,
        destination: &Destination,
        after: Option<&str>,
    ) -> Result<Warmed, Hindered> {
        let journey = Journey::new(self, destination);
        let mut journey = journey.ok_or_else(|| Hindered::Refused("this destination is a webhook".to_owned()))?;
        let now = self.parts.clock.now();
        if self.parts.governors.is_scarce(&journey.account, now) {
            return Err(Hindered::Until(later(now, SCARCE)));
        }
        let read = read(&mut journey, after).await;
        let put_down = journey.put_down(Outcome::Delivered).await;
        match (read, put_down) {
            (Ok(warmed), Outcome::Delivered) => Ok(warmed),
            // What could not be written down is read again.
            (Ok(_), _) => Err(Hindered::Until(later(now, AGAIN))),
            (Err(hindered), _) => Err(hindered),
        }
    }
}

async fn read(journey: &mut Journey<'_>, after: Option<&str>) -> Result<Warmed, Hindered> {
    let body = people::body(&journey.upstream.location, after);
    let call = Call::post(CallKind::Warm, "/contacts/search", body);
    let reply = match journey.call(&call).await {
        Ok(reply) => reply,
        Err(outcome) => return Err(hindered(journey, &outcome)),
    };
    let again = later(journey.now(), AGAIN);
    let (status, body) = match reply {
        Reply::Answered { status, body } => (status, body),
        Reply::NeverLeft(failure) => return Err(Hindered::Refused(failure.to_string())),
        Reply::Lost(_) => return Err(Hindered::Until(again)),
    };
    match status {
        200..300 => {}
        429 | 500.. => return Err(Hindered::Until(again)),
        _ => return Err(refused(status, &body)),
    }
    let page = people::read(&body);
    let page = page.ok_or_else(|| Hindered::Refused("HighLevel's list of contacts cannot be read".to_owned()))?;
    let mut identities = 0;
    for (id, found) in &page.contacts {
        identities += found.len();
        let known = found.iter().map(|one| Note::Known(one.clone(), id.clone()));
        journey.notes.extend(known);
    }
    Ok(Warmed {
        contacts: page.contacts.len(),
        identities,
        total: page.total,
        next: page.next,
    })
}

fn hindered(journey: &Journey<'_>, outcome: &Outcome) -> Hindered {
    match outcome {
        Outcome::Later { at, .. } => Hindered::Until(*at),
        Outcome::Disable { reason } => Hindered::Refused((*reason).to_owned()),
        Outcome::Delivered | Outcome::Retry { .. } | Outcome::Dead { .. } => {
            Hindered::Refused(journey.heard.words.clone().unwrap_or_default())
        }
    }
}

fn refused(status: u16, body: &[u8]) -> Hindered {
    let said = answer::said(body);
    let change = cure::find(status, &said).map(|cure| cure.change).unwrap_or_default();
    Hindered::Refused(
        format!("HighLevel answered {status} {said} {change}")
            .trim_end()
            .to_owned(),
    )
}
