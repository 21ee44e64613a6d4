//! How badly the upstream of a story behaves.

/// How badly the upstream behaves.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    pub(super) faults: Vec<String>,
    pub(super) seed: u64,
}

impl Trial {
    /// As oddly as HighLevel.
    pub(crate) fn quirks() -> Self {
        Self {
            faults: Vec::new(),
            seed: 7,
        }
    }

    /// As oddly, and with this fault; the relay waits for no answer longer than a second then.
    pub(crate) fn fault(fault: &str, seed: u64) -> Self {
        Self {
            faults: vec![fault.to_owned()],
            seed,
        }
    }

    /// Milliseconds that the relay waits.
    pub(super) fn patience(&self) -> &'static str {
        if self.faults.is_empty() { "15000" } else { "1000" }
    }
}
