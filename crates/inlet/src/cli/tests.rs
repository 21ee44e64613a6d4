//! The grammar: it is sound, and what the documents show can be typed.

use clap::{CommandFactory, Parser};

use super::{Cli, settings};

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_grammar_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn what_the_documents_show_can_be_typed() {
    let lines = [
        "inlet serve",
        "inlet serve --json --listen 127.0.0.1:0 --data d --store sqlite:x.db --public-url https://x.test --allow 10.0.0.0/8 --allow ::1/128 --workers 1 --config f.toml",
        "inlet serve --quirks --fault F --fault G",
        "inlet location add --name Harbour --id abc --country US --agency xyz",
        "inlet location list --json",
        "inlet location edit L --name Harbour --country US",
        "inlet token add --location L --scope contacts.readonly --scope contacts.write",
        "inlet token list --location L",
        "inlet token revoke T",
        "inlet provider add --location L --adapter twilio --account AC1 --number +14155550123 --secret-env VAR",
        "inlet provider add --location L --adapter twilio --secret-file f",
        "inlet provider add --location L --adapter twilio --unsigned",
        "inlet provider add --location L --type Call",
        "inlet provider list",
        "inlet provider show P",
        "inlet provider test P",
        "inlet destination add --location L --url https://x.test --event InboundMessage --event OutboundMessage --app A --schedule 5,30 --max-inflight 4",
        "inlet destination add --location L --upstream --upstream-location U --token-env T --provider-id sms=P --provider-id call=Q --dialect v3 --on-uncertain hold --limits sandbox --base-url https://x.test",
        "inlet destination add --location L --upstream --upstream-location U --client-id C --client-secret-env S --refresh-token-env R",
        "inlet destination authorise D --token-env T",
        "inlet explain body.json",
        "inlet ledger --location L --destination D --days 7",
        "inlet destination list --location L",
        "inlet destination pause D",
        "inlet destination resume D",
        "inlet destination disable D",
        "inlet destination enable D",
        "inlet simulate twilio --provider P --from +14155550100 --body Hi --scenario mms --media https://x.test/a.png --count 10 --rate 5 --repeat --forge",
        "inlet simulate twilio --provider P --from +14155550100 --body Hi --at-once 32 --repeat=5 --forge=1",
        "inlet location edit L --stop-words stop,basta --start-words go --help-words info --words-on sms,whatsapp",
        "inlet receive --location L --phone +14155550100 --body Hi",
        "inlet receive --location L --contact C --body Hi",
        "inlet trace +14155550100 --location L --limit 100 --data d",
        "inlet request list --verdict refused --limit 5",
        "inlet request show R",
        "inlet request process R S",
        "inlet request process --parked",
        "inlet provider add --location L --beside P --number +14155550124",
        "inlet delivery list --location L --destination D --status dead --limit 5",
        "inlet delivery show D",
        "inlet delivery replay D E",
        "inlet delivery replay --destination D --status held --event InboundMessage --conversation C --since 24h --until 1h --rate 5 --dry-run",
        "inlet delivery replays",
        "inlet delivery stop-replay R",
        "inlet delivery cancel D E",
        "inlet delivery discard D",
        "inlet destination add --location L --url https://x.test --ordering strict --filter channel=sms --rate 5 --max-pending 10",
        "inlet destination enable D --release --rate 5",
        "inlet destination rotate-secret D --grace 48",
        "inlet user login-link --json",
    ];
    for line in lines {
        assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let lines = [
        "inlet",
        "inlet fly",
        "inlet location add",
        "inlet location edit L",
        "inlet provider add --location L --adapter twilio --secret-env V --secret-file f",
        "inlet provider add --location L --type sms",
        "inlet receive --location L --body Hi",
        "inlet receive --location L --phone +1 --email a@b.c --body Hi",
        "inlet simulate twilio --provider P --from +1 --body Hi --count 0",
        "inlet serve --listen somewhere",
        "inlet request process",
        "inlet delivery replay",
        "inlet delivery replay D --destination E",
        "inlet destination enable D --rate 5",
    ];
    for line in lines {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn an_address_without_a_port_or_in_words_is_told_by_example() {
    for address in ["8700", "localhost:8700", "127.0.0.1"] {
        let told = parse(&format!("inlet serve --listen {address}"))
            .unwrap_err()
            .to_string();
        assert!(told.contains("such as 127.0.0.1:8700"), "{told}");
    }
}

#[test]
fn flags_become_settings() {
    let cli =
        parse("inlet serve --listen 127.0.0.1:99 --data d --store sqlite:x.db --workers 7 --allow 10.0.0.0/8").unwrap();
    let config = settings(&cli).unwrap();
    assert_eq!(config.listen.port(), 99);
    assert_eq!(config.data.to_str(), Some("d"));
    assert_eq!(config.store, "sqlite:x.db");
    assert_eq!(config.workers, 7);
    assert_eq!(config.guard.allow, ["10.0.0.0/8"]);
    assert_eq!(cli.everywhere.suffix(), " --data d --store sqlite:x.db");
}

/// Every command that does something, with what it does.
fn rows(command: &clap::Command, path: &str) -> Vec<String> {
    let own = command
        .get_subcommands()
        .filter(|one| one.get_name() != "help" && !one.is_hide_set());
    let within: Vec<String> = own
        .flat_map(|one| rows(one, &format!("{path} {}", one.get_name())))
        .collect();
    if !within.is_empty() {
        return within;
    }
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    vec![format!("| `{path}` | {} |", about.replace('|', "\\|"))]
}

#[test]
fn the_page_of_commands_has_each_with_what_it_says_of_itself() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/commands.md");
    let page = std::fs::read_to_string(page).unwrap();
    let written: Vec<&str> = page.lines().filter(|line| line.starts_with("| `inlet")).collect();
    let rows = rows(&Cli::command(), "inlet");
    assert!(
        written == rows,
        "docs/commands.md should have these rows:\n{}",
        rows.join("\n")
    );
}
