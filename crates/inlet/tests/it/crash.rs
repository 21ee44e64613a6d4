//! The server's own end: one of PostgreSQL's processes is killed, so that it ends all others and comes back by its log. It
//! is told alone, because every other story on the same server would see it.

use std::{path::Path, process::Command, thread, time::Duration};

use crate::nodes::{Nodes, under_fire};

#[test]
#[ignore = "needs a server of its own: INLET_STORIES=postgres script/with-postgres cargo test -- --ignored crash"]
fn what_two_nodes_answered_survives_a_crash_of_the_database() {
    assert_eq!(under_fire(crash), Vec::<String>::new());
}

fn crash(nodes: &Nodes) {
    let backend = nodes.number(
        "select min(pid) from pg_stat_activity where application_name = 'inlet' and datname = current_database()",
    );
    let killed = Command::new("kill")
        .args(["-KILL", &backend.to_string()])
        .status()
        .unwrap();
    assert!(killed.success(), "this user may end PostgreSQL's processes");
    // Until PostgreSQL has noticed: whoever comes after that is asked to wait.
    let process = Path::new("/proc").join(backend.to_string());
    let noticed = (0..10_000).any(|_| {
        thread::sleep(Duration::from_millis(1));
        !process.exists()
    });
    assert!(noticed, "PostgreSQL looks after its processes");
}
