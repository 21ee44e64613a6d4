//! The repeat drill: the same message many times at once is one message, and every sender hears the same.

use std::{io, sync::Barrier, thread};

use serde_json::{Value, json};

use crate::{
    harness::{Place, Server},
    http::{Answer, Client, accepted},
};

const IDS: usize = 1000;
const REPEATS: usize = 50;

#[test]
fn fifty_senders_of_one_message_hear_one_answer() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::make(folder.path());
    let server = Server::start(folder.path(), &[]);
    let together = Barrier::new(REPEATS);
    let answers: Vec<Vec<Value>> = thread::scope(|scope| {
        let senders: Vec<_> = (0..REPEATS)
            .map(|_| scope.spawn(|| send_all(&server, &place.token, &together)))
            .collect();
        let joined = senders.into_iter().map(|sender| sender.join().unwrap());
        joined.map(accepted).collect()
    });
    let (first, others) = answers.split_first().unwrap();
    for other in others {
        assert_eq!(other, first);
    }
    let mut ids: Vec<_> = first
        .iter()
        .map(|answer| answer["messageId"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), IDS);

    let conversation = first[0]["conversationId"].as_str().unwrap();
    let stored = count_messages(&mut Client::new(server.address, &place.token), conversation);
    assert_eq!(stored, IDS);
}

fn send_all(server: &Server, token: &str, together: &Barrier) -> Vec<io::Result<Answer>> {
    let mut client = Client::new(server.address, token);
    let send = |number| {
        together.wait();
        let body =
            json!({ "type": "SMS", "phone": "+14155550119", "message": "again", "altId": format!("SM{number}") });
        client.post("/conversations/messages/inbound", &body)
    };
    (0..IDS).map(send).collect()
}

fn count_messages(client: &mut Client, conversation: &str) -> usize {
    let (mut count, mut target) = (0, format!("/conversations/{conversation}/messages?limit=100"));
    loop {
        let page = client.get(&target).unwrap().json();
        count += page["messages"]["messages"].as_array().unwrap().len();
        if page["messages"]["nextPage"] != json!(true) {
            return count;
        }
        let last = page["messages"]["lastMessageId"].as_str().unwrap();
        target = format!("/conversations/{conversation}/messages?limit=100&lastMessageId={last}");
    }
}
