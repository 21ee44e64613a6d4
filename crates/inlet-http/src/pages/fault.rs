//! What can go wrong with a page, and the small page that says so.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use inlet_core::directory::StoreFault;

use super::{assets, render};

/// Why there is no page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// Nobody is logged in.
    Closed,
    /// The link has been used, is too old, or never was one.
    UsedLink,
    /// A name and password that do not fit.
    WrongPassword,
    /// Too many passwords were tried.
    TooManyTries,
    /// Something that the role of who asks does not cover.
    NotAllowed,
    /// A form that another site made.
    Elsewhere,
    /// No such location, conversation or message.
    NotFound,
    /// There is no location yet.
    NoLocation,
    /// An app that asks for access, but is none of ours.
    UnknownApp,
    /// An app that wants the browser back where it has not registered.
    UnknownRedirect,
    /// An app that wants what it has not registered, or what nobody knows.
    UnknownScope,
    /// As many pages as may be are live already.
    Crowded,
    /// The store cannot answer.
    Store,
}

impl From<StoreFault> for Fault {
    fn from(_: StoreFault) -> Self {
        Self::Store
    }
}

/// A page with a heading, a sentence and perhaps a command or a button.
#[derive(Template)]
#[template(path = "note.html")]
pub(super) struct Note {
    pub(super) style: String,
    pub(super) title: &'static str,
    pub(super) sentence: &'static str,
    pub(super) command: Option<&'static str>,
    /// The label of a button that posts to the page's own address.
    pub(super) button: Option<&'static str>,
    /// Whether name and password are asked for.
    pub(super) login: bool,
}

impl Note {
    pub(super) fn new(title: &'static str, sentence: &'static str) -> Self {
        Self {
            style: assets::style_path(),
            title,
            sentence,
            command: None,
            button: None,
            login: false,
        }
    }
}

impl Fault {
    fn status(self) -> StatusCode {
        match self {
            Self::Closed => StatusCode::UNAUTHORIZED,
            Self::UsedLink | Self::Elsewhere | Self::NotAllowed | Self::WrongPassword => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoLocation => StatusCode::NOT_FOUND,
            Self::UnknownApp | Self::UnknownRedirect | Self::UnknownScope => StatusCode::BAD_REQUEST,
            Self::TooManyTries => StatusCode::TOO_MANY_REQUESTS,
            Self::Crowded | Self::Store => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    #[expect(clippy::too_many_lines, reason = "it is a table: an arm for each fault")]
    fn note(self) -> Note {
        let login = Some("inlet user login-link");
        match self {
            Self::Closed => Note {
                command: login,
                login: true,
                ..Note::new(
                    "This inbox is closed",
                    "Log in. Or run this where Inlet is installed, and open the link that it prints:",
                )
            },
            Self::WrongPassword => Note {
                login: true,
                ..Note::new(
                    "Name or password is wrong",
                    "Try again, or ask an owner for a link that logs you in.",
                )
            },
            Self::TooManyTries => Note::new(
                "Too many wrong passwords",
                "This name can be tried again in a quarter of an hour. A link logs you in at once: ask an owner for one.",
            ),
            Self::NotAllowed => Note::new(
                "Your role does not cover this",
                "Ask an owner of this location to do it, or to give you another role.",
            ),
            Self::UsedLink => Note {
                command: login,
                ..Note::new(
                    "This link no longer opens anything",
                    "It has been used, or it is too old. Each link works once; make a new one:",
                )
            },
            Self::Elsewhere => Note::new(
                "That came from another site",
                "Open the page here, reload it, and press its button again. If you did: the public address in Inlet's \
                 configuration is not the one in your browser.",
            ),
            Self::NotFound => Note::new(
                "There is nothing here",
                "No conversation or location has this address. It may be mistyped, or belong to another installation.",
            ),
            Self::NoLocation => Note {
                command: Some("inlet location add --name \"My business\""),
                ..Note::new(
                    "Nothing to show yet",
                    "Conversations belong to a location. Add the first one, then reload this page:",
                )
            },
            Self::UnknownApp => Note {
                command: Some("inlet app list"),
                ..Note::new(
                    "No such app",
                    "Nobody has added an app with this client_id here. This shows those there are:",
                )
            },
            Self::UnknownRedirect => Note {
                command: Some("inlet app list"),
                ..Note::new(
                    "This app is not sent back there",
                    "Its redirect_uri has to be one that was registered, letter by letter. This shows those there are:",
                )
            },
            Self::UnknownScope => Note::new(
                "This app asks for too much",
                "One of its scopes was not registered with it, or does not exist.",
            ),
            Self::Crowded => Note::new(
                "Too many pages are live",
                "This page works, but does not update by itself. Close some others and reload it.",
            ),
            Self::Store => Note::new(
                "The store cannot answer right now",
                "Nothing is lost. Reload this page in a moment.",
            ),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = (self.status(), render(&self.note())).into_response();
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, http::HeaderValue::from_static("5"));
        }
        response
    }
}
