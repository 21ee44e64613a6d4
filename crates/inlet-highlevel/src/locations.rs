//! A location as `GET /locations/{locationId}` shows it.

use inlet_core::registry::Location;
use serde::Serialize;

use crate::time;

/// What the endpoint answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LocationShown {
    location: LocationJson,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationJson {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    date_added: String,
    settings: Settings,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    allow_duplicate_contact: bool,
}

impl LocationShown {
    /// What is kept of a location; HighLevel's further fields are absent.
    pub fn new(location: &Location) -> Self {
        Self {
            location: LocationJson {
                id: location.id.clone(),
                company_id: location.agency.clone(),
                name: location.name.clone(),
                country: location.country.clone(),
                date_added: time::print(location.created_at),
                settings: Settings {
                    allow_duplicate_contact: false,
                },
            },
        }
    }
}
