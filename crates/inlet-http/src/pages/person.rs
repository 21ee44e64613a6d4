//! The panel of a contact: what is known of the person, whether they may be written to, and what a person here can do with
//! it: tags, silence, a copy of everything, and forgetting them.

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::{Html, Redirect},
};
use inlet_core::{
    change::Change,
    contact::{Contact, ContactChange, DndSetting, Edit, Fields, Text},
    inbox::ConversationView,
    intake::Refusal,
    registry::Location,
};
use serde::Deserialize;

use super::{
    access::{FormToken, Viewer},
    cut::Cut,
    fault::Fault,
    find::find_conversation,
    inbox::drawn,
    render,
    row::{Avatar, Setting, avatar},
    words,
};
use crate::state::Shared;

mod export;
mod twins;

pub(super) use export::export;
pub(super) use twins::Others;
use twins::{Other, named};

/// The channels that can be silenced, under the names by which the API knows them.
const CHANNELS: [(&str, &str); 6] = [
    ("SMS", "SMS"),
    ("Call", "Calls"),
    ("Email", "E-mail"),
    ("WhatsApp", "WhatsApp"),
    ("FB", "Messenger"),
    ("GMB", "Google Business"),
];
/// Letters that a tag may have.
const TAG: usize = 100;

/// The panel.
#[derive(Clone, Debug, Template)]
#[template(path = "person.html")]
pub(super) struct Panel {
    /// Where the page is without it.
    close: String,
    /// Where its forms go.
    action: String,
    /// What they carry.
    token: FormToken,
    /// Where everything can be got.
    export: String,
    who: Avatar,
    /// Numbers and addresses: as shown, and as copied.
    reach: Vec<(String, String)>,
    tags: Vec<String>,
    /// Whether nothing at all may be sent.
    silent: bool,
    /// Each channel's name, label, and whether it is silenced and why.
    channels: Vec<(&'static str, &'static str, bool, Option<String>)>,
    /// Label and value of all else that is known.
    facts: Vec<(String, String)>,
    /// Who may be the same person, and who was merged into this one.
    twins: Vec<Other>,
    merged: Vec<Other>,
    /// Why who looks can change nothing of it.
    only_looks: Option<&'static str>,
}

impl Panel {
    pub(super) fn new((contact, others): &(Contact, Others), view: &ConversationView, setting: Setting<'_>) -> Self {
        let (twins, merged) = others.shown(setting);
        let id = setting.state.ids.conversation(contact.key);
        let below = format!("/c/{id}");
        let phone = contact.phone.as_ref().map(|phone| (words::phone(phone), phone.clone()));
        let email = contact.email.as_ref().map(|email| (email.clone(), email.clone()));
        let profile = &contact.profile;
        Self {
            close: setting.address(&below, &[]),
            action: setting.address(&format!("{below}/person"), &[]),
            token: setting.viewer.form_token,
            export: setting.address(&format!("{below}/export"), &[]),
            who: avatar(view, &id),
            reach: [phone, email].into_iter().flatten().collect(),
            tags: profile.tags.clone(),
            silent: profile.dnd,
            channels: CHANNELS
                .into_iter()
                .map(|(name, label)| {
                    let set = profile.dnd_settings.get(name).filter(|set| set.status != "inactive");
                    (name, label, set.is_some(), set.and_then(|set| set.message.clone()))
                })
                .collect(),
            facts: facts(contact, view, setting),
            twins,
            merged,
            only_looks: setting.only_looks(),
        }
    }
}

/// All else that is known, with a label.
fn facts(contact: &Contact, view: &ConversationView, setting: Setting<'_>) -> Vec<(String, String)> {
    let clock = |at| setting.zone.ago(at, setting.now).full;
    let mut facts = vec![
        ("First seen".to_owned(), clock(contact.created_at)),
        ("Last message".to_owned(), clock(view.last_at)),
        ("Messages".to_owned(), words::count(view.count.unsigned_abs())),
    ];
    let texts = [
        (Text::Source, "Source"),
        (Text::CompanyName, "Company"),
        (Text::Address1, "Street"),
        (Text::City, "City"),
        (Text::State, "State"),
        (Text::PostalCode, "Postal code"),
        (Text::Country, "Country"),
        (Text::Website, "Website"),
        (Text::Timezone, "Time zone"),
        (Text::DateOfBirth, "Born"),
        (Text::Gender, "Gender"),
        (Text::AssignedTo, "Looked after by"),
    ];
    for (text, label) in texts {
        facts.extend(
            contact
                .profile
                .text(text)
                .map(|value| (label.to_owned(), value.to_owned())),
        );
    }
    for (id, value) in &contact.profile.custom_fields {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        facts.push((id.clone(), value));
    }
    facts
}

/// What is known of a conversation's contact.
pub(super) async fn contact(shared: &Shared, location: &Location, view: &ConversationView) -> Result<Contact, Fault> {
    let found = shared.contacts.contact(location.key, view.key).await?;
    found.ok_or(Fault::NotFound)
}

/// The same, with who else may be that person.
pub(super) async fn with_others(
    shared: &Shared,
    location: &Location,
    view: &ConversationView,
) -> Result<(Contact, Others), Fault> {
    let contact = contact(shared, location, view).await?;
    let others = Others::find(shared, location, &contact).await?;
    Ok((contact, others))
}

/// `GET /l/{location}/c/{conversation}/person`: the panel, as it stands now.
pub(super) async fn panel(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    Query(cut): Query<Cut>,
    viewer: Viewer,
) -> Result<Html<String>, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let contact = with_others(&shared, &location, &view).await?;
    drawn(shared, location, (viewer, cut), move |setting| {
        render(&Panel::new(&contact, &view, setting))
    })
    .await
}

/// What the panel's forms ask for: one thing each.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wish {
    Tag,
    Untag,
    Silence,
    Unsilence,
    Merge,
    Part,
    Delete,
}

/// A form of the panel: what to do, and with which tag, contact or channel; every channel, where it is empty.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PersonForm {
    #[serde(rename = "do")]
    wish: Wish,
    #[serde(default)]
    what: String,
}

/// `POST /l/{location}/c/{conversation}/person`
pub(super) async fn act(
    State(shared): State<Shared>,
    Path((location, conversation)): Path<(String, String)>,
    Query(cut): Query<Cut>,
    Form(form): Form<PersonForm>,
) -> Result<Redirect, Fault> {
    let (location, view) = find_conversation(&shared, &location, &conversation).await?;
    let edit = |edit| ContactChange::Edit(view.key, edit);
    let change = match form.wish {
        Wish::Tag | Wish::Untag => {
            let tag: String = form.what.trim().to_lowercase().chars().take(TAG).collect();
            let tags = Some(tag).filter(|tag| !tag.is_empty()).into_iter().collect();
            edit(if matches!(form.wish, Wish::Tag) {
                Edit::AddTags(tags)
            } else {
                Edit::RemoveTags(tags)
            })
        }
        Wish::Silence => edit(Edit::Fields(Box::new(silence(&form.what, true)?))),
        Wish::Unsilence => edit(Edit::Fields(Box::new(silence(&form.what, false)?))),
        Wish::Merge => ContactChange::Merge {
            contact: named(&shared, &form.what)?,
            into: view.key,
        },
        Wish::Part => ContactChange::Unmerge(named(&shared, &form.what)?),
        Wish::Delete => ContactChange::Delete(view.key),
    };
    let gone = matches!(change, ContactChange::Delete(_));
    let done = shared
        .intake
        .submit(vec![Change::contact(location.key, change)])
        .await
        .pop();
    match done {
        Some(Ok(_)) if gone => Ok(Redirect::to(&format!("/l/{}{}", location.id, cut.with(&[])))),
        Some(Ok(_)) => {
            let query = cut.with(&[("side", "contact")]);
            Ok(Redirect::to(&format!("/l/{}/c/{conversation}{query}", location.id)))
        }
        Some(Err(Refusal::NoSuchContact)) => Err(Fault::NotFound),
        Some(Err(_)) | None => Err(Fault::Store),
    }
}

/// Silence on one channel, or on all.
fn silence(channel: &str, silent: bool) -> Result<Fields, Fault> {
    if channel.is_empty() {
        return Ok(Fields {
            dnd: Some(silent),
            ..Fields::default()
        });
    }
    let (name, _) = CHANNELS
        .into_iter()
        .find(|(name, _)| *name == channel)
        .ok_or(Fault::NotFound)?;
    let setting = DndSetting {
        status: if silent { "active" } else { "inactive" }.to_owned(),
        message: Some("set by hand in the inbox".to_owned()),
        code: None,
    };
    Ok(Fields {
        dnd_settings: [(name.to_owned(), setting)].into(),
        ..Fields::default()
    })
}
