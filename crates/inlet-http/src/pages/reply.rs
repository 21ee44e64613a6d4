//! The box to reply in: by the channel and the provider that the conversation came by. Where nobody would send what is
//! written, it is closed and says why.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use inlet_core::{
    channel::Direction,
    contact::Contact,
    inbox::ConversationView,
    intake::Refusal,
    message::Message,
    registry::{Location, Provider},
};
use inlet_highlevel::{
    add_inbound::Door,
    fault::Words,
    send::{Sending, kind_of},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    cut::Cut,
    fault::Fault,
    find::{find_conversation, messages},
    person,
    row::Setting,
    words,
};
use crate::{sending::is_taken, state::Shared};

/// The box.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Reply {
    /// Where it goes.
    pub(super) action: String,
    /// By what it is sent, in words.
    pub(super) by: String,
    /// Why it is closed.
    pub(super) closed: Option<&'static str>,
}

/// A way to reply: the message that is answered, its provider, and how the API calls what is sent so.
struct Way<'m> {
    answered: &'m Message,
    provider: Provider,
    kind: &'static str,
}

const NO_MESSAGE: &str = "There is nothing to reply to yet.";
const NO_KIND: &str = "Nothing can be sent by this channel.";
const NOBODY: &str = "Nobody would send it: set the vendor's credentials on the page of providers, or add a provider with a delivery URL.";

impl Reply {
    pub(super) fn new(view: &ConversationView, page: &[Message], setting: Setting<'_>) -> Self {
        let id = setting.state.ids.conversation(view.key);
        let way = way(page, setting.state);
        let (by, closed) = match way.and_then(|way| setting.only_looks().map_or(Ok(way), Err)) {
            Ok(way) => {
                let channel = words::channel_name(way.answered.channel);
                let number = way.provider.number.as_deref().map(words::phone);
                (
                    format!(
                        "{channel}{}",
                        number.map(|number| format!(" from {number}")).unwrap_or_default()
                    ),
                    None,
                )
            }
            Err(why) => (String::new(), Some(why)),
        };
        Self {
            action: setting.address(&format!("/c/{id}/reply"), &[]),
            by,
            closed,
        }
    }
}

/// How a reply would go: as the newest message that came in did.
fn way<'m>(page: &'m [Message], state: &crate::state::State) -> Result<Way<'m>, &'static str> {
    let inbound = page.iter().filter(|message| message.direction == Direction::Inbound);
    let newest = inbound.max_by_key(|message| message.seq).ok_or(NO_MESSAGE)?;
    let registry = state.directory.registry();
    let provider = registry.provider(newest.location, newest.provider).ok_or(NO_KIND)?;
    let kind = kind_of(newest.channel, &provider.kind).ok_or(NO_KIND)?;
    let outbound = Message {
        direction: Direction::Outbound,
        ..newest.clone()
    };
    if !is_taken(state, &registry, &outbound, &provider) {
        return Err(NOBODY);
    }
    Ok(Way {
        answered: newest,
        provider,
        kind,
    })
}

/// What is written.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ReplyForm {
    text: String,
}

/// `POST /l/{location}/c/{conversation}/reply`
pub(super) async fn send(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    Query(cut): Query<Cut>,
    Form(form): Form<ReplyForm>,
) -> Result<Response, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let page = messages(&shared, &location, view.key, None).await?.messages;
    let contact = person::contact(&shared, &location, &view).await?;
    let refused = |why: String| Ok((StatusCode::UNPROCESSABLE_ENTITY, why).into_response());
    let change = match change(&shared, &location, (&contact, &page), &form.text) {
        Ok(change) => change,
        Err(why) => return refused(why),
    };
    match shared.intake.submit(vec![change]).await.pop() {
        Some(Ok(_)) => {
            let query = cut.with(&[]);
            Ok(Redirect::to(&format!("/l/{}/c/{conversation}{query}", location.id)).into_response())
        }
        Some(Err(Refusal::Unavailable(_))) | None => Err(Fault::Store),
        Some(Err(refusal)) => refused(refusal.to_string()),
    }
}

/// The change, in the words of the API: so that the same rules hold for it. Or why there is none.
fn change(
    shared: &Shared,
    location: &Location,
    (contact, page): (&Contact, &[Message]),
    text: &str,
) -> Result<inlet_core::change::Change, String> {
    let way = way(page, shared)?;
    let answered = shared.ids.message(way.answered.key);
    let mail = way.answered.detail.email.as_ref();
    let subject = mail.map(|mail| match mail.subject.as_deref() {
        Some(subject) if subject.to_lowercase().starts_with("re:") => subject.to_owned(),
        subject => format!("Re: {}", subject.unwrap_or_default()),
    });
    let body = json!({
        "type": way.kind,
        "contactId": shared.ids.contact(contact.key),
        "conversationProviderId": way.provider.id,
        "message": text.trim(),
        "subject": subject,
        "replyMessageId": mail.map(|_| answered),
    });
    let registry = shared.directory.registry();
    let door = Door {
        location,
        registry: &registry,
        ids: &shared.ids,
        idempotency_key: None,
    };
    let external_id = way.answered.external_id.clone();
    let sending = Sending::read(body.to_string().as_bytes()).map_err(in_words)?;
    let about = mail.map(|_| (way.answered.key, external_id));
    sending.change(&door, contact, about).map_err(in_words)
}

/// What is wrong, in the API's words.
fn in_words(fault: inlet_highlevel::fault::Fault) -> String {
    match fault.message {
        Words::One(sentence) => sentence,
        Words::Each(sentences) => sentences.join(" "),
    }
}
