//! The settings that stand for a paper's rows are settings of this program, and its protocols exist.

use metafas::config::{Preset, load};
use metafas::data::protocol::{Protocol, Whole};
use metafas::papers::papers;

#[test]
fn every_runnable_row_is_a_run_that_can_be_started() {
    let mut rows = 0;
    for paper in papers() {
        for table in &paper.tables {
            for row in &table.rows {
                let Some(run) = paper.runnable(table, row) else { continue };
                rows += 1;
                let pair = |set: String| {
                    let (key, value) = set.split_once('=').unwrap();
                    (key.to_owned(), value.to_owned())
                };
                let sets: Vec<_> = run.sets().into_iter().map(pair).collect();
                let named = format!("{} {}: {sets:?}", paper.table_name(table), row.method);
                let config = load(Preset::parse(&run.preset).unwrap(), None, &sets);
                // Kinds of detectors that a build does not have are refused by their name, never by their key.
                let refusal = config.err().map(|e| e.to_string()).unwrap_or_default();
                assert!(refusal.is_empty() || refusal.contains("unknown variant"), "{named}: {refusal}");
                for name in &run.protocols {
                    let protocol = Protocol::parse(name, 1, Whole::EveryVideo);
                    assert!(protocol.is_ok_and(|p| p.folds() >= run.folds), "{named}: {name}");
                }
            }
        }
    }
    // Methods times protocols of the MT-FAS tables, means over SiW-M's species among them.
    assert_eq!(rows, 4 * 4 + 5 * 14 + 4 * 4 + 7 + 7 * 4 + 8);
}
