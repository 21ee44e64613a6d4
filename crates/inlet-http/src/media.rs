//! Kept files under signed links. What is sent is told by the bytes, never by what the sender called them: pictures and
//! sound of a few kinds may open in the browser, everything else is a download.

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use inlet_core::{directory::StoreFault, inbound::MediaState};
use serde::Deserialize;

use crate::{guards::Guards, pages::file_name, state::Shared};

/// The links to kept files.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/media/{location}/{message}/{index}", get(serve))
        .route("/files/{location}/{blob}/{name}", get(serve_file))
}

/// The signature of a link.
#[derive(Debug, Deserialize)]
struct Signed {
    #[serde(default)]
    s: String,
}

/// `GET /media/{location}/{message}/{index}?s=…`: a file of a message.
async fn serve(
    State(shared): State<Shared>,
    Path((place, id, index)): Path<(String, String, usize)>,
    Query(signed): Query<Signed>,
    headers: HeaderMap,
) -> Response {
    let found = file(&shared, (&place, &id), index, &signed.s).await;
    answer(found, headers.get(header::RANGE), shared.settings.guards)
}

/// `GET /files/{location}/{blob}/{name}?s=…`: a file that was handed in by itself.
async fn serve_file(
    State(shared): State<Shared>,
    Path((place, blob, name)): Path<(String, String, String)>,
    Query(signed): Query<Signed>,
    headers: HeaderMap,
) -> Response {
    let found = handed_in(&shared, (&place, &blob), &name, &signed.s).await;
    answer(found, headers.get(header::RANGE), shared.settings.guards)
}

/// A file that is here.
struct Here {
    name: String,
    /// What whoever sent it says that it is.
    said: String,
    bytes: Bytes,
}

fn answer(found: Result<Here, Absence>, range: Option<&HeaderValue>, guards: Guards) -> Response {
    let mut response = match found {
        Ok(here) => send(here, range, guards),
        Err(absence) => absence.into_response(),
    };
    if guards.boxed() {
        let policy = HeaderValue::from_static("sandbox; default-src 'none'");
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let guard = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-site"),
        ),
    ];
    response.headers_mut().extend(guard);
    response
}

/// Why there is no file.
enum Absence {
    /// The link is not ours, or what it names is no longer here.
    Unknown,
    /// It is not here yet.
    Pending,
    /// It will not come.
    Failed(String),
    /// It was never taken in.
    Elsewhere,
    /// The store cannot answer.
    Store,
}

impl From<StoreFault> for Absence {
    fn from(_: StoreFault) -> Self {
        Self::Store
    }
}

impl IntoResponse for Absence {
    fn into_response(self) -> Response {
        let again = [(header::RETRY_AFTER, "5")];
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        match self {
            Self::Unknown => (
                StatusCode::NOT_FOUND,
                "There is no such file, or the link is not complete.",
            )
                .into_response(),
            Self::Pending => (unavailable, again, "The file is being fetched. Come again in a moment.").into_response(),
            Self::Failed(reason) => {
                let sentence = format!("The file could not be fetched from the sender: {reason}");
                (StatusCode::NOT_FOUND, sentence).into_response()
            }
            Self::Elsewhere => {
                let sentence = "The file stayed where the sender put it. The message names its address.";
                (StatusCode::NOT_FOUND, sentence).into_response()
            }
            Self::Store => (
                unavailable,
                again,
                "The store cannot answer right now. Come again in a moment.",
            )
                .into_response(),
        }
    }
}

async fn file(shared: &Shared, named: (&str, &str), index: usize, signature: &str) -> Result<Here, Absence> {
    let (location, key) = shared.links.open(named, index, signature).ok_or(Absence::Unknown)?;
    let message = shared.inbox.message(location, key).await?.ok_or(Absence::Unknown)?;
    let attachment = message.detail.attachments.get(index).ok_or(Absence::Unknown)?;
    match &attachment.state {
        MediaState::Kept { blob, content_type, .. } => {
            let bytes = shared.blobs.get(location, blob).await?;
            Ok(Here {
                name: file_name(attachment, index),
                said: content_type.clone(),
                bytes: bytes.ok_or(Absence::Unknown)?.into(),
            })
        }
        MediaState::Pending => Err(Absence::Pending),
        MediaState::Failed { reason } => Err(Absence::Failed(reason.clone())),
        MediaState::Linked => Err(Absence::Elsewhere),
    }
}

async fn handed_in(shared: &Shared, named: (&str, &str), name: &str, signature: &str) -> Result<Here, Absence> {
    let file = shared.links.open_file(named, name, signature).ok_or(Absence::Unknown)?;
    let bytes = shared.blobs.get(file.location, &file.blob).await?;
    Ok(Here {
        said: by_name(&file.name).to_owned(),
        name: file.name,
        bytes: bytes.ok_or(Absence::Unknown)?.into(),
    })
}

/// What a file is by its name, as far as that matters: only sound is taken at its word.
fn by_name(name: &str) -> &'static str {
    let sound = [".m4a", ".mp3", ".wav"].iter().any(|ending| name.ends_with(ending));
    if sound {
        "audio/mpeg"
    } else {
        "application/octet-stream"
    }
}

fn send(here: Here, range: Option<&HeaderValue>, guards: Guards) -> Response {
    let Here { name, said, bytes } = here;
    let kind = if guards.clean() {
        kind(&bytes, said.starts_with("audio/"))
    } else {
        Some(said.as_str())
    };
    let mut headers = HeaderMap::new();
    let mut set = |name, value: &str| headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
    let manner = if kind.is_some() { "inline" } else { "attachment" };
    set(header::CONTENT_TYPE, kind.unwrap_or("application/octet-stream"));
    set(header::CONTENT_DISPOSITION, &format!("{manner}; filename=\"{name}\""));
    set(header::CACHE_CONTROL, "private, max-age=86400");
    if !kind.is_some_and(|kind| kind.starts_with("audio/")) {
        return (headers, bytes).into_response();
    }
    set(header::ACCEPT_RANGES, "bytes");
    let total = bytes.len();
    match range.and_then(|range| part(range.to_str().ok()?, total)) {
        None => (headers, bytes).into_response(),
        Some(Err(())) => {
            set(header::CONTENT_RANGE, &format!("bytes */{total}"));
            (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response()
        }
        Some(Ok((first, last))) => {
            set(header::CONTENT_RANGE, &format!("bytes {first}-{last}/{total}"));
            (StatusCode::PARTIAL_CONTENT, headers, bytes.slice(first..=last)).into_response()
        }
    }
}

/// The bytes that `Range` asks for, first and last; `None` where it asks for something that need not be understood.
fn part(range: &str, total: usize) -> Option<Result<(usize, usize), ()>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = total.checked_sub(1);
    let number = |text: &str| text.parse::<usize>().ok();
    let (first, last) = match (first, last) {
        ("", suffix) => (total.saturating_sub(number(suffix)?), end),
        (first, "") => (number(first)?, end),
        (first, last) => {
            let last = number(last)?;
            (number(first)?, end.map(|end| end.min(last)))
        }
    };
    Some(match last {
        Some(last) if first <= last => Ok((first, last)),
        _ => Err(()),
    })
}

/// The type under which the bytes may open in a browser: pictures and sound of these kinds only, by their first bytes.
/// `said_audio` tells whether whoever sent it says that it is sound.
pub(crate) fn kind(bytes: &[u8], said_audio: bool) -> Option<&'static str> {
    let at = |from: usize, mark: &[u8]| bytes.get(from..from + mark.len()) == Some(mark);
    let mpeg_frame = matches!(bytes, [0xff, 0xfb | 0xfa | 0xf3 | 0xf2 | 0xe3 | 0xe2, ..]);
    let known = [
        (at(0, b"\x89PNG\r\n\x1a\n"), "image/png"),
        (at(0, b"\xff\xd8\xff"), "image/jpeg"),
        (at(0, b"GIF87a") || at(0, b"GIF89a"), "image/gif"),
        (at(0, b"RIFF") && at(8, b"WEBP"), "image/webp"),
        (at(0, b"RIFF") && at(8, b"WAVE"), "audio/wav"),
        (at(0, b"OggS"), "audio/ogg"),
        (at(0, b"ID3") || mpeg_frame, "audio/mpeg"),
        // The same container holds films: only what is said to be sound is taken for it.
        (at(4, b"ftypM4A ") || (at(4, b"ftyp") && said_audio), "audio/mp4"),
    ];
    known.iter().find(|(fits, _)| *fits).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_understood_or_left_alone() {
        let cases = [
            ("bytes=0-3", Some(Ok((0, 3)))),
            ("bytes=4-", Some(Ok((4, 9)))),
            ("bytes=-2", Some(Ok((8, 9)))),
            ("bytes=-99", Some(Ok((0, 9)))),
            ("bytes=5-99", Some(Ok((5, 9)))),
            ("bytes=10-", Some(Err(()))),
            ("bytes=7-3", Some(Err(()))),
            ("bytes=-0", Some(Err(()))),
            ("bytes=0-1,4-5", None),
            ("bytes=x-", None),
            ("lines=1-2", None),
        ];
        for (range, expected) in cases {
            assert_eq!(part(range, 10), expected, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Some(Err(())), "an empty file has no bytes to give");
    }
}
