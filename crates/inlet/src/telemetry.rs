//! What the program says while it runs: lines on standard error, quiet unless the setting `log` asks for more.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging as `filter` asks; answers what is wrong with the filter. A second call changes nothing.
pub fn start(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("the setting log cannot be read: {error}"))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // Logging was started before: in a test that runs several servers in one process.
    let _ = lines.try_init();
    Ok(())
}
