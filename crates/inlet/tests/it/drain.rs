//! The end in good order: on SIGTERM what is under way is answered, what was answered is there, and what the process held
//! is given back.

use std::{
    collections::HashMap,
    sync::{Mutex, mpsc},
    thread,
};

use serde_json::json;

use crate::{
    engine::Engine,
    harness::{Place, Server},
    http::{Answer, Client},
    kill::broken_promises,
};

const WRITERS: usize = 16;
/// Answers before the end is asked for.
const BEFORE: usize = 200;

#[test]
fn the_end_comes_in_good_order() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::make(folder.path());
    let server = Server::start(folder.path(), &[]);
    let address = server.address;
    let heard = Heard::default();
    thread::scope(|scope| {
        let (more, enough) = mpsc::channel();
        for writer in 0..WRITERS {
            let (heard, more, client) = (&heard, more.clone(), Client::new(address, &place.token));
            scope.spawn(move || write(client, writer, heard, &more));
        }
        drop(more);
        assert_eq!(enough.iter().take(BEFORE).count(), BEFORE, "the writers write");
        server.end();
    });
    assert_eq!(
        format!("{:?}", heard.refused.into_inner().unwrap()),
        "[]",
        "nothing is turned away"
    );
    if let Engine::Postgres(_) = Engine::of(folder.path()) {
        let held = Engine::number(folder.path(), "select count(*) from lease where until > 0");
        assert_eq!(held, 0, "its number and its chores are free");
    }
    let server = Server::start(folder.path(), &[]);
    let answered = heard.answered.into_inner().unwrap();
    let broken = broken_promises(folder.path(), &server, &place.token, &answered);
    assert_eq!(broken, Vec::<String>::new());
}

/// What writers heard.
#[derive(Default)]
struct Heard {
    answered: Mutex<HashMap<String, String>>,
    refused: Mutex<Vec<Answer>>,
}

/// Writes until the server is gone; without an answer nothing is promised.
fn write(mut client: Client, writer: usize, heard: &Heard, more: &mpsc::Sender<()>) {
    for number in 0.. {
        let alt_id = format!("w{writer}-{number}");
        let phone = format!("+1415555{:04}", 1000 + writer);
        let body = json!({ "type": "SMS", "phone": phone, "message": "at last", "altId": alt_id });
        match client.post("/conversations/messages/inbound", &body) {
            Ok(answer) if answer.status == 200 => {
                let message = answer.json()["messageId"].as_str().unwrap().to_owned();
                heard.answered.lock().unwrap().insert(alt_id, message);
                // Who counts may have counted enough.
                let _ = more.send(());
            }
            Ok(answer) => return heard.refused.lock().unwrap().push(answer),
            Err(_) => return,
        }
    }
}
