//! Files from outside: handed in, served under their links, sent with calls, replaced, and refused.

use serde_json::{Value, json};

use crate::{
    harness::{Place, Server, cli},
    http::Client,
};

const UPLOAD: &str = "/conversations/messages/upload";
const FORM: [(&str, &str); 1] = [("Content-Type", "multipart/form-data; boundary=cut")];
/// One byte more than a file may have.
const TOO_MUCH: usize = 5 * 1024 * 1024 + 1;

struct World {
    client: Client,
    location: String,
    contact: String,
    provider: String,
    server: Server,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::make(folder.path());
        let add = ["provider", "add", "--location", &place.location, "--type", "Call"];
        let provider = cli(folder.path(), &add);
        let server = Server::start(folder.path(), &[]);
        let mut client = Client::new(server.address, &place.token);
        let body = json!({"locationId": place.location, "phone": "+14155552671"});
        let made = client.ask("POST", "/contacts/", Some(&body), 201);
        Self {
            client,
            location: place.location,
            contact: made["contact"]["id"].as_str().unwrap().to_owned(),
            provider: provider["id"].as_str().unwrap().to_owned(),
            server,
            _folder: folder,
        }
    }

    /// A form for this contact with these files.
    fn form(&self, files: &[(&str, &[u8])]) -> Vec<u8> {
        let fields = [("locationId", &self.location), ("contactId", &self.contact)];
        let mut form = Vec::new();
        for (name, value) in fields {
            let part = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            form.extend(part.as_bytes());
        }
        for (name, bytes) in files {
            let head = format!(
                "--cut\r\nContent-Disposition: form-data; name=\"fileAttachment\"; filename=\"{name}\"\r\n\r\n"
            );
            form.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        form.extend(b"--cut--\r\n");
        form
    }

    fn hand_in(&mut self, form: &[u8], status: u16) -> Value {
        let answer = self.client.send("POST", UPLOAD, &FORM, form).unwrap();
        assert_eq!(answer.status, status, "{answer:?}");
        answer.json()
    }

    /// What stands under one of our own links.
    fn open(&mut self, link: &str, status: u16) -> String {
        let base = format!("http://{}", self.server.address);
        let target = link.strip_prefix(&base).unwrap_or_else(|| panic!("{link} is not ours"));
        let answer = self.client.get(target).unwrap();
        assert_eq!(answer.status, status, "{answer:?}");
        answer.body
    }
}

#[test]
fn files_are_kept_and_stand_under_their_links_only() {
    let mut world = World::new();
    let form = world.form(&[("note.txt", b"by hand"), ("a b.PNG", b"\x89PNG\r\n\x1a\n")]);
    let kept = world.hand_in(&form, 200);
    let link = |name: &str| {
        kept["uploadedFiles"][name]
            .as_str()
            .unwrap_or_else(|| panic!("{kept}"))
            .to_owned()
    };
    assert_eq!(world.open(&link("note.txt"), 200), "by hand");
    world.open(&link("a_b.PNG"), 200);
    world.open(&link("note.txt").replace("note.txt", "other.txt"), 404);
    let unsigned = link("note.txt");
    world.open(unsigned.split('?').next().unwrap(), 404);
    let again = world.hand_in(&form, 200);
    assert_eq!(again, kept, "the same bytes are kept once, under the same link");
    let contact = world.contact.clone();
    let sent = json!({"type": "SMS", "contactId": contact, "attachments": [link("note.txt")]});
    let sent = world
        .client
        .ask("POST", "/conversations/messages/inbound", Some(&sent), 200);
    let path = format!("/conversations/messages/{}", sent["messageId"].as_str().unwrap());
    let shown = world.client.ask("GET", &path, None, 200);
    assert_eq!(shown["attachments"], json!([link("note.txt")]));
}

#[test]
fn what_cannot_be_taken_in_is_refused_with_the_documented_body() {
    let mut world = World::new();
    let big = vec![b'x'; TOO_MUCH];
    let six: Vec<(String, &[u8])> = (0..6).map(|number| (format!("{number}.txt"), &b"x"[..])).collect();
    let six: Vec<_> = six.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let fine = world.form(&[("a.txt", b"x")]);
    let text = String::from_utf8(fine.clone()).unwrap();
    let cases = [
        (world.form(&[("a.html", b"<p>")]), 415),
        (world.form(&[("a", b"x")]), 415),
        (world.form(&[("a.png", &big)]), 413),
        (world.form(&[("a.png", b"")]), 400),
        (world.form(&[]), 400),
        (world.form(&six), 400),
        (text.replace("contactId", "somebody").into_bytes(), 400),
        (text.replace("locationId", "place").into_bytes(), 400),
        (text.replace("--cut--", "").into_bytes(), 400),
        (b"nonsense".to_vec(), 400),
    ];
    for (form, status) in cases {
        let said = world.hand_in(&form, status);
        assert_eq!(said["status"], status, "{said}");
        assert!(
            said["message"].as_str().is_some_and(|words| !words.is_empty()),
            "{said}"
        );
    }
    let location = world.location.clone();
    world.hand_in(text.replace(&location, "elsewhere").as_bytes(), 403);
    let contact = world.contact.clone();
    world.hand_in(text.replace(&contact, "nobody").as_bytes(), 404);
    let json = json!({"locationId": location, "fileAttachment": {}});
    let said = world.client.ask("POST", UPLOAD, Some(&json), 415);
    assert_eq!(said["status"], 415);
}

#[test]
fn a_call_has_its_recording_its_transcription_and_other_files() {
    let mut world = World::new();
    let form = world.form(&[("call.wav", b"RIFF....WAVEfmt ")]);
    let link = world.hand_in(&form, 200)["uploadedFiles"]["call.wav"].clone();
    let body = json!({
        "type": "Call", "contactId": world.contact, "conversationProviderId": world.provider, "message": "Hello there",
        "call": {"from": "+14155552671", "to": "+14155550100", "status": "completed"}, "attachments": [link],
    });
    let call = world
        .client
        .ask("POST", "/conversations/messages/inbound", Some(&body), 200);
    let id = call["messageId"].as_str().unwrap().to_owned();
    let here = world.location.clone();
    let recording = |place: &str| format!("/conversations/messages/{id}/locations/{place}/recording");
    let answer = world.client.get(&recording(&here)).unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "RIFF....WAVEfmt "));
    world.client.ask("GET", &recording("elsewhere"), None, 403);
    let words = format!("/conversations/locations/{here}/messages/{id}/transcription");
    let answer = world.client.get(&words).unwrap();
    let sentences: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(sentences[0]["transcript"], "Hello there");
    let answer = world.client.get(&format!("{words}/download")).unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "Hello there"));

    let files = format!("/conversations/messages/{id}/attachments");
    let other = json!({"attachments": ["https://vendor.example/rec.mp3"]});
    world.client.ask("PUT", &files, Some(&other), 200);
    let shown = world
        .client
        .ask("GET", &format!("/conversations/messages/{id}"), None, 200);
    assert_eq!(shown["attachments"], other["attachments"]);
    assert_eq!(
        world.client.get(&recording(&here)).unwrap().status,
        302,
        "it is with whoever sent it"
    );
    world.client.ask("PUT", &files, Some(&json!({"attachments": []})), 200);
    let none = world.client.ask("GET", &recording(&here), None, 400);
    assert_eq!(none["canonicalCode"], "CONVERSATIONS_MSG_RECORDING_NOT_FOUND");
    world.client.ask("PUT", &files, Some(&json!({"attachments": "x"})), 422);
}

#[test]
fn what_is_no_call_has_none_of_it() {
    let mut world = World::new();
    let body = json!({"type": "SMS", "contactId": world.contact, "message": "hi"});
    let text = world
        .client
        .ask("POST", "/conversations/messages/inbound", Some(&body), 200);
    let here = world.location.clone();
    for (id, missing) in [(text["messageId"].as_str().unwrap(), 403), ("nobody", 404)] {
        let files = format!("/conversations/messages/{id}/attachments");
        world
            .client
            .ask("PUT", &files, Some(&json!({"attachments": []})), missing);
        let recording = format!("/conversations/messages/{id}/locations/{here}/recording");
        let status = if missing == 403 { 400 } else { 404 };
        world.client.ask("GET", &recording, None, status);
        for end in ["", "/download"] {
            let words = format!("/conversations/locations/{here}/messages/{id}/transcription{end}");
            world.client.ask("GET", &words, None, 404);
        }
    }
    let typing = "/conversations/providers/live-chat/typing";
    let conversation = text["conversationId"].clone();
    let body = json!({"locationId": here, "conversationId": conversation, "visitorId": "v", "isTyping": "true"});
    assert_eq!(world.client.ask("POST", typing, Some(&body), 201)["success"], true);
    for (field, value, status) in [
        ("locationId", "elsewhere", 403),
        ("conversationId", "x", 404),
        ("isTyping", "?", 422),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value.into();
        world.client.ask("POST", typing, Some(&wrong), status);
    }
}
