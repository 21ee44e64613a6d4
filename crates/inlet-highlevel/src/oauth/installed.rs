//! Where an app is installed: the list in its older form and in its newer one.

use inlet_core::{Timestamp, registry::Location};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{fault::Fault, time};

/// Locations on a page, unless said.
const PAGE: usize = 20;
/// Locations on a page, at most.
const MOST: usize = 100;

/// What the list may be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The agency.
    pub company: String,
    /// The app.
    pub app: String,
    /// Part of a name.
    pub query: Option<String>,
    /// Only those that have it, or only those that have not.
    pub installed: Option<bool>,
    /// One location only.
    pub location: Option<String>,
    /// How many come before the page.
    pub skip: usize,
    /// How many are on it.
    pub limit: usize,
}

impl Asked {
    /// Reads a query string, of either form.
    pub fn read(query: &str) -> Result<Self, Fault> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let get = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let mut wrong = Vec::new();
        let mut number = |names: [&str; 2], unless: usize, most: usize| {
            let Some((name, given)) = names.iter().find_map(|name| Some((name, get(name)?))) else {
                return unless;
            };
            let read = given.parse().ok().filter(|number| *number <= most);
            read.unwrap_or_else(|| {
                wrong.push(format!("{name} must be a number from 0 to {most}"));
                unless
            })
        };
        let (skip, limit) = (
            number(["skip", "pageToken"], 0, 1_000_000),
            number(["limit", "pageSize"], PAGE, MOST),
        );
        let installed = match get("isInstalled") {
            None | Some("") => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => {
                wrong.push("isInstalled must be a boolean value".to_owned());
                None
            }
        };
        let mut needed = |name: &str| {
            let found = get(name).filter(|value| !value.is_empty()).map(str::to_owned);
            if found.is_none() {
                wrong.push(format!("{name} is required"));
            }
            found.unwrap_or_default()
        };
        let (company, app) = (needed("companyId"), needed("appId"));
        if !wrong.is_empty() {
            return Err(Fault::unprocessable(wrong));
        }
        let text = |name: &str| get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        Ok(Self {
            company,
            app,
            query: text("query").map(|query| query.to_lowercase()),
            installed,
            location: text("locationId"),
            skip,
            limit: limit.max(1),
        })
    }

    /// Whether a location is one of those that were asked for.
    pub fn wants(&self, location: &Location, installed: bool) -> bool {
        let named = |query: &String| location.name.to_lowercase().contains(query);
        self.query.as_ref().is_none_or(named)
            && self.installed.is_none_or(|wanted| wanted == installed)
            && self.location.as_ref().is_none_or(|id| *id == location.id)
    }
}

/// A location of the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    #[serde(rename = "_id")]
    underscored: String,
    id: String,
    name: String,
    address: String,
    #[serde(rename = "isInstalled")]
    here: bool,
    version_id: String,
    #[serde(rename = "installedAt", skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

impl Installed {
    /// A location, and since when the app of that id is installed there. Addresses of locations are not kept.
    pub fn new(location: &Location, app: &str, since: Option<Timestamp>) -> Self {
        Self {
            underscored: location.id.clone(),
            id: location.id.clone(),
            name: location.name.clone(),
            address: String::new(),
            here: since.is_some(),
            version_id: app.to_owned(),
            since: since.map(time::print),
        }
    }
}

/// Which form the list has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Page {
    /// `GET /oauth/installedLocations`
    Older,
    /// `GET /oauth/installed-locations`
    Newer,
}

/// The list.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(transparent)]
pub struct InstalledPage(Value);

impl InstalledPage {
    /// The page that was asked for, out of all that fit.
    pub fn new(all: &[Installed], asked: &Asked, form: Page, whole: bool) -> Self {
        let page: Vec<_> = all.iter().skip(asked.skip).take(asked.limit).collect();
        let end = asked.skip.saturating_add(page.len());
        Self(match form {
            Page::Older => json!({
                "locations": page,
                "count": all.len(),
                "installToFutureLocations": whole,
            }),
            Page::Newer => json!({
                "items": page,
                "pagination": {
                    "totalRecords": all.len(),
                    "hasNextPage": end < all.len(),
                    "hasPrevPage": asked.skip > 0,
                    "nextPageToken": (end < all.len()).then(|| end.to_string()),
                    "prevPageToken": (asked.skip > 0).then(|| asked.skip.saturating_sub(asked.limit).to_string()),
                    "currentPageSize": page.len(),
                },
                "metadata": {
                    "filterApplied": { "companyId": asked.company, "isInstalled": asked.installed },
                    "sortApplied": { "installedAt": "asc" },
                },
                "installToFutureLocations": whole,
            }),
        })
    }
}
