//! The lock of a session. Every writer takes it before it changes or deletes anything; readers do not need it. The system
//! releases it when its process ends, however it ends. The file names the last process that held it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SessionError;

/// Longest content of a lock file that is ours.
const LONGEST: u64 = 1000;

/// The process that has a lock, or had it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// Name of its machine; empty where it is not known.
    #[serde(default)]
    pub host: String,
    /// What it does, as "trains" or "scores".
    #[serde(default)]
    pub work: String,
}

impl Holder {
    fn new(work: &str) -> Self {
        Self { pid: std::process::id(), host: host(), work: work.to_owned() }
    }

    /// Whether it runs, or ran, on this machine.
    pub fn is_here(&self) -> bool {
        self.host.is_empty() || self.host == host()
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // Sweeps of version 0.1.0 wrote the number alone.
        let old = text.parse().ok().map(|pid| Self { pid, host: String::new(), work: String::new() });
        old.or_else(|| serde_json::from_str(text).ok())
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {}", self.pid)?;
        if !self.is_here() {
            write!(f, " on {}", self.host)?;
        }
        Ok(())
    }
}

/// What a look at a lock finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// There is no lock file, or none that can be read.
    Missing,
    /// Nobody has it; who had it last.
    Free(Option<Holder>),
    /// A process has it.
    Held(Option<Holder>),
}

/// A lock that is held as long as this lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    /// Who had it before.
    pub before: Option<Holder>,
}

impl Lock {
    /// Takes the lock at `path` for `work`; the inner error is who has it. A link, or a file that is no lock, is refused
    /// and stays as it is.
    pub fn take(path: &Path, work: &str) -> Result<Result<Self, Option<Holder>>, SessionError> {
        let mut open = OpenOptions::new();
        open.read(true).write(true).create(true).truncate(false).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let mut file = open.open(path).map_err(SessionError::io("open the lock", path))?;
        // Someone who only looks holds it for a moment.
        let mut left = 10;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if left == 0 => return Ok(Err(holder(&mut file).unwrap_or_default())),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(30)),
                // Some network file systems know no locks; there the heartbeat has to do.
                Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => break,
                Err(TryLockError::Error(error)) => return Err(SessionError::io("lock", path)(error)),
            }
            left -= 1;
        }
        let before =
            holder(&mut file).ok_or_else(|| SessionError::corrupt(path, "this file is no lock of this program"))?;
        let text = serde_json::to_string(&Holder::new(work)).unwrap_or_default();
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(text.as_bytes()))
            .map_err(SessionError::io("write", path))?;
        Ok(Ok(Self { _file: file, before }))
    }

    /// Looks whether a process has the lock at `path` now.
    pub fn look(path: &Path) -> Look {
        let mut open = OpenOptions::new();
        open.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let Ok(mut file) = open.open(path) else { return Look::Missing };
        let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
        match (held, holder(&mut file)) {
            (true, found) => Look::Held(found.flatten()),
            (false, Some(found)) => Look::Free(found),
            (false, None) => Look::Missing,
        }
    }

    /// Takes the lock of the session in `folder`; an error that names the other process where one has it.
    pub fn of_session(folder: &Path, work: &str) -> Result<Self, SessionError> {
        let taken = Self::take(&lock_file(folder), work)?;
        taken.map_err(|holder| SessionError::Busy { folder: folder.to_owned(), holder })
    }

    /// Looks whether a process writes the session in `folder` now.
    pub fn look_at_session(folder: &Path) -> Look {
        Self::look(&lock_file(folder))
    }
}

/// The lock of the session in `folder`. It lies beside status.json and is, like it, no part of what runs are compared by.
pub fn lock_file(folder: &Path) -> PathBuf {
    folder.join("status.lock")
}

/// What the file says of its holder; `None` where it is no lock file of this program.
#[expect(clippy::option_option, reason = "an empty lock is a lock, and has had no holder")]
fn holder(file: &mut File) -> Option<Option<Holder>> {
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text).ok()?;
    if text.trim().is_empty() { Some(None) } else { Holder::parse(&text).map(Some) }
}

/// The name of this machine; empty where the system does not say.
fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").map_or_else(|_| String::new(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_is_exclusive_and_freed() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Lock::look_at_session(dir.path()), Look::Missing);
        let lock = Lock::of_session(dir.path(), "trains").unwrap();
        assert_eq!(lock.before, None);
        let error = Lock::of_session(dir.path(), "scores").unwrap_err().to_string();
        assert!(error.contains(&std::process::id().to_string()), "{error}");
        assert!(matches!(Lock::look_at_session(dir.path()), Look::Held(Some(h)) if h.work == "trains"));
        drop(lock);
        assert!(matches!(Lock::look_at_session(dir.path()), Look::Free(Some(h)) if h.pid == std::process::id()));
        Lock::of_session(dir.path(), "scores").unwrap();
    }

    #[test]
    fn foreign_files_stay() {
        let dir = tempfile::tempdir().unwrap();
        let (mine, link) = (dir.path().join("mine"), lock_file(dir.path()));
        fs::write(&mine, "ssh-rsa AAAA").unwrap();
        std::os::unix::fs::symlink(&mine, &link).unwrap();
        assert!(Lock::of_session(dir.path(), "trains").is_err());
        fs::remove_file(&link).unwrap();
        fs::write(&link, "ssh-rsa AAAA").unwrap();
        assert!(Lock::of_session(dir.path(), "trains").is_err());
        assert_eq!(fs::read_to_string(&mine).unwrap(), "ssh-rsa AAAA");
        assert_eq!(fs::read_to_string(&link).unwrap(), "ssh-rsa AAAA");
    }

    #[test]
    fn locks_of_older_versions_are_read() {
        assert_eq!(Holder::parse("4711\n").map(|h| h.pid), Some(4711));
        assert_eq!(Holder::parse("ssh-rsa AAAA"), None);
    }
}
