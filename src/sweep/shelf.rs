//! Sessions as they lie on disk, whoever made them: found below folders, read as far as tables of runs need, and read
//! again only where files changed. Which of them are alike, and in what others differ, is told here; nothing is averaged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

use super::case::shown;
use crate::config::RunConfig;
use crate::engine::{OneSeed, check_scores, checkpoint_note, disagreements, repeats};
use crate::eval::Spread;
use crate::session::{Provenance, Session, Settings, State, Status};

/// How far below a folder sessions are looked for: `sweeps/table/cases/0001-…` lies three below `sweeps`.
const DEPTH: usize = 3;

/// Settings that say how a run was computed and watched, not what it is a run of.
const NOT_OF_THE_RUN: [&str; 3] = ["compute.", "watch.", "checkpoint."];

/// One session.
#[derive(Debug, Clone, PartialEq)]
pub struct Shelved {
    /// Its folder.
    pub folder: PathBuf,
    /// The folder as seen from where it was found, without the `cases` of sweeps.
    pub name: String,
    /// Its settings.
    pub config: RunConfig,
    /// Those that it was trained with, by dotted key.
    pub table: BTreeMap<String, Value>,
    /// Where its numbers come from.
    pub provenance: Provenance,
    /// Where it stands; `None` before its first sign of life.
    pub status: Option<Status>,
    /// results.json, once it was scored; `None` too where it cannot be used.
    pub results: Option<Value>,
    /// What must be said where its numbers are shown: which weights and faces were scored, or why there are no results.
    pub note: Option<String>,
}

impl Shelved {
    /// Whether its data are rendered.
    pub fn is_synthetic(&self) -> bool {
        self.provenance.origin == "synthetic"
    }

    /// A rate of its results, 0 to 1.
    pub fn rate(&self, key: &str) -> Option<f64> {
        self.results.as_ref()?.get(key)?.as_f64()
    }

    /// Whether its threshold was chosen with the labels of the test part.
    pub fn is_oracle(&self) -> bool {
        self.results.as_ref().is_some_and(|r| r["oracle"] == true)
    }

    /// The protocol, as settings name it; the name of the data where they are the user's own.
    pub fn data_name(&self) -> String {
        self.config.protocol().map_or_else(|| self.provenance.data.clone(), str::to_owned)
    }

    /// What it is doing, in a word; a run whose process is gone is `stale`.
    pub fn state(&self) -> &'static str {
        let Some(status) = &self.status else { return "planned" };
        match status.state {
            State::Running if !status.is_written(&self.folder) => "stale",
            State::Running => "running",
            State::Paused => "paused",
            State::PausedNan => "paused_nan",
            State::Stopped => "stopped",
            State::Failed => "failed",
            State::Finished => "finished",
        }
    }

    /// A setting as tables show it; empty where there is none of that name.
    pub fn setting(&self, key: &str) -> String {
        self.table.get(key).map(shown).unwrap_or_default()
    }

    /// Whether `other` has the same settings but for those in `free`; how a run was computed or watched is no setting here.
    pub fn is_like(&self, other: &Self, free: &[&str]) -> bool {
        let counts = |key: &&String| counts(key, free);
        let (a, b) = (self.table.iter(), other.table.iter());
        a.filter(|(k, _)| counts(k)).eq(b.filter(|(k, _)| counts(k)))
    }
}

/// Runs that differ in their seeds alone.
#[derive(Debug, Clone, Default)]
pub struct Alike<'a> {
    /// Those that count: each seed once, and no copy of another.
    pub runs: Vec<&'a Arc<Shelved>>,
    /// What does not count, or must be said of those that do, a sentence each.
    pub notes: Vec<String>,
}

/// Which of `sessions`, which differ in their seeds alone, count where numbers are put together.
pub fn counted<'a>(sessions: &[&'a Arc<Shelved>]) -> Alike<'a> {
    let one = |s: &&'a Arc<Shelved>| OneSeed { folder: &s.folder, seed: s.config.seed, results: s.results.as_ref() };
    let again = repeats(&sessions.iter().map(one).collect::<Vec<_>>());
    let mut all = Alike::default();
    for (session, found) in sessions.iter().zip(again) {
        match found {
            Some((earlier, why)) => all.notes.push(why.sentence(&session.name, &sessions[earlier].name)),
            None => all.runs.push(session),
        }
    }
    all.notes.extend(all.runs.iter().filter_map(|s| Some(format!("{}: {}", s.name, s.note.as_ref()?))));
    let differ = disagreements(&all.runs.iter().filter_map(|s| s.results.as_ref()).collect::<Vec<_>>());
    all.notes.extend(differ.into_iter().map(|fact| format!("the runs differ in {fact}")));
    all
}

/// A rate of results over `sessions`, 0 to 1; `None` where none of them has it.
pub fn rate_over(sessions: &[&Arc<Shelved>], key: &str) -> Option<Spread> {
    Spread::of(&sessions.iter().filter_map(|s| s.rate(key)).collect::<Vec<_>>())
}

fn counts(key: &str, free: &[&str]) -> bool {
    !free.contains(&key) && !NOT_OF_THE_RUN.iter().any(|part| key.starts_with(part))
}

/// Sessions that differ in nothing but the settings in `free`, together, in the order of each one's first.
pub fn alike<'a>(sessions: impl IntoIterator<Item = &'a Arc<Shelved>>, free: &[&str]) -> Vec<Vec<&'a Arc<Shelved>>> {
    let mut all: Vec<Vec<&Arc<Shelved>>> = vec![];
    for session in sessions {
        match all.iter_mut().find(|members| members[0].is_like(session, free)) {
            Some(members) => members.push(session),
            None => all.push(vec![session]),
        }
    }
    all
}

/// Settings that are not the same in all `sessions`, with the value of each as tables show it; `–` where one has none.
pub fn differences(sessions: &[&Shelved]) -> Vec<(String, Vec<String>)> {
    let mut keys: Vec<&String> = sessions.iter().flat_map(|s| s.table.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let values = |key: &String| -> Vec<String> {
        sessions.iter().map(|s| s.table.get(key).map_or_else(|| "–".to_owned(), shown)).collect()
    };
    let all = keys.into_iter().map(|key| (key.clone(), values(key)));
    all.filter(|(_, values)| values.iter().any(|v| *v != values[0])).collect()
}

/// When the files of a session that are read were last written.
type Stamp = [Option<SystemTime>; 6];

/// What was found, kept between looks.
#[derive(Debug, Default)]
pub struct Shelf {
    known: BTreeMap<PathBuf, (Stamp, Arc<Shelved>)>,
}

/// What one look found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Sessions by folder.
    pub sessions: Vec<Arc<Shelved>>,
    /// Session folders that cannot be read, with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

impl Shelf {
    /// Looks below all `roots`; one that does not exist holds nothing. A root may be a session itself.
    pub fn look(&mut self, roots: &[PathBuf]) -> Found {
        let mut found = Found::default();
        let mut folders: Vec<(PathBuf, String)> = vec![];
        for root in roots {
            below(root, root, DEPTH, &mut folders);
        }
        folders.sort();
        folders.dedup_by(|a, b| a.0 == b.0);
        let mut known = std::mem::take(&mut self.known);
        for (folder, name) in folders {
            let now = stamp(&folder);
            let kept = known.remove(&folder).filter(|(then, _)| *then == now).map(|(_, session)| session);
            match kept.map_or_else(|| read(&folder, name).map(Arc::new), Ok) {
                Ok(session) => {
                    self.known.insert(folder, (now, Arc::clone(&session)));
                    found.sessions.push(session);
                }
                Err(why) => found.unreadable.push((folder, why)),
            }
        }
        found
    }
}

fn stamp(folder: &Path) -> Stamp {
    let time = |file: &str| fs::metadata(folder.join(file)).and_then(|m| m.modified()).ok();
    ["run.toml", "settings.jsonl", "commands.jsonl", "status.json", "scores/results.json", "scores/test.csv"].map(time)
}

/// Session folders at or below `folder`. Within a session nothing is looked for.
fn below(root: &Path, folder: &Path, depth: usize, into: &mut Vec<(PathBuf, String)>) {
    if folder.join("run.toml").is_file() {
        let seen = folder.strip_prefix(root).ok().filter(|p| *p != Path::new("")).unwrap_or(folder);
        let own = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let parts: Vec<String> =
            seen.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).filter(|c| c != "cases").collect();
        let name = if seen == folder { own(folder) } else { parts.join("/") };
        into.push((folder.to_owned(), name));
        return;
    }
    let Some(deeper) = depth.checked_sub(1) else { return };
    let Ok(entries) = fs::read_dir(folder) else { return };
    // Links are not followed: they may lead back.
    let folders = entries.flatten().filter(|e| e.file_type().is_ok_and(|t| t.is_dir()));
    folders.for_each(|e| below(root, &e.path(), deeper, into));
}

fn read(folder: &Path, name: String) -> Result<Shelved, String> {
    let session = Session::open(folder).map_err(|e| e.to_string())?;
    let config = session.config().map_err(|e| e.to_string())?;
    let provenance = session.provenance().map_err(|e| e.to_string())?;
    let (results, note) = results(&session, &provenance);
    let table = Settings::of_run(&session, &config).table;
    let status = session.status().ok();
    Ok(Shelved { folder: folder.to_owned(), name, config, table, provenance, status, results, note })
}

/// The results that can be shown, and what must be said of them.
fn results(session: &Session, run: &Provenance) -> (Option<Value>, Option<String>) {
    match session.results() {
        Ok(None) => (None, None),
        Ok(Some(results)) => match check_scores(session, run, &results) {
            Ok(()) => {
                let note = checkpoint_note(&results);
                (Some(results), note)
            }
            Err(e) => (None, Some(e.to_string())),
        },
        Err(e) => (None, Some(e.to_string())),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::config::{Preset, load};

    pub(in crate::sweep) fn shelved(name: &str, sets: &[(&str, &str)]) -> Arc<Shelved> {
        let sets: Vec<(String, String)> = sets.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let config = load(Preset::Demo, None, &sets).unwrap();
        let table = Settings::of(&config).table;
        Arc::new(Shelved {
            folder: name.into(),
            name: name.to_owned(),
            config,
            table,
            provenance: Provenance::default(),
            status: None,
            results: None,
            note: None,
        })
    }

    #[test]
    fn sessions_are_found_below_sweeps_and_read_again_only_when_they_change() {
        let dir = tempfile::tempdir().unwrap();
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/demo");
        let copy = |to: &str| {
            let to = dir.path().join(to);
            fs::create_dir_all(to.join("scores")).unwrap();
            for file in ["run.toml", "status.json", "scores/results.json"] {
                fs::copy(demo.join(file), to.join(file)).unwrap();
            }
            to
        };
        copy("one");
        let broken = copy("sweep/cases/0001-b");
        copy("sweep/cases/0001-b/copies/inner");
        fs::write(copy("new").join("run.toml"), "format = 99\n").unwrap();
        let mut shelf = Shelf::default();
        let roots = [dir.path().to_owned(), dir.path().join("none"), demo.clone()];
        let found = shelf.look(&roots);
        let names: Vec<&str> = found.sessions.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(["demo", "one", "sweep/0001-b"].iter().all(|n| names.contains(n)), "{names:?}");
        assert!(found.unreadable[0].1.contains("99"), "{:?}", found.unreadable);
        let of = |found: &Found, name: &str| Arc::clone(found.sessions.iter().find(|s| s.name == name).unwrap());
        assert_eq!(of(&found, "demo").state(), "finished");
        assert!(of(&found, "demo").rate("auc").is_some_and(|v| v > 0.5));

        fs::remove_file(broken.join("scores/results.json")).unwrap();
        let again = shelf.look(&roots);
        assert!(Arc::ptr_eq(&of(&found, "one"), &of(&again, "one")));
        assert_eq!(of(&again, "sweep/0001-b").results, None);
    }

    #[test]
    fn runs_are_alike_whoever_computed_them_and_differences_are_all_named() {
        let runs = [
            shelved("a", &[("seed", "0")]),
            shelved("b", &[("seed", "1"), ("compute.threads", "7")]),
            shelved("c", &[("seed", "0"), ("bilevel.gamma", "0.9")]),
        ];
        let groups = alike(&runs, &["seed"]);
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(alike(&runs, &["seed", "bilevel.gamma"]).len(), 1);
        let told = differences(&[&runs[0], &runs[2]]);
        assert_eq!(told, [("bilevel.gamma".to_owned(), vec!["0.999".to_owned(), "0.9".to_owned()])]);
        assert_eq!(differences(&[&runs[0], &runs[0]]), []);
    }
}
