//! What runs were set to: the settings in which they differ, a column a run; all settings of a single run.

use super::Table;
use super::cell::Cell;
use crate::config::shown;
use crate::report::ReportError;
use crate::report::runs::{Run, differences};

pub(super) fn build(runs: &[Run], paper: bool) -> Result<Table, ReportError> {
    if paper {
        return Err(ReportError::wrong("the papers' rows are no settings; take --paper with results or cost"));
    }
    let mut table = Table::new(&[("setting", "Setting")]);
    for run in runs {
        let name = run.path.display().to_string();
        table.heads.push((name.clone(), name));
    }
    let pairs = match runs {
        [one] => one.settings.table.iter().map(|(k, v)| (k.clone(), vec![shown(v)])).collect(),
        _ => differences(runs),
    };
    if pairs.is_empty() {
        table.notes.push("The runs differ in no setting that shapes results.".to_owned());
    }
    table.rows =
        pairs.into_iter().map(|(key, values)| std::iter::once(key).chain(values).map(Cell::Text).collect()).collect();
    Ok(table)
}
