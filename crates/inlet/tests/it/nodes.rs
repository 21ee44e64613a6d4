//! Several nodes on one database: the repeat drill over three processes, new numbers at all of them at once, and kills of
//! nodes and of PostgreSQL's own processes under load.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Barrier, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    engine::Engine,
    harness::{Place, Server},
    http::{Answer, Client, accepted},
    kill::{WRITERS, broken_promises, kills_or},
};

const IDS: usize = 1000;
const REPEATS: usize = 50;
const NUMBERS: usize = 200;
/// At least so long after the one before: a node that was killed has its number for another minute, and there are 64.
const A_KILL: Duration = Duration::from_secs(1);
const INBOUND: &str = "/conversations/messages/inbound";

/// Nodes with a data folder each, over one store.
pub(crate) struct Nodes {
    folders: Vec<TempDir>,
    place: Place,
}

impl Nodes {
    fn new(count: usize) -> Self {
        let folders: Vec<TempDir> = (0..count).map(|_| tempfile::tempdir().unwrap()).collect();
        let place = Place::make(folders[0].path());
        for folder in &folders[1..] {
            Engine::share(folders[0].path(), folder.path());
        }
        Self { folders, place }
    }

    fn start(&self, node: usize) -> Server {
        Server::start(self.folders[node].path(), &[])
    }

    pub(crate) fn number(&self, sql: &str) -> i64 {
        Engine::number(self.folders[0].path(), sql)
    }
}

#[test]
#[ignore = "needs a server: INLET_STORIES=postgres script/with-postgres cargo test -- --ignored"]
fn repeats_at_three_nodes_hear_one_answer() {
    let nodes = Nodes::new(3);
    let servers: Vec<Server> = (0..3).map(|node| nodes.start(node)).collect();
    let together = Barrier::new(REPEATS);
    let send_all = |sender: usize| -> Vec<io::Result<Answer>> {
        let mut client = Client::new(servers[sender % 3].address, &nodes.place.token);
        let send = |number: usize| {
            together.wait();
            let body =
                json!({ "type": "SMS", "phone": "+14155550119", "message": "again", "altId": format!("SM{number}") });
            client.post(INBOUND, &body)
        };
        (0..IDS).map(send).collect()
    };
    let answers: Vec<Vec<Value>> = thread::scope(|scope| {
        let send_all = &send_all;
        let senders: Vec<_> = (0..REPEATS)
            .map(|sender| scope.spawn(move || send_all(sender)))
            .collect();
        let joined = senders.into_iter().map(|sender| sender.join().unwrap());
        joined.map(accepted).collect()
    });
    let (first, others) = answers.split_first().unwrap();
    for other in others {
        assert_eq!(other, first, "50 identical answers");
    }
    let wanted = i64::try_from(IDS).unwrap();
    assert_eq!(nodes.number("select count(distinct external_id) from message"), wanted);
    assert_eq!(nodes.number("select count(*) from message"), wanted);
    assert_eq!(
        nodes.number("select count(*) from delivery"),
        wanted,
        "one set of deliveries"
    );
    assert_eq!(nodes.number("select max(seq) from message"), wanted, "no gap");
}

#[test]
#[ignore = "needs a server: INLET_STORIES=postgres script/with-postgres cargo test -- --ignored"]
fn new_numbers_at_three_nodes_at_once_are_one_contact_each() {
    let nodes = Nodes::new(3);
    let servers: Vec<Server> = (0..3).map(|node| nodes.start(node)).collect();
    let together = Barrier::new(servers.len());
    let send_all = |node: usize| -> Vec<io::Result<Answer>> {
        let mut client = Client::new(servers[node].address, &nodes.place.token);
        let send = |number: usize| {
            let phone = format!("+1415555{:04}", 1000 + number);
            let body =
                json!({ "type": "SMS", "phone": phone, "message": "first", "altId": format!("n{node}-{number}") });
            together.wait();
            client.post(INBOUND, &body)
        };
        (0..NUMBERS).map(send).collect()
    };
    let answers = thread::scope(|scope| {
        let send_all = &send_all;
        let senders: Vec<_> = (0..3).map(|node| scope.spawn(move || send_all(node))).collect();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });
    accepted(answers);
    let wanted = i64::try_from(NUMBERS).unwrap();
    assert_eq!(nodes.number("select count(*) from contact"), wanted);
    assert_eq!(nodes.number("select count(*) from identity"), wanted);
    assert_eq!(nodes.number("select count(*) from message"), wanted * 3);
}

#[test]
#[ignore = "needs a server: INLET_STORIES=postgres script/with-postgres cargo test -- --ignored"]
fn what_two_nodes_answered_survives_kills_of_either_and_of_their_connections() {
    assert_eq!(under_fire(end_connections), Vec::<String>::new());
}

fn end_connections(nodes: &Nodes) {
    let ended = nodes.number(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity
          where application_name = 'inlet' and datname = current_database()",
    );
    assert!(ended > 0, "there was a connection to end");
}

/// Two nodes under 64 writers; either is killed in turn, and after each kill the store is struck. Answers what is wrong.
pub(crate) fn under_fire(strike: fn(&Nodes)) -> Vec<String> {
    let nodes = Nodes::new(2);
    let answered = Mutex::new(HashMap::new());
    let addresses: Mutex<[Option<SocketAddr>; 2]> = Mutex::default();
    let over = AtomicBool::new(false);
    let place = |node: usize, address| addresses.lock().unwrap()[node] = address;
    let kills = kills_or(10).div_ceil(2);
    thread::scope(|scope| {
        let _end = End(&over);
        for writer in 0..WRITERS {
            let (answered, addresses, over, token) = (&answered, &addresses, &over, &nodes.place.token);
            scope.spawn(move || write(addresses, over, token, (writer, answered)));
        }
        let mut servers = [nodes.start(0), nodes.start(1)].map(Some);
        for (node, server) in servers.iter().enumerate() {
            place(node, server.as_ref().map(|server| server.address));
        }
        let mut last = Instant::now();
        for kill in 0..kills {
            thread::sleep(A_KILL.saturating_sub(last.elapsed()));
            last = Instant::now();
            wait_for(&answered, 100 + kill * 37 % 200);
            let node = kill % 2;
            place(node, None);
            servers[node].take().unwrap().kill();
            wait_for(&answered, 50);
            strike(&nodes);
            wait_for(&answered, 50);
            let server = nodes.start(node);
            place(node, Some(server.address));
            servers[node] = Some(server);
        }
        wait_for(&answered, WRITERS);
    });
    let server = nodes.start(0);
    let answered = answered.into_inner().unwrap();
    let broken = broken_promises(nodes.folders[0].path(), &server, &nodes.place.token, &answered);
    println!(
        "{kills} kills, {} messages answered, {} promises broken",
        answered.len(),
        broken.len()
    );
    broken
}

/// The end, which comes with an assertion that fails, too: else the writers would go on for ever.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Writes until it is over.
fn write(
    addresses: &Mutex<[Option<SocketAddr>; 2]>,
    over: &AtomicBool,
    token: &str,
    (writer, answered): (usize, &Mutex<HashMap<String, String>>),
) {
    for number in 0.. {
        let alt_id = format!("w{writer}-{number}");
        let phone = format!("+1415555{:04}", 1000 + writer);
        let body = json!({ "type": "SMS", "phone": phone, "message": "under fire", "altId": alt_id });
        let Some(message) = insist(addresses, over, token, &body, writer) else {
            return;
        };
        answered.lock().unwrap().insert(alt_id, message);
    }
}

/// Sends to one node or the other until one of them has it; answers its id, or nothing when it is over.
fn insist(
    addresses: &Mutex<[Option<SocketAddr>; 2]>,
    over: &AtomicBool,
    token: &str,
    body: &Value,
    first: usize,
) -> Option<String> {
    for attempt in first.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let address = addresses.lock().unwrap()[attempt % 2];
        let Some(address) = address else {
            thread::yield_now();
            continue;
        };
        match Client::new(address, token).post(INBOUND, body) {
            Ok(answer) if answer.status == 200 => {
                return Some(answer.json()["messageId"].as_str().unwrap().to_owned());
            }
            Ok(answer) => assert!(answer.status >= 429, "{answer:?}"),
            Err(_) => {}
        }
    }
    None
}

/// Until so many more are answered. It does not take long, or the harness ends it.
fn wait_for(answered: &Mutex<HashMap<String, String>>, more: usize) {
    let wanted = answered.lock().unwrap().len() + more;
    for _ in 0..60_000 {
        if answered.lock().unwrap().len() >= wanted {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("nothing is answered any more");
}
