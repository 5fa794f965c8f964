//! What people do in the window, by mouse and keys, from opening it to closing it; each job looks at what came of it, in the
//! window and on disk. How one looks and presses is not known here (`window`).

mod export;
mod inspect;
mod step;

use crate::window::Person;
use crate::{cache, cargo, shell};
use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Instant;

/// One job.
#[derive(Debug)]
pub(crate) struct Job {
    name: &'static str,
    /// Whose, for people.
    who: &'static str,
    /// Done by a person who sits before a window that was opened in the given folder.
    steps: fn(&mut Person, &Path) -> Result<()>,
}

const JOBS: [Job; 3] = [
    Job { name: "inspect", who: "a researcher looks around in a finished run", steps: inspect::steps },
    Job { name: "step", who: "a student steps through Algorithm 1", steps: step::steps },
    Job { name: "export", who: "a presenter shows a run and takes figures of it", steps: export::steps },
];

/// The job of this name.
pub(crate) fn find(name: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.name == name)
}

/// All of them, one after the other; pictures and logs go to `out`.
pub(crate) fn all(program: &Path, out: &Path) -> Result<()> {
    JOBS.iter().try_for_each(|job| job.done(program, out))
}

impl Job {
    /// Does it in a window that nobody arranged, in a folder with nothing but the sample session and a twin of it.
    pub(crate) fn done(&self, program: &Path, out: &Path) -> Result<()> {
        let begun = Instant::now();
        let home = out.join("people").join(self.name);
        furnish(&home).with_context(|| format!("the folder {} cannot be made ready", home.display()))?;
        forget(out, self.name).with_context(|| format!("older pictures in {} cannot be removed", out.display()))?;
        let work = || {
            let mut person = Person::sits_down(program, &home, out, self.name)?;
            (self.steps)(&mut person, &home)?;
            person.leaves()
        };
        work().with_context(|| format!("{} ({})", self.who, self.name))?;
        let pictures = out.join(format!("{}-*.png", self.name));
        eprintln!("{}: {}; {}", self.who, shell::duration(begun.elapsed()), pictures.display());
        Ok(())
    }
}

/// Removes the pictures of the last time, which another course may have left more of.
fn forget(out: &Path, name: &str) -> Result<()> {
    for entry in fs::read_dir(out)? {
        let file = entry?.path();
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        if stem.starts_with(&format!("{name}-")) && file.extension().is_some_and(|e| e == "png") {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

/// Makes `home` afresh: the sample session, another with the same in it, and a cache that has only the built-in faces in it,
/// which take long to make and are the same for everybody.
fn furnish(home: &Path) -> Result<()> {
    cache::remove(home)?;
    for name in ["demo", "twin"] {
        copy(&cargo::root()?.join("sessions/demo"), &home.join("sessions").join(name))?;
    }
    let (faces, own) = (cache::folder()?.join("synth"), home.join("cache"));
    fs::create_dir_all(&faces)?;
    fs::create_dir_all(&own)?;
    symlink(faces, own.join("synth"))?;
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_copied_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("a"), dir.path().join("b"));
        fs::create_dir_all(from.join("c")).unwrap();
        fs::write(from.join("c/d"), "e").unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("c/d")).unwrap(), "e");
        assert!(copy(&dir.path().join("none"), &to).is_err());
    }

    #[test]
    fn pictures_of_the_last_time_go_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["step-1.png", "step-failed.png", "step.log", "export-1.png", "window.png"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        forget(dir.path(), "step").unwrap();
        let mut left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["export-1.png", "step.log", "window.png"]);
    }

    #[test]
    fn jobs_are_found_by_name() {
        assert!(JOBS.iter().all(|job| find(job.name).is_some()) && find("away").is_none());
    }
}
