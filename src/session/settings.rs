//! settings.jsonl: the settings that a run was trained with, and from which iteration on. The first line holds all of them, a later line
//! what was edited in run.toml before the run went on. Together with commands.jsonl, which holds what was changed while the run went on,
//! it says which settings held when; run.toml alone says what is set now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Change, Session, SessionError, files};
use crate::config::{self, RunConfig, dotted, shown};

/// Settings that shape no weights: how a run is computed, watched, kept and scored, and where its faces are (their fingerprint tells what
/// they are). The number of bi-level iterations is not recorded either: a run of 100 that goes on to 200 is the same as one of 200.
const ASIDE: [&str; 9] = [
    "watch.",
    "checkpoint.",
    "evaluate.",
    "compute.device",
    "compute.threads",
    "bilevel.iterations",
    "data.root",
    "data.roots",
    "data.pack",
];

/// Settings of data sets and their protocols, which mean nothing for a folder or a list of one's own.
const OF_PROTOCOLS: [&str; 5] = ["data.protocol", "data.fold", "data.whole_set", "data.hold_out", "data.benchmark"];

fn is_recorded(key: &str) -> bool {
    !ASIDE.iter().any(|aside| key == *aside || (aside.ends_with('.') && key.starts_with(aside)))
}

fn recorded(config: &RunConfig) -> BTreeMap<String, Value> {
    dotted(config).into_iter().filter(|(key, _)| is_recorded(key)).collect()
}

/// Settings and data that held from an iteration on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Held {
    /// Counted iterations before the first that was done with them.
    iteration: u64,
    /// By dotted key: all of them in the first line, what changed in a later one.
    settings: BTreeMap<String, Value>,
    /// Fingerprint of the faces, where it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

/// A setting that is no longer what the run was trained with.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// Dotted key.
    pub key: String,
    /// The value that the run was trained with.
    pub before: Value,
    /// The value in run.toml.
    pub now: Value,
}

/// The record in memory and on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsLog {
    path: PathBuf,
    lines: Vec<Held>,
}

impl SettingsLog {
    /// Reads `path`; empty for a session of an earlier version, which has no such file. A torn line ends the record.
    pub fn read(path: &Path) -> Result<Self, SessionError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => vec![],
            Err(e) => return Err(SessionError::io("read", path)(e)),
        };
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map_while(|line| serde_json::from_str(line).ok()).collect();
        Ok(Self { path: path.to_owned(), lines })
    }

    /// Begins the record of a new run.
    pub fn begin(path: &Path, config: &RunConfig, data: &str) -> Result<Self, SessionError> {
        let mut log = Self { path: path.to_owned(), lines: vec![] };
        log.hold_from(0, config, data)?;
        Ok(log)
    }

    /// Whether it is known what the run was trained with before counted iteration `iteration`.
    pub fn reaches(&self, iteration: u64) -> bool {
        self.lines.first().is_some_and(|first| first.iteration == 0 || first.iteration < iteration)
    }

    /// The settings in force before `iteration`, and the fingerprint of the faces then.
    fn before(&self, iteration: u64) -> (BTreeMap<String, Value>, Option<&str>) {
        let mut settings = BTreeMap::new();
        let mut data = None;
        for line in self.lines.iter().filter(|line| line.iteration < iteration) {
            settings.extend(line.settings.clone());
            data = line.data.as_deref().or(data);
        }
        (settings, data)
    }

    /// What of `config` is not what the run was trained with before `iteration`.
    pub fn edited(&self, iteration: u64, config: &RunConfig) -> Vec<Edited> {
        let (before, _) = self.before(iteration);
        let edited = |(key, now): (String, Value)| {
            let before = before.get(&key)?.clone();
            (before != now).then_some(Edited { key, before, now })
        };
        recorded(config).into_iter().filter_map(edited).collect()
    }

    /// Notes that the run goes on from counted iteration `iteration` with `config` on faces with the fingerprint `data`. What was noted
    /// for later iterations is void, as they are done again.
    pub fn hold_from(&mut self, iteration: u64, config: &RunConfig, data: &str) -> Result<(), SessionError> {
        let old = self.lines.len();
        self.lines.retain(|line| line.iteration < iteration);
        let (before, data_before) = self.before(iteration);
        let mut settings = recorded(config);
        settings.retain(|key, value| before.get(key) != Some(value));
        let data = (data_before != Some(data)).then(|| data.to_owned());
        let kept = self.lines.len();
        if !settings.is_empty() || data.is_some() {
            self.lines.push(Held { iteration, settings, data });
        }
        if old == kept && self.lines.len() == kept {
            return Ok(());
        }
        files::replace(&self.path, self.text().as_bytes())
    }

    /// Notes that the last stage gets another length: `key` is `value` from the beginning on, since what was done of the stage is the same
    /// in a run of any length.
    pub fn lengthen(&mut self, key: &str, value: &Value) -> Result<(), SessionError> {
        for held in self.lines.iter_mut().filter_map(|line| line.settings.get_mut(key)) {
            held.clone_from(value);
        }
        if self.lines.is_empty() { Ok(()) } else { files::replace(&self.path, self.text().as_bytes()) }
    }

    fn text(&self) -> String {
        #[expect(clippy::expect_used, reason = "numbers, strings and JSON values always have a JSON form")]
        let line = |held: &Held| serde_json::to_string(held).expect("serialisable settings") + "\n";
        self.lines.iter().map(line).collect()
    }
}

/// A setting that changed while the run was trained.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingChange {
    /// Counted iterations before the first that was done with the new value.
    pub iteration: u64,
    /// Dotted key.
    pub key: String,
    /// The new value.
    pub value: Value,
}

/// The settings that a run was really trained with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// By dotted key. A setting that changed on the way is text: `0.999; 0.5 from iteration 200`.
    pub table: BTreeMap<String, Value>,
    /// What changed on the way, in order.
    pub changes: Vec<SettingChange>,
}

impl Settings {
    /// Those of `config` alone, as nothing is known to have changed.
    pub fn of(config: &RunConfig) -> Self {
        let mut table = dotted(config);
        if config.protocol().is_none() {
            table.retain(|key, _| !OF_PROTOCOLS.contains(&key.as_str()));
        }
        Self { table, changes: vec![] }
    }

    /// Those of the run in `session`, whose run.toml holds `config`.
    pub fn of_run(session: &Session, config: &RunConfig) -> Self {
        let mut all = Self::of(config);
        let log = SettingsLog::read(&session.settings_file()).map(|log| log.lines).unwrap_or_default();
        let commands = Change::all_in(&session.changes_file());
        // A change that no iteration has followed yet holds for nothing.
        let done = session.status().map_or(u64::MAX, |status| status.global_iteration);
        let mut steps: BTreeMap<String, Vec<(u64, Value)>> = BTreeMap::new();
        for line in log.into_iter().filter(|line| line.iteration == 0 || line.iteration < done) {
            for (key, value) in line.settings {
                steps.entry(key).or_default().push((line.iteration, value));
            }
        }
        let mut live: BTreeMap<String, Vec<(u64, Value)>> = BTreeMap::new();
        for change in commands.into_iter().filter(|c| c.iteration < done) {
            let value = value_of(config, &change.key, &change.value);
            live.entry(change.key).or_default().push((change.iteration, value));
        }
        for (key, changes) in live {
            // What was changed while the run went on holds whatever run.toml says.
            let first = changes.first().map_or(0, |c| c.0);
            let own = steps.entry(key.clone()).or_default();
            own.retain(|(iteration, _)| *iteration < first);
            if own.is_empty() && first > 0 {
                own.extend(all.table.get(&key).map(|value| (0, value.clone())));
            }
            own.extend(changes);
        }
        for (key, steps) in steps {
            all.note(&key, steps);
        }
        all.changes.sort_by_key(|change| change.iteration);
        all
    }

    fn note(&mut self, key: &str, steps: Vec<(u64, Value)>) {
        let mut held: Vec<(u64, Value)> = vec![];
        for (iteration, value) in steps {
            if held.last().is_some_and(|last| last.0 == iteration) {
                held.pop();
            }
            if held.last().is_none_or(|last| last.1 != value) {
                held.push((iteration, value));
            }
        }
        let [first, later @ ..] = held.as_slice() else { return };
        let Some(own) = self.table.get_mut(key) else { return };
        if later.is_empty() {
            if first.0 == 0 {
                *own = first.1.clone();
            }
            return;
        }
        let mut words = shown(&first.1);
        for (iteration, value) in later {
            words = format!("{words}; {} from iteration {iteration}", shown(value));
            self.changes.push(SettingChange { iteration: *iteration, key: key.to_owned(), value: value.clone() });
        }
        *own = Value::String(words);
    }
}

/// The value that `text`, as `--set` takes it, gives the setting `key`.
fn value_of(config: &RunConfig, key: &str, text: &str) -> Value {
    let changed = || {
        let mut table = toml::Table::try_from(config).ok()?;
        config::set_key(&mut table, key, text).ok()?;
        dotted(&config::from_table(table, key).ok()?).remove(key)
    };
    changed().unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;
    use crate::session::{ChangeLog, Provenance};

    fn session(dir: &Path) -> (Session, RunConfig) {
        let config = Preset::Demo.config();
        let provenance = Provenance { fingerprint: "a".to_owned(), ..Provenance::default() };
        (Session::create(&dir.join("run"), &config, &provenance).unwrap(), config)
    }

    #[test]
    fn edited_settings_are_known_with_their_iteration() {
        let dir = tempfile::tempdir().unwrap();
        let (session, mut config) = session(dir.path());
        let file = session.settings_file();
        let first = std::fs::read(&file).unwrap();
        let mut log = SettingsLog::read(&file).unwrap();
        // Another length is no other run, and a run that goes on as it was leaves the same bytes.
        config.bilevel.iterations += 1;
        config.compute.threads = 7;
        log.hold_from(12, &config, "a").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), first);
        assert_eq!(log.edited(12, &config), []);

        config.bilevel.gamma = 0.5;
        let edited = log.edited(12, &config);
        assert_eq!(edited.len(), 1);
        assert_eq!((edited[0].key.as_str(), shown(&edited[0].before), shown(&edited[0].now)).0, "bilevel.gamma");
        log.hold_from(12, &config, "b").unwrap();
        let again = SettingsLog::read(&file).unwrap();
        assert_eq!(again, log);
        assert_eq!(again.before(13).1, Some("b"));
        let gamma = &Settings::of_run(&session, &config).table["bilevel.gamma"];
        assert_eq!(shown(gamma), "0.999; 0.5 from iteration 12");
        // Back before that iteration: what was noted for it is void.
        config.bilevel.gamma = 0.999;
        log.hold_from(10, &config, "a").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), first);
    }

    #[test]
    fn a_record_that_begins_later_does_not_reach_back() {
        let dir = tempfile::tempdir().unwrap();
        let (session, config) = session(dir.path());
        std::fs::remove_file(session.settings_file()).unwrap();
        let mut log = SettingsLog::read(&session.settings_file()).unwrap();
        assert!(!log.reaches(12));
        log.hold_from(12, &config, "a").unwrap();
        assert!(!log.reaches(12) && log.reaches(13));
    }

    #[test]
    fn live_changes_are_settings_too() {
        let dir = tempfile::tempdir().unwrap();
        let (session, config) = session(dir.path());
        let mut changes = ChangeLog::open(&session.changes_file()).unwrap();
        for (iteration, key, value) in
            [(0, "bilevel.mu", "0.25"), (123, "bilevel.beta", "0.01"), (200, "bilevel.gamma", "0.5")]
        {
            changes.push(Change { iteration, phase: 0, key: key.into(), value: value.into() }).unwrap();
        }
        let settings = Settings::of_run(&session, &config);
        assert_eq!(shown(&settings.table["bilevel.beta"]), "0.0002; 0.01 from iteration 123");
        assert_eq!(shown(&settings.table["bilevel.gamma"]), "0.999; 0.5 from iteration 200");
        assert_eq!(settings.table["bilevel.mu"], 0.25);
        let at: Vec<u64> = settings.changes.iter().map(|c| c.iteration).collect();
        assert_eq!(at, [123, 200]);
    }
}
