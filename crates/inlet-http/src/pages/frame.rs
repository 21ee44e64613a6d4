//! What a page beside the inbox stands in: the rail of sections, the location, and what came of the last button.

use askama::Template;
use axum::{
    extract::{FromRequestParts, RawPathParams},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, header, request::Parts};
use inlet_core::{Timestamp, people::Role, registry::Location};

use super::{
    access::{FormToken, Viewer, cookie},
    assets,
    fault::Fault,
    find::find_location,
    moment::{Moment, Zone},
    render,
};
use crate::state::{Shared, State};

/// The cookie by which a page hears what came of the button that led to it.
const SAID: &str = "inlet_said";
/// For how long it waits for that page, in seconds.
const SAID_FOR: u32 = 30;
/// Bytes of a sentence that fit into it.
const LONGEST: usize = 600;

/// A section of the pages, by the order in which the rail shows them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Section {
    Inbox,
    Contacts,
    Providers,
    Webhooks,
    Forwarding,
    Journal,
    Tokens,
    People,
    Health,
}

impl Section {
    const ALL: [Self; 9] = [
        Self::Inbox,
        Self::Contacts,
        Self::Providers,
        Self::Webhooks,
        Self::Forwarding,
        Self::Journal,
        Self::Tokens,
        Self::People,
        Self::Health,
    ];

    /// What it is called.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Inbox => "Inbox",
            Self::Contacts => "Contacts",
            Self::Providers => "Providers",
            Self::Webhooks => "Webhooks",
            Self::Forwarding => "Forwarding",
            Self::Journal => "Journal",
            Self::Tokens => "Tokens",
            Self::People => "People",
            Self::Health => "Health",
        }
    }

    /// Its path below a location's.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Inbox => "",
            Self::Contacts => "/contacts",
            Self::Providers => "/providers",
            Self::Webhooks => "/webhooks",
            Self::Forwarding => "/forwarding",
            Self::Journal => "/journal",
            Self::Tokens => "/tokens",
            Self::People => "/people",
            Self::Health => "/health",
        }
    }

    /// Whether only owners see it.
    fn is_owners(self) -> bool {
        match self {
            Self::Tokens | Self::People => true,
            Self::Inbox
            | Self::Contacts
            | Self::Providers
            | Self::Webhooks
            | Self::Forwarding
            | Self::Journal
            | Self::Health => false,
        }
    }

    /// The letter that leads there, behind `g`.
    fn key(self) -> char {
        match self {
            Self::Inbox => 'i',
            Self::Contacts => 'c',
            Self::Providers => 'p',
            Self::Webhooks => 'w',
            Self::Forwarding => 'f',
            Self::Journal => 'j',
            Self::Tokens => 't',
            Self::People => 'o',
            Self::Health => 'h',
        }
    }

    /// Its symbol in `icons.html`.
    fn icon(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Contacts => "people",
            Self::Providers => "plug",
            Self::Webhooks => "hook",
            Self::Forwarding => "forward",
            Self::Journal => "form",
            Self::Tokens => "key",
            Self::People => "shield",
            Self::Health => "pulse",
        }
    }
}

/// The way to the other sections.
#[derive(Clone, Debug)]
pub(super) struct Rail {
    pub(super) places: Vec<Place>,
    /// Whether the page hears news.
    pub(super) live: bool,
}

/// One section of the rail.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) href: String,
    pub(super) title: &'static str,
    pub(super) icon: &'static str,
    /// The letter that leads there, behind `g`.
    pub(super) key: char,
    pub(super) current: bool,
}

impl Rail {
    /// The rail of a location's pages, as far as a role opens them.
    pub(super) fn new(location: &Location, current: Section, role: Role) -> Self {
        let open = Section::ALL
            .into_iter()
            .filter(|section| role == Role::Owner || !section.is_owners());
        let places = open.map(|section| Place {
            href: format!("/l/{}{}", location.id, section.path()),
            title: section.title(),
            icon: section.icon(),
            key: section.key(),
            current: section == current,
        });
        Self {
            places: places.collect(),
            live: current == Section::Inbox,
        }
    }
}

/// What came of a button.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Said {
    /// Whether it was done.
    pub(super) done: bool,
    pub(super) sentence: String,
}

impl Said {
    /// It was done, or refused by a sentence of the admin API's.
    pub(super) fn of<T>(outcome: Result<T, String>, done: impl Into<String>) -> Self {
        match outcome {
            Ok(_) => Self {
                done: true,
                sentence: done.into(),
            },
            Err(sentence) => Self { done: false, sentence },
        }
    }

    pub(super) fn tone(&self) -> &'static str {
        if self.done { "ok" } else { "bad" }
    }

    fn write(&self) -> String {
        let text: String = self.sentence.chars().take(LONGEST).collect();
        let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        format!("{}.{text}", self.tone())
    }

    fn read(text: &str) -> Option<Self> {
        let (tone, text) = text.split_once('.')?;
        let (sentence, _) = form_urlencoded::parse(text.as_bytes()).next()?;
        Some(Self {
            done: tone == "ok",
            sentence: sentence.into_owned(),
        })
    }
}

/// Someone at one of a location's pages.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) location: Location,
    pub(super) viewer: Viewer,
    /// What they may do here.
    pub(super) role: Role,
    pub(super) zone: Zone,
    pub(super) now: Timestamp,
    said: Option<Said>,
}

impl FromRequestParts<Shared> for Visit {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let viewer = Viewer::from_request_parts(parts, shared).await?;
        let params = RawPathParams::from_request_parts(parts, shared).await;
        let params = params.map_err(|_| Fault::NotFound)?;
        let id = params.iter().find(|(name, _)| *name == "location");
        let (_, id) = id.ok_or(Fault::NotFound)?;
        let location = find_location(shared, id)?;
        Ok(Self {
            role: viewer.role(shared, location.key).ok_or(Fault::NotFound)?,
            location,
            viewer,
            zone: viewer.zone,
            now: shared.clock.now(),
            said: cookie(&parts.headers, SAID).and_then(Said::read),
        })
    }
}

impl Visit {
    /// An address below this location's.
    pub(super) fn path(&self, below: &str) -> String {
        format!("/l/{}{below}", self.location.id)
    }

    /// How long ago a moment of the admin API's was.
    pub(super) fn ago(&self, stamp: &str) -> Moment {
        let at = stamp.parse().unwrap_or(self.now);
        self.zone.ago(at, self.now)
    }

    /// The same, where there may be none.
    pub(super) fn maybe_ago(&self, stamp: Option<&String>) -> Option<Moment> {
        stamp.map(|stamp| self.ago(stamp))
    }

    /// The time of day of a moment of the admin API's, with the day where it is another.
    pub(super) fn clock(&self, stamp: &str) -> String {
        let at = stamp.parse().unwrap_or(self.now);
        self.zone.clock(at, self.now)
    }

    /// The frame of a page of `section`.
    pub(super) fn frame(&self, state: &State, section: Section) -> Frame {
        let registry = state.directory.registry();
        let mut others = self.viewer.locations(state, &registry);
        others.retain(|other| other.key != self.location.key);
        Frame {
            style: assets::style_path(),
            script: assets::beside_path(),
            title: section.title(),
            rail: Rail::new(&self.location, section, self.role),
            token: self.viewer.form_token,
            role: self.role,
            location: self.location.clone(),
            others: others
                .into_iter()
                .map(|other| (format!("/l/{}{}", other.id, section.path()), other.name.clone()))
                .collect(),
            has_session: !state.settings.open_pages,
            said: self.said.clone(),
        }
    }

    /// The page, after which what came of the last button is forgotten.
    pub(super) fn show(&self, page: &impl Template) -> Response {
        let mut response = render(page).into_response();
        if self.said.is_some() {
            let gone = HeaderValue::from_static("inlet_said=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
            response.headers_mut().append(header::SET_COOKIE, gone);
        }
        response
    }

    /// Back to a page of this location, which says what came of it.
    pub(super) fn back(&self, below: &str, said: &Said) -> Response {
        let cookie = format!(
            "{SAID}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={SAID_FOR}",
            said.write()
        );
        ([(header::SET_COOKIE, cookie)], Redirect::to(&self.path(below))).into_response()
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) style: String,
    pub(super) script: String,
    pub(super) title: &'static str,
    pub(super) rail: Rail,
    /// What its forms carry.
    pub(super) token: FormToken,
    role: Role,
    pub(super) location: Location,
    pub(super) others: Vec<(String, String)>,
    /// Whether there is a session to end.
    pub(super) has_session: bool,
    pub(super) said: Option<Said>,
}

impl Frame {
    /// Whether who sees it may change what agents may.
    pub(super) fn may_act(&self) -> bool {
        self.role.covers(Role::Agent)
    }

    /// Whether who sees it owns the location.
    pub(super) fn may_own(&self) -> bool {
        self.role.covers(Role::Owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_a_button_is_read_as_it_was_written() {
        for outcome in [Ok(()), Err("it is held; \"cancel\" it – or do not".to_owned())] {
            let said = Said::of(outcome, "Sent again.");
            let written = said.write();
            assert!(!written.contains([';', '"', ' ', ',']), "{written}");
            assert_eq!(Said::read(&written), Some(said));
        }
        assert_eq!(Said::read("nothing"), None);
    }
}
