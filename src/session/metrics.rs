//! metrics.jsonl: one line an iteration, appended. Readers may come at any time: a torn last line is left for later, and
//! a file that has become shorter (a rewind) is read from the start again.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{SessionError, files};

/// One line: an iteration's numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Counted iterations before this one, over all stages.
    pub iteration: u64,
    /// The stage's name.
    pub stage: String,
    /// Iterations before this one within the stage.
    pub stage_iteration: u64,
    /// Names and values, in a fixed order; a value that is not finite is stored as null.
    pub values: Vec<(String, f64)>,
}

impl Row {
    /// The value called `name`; NaN where it was not finite.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, v)| *v)
    }

    /// Names of values that are not finite.
    pub fn not_finite(&self) -> Vec<&str> {
        self.values.iter().filter(|(_, v)| !v.is_finite()).map(|(n, _)| n.as_str()).collect()
    }

    fn to_line(&self) -> String {
        let mut map = Map::new();
        map.insert("iteration".to_owned(), self.iteration.into());
        map.insert("stage".to_owned(), self.stage.clone().into());
        map.insert("stage_iteration".to_owned(), self.stage_iteration.into());
        for (name, value) in &self.values {
            map.insert(name.clone(), serde_json::Number::from_f64(*value).map_or(Value::Null, Value::Number));
        }
        Value::Object(map).to_string()
    }

    fn parse(line: &str) -> Option<Self> {
        let Value::Object(map) = serde_json::from_str(line).ok()? else { return None };
        let values = map.iter().filter(|(k, _)| !["iteration", "stage", "stage_iteration"].contains(&k.as_str()));
        let number = |v: &Value| if v.is_null() { Some(f64::NAN) } else { v.as_f64() };
        Some(Self {
            iteration: map.get("iteration")?.as_u64()?,
            stage: map.get("stage")?.as_str()?.to_owned(),
            stage_iteration: map.get("stage_iteration")?.as_u64()?,
            values: values.filter_map(|(k, v)| Some((k.clone(), number(v)?))).collect(),
        })
    }
}

/// The writing end.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    file: File,
}

impl MetricsLog {
    /// Opens `path` for appending and cuts every row from counted iteration `from` on; a torn last line goes too.
    pub fn open_at(path: &Path, from: u64) -> Result<Self, SessionError> {
        let kept: String = Follower::new(path)
            .poll()?
            .into_iter()
            .filter(|row| row.iteration < from)
            .map(|row| row.to_line() + "\n")
            .collect();
        files::replace(path, kept.as_bytes())?;
        let file = OpenOptions::new().append(true).open(path).map_err(SessionError::io("append to", path))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Appends one row.
    pub fn append(&mut self, row: &Row) -> Result<(), SessionError> {
        // One write call a line, so that two readers never see a line torn by us.
        let line = row.to_line() + "\n";
        self.file.write_all(line.as_bytes()).map_err(SessionError::io("append to", &self.path))
    }
}

/// The reading end: gives new rows each time it is asked.
#[derive(Debug, Clone)]
pub struct Follower {
    path: PathBuf,
    offset: u64,
    /// Whether the last poll found the file shorter than before; rows given earlier are then void.
    pub restarted: bool,
}

impl Follower {
    /// Follows `path`, which need not exist yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), offset: 0, restarted: false }
    }

    /// Rows that were completed since the last call.
    pub fn poll(&mut self) -> Result<Vec<Row>, SessionError> {
        self.restarted = false;
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
            Err(e) => return Err(SessionError::io("read", &self.path)(e)),
        };
        let length = file.metadata().map_err(SessionError::io("read", &self.path))?.len();
        if length < self.offset {
            self.offset = 0;
            self.restarted = true;
        }
        let mut bytes = vec![];
        file.seek(SeekFrom::Start(self.offset))
            .and_then(|_| file.read_to_end(&mut bytes))
            .map_err(SessionError::io("read", &self.path))?;
        let complete = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        self.offset += complete as u64;
        let text = String::from_utf8_lossy(&bytes[..complete]);
        // A line that cannot be read was torn by a crash before a resume cut it; its iteration is written again.
        Ok(text.lines().filter_map(Row::parse).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(iteration: u64) -> Row {
        let values = vec![("l_v".to_owned(), 0.1 * iteration as f64), ("bad".to_owned(), f64::NAN)];
        Row { iteration, stage: "bilevel".to_owned(), stage_iteration: iteration, values }
    }

    #[test]
    fn rows_come_back_and_torn_lines_wait() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        let mut log = MetricsLog::open_at(&path, 0).unwrap();
        let mut follower = Follower::new(&path);
        log.append(&row(0)).unwrap();
        let got = follower.poll().unwrap();
        assert_eq!((got.len(), got[0].get("l_v"), got[0].not_finite()), (1, Some(0.0), vec!["bad"]));
        let mut raw = OpenOptions::new().append(true).open(&path).unwrap();
        raw.write_all(b"{\"iteration\":1,\"stage\":\"bil").unwrap();
        assert!(follower.poll().unwrap().is_empty(), "half a line is left alone");
        raw.write_all(b"evel\",\"stage_iteration\":1,\"l_v\":0.5}\n").unwrap();
        assert_eq!(follower.poll().unwrap()[0].get("l_v"), Some(0.5));
    }

    #[test]
    fn a_cut_drops_later_rows_and_restarts_readers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        let mut log = MetricsLog::open_at(&path, 0).unwrap();
        for i in 0..10 {
            log.append(&row(i)).unwrap();
        }
        let mut follower = Follower::new(&path);
        assert_eq!(follower.poll().unwrap().len(), 10);
        let before = std::fs::read(&path).unwrap();
        let mut log = MetricsLog::open_at(&path, 4).unwrap();
        assert_eq!(follower.poll().unwrap().len(), 4);
        assert!(follower.restarted);
        for i in 4..10 {
            log.append(&row(i)).unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap(), before, "cut and written again: the same bytes");
    }
}
