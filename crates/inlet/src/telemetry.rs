//! What the program says while it runs: metrics, and lines on standard error, quiet unless the setting `log` asks for more.

use std::{io::IsTerminal, sync::OnceLock};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// The steps of the one histogram that counts.
const ROWS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
/// The steps of all others, in seconds.
const BUCKETS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0,
];

/// Starts logging as `filter` asks; answers what is wrong with the filter. A second call changes nothing.
pub fn start(filter: &str) -> Result<(), String> {
    let filter = read(filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // Logging was started before: in a test that runs several servers in one process.
    let _ = lines.try_init();
    Ok(())
}

/// A word alone is a level: taken for a part of the program, it would silence all others.
fn read(filter: &str) -> Result<EnvFilter, String> {
    let alone = filter
        .split(',')
        .map(str::trim)
        .filter(|part| !part.contains(['=', '[']));
    let mut unknown = alone.filter(|word| !word.is_empty() && word.parse::<LevelFilter>().is_err());
    if let Some(word) = unknown.next() {
        return Err(format!(
            "the setting log cannot be read: there is no level {word}: choose from off, error, warn, info, debug and trace, or \
             name a part of the program with one, such as inlet_delivery=debug"
        ));
    }
    EnvFilter::try_new(filter).map_err(|error| format!("the setting log cannot be read: {error}"))
}

/// The metrics of this process, from the first call on.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let handle = HANDLE.get_or_init(|| {
        let rows = Matcher::Full("inlet_db_commit_batch_rows".to_owned());
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS);
        let builder = builder.and_then(|builder| builder.set_buckets_for_metric(rows, &ROWS));
        let recorder = builder.unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
        let handle = recorder.handle();
        // Nobody else sets one: it is set here, once.
        let _ = metrics::set_global_recorder(recorder);
        metrics::gauge!("inlet_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        handle
    });
    handle.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_levels_that_there_are() {
        let good = [
            "warn",
            "INFO",
            "off",
            "",
            "warn,inlet_delivery=debug",
            "inlet_store[span]=trace, error",
        ];
        for filter in good {
            assert!(read(filter).is_ok(), "{filter}");
        }
        for (filter, expected) in [
            ("loud", "no level loud"),
            ("warn,inlet", "no level inlet"),
            ("inlet=loud", "log"),
        ] {
            let said = read(filter).unwrap_err();
            assert!(said.contains(expected), "{filter}: {said}");
        }
    }
}
