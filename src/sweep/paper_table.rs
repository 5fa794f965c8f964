//! A paper's table as a sweep: every row that can be run here under every protocol of the table, at the size of a preset.
//! Settings of rows are data of `papers`; nothing of a table is written down a second time.

use toml::{Table, Value};

use super::SweepSpec;
use super::spec::Variant;
use crate::config::Preset;
use crate::papers::{self, Paper, Runnable};

const PROTOCOL: &str = "data.protocol";
const FOLD: &str = "data.fold";

/// The sweep `name` over the rows of `table` (as `mt_fas/1`) that can be run, with `seeds` runs of each, at the size of
/// `preset`: widths keep the proportion that they have to FAS-DR's in the paper. `None` for a table without such rows.
pub(super) fn of(name: &str, table: &str, seeds: u32, preset: Preset) -> Option<SweepSpec> {
    let (paper, table) = papers::table(table).ok()?;
    let rows: Vec<(&papers::Row, Runnable)> =
        table.rows.iter().filter_map(|row| Some((row, paper.runnable(table, row)?))).collect();
    let width = preset.config().detector.width;

    let mut variant: Vec<Variant> = vec![];
    let mut protocols: Vec<(&str, u32)> = vec![];
    for (row, run) in &rows {
        if variant.iter().all(|v| v.name != row.method) {
            let set = run.at(width).trained().into_iter().collect();
            variant.push(Variant { name: row.method.clone(), set, small: Table::new() });
        }
        for protocol in &run.protocols {
            if protocols.iter().all(|(p, _)| p != protocol) {
                protocols.push((protocol, run.folds));
            }
        }
    }
    // One table has one benchmark, and a benchmark one custom.
    let mut set: Table = rows.first()?.1.protocol.clone().into_iter().collect();
    let mut grid = Table::new();
    let mut exclude = vec![];
    let text = |s: &str| Value::String(s.to_owned());
    let number = |n: u32| Value::Integer(i64::from(n));
    if let [(only, _)] = protocols.as_slice() {
        set.insert(PROTOCOL.to_owned(), text(only));
    } else {
        grid.insert(PROTOCOL.to_owned(), protocols.iter().map(|(p, _)| text(p)).collect::<Vec<_>>().into());
    }
    let most = protocols.iter().map(|(_, folds)| *folds).max().unwrap_or(1);
    if most > 1 {
        grid.insert(FOLD.to_owned(), (1..=most).map(number).collect::<Vec<_>>().into());
        for (protocol, folds) in &protocols {
            let beyond = (folds + 1..=most).map(|fold| [(PROTOCOL, text(protocol)), (FOLD, number(fold))]);
            exclude.extend(beyond.map(|pairs| pairs.map(|(k, v)| (k.to_owned(), v)).into_iter().collect::<Table>()));
        }
    }
    grid.insert("seed".to_owned(), (0..seeds).map(number).collect::<Vec<_>>().into());
    // SiW-M's protocols are its folds: the paper prints their mean.
    let parts = if table.groups().contains(&"Average") { PROTOCOL } else { FOLD };
    Some(SweepSpec {
        small: Table::new(),
        name: name.to_owned(),
        about: about(paper, table),
        preset: preset.name().to_owned(),
        average: ["seed", parts].map(str::to_owned).to_vec(),
        set,
        grid,
        variant,
        exclude,
    })
}

fn about(paper: &Paper, table: &papers::Table) -> String {
    let methods = table.methods();
    let runs =
        |m: &str| table.rows.iter().find(|r| r.method == m).is_some_and(|row| paper.runnable(table, row).is_some());
    let here = methods.iter().copied().filter(|m| runs(m)).count();
    format!("{} Table {}, the {here} of {} methods that can be run", paper.name, table.number, methods.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::expand;

    #[test]
    fn every_runnable_row_of_a_table_is_in_its_sweep_with_its_settings() {
        let of_mt_fas = ["mt_fas/1", "mt_fas/2", "mt_fas/3", "mt_fas/4", "mt_fas/5", "mt_fas/6"];
        let of_rf = ["rfmetafas/1", "rfmetafas/2", "rfmetafas/3"];
        let of_mp = ["meta_pattern/I", "meta_pattern/II", "meta_pattern/III", "meta_pattern/IV"];
        for table in of_mt_fas.into_iter().chain(of_rf).chain(of_mp) {
            let spec = of("sweep", table, 2, Preset::Paper).unwrap();
            let cases = expand(&spec, table).unwrap();
            let (paper, printed) = papers::table(table).unwrap();
            let mut expected = 0;
            for row in &printed.rows {
                let Some(run) = paper.runnable(printed, row) else { continue };
                // A mean over protocols has no runs of its own.
                expected += if run.protocols.len() == 1 { 2 * run.folds as usize } else { 0 };
                for (protocol, fold) in run.protocols.iter().flat_map(|p| (1..=run.folds).map(move |f| (p, f))) {
                    let configs = cases.iter().filter(|c| c.variant.as_deref() == Some(&row.method));
                    let found: Vec<_> = configs
                        .map(|c| c.config().unwrap())
                        .filter(|c| c.data.protocol == *protocol && c.data.fold == fold)
                        .collect();
                    assert_eq!(found.len(), 2, "{table} {} {protocol} {fold}", row.method);
                    let sets: Vec<(String, String)> = run
                        .sets()
                        .iter()
                        .filter_map(|s| s.split_once('='))
                        .map(|(k, v)| (k.into(), v.into()))
                        .collect();
                    let mut alone = crate::config::load(Preset::Paper, None, &sets).unwrap();
                    alone.data.protocol.clone_from(protocol);
                    alone.data.fold = fold;
                    assert_eq!(found[0], alone, "{table} {}", row.method);
                }
            }
            assert_eq!(cases.len(), expected, "{table}");
        }
    }

    #[test]
    fn at_demo_size_detectors_keep_their_proportions() {
        let spec = of("sweep", "mt_fas/1", 1, Preset::Demo).unwrap();
        let cases = expand(&spec, "").unwrap();
        let width = |name: &str| {
            let case = cases.iter().find(|c| c.variant.as_deref() == Some(name)).unwrap();
            case.config().unwrap().detector.width
        };
        assert_eq!((width("FAS-DR(MT)"), width("CDCN(MT)")), (4, 16));
        assert!(of("sweep", "meta_pattern/V", 1, Preset::Demo).is_none(), "there is no such table");
    }
}
