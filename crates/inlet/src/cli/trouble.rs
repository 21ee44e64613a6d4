//! Why a command could not be done: one line that says what to do.

use std::fmt;

use crate::{config::ConfigError, data::Unusable, node::NodeError};

/// One line for standard error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble(String);

impl Trouble {
    /// Takes the sentence; line breaks in it become spaces.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into().replace('\n', " "))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}

impl From<ConfigError> for Trouble {
    fn from(error: ConfigError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<Unusable> for Trouble {
    fn from(error: Unusable) -> Self {
        Self::new(error.to_string())
    }
}

impl From<NodeError> for Trouble {
    fn from(error: NodeError) -> Self {
        Self::new(error.to_string())
    }
}
