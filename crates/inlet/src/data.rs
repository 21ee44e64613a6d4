//! The data folder: one process at a time holds it, by a lock that ends with the process.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// A data folder that this process holds.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    _lock: File,
}

/// Whose a data folder is now.
#[derive(Debug)]
pub enum Folder {
    /// This process holds it now.
    Ours(Held),
    /// Another process holds it.
    Theirs,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the data folder {path} cannot be used: {reason}")]
pub struct Unusable {
    path: String,
    reason: io::Error,
}

/// Takes the data folder, making it (for its owner only) where there is none.
pub fn take(path: &Path) -> Result<Folder, Unusable> {
    let refused = |reason| Unusable {
        path: path.display().to_string(),
        reason,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(refused)?;
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600);
    let lock = options.open(path.join("inlet.lock")).map_err(refused)?;
    match lock.try_lock() {
        Ok(()) => Ok(Folder::Ours(Held {
            path: path.to_owned(),
            _lock: lock,
        })),
        Err(TryLockError::WouldBlock) => Ok(Folder::Theirs),
        Err(TryLockError::Error(reason)) => Err(refused(reason)),
    }
}

/// Whether an Inlet was ever started here: only a few commands may make a folder where there is none.
pub fn is_there(path: &Path) -> bool {
    ["inlet.lock", crate::keys::FILE]
        .iter()
        .any(|name| path.join(name).exists())
}

/// The socket on which a server that holds the folder takes commands.
pub fn socket(data: &Path) -> PathBuf {
    data.join("admin.sock")
}

impl Held {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the socket for commands away, so that no command knocks at the door of a server that ends.
    pub fn hush(&self) {
        // It may be gone already, or never have been there.
        let _ = fs::remove_file(socket(&self.path));
    }

    /// Opens the socket for commands, for the owner only. One that a killed server left behind is taken away first.
    pub fn listen(&self) -> io::Result<tokio::net::UnixListener> {
        let path = socket(&self.path);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let listener = tokio::net::UnixListener::bind(&path)?;
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(listener)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_holds_the_folder() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("deep/data");
        let first = take(&path).unwrap();
        assert!(matches!(first, Folder::Ours(_)));
        assert!(matches!(take(&path).unwrap(), Folder::Theirs));
        drop(first);
        assert!(matches!(take(&path).unwrap(), Folder::Ours(_)));
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700);
    }
}
