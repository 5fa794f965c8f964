//! timing.jsonl read back: how long the iterations of a run took. Wall-clock facts stand there alone and are never compared.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use serde::Deserialize;

use super::{Session, SessionError};
use crate::config::Stage;
use crate::disk;

#[derive(Deserialize)]
struct Lap {
    iteration: u64,
    stage: Stage,
    seconds: f64,
}

impl Session {
    /// Seconds that the counted iterations of every stage took, by stage. An iteration that was done again after
    /// going back counts once, as it went last; a torn last line does not count. Empty where nothing was timed.
    pub fn stage_seconds(&self) -> Result<BTreeMap<Stage, f64>, SessionError> {
        let path = self.timing_file();
        let text = match disk::read_text(&path, disk::LARGEST_LOG) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            read => read.map_err(SessionError::io("read", &path))?,
        };
        let whole = text.lines().filter_map(|line| serde_json::from_str::<Lap>(line).ok());
        let laps: BTreeMap<u64, Lap> = whole.map(|lap| (lap.iteration, lap)).collect();
        let mut seconds = BTreeMap::new();
        for lap in laps.into_values().filter(|lap| lap.seconds.is_finite()) {
            *seconds.entry(lap.stage).or_insert(0.0) += lap.seconds;
        }
        Ok(seconds)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::RunConfig;
    use crate::session::Provenance;

    #[test]
    fn iterations_that_were_done_again_count_once() {
        let folder = tempfile::tempdir().unwrap();
        let session = Session::create(folder.path(), &RunConfig::default(), &Provenance::default()).unwrap();
        assert!(session.stage_seconds().unwrap().is_empty());
        let lines = [
            r#"{"iteration":0,"stage":"pretrain","seconds":1.0}"#,
            r#"{"iteration":1,"stage":"bilevel","seconds":9.0}"#,
            r#"{"iteration":1,"stage":"bilevel","seconds":2.0}"#,
            r#"{"iteration":2,"stage":"bilevel","seconds":4.0}"#,
            r#"{"iteration":3,"stage":"bil"#,
        ];
        fs::write(session.timing_file(), lines.join("\n")).unwrap();
        let expected = [(Stage::Bilevel, 6.0), (Stage::Pretrain, 1.0)];
        assert_eq!(session.stage_seconds().unwrap(), expected.into());
    }
}
