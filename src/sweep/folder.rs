//! A sweep's folder: its two files, where its sessions lie, and what happens when it is planned again.
//!
//! ```text
//! sweep.toml     the sweep, every key written out
//! cases.jsonl    one line a run
//! cases/         a session folder a case: 0007-gamma-0.999-seed-3/
//! work/          of each case: its lock, what it said, why it failed; and the number of threads
//! ```

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::{Case, SweepError, SweepSpec, expand};
use crate::config::RunConfig;
use crate::disk;
use crate::session::replace_file;

/// What planning did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    /// A new sweep lies in the folder.
    New,
    /// The folder had all these cases already.
    Unchanged,
    /// So many cases were added at the end.
    Grown(usize),
}

/// Whether nothing is at `path` but what a plan that was interrupted before its second file may have left.
fn is_free(path: &Path) -> bool {
    const LEFT: [&str; 3] = ["cases.jsonl.new", "cases.jsonl", "sweep.toml.new"];
    let known = |name: &str| LEFT.contains(&name) || disk::is_unfinished(name);
    let left = |entry: std::io::Result<fs::DirEntry>| entry.is_ok_and(|e| e.file_name().to_str().is_some_and(known));
    fs::read_dir(path).map_or(true, |mut entries| entries.all(left))
}

/// Whether a case's folder is what planning makes: one plain name below cases/.
fn is_own_place(folder: &str) -> bool {
    let name = folder.strip_prefix("cases/").and_then(disk::plain);
    name.is_some_and(|name| name.components().count() == 1)
}

/// A planned sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepFolder {
    path: PathBuf,
    /// The sweep.
    pub spec: SweepSpec,
    /// Its cases; a case's place is its index.
    pub cases: Vec<Case>,
}

impl SweepFolder {
    /// Plans `spec` into `path`. A case is known again by its content, that is by its variant's name and by everything
    /// that its settings come to: cases that are there keep their lines, new ones go behind them. A folder that holds
    /// anything else, or cases that the sweep no longer has, is refused.
    pub fn plan(path: &Path, spec: &SweepSpec, origin: &str) -> Result<(Self, Planned), SweepError> {
        let wanted = expand(spec, origin)?;
        let spec = spec.clone();
        let taken = |message: String| SweepError::Taken { message, path: path.to_owned() };
        if is_free(path) {
            fs::create_dir_all(path).map_err(SweepError::io("make the folder", path))?;
            let new = Self { path: path.to_owned(), spec, cases: wanted };
            new.write()?;
            return Ok((new, Planned::New));
        }
        if !path.join("sweep.toml").is_file() {
            return Err(taken("the folder is not empty and holds no sweep".to_owned()));
        }
        let old = Self::open(path)?;
        if old.spec.name != spec.name {
            return Err(taken(format!("the folder holds another sweep, '{}'", old.spec.name)));
        }
        let content = |case: &Case| -> Result<(Option<String>, RunConfig), SweepError> {
            Ok((case.variant.clone(), case.config()?))
        };
        let before: Vec<_> = old.cases.iter().map(content).collect::<Result<_, _>>()?;
        let now: Vec<_> = wanted.iter().map(content).collect::<Result<_, _>>()?;
        let gone: Vec<&str> = old
            .cases
            .iter()
            .zip(&before)
            .filter(|(_, c)| !now.contains(c))
            .map(|(case, _)| case.title.as_str())
            .collect();
        if let Some(first) = gone.first() {
            return Err(taken(format!(
                "the folder holds {} case{} that this sweep does not have, as ({first})",
                gone.len(),
                if gone.len() == 1 { "" } else { "s" }
            )));
        }
        let mut cases = old.cases.clone();
        for (mut case, _) in wanted.into_iter().zip(&now).filter(|(_, c)| !before.contains(c)) {
            case.number(cases.len());
            cases.push(case);
        }
        let added = cases.len() - old.cases.len();
        let new = Self { path: path.to_owned(), spec, cases };
        if new != old {
            new.write()?;
        }
        Ok((new, if added == 0 { Planned::Unchanged } else { Planned::Grown(added) }))
    }

    fn write(&self) -> Result<(), SweepError> {
        // The list first: sweep.toml alone would be a sweep without cases.
        let line = |case: &Case| serde_json::to_string(case).map(|text| text + "\n");
        let list = self.cases.iter().map(line).collect::<Result<String, _>>();
        let list = list.map_err(|e| SweepError::corrupt(&self.path, e.to_string()))?;
        disk::clear_left_overs(&self.path, |name| ["cases.jsonl", "sweep.toml"].contains(&name));
        replace_file(&self.path.join("cases.jsonl"), list.as_bytes())?;
        replace_file(&self.path.join("sweep.toml"), self.spec.to_toml().as_bytes())?;
        Ok(())
    }

    /// Opens a planned sweep.
    pub fn open(path: &Path) -> Result<Self, SweepError> {
        let text = |missing: &'static str| {
            let file = path.join(missing);
            if !file.is_file() {
                return Err(SweepError::NotASweep { missing, path: path.to_owned() });
            }
            disk::read_text(&file, disk::LARGEST_LIST).map_err(SweepError::io("read", &file))
        };
        let spec = SweepSpec::parse(&text("sweep.toml")?, &path.join("sweep.toml").display().to_string())?;
        let file = path.join("cases.jsonl");
        let mut cases: Vec<Case> = vec![];
        for (i, line) in text("cases.jsonl")?.lines().enumerate() {
            let case: Case = serde_json::from_str(line)
                .map_err(|e| SweepError::corrupt(&file, format!("line {} is no case ({e})", i + 1)))?;
            if case.id != format!("{i:04}") {
                return Err(SweepError::corrupt(&file, format!("line {} is case {}, not {i:04}", i + 1, case.id)));
            }
            // A folder from elsewhere must not have sessions written, or deleted, outside itself.
            if !is_own_place(&case.folder) || cases.iter().any(|c| c.folder == case.folder) {
                let what = format!(
                    "line {}: the folder '{}' is not a new name below cases/; plan the sweep again",
                    i + 1,
                    case.folder
                );
                return Err(SweepError::corrupt(&file, what));
            }
            cases.push(case);
        }
        Ok(Self { path: path.to_owned(), spec, cases })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The case at `index`.
    pub fn case(&self, index: usize) -> Result<&Case, SweepError> {
        self.cases.get(index).ok_or(SweepError::NoSuchCase { index, count: self.cases.len() })
    }

    /// The session folder of a case; it is there once the case has begun.
    pub fn session_path(&self, case: &Case) -> PathBuf {
        self.path.join(&case.folder)
    }

    /// The sessions of all finished cases, in the order of the cases.
    pub fn finished(&self) -> Vec<PathBuf> {
        let done = |case: &&Case| self.standing(case).state == super::CaseState::Finished;
        self.cases.iter().filter(done).map(|case| self.session_path(case)).collect()
    }

    /// What the process of a case said on stderr.
    pub fn log_file(&self, case: &Case) -> PathBuf {
        self.work_file(&case.id, "log")
    }

    /// Why a case failed; there only while it has.
    pub(super) fn error_file(&self, case: &Case) -> PathBuf {
        self.work_file(&case.id, "error")
    }

    pub(super) fn lock_file(&self, case: &Case) -> PathBuf {
        self.work_file(&case.id, "lock")
    }

    fn work_file(&self, name: &str, ending: &str) -> PathBuf {
        self.path.join("work").join(format!("{name}.{ending}"))
    }

    /// Makes work/, where locks and logs lie. Neither it nor cases/ may be a link, as both are written to.
    pub(super) fn make_work(&self) -> Result<(), SweepError> {
        if let Some(path) = disk::linked_part(&self.path, &["work", "cases", "cases.jsonl", "sweep.toml"]) {
            return Err(SweepError::Linked(path));
        }
        let work = self.path.join("work");
        fs::create_dir_all(&work).map_err(SweepError::io("make the folder", &work))
    }

    /// Threads of every case that does not set `compute.threads`. They are part of what makes the same bytes, so whoever
    /// asks first decides (`asked`, else `usual`), and work/threads holds it for all that come later.
    pub fn threads(&self, asked: Option<usize>, usual: usize) -> Result<usize, SweepError> {
        self.make_work()?;
        let path = self.path.join("work/threads");
        let failed = |what| SweepError::io(what, &path);
        let mut file = disk::lock_file(&path).map_err(failed("open"))?;
        file.lock().map_err(failed("lock"))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed("read"))?;
        if let Ok(recorded) = text.trim().parse() {
            return match asked {
                Some(asked) if asked != recorded => Err(SweepError::Threads { recorded, asked }),
                _ => Ok(recorded),
            };
        }
        let threads = asked.unwrap_or(usual).max(1);
        file.write_all(format!("{threads}\n").as_bytes()).map_err(failed("write"))?;
        Ok(threads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(rest: &str) -> SweepSpec {
        SweepSpec::parse(&format!("name = 's'\npreset = 'demo'\n{rest}"), "s.toml").unwrap()
    }

    fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
        let mut all: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|e| e.unwrap().path())
            .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&p).unwrap()))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn planning_again_changes_nothing_and_added_cases_go_to_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/sweep");
        let first = spec("[grid]\n'bilevel.gamma' = [0.9, 0.99]\nseed = [0, 1]");
        let (old, planned) = SweepFolder::plan(&path, &first, "").unwrap();
        assert_eq!((planned, old.cases.len()), (Planned::New, 4));
        let before = files(&path);
        assert_eq!(before.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["cases.jsonl", "sweep.toml"]);
        assert_eq!(SweepFolder::plan(&path, &first, "").unwrap().1, Planned::Unchanged);
        assert_eq!(files(&path), before);
        assert_eq!(SweepFolder::open(&path).unwrap(), old);

        // A value in the middle of the grid: its cases come last, under new ids.
        let more = spec("[grid]\n'bilevel.gamma' = [0.9, 0.95, 0.99]\nseed = [0, 1]");
        let (grown, planned) = SweepFolder::plan(&path, &more, "").unwrap();
        assert_eq!(planned, Planned::Grown(2));
        assert_eq!(grown.cases[..4], old.cases);
        assert_eq!((grown.cases[4].title.as_str(), grown.cases[5].id.as_str()), ("gamma 0.95, seed 0", "0005"));
        let lines = fs::read(path.join("cases.jsonl")).unwrap();
        assert!(lines.starts_with(&before[0].1), "old lines are kept as they were");
    }

    #[test]
    fn cases_that_lead_out_of_the_folder_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sweep");
        SweepFolder::plan(&path, &spec("[grid]\nseed = [0, 1]"), "").unwrap();
        let list = fs::read_to_string(path.join("cases.jsonl")).unwrap();
        let own = "cases/0000-seed-0";
        for folder in
            ["../victim", "/tmp/victim", "cases/../../victim", "cases/a/b", "work", "cases", "cases/0001-seed-1"]
        {
            fs::write(path.join("cases.jsonl"), list.replacen(own, folder, 1)).unwrap();
            let error = SweepFolder::open(&path).unwrap_err();
            assert!(error.is_input() && error.to_string().contains("below cases/"), "{folder}: {error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_sweep_are_refused_before_anything_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        for part in ["work", "cases"] {
            let path = dir.path().join(part);
            let (folder, _) = SweepFolder::plan(&path, &spec("[grid]\nseed = [0]"), "").unwrap();
            std::os::unix::fs::symlink(&elsewhere, path.join(part)).unwrap();
            let error = folder.threads(None, 1).unwrap_err();
            assert!(error.is_input() && error.to_string().contains("symbolic link"), "{error}");
        }
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    }

    #[test]
    fn other_things_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sweep");
        SweepFolder::plan(&path, &spec("[grid]\nseed = [0, 1]"), "").unwrap();
        let before = files(&path);
        let fewer = SweepFolder::plan(&path, &spec("[grid]\nseed = [1]"), "").unwrap_err().to_string();
        assert!(fewer.contains("1 case that this sweep does not have, as (seed 0)"), "{fewer}");
        let mut other = spec("[grid]\nseed = [0, 1]");
        other.name = "t".to_owned();
        let error = SweepFolder::plan(&path, &other, "").unwrap_err();
        assert!(error.to_string().contains("another sweep, 's'") && error.is_input());
        assert_eq!(files(&path), before);
        fs::write(dir.path().join("file"), "x").unwrap();
        let error = SweepFolder::plan(dir.path(), &other, "").unwrap_err().to_string();
        assert!(error.contains("not empty and holds no sweep"), "{error}");
        let error = SweepFolder::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("no sweep folder, it has no sweep.toml"), "{error}");
    }

    #[test]
    fn finished_sessions_are_those_of_finished_cases() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, _) = SweepFolder::plan(&dir.path().join("s"), &spec("[grid]\nseed = [0, 1]"), "").unwrap();
        assert!(folder.finished().is_empty());
        let session = folder.session_path(&folder.cases[1]);
        fs::create_dir_all(&session).unwrap();
        for file in ["run.toml", "status.json"] {
            fs::copy(Path::new("sessions/demo").join(file), session.join(file)).unwrap();
        }
        assert_eq!(folder.finished(), [session]);
    }

    #[test]
    fn an_interrupted_plan_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sweep");
        SweepFolder::plan(&path, &spec("[grid]\nseed = [0, 1]"), "").unwrap();
        let whole = files(&path);
        fs::rename(path.join("sweep.toml"), path.join("sweep.toml.new")).unwrap();
        let (_, planned) = SweepFolder::plan(&path, &spec("[grid]\nseed = [0, 1]"), "").unwrap();
        assert_eq!((planned, files(&path)), (Planned::New, whole));
    }

    #[test]
    fn the_first_run_decides_on_threads() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, _) = SweepFolder::plan(&dir.path().join("s"), &spec(""), "").unwrap();
        assert_eq!(folder.threads(None, 3).unwrap(), 3);
        assert_eq!(folder.threads(None, 8).unwrap(), 3);
        assert_eq!(folder.threads(Some(3), 8).unwrap(), 3);
        let error = folder.threads(Some(4), 8).unwrap_err().to_string();
        assert!(error.contains("use 3 threads each") && error.contains("4 would change"), "{error}");
    }
}
