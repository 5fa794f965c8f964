//! The settings that stand for a paper's rows are settings of this program, and its protocols exist.

use metafas::config::{Preset, load};
use metafas::data::protocol::{Protocol, Whole};
use metafas::eval::Spread;
use metafas::papers::{papers, table};

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
                let refusal = config.err().map(|e| e.to_string()).unwrap_or_default();
                assert!(refusal.is_empty(), "{named}: {refusal}");
                for name in &run.protocols {
                    let protocol = Protocol::parse(name, 1, Whole::EveryVideo);
                    assert!(protocol.is_ok_and(|p| p.folds() >= run.folds), "{named}: {name}");
                }
            }
        }
    }
    // Methods times protocols of the MT-FAS tables, means over SiW-M's species among them, those of RFMetaFAS, and Color Texture in
    // one more.
    assert_eq!(rows, 4 * 4 + 5 * 14 + 6 * 4 + 7 + 7 * 4 + 8 + (2 + 4 + 3) * 4 + 2);
}

/// One table of MT-FAS prints both kinds of deviation: its last three rows divide by n, the others by n - 1.
#[test]
fn deviations_of_siw_m_are_the_populations_in_some_rows_and_the_samples_in_others() {
    let (_, siw_m) = table("mt_fas/2").unwrap();
    let mut kinds = vec![];
    for method in siw_m.methods() {
        let apcer = |r: &&metafas::papers::Row| r.method == method && r.group != "Average";
        let cells: Vec<f64> = siw_m.rows.iter().filter(apcer).map(|r| r.values[0].parse().unwrap()).collect();
        let spread = Spread::of(&cells).unwrap();
        let printed = &siw_m.row(method, "Average").unwrap().values[0];
        let shown = |sd: f64| format!("{:.1}±{sd:.1}", spread.mean);
        let (by_n, by_one_less) = (shown(spread.std_population), shown(spread.std_sample.unwrap()));
        assert!(*printed == by_n || *printed == by_one_less, "{method}: {printed}, not {by_n} or {by_one_less}");
        kinds.push((method, *printed == by_n));
    }
    let population: Vec<&str> = kinds.iter().filter(|k| k.1).map(|k| k.0).collect();
    assert_eq!(population, ["DTN(MT)", "FAS-DR(Depth)", "FAS-DR(MT)"]);
}
