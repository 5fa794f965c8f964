//! APCER of every attack species, a row for runs that differ in the seed alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Table;
use super::cell::Cell;
use super::results::{Group, spreads_note};
use crate::report::ReportError;
use crate::report::runs::Run;

pub(super) fn build(runs: &[Run], paper: bool) -> Result<Table, ReportError> {
    if paper {
        return Err(ReportError::wrong("--paper has no rows for species; take it with results or cost"));
    }
    let (groups, notes) = Group::all(runs)?;
    let of = |r: &Value| r["apcer"].as_object().into_iter().flat_map(|m| m.keys().cloned()).collect::<Vec<_>>();
    let species: BTreeSet<String> = groups.iter().flat_map(|g| &g.results).flat_map(of).collect();
    let mut table = Table::new(&[("method", "Method"), ("source", "Source"), ("threshold", "Threshold")]);
    for name in &species {
        table.heads.push((format!("apcer_{name}_percent"), name.replace('_', " ")));
    }
    for group in &groups {
        let mut row = vec![Cell::text(&group.title), Cell::text(&group.source), Cell::text(group.rule())];
        row.extend(species.iter().map(|name| group.rates(|r| &r["apcer"][name], |r| &r["ci"]["apcer"][name])));
        table.rows.push(row);
    }
    table.notes.push(format!("APCER of each species in %. {}", spreads_note(&groups)));
    table.notes.extend(notes);
    Ok(table)
}
