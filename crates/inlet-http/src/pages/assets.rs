//! The stylesheet and the script, under names that change with their content; and the headers that every page carries.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::mail::FRAME_STYLE;

/// A file that pages load, compiled in.
#[derive(Debug)]
struct Asset {
    name: String,
    content: &'static str,
    content_type: &'static str,
}

impl Asset {
    fn new(stem: &str, ending: &str, content: &'static str, content_type: &'static str) -> Self {
        let digest = Sha256::digest(content.as_bytes());
        let short = digest
            .iter()
            .take(8)
            .fold(0_u64, |short, &byte| short << 8 | u64::from(byte));
        Self {
            name: format!("{stem}-{short:016x}.{ending}"),
            content,
            content_type,
        }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = concat!(
        include_str!("../../assets/inlet.css"),
        include_str!("../../assets/tools.css"),
        include_str!("../../assets/side.css"),
        include_str!("../../assets/beside.css"),
        include_str!("../../assets/docs.css")
    );
    Asset::new("inlet", "css", content, "text/css; charset=utf-8")
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = concat!(
        include_str!("../../assets/inlet.js"),
        include_str!("../../assets/keys.js"),
        include_str!("../../assets/side.js"),
        include_str!("../../assets/thread.js")
    );
    Asset::new("inlet", "js", content, "text/javascript; charset=utf-8")
});

static POLICY: LazyLock<HeaderValue> =
    LazyLock::new(|| HeaderValue::from_str(&policy("")).unwrap_or(HeaderValue::from_static("default-src 'none'")));

/// What a page may load, and where its forms may lead beside our own pages. Style attributes are allowed because mails
/// carry their look in them (framed pages inherit this policy); no element and no script of a mail is.
pub(super) fn policy(forms: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' {}; style-src-attr 'unsafe-inline'; \
         img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self' {forms}; base-uri 'none'; \
         frame-ancestors 'none'",
        style_hash(FRAME_STYLE)
    )
}

static DOCS: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/docs.js");
    Asset::new("docs", "js", content, "text/javascript; charset=utf-8")
});

static BESIDE: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/beside.js");
    Asset::new("beside", "js", content, "text/javascript; charset=utf-8")
});

/// The path of the script of the pages beside the inbox.
pub(super) fn beside_path() -> String {
    format!("/assets/{}", BESIDE.name)
}

/// The path of the explorer's script.
pub(super) fn docs_path() -> String {
    format!("/assets/{}", DOCS.name)
}

/// The path of the stylesheet.
pub(super) fn style_path() -> String {
    format!("/assets/{}", STYLE.name)
}

/// The path of the script.
pub(super) fn script_path() -> String {
    format!("/assets/{}", SCRIPT.name)
}

/// How a policy names a style element: by the hash of its content.
pub(super) fn style_hash(style: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(Sha256::digest(style.as_bytes())))
}

/// `GET /assets/{name}`
pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let found = [&*STYLE, &*SCRIPT, &*BESIDE, &*DOCS]
        .into_iter()
        .find(|asset| asset.name == name);
    match found {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Adds what every page carries. `Referrer-Policy` is `same-origin` because under `no-referrer` a browser sends
/// `Origin: null` with our own forms; nobody else is told anything under either.
pub(super) async fn add_headers(mut response: Response) -> Response {
    let always: [(HeaderName, HeaderValue); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
    ];
    let headers: &mut HeaderMap = response.headers_mut();
    headers.extend(always);
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| POLICY.clone());
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
