//! Files under signed links: what may open in the browser, and what is only ever a download.

use http::{Request, StatusCode};
use inlet_core::{Timestamp, ids::MessageKey, inbound::MediaState};

use crate::house::{Answer, HERE, House, THERE, attachment, text};

fn house_with(url: &str, content_type: &str, bytes: &[u8]) -> (House, MessageKey) {
    let blob = "b".repeat(64);
    let kept = MediaState::Kept {
        blob: blob.clone(),
        size: u64::try_from(bytes.len()).unwrap(),
        content_type: content_type.to_owned(),
    };
    let (house, key) = house_in_state(url, content_type, kept);
    house.stage.blobs.lock().unwrap().insert((THERE, blob), bytes.to_vec());
    (house, key)
}

fn house_in_state(url: &str, content_type: &str, state: MediaState) -> (House, MessageKey) {
    let house = House::closed();
    // Another location's message first: the link alone must find the right one.
    let other = house.person(HERE, None, None);
    house.record(text(other, "Not this", Timestamp::UNIX_EPOCH));
    let contact = house.person(THERE, None, None);
    let mut message = text(contact, "A file", Timestamp::UNIX_EPOCH);
    message.detail.attachments.push(attachment(url, content_type, state));
    let key = house.record(message);
    (house, key)
}

async fn get(house: &House, key: MessageKey, range: Option<&str>) -> Answer {
    let mut request = Request::get(house.shared.links.path(THERE, key, 0));
    if let Some(range) = range {
        request = request.header("range", range);
    }
    house.ask(request).await
}

fn is_guarded(answer: &Answer) -> bool {
    answer.header("x-content-type-options") == "nosniff"
        && answer.header("content-security-policy") == "sandbox; default-src 'none'"
        && answer.header("set-cookie").is_empty()
}

#[tokio::test]
async fn only_known_pictures_and_sound_open_by_their_first_bytes() {
    let shown: [(&[u8], &str, &str); 10] = [
        (b"\x89PNG\r\n\x1a\n rest", "image/png", "image/png"),
        (b"\x89PNG\r\n\x1a\n rest", "text/html", "image/png"),
        (b"\xff\xd8\xff\xe0 rest", "image/jpeg", "image/jpeg"),
        (b"GIF89a rest", "image/gif", "image/gif"),
        (b"RIFF....WEBPVP8 ", "image/webp", "image/webp"),
        (b"RIFF....WAVEfmt ", "audio/x-wav", "audio/wav"),
        (b"OggS rest", "application/ogg", "audio/ogg"),
        (b"ID3\x04 rest", "audio/mpeg", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg", "audio/mpeg"),
        (b"....ftypM4A rest", "audio/mp4", "audio/mp4"),
    ];
    for (bytes, said, sent) in shown {
        let (house, key) = house_with("https://x.test/file.bin", said, bytes);
        let answer = get(&house, key, None).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, sent));
        assert_eq!(answer.header("content-disposition"), "inline; filename=\"file.bin\"");
        assert!(is_guarded(&answer), "{sent}");
    }
    let kept_shut: [(&[u8], &str); 11] = [
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            "image/svg+xml",
        ),
        (b"<script>alert(1)</script>", "image/png"),
        (b"<html>", "text/html"),
        (b"<?xml version='1.0'?>", "application/xml"),
        (b"alert(1)", "text/javascript"),
        (b"%PDF-1.7", "application/pdf"),
        (b"....ftypisom", "video/mp4"),
        (b"<GIF89a=1>", "image/gif"),
        (b"\xff\xd8", "image/jpeg"),
        (b"RIFF....AVI ", "video/avi"),
        (b"", "image/png"),
    ];
    for (bytes, said) in kept_shut {
        let (house, key) = house_with("https://x.test/a/evil.html", said, bytes);
        let answer = get(&house, key, None).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::OK, "application/octet-stream")
        );
        assert_eq!(
            answer.header("content-disposition"),
            "attachment; filename=\"evil.html\"",
            "{said}"
        );
        assert!(is_guarded(&answer), "{said}");
    }
}

#[tokio::test]
async fn sound_can_be_asked_for_in_parts() {
    let (house, key) = house_with("https://x.test/a.mp3", "audio/mpeg", b"ID3456789");
    let cases = [
        (None, StatusCode::OK, "", "ID3456789"),
        (Some("bytes=3-5"), StatusCode::PARTIAL_CONTENT, "bytes 3-5/9", "456"),
        (Some("bytes=7-"), StatusCode::PARTIAL_CONTENT, "bytes 7-8/9", "89"),
        (Some("bytes=9-"), StatusCode::RANGE_NOT_SATISFIABLE, "bytes */9", ""),
        (Some("bytes=0-1,3-4"), StatusCode::OK, "", "ID3456789"),
    ];
    for (range, status, content_range, body) in cases {
        let answer = get(&house, key, range).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{range:?}");
        assert_eq!(answer.header("content-range"), content_range);
        assert_eq!(answer.header("accept-ranges"), "bytes");
        assert!(is_guarded(&answer));
    }
    let (house, key) = house_with("https://x.test/a.png", "image/png", b"\x89PNG\r\n\x1a\n");
    assert_eq!(
        get(&house, key, Some("bytes=0-1")).await.status,
        StatusCode::OK,
        "pictures come whole"
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_says_why() {
    let failed = MediaState::Failed {
        reason: "the server answered 404".to_owned(),
    };
    let cases = [
        (MediaState::Pending, StatusCode::SERVICE_UNAVAILABLE, "being fetched"),
        (failed, StatusCode::NOT_FOUND, "the server answered 404"),
        (
            MediaState::Linked,
            StatusCode::NOT_FOUND,
            "stayed where the sender put it",
        ),
    ];
    for (state, status, words) in cases {
        let (house, key) = house_in_state("https://x.test/a.png", "image/png", state);
        let answer = get(&house, key, None).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.contains(words) && is_guarded(&answer), "{}", answer.body);
        let again = if status == StatusCode::SERVICE_UNAVAILABLE {
            "5"
        } else {
            ""
        };
        assert_eq!(answer.header("retry-after"), again);
    }
}

#[tokio::test]
async fn a_link_that_is_not_ours_opens_nothing() {
    let (house, key) = house_with("https://x.test/a.png", "image/png", b"\x89PNG\r\n\x1a\n");
    let good = house.shared.links.path(THERE, key, 0);
    let (path, _) = good.split_once('?').unwrap();
    let absent = house.shared.links.path(THERE, MessageKey(99), 0);
    let beyond = house.shared.links.path(THERE, key, 1);
    let paths = [
        path.to_owned(),
        format!("{path}?s="),
        format!("{path}?s={}", "0".repeat(32)),
        absent,
        beyond,
    ];
    for path in paths {
        let answer = house.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(is_guarded(&answer));
    }
}
