//! One process at a time: a lock on a file beside the store. It ends with the process, however that ends.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use crate::error::OpenError;

/// Held as long as the store is open.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock. It is not on the store itself: closing any handle to that would end SQLite's own locks.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let mut beside = OsString::from(path);
        beside.push("-lock");
        let failed = |error| OpenError::Failed(format!("{}: {error}", path.display()));
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&beside)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked(path.display().to_string())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
