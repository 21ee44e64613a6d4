//! The settings: defaults are the file, stronger sources win setting by setting, and mistakes are told in sentences.

use std::{collections::HashMap, fs, path::Path};

use super::{Config, ConfigError, DEFAULTS, Sources, strangers};

fn load(file: Option<&Path>, variables: &[(&str, &str)], flags: &str) -> Result<Config, ConfigError> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    Config::load(Sources {
        file,
        environment: &|name| variables.get(name).map(|&value| value.to_owned()),
        flags: flags.parse().unwrap(),
    })
}

#[test]
fn the_default_file_is_the_defaults_and_documents_each() {
    let config = load(None, &[], "").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8700");
    assert_eq!(
        (config.limits.burst, config.limits.interval_ms, config.limits.daily),
        (100, 10_000, 200_000)
    );
    assert!(!config.limits.enforced);
    let mut above = "";
    for line in DEFAULTS.lines() {
        if line.contains(" = ") && !line.starts_with('#') {
            assert!(
                above.starts_with('#') || line.starts_with("enforced") || line.starts_with("allow"),
                "{line}"
            );
        }
        above = line;
    }
}

#[test]
fn stronger_sources_win_setting_by_setting() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inlet.toml");
    fs::write(
        &file,
        "public_url = 'https://file.test/'\nworkers = 3\n[limits]\nburst = 7\n",
    )
    .unwrap();
    let variables = [
        ("INLET_WORKERS", "4"),
        ("INLET_LIMITS_ENFORCED", "true"),
        ("INLET_GUARD_ALLOW", "10.0.0.0/8, ::1/128"),
    ];
    let config = load(Some(&file), &variables, "listen = '127.0.0.1:0'\nworkers = 5").unwrap();
    assert_eq!(config.public_url, "https://file.test");
    assert_eq!((config.limits.burst, config.limits.daily), (7, 200_000));
    assert_eq!(config.workers, 5, "a flag wins over a variable, and that over the file");
    assert!(config.limits.enforced);
    assert_eq!(config.guard.allow, ["10.0.0.0/8", "::1/128"]);
    assert_eq!(config.listen.port(), 0);
}

#[test]
fn mistakes_are_told_in_sentences() {
    let missing = load(Some(Path::new("/nowhere/inlet.toml")), &[], "")
        .unwrap_err()
        .to_string();
    assert!(missing.starts_with("/nowhere/inlet.toml cannot be read"), "{missing}");
    let wrong_variables = [
        ("INLET_WORKERS", "many", "INLET_WORKERS should be a whole number"),
        (
            "INLET_LIMITS_ENFORCED",
            "yes",
            "INLET_LIMITS_ENFORCED should be true or false",
        ),
    ];
    for (name, value, expected) in wrong_variables {
        let said = load(None, &[(name, value)], "").unwrap_err().to_string();
        assert!(said.contains(expected), "{name}: {said}");
    }
    let wrong_settings = [
        ("wrokers = 3", "unknown field `wrokers`"),
        ("listen = 'localhost'", "socket address"),
        ("listen = 'localhost'", "(in `listen`)"),
        ("[limits]\nburst = 'many'", "(in `limits.burst`)"),
        ("workers = 0", "workers must be at least 1"),
        ("public_url = 'https://x.test/path'", "without a path"),
        ("public_url = 'x.test'", "https://host"),
        ("[limits]\nburst = 0", "limits.burst"),
    ];
    for (flags, expected) in wrong_settings {
        let said = load(None, &[], flags).unwrap_err().to_string();
        assert!(said.contains(expected), "{flags}: {said}");
    }
}

#[test]
fn a_misspelt_variable_is_noticed() {
    let set = [
        "PATH",
        "INLET_WORKERS",
        "INLET_LIMITS_DAILY",
        "INLET_WROKERS",
        "INLET_LIMITS",
        "MY_INLET_WORKERS",
    ];
    let found = strangers(set.map(str::to_owned).to_vec()).unwrap();
    assert_eq!(found, ["INLET_WROKERS", "INLET_LIMITS"]);
}
