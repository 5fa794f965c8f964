//! Sweeps that come with the program: the papers' tables, made of the settings of their rows, and files in assets/sweeps
//! for what is no table.

use std::path::Path;

use super::{SweepError, SweepSpec, paper_table};
use crate::config::Preset;
use crate::papers;

const WIDTH: &str = "detector.width";

/// Name and text of every sweep in assets/sweeps.
const FILES: [(&str, &str); 13] = [
    ("mt_fas_fig7", include_str!("../../assets/sweeps/mt_fas_fig7.toml")),
    ("mt_fas_comparison", include_str!("../../assets/sweeps/mt_fas_comparison.toml")),
    ("mt_fas_partial", include_str!("../../assets/sweeps/mt_fas_partial.toml")),
    ("mt_fas_why", include_str!("../../assets/sweeps/mt_fas_why.toml")),
    ("mt_fas_pairs", include_str!("../../assets/sweeps/mt_fas_pairs.toml")),
    ("rf_fig5", include_str!("../../assets/sweeps/rf_fig5.toml")),
    ("rf_fig6", include_str!("../../assets/sweeps/rf_fig6.toml")),
    ("mp_fig6", include_str!("../../assets/sweeps/mp_fig6.toml")),
    ("mp_fig7", include_str!("../../assets/sweeps/mp_fig7.toml")),
    ("mp_fig8", include_str!("../../assets/sweeps/mp_fig8.toml")),
    ("mp_fig9", include_str!("../../assets/sweeps/mp_fig9.toml")),
    ("shift", include_str!("../../assets/sweeps/shift.toml")),
    ("domain_generalisation", include_str!("../../assets/sweeps/domain_generalisation.toml")),
];

/// Tables that are sweeps: the sweep's name, the table's, and seeds of every row. Tables of many protocols have one seed.
const TABLES: [(&str, &str, u32); 13] = [
    ("mt_fas_table1", "mt_fas/1", 1),
    ("mt_fas_table2", "mt_fas/2", 1),
    ("mt_fas_table3", "mt_fas/3", 1),
    ("mt_fas_table4", "mt_fas/4", 1),
    ("mt_fas_table5", "mt_fas/5", 1),
    ("mt_fas_table6", "mt_fas/6", 5),
    ("rf_table1", "rfmetafas/1", 1),
    ("rf_table2", "rfmetafas/2", 1),
    ("rf_table3", "rfmetafas/3", 1),
    ("mp_table1", "meta_pattern/I", 1),
    ("mp_table2", "meta_pattern/II", 1),
    ("mp_table3", "meta_pattern/III", 1),
    ("mp_table4", "meta_pattern/IV", 1),
];

/// Names of all of them.
pub fn names() -> Vec<&'static str> {
    TABLES.iter().map(|t| t.0).chain(FILES.iter().map(|f| f.0)).collect()
}

/// The sweep in the file `given` as it stands there, or the built-in one of that name at the size of `preset`. Of a name
/// the part before the first free `_` may be left out where what remains means one sweep alone: `table6`.
pub fn find(given: &str, preset: Preset) -> Result<SweepSpec, SweepError> {
    let path = Path::new(given);
    if path.is_file() {
        let text = crate::disk::read_text(path, crate::disk::LARGEST_TEXT).map_err(SweepError::io("read", path))?;
        let spec = SweepSpec::parse(&text, given)?;
        let preset = Preset::parse(&spec.preset)
            .map_err(|e| SweepError::Invalid { origin: given.to_owned(), message: e.to_string() })?;
        return Ok(spec.at(preset));
    }
    let ending = format!("_{given}");
    let known = names();
    let mut close = known.iter().filter(|name| name.ends_with(&ending));
    let exact = known.iter().find(|name| **name == given);
    let only = close.next().filter(|_| close.next().is_none());
    let unknown = || SweepError::Unknown { given: given.to_owned(), known: known.clone() };
    let name = *exact.or(only).ok_or_else(unknown)?;
    if let Some((_, text)) = FILES.iter().find(|f| f.0 == name) {
        let mut spec = SweepSpec::parse(text, name)?;
        // Widths in a file are those of the papers, as in the settings of rows.
        if let Some(toml::Value::Integer(width)) = spec.set.get_mut(WIDTH) {
            *width = papers::width_at(*width, preset.config().detector.width);
        }
        return Ok(spec.at(preset));
    }
    let table = TABLES.iter().find(|t| t.0 == name);
    table.and_then(|&(name, table, seeds)| paper_table::of(name, table, seeds, preset)).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Network, RunConfig, Supervision};
    use crate::sweep::{Case, expand};

    fn cases(name: &str) -> Vec<Case> {
        expand(&find(name, Preset::Demo).unwrap(), name).unwrap()
    }

    #[test]
    fn every_embedded_sweep_can_be_planned_and_says_what_it_is() {
        for name in names() {
            for preset in [Preset::Demo, Preset::Laptop, Preset::Paper] {
                let spec = find(name, preset).unwrap();
                assert_eq!((spec.name.as_str(), spec.preset.as_str()), (name, preset.name()));
                assert!(spec.about.len() > 20, "{name} has a sentence");
                assert!(!expand(&spec, name).unwrap().is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn short_names_will_do_and_unknown_ones_are_told_what_there_is() {
        assert_eq!(find("comparison", Preset::Demo).unwrap().name, "mt_fas_comparison");
        // Two papers have a figure of that number.
        assert!(find("fig7", Preset::Demo).is_err());
        assert_eq!(find("mt_fas_table6", Preset::Demo).unwrap().name, "mt_fas_table6");
        let error = find("fig99", Preset::Demo).unwrap_err().to_string();
        assert!(error.contains("'fig99'") && error.contains("mt_fas_table6, rf_table1"), "{error}");
        // Two papers have a Table 3.
        assert!(find("table3", Preset::Demo).is_err() && find("rf_table3", Preset::Demo).is_ok());
    }

    #[test]
    fn figure_5_of_rf_meta_fas_takes_its_parts_away() {
        let all = cases("rf_fig5");
        let config = |name: &str| all.iter().find(|c| c.variant.as_deref() == Some(name)).unwrap().config().unwrap();
        let (whole, meta, reg) = (config("Ours"), config("Ours_wo/meta"), config("Ours_wo/reg"));
        assert_eq!((whole.data.protocol.as_str(), whole.detector.width), ("mico/OMI-C", 16));
        assert_eq!(
            [whole.title(), meta.title(), reg.title()],
            ["RFMetaFAS(Depth)", "RFMetaFAS w/o meta(Depth)", "RFMetaFAS w/o reg"]
        );
        let row = papers::runnable_row("rfmetafas/1 Ours").unwrap().at(whole.detector.width / 4);
        let mut table = toml::Table::try_from(Preset::Demo.config()).unwrap();
        for set in row.method_sets() {
            let (key, value) = set.split_once('=').unwrap();
            crate::config::set_key(&mut table, key, value).unwrap();
        }
        let mut same = crate::config::from_table(table, "").unwrap();
        (same.data, same.evaluate) = (whole.data.clone(), whole.evaluate.clone());
        assert_eq!(same, whole, "the whole method is that of Table 1");
    }

    /// Whatever bears on which faces are watched is the same.
    #[test]
    fn figure_6_of_rf_meta_fas_sets_two_detectors_before_the_same_faces() {
        let all = cases("rf_fig6");
        let [plain, ours] = [0, 1].map(|i| all[i].config().unwrap());
        assert_eq!((all.len(), plain.title(), ours.title()), (2, "Binary CNN".into(), "RFMetaFAS(Depth)".into()));
        let mut fig5 = cases("rf_fig5").iter().find(|c| c.title == "Ours, seed 0").unwrap().config().unwrap();
        // M's last features are a thirty-second of the side: 4 x 4.
        fig5.data.size = 128;
        assert_eq!(ours, fig5, "the method is that of Fig. 5 and Table 1");
        let paper = expand(&find("rf_fig6", Preset::Paper).unwrap(), "rf_fig6").unwrap();
        assert_eq!(paper[1].config().unwrap().data.size, 256);
        let widths = [&plain, &ours].map(|c| c.detector.width);
        assert_eq!((widths, plain.detector.batch), ([16, 16], 3 * ours.detector.batch));
        let same = RunConfig { detector: ours.detector.clone(), ..plain };
        assert_eq!(same, ours, "one setting of the detector's or another, and nothing else");
    }

    #[test]
    fn pairs_are_those_that_can_be_run() {
        let pairs = cases("pairs");
        // Those that learn across domains have their own protocols and sweeps.
        let single = Network::ALL.iter().filter(|n| !n.learns_across_domains());
        let can = |n: &Network| Supervision::ALL.iter().filter(|s| n.learns_from(**s)).count();
        assert_eq!(pairs.len(), single.map(can).sum::<usize>());
    }

    #[test]
    fn figure_7_and_table_6_have_the_papers_points_and_rows() {
        assert_eq!(cases("mt_fas_fig7").len(), 7 * 5);
        let table = cases("mt_fas_table6");
        assert_eq!(table.len(), 8 * 5);
        let config = |title: &str| table.iter().find(|c| c.title == title).unwrap().config().unwrap();
        let full = config("FAS-DR(MT), seed 0");
        let mut plain = Preset::Demo.config();
        "oulu_npu/1".clone_into(&mut plain.data.protocol);
        assert_eq!(full, plain);
        let without = |part: &str| config(&format!("FAS-DR(MT w/o {part}), seed 0"));
        assert_eq!((without("MTv").bilevel.gamma, without("pre").pretrain.iterations), (0.0, 0));
        assert!(!without("adapt").bilevel.adapt);
        assert_eq!(config("FAS-DR(MT)32, seed 0").detector.width, 2 * full.detector.width);
        assert_eq!(config("FAS-DR(MT)64, seed 0").detector.width, 4 * full.detector.width);
    }

    #[test]
    fn meta_patterns_figures_vary_what_the_paper_varies_and_nothing_else() {
        let row = papers::runnable_row("meta_pattern/I HFN+MP (Ours)").unwrap();
        for (name, variants) in [("mp_fig6", 10), ("mp_fig7", 2), ("mp_fig8", 6), ("mp_fig9", 4)] {
            for preset in [Preset::Demo, Preset::Paper] {
                let cases = expand(&find(name, preset).unwrap(), name).unwrap();
                assert_eq!(cases.len(), 4 * variants, "{name}");
                // One of the points is the table's row.
                let sets: Vec<(String, String)> = row
                    .at(preset.config().detector.width)
                    .method_sets()
                    .iter()
                    .filter_map(|s| s.split_once('='))
                    .map(|(k, v)| (k.into(), v.into()))
                    .collect();
                let alone = crate::config::load(preset, None, &sets).unwrap();
                let same = |c: &&Case| {
                    let mut config = c.config().unwrap();
                    config.data.protocol.clone_from(&alone.data.protocol);
                    config.evaluate.threshold.clone_from(&alone.evaluate.threshold);
                    config.data.hold_out = alone.data.hold_out;
                    config == alone
                };
                assert_eq!(cases.iter().filter(same).count(), 4, "{name}: one under each protocol");
            }
        }
    }
}
