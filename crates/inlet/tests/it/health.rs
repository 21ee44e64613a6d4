//! The page of health from outside: what it says of a house where something is wrong, and what it says once it is mended.

use crate::{
    harness::{Server, cli},
    pages::{location, parked, says},
    visitor::Visitor,
};

#[test]
fn what_is_wrong_is_said_with_what_to_do_until_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let ((here, _), (there, _)) = (location(data, "Harbour Dental"), location(data, "Elsewhere"));
    let add = ["destination", "add", "--location", &here, "--url"];
    let destination = cli(data, &[&add[..], &["https://subscriber.example/hook"]].concat());
    let destination = destination["id"].as_str().unwrap().to_owned();
    cli(data, &["destination", "pause", &destination]);
    let (server, _) = parked(data, &here);
    let mut visitor = Visitor::log_in(data, &server);
    let health = format!("/l/{here}/health");
    let wrong = [
        "subscriber.example is paused, so its events wait",
        "Resume it when it is ready.",
        "Requests are parked",
        "Add the provider, then process them again.",
        "Vendors cannot reach this installation",
        "Twilio +1 (415) 555-2680",
        "silent",
        "Last commit",
        "just now",
        "Public address",
    ];
    says(&visitor.page(&health), &wrong);
    let elsewhere = visitor.page(&format!("/l/{there}/health"));
    for foreign in ["subscriber.example", "are parked", "Twilio"] {
        assert!(!elsewhere.contains(foreign), "{foreign} is another location's");
    }

    cli(data, &["destination", "resume", &destination]);
    let number = [
        "provider",
        "add",
        "--location",
        &here,
        "--number",
        "+14155552681",
        "--beside",
    ];
    let provider = cli(data, &["provider", "list"])["providers"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    cli(data, &[&number[..], &[&provider]].concat());
    let journal = format!("/l/{here}/journal");
    visitor.press(&format!("{journal}/process"), "", &journal);
    server.end();
    let server = Server::start(data, &["--public-url", "https://inbox.example.com"]);
    let mut visitor = Visitor::log_in(data, &server);
    let mended = visitor.page(&health);
    says(&mended, &["heard", "https://inbox.example.com"]);
    // Of this machine's disk nothing is known, so there may be a word about it.
    for gone in ["is paused", "are parked", "cannot reach"] {
        assert!(!mended.contains(gone), "{gone}: {mended}");
    }
}
