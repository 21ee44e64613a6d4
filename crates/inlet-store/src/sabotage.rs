//! Ways to break the promise that an answer means "on disk". They exist so that a kill test can prove that it would
//! notice; without the feature `sabotage` nobody can choose one.

/// How the store breaks its promise; by default not at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sabotage {
    answer_early: bool,
    lazy: Laziness,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[cfg_attr(
    not(feature = "sabotage"),
    expect(dead_code, reason = "only a test's binary is lazy")
)]
enum Laziness {
    #[default]
    None,
    Normal,
    Off,
}

#[cfg(feature = "sabotage")]
impl Sabotage {
    /// Answers before the transaction is committed.
    pub fn answer_early(mut self) -> Self {
        self.answer_early = true;
        self
    }

    /// Commits without waiting for the disk: `synchronous=NORMAL`.
    pub fn synchronous_normal(mut self) -> Self {
        self.lazy = Laziness::Normal;
        self
    }

    /// Never waits for the disk: `synchronous=OFF`.
    pub fn synchronous_off(mut self) -> Self {
        self.lazy = Laziness::Off;
        self
    }
}

impl Sabotage {
    /// Whether to answer before the commit.
    pub(crate) fn answers_early(self) -> bool {
        self.answer_early
    }

    /// The value of SQLite's `synchronous`.
    pub(crate) fn synchronous(self) -> &'static str {
        match self.lazy {
            Laziness::None => "full",
            Laziness::Normal => "normal",
            Laziness::Off => "off",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_nothing_is_broken() {
        assert!(!Sabotage::default().answers_early());
        assert_eq!(Sabotage::default().synchronous(), "full");
    }
}
