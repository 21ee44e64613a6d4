//! What a person does at the desk when something did not go by itself.

use tempfile::TempDir;

use super::{beside_a_server, furnish, in_words, type_in};

/// Posts a text of Twilio's to a webhook, without a signature.
fn text_to(webhook: &str, number: &str, id: &str) {
    let digits = number.trim_start_matches('+');
    let form = format!("MessageSid={id}&AccountSid=AC1&From=%2B14155552670&To=%2B{digits}&Body=Hello");
    let headers = [(
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sent = inlet_delivery::loopback::send("POST", webhook, &headers, form.into_bytes());
    assert_eq!(runtime.block_on(sent).unwrap().status, 200);
}

#[test]
fn a_parked_request_is_recorded_once_its_number_is_added() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let (location, _, _) = furnish(data);
    beside_a_server(data, |_| {
        let add = ["provider", "add", "--location", &location];
        let first = ["--adapter", "twilio", "--unsigned", "--number", "+14155552680"];
        let first = type_in(data, &[&add[..], &first].concat());
        let webhook = first.text("webhook_url");
        text_to(&webhook, "+14155552681", "SM00000000000000000000000000000001");
        let parked = type_in(data, &["request", "list", "--verdict", "parked"]).json();
        let parked = parked["requests"][0].clone();
        assert!(
            parked["reason"].as_str().unwrap().contains("--beside PROVIDER"),
            "{parked}"
        );
        let still = type_in(data, &["request", "process", "--parked"]);
        assert_eq!(still.code, 1);
        assert!(still.err.contains("1 of 1 were not recorded"), "{}", still.err);

        let beside = ["--beside", &first.text("id"), "--number", "+14155552681"];
        let second = type_in(data, &[&add[..], &beside].concat());
        assert_eq!(second.text("webhook_url"), webhook, "the same address");
        for reason in ["recorded", "recognised as a repeat"] {
            let done = type_in(data, &["request", "process", parked["id"].as_str().unwrap()]).json();
            let done = &done["requests"][0];
            assert_eq!(done["verdict"], "accepted");
            assert_eq!(done["reason"], format!("processed again: {reason}"));
            let traced = type_in(data, &["trace", "SM00000000000000000000000000000001"]).json();
            assert_eq!(traced["messages"].as_array().unwrap().len(), 1);
            assert_eq!(traced["messages"][0]["id"], done["message_ids"][0]);
            assert_eq!(traced["messages"][0]["provider_id"], second.text("id"));
        }
        let none = type_in(data, &["request", "process", "--parked"]).json();
        assert_eq!(none["requests"].as_array().unwrap().len(), 0, "none is parked any more");
    });
}

#[test]
fn a_folder_without_a_store_is_not_made_by_looking() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("elsewhere");
    for line in [
        "location list",
        "user login-link",
        "trace +14155550100",
        "request process --parked",
    ] {
        let said = type_in(&data, &line.split(' ').collect::<Vec<_>>());
        assert_eq!(said.code, 1, "{line}");
        assert!(
            said.err.starts_with("inlet: no Inlet store in "),
            "{line}: {}",
            said.err
        );
        assert!(said.err.contains("--data DIR"), "{line}: {}", said.err);
        assert!(!data.exists(), "{line}");
    }
    assert_eq!(type_in(&data, &["location", "add", "--name", "First"]).code, 0);
    assert_eq!(type_in(&data, &["location", "list"]).code, 0);
}

#[test]
fn a_simulation_says_what_became_of_it() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let (_, provider, _) = furnish(data);
    beside_a_server(data, |_| {
        let simulate = ["simulate", "twilio", "--provider", &provider, "--from", "+14155552670"];
        let empty = type_in(data, &[&simulate[..], &["--body="]].concat());
        assert_eq!(empty.code, 1, "it was not recorded");
        assert!(empty.err.contains("nothing in it to store"), "{}", empty.err);
        let odd = type_in(data, &[&simulate[..], &["--body=x", "--scenario=fax"]].concat());
        assert!(
            odd.err.contains("choose from mms, whatsapp, messenger, rcs"),
            "{}",
            odd.err
        );
        for (flag, lines) in [
            (
                "--repeat",
                ["200  message ", "200  recognised as a repeat of message "].as_slice(),
            ),
            ("--forge", ["403  refused: "].as_slice()),
        ] {
            let said = in_words(data, &[&simulate[..], &["--body=Hello", flag]].concat());
            for line in lines {
                assert!(said.out.lines().any(|one| one.starts_with(line)), "{}", said.out);
            }
            assert_eq!(said.out.contains("inlet trace "), flag == "--repeat", "{}", said.out);
        }
    });
}

#[test]
fn a_location_without_a_country_is_given_one() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let location = type_in(data, &["location", "add", "--name", "Harbour"]).text("id");
    let receive = [
        "receive",
        "--location",
        &location,
        "--phone",
        "415 555 2672",
        "--body",
        "Hi",
    ];
    let refused = type_in(data, &receive);
    let hint = format!("inlet location edit {location} --country US");
    assert!(refused.err.contains(&hint), "{}", refused.err);
    let edited = type_in(data, &["location", "edit", &location, "--country", "us"]);
    assert_eq!(
        (edited.text("country"), edited.text("name")),
        ("US".to_owned(), "Harbour".to_owned())
    );
    assert_eq!(type_in(data, &receive).code, 0);
    let named = type_in(data, &["location", "edit", &location, "--name", "Harbour Dental"]);
    assert_eq!(
        (named.text("country"), named.text("name")),
        ("US".to_owned(), "Harbour Dental".to_owned())
    );
}

#[test]
fn lists_say_what_an_empty_column_means() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let (location, _, _) = furnish(data);
    type_in(data, &["token", "add", "--location", &location]);
    assert!(in_words(data, &["token", "list"]).out.contains("  everything  "));
    let accepted = in_words(data, &["request", "list", "--verdict", "accepted"]);
    assert!(accepted.out.contains("INLET_JOURNAL_ACCEPTED"), "{}", accepted.out);
    let add = ["provider", "add", "--location", &location, "--adapter", "clicksend"];
    let added = in_words(data, &add).out;
    assert!(
        added.contains("on this machine only") && added.contains("inlet provider test "),
        "{added}"
    );
}

#[test]
fn what_is_held_is_told_with_what_releases_it() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let (location, _, destination) = furnish(data);
    let release = format!("`inlet destination enable {destination} --release`");
    let words = |line: [&str; 2]| in_words(data, &line).out;
    assert!(!words(["destination", "list"]).contains(&release));
    type_in(data, &["destination", "disable", &destination]);
    let receive = [
        "receive",
        "--location",
        &location,
        "--phone",
        "+14155552672",
        "--body",
        "Hi",
    ];
    assert_eq!(type_in(data, &receive).code, 0);
    for line in [["destination", "list"], ["delivery", "list"]] {
        let said = words(line);
        assert_eq!(said.matches(&release).count(), 1, "{said}");
    }
    let held = words(["delivery", "list"]);
    assert!(held.contains("1 is held for destination"), "{held}");
}

#[test]
fn a_network_that_cannot_be_read_is_told_before_anything_is_made() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let said = type_in(&data, &["serve", "--listen", "127.0.0.1:0", "--allow", "everything"]);
    assert!(said.err.contains("write it as CIDR"), "{}", said.err);
    assert_eq!((said.code, said.out.as_str(), data.exists()), (1, "", false));
    let read = |text: &str| crate::node::guard(&[text.to_owned()]).map(|guard| guard.allow[0].to_string());
    assert_eq!(read("127.0.0.1").unwrap(), "127.0.0.1/32");
    assert_eq!(read("10.0.0.0/8").unwrap(), "10.0.0.0/8");
}

#[test]
fn a_trace_that_is_cut_short_says_so() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let (location, _, _) = furnish(data);
    for body in ["One", "Two"] {
        let receive = [
            "receive",
            "--location",
            &location,
            "--phone",
            "+14155552672",
            "--body",
            body,
        ];
        assert_eq!(type_in(data, &receive).code, 0);
    }
    let trace = |more: &[&str]| in_words(data, &[&["trace", "+14155552672"], more].concat()).out;
    let (short, whole) = (trace(&["--limit", "1"]), trace(&[]));
    assert_eq!(
        (
            short.matches("vendor's id").count(),
            whole.matches("vendor's id").count()
        ),
        (1, 2)
    );
    assert!(short.contains("--limit N tells more"), "{short}");
    assert!(!whole.contains("--limit N"), "{whole}");
}

#[test]
fn two_contacts_are_merged_and_parted_again() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let (location, _, _) = furnish(data);
    let receive = |who: [&str; 2]| {
        let line = ["receive", "--location", &location, who[0], who[1], "--body", "Hi"];
        type_in(data, &line).text("contact_id")
    };
    let (old, stays) = (
        receive(["--phone", "+14155552672"]),
        receive(["--phone", "+14155552673"]),
    );
    let line = |verb: &'static str, rest: &[&str]| {
        let line = ["contact", verb, "--location", &location];
        in_words(data, &[&line[..], rest].concat())
    };
    let merged = line("merge", &[&old, &stays]);
    let undo = format!("inlet contact unmerge --location {location} {old} --data ");
    assert!(merged.out.contains(&undo), "{}{}", merged.out, merged.err);
    assert!(line("merge", &[&old, &stays]).out.contains("They were one before"));
    for who in [["--phone", "+14155552672"], ["--contact", &old], ["--contact", &stays]] {
        assert_eq!(receive(who), stays, "{who:?}");
    }
    assert!(line("unmerge", &[&old]).out.contains("is itself again"));
    assert_eq!(receive(["--phone", "+14155552672"]), old);
    let alone = line("unmerge", &[&old]);
    assert!(
        alone.code == 1 && alone.err.contains("not merged into another"),
        "{}",
        alone.err
    );
    let nobody = line("merge", &["nobody00000000000000", &stays]);
    assert!(nobody.err.contains("no such contact"), "{}", nobody.err);
}
