//! A copy of a session: the whole folder, so that whatever was known of a run is known of its copy, and a replay of the copy gives the
//! same bytes. Only what belongs to the process that writes stays behind: status, lock and files that are being written.

use std::fs;
use std::path::Path;

use super::{Session, SessionError};

impl Session {
    /// Copies this session to `folder`, which is absent or empty. The copy has no status yet. Links are not followed and not copied.
    pub fn copy_to(&self, folder: &Path) -> Result<Self, SessionError> {
        Self::check_free(folder)?;
        let copied = copy_folder(self.path(), folder, true).and_then(|()| {
            // Last: what has no run.toml is no session, so half a copy is never taken for one.
            let to = folder.join("run.toml");
            fs::copy(self.run_file(), &to).map(|_| ()).map_err(SessionError::io("copy", &self.run_file()))
        });
        if copied.is_err() {
            // The folder was empty, so all that is in it is half a copy.
            fs::remove_dir_all(folder).ok();
        }
        copied?;
        Self::open(folder)
    }
}

/// Whether a file at the top of a session belongs to the process that writes it, not to the run.
fn stays(name: &str) -> bool {
    name.starts_with("status.json")
        || name == "run.toml"
        || name == "lock"
        || Path::new(name).extension().is_some_and(|end| end == "lock")
}

fn copy_folder(from: &Path, to: &Path, top: bool) -> Result<(), SessionError> {
    for entry in fs::read_dir(from).map_err(SessionError::io("look into the folder", from))? {
        let entry = entry.map_err(SessionError::io("look into the folder", from))?;
        let name = entry.file_name();
        let (source, target) = (entry.path(), to.join(&name));
        let kind = entry.file_type().map_err(SessionError::io("read", &source))?;
        let name = name.to_string_lossy();
        if kind.is_dir() {
            fs::create_dir(&target).map_err(SessionError::io("make the folder", &target))?;
            copy_folder(&source, &target, false)?;
        } else if kind.is_file() && !(top && stays(&name)) && !super::folder::is_debris(&name) {
            fs::copy(&source, &target).map_err(SessionError::io("copy", &source))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RunConfig;
    use crate::session::Provenance;

    #[test]
    fn a_copy_has_everything_but_what_belongs_to_the_writer() {
        let dir = tempfile::tempdir().unwrap();
        let session = Session::create(&dir.path().join("a"), &RunConfig::default(), &Provenance::default()).unwrap();
        let kept = ["commands.jsonl", "timing.jsonl", "notes.md", "tags", "scores/results.json", "figures/a.svg"];
        let left = ["status.json", "session.lock", "checkpoints/000010.safetensors.new"];
        for name in kept.iter().chain(&left) {
            fs::write(session.path().join(name), name).unwrap();
        }
        let to = dir.path().join("b");
        let copy = session.copy_to(&to).unwrap();
        for name in kept {
            assert_eq!(fs::read_to_string(to.join(name)).unwrap(), name);
        }
        for name in left {
            assert!(!to.join(name).exists(), "{name}");
        }
        assert_eq!(fs::read(copy.run_file()).unwrap(), fs::read(session.run_file()).unwrap());
        assert!(session.copy_to(&to).unwrap_err().to_string().contains("not empty"));
        assert!(to.join("notes.md").exists(), "a folder that was not empty is left alone");
    }
}
