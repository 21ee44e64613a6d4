//! How fast the durable endpoint is, as ratios against an echo in the same binary: `script/bench`.
//!
//! The echo authenticates, parses the same body with the same code and answers the same reply, but stores nothing. Both
//! run in turn on the same server process, driven by the same client on the same machine, so that the ratio holds where
//! an absolute figure would not. With `--store postgres` one node is measured over a database, and two.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the real clock and its own environment"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on should stop, and its figures are small"
)]

mod durable {
    pub(crate) mod database;
    pub(crate) mod load;
    pub(crate) mod server;
}

use std::time::Duration;

use durable::{
    database::Database,
    load::{Load, Outcome, Target},
    server::Server,
};
use serde_json::{Value, json};

const CONNECTIONS: [usize; 4] = [1, 16, 64, 256];
const DESTINATIONS: [usize; 3] = [0, 1, 3];
/// Over a database: what the budget names, with one node and with two.
const NODES: [usize; 2] = [1, 2];
const OVER_A_DATABASE: (usize, usize) = (1, 64);

/// One line of the table.
struct Row {
    nodes: usize,
    destinations: usize,
    connections: usize,
    echo: Outcome,
    durable: Outcome,
    cpu_micros: f64,
    written: f64,
    resident: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|one| one == name)?;
        arguments.get(at + 1)
    };
    let number = |name| after(name).and_then(|text| text.parse().ok());
    let time = Duration::from_secs(number("--seconds").unwrap_or(4));
    let only = |name| number(name).and_then(|only| usize::try_from(only).ok());
    let connections = only("--connections");
    let rows = match after("--store").map(String::as_str) {
        Some("postgres") => over_a_database(connections, time),
        Some(other) => panic!("--store {other}: only postgres is another store than the usual one"),
        None => over_a_file((only("--destinations"), connections), time),
    };
    if arguments.iter().any(|one| one == "--json") {
        print_json(&rows);
    } else {
        print_table(&rows);
    }
}

/// With every number of destinations and connections, or with one alone.
fn over_a_file((destinations, connections): (Option<usize>, Option<usize>), time: Duration) -> Vec<Row> {
    let wanted = |only: Option<usize>| move |one: &usize| only.is_none_or(|only| only == *one);
    let mut rows = Vec::new();
    for destinations in DESTINATIONS.into_iter().filter(wanted(destinations)) {
        let server = Server::start(destinations, 1, None);
        let contacts = server.contacts();
        for connections in CONNECTIONS.into_iter().filter(wanted(connections)) {
            rows.push(measure((&server, 1), &contacts, (destinations, connections), time));
            eprintln!("measured {connections} connections with {destinations} destinations");
        }
    }
    rows
}

fn over_a_database(connections: Option<usize>, time: Duration) -> Vec<Row> {
    let (destinations, usual) = OVER_A_DATABASE;
    let connections = connections.unwrap_or(usual);
    let one = |nodes| {
        let server = Server::start(destinations, nodes, Some(Database::new()));
        let contacts = server.contacts();
        // A first second, not measured: the statements are prepared, and the tables have been looked at.
        measure(
            (&server, nodes),
            &contacts,
            (destinations, connections),
            Duration::from_secs(1),
        );
        let row = measure((&server, nodes), &contacts, (destinations, connections), time);
        eprintln!("measured {nodes} nodes");
        row
    };
    NODES.into_iter().map(one).collect()
}

/// Echo, durable, echo: the ratio is taken against the mean of the two echoes around it.
fn measure(
    (server, nodes): (&Server, usize),
    contacts: &[Target],
    (destinations, connections): (usize, usize),
    time: Duration,
) -> Row {
    let run = |path: &'static str, time| {
        Load {
            addresses: server.addresses(),
            path,
            connections,
            time,
        }
        .run(contacts)
    };
    let before = run("/echo", time / 2);
    let (cpu, written) = (server.cpu_micros(), server.written());
    let durable = run("/conversations/messages/inbound", time);
    let (cpu, written) = (server.cpu_micros() - cpu, server.written() - written);
    let after = run("/echo", time / 2);
    let requests = durable.requests as f64;
    Row {
        nodes,
        destinations,
        connections,
        echo: before.mean(&after),
        cpu_micros: cpu as f64 / requests,
        written: written as f64 / requests,
        resident: server.resident(),
        durable,
    }
}

impl Row {
    fn ratio(&self) -> f64 {
        self.durable.per_second / self.echo.per_second
    }
}

fn print_table(rows: &[Row]) {
    println!(
        "nodes  destinations  connections    echo/s  durable/s  ratio  p50 ms  p99 ms  CPU us/msg  bytes/msg  RSS MB"
    );
    for row in rows {
        println!(
            "{:>5}  {:>12}  {:>11}  {:>8.0}  {:>9.0}  {:>5.2}  {:>6.2}  {:>6.2}  {:>10.1}  {:>9.0}  {:>6.0}",
            row.nodes,
            row.destinations,
            row.connections,
            row.echo.per_second,
            row.durable.per_second,
            row.ratio(),
            row.durable.millis(0.50),
            row.durable.millis(0.99),
            row.cpu_micros,
            row.written,
            row.resident as f64 / 1e6,
        );
    }
}

fn print_json(rows: &[Row]) {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "nodes": row.nodes,
                "destinations": row.destinations,
                "connections": row.connections,
                "echo_per_second": row.echo.per_second,
                "durable_per_second": row.durable.per_second,
                "ratio": row.ratio(),
                "p50_ms": row.durable.millis(0.50),
                "p99_ms": row.durable.millis(0.99),
                "cpu_us_per_message": row.cpu_micros,
                "bytes_per_message": row.written,
                "resident_bytes": row.resident,
            })
        })
        .collect();
    println!("{}", json!({ "rows": rows }));
}
