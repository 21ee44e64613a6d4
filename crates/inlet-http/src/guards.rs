//! The two guards of what strangers send: a mail's HTML is cleaned and a file's type is told by its bytes; and both are put into
//! a sandbox. Each is enough by itself, which a test proves by taking the other away; without the feature `sabotage` nobody can.

/// Which guards stand; by default both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Guards {
    cleaner: bool,
    sandbox: bool,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            cleaner: true,
            sandbox: true,
        }
    }
}

#[cfg(feature = "sabotage")]
impl Guards {
    /// Mails are shown, and files are served, as they came.
    #[must_use]
    pub fn without_cleaner(mut self) -> Self {
        self.cleaner = false;
        self
    }

    /// Nothing is put into a sandbox.
    #[must_use]
    pub fn without_sandbox(mut self) -> Self {
        self.sandbox = false;
        self
    }
}

impl Guards {
    /// Whether a mail's HTML is cleaned, and a file's type is its bytes' and not its sender's.
    pub(crate) fn clean(self) -> bool {
        self.cleaner
    }

    /// Whether it is shown in a sandbox.
    pub(crate) fn boxed(self) -> bool {
        self.sandbox
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_both_stand() {
        let guards = Guards::default();
        assert!(guards.clean() && guards.boxed());
    }
}
