//! The installation's master key: a file beside the store, made at the first start, from which every other key follows.
//! Whoever copies the store without it cannot read its secrets.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use inlet_core::{chance::Chance, secret::Secret, signature::hmac_sha256};

/// The name of the file in the data folder.
pub const FILE: &str = "inlet.key";

/// The master key.
#[derive(Clone, Debug)]
pub struct Keys(Secret);

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the key file {path} cannot be used: {reason}")]
    Unusable {
        /// The file.
        path: String,
        /// What the system says.
        reason: io::Error,
    },
    /// The file does not hold a key.
    #[error("the key file {0} does not hold 64 hex characters: put the right one back from a backup")]
    Garbled(String),
    /// There is a store, but no key.
    #[error(
        "the key file {0} is missing, and the store cannot be read without: put it back from a backup, or copy it from another node"
    )]
    Lost(String),
}

impl Keys {
    /// Reads the key file of a data folder, or makes it, unless there is a store already (`has_store`).
    pub fn open(data: &Path, has_store: bool, chance: &dyn Chance) -> Result<Self, KeyError> {
        let path = data.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => parse(&text).ok_or_else(|| KeyError::Garbled(path.display().to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound && has_store => {
                Err(KeyError::Lost(path.display().to_string()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(&path, chance),
            Err(reason) => Err(unusable(&path, reason)),
        }
    }

    /// The key for one use, named by its label. It tells nothing of the others.
    pub fn derive(&self, label: &str) -> [u8; 32] {
        let mut key = [0; 32];
        let mac = hmac_sha256(self.0.expose(), &[label.as_bytes()]);
        for (to, from) in key.iter_mut().zip(mac) {
            *to = from;
        }
        key
    }
}

fn parse(text: &str) -> Option<Keys> {
    let bytes = hex::decode(text.trim()).ok()?;
    (bytes.len() == 32).then(|| Keys(Secret::new(bytes)))
}

fn make(path: &Path, chance: &dyn Chance) -> Result<Keys, KeyError> {
    let mut bytes = [0; 32];
    chance.fill(&mut bytes);
    write(path, &hex::encode(bytes)).map_err(|reason| unusable(path, reason))?;
    Ok(Keys(Secret::new(bytes)))
}

/// Writes the file for its owner only, and waits until it is on disk: the store must never be older than its key. It
/// gets its name last, so that no half-written key is ever found under it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("key.new");
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&draft)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn unusable(path: &Path, reason: io::Error) -> KeyError {
    KeyError::Unusable {
        path: path.display().to_string(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::ports::OsChance;

    #[test]
    fn the_file_is_made_once_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = Keys::open(folder.path(), false, &OsChance).unwrap();
        let again = Keys::open(folder.path(), true, &OsChance).unwrap();
        assert_eq!(first.derive("links"), again.derive("links"));
        assert_ne!(first.derive("links"), first.derive("store"));
        let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_store_without_its_key_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let lost = Keys::open(folder.path(), true, &OsChance).unwrap_err();
        assert!(matches!(lost, KeyError::Lost(_)), "{lost}");
        fs::write(folder.path().join(FILE), "abc").unwrap();
        let garbled = Keys::open(folder.path(), false, &OsChance).unwrap_err();
        assert!(matches!(garbled, KeyError::Garbled(_)), "{garbled}");
    }
}
