//! Settings: the only reader of the environment and of the configuration file. What holds unless something is changed
//! stands in `inlet.default.toml`, with its documentation; stronger are the file, the environment, and the flags.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::{Table, Value};

#[cfg(test)]
mod tests;

/// The defaults, and their documentation.
pub const DEFAULTS: &str = include_str!("../../../inlet.default.toml");

/// All settings. Each is documented in `inlet.default.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The folder of the store, the key file and the socket for commands.
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`, or empty for the one in the data folder.
    pub store: String,
    /// The address the world knows, without a slash at its end; empty for the listening address.
    pub public_url: String,
    /// Threads that answer requests.
    pub workers: usize,
    /// What is logged.
    pub log: String,
    /// Whether to answer as HighLevel does without documenting it.
    pub quirks: bool,
    /// What goes wrong on purpose.
    pub faults: Vec<String>,
    /// HighLevel's rate limit.
    pub limits: Limits,
    /// Apps and their access tokens.
    pub oauth: OAuth,
    /// Which networks webhooks may be sent to.
    pub guard: Guard,
    /// The journal of requests.
    pub journal: Journal,
    /// Bounds for whoever connects.
    pub http: Http,
    /// What waits to be sent.
    pub delivery: Delivery,
    /// What is written to an upstream.
    pub relay: Relay,
    /// What was missed, and vendors kept.
    pub reconcile: Reconcile,
    /// The admin API over the network.
    pub admin: Admin,
}

/// See `[delivery]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Deliveries that may wait, in all.
    pub max_waiting: usize,
}

/// See `[relay]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Milliseconds that all calls for one message may take.
    pub patience_ms: u32,
}

/// See `[reconcile]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconcile {
    /// Minutes from one comparison with a vendor's list to the next; never by itself, where 0.
    pub every_minutes: u32,
    /// Where Twilio's API is; empty for where it usually is.
    pub twilio: String,
    /// Where ClickSend's API is; empty for where it usually is.
    pub clicksend: String,
}

/// See `[admin]`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// The token that opens it; closed, where empty.
    pub token: String,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Admin(..)")
    }
}

/// See `[limits]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Whether whoever goes beyond is answered with 429.
    pub enforced: bool,
    /// Requests in one interval.
    pub burst: u32,
    /// Milliseconds in an interval.
    pub interval_ms: u32,
    /// Requests in a day.
    pub daily: u32,
}

/// See `[oauth]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth {
    /// For how many seconds an access token holds.
    pub access_seconds: u32,
}

/// See `[guard]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Networks beside the public internet, as CIDR.
    pub allow: Vec<String>,
}

/// See `[journal]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// Whether accepted requests are kept too.
    pub accepted: bool,
}

/// See `[http]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Bytes that the body of a request may have.
    pub max_body: usize,
    /// Connections at once, in all.
    pub max_connections: usize,
    /// Connections at once from one address.
    pub max_connections_per_address: usize,
}

/// Why the settings cannot be used, in a sentence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that was named cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// A file is not TOML, or has a setting that is none or of another type.
    #[error("the settings cannot be used: {0}")]
    Wrong(String),
    /// A variable's value does not fit its setting.
    #[error("the variable {name} should be {wanted}")]
    Variable {
        /// The variable.
        name: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A setting makes no sense.
    #[error("{0}")]
    Senseless(&'static str),
}

/// Where settings come from, beside the defaults.
pub struct Sources<'a> {
    /// A file of one's own.
    pub file: Option<&'a Path>,
    /// Looks a variable up.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Flags, in the shape of the file.
    pub flags: Table,
}

impl std::fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Reads all sources; a stronger one wins setting by setting.
    pub fn load(sources: Sources<'_>) -> Result<Self, ConfigError> {
        let mut settings = table(DEFAULTS)?;
        let variables = from_environment(&settings, "INLET", sources.environment)?;
        if let Some(path) = sources.file {
            merge(&mut settings, table(&read_file(path)?)?);
        }
        merge(&mut settings, variables);
        merge(&mut settings, sources.flags);
        let config: Self = settings.try_into().map_err(|error: toml::de::Error| wrong(&error))?;
        config.checked()
    }

    fn checked(mut self) -> Result<Self, ConfigError> {
        self.public_url = self.public_url.trim_end_matches('/').to_owned();
        if !self.public_url.is_empty() && !is_origin(&self.public_url) {
            return Err(ConfigError::Senseless(
                "write the public URL as https://host, without a path: vendors sign it as it is",
            ));
        }
        if (1..32).contains(&self.admin.token.len()) {
            return Err(ConfigError::Senseless(
                "admin.token opens everything: make it of 32 characters or more, or leave it empty",
            ));
        }
        if self.oauth.access_seconds == 0 {
            return Err(ConfigError::Senseless("oauth.access_seconds must be at least 1"));
        }
        if self.workers == 0 {
            return Err(ConfigError::Senseless("workers must be at least 1"));
        }
        if !(100..=15_000).contains(&self.relay.patience_ms) {
            return Err(ConfigError::Senseless(
                "relay.patience_ms must be from 100 to 15000: a claim on a message lasts no longer",
            ));
        }
        if self.limits.interval_ms == 0 || self.limits.burst == 0 {
            return Err(ConfigError::Senseless(
                "limits.burst and limits.interval_ms must be at least 1",
            ));
        }
        Ok(self)
    }
}

/// Whether it is scheme, host and perhaps a port, and nothing else.
fn is_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        let web = matches!(url.scheme(), "http" | "https") && url.has_host();
        web && url.username().is_empty() && url.path() == "/" && url.query().is_none() && url.fragment().is_none()
    })
}

/// The variable of that name, where it is set and text.
#[expect(clippy::disallowed_methods, reason = "this is the only reader of the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The names of all variables that are set.
#[expect(clippy::disallowed_methods, reason = "this is the only reader of the environment")]
pub fn variables() -> Vec<String> {
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect()
}

/// Those of the variables that look like settings and are none: a misspelt one changes nothing, and nobody would notice.
pub fn strangers(variables: Vec<String>) -> Result<Vec<String>, ConfigError> {
    let known = RefCell::new(HashSet::new());
    from_environment(&table(DEFAULTS)?, "INLET", &|name| {
        known.borrow_mut().insert(name.to_owned());
        None
    })?;
    let known = known.into_inner();
    let is_strange = |name: &String| name.starts_with("INLET_") && !known.contains(name);
    Ok(variables.into_iter().filter(is_strange).collect())
}

/// The text of a file that someone named.
pub fn read_file(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}

fn table(text: &str) -> Result<Table, ConfigError> {
    text.parse().map_err(|error: toml::de::Error| wrong(&error))
}

/// What is wrong, and at which key, where that is known.
fn wrong(error: &toml::de::Error) -> ConfigError {
    let whole = error.to_string();
    let place = whole.lines().find(|line| line.starts_with("in `"));
    ConfigError::Wrong(match place {
        Some(place) => format!("{} ({place})", error.message()),
        None => error.message().to_owned(),
    })
}

/// Lays `over` on top of `under`, setting by setting.
fn merge(under: &mut Table, over: Table) {
    for (name, value) in over {
        match (under.get_mut(&name), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                under.insert(name, value);
            }
        }
    }
}

/// The settings that variables name, each read as what its default is.
fn from_environment(
    defaults: &Table,
    prefix: &str,
    look_up: &dyn Fn(&str) -> Option<String>,
) -> Result<Table, ConfigError> {
    let mut found = Table::new();
    for (name, default) in defaults {
        let variable = format!("{prefix}_{}", name.to_uppercase());
        if let Value::Table(section) = default {
            found.insert(
                name.clone(),
                Value::Table(from_environment(section, &variable, look_up)?),
            );
        } else if let Some(text) = look_up(&variable) {
            found.insert(name.clone(), read_as(default, &variable, &text)?);
        }
    }
    Ok(found)
}

fn read_as(default: &Value, variable: &str, text: &str) -> Result<Value, ConfigError> {
    let refused = |wanted| ConfigError::Variable {
        name: variable.to_owned(),
        wanted,
    };
    match default {
        Value::Integer(_) => text
            .trim()
            .parse()
            .map(Value::Integer)
            .map_err(|_| refused("a whole number")),
        Value::Boolean(_) => text
            .trim()
            .parse()
            .map(Value::Boolean)
            .map_err(|_| refused("true or false")),
        Value::Array(_) => Ok(list(text)),
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn list(text: &str) -> Value {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
}
