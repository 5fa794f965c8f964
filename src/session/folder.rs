//! The folder itself: its paths, run.toml, and what is cut when a run goes back to an earlier iteration.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::scores::FILES as SCORE_FILES;
use super::{Checkpoint, Follower, MapSet, Row, SessionError, SettingsLog, Status, WatchedFaces, files};
use crate::config::{self, ConfigError, FORMAT, RunConfig};
use crate::disk;

/// Where a run's numbers come from, recorded in run.toml. Nothing in here changes from one run of the same
/// configuration on the same machine to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of this program.
    pub version: String,
    /// Version of libtorch.
    pub libtorch: String,
    /// Device that trained, in words.
    pub device: String,
    /// Widest vector instructions of the processor.
    pub instruction_set: String,
    /// Layout of pictures in memory.
    pub memory_format: String,
    /// Threads used.
    pub threads: usize,
    /// Name of the data.
    pub data: String,
    /// "synthetic" or "real".
    pub origin: String,
    /// Hash over names, labels and pixels.
    pub fingerprint: String,
    /// Live and attack faces of train, dev and test, in this order.
    pub faces: Vec<usize>,
    /// Where facial depth comes from; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub depth: String,
    /// What HFN's trunks started from: "random", or the SHA-256 of a file of weights; empty for other detectors.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trunk: String,
    /// What the faces were cut from, where that are clips on disk.
    #[serde(default, skip_serializing_if = "ClipSources::is_none")]
    pub clips: ClipSources,
}

/// What faces were cut from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipSources {
    /// Every data set with its version, and how many of its published clips are there; or the list of clips.
    pub sets: Vec<String>,
    /// What every report must say of copies that are not whole.
    pub partial: Vec<String>,
    /// How faces were found and cut, and which frames were looked at, as one line.
    pub cutter: String,
    /// Clips of the protocol, or of the list.
    pub asked: usize,
    /// Clips among them that could not be read.
    pub unreadable: usize,
    /// Clips among them in which no face was found.
    pub without_face: usize,
    /// Those clips, one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faceless: Vec<FacelessClip>,
}

/// A clip in which no face was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacelessClip {
    /// Its name, as score files have it.
    pub clip: String,
    /// `train`, `dev` or `test`.
    pub split: String,
    /// Whether it shows a live face, by its label.
    pub live: bool,
    /// Attack species; empty for live clips.
    pub species: String,
    /// Subject.
    pub subject: String,
}

impl ClipSources {
    /// Whether faces were not cut from clips on disk.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What the data of a run is called wherever runs are listed: its protocol, or the name of a folder or list of one's own. Such data are
/// never called by a protocol that was left over in the settings.
pub fn data_name(config: &RunConfig, provenance: &Provenance) -> String {
    config.protocol().unwrap_or(&provenance.data).to_owned()
}

#[derive(Serialize)]
struct RunFile<'a> {
    format: i64,
    #[serde(flatten)]
    config: &'a RunConfig,
    provenance: &'a Provenance,
}

/// What a run writes into its folder. None of it may be a link where a session is written.
pub(super) const PARTS: [&str; 14] = [
    "run.toml",
    "status.json",
    "status.lock",
    "metrics.jsonl",
    "timing.jsonl",
    "commands.jsonl",
    "settings.jsonl",
    "trained_on.txt",
    "notes.md",
    "tags",
    "maps",
    "checkpoints",
    "scores",
    "figures",
];

/// A session folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    path: PathBuf,
}

impl Session {
    /// Makes a new session at `path`: an absent or empty folder.
    pub fn create(path: &Path, config: &RunConfig, provenance: &Provenance) -> Result<Self, SessionError> {
        Self::check_free(path)?;
        let session = Self { path: path.to_owned() };
        for folder in [session.maps(), session.checkpoints(), session.scores(), session.figures()] {
            fs::create_dir_all(&folder).map_err(SessionError::io("make the folder", &folder))?;
        }
        session.write_run(config, provenance)?;
        SettingsLog::begin(&session.settings_file(), config, &provenance.fingerprint)?;
        Ok(session)
    }

    /// Makes the folder `path` if it is not there, and fails where it is not empty or cannot be written to.
    pub fn check_free(path: &Path) -> Result<(), SessionError> {
        fs::create_dir_all(path).map_err(SessionError::io("make the folder", path))?;
        if !super::birth::is_unborn(path).map_err(SessionError::io("look into the folder", path))? {
            return Err(SessionError::NotEmpty(path.to_owned()));
        }
        disk::probe(path).map_err(SessionError::io("write into the folder", path))
    }

    /// Opens an existing session that is going to be written: it must be writable and hold its own files, no links to
    /// others. What killed processes left unfinished is removed.
    pub fn open_to_write(path: &Path) -> Result<Self, SessionError> {
        let session = Self::open(path)?;
        if let Some(link) = disk::linked_part(path, &PARTS) {
            return Err(SessionError::Linked(link));
        }
        disk::probe(path).map_err(SessionError::io("write into the folder", path))?;
        session.recover_scores()?;
        disk::clear_left_overs(path, |name| PARTS.contains(&name));
        for folder in [session.maps(), session.checkpoints(), session.scores()] {
            disk::clear_left_overs(&folder, is_data_file);
        }
        Ok(session)
    }

    /// Removes the folder of a run that ended before its first checkpoint. Only files that a run writes are deleted; where
    /// others are there, or links, the folder stays and an error says so.
    pub fn discard(path: &Path) -> Result<(), SessionError> {
        if let Some(link) = disk::linked_part(path, &PARTS).or_else(|| path.is_symlink().then(|| path.to_owned())) {
            return Err(SessionError::Linked(link));
        }
        let delete = |folder: &Path, ours: &dyn Fn(&str) -> bool| -> Result<(), SessionError> {
            let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
            for entry in entries.filter_map(Result::ok) {
                let is_file = entry.file_type().is_ok_and(|t| t.is_file());
                if is_file && entry.file_name().to_str().is_some_and(ours) {
                    fs::remove_file(entry.path()).map_err(SessionError::io("delete", &entry.path()))?;
                }
            }
            Ok(())
        };
        for part in ["maps", "checkpoints", "scores", "figures"] {
            let folder = path.join(part);
            disk::clear_left_overs(&folder, is_data_file);
            delete(&folder, &is_data_file)?;
            match fs::remove_dir(&folder) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(SessionError::io("delete", &folder)(e));
                }
                _ => {}
            }
        }
        disk::clear_left_overs(path, |name| PARTS.contains(&name));
        delete(path, &|name| name == ".writable" || (PARTS.contains(&name) && !["notes.md", "tags"].contains(&name)))?;
        fs::remove_dir(path).map_err(SessionError::io("delete", path))
    }

    /// Opens an existing session; its format is checked.
    pub fn open(path: &Path) -> Result<Self, SessionError> {
        let session = Self { path: path.to_owned() };
        if !session.run_file().is_file() {
            return Err(SessionError::NotASession(path.to_owned()));
        }
        let file = session.run_file();
        let table = session.run_table()?;
        let format = table.get("format").and_then(toml::Value::as_integer);
        match format {
            Some(f) if f > FORMAT => Err(SessionError::Newer { format: f, known: FORMAT, path: file }),
            Some(_) => Ok(session),
            None => Err(SessionError::corrupt(&file, "run.toml has no format number")),
        }
    }

    /// Replaces run.toml.
    pub fn write_run(&self, config: &RunConfig, provenance: &Provenance) -> Result<(), SessionError> {
        let file = RunFile { format: FORMAT, config, provenance };
        let text = toml::to_string(&file).map_err(|e| SessionError::corrupt(&self.run_file(), e.to_string()))?;
        files::replace(&self.run_file(), text.as_bytes())
    }

    fn run_table(&self) -> Result<toml::Table, SessionError> {
        let path = self.run_file();
        let text = files::read_text(&path)?;
        text.parse().map_err(|e: toml::de::Error| SessionError::corrupt(&path, e.message().to_owned()))
    }

    /// The configuration in run.toml.
    pub fn config(&self) -> Result<RunConfig, SessionError> {
        let path = self.run_file();
        let wrong = |e: ConfigError| SessionError::corrupt(&path, e.to_string());
        config::from_table(self.run_table()?, "run.toml").map_err(wrong)
    }

    /// The provenance in run.toml.
    pub fn provenance(&self) -> Result<Provenance, SessionError> {
        let path = self.run_file();
        let value = self.run_table()?.remove("provenance");
        let value = value.ok_or_else(|| SessionError::corrupt(&path, "run.toml has no provenance"))?;
        value.try_into().map_err(|e: toml::de::Error| SessionError::corrupt(&path, e.message().to_owned()))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// run.toml.
    pub fn run_file(&self) -> PathBuf {
        self.path.join("run.toml")
    }

    /// status.json.
    pub fn status_file(&self) -> PathBuf {
        self.path.join("status.json")
    }

    /// metrics.jsonl.
    pub fn metrics_file(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// timing.jsonl.
    pub fn timing_file(&self) -> PathBuf {
        self.path.join("timing.jsonl")
    }

    /// commands.jsonl.
    pub fn changes_file(&self) -> PathBuf {
        self.path.join("commands.jsonl")
    }

    /// settings.jsonl.
    pub fn settings_file(&self) -> PathBuf {
        self.path.join("settings.jsonl")
    }

    /// trained_on.txt.
    pub fn trained_file(&self) -> PathBuf {
        self.path.join("trained_on.txt")
    }

    /// results.json: the summary of the last evaluation.
    pub fn results_file(&self) -> PathBuf {
        self.path.join("scores/results.json")
    }

    /// Faces of the scored test part, one a clip, whose keys are the `test_label`s of scores/test.csv.
    pub fn scored_faces_file(&self) -> PathBuf {
        self.path.join("scores/faces.safetensors")
    }

    /// Their maps.
    pub fn scored_maps_file(&self) -> PathBuf {
        self.path.join("scores/maps.safetensors")
    }

    /// maps/.
    pub fn maps(&self) -> PathBuf {
        self.path.join("maps")
    }

    /// checkpoints/.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// scores/.
    pub fn scores(&self) -> PathBuf {
        self.path.join("scores")
    }

    /// figures/.
    pub fn figures(&self) -> PathBuf {
        self.path.join("figures")
    }

    /// The watched faces' pictures.
    pub fn watched_file(&self) -> PathBuf {
        self.maps().join("faces.safetensors")
    }

    /// The maps of counted iteration `iteration`.
    pub fn map_file(&self, iteration: u64) -> PathBuf {
        self.maps().join(format!("{iteration:06}.safetensors"))
    }

    /// The checkpoint of counted iteration `iteration`.
    pub fn checkpoint_file(&self, iteration: u64) -> PathBuf {
        self.checkpoints().join(format!("{iteration:06}.safetensors"))
    }

    /// Counted iterations that have maps, ascending.
    pub fn map_iterations(&self) -> Vec<u64> {
        files::numbered(&self.maps())
    }

    /// Counted iterations that have checkpoints, ascending.
    pub fn checkpoint_iterations(&self) -> Vec<u64> {
        files::numbered(&self.checkpoints())
    }

    /// status.json's contents.
    pub fn status(&self) -> Result<Status, SessionError> {
        Status::read(&self.status_file())
    }

    /// All rows of metrics.jsonl.
    pub fn rows(&self) -> Result<Vec<Row>, SessionError> {
        Follower::new(&self.metrics_file()).poll()
    }

    /// The maps of counted iteration `iteration`.
    pub fn map_set(&self, iteration: u64) -> Result<MapSet, SessionError> {
        MapSet::read(&self.map_file(iteration))
    }

    /// The watched faces.
    pub fn watched(&self) -> Result<WatchedFaces, SessionError> {
        WatchedFaces::read(&self.watched_file())
    }

    /// The checkpoint of counted iteration `iteration`.
    pub fn checkpoint(&self, iteration: u64) -> Result<Checkpoint, SessionError> {
        Checkpoint::read(&self.checkpoint_file(iteration))
    }

    /// Deletes every file of `iterations` that is there.
    pub fn remove_checkpoints(&self, iterations: &[u64]) -> Result<(), SessionError> {
        remove_all(iterations.iter().map(|&i| self.checkpoint_file(i)))
    }

    /// Deletes maps and checkpoints after counted iteration `iteration`. Scores stay until others are written in their place, or until
    /// [`Session::drop_scores`].
    pub fn cut_after(&self, iteration: u64) -> Result<(), SessionError> {
        let later = |all: Vec<u64>| all.into_iter().filter(move |&i| i > iteration);
        remove_all(later(self.map_iterations()).map(|i| self.map_file(i)))?;
        remove_all(later(self.checkpoint_iterations()).map(|i| self.checkpoint_file(i)))
    }

    /// Deletes all scores.
    pub fn drop_scores(&self) -> Result<(), SessionError> {
        remove_all(SCORE_FILES.iter().map(|name| self.scores().join(name)))?;
        self.drop_own_scores()
    }

    /// results.json; `None` where the session was not scored.
    pub fn results(&self) -> Result<Option<Value>, SessionError> {
        let path = self.results_file();
        let bytes = match disk::read(&path, disk::LARGEST_TEXT) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(SessionError::io("read", &path))?,
        };
        let damaged = |why: String| {
            let again = "score the session again with `metafas evaluate`";
            SessionError::corrupt(&path, format!("results.json is damaged ({why}); {again}"))
        };
        if bytes.is_empty() {
            return Err(damaged("the file is empty".to_owned()));
        }
        let value: Value = serde_json::from_slice(&bytes).map_err(|e| damaged(format!("not JSON: {e}")))?;
        if value.is_object() { Ok(Some(value)) } else { Err(damaged("not a JSON object".to_owned())) }
    }

    /// Notes in results.json that the run has gone on since it was scored at its end: until it is scored again, those are the results
    /// of an earlier end.
    pub fn mark_results_as_earlier(&self) -> Result<(), SessionError> {
        let Ok(Some(mut results)) = self.results() else { return Ok(()) };
        if results["checkpoint_selection"] != LAST_ITERATION {
            return Ok(());
        }
        results["checkpoint_selection"] = EARLIER_END.into();
        let path = self.results_file();
        let text = serde_json::to_vec_pretty(&results).map_err(|e| SessionError::corrupt(&path, e.to_string()))?;
        files::replace(&path, &text)
    }

    /// Renames a checkpoint that cannot be used, so that another one can be written and nothing is lost that might still be looked at.
    pub fn set_checkpoint_aside(&self, iteration: u64) -> Result<(), SessionError> {
        let path = self.checkpoint_file(iteration);
        let mut aside = path.clone();
        let mut number = 0;
        while aside.symlink_metadata().is_ok() {
            number += 1;
            let end = if number == 1 { "damaged".to_owned() } else { format!("damaged-{number}") };
            aside = self.checkpoints().join(format!("{iteration:06}.safetensors.{end}"));
        }
        fs::rename(&path, &aside).map_err(SessionError::io("rename", &path))
    }

    /// Deletes what writers that were killed left half written beside the session's files.
    pub fn remove_debris(&self) -> Result<(), SessionError> {
        let folders = [self.path.clone(), self.maps(), self.checkpoints(), self.scores()];
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().filter_map(Result::ok);
        let debris =
            entries.filter(|e| e.file_type().is_ok_and(|t| t.is_file()) && is_debris(&e.file_name().to_string_lossy()));
        remove_all(debris.map(|e| e.path()))
    }

    /// Deletes maps whose iteration is no multiple of `stride`, after a run's length changed.
    pub fn thin_maps(&self, stride: u64) -> Result<(), SessionError> {
        let odd = self.map_iterations().into_iter().filter(|i| !i.is_multiple_of(stride));
        remove_all(odd.map(|i| self.map_file(i)))
    }
}

/// What results.json says of how the scored checkpoint was chosen: the last one of a finished run.
pub const LAST_ITERATION: &str = "last iteration";

/// The same of a run that has gone on since.
pub const EARLIER_END: &str = "last iteration before the run went on";

/// Whether a file of a session is what a killed writer leaves: written aside and never renamed.
pub(super) fn is_debris(name: &str) -> bool {
    const OURS: [&str; 6] = [".safetensors", ".json", ".jsonl", ".toml", ".csv", ".txt"];
    name.strip_suffix(".new").is_some_and(|stem| OURS.iter().any(|end| stem.ends_with(end)))
}

/// Whether a run writes files of such a name into maps/, checkpoints/ and scores/.
fn is_data_file(name: &str) -> bool {
    let numbered = || name.strip_suffix(".safetensors").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    numbered() || SCORE_FILES.contains(&name)
}

fn remove_all(paths: impl Iterator<Item = PathBuf>) -> Result<(), SessionError> {
    for path in paths {
        match fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(SessionError::io("delete", &path)(e));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;

    #[test]
    fn run_toml_holds_configuration_and_provenance() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/run");
        let config = Preset::Demo.config();
        let provenance = Provenance { version: "1".to_owned(), faces: vec![1, 2, 3, 4, 5, 6], ..Provenance::default() };
        let session = Session::create(&path, &config, &provenance).unwrap();
        let again = Session::open(&path).unwrap();
        assert_eq!(again.config().unwrap(), config);
        assert_eq!(again.provenance().unwrap(), provenance);
        let error = Session::create(&path, &config, &provenance).unwrap_err().to_string();
        assert!(error.contains("not empty"), "{error}");
        let text = fs::read_to_string(session.run_file()).unwrap();
        fs::write(session.run_file(), text.replace("format = 1", "format = 2")).unwrap();
        let error = Session::open(&path).unwrap_err().to_string();
        assert!(error.contains("format 2"), "{error}");
        let error = Session::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("no session folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_session_with_links_is_looked_at_but_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run");
        let elsewhere = dir.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("test.csv"), "precious").unwrap();
        let session = Session::create(&path, &Preset::Demo.config(), &Provenance::default()).unwrap();
        // What an older version left of a write is removed, and what it leads to stays.
        std::os::unix::fs::symlink(elsewhere.join("test.csv"), path.join("status.json.new")).unwrap();
        fs::write(session.maps().join("000010.safetensors.new"), "half").unwrap();
        fs::write(path.join("thesis.new"), "mine").unwrap();
        Session::open_to_write(&path).unwrap();
        assert!(!path.join("status.json.new").is_symlink());
        assert_eq!(fs::read_dir(session.maps()).unwrap().count(), 0);
        assert!(path.join("thesis.new").exists());
        fs::remove_dir(session.scores()).unwrap();
        std::os::unix::fs::symlink(&elsewhere, session.scores()).unwrap();
        assert!(Session::open(&path).is_ok());
        for error in [Session::open_to_write(&path).unwrap_err(), Session::discard(&path).unwrap_err()] {
            assert!(matches!(&error, SessionError::Linked(p) if *p == session.scores()), "{error}");
        }
        assert!(session.begin_scores().is_err());
        assert_eq!(fs::read_to_string(elsewhere.join("test.csv")).unwrap(), "precious");
    }

    #[test]
    fn what_a_run_did_not_write_is_not_discarded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run");
        let session = Session::create(&path, &Preset::Demo.config(), &Provenance::default()).unwrap();
        fs::write(session.map_file(3), "map").unwrap();
        fs::write(session.maps().join("thesis.txt"), "mine").unwrap();
        assert!(Session::discard(&path).is_err());
        assert_eq!(fs::read_to_string(session.maps().join("thesis.txt")).unwrap(), "mine");
        fs::remove_file(session.maps().join("thesis.txt")).unwrap();
        Session::discard(&path).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn an_unwritable_place_is_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "x").unwrap();
        let error = Session::create(&file.join("run"), &Preset::Demo.config(), &Provenance::default());
        assert!(error.unwrap_err().to_string().starts_with("cannot make the folder"));
    }
}
