//! A vendor that has had enough of questions: the command waits as long as it is told, says in words what to do where that is
//! too long or comes too often, and asks no more.

use serde_json::Value;

use super::{
    clicksend_message, clicksend_provider,
    vendor::{Shared, clicksend, serve},
};
use crate::harness::cli_run;

/// A fault that is over after a moment.
const SOON: Option<(u16, Option<&str>)> = Some((429, Some("0.01")));

#[tokio::test(flavor = "multi_thread")]
async fn the_command_waits_as_it_is_told_or_says_what_to_do() {
    let api = Shared::default();
    let base = serve(&api, clicksend).await;
    let folder = tempfile::tempdir().unwrap();
    let id = clicksend_provider(folder.path());
    api.lock().unwrap().messages = (0..5).map(clicksend_message).collect();
    let variables = [("INLET_RECONCILE_CLICKSEND", base.as_str())];
    let reconcile = |faults: &[Option<(u16, Option<&'static str>)>]| {
        let mut there = api.lock().unwrap();
        (there.faults, there.asked) = (faults.iter().copied().collect(), Vec::new());
        drop(there);
        let (done, said, complained) = cli_run(folder.path(), &["provider", "reconcile", &id], &variables);
        let asked = api
            .lock()
            .unwrap()
            .asked
            .iter()
            .map(|(target, _)| target.clone())
            .collect::<Vec<_>>();
        let counts: Value = serde_json::from_str(&said).unwrap_or_default();
        (done, counts["recorded"].as_u64(), complained, asked)
    };

    let (done, _, complained, asked) = reconcile(&[None, Some((429, Some("3600")))]);
    assert!(!done && complained.contains("429"), "{complained}");
    assert!(
        complained.contains("what was listed before is recorded; run this again in 60 minutes"),
        "{complained}"
    );
    assert_eq!(asked.len(), 2, "nobody is asked before the time: {asked:?}");

    let (done, _, complained, asked) = reconcile(&[SOON; 20]);
    assert!(!done && complained.contains("run this again later"), "{complained}");
    assert_eq!(asked.len(), 6, "it gives up: {asked:?}");

    let (done, recorded, _, asked) = reconcile(&[None, SOON, SOON]);
    assert_eq!((done, recorded), (true, Some(3)), "two were recorded before");
    assert_eq!(asked.len(), 5, "three pages, the second three times: {asked:?}");
    assert!(
        asked[1] == asked[2] && asked[2] == asked[3] && asked[3] != asked[4],
        "{asked:?}"
    );
}
