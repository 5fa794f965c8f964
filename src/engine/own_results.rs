//! The run's own results are those of its last checkpoint. Where another one is scored they are kept in scores/own, until the last one is
//! scored again.

use std::path::PathBuf;

use serde_json::Value;

use super::results::{CHOSEN, LAST};
use crate::session::{Session, SessionError};

/// Makes way for results of a checkpoint that was chosen in the way `selection`. Answers the folder into which the run's own results went.
pub fn make_way(session: &Session, selection: &str) -> Result<Option<PathBuf>, SessionError> {
    let own = session.own_scores();
    if selection != CHOSEN {
        return Ok(None);
    }
    let there = std::fs::read(session.results_file()).ok();
    let there: Option<Value> = there.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if there.is_none_or(|results| results["checkpoint_selection"] != LAST) {
        return Ok(own.is_dir().then_some(own));
    }
    session.keep_own_scores()?;
    Ok(Some(own))
}
