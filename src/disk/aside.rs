//! Writing a file so that a reader, a kill or a power cut never meets half of it.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Names of files and folders that are being written: `.metafas-PID-RANDOM.part`.
const BEGIN: &str = ".metafas-";
const END: &str = ".part";
/// What another machine left behind is old after this time; process numbers tell nothing of other machines.
const OLD: Duration = Duration::from_hours(1);
/// Links that lead to links are followed so often.
const MOST_LINKS: usize = 40;

/// A short name that nobody can guess, so that it also fits beside a file with the longest possible name.
pub(super) fn unique_name() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(NUMBER.fetch_add(1, Ordering::Relaxed));
    format!("{BEGIN}{}-{:016x}{END}", std::process::id(), hasher.finish())
}

/// The process that writes a file of such a name aside.
fn writer(name: &str) -> Option<u32> {
    name.strip_prefix(BEGIN)?.strip_suffix(END)?.split_once('-')?.0.parse().ok()
}

/// Whether `name` is that of a file which is being written aside, or was when its writer was killed.
pub fn is_unfinished(name: &str) -> bool {
    writer(name).is_some()
}

/// Whether `name` is one of [`unique_name`] whose writer is gone.
pub(super) fn is_left_over(name: &str, changed: Option<SystemTime>) -> bool {
    let Some(pid) = writer(name) else { return false };
    let old = || changed.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > OLD);
    // A process of this machine that is gone; where that cannot be asked, age alone tells.
    let gone = Path::new("/proc/self").exists() && !Path::new("/proc").join(pid.to_string()).exists();
    gone || (old() && pid != std::process::id())
}

/// A file under a name of its own, removed again unless it was put in place.
struct Aside {
    path: PathBuf,
    kept: bool,
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.kept {
            // Of no use any more; the next writer of the folder tries again if this fails.
            let _left = fs::remove_file(&self.path);
        }
    }
}

/// Makes the names in a folder safe, where the system can.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match File::open(folder)?.sync_all() {
        // Some network disks cannot.
        Err(e) if e.kind() == io::ErrorKind::InvalidInput || e.kind() == io::ErrorKind::Unsupported => Ok(()),
        done => done,
    }
}

/// Writes `bytes` beside `path`, flushes them to disk and renames them over `path`. A link at `path` is replaced, not
/// followed: nothing outside the folder changes.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = folder.join(unique_name());
    let mut file = File::options().write(true).create_new(true).open(&name)?;
    let mut aside = Aside { path: name, kept: false };
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&aside.path, path)?;
    aside.kept = true;
    sync_folder(folder)
}

/// [`replace`] for a file that the user named: where that is a link, the file that it leads to is replaced; a device or a
/// pipe is written to.
pub fn replace_named(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&at) {
            Ok(to) => at = at.parent().unwrap_or(Path::new("")).join(to),
            Err(_no_link) => return replace(&at, bytes),
        }
    }
    Err(io::Error::other("it is a symbolic link that leads to too many others"))
}

/// Removes files that killed processes left unfinished in `folder`, those of earlier versions (`NAME.new`) among them
/// where `ours` knows NAME. Links are removed, never followed. For whoever may write the folder.
pub fn clear_left_overs(folder: &Path, ours: impl Fn(&str) -> bool) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Ok(about) = fs::symlink_metadata(entry.path()) else { continue };
        let old = || name.strip_suffix(".new").is_some_and(&ours);
        if !about.is_dir() && (is_left_over(name, about.modified().ok()) || old()) {
            // Tried again by the next writer.
            let _left = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_are_replaced_or_followed_but_never_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        fs::write(&outside, "precious").unwrap();
        let folder = dir.path().join("folder");
        fs::create_dir(&folder).unwrap();
        for name in ["file", "file.new"] {
            std::os::unix::fs::symlink(&outside, folder.join(name)).unwrap();
        }
        replace(&folder.join("file"), b"new").unwrap();
        assert_eq!(fs::read_to_string(&outside).unwrap(), "precious");
        assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "new");
        assert!(!folder.join("file").is_symlink());
        clear_left_overs(&folder, |name| name == "file");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "what an earlier version left is gone");
        assert_eq!(fs::read_to_string(&outside).unwrap(), "precious");

        let link = folder.join("link");
        std::os::unix::fs::symlink("../outside", &link).unwrap();
        replace_named(&link, b"named").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&outside).unwrap(), "named");
        replace_named(Path::new("/dev/null"), b"x").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn the_longest_name_and_what_is_left_over() {
        let dir = tempfile::tempdir().unwrap();
        let long = dir.path().join("x".repeat(255));
        replace(&long, b"a").unwrap();
        replace(&long, b"b").unwrap();
        assert_eq!(fs::read(&long).unwrap(), b"b");
        assert!(replace(&dir.path().join("no/such/file"), b"a").is_err());
        // A folder where the file would go: the file aside is removed again.
        fs::create_dir(dir.path().join("folder")).unwrap();
        fs::write(dir.path().join("folder/full"), "").unwrap();
        assert!(replace(&dir.path().join("folder"), b"a").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        assert!(!is_left_over(&unique_name(), None), "its writer lives");
        // No process has such a number.
        let dead = unique_name().replace(&std::process::id().to_string(), "4294967295");
        fs::write(dir.path().join(&dead), "half").unwrap();
        fs::write(dir.path().join(unique_name()), "half").unwrap();
        fs::write(dir.path().join("thesis.new"), "mine").unwrap();
        clear_left_overs(dir.path(), |_| false);
        assert!(!dir.path().join(dead).exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
    }
}
