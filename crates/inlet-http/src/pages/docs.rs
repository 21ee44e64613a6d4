//! The API in the browser: an explorer that sends real requests, made from the table of operations, and the inbound call
//! in eight languages, filled with this installation's address and ids.

use askama::Template;
use axum::{extract::State, response::Html};
use inlet_core::{
    inbox::ConversationQuery,
    registry::{Location, Registry},
};
use serde_json::Value;

use super::{access::Viewer, assets, fault::Fault, render};
use crate::{
    openapi::{Access, OPERATIONS, Operation, schema},
    state::{Shared, State as Ports},
};

/// The inbound call: the language, the name of the file, and what stands in it.
const SAMPLES: [(&str, &str, &str); 8] = [
    ("curl", "inbound.sh", include_str!("../../samples/inbound.sh")),
    ("Node", "inbound.mjs", include_str!("../../samples/inbound.mjs")),
    ("Python", "inbound.py", include_str!("../../samples/inbound.py")),
    ("PHP", "inbound.php", include_str!("../../samples/inbound.php")),
    ("Java", "Inbound.java", include_str!("../../samples/Inbound.java")),
    ("Go", "inbound.go", include_str!("../../samples/inbound.go")),
    ("Ruby", "inbound.rb", include_str!("../../samples/inbound.rb")),
    ("PowerShell", "inbound.ps1", include_str!("../../samples/inbound.ps1")),
];

#[derive(Template)]
#[template(path = "docs.html")]
struct Explorer {
    style: String,
    script: String,
    url: String,
    location: String,
    groups: Vec<Group>,
}

struct Group {
    tag: &'static str,
    operations: Vec<One>,
}

struct One {
    id: String,
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    version: bool,
    scope: Option<&'static str>,
    agency: bool,
    fields: Vec<Field>,
    body: Option<Body>,
    /// Whether it takes files, and what goes with them.
    files: bool,
    parts: Vec<Field>,
}

struct Field {
    name: &'static str,
    place: &'static str,
    required: bool,
    note: &'static str,
    value: String,
}

struct Body {
    text: String,
    rows: usize,
}

#[derive(Template)]
#[template(path = "samples.html")]
struct InboundCall {
    style: String,
    script: String,
    location: String,
    location_id: String,
    contact: bool,
    samples: Vec<Sample>,
}

struct Sample {
    name: &'static str,
    file: &'static str,
    text: String,
}

/// What examples are filled with.
struct Ids {
    location: String,
    name: String,
    agency: String,
    contact: Option<String>,
    conversation: Option<String>,
}

/// `GET /docs`
pub(super) async fn explore(State(shared): State<Shared>, viewer: Viewer) -> Result<Html<String>, Fault> {
    let registry = shared.directory.registry();
    let ids = ids(&shared, first(viewer, &shared, &registry)?).await?;
    let mut groups: Vec<Group> = Vec::new();
    for operation in OPERATIONS {
        let (tag, one) = (operation.tag(), one(operation, &ids));
        match groups.iter_mut().find(|group| group.tag == tag) {
            Some(group) => group.operations.push(one),
            None => groups.push(Group {
                tag,
                operations: vec![one],
            }),
        }
    }
    Ok(render(&Explorer {
        style: assets::style_path(),
        script: assets::docs_path(),
        url: shared.settings.public_url.clone(),
        location: ids.location,
        groups,
    }))
}

/// `GET /docs/inbound`
pub(super) async fn samples(State(shared): State<Shared>, viewer: Viewer) -> Result<Html<String>, Fault> {
    let registry = shared.directory.registry();
    let ids = ids(&shared, first(viewer, &shared, &registry)?).await?;
    let fill = |text: &str| {
        let text = text.replace("INLET-URL", &shared.settings.public_url);
        match &ids.contact {
            Some(contact) => text.replace("CONTACT-ID", contact),
            None => text,
        }
    };
    let samples = SAMPLES.map(|(name, file, text)| Sample {
        name,
        file,
        text: fill(text),
    });
    Ok(render(&InboundCall {
        style: assets::style_path(),
        script: assets::docs_path(),
        samples: samples.into(),
        contact: ids.contact.is_some(),
        location: ids.name,
        location_id: ids.location,
    }))
}

fn first<'r>(viewer: Viewer, ports: &Ports, registry: &'r Registry) -> Result<&'r Location, Fault> {
    let own = viewer.locations(ports, registry);
    own.into_iter().next().ok_or(Fault::NoLocation)
}

async fn ids(ports: &Ports, location: &Location) -> Result<Ids, Fault> {
    let query = ConversationQuery::newest(location.key, 1);
    let (newest, _) = ports.inbox.conversations(&query).await?;
    let newest = newest.first();
    Ok(Ids {
        location: location.id.clone(),
        name: location.name.clone(),
        agency: location.agency.clone().unwrap_or_default(),
        contact: newest.map(|view| ports.ids.contact(view.key)),
        conversation: newest.map(|view| ports.ids.conversation(view.key)),
    })
}

fn one(operation: &Operation, ids: &Ids) -> One {
    let path = operation.path_ids().map(|name| Field {
        name,
        place: "path",
        required: true,
        note: "",
        value: value(name, ids),
    });
    let query = operation.query.iter().map(|asked| Field {
        name: asked.name,
        place: "query",
        required: asked.required,
        note: asked.note,
        value: if asked.required {
            value(asked.name, ids)
        } else {
            String::new()
        },
    });
    let files = operation.body == Some("Upload");
    One {
        id: operation.id(),
        method: operation.method,
        path: operation.path,
        summary: operation.summary,
        version: operation.version,
        scope: operation.access.scope(),
        agency: matches!(operation.access, Access::Agency(_)),
        fields: path.chain(query).collect(),
        body: operation.body.filter(|_| !files).map(|shape| body(shape, ids)),
        parts: if files { parts(ids) } else { Vec::new() },
        files,
    }
}

/// What goes with files that are handed in.
fn parts(ids: &Ids) -> Vec<Field> {
    let fields = ["locationId", "conversationId"].map(|name| Field {
        name,
        place: "part",
        required: true,
        note: "",
        value: value(name, ids),
    });
    fields.into()
}

/// An id that is known here, by its name in paths and queries.
fn value(name: &str, ids: &Ids) -> String {
    match name {
        "locationId" => ids.location.clone(),
        "companyId" => ids.agency.clone(),
        "contactId" => ids.contact.clone().unwrap_or_default(),
        "conversationId" => ids.conversation.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn body(shape: &str, ids: &Ids) -> Body {
    let example = schema(shape).get("example").cloned().unwrap_or(Value::Null);
    let text = serde_json::to_string_pretty(&example).unwrap_or_default();
    let contact = ids.contact.as_deref().unwrap_or("CONTACT-ID");
    let text = text
        .replace("{contactId}", contact)
        .replace("{bareContactId}", contact)
        .replace(
            "{conversationId}",
            ids.conversation.as_deref().unwrap_or("CONVERSATION-ID"),
        )
        .replace("{locationId}", &ids.location)
        .replace("{companyId}", &ids.agency);
    Body {
        rows: text.lines().count(),
        text,
    }
}
