//! A folder in which a run was killed before its first checkpoint. It is no session yet, and neither is it taken: a new run
//! may begin there.

use std::fs;
use std::path::Path;

use super::folder::PARTS;
use super::{Lock, Look};
use crate::disk;

/// Files of a session that users write: a folder that has them is in use.
const WRITTEN_BY_USERS: [&str; 2] = ["notes.md", "tags"];

/// Maps that a run writes before its first checkpoint.
const FIRST_MAPS: [&str; 2] = ["faces.safetensors", "000000.safetensors"];

/// Whether `path` is empty, or holds nothing but what a run leaves that was killed before its first checkpoint: our lock,
/// run.toml, and files that are written again when a run begins there. Nothing in it is deleted for that.
pub fn is_unborn(path: &Path) -> std::io::Result<bool> {
    let mut names = vec![];
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        let inside =
            if kind.is_dir() { Some(fs::read_dir(entry.path())?.collect::<Result<Vec<_>, _>>()?) } else { None };
        let known = match inside {
            None => {
                let ours = name == ".writable"
                    || (PARTS.contains(&name.as_str()) && !WRITTEN_BY_USERS.contains(&name.as_str()));
                kind.is_file() && (ours || disk::is_unfinished(&name))
            }
            Some(files) => {
                let map = name == "maps";
                let first = |name: &str| disk::is_unfinished(name) || (map && FIRST_MAPS.contains(&name));
                PARTS.contains(&name.as_str()) && files.iter().all(|f| f.file_name().to_str().is_some_and(first))
            }
        };
        if !known {
            return Ok(false);
        }
        names.push(name);
    }
    // A folder of these names that no run of this program has begun is somebody else's.
    Ok(names.is_empty()
        || names.iter().any(|name| name == "status.lock") && Lock::look_at_session(path) != Look::Missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;
    use crate::session::{Provenance, Session};

    #[test]
    fn killed_births_are_free() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        assert!(is_unborn(path).unwrap());
        drop(Lock::of_session(path, "trains").unwrap());
        Session::create(path, &Preset::Demo.config(), &Provenance::default()).unwrap();
        for name in
            ["maps/faces.safetensors", "maps/000000.safetensors", "metrics.jsonl", "settings.jsonl", "trained_on.txt"]
        {
            fs::write(path.join(name), "").unwrap();
            assert!(is_unborn(path).unwrap(), "{name}");
        }
    }

    #[test]
    fn work_is_not_free() {
        for name in
            ["checkpoints/000000.safetensors", "maps/000010.safetensors", "scores/test.csv", "notes.md", "thesis.txt"]
        {
            let dir = tempfile::tempdir().unwrap();
            drop(Lock::of_session(dir.path(), "trains").unwrap());
            Session::create(dir.path(), &Preset::Demo.config(), &Provenance::default()).unwrap();
            fs::write(dir.path().join(name), "mine").unwrap();
            assert!(!is_unborn(dir.path()).unwrap(), "{name}");
        }
    }

    #[test]
    fn folders_without_our_lock_are_not_free() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("maps")).unwrap();
        assert!(!is_unborn(dir.path()).unwrap());
    }
}
