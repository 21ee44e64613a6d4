//! What became of one message: how it came, whose it was taken to be, where it went, and all of it word for word.

use std::collections::HashMap;

use askama::Template;
use inlet_core::{
    Timestamp,
    channel::Direction,
    delivery::{Attempt, DeliveryStatus},
    ids::{DestinationKey, MessageKey},
    inbound::{MediaState, Strength},
    inbox::ConversationView,
    journal::KeptRequest,
    message::Message,
    outbox::{DeliveryQuery, DeliveryView},
    registry::Location,
    relay::Posted,
};
use inlet_highlevel::read::Reader;

use super::{access::FormToken, fault::Fault, row::Setting, words};
use crate::state::Shared;

mod delivery;
mod request;

pub(super) use delivery::order;
use delivery::{Delivery, answer, delivery};
use request::Request;

/// Deliveries of one message that are told.
const DELIVERIES: usize = 50;

/// All that there is to tell of a message.
#[derive(Clone, Debug)]
pub(super) struct Gathered {
    view: ConversationView,
    message: Message,
    deliveries: Vec<(DeliveryView, Vec<Attempt>)>,
    /// What upstreams are known to have of it.
    posted: HashMap<DestinationKey, Posted>,
    request: Option<KeptRequest>,
}

/// The drawer.
#[derive(Clone, Debug, Template)]
#[template(path = "side.html")]
pub(super) struct Inspector {
    id: String,
    /// What its forms carry.
    token: FormToken,
    /// Where the page is without it.
    close: String,
    steps: Vec<Step>,
    verdicts: Vec<(&'static str, String)>,
    /// The message as the API shows it.
    json: String,
    /// How to read it by the API.
    curl: String,
    external_id: Option<String>,
    request: Option<Request>,
    /// Webhooks.
    deliveries: Vec<Delivery>,
    /// What goes to upstreams.
    forwards: Vec<Delivery>,
    /// Whether there is an upstream at all.
    forwarded: bool,
    history: Vec<(String, String)>,
}

/// One step of a message's way.
#[derive(Clone, Debug)]
struct Step {
    /// `ok`, `wait` or `bad`.
    tone: &'static str,
    label: String,
    note: String,
    /// How long after its arrival.
    after: String,
}

/// Looks everything up.
pub(super) async fn gather(
    shared: &Shared,
    location: &Location,
    view: &ConversationView,
    key: MessageKey,
) -> Result<Gathered, Fault> {
    let message = shared.inbox.message(location.key, key).await?;
    let message = message.filter(|one| one.contact == view.key).ok_or(Fault::NotFound)?;
    let query = DeliveryQuery {
        location: Some(location.key),
        message: Some(key),
        limit: DELIVERIES,
        ..DeliveryQuery::default()
    };
    let mut deliveries = Vec::new();
    for delivery in shared.outbox.list(&query).await? {
        let shown = shared.outbox.show(delivery.key).await?;
        deliveries.push((delivery, shown.map(|(_, _, attempts)| attempts).unwrap_or_default()));
    }
    Ok(Gathered {
        posted: delivery::posted(shared, &message, &deliveries).await?,
        request: shared.journal.of_message(key).await?,
        view: view.clone(),
        message,
        deliveries,
    })
}

impl Inspector {
    pub(super) fn new(found: &Gathered, setting: Setting<'_>) -> Self {
        let ids = &setting.state.ids;
        let id = ids.message(found.message.key);
        let conversation = ids.conversation(found.message.contact);
        let shown: Vec<_> = found
            .deliveries
            .iter()
            .map(|(view, attempts)| delivery(view, attempts, found.posted.get(&view.destination), setting))
            .collect();
        let registry = setting.state.directory.registry();
        let mut upstreams = registry.destinations().iter().filter(|one| one.upstream.is_some());
        Self {
            token: setting.viewer.form_token,
            close: setting.address(&format!("/c/{conversation}"), &[]),
            steps: steps(found, &shown, setting),
            verdicts: verdicts(found),
            json: json(&found.message, setting),
            curl: format!(
                "curl {}/conversations/messages/{id} \\\n  -H 'Authorization: Bearer pit-…' -H 'Version: 2021-04-15'",
                setting.state.settings.public_url
            ),
            external_id: found.message.external_id.clone(),
            request: found.request.as_ref().map(|kept| Request::new(kept, setting)),
            history: history(found, setting),
            forwarded: upstreams.any(|one| one.location == found.message.location),
            forwards: shown.iter().filter(|one| one.upstream).cloned().collect(),
            deliveries: shown.into_iter().filter(|one| !one.upstream).collect(),
            id,
        }
    }
}

fn json(message: &Message, setting: Setting<'_>) -> String {
    let registry = setting.state.directory.registry();
    let reader = Reader {
        location: setting.location,
        registry: &registry,
        ids: &setting.state.ids,
        links: &setting.state.links,
    };
    serde_json::to_string_pretty(&reader.message(message).flat).unwrap_or_default()
}

fn steps(found: &Gathered, deliveries: &[Delivery], setting: Setting<'_>) -> Vec<Step> {
    let message = &found.message;
    let registry = setting.state.directory.registry();
    let provider = registry.provider(message.location, message.provider);
    let adapter = provider.and_then(|provider| setting.state.adapter(provider.adapter.as_deref()?));
    let from = adapter.map_or("the API", |adapter| adapter.title());
    let verified = message
        .detail
        .verified
        .map_or("vouched for by a token", Strength::words);
    let step = |label: String, note: String| Step {
        tone: "ok",
        label,
        note,
        after: String::new(),
    };
    let mut steps = vec![
        step(format!("Arrived from {from}"), verified.to_owned()),
        step("Found the contact".to_owned(), matched(found)),
        step(
            "On disk, then answered".to_owned(),
            format!("message {} of this conversation", message.seq),
        ),
    ];
    for (shown, (view, attempts)) in deliveries.iter().zip(&found.deliveries) {
        let ended = view.finished_at.map(|at| after(message.created_at, at));
        steps.push(Step {
            tone: shown.tone,
            label: format!("{} {}", shown.way, shown.host),
            note: told(view, attempts),
            after: ended.unwrap_or_default(),
        });
    }
    steps
}

/// How the contact was found, as far as what is stored tells.
fn matched(found: &Gathered) -> String {
    let (message, view) = (&found.message, &found.view);
    if message.seq == 1 && view.created_at == message.created_at {
        return "nobody had this number or address: a new one was made".to_owned();
    }
    let other = match message.direction {
        Direction::Inbound => message.detail.from.as_deref(),
        Direction::Outbound => message.detail.to.as_deref(),
    };
    match other {
        Some(number) if view.phone.as_deref() == Some(number) => format!("by phone {}", words::phone(number)),
        Some(address) if view.email.as_deref() == Some(address) => format!("by e-mail {address}"),
        Some(other) => format!("by an identity of theirs; sent from {other}"),
        None => "by an id or an identity that was named".to_owned(),
    }
}

fn told(view: &DeliveryView, attempts: &[Attempt]) -> String {
    let which = match view.attempts {
        0 => "not tried yet".to_owned(),
        1 => "first attempt".to_owned(),
        many => format!("attempt {many}"),
    };
    match attempts.last() {
        Some(last) => format!("{} in {} ms, {which}", answer(last), last.took.as_millis()),
        None => which,
    }
}

fn verdicts(found: &Gathered) -> Vec<(&'static str, String)> {
    let mut verdicts = vec![match found.message.detail.verified {
        Some(Strength::SignedBody) => ("ok", "signed body"),
        Some(Strength::SignedForm) => ("ok", "signed form"),
        Some(Strength::Secret) => ("ok", "shared secret"),
        Some(Strength::Session) => ("warn", "chat session"),
        Some(Strength::Listed) => ("ok", "vendor's list"),
        Some(Strength::UrlToken) => ("warn", "secret address only"),
        Some(Strength::Unsigned) => ("bad", "not verified"),
        None => ("ok", "by token"),
    }];
    let waiting = |status| {
        matches!(
            status,
            DeliveryStatus::Ready | DeliveryStatus::Leased | DeliveryStatus::Blocked | DeliveryStatus::Held
        )
    };
    if found.deliveries.is_empty() {
        verdicts.push(("", "nobody subscribed"));
    } else if found
        .deliveries
        .iter()
        .any(|(view, _)| view.status == DeliveryStatus::Dead)
    {
        verdicts.push(("bad", "a webhook was given up"));
    } else if found.deliveries.iter().any(|(view, _)| waiting(view.status)) {
        verdicts.push(("warn", "a webhook is waiting"));
    } else {
        verdicts.push(("ok", "delivered"));
    }
    verdicts
        .into_iter()
        .map(|(tone, text)| (tone, text.to_owned()))
        .collect()
}

/// How long after `from` something was, as a person reads it.
fn after(from: Timestamp, at: Timestamp) -> String {
    let millis = at.as_millisecond() - from.as_millisecond();
    match millis {
        ..=999 => format!("+{} ms", millis.max(0)),
        1_000..60_000 => format!("+{}.{} s", millis / 1_000, millis / 100 % 10),
        _ => format!("+{} min", millis / 60_000),
    }
}

/// What happened to it, in order of time.
fn history(found: &Gathered, setting: Setting<'_>) -> Vec<(String, String)> {
    let message = &found.message;
    let mut told = vec![(message.created_at, "recorded here".to_owned())];
    if message.occurred_at != message.created_at {
        told.push((message.occurred_at, "written, as the sender says".to_owned()));
    }
    let registry = setting.state.directory.registry();
    for (view, attempts) in &found.deliveries {
        let destination = registry.destination(view.destination);
        let upstream = destination.is_some_and(|found| found.upstream.is_some());
        let what = if upstream { "forward" } else { "webhook" };
        for (number, attempt) in attempts.iter().enumerate() {
            let words = format!("{what} attempt {}: {}", number + 1, answer(attempt));
            told.push((attempt.started_at, words));
        }
        if let Some(at) = view.finished_at {
            told.push((at, format!("{what} {}", view.status.name())));
        }
    }
    told.sort_by_key(|(at, _)| *at);
    let mut history: Vec<_> = told
        .into_iter()
        .map(|(at, words)| (setting.zone.ago(at, setting.now).full, words))
        .collect();
    if let Some(revised) = message.detail.revised {
        history.push((String::new(), revised.words().to_lowercase()));
    }
    for attachment in &message.detail.attachments {
        let words = match &attachment.state {
            MediaState::Linked => "stays where the sender put it".to_owned(),
            MediaState::Pending => "is being fetched".to_owned(),
            MediaState::Kept { size, .. } => format!("is kept, {}", words::size(*size)),
            MediaState::Failed { reason } => format!("could not be fetched: {reason}"),
        };
        history.push((String::new(), format!("a file {words}")));
    }
    history
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_the_arrival_on() {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let cases = [
            (0, "+0 ms"),
            (-5, "+0 ms"),
            (91, "+91 ms"),
            (1_234, "+1.2 s"),
            (600_000, "+10 min"),
        ];
        for (millis, words) in cases {
            assert_eq!(after(at(1_000_000), at(1_000_000 + millis)), words);
        }
    }
}
