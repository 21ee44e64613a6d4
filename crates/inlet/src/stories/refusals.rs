//! What cannot be done is told in one line that says what to change; a table, a row a mistake.

use tempfile::TempDir;

use super::{furnish, type_in};

/// What is typed (`L` is a location, `P` its Twilio provider), and what the line says.
const CASES: &[(&str, &str)] = &[
    ("location add --name=", "give the location a name"),
    ("location add --name x --id L", "exists already"),
    ("location add --name x --id a/b", "write an id with"),
    ("location add --name x --country Germany", "two letters"),
    ("token add --location nowhere", "inlet location list"),
    (
        "token add --location L --scope all",
        "choose from conversations.readonly",
    ),
    ("token revoke pit-unknown", "inlet token list"),
    ("provider add --location L", "--adapter twilio"),
    ("provider add --location L --adapter pigeon", "choose from twilio"),
    ("provider add --location L --adapter twilio", "--secret-env"),
    (
        "provider add --location L --adapter twilio --secret-env INLET_NO_SUCH",
        "INLET_NO_SUCH is not set",
    ),
    (
        "provider add --location L --adapter twilio --secret-file nowhere",
        "nowhere cannot be read",
    ),
    ("provider add --location L --type SMS --unsigned", "--adapter"),
    (
        "provider add --location L --type SMS --number 12",
        "--number cannot be read",
    ),
    ("provider add --location L --beside P", "--number or --account"),
    (
        "provider add --location L --beside P --adapter meta --number messenger:1",
        "leave out --adapter",
    ),
    (
        "provider add --location L --beside nowhere --number +14155550101",
        "inlet provider list",
    ),
    (
        "provider add --location L --adapter twilio --unsigned --number +14155552671",
        "has this number at this location already",
    ),
    (
        "provider add --location L --type SMS --delivery-url example.com/out",
        "--delivery-url as https://host/path",
    ),
    ("provider show x/../y", "inlet provider list"),
    ("provider secret P", "--secret-env or --secret-file"),
    (
        "provider secret P --secret-env INLET_NO_SUCH",
        "INLET_NO_SUCH is not set",
    ),
    ("destination add --location L --url ftp://x", "https://host/path"),
    (
        "destination add --location L --url https://10.0.0.7/hook",
        "private, local or reserved: use a public one, or start Inlet with --allow",
    ),
    (
        "destination add --location L --url https://[::ffff:7f00:1]/hook",
        "private, local or reserved",
    ),
    (
        "destination add --location L --url https://me:secret@example.com/hook",
        "remove what stands before the @",
    ),
    (
        "destination add --location L --url http://example.com/hook",
        "use https",
    ),
    (
        "destination add --location L --url https://printer.local/hook",
        "use a public name",
    ),
    (
        "destination add --location L --url https://example.com:25/hook",
        "port 25",
    ),
    (
        "destination add --location L --url https://x --event All",
        "InboundMessage",
    ),
    (
        "destination add --location L --url https://x --schedule soon",
        "standard",
    ),
    (
        "destination add --location L --url https://x --max-inflight 0",
        "from 1 to",
    ),
    (
        "destination add --location L --url https://x --app x",
        "leave --app out",
    ),
    ("destination pause x", "inlet destination list"),
    (
        "simulate twilio --provider P --from +1 --body x",
        "nothing is listening",
    ),
    ("receive --location L --contact x --body x", "no such contact"),
    (
        "receive --location L --phone call-me --body x",
        "--phone cannot be read",
    ),
    ("receive --location L --email x --body x", "--email cannot be read"),
    (
        "receive --location L --phone +14155552674 --body=",
        "nothing in it to store",
    ),
    ("trace +14155552699", "inlet request list"),
    ("request show x", "inlet request list"),
    ("delivery show x", "inlet delivery list"),
    ("delivery list --destination x", "inlet destination list"),
    ("location list --store mysql://x", "sqlite:PATH"),
    ("location list --config nowhere.toml", "nowhere.toml cannot be read"),
    ("serve --public-url example.com", "https://host"),
    ("serve --listen 127.0.0.1:0 --allow everything", "write it as CIDR"),
];

#[test]
fn what_cannot_be_done_is_told_in_one_line() {
    let folder = TempDir::new().unwrap();
    let (location, provider, _) = furnish(folder.path());
    for (line, expected) in CASES {
        let word = |word| match word {
            "L" => location.as_str(),
            "P" => provider.as_str(),
            other => other,
        };
        let arguments: Vec<&str> = line.split(' ').map(word).collect();
        let said = type_in(folder.path(), &arguments);
        assert_eq!(said.code, 1, "{line}: {}", said.out);
        assert_eq!(said.err.lines().count(), 1, "{line}: {}", said.err);
        assert!(said.err.contains(expected), "{line}: {}", said.err);
    }
}

#[test]
fn a_disabled_destination_is_enabled_not_resumed() {
    let folder = TempDir::new().unwrap();
    let (_, _, destination) = furnish(folder.path());
    let say = |verb| type_in(folder.path(), &["destination", verb, &destination]);
    assert_eq!(say("disable").text("state"), "disabled");
    assert!(say("resume").err.contains("inlet destination enable"));
    assert_eq!(say("enable").text("state"), "active");
}
