//! Opening logs and locks: never through a link, never anything but an ordinary file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use super::aside::unique_name;

fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NOFOLLOW);
    // A pipe would have its opener wait for ever, so it is asked for first.
    if fs::symlink_metadata(path).is_ok_and(|m| !m.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a link or something else than a file"));
    }
    options.open(path)
}

/// Opens a log for appending, and makes it where it is missing.
pub fn append(path: &Path) -> io::Result<File> {
    open(path, File::options().create(true).append(true))
}

/// Opens a small file that processes lock, for reading and writing, and makes it where it is missing.
pub fn lock_file(path: &Path) -> io::Result<File> {
    open(path, File::options().read(true).write(true).create(true).truncate(false))
}

/// Whether files can be made in `folder`: one is made and removed.
pub fn probe(folder: &Path) -> io::Result<()> {
    let path = folder.join(unique_name());
    File::options().write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn logs_and_locks_are_not_opened_through_links() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("outside"), "precious").unwrap();
        std::os::unix::fs::symlink(at("outside"), at("log")).unwrap();
        std::os::unix::fs::symlink(at("nothing"), at("dangling")).unwrap();
        for name in ["log", "dangling"] {
            assert!(append(&at(name)).is_err(), "{name}");
            assert!(lock_file(&at(name)).is_err(), "{name}");
        }
        assert_eq!(fs::read_to_string(at("outside")).unwrap(), "precious");
        assert!(!at("nothing").exists());
        append(&at("new")).unwrap().write_all(b"1").unwrap();
        append(&at("new")).unwrap().write_all(b"2").unwrap();
        assert_eq!(fs::read_to_string(at("new")).unwrap(), "12");
        probe(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
    }
}
