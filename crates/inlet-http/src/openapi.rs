//! Our own OpenAPI document, made from the table of operations, and served at `/openapi.json`. HighLevel's official one
//! contradicts both its documents and its practice; this one says what is served here, and nothing else.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Map, Value, json};

mod operation;
mod operations;

pub use operation::{Access, Asked, Kind, Operation};
pub use operations::OPERATIONS;

use crate::state::Shared;

/// The shapes of bodies and answers, as JSON Schema by name. Examples hold the names of ids in braces.
const SCHEMAS: &str = include_str!("openapi/schemas.json");

/// Ids as they look, for a document that shows nobody's own.
const SAMPLE_IDS: [(&str, &str); 9] = [
    ("{conversationId}", "1Xc4tYpQe7uRkB9mZ2sF"),
    ("{contactId}", "0Zr5qVnNm8wBvK3yT1dA"),
    ("{bareContactId}", "0Zr5qVnNm8wBvK3yT1dA"),
    ("{locationId}", "ve9EPM428h8vShlRW1KT"),
    ("{companyId}", "harbour-agency"),
    ("{callProviderId}", "61d6d1f9cdac7612faf80753"),
    ("{appId}", "6578278e879ad2646715ba9c"),
    ("{clientId}", "6578278e879ad2646715ba9c-abc12345"),
    ("{clientSecret}", "a4c1b8f0-0000-4000-8000-000000000000"),
];

pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/openapi.json", get(serve))
}

/// `GET /openapi.json`. It says nothing that the source does not, so anybody may read it, from anywhere.
async fn serve(State(shared): State<Shared>) -> Response {
    let mut response = Json(document(&shared.settings.public_url, shared.settings.version)).into_response();
    let anywhere = HeaderValue::from_static("*");
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anywhere);
    response
}

/// The shape of that name with its parts, as it stands in the table.
pub fn schema(name: &str) -> Value {
    let all: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    all.get(name).cloned().unwrap_or_default()
}

/// The document, for a server that is called at this address.
pub fn document(url: &str, version: &str) -> Value {
    let mut text = SCHEMAS.to_owned();
    for (name, id) in SAMPLE_IDS {
        text = text.replace(name, id);
    }
    let schemas: Value = serde_json::from_str(&text).unwrap_or_default();
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(operation.method.to_lowercase(), described(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Inlet",
            "version": version,
            "description": "HighLevel's Conversations API as Inlet serves it.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": url }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A private integration token (`inlet token add`), or the access token of an app.",
                },
            },
            "responses": {
                "Fault": { "description": "It was refused.", "content": content("Fault") },
            },
        },
    })
}

fn described(operation: &Operation) -> Value {
    let (status, answer) = operation.answer;
    let mut responses = Map::new();
    let done = json!({ "description": "It was done.", "content": content(answer) });
    if status == 302 {
        // What is kept here is answered as it is; otherwise the answer is where it lies.
        responses.insert("200".to_owned(), done);
        let elsewhere = json!({ "description": "It lies where Location says." });
        responses.insert("302".to_owned(), elsewhere);
    } else {
        responses.insert(status.to_string(), done);
    }
    for refused in ["400", "401", "403", "404", "413", "415", "422", "429", "default"] {
        let fault = json!({ "$ref": "#/components/responses/Fault" });
        responses.insert(refused.to_owned(), fault);
    }
    let mut described = json!({
        "operationId": operation.id(),
        "summary": operation.summary,
        "tags": [operation.tag()],
        "parameters": parameters(operation),
        "responses": responses,
        "security": if operation.access.scope().is_some() { json!([{ "token": [] }]) } else { json!([]) },
    });
    let fields = described.as_object_mut();
    if let (Some(fields), Some(body)) = (fields, operation.body) {
        let mut kinds = content(body);
        if let (Access::Client | Access::Agency(_), Some(kinds)) = (operation.access, kinds.as_object_mut()) {
            kinds.extend(
                kinds
                    .get("application/json")
                    .cloned()
                    .map(|json| (FORM.to_owned(), json)),
            );
        }
        fields.insert("requestBody".to_owned(), json!({ "required": true, "content": kinds }));
    }
    if let (Some(scope), Some(fields)) = (operation.access.scope(), described.as_object_mut()) {
        fields.insert("description".to_owned(), format!("Needs the scope `{scope}`.").into());
    }
    described
}

const FORM: &str = "application/x-www-form-urlencoded";

/// A shape under the type that it is sent as.
fn content(shape: &str) -> Value {
    let named = json!({ "schema": { "$ref": format!("#/components/schemas/{shape}") } });
    match shape {
        "Upload" => json!({ "multipart/form-data": named }),
        "Text" => json!({ "text/plain": { "schema": { "type": "string" } } }),
        "Sound" => {
            let bytes = json!({ "schema": { "type": "string", "format": "binary" } });
            let kinds = ["audio/x-wav", "audio/mpeg", "audio/ogg", "audio/mp4"];
            kinds.into_iter().map(|kind| (kind.to_owned(), bytes.clone())).collect()
        }
        _ => json!({ "application/json": named }),
    }
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let mut all: Vec<Value> = operation
        .path_ids()
        .map(|name| {
            let schema = json!({ "type": "string", "minLength": 1, "maxLength": 64 });
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    all.extend(operation.query.iter().map(|asked| {
        json!({
            "name": asked.name,
            "in": "query",
            "required": asked.required,
            "description": asked.note,
            "schema": asked.kind.schema(),
        })
    }));
    if operation.version {
        let versions = ["2021-04-15", "2021-07-28", "2023-02-21", "v3", "legacy"];
        let schema = json!({ "type": "string", "enum": versions, "default": "2021-04-15" });
        all.push(json!({ "name": "Version", "in": "header", "required": true, "schema": schema }));
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::router::ROUTES;

    /// Whatever is served under HighLevel's name has a row, and nothing else has: a new route without one fails here.
    #[test]
    fn each_route_of_highlevels_is_described() {
        let vendors = ["/conversations/providers/twilio", "/appengine/", "/in/"];
        let served: BTreeSet<(&str, &str)> = ROUTES
            .into_iter()
            .filter(|(_, path)| !vendors.iter().any(|vendor| path.starts_with(vendor)))
            .collect();
        let described: BTreeSet<(&str, &str)> = OPERATIONS.iter().map(|one| (one.method, one.path)).collect();
        assert_eq!(described, served, "left: openapi/operations.rs, right: router.rs");
    }

    #[test]
    fn each_shape_that_is_named_exists_and_is_used() {
        let all: Value = serde_json::from_str(SCHEMAS).unwrap();
        let text = document("http://127.0.0.1:8700", "0").to_string();
        let mut named: BTreeSet<&str> = text
            .split("#/components/schemas/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        named.insert("Fault");
        let there: BTreeSet<&str> = all.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(named, there);
        assert!(
            !text.contains("Id}\",\"") && !text.contains("\"{"),
            "examples are filled in"
        );
    }

    #[test]
    fn each_operation_has_a_name_of_its_own() {
        let names: BTreeSet<String> = OPERATIONS.iter().map(Operation::id).collect();
        assert_eq!(names.len(), OPERATIONS.len());
    }
}
