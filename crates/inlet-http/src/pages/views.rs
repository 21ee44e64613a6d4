//! Cuts of the list that a location's people keep under a name: a person sets filters, names them, and finds them again.

use axum::{
    Form,
    extract::{Path, State},
    http::Uri,
    response::Redirect,
};
use inlet_core::{
    directory::Entry,
    registry::{Location, SavedView},
};
use serde::Deserialize;

use super::{cut::Cut, fault::Fault, find::find_location, row::Setting};
use crate::state::Shared;

/// Views of a location, at most; and letters of a name.
const MOST: usize = 20;
const LONGEST: usize = 40;

/// A view as the list offers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct View {
    pub(super) name: String,
    pub(super) href: String,
    /// Whether the list is cut so.
    pub(super) current: bool,
}

/// What is to become of a view.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ViewForm {
    name: String,
    /// The cut as a query string.
    cut: String,
    /// Whether it is to be forgotten.
    drop: Option<String>,
}

impl Setting<'_> {
    /// The views there are, as the list at `here` offers them.
    pub(super) fn views(&self, here: &str) -> Vec<View> {
        let now = self.cut.with(&[]);
        let view = |kept: &SavedView| View {
            name: kept.name.clone(),
            href: format!("{here}{}", kept.query),
            current: kept.query == now,
        };
        self.location.views.iter().map(view).collect()
    }
}

/// `POST /l/{location}/views`: keeps the cut of the list under a name, or forgets the one of that name.
pub(super) async fn change(
    State(shared): State<Shared>,
    Path(location): Path<String>,
    Form(form): Form<ViewForm>,
) -> Result<Redirect, Fault> {
    let location = find_location(&shared, &location)?;
    let query = read(&form.cut).with(&[]);
    let views = changed(&location, &form, &query);
    if views != location.views {
        shared
            .directory
            .write(Entry::LocationViews(location.key, views))
            .await?;
    }
    Ok(Redirect::to(&format!("/l/{}{query}", location.id)))
}

/// A cut as it stands in an address: what is none cuts nothing.
fn read(query: &str) -> Cut {
    let uri: Option<Uri> = format!("/{query}").parse().ok();
    let cut = uri.and_then(|uri| axum::extract::Query::try_from_uri(&uri).ok());
    cut.map(|cut| cut.0).unwrap_or_default()
}

fn changed(location: &Location, form: &ViewForm, query: &str) -> Vec<SavedView> {
    let name: String = form.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name: String = name.chars().take(LONGEST).collect();
    let mut views = location.views.clone();
    if form.drop.is_some() {
        views.retain(|view| view.name != name);
        return views;
    }
    if name.is_empty() || query.is_empty() {
        return views;
    }
    let room = views.len() < MOST;
    match views.iter_mut().find(|view| view.name == name) {
        Some(known) => query.clone_into(&mut known.query),
        None if room => views.push(SavedView {
            name,
            query: query.to_owned(),
        }),
        None => {}
    }
    views
}
