//! The lock of a case: held by the process that trains it, and released by the system when that process ends, however
//! it ends. The file holds the number of the last process that had it.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use super::SweepError;

/// A lock that is held as long as this lives.
#[derive(Debug)]
pub struct CaseLock {
    _file: File,
    /// The process that had it before.
    pub before: Option<u32>,
}

impl CaseLock {
    /// Takes the lock; `None` where another process has it.
    pub fn take(path: &Path) -> Result<Option<Self>, SweepError> {
        let open = File::options().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = open.map_err(SweepError::io("open", path))?;
        // Someone who only looks holds it for a moment.
        let mut left = 10;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if left == 0 => return Ok(None),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(30)),
                Err(TryLockError::Error(error)) => return Err(SweepError::io("lock", path)(error)),
            }
            left -= 1;
        }
        let before = holder(&mut file);
        let pid = std::process::id().to_string();
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(pid.as_bytes()))
            .map_err(SweepError::io("write", path))?;
        Ok(Some(Self { _file: file, before }))
    }

    /// Whether a process has the lock now, and which one had it last.
    pub fn look(path: &Path) -> (bool, Option<u32>) {
        let Ok(mut file) = File::open(path) else { return (false, None) };
        let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
        (held, holder(&mut file))
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_it_and_it_is_free_when_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0000.lock");
        assert_eq!(CaseLock::look(&path), (false, None));
        let lock = CaseLock::take(&path).unwrap().unwrap();
        assert_eq!(lock.before, None);
        assert!(CaseLock::take(&path).unwrap().is_none());
        assert_eq!(CaseLock::look(&path), (true, Some(std::process::id())));
        drop(lock);
        assert_eq!(CaseLock::look(&path), (false, Some(std::process::id())));
        assert_eq!(CaseLock::take(&path).unwrap().unwrap().before, Some(std::process::id()));
    }
}
