//! The limit in real time, between two real binaries: `script/prove` runs it, as it takes as long as the limit makes it.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::kill::furnish;
use crate::engine::Engine;

/// Messages: 500 seconds' worth of the limit.
const QUEUE: usize = 5_000;
const PEOPLE: usize = 50;
/// Calls in ten seconds.
const BURST: u32 = 100;
/// How long it may take at most, as a share of what the limit makes it take.
const PATIENCE: f64 = 1.5;

#[test]
#[ignore = "it takes 500 seconds: script/prove runs it"]
fn five_thousand_messages_in_real_time_use_the_limit_and_never_pass_it() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let pair = furnish(folders[0].path(), folders[1].path(), BURST);
    let _above = pair.start_upstream();
    let below = pair.start_relay();
    let began = Instant::now();
    pair.send(&below, (0..QUEUE, PEOPLE));
    let count = |sql: &str| u32::try_from(Engine::number(pair.relay, sql)).unwrap();
    let calls = u32::try_from(QUEUE + PEOPLE).unwrap();
    let ideal = f64::from(calls) / f64::from(BURST) * 10.0;
    let waiting = "select count(*) from delivery where status in (0, 1, 2)";
    while count(waiting) > 0 {
        let took = began.elapsed().as_secs_f64();
        assert!(took < ideal * PATIENCE, "{} wait after {took:.0} s", count(waiting));
        thread::sleep(Duration::from_millis(200));
    }
    let took = began.elapsed().as_secs_f64();
    let limited = count("select count(*) from attempt where status = 429");
    let made = "select sum(count) from upstream_ledger where kind < 100";
    let share = ideal * 100.0 / took;
    println!(
        "relay: {QUEUE} messages in {took:.0} s of real time, {} calls: {share:.0} % of the limit, {limited} answers of 429",
        count(made)
    );
    assert_eq!((limited, count(made)), (0, calls));
    assert_eq!(
        count("select count(*) from delivery where status <> 3"),
        0,
        "each is there"
    );
    assert!(share >= 90.0, "only {share:.0} % of the limit was used");
}
