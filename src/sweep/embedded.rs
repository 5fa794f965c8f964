//! Sweeps that come with the program: the papers' curves and ablations, as far as today's settings can say them.

use std::path::Path;

use super::{SweepError, SweepSpec};

/// Name and text of every sweep in assets/sweeps.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("mt_fas_fig7", include_str!("../../assets/sweeps/mt_fas_fig7.toml")),
    ("mt_fas_table6", include_str!("../../assets/sweeps/mt_fas_table6.toml")),
];

/// The sweep in the file `given`, or the built-in one of that name. Of a name the part before the first free `_` may be
/// left out where what remains means one sweep alone: `fig7`.
pub fn find(given: &str) -> Result<SweepSpec, SweepError> {
    let path = Path::new(given);
    if path.is_file() {
        let text = std::fs::read_to_string(path).map_err(SweepError::io("read", path))?;
        return SweepSpec::parse(&text, given);
    }
    let ending = format!("_{given}");
    let mut close = EMBEDDED.iter().filter(|(name, _)| name.ends_with(&ending));
    let exact = EMBEDDED.iter().find(|(name, _)| *name == given);
    let only = close.next().filter(|_| close.next().is_none());
    let Some((name, text)) = exact.or(only) else {
        let known = EMBEDDED.iter().map(|(name, _)| *name).collect();
        return Err(SweepError::Unknown { given: given.to_owned(), known });
    };
    SweepSpec::parse(text, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::expand;

    #[test]
    fn every_embedded_sweep_can_be_planned_and_says_what_it_is() {
        for (name, _) in EMBEDDED {
            let spec = find(name).unwrap();
            assert_eq!(spec.name, *name);
            assert!(spec.about.len() > 20, "{name} has a sentence");
            let cases = expand(&spec, name).unwrap();
            assert!(!cases.is_empty(), "{name}");
        }
    }

    #[test]
    fn short_names_will_do_and_unknown_ones_are_told_what_there_is() {
        assert_eq!(find("fig7").unwrap().name, "mt_fas_fig7");
        assert_eq!(find("mt_fas_table6").unwrap().name, "mt_fas_table6");
        let error = find("fig99").unwrap_err().to_string();
        assert!(error.contains("'fig99'") && error.contains("mt_fas_fig7, mt_fas_table6"), "{error}");
    }

    #[test]
    fn figure_7_and_table_6_have_the_papers_points_and_rows() {
        let cases = expand(&find("fig7").unwrap(), "").unwrap();
        assert_eq!(cases.len(), 7 * 5);
        let table = expand(&find("table6").unwrap(), "").unwrap();
        assert_eq!(table.len(), 7 * 5);
        let config = |title: &str| table.iter().find(|c| c.title == title).unwrap().config().unwrap();
        let full = config("MT, seed 0");
        assert_eq!(full, crate::config::Preset::Demo.config());
        assert_eq!((config("w/o MTv, seed 0").bilevel.gamma, config("w/o pre, seed 0").pretrain.iterations), (0.0, 0));
        assert!(!config("w/o adapt, seed 0").bilevel.adapt);
        assert_eq!(config("FAS-DR32, seed 0").detector.width, 2 * full.detector.width);
        assert_eq!(config("FAS-DR64, seed 0").detector.width, 4 * full.detector.width);
    }
}
