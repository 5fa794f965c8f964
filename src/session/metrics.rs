//! metrics.jsonl: one line an iteration, appended. Readers may come at any time: a torn last line is left for later, and
//! a file that has become shorter (a rewind) is read from the start again.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::{SessionError, close_last_line, cut_sentence, files};
use crate::config::Stage;
use crate::disk;

/// One line: an iteration's numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Counted iterations before this one, over all stages.
    pub iteration: u64,
    /// The stage.
    pub stage: Stage,
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
        map.insert("stage".to_owned(), self.stage.name().into());
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
            stage: Stage::deserialize(map.get("stage")?).ok()?,
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
    length: u64,
    problems: Vec<String>,
}

impl MetricsLog {
    /// Opens `path` for appending and cuts every row from counted iteration `from` on; a torn last line goes too. Damaged lines before
    /// that stay in the file as they are. [`MetricsLog::problems`] says what is damaged or missing.
    pub fn open_at(path: &Path, from: u64) -> Result<Self, SessionError> {
        let mut problems = vec![];
        if close_last_line(path)? {
            problems.push(cut_sentence(path));
        }
        let bytes = match disk::read(path, disk::LARGEST_LOG) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => vec![],
            read => read.map_err(SessionError::io("read", path))?,
        };
        // Lines up to the last row that stays, so that what is damaged keeps its place.
        let mut kept: Vec<u8> = vec![];
        let mut rows = BTreeSet::new();
        let mut damaged: Vec<u8> = vec![];
        let (mut count, mut waiting) = (0, 0);
        for line in bytes.split_inclusive(|&b| b == b'\n') {
            match Row::parse(&String::from_utf8_lossy(line)) {
                Some(row) if row.iteration < from => {
                    kept.append(&mut damaged);
                    count += std::mem::take(&mut waiting);
                    kept.extend_from_slice(line);
                    rows.insert(row.iteration);
                }
                Some(_) => {}
                None => {
                    damaged.extend_from_slice(line);
                    waiting += 1;
                }
            }
        }
        let missing = (0..from).filter(|i| !rows.contains(i));
        if let Some(first) = missing.clone().next() {
            problems.push(format!(
                "metrics.jsonl lacks {} of {from} rows, the first that of iteration {first} ({count} damaged lines stay in the file): \
                 curves have a gap there; going back to iteration {first} makes the rows again: {}",
                missing.count(),
                path.display()
            ));
        }
        files::replace(path, &kept)?;
        let file = append_to(path)?;
        Ok(Self { path: path.to_owned(), file, length: kept.len() as u64, problems })
    }

    /// What was found wrong with the file since this was last asked, a sentence each.
    pub fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    /// Appends one row. Where another program emptied, replaced or deleted the file since the last row, that is a problem to be told, and
    /// the row is the first of what is written from here on.
    pub fn append(&mut self, row: &Row) -> Result<(), SessionError> {
        if !self.is_whole() {
            self.problems.push(format!(
                "another program emptied, replaced or deleted metrics.jsonl while the run wrote it; rows before iteration {} are \
                 missing, and going back makes them again: {}",
                row.iteration,
                self.path.display()
            ));
            self.file = append_to(&self.path)?;
            self.length = self.file.metadata().map_err(SessionError::io("read", &self.path))?.len();
        }
        // One write call a line, so that two readers never see a line torn by us.
        let line = row.to_line() + "\n";
        self.file.write_all(line.as_bytes()).map_err(SessionError::io("append to", &self.path))?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Whether the file is still the one that rows are written to, with all that was written.
    fn is_whole(&self) -> bool {
        let (Ok(named), Ok(open)) = (std::fs::metadata(&self.path), self.file.metadata()) else { return false };
        same_file(&named, &open) && open.len() >= self.length
    }
}

fn append_to(path: &Path) -> Result<File, SessionError> {
    files::append(path)
}

#[cfg(unix)]
fn same_file(a: &std::fs::Metadata, b: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same_file(a: &std::fs::Metadata, b: &std::fs::Metadata) -> bool {
    a.len() == b.len()
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
        if length - self.offset > disk::LARGEST_LOG {
            return Err(SessionError::corrupt(&self.path, "the file is too large for rows of a run"));
        }
        let mut bytes = vec![];
        file.seek(SeekFrom::Start(self.offset))
            .and_then(|_| file.take(disk::LARGEST_LOG).read_to_end(&mut bytes))
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
        Row { iteration, stage: Stage::Bilevel, stage_iteration: iteration, values }
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
        let mut raw = File::options().append(true).open(&path).unwrap();
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

    #[test]
    fn damaged_and_missing_rows_are_told_and_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        let lines: Vec<String> = (0..6).map(|i| row(i).to_line() + "\n").collect();
        let damaged = "{\"iterat\":2}\n";
        std::fs::write(&path, format!("{}{}{damaged}{}{}{{\"iter", lines[0], lines[1], lines[3], lines[4])).unwrap();
        let problems = MetricsLog::open_at(&path, 4).unwrap().take_problems();
        let [half, gap] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(half.contains("half a line"), "{half}");
        assert!(gap.contains("lacks 1 of 4 rows") && gap.contains("1 damaged"), "{gap}");
        let expected = format!("{}{}{damaged}{}", lines[0], lines[1], lines[3]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        assert!(MetricsLog::open_at(&path, 2).unwrap().take_problems().is_empty(), "the damaged line is made again");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), lines[..2].concat());
    }

    #[test]
    fn a_file_that_is_taken_away_is_told_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        let mut log = MetricsLog::open_at(&path, 0).unwrap();
        log.append(&row(0)).unwrap();
        assert!(log.take_problems().is_empty());
        for (i, take) in [(1, false), (2, true)] {
            if take {
                std::fs::remove_file(&path).unwrap();
            } else {
                std::fs::write(&path, "").unwrap();
            }
            log.append(&row(i)).unwrap();
            log.append(&row(i)).unwrap();
            assert_eq!(log.take_problems().len(), 1);
            assert_eq!(Follower::new(&path).poll().unwrap().len(), 2);
        }
    }
}
