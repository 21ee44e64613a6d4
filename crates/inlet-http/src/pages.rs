//! The pages: a list of conversations and a thread, drawn here and kept up to date by one small script.
//!
//! | to read about | open |
//! |---|---|
//! | the pages and their fragments | [`inbox`], [`fragments`], and `templates/` |
//! | what became of a message; what is known of a person | [`mod@beside`]: [`inspect`], [`person`] |
//! | which part of the list is shown, and what is searched for | [`cut`], [`search`]; which cuts are kept: [`views`] |
//! | messages that were found | [`hits`] |
//! | what a person does with a conversation | [`marks`], [`reply`] |
//! | a row of the list, a message of the thread | [`row`], [`thread`], [`bubble`] |
//! | the body of a mail | [`mail`] |
//! | files as they are shown | [`files`] |
//! | what is shown before the first message | [`guide`] |
//! | news while a page is open | [`events`], and `assets/inlet.js` |
//! | who may see the pages | [`access`], [`login`], [`attempts`]; the gate before all of them: [`gate`] |
//! | what somebody allows an app | [`consent`] |
//! | the API in the browser | [`docs`], and `samples/` |
//! | times, names and numbers as people read them | [`moment`], [`words`] |
//! | what an address names; what can go wrong | [`find`], [`fault`] |
//! | what the pages beside the inbox stand in, and how they ask and tell | [`frame`], [`ask`], and `assets/beside.css` |
//! | those pages | [`webhooks`], [`journal`], [`providers`], [`forwarding`], [`tokens`], [`contacts`], [`people`], [`health`] |
//! | what several of them show | [`destination`], [`deliveries`] |

mod access;
mod ask;
mod assets;
mod attempts;
mod beside;
mod bubble;
mod consent;
mod contacts;
mod cut;
mod deliveries;
mod destination;
mod docs;
mod events;
mod fault;
mod files;
mod find;
mod forwarding;
mod fragments;
mod frame;
mod gate;
mod guide;
mod health;
mod hits;
mod inbox;
mod inspect;
mod journal;
mod login;
mod mail;
mod marks;
mod moment;
mod people;
mod person;
mod providers;
mod quoted;
mod reply;
mod row;
mod search;
mod thread;
mod tokens;
mod views;
mod webhooks;
mod words;

use std::sync::Arc;

use axum::{
    Router,
    middleware::{self, map_response},
    response::Html,
    routing::{get, post},
};

pub use access::secret_hash;
pub use attempts::Attempts;
pub(crate) use files::file_name;

use crate::state::Shared;

/// All pages, their fragments, and what they load.
pub fn routes(shared: &Shared) -> Router<Shared> {
    let gate = middleware::from_fn_with_state(Arc::clone(shared), gate::check);
    let open = Router::new()
        .route("/login", get(login::ask).post(login::by_password))
        .route("/login/{secret}", get(login::show).post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/assets/{name}", get(assets::serve));
    inside()
        .merge(beside())
        .route_layer(gate)
        .merge(open)
        .layer(map_response(assets::add_headers))
}

/// The inbox with its fragments, and what belongs to no location.
fn inside() -> Router<Shared> {
    Router::new()
        .route("/", get(inbox::home))
        .route("/l/{location}", get(inbox::list).post(guide::act))
        .route("/l/{location}/events", get(events::stream))
        .route("/l/{location}/rows/{conversation}", get(fragments::row))
        .route("/l/{location}/tabs", get(fragments::tabs))
        .route("/l/{location}/views", post(views::change))
        .route("/l/{location}/c/{conversation}/tools", get(marks::tools))
        .route("/l/{location}/c/{conversation}/mark", post(marks::mark))
        .route(
            "/l/{location}/c/{conversation}/person",
            get(person::panel).post(person::act),
        )
        .route("/l/{location}/c/{conversation}/reply", post(reply::send))
        .route("/l/{location}/c/{conversation}/export", get(person::export))
        .route("/l/{location}/c/{conversation}", get(inbox::thread))
        .route("/l/{location}/c/{conversation}/after/{message}", get(fragments::after))
        .route("/l/{location}/c/{conversation}/m/{message}", get(fragments::message))
        .route(
            "/l/{location}/c/{conversation}/m/{message}/inspect",
            get(fragments::inspect),
        )
        .route(
            "/l/{location}/c/{conversation}/m/{message}/orders/{delivery}",
            post(inspect::order),
        )
        .route("/docs", get(docs::explore))
        .route("/docs/inbound", get(docs::samples))
        .route("/oauth/chooselocation", get(consent::show).post(consent::answer))
        .route("/v2/oauth/chooselocation", get(consent::show))
}

/// The pages beside the inbox, and what their buttons do.
fn beside() -> Router<Shared> {
    Router::new()
        .route("/l/{location}/contacts", get(contacts::show))
        .route("/l/{location}/providers", get(providers::show))
        .route("/l/{location}/providers/{provider}/test", post(providers::rehearse))
        .route(
            "/l/{location}/providers/{provider}/credentials",
            post(providers::set_credentials),
        )
        .route("/l/{location}/webhooks", get(webhooks::show))
        .route(
            "/l/{location}/destinations/{destination}/{verb}",
            post(webhooks::change),
        )
        .route("/l/{location}/deliveries/{delivery}", get(deliveries::show))
        .route("/l/{location}/deliveries/{delivery}/{order}", post(deliveries::order))
        .route("/l/{location}/forwarding", get(forwarding::show))
        .route("/l/{location}/journal", get(journal::list))
        .route("/l/{location}/journal/process", post(journal::process_parked))
        .route("/l/{location}/journal/{request}", get(journal::show))
        .route("/l/{location}/journal/{request}/process", post(journal::process))
        .route("/l/{location}/m/{message}", get(journal::message))
        .route("/l/{location}/health", get(health::show))
        .route("/l/{location}/tokens", get(tokens::show).post(tokens::add))
        .route("/l/{location}/tokens/{token}/revoke", post(tokens::revoke))
        .route("/l/{location}/people", get(people::show).post(people::add))
        .route("/l/{location}/people/{user}/role", post(people::give_role))
        .route("/l/{location}/people/{user}/password", post(people::set_password))
        .route("/l/{location}/people/{user}/login-link", post(people::login_link))
        .route("/l/{location}/people/{user}/remove", post(people::remove))
}

/// A template as a page. Writing to memory does not fail; if it ever did, an empty page would say so.
fn render(template: &impl askama::Template) -> Html<String> {
    Html(template.render().unwrap_or_default())
}
