//! What the maps of every kind are worth on the test part: a row a kind of map for runs that differ in the seed alone.

use super::Table;
use super::cell::Cell;
use super::results::{Group, spreads_note};
use crate::eval::{MapMaker, MapNumber};
use crate::report::ReportError;
use crate::report::runs::Run;

pub(super) fn build(runs: &[Run], paper: bool) -> Result<Table, ReportError> {
    if paper {
        return Err(ReportError::wrong("--paper has no rows for maps; take it with results or cost"));
    }
    let (groups, notes) = Group::all(runs)?;
    let heads = [("method", "Method"), ("source", "Source"), ("map", "Map")];
    let mut table = Table::new(&heads);
    // All are per cent of their greatest value.
    table.heads.extend(MapNumber::ALL.iter().map(|n| (format!("{}_percent", n.key), format!("{} (%)", n.title))));
    for group in &groups {
        let known = |maker: &MapMaker| group.results.iter().any(|r| r["maps"][maker.key()].is_object());
        for maker in MapMaker::ALL.into_iter().filter(known) {
            let number = |number: &MapNumber| {
                let own = format!("{}_ci", number.key);
                group.rates(|r| &r["maps"][maker.key()][number.key], |r| &r["maps"][maker.key()][own.as_str()])
            };
            let mut row = vec![Cell::text(&group.title), Cell::text(&group.source), Cell::text(maker.title())];
            row.extend(MapNumber::ALL.iter().map(number));
            table.rows.push(row);
        }
    }
    if table.rows.is_empty() {
        let what = "no maps judged on its test part: it has neither a teacher nor masks, or an older version scored it";
        return Err(ReportError::lacks(&runs[0].path, what));
    }
    table.notes.push(format!(
        "Separation: mean over attacks less mean over live faces. Spread: mean standard deviation within an attack's map. \
         Pixel AUC and average precision: against the mask of the attack's material, mean over attacks. {}",
        spreads_note(&groups)
    ));
    table.notes.extend(notes);
    Ok(table)
}
