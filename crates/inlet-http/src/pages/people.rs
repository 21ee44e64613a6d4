//! The page of people: who may see this location's pages and what they may do, and the log of what was done here.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use inlet_core::{ids::UserKey, people::Role};
use serde::Deserialize;
use serde_json::json;

use super::{
    ask,
    fault::Fault,
    frame::{Frame, Said, Section, Visit},
    moment::Moment,
};
use crate::state::Shared;

/// Deeds on a page.
const DEEDS: usize = 50;

#[derive(Deserialize)]
struct List {
    users: Vec<Told>,
}

/// A user as the admin API tells of them.
#[derive(Clone, Deserialize)]
struct Told {
    id: String,
    name: String,
    has_password: bool,
    roles: BTreeMap<String, String>,
    created_at: String,
}

#[derive(Deserialize)]
struct Log {
    deeds: Vec<Deed>,
}

#[derive(Deserialize)]
struct Deed {
    id: String,
    at: String,
    who: String,
    what: String,
}

struct Person {
    id: String,
    name: String,
    role: String,
    has_password: bool,
    made: Moment,
    /// Whether password and link are this visitor's to give: they open every location that the person works for.
    managed: bool,
}

struct Line {
    who: String,
    what: String,
    when: Moment,
}

#[derive(Template)]
#[template(path = "people.html")]
struct Page {
    frame: Frame,
    people: Vec<Person>,
    roles: Vec<(&'static str, &'static str)>,
    /// A link that was just made, and for whom.
    link: Option<(String, String)>,
    log: Vec<Line>,
    older: Option<String>,
}

/// Which part of the log is shown.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    before: Option<String>,
}

/// `GET /l/{location}/people`
pub(super) async fn show(
    State(shared): State<Shared>,
    visit: Visit,
    Query(which): Query<Which>,
) -> Result<Response, Fault> {
    let page = page(&shared, &visit, which, None).await?;
    Ok(visit.show(&page))
}

async fn page(shared: &Shared, visit: &Visit, which: Which, link: Option<(String, String)>) -> Result<Page, Fault> {
    let location = visit.location.id.as_str();
    let people = all(shared, visit).await?.into_iter().map(|told| Person {
        role: told.roles.get(location).cloned().unwrap_or_default(),
        made: visit.ago(&told.created_at),
        managed: manages(shared, visit, &told),
        id: told.id,
        name: told.name,
        has_password: told.has_password,
    });
    let limit = DEEDS.to_string();
    let wanted = [
        ("location", Some(location)),
        ("before", which.before.as_deref()),
        ("limit", Some(limit.as_str())),
    ];
    let log: Log = ask::get(shared, &ask::query("/deeds", &wanted)).await?;
    let last = log.deeds.last().filter(|_| log.deeds.len() == DEEDS);
    Ok(Page {
        frame: visit.frame(shared, Section::People),
        people: people.collect(),
        roles: Role::ALL.iter().map(|role| (role.name(), words(*role))).collect(),
        link,
        older: last.map(|last| ask::query(&visit.path("/people"), &[("before", Some(&last.id))])),
        log: log
            .deeds
            .into_iter()
            .map(|deed| Line {
                when: visit.ago(&deed.at),
                who: deed.who,
                what: deed.what,
            })
            .collect(),
    })
}

/// What a role may do.
fn words(role: Role) -> &'static str {
    match role {
        Role::Owner => "everything: tokens, webhooks and people too",
        Role::Agent => "conversations, contacts, sending again",
        Role::ReadOnly => "look, and change nothing",
    }
}

async fn all(shared: &Shared, visit: &Visit) -> Result<Vec<Told>, Fault> {
    let location = Some(visit.location.id.as_str());
    let list: List = ask::get(shared, &ask::query("/users", &[("location", location)])).await?;
    Ok(list.users)
}

/// Whether the visitor owns every location that somebody works for. A link or a password opens all of them, so nobody else
/// may give these.
fn manages(shared: &Shared, visit: &Visit, told: &Told) -> bool {
    let registry = shared.directory.registry();
    let owns = |id: &String| {
        let location = registry.location_by_id(id);
        location.is_some_and(|location| visit.viewer.role(shared, location.key) == Some(Role::Owner))
    };
    told.roles.keys().all(owns)
}

/// Somebody who works here.
async fn own(shared: &Shared, visit: &Visit, id: &str) -> Result<Told, Fault> {
    let all = all(shared, visit).await?;
    all.into_iter().find(|told| told.id == id).ok_or(Fault::NotFound)
}

/// Somebody whose password and links are the visitor's to give.
async fn managed(shared: &Shared, visit: &Visit, id: &str) -> Result<Told, Fault> {
    let told = own(shared, visit, id).await?;
    if manages(shared, visit, &told) {
        Ok(told)
    } else {
        Err(Fault::NotAllowed)
    }
}

/// A new user.
#[derive(Debug, Deserialize)]
pub(super) struct New {
    name: String,
    role: String,
    #[serde(default)]
    password: String,
}

/// `POST /l/{location}/people`: somebody new; or, where the name is somebody's, a role here for them.
pub(super) async fn add(State(shared): State<Shared>, visit: Visit, Form(new): Form<New>) -> Result<Response, Fault> {
    let location = &visit.location.id;
    let name = new.name.trim().to_lowercase();
    let known = shared.directory.registry().user_by_name(&name).map(|user| user.key);
    let outcome = if let Some(key) = known {
        let body = json!({ "location": location, "role": new.role });
        ask::tell(&shared, &format!("/users/{}/role", id(&shared, key)), &body).await
    } else {
        let password = Some(new.password).filter(|password| !password.is_empty());
        let body = json!({ "name": name, "location": location, "role": new.role, "password": password });
        ask::tell(&shared, "/users", &body).await
    };
    Ok(visit.back("/people", &Said::of(outcome, format!("{name} may come in."))))
}

fn id(shared: &Shared, key: UserKey) -> String {
    shared.ids.encode(inlet_core::ids::IdKind::User, key.0)
}

/// A role to give, or to take where it is empty.
#[derive(Debug, Deserialize)]
pub(super) struct RoleForm {
    #[serde(default)]
    role: String,
}

/// `POST /l/{location}/people/{user}/role`
pub(super) async fn give_role(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<RoleForm>,
) -> Result<Response, Fault> {
    let told = own(&shared, &visit, &id).await?;
    let body = json!({ "location": visit.location.id, "role": form.role });
    let outcome = ask::tell(&shared, &format!("/users/{id}/role"), &body).await;
    let done = format!("{} is {} here.", told.name, form.role);
    Ok(visit.back("/people", &Said::of(outcome, done)))
}

/// `POST /l/{location}/people/{user}/remove`: from this location; who works nowhere else is no user any more.
pub(super) async fn remove(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let told = own(&shared, &visit, &id).await?;
    let outcome = if told.roles.len() == 1 {
        ask::tell(&shared, &format!("/users/{id}/remove"), &json!({})).await
    } else {
        let body = json!({ "location": visit.location.id, "role": null });
        ask::tell(&shared, &format!("/users/{id}/role"), &body).await
    };
    let done = format!("{} may not come in here any more.", told.name);
    Ok(visit.back("/people", &Said::of(outcome, done)))
}

/// A password to set.
#[derive(Deserialize)]
pub(super) struct PasswordForm {
    password: String,
}

/// `POST /l/{location}/people/{user}/password`
pub(super) async fn set_password(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Fault> {
    let told = managed(&shared, &visit, &id).await?;
    let body = json!({ "password": form.password });
    let outcome = ask::tell(&shared, &format!("/users/{id}/password"), &body).await;
    let done = format!("{} has a new password; every browser has to log in again.", told.name);
    Ok(visit.back("/people", &Said::of(outcome, done)))
}

/// `POST /l/{location}/people/{user}/login-link`: the answer is the page itself, for the link is shown nowhere else.
pub(super) async fn login_link(
    State(shared): State<Shared>,
    visit: Visit,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let told = managed(&shared, &visit, &id).await?;
    match ask::tell(&shared, "/login_links", &json!({ "user": id })).await {
        Ok(answer) => {
            let link = ask::text(&answer, "url").map(|url| (told.name, url.to_owned()));
            Ok(visit.show(&page(&shared, &visit, Which::default(), link).await?))
        }
        Err(sentence) => Ok(visit.back("/people", &Said::of::<()>(Err(sentence), ""))),
    }
}
