//! Files that belong together, as a folder that is replaced as a whole: after a kill at any moment there is the old set or
//! the new one, never a mixture.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::aside::{is_left_over, sync_folder, unique_name};

/// A folder's new contents, being written beside it.
#[derive(Debug)]
pub struct NewFolder<'a> {
    target: PathBuf,
    aside: PathBuf,
    names: &'a [&'a str],
}

impl<'a> NewFolder<'a> {
    /// Begins the files `names` of the folder `target`, of which the last one is written last. Other files in it stay.
    pub fn begin(target: &Path, names: &'a [&'a str]) -> io::Result<Self> {
        let aside = target.with_file_name(unique_name());
        fs::create_dir(&aside)?;
        Ok(Self { target: target.to_owned(), aside, names })
    }

    /// Where the file `name` is to be written.
    pub fn file(&self, name: &str) -> PathBuf {
        self.aside.join(name)
    }

    /// Flushes the files to disk and puts them in the place of the older ones.
    pub fn finish(self) -> io::Result<()> {
        for name in self.names {
            match File::open(self.file(name)) {
                Ok(file) => file.sync_all()?,
                // Not every set has every file.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        sync_folder(&self.aside)?;
        let parent = self.target.parent().unwrap_or(Path::new(""));
        if fs::symlink_metadata(&self.target).is_err() {
            fs::rename(&self.aside, &self.target)?;
            return sync_folder(parent);
        }
        exchange(&self.aside, &self.target)?;
        sync_folder(parent)?;
        // The older set lies aside now, and is removed when this is dropped.
        rescue(&self.aside, &self.target, self.names)
    }
}

impl Drop for NewFolder<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next writer.
        let _left = rescue(&self.aside, &self.target, self.names).and_then(|()| discard(&self.aside, self.names));
    }
}

/// Puts `new` in the place of `old`, which then lies where `new` was.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    if at_once(new, old)? {
        return Ok(());
    }
    // A disk that cannot exchange two names: between the two there is no folder, which `recover` mends.
    let between = old.with_file_name(unique_name());
    fs::rename(old, &between)?;
    if let Err(error) = fs::rename(new, old) {
        return fs::rename(&between, old).and(Err(error));
    }
    fs::rename(&between, new)
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the standard library cannot exchange two names")]
fn at_once(a: &Path, b: &Path) -> io::Result<bool> {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt as _;
    let text = |path: &Path| CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other);
    let (a, b) = (text(a)?, text(b)?);
    // SAFETY: both are strings that end in NUL and live until the call returns, which keeps neither.
    let done =
        unsafe { libc::renameat2(libc::AT_FDCWD, a.as_ptr(), libc::AT_FDCWD, b.as_ptr(), libc::RENAME_EXCHANGE) };
    if done == 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        // Old kernels and disks of other systems.
        Some(libc::EINVAL | libc::ENOSYS | libc::EOPNOTSUPP) => Ok(false),
        _ => Err(error),
    }
}

#[cfg(not(target_os = "linux"))]
fn at_once(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Moves whatever is not one of `names` from `aside` back to `target`: somebody else put it there.
fn rescue(aside: &Path, target: &Path, names: &[&str]) -> io::Result<()> {
    let entries = match fs::read_dir(aside) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let ours = name.to_str().is_some_and(|n| names.contains(&n) || is_unfinished(n, names));
        if !ours && fs::symlink_metadata(target.join(&name)).is_err() {
            fs::rename(aside.join(&name), target.join(&name))?;
        }
    }
    Ok(())
}

/// Whether a file of the older set was left unfinished by a killed process, or by an earlier version.
fn is_unfinished(name: &str, names: &[&str]) -> bool {
    is_left_over(name, None) || name.strip_suffix(".new").is_some_and(|n| names.contains(&n))
}

/// Removes `names` and then the folder, if it is empty.
fn discard(aside: &Path, names: &[&str]) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(aside) else { return Ok(()) };
    for entry in entries {
        let name = entry?.file_name();
        if name.to_str().is_some_and(|n| names.contains(&n) || is_unfinished(n, names)) {
            fs::remove_file(aside.join(&name))?;
        }
    }
    fs::remove_dir(aside)
}

/// Mends what a kill left of writing the set `names` of `target`: a whole set that lies aside takes the place of a folder
/// that is not there, and others are removed. For whoever may write the folder.
pub fn recover(target: &Path, names: &[&str]) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(target.parent().unwrap_or(Path::new(""))) else { return Ok(()) };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let Ok(about) = fs::symlink_metadata(entry.path()) else { continue };
        if !about.is_dir() || !name.to_str().is_some_and(|n| is_left_over(n, about.modified().ok())) {
            continue;
        }
        let whole = names.last().is_some_and(|last| entry.path().join(last).is_file());
        if whole && fs::symlink_metadata(target).is_err() {
            fs::rename(entry.path(), target)?;
        } else {
            fs::create_dir_all(target)?;
            rescue(&entry.path(), target, names)?;
            discard(&entry.path(), names)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["a", "b"];

    fn texts(folder: &Path) -> Vec<(String, String)> {
        let mut all: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .map(|p| (p.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&p).unwrap()))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn a_set_is_replaced_as_a_whole_and_strangers_stay() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("scores");
        let write = |text: &str, names: &[&str]| {
            let new = NewFolder::begin(&target, &NAMES).unwrap();
            for name in names {
                fs::write(new.file(name), text).unwrap();
            }
            new
        };
        write("1", &NAMES).finish().unwrap();
        fs::write(target.join("mine"), "x").unwrap();
        let half = write("2", &["a"]);
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(texts(&target), [pair("a", "1"), pair("b", "1"), pair("mine", "x")], "nothing yet");
        drop(half);
        write("3", &["b"]).finish().unwrap();
        assert_eq!(texts(&target), [pair("b", "3"), pair("mine", "x")]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left aside");
        // Killed before and after the exchange and, on a disk that cannot exchange, between the renames.
        let dead = dir.path().join(unique_name().replace(&std::process::id().to_string(), "4294967295"));
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("a"), "old").unwrap();
        fs::write(dead.join("theirs"), "y").unwrap();
        recover(&target, &NAMES).unwrap();
        assert_eq!(texts(&target), [pair("b", "3"), pair("mine", "x"), pair("theirs", "y")]);
        fs::rename(&target, &dead).unwrap();
        recover(&target, &NAMES).unwrap();
        assert_eq!(texts(&target).len(), 3);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
