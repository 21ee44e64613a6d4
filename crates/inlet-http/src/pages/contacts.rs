//! The page of contacts: who is known here, by page and by search, and the way to each conversation.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use inlet_core::{
    contact::{Contact, ContactQuery},
    ids::{ContactKey, IdKind},
};
use serde::Deserialize;

use super::{
    ask,
    fault::Fault,
    frame::{Frame, Section, Visit},
    moment::Moment,
    row::Avatar,
    words,
};
use crate::state::{Shared, State as Ports};

/// Contacts on a page.
const ROWS: usize = 50;
/// Tags that a row shows.
const TAGS: usize = 3;

/// Which contacts are listed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    q: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "contacts.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    total: String,
    q: String,
    older: Option<String>,
    /// The first page, where this is a later one.
    beginning: Option<String>,
}

struct Row {
    person: Avatar,
    href: String,
    phone: Option<String>,
    email: Option<String>,
    tags: Vec<String>,
    /// How many tags are left out.
    more_tags: usize,
    /// Whether nothing may be sent to them.
    dnd: bool,
    made: Moment,
}

/// `GET /l/{location}/contacts`
pub(super) async fn show(
    State(shared): State<Shared>,
    visit: Visit,
    Query(which): Query<Which>,
) -> Result<Response, Fault> {
    let after = which.after.as_deref().map(|id| {
        let key = shared.ids.decode(IdKind::Contact, id);
        key.map(ContactKey).ok_or(Fault::NotFound)
    });
    let q = which.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let query = ContactQuery {
        location: visit.location.key,
        text: q.map(wanted),
        groups: Vec::new(),
        after: after.transpose()?,
        skip: 0,
        oldest_first: false,
        limit: ROWS,
    };
    let (found, total) = shared.contacts.find(&query).await?;
    let last = found.last().filter(|_| found.len() == ROWS);
    let last = last.map(|last| shared.ids.encode(IdKind::Contact, last.key.0));
    let page = Page {
        frame: visit.frame(&shared, Section::Contacts),
        total: match total {
            1 => "1 contact".to_owned(),
            _ => format!("{} contacts", words::count(total)),
        },
        older: last.map(|last| ask::query(&visit.path("/contacts"), &[("q", q), ("after", Some(&last))])),
        beginning: query.after.map(|_| ask::query(&visit.path("/contacts"), &[("q", q)])),
        q: q.unwrap_or_default().to_owned(),
        rows: found.iter().map(|contact| row(&shared, &visit, contact)).collect(),
    };
    Ok(visit.show(&page))
}

/// What is looked for: a number however it is written, else the text.
fn wanted(text: &str) -> String {
    let number = text
        .chars()
        .all(|letter| letter.is_ascii_digit() || " +-().".contains(letter));
    if number {
        text.chars().filter(char::is_ascii_digit).collect()
    } else {
        text.to_owned()
    }
}

fn row(ports: &Ports, visit: &Visit, contact: &Contact) -> Row {
    // A contact and its conversation share one key.
    let id = ports.ids.conversation(contact.key);
    let name = words::person(
        contact.name.as_deref(),
        contact.phone.as_deref(),
        contact.email.as_deref(),
    );
    let tags = &contact.profile.tags;
    Row {
        href: visit.path(&format!("/c/{id}")),
        phone: contact
            .phone
            .as_deref()
            .map(words::phone)
            .filter(|phone| *phone != name),
        email: contact.email.clone().filter(|email| *email != name),
        tags: tags.iter().take(TAGS).cloned().collect(),
        more_tags: tags.len().saturating_sub(TAGS),
        dnd: contact.profile.dnd,
        made: visit.zone.ago(contact.created_at, visit.now),
        person: Avatar {
            initials: words::initials(&name),
            tint: words::tint(&id),
            name,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_looked_for_however_it_is_written() {
        for (typed, looked_for) in [
            ("+1 (415) 555-01", "141555501"),
            ("maya 2", "maya 2"),
            ("a@b.c", "a@b.c"),
        ] {
            assert_eq!(wanted(typed), looked_for);
        }
    }
}
