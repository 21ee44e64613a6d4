//! What a widget's owner says of it, as TOML:
//!
//! ```toml
//! origins = ["https://studio.example"]   # whose pages it may stand in
//! title = "Chat with us"                 # and what follows may be left out
//! greeting = "How can we help?"
//! color = "#0b6e4f"
//! channel = "live_chat"                  # or web_chat
//! ```

use inlet_core::{channel::Channel, registry::Endpoint};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) origins: Vec<String>,
    title: Option<String>,
    greeting: Option<String>,
    color: Option<String>,
    #[serde(default)]
    pub(super) channel: Kind,
}

/// As what its messages count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A live chat.
    #[default]
    LiveChat,
    /// A chat widget.
    WebChat,
}

impl Kind {
    pub(super) fn channel(self) -> Channel {
        match self {
            Self::LiveChat => Channel::LiveChat,
            Self::WebChat => Channel::WebChat,
        }
    }
}

/// What the script is told.
#[derive(Serialize)]
struct Looks<'a> {
    title: &'a str,
    greeting: &'a str,
    color: &'a str,
}

impl Settings {
    /// The settings of an endpoint, or what is wrong with them.
    pub(super) fn of(endpoint: &Endpoint) -> Result<Self, String> {
        let text = endpoint.template.as_deref().ok_or(
            "a chat widget needs settings: a file with origins = [\"https://your.page\"], given with --template",
        )?;
        let settings: Self =
            toml::from_str(text).map_err(|error| format!("the widget's settings cannot be read: {error}"))?;
        if settings.origins.is_empty() {
            return Err("name at least one page's origin in origins, such as \"https://studio.example\"".to_owned());
        }
        if let Some(origin) = settings.origins.iter().find(|origin| !is_origin(origin)) {
            return Err(format!(
                "{origin} is not an origin: write scheme and host, and nothing after, such as https://studio.example"
            ));
        }
        let is_color = |color: &String| {
            let digits = color.strip_prefix('#').unwrap_or_default();
            digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        if !settings.color.iter().all(is_color) {
            return Err("write color as six hex digits, such as \"#0b6e4f\"".to_owned());
        }
        Ok(settings)
    }

    /// Whether the widget may stand in a page of this origin.
    pub(super) fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|own| own == origin)
    }

    /// The widget's id outside: 24 hex digits, the `chatWidgetId` of its messages.
    pub(super) fn widget(endpoint: &Endpoint) -> String {
        let digest = Sha256::digest([b"chat widget ", endpoint.token.expose()].concat());
        hex::encode(digest).chars().take(24).collect()
    }

    /// What the script is told, as JSON that may stand in a script.
    pub(super) fn looks(&self) -> String {
        let looks = Looks {
            title: self.title.as_deref().unwrap_or("Chat with us"),
            greeting: self.greeting.as_deref().unwrap_or("Hello! How can we help?"),
            color: self.color.as_deref().unwrap_or("#2458d3"),
        };
        serde_json::to_string(&looks)
            .unwrap_or_default()
            .replace('<', "\\u003c")
    }
}

/// Whether a browser would write an origin so.
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == text)
}
