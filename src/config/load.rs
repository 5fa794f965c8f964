//! Making a configuration: preset, then file, then single changes over dotted keys; and writing one down.

use std::path::{Path, PathBuf};

use thiserror::Error;
use toml::{Table, Value};

use super::explain::explain;
use super::{Problem, RunConfig};
use crate::disk;

/// Version of the session folder and of run.toml.
pub const FORMAT: i64 = 1;

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration: {error}: {}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("{origin}: {message}")]
    Invalid {
        /// File or `--set` argument.
        origin: String,
        /// What is wrong, in one line.
        message: String,
    },
    /// Values that cannot go together or are out of range.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems(Vec<Problem>),
}

/// A named starting point, embedded in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// 64x64, seconds to a visible teacher on two cores.
    Demo,
    /// 128x128, an hour or so on a laptop.
    Laptop,
    /// The paper's sizes; wants a GPU.
    Paper,
}

impl Preset {
    /// All presets, smallest first.
    pub const ALL: [Self; 3] = [Self::Demo, Self::Laptop, Self::Paper];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Laptop => "laptop",
            Self::Paper => "paper",
        }
    }

    /// The preset called `name`.
    pub fn parse(name: &str) -> Result<Self, ConfigError> {
        Self::ALL.into_iter().find(|p| p.name() == name).ok_or_else(|| ConfigError::Invalid {
            origin: "--preset".to_owned(),
            message: format!("there is no preset '{name}'; there are demo, laptop and paper"),
        })
    }

    fn text(self) -> &'static str {
        match self {
            Self::Demo => include_str!("../../assets/presets/demo.toml"),
            Self::Laptop => include_str!("../../assets/presets/laptop.toml"),
            Self::Paper => include_str!("../../assets/presets/paper.toml"),
        }
    }

    fn table(self) -> Table {
        #[expect(clippy::expect_used, reason = "presets are embedded files, and a test reads each of them")]
        self.text().parse().expect("embedded preset")
    }

    /// The preset as a configuration.
    pub fn config(self) -> RunConfig {
        #[expect(clippy::expect_used, reason = "presets are embedded files, and a test reads each of them")]
        from_table(self.table(), self.name()).expect("embedded preset")
    }
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(a)), Value::Table(b)) => merge(a, b),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// A value as a person types it: TOML if it is some, else text.
pub fn typed(text: &str) -> Value {
    let read = format!("x = {text}").parse::<Table>().ok().and_then(|mut t| t.remove("x"));
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Sets dotted key `key` (`bilevel.gamma`) to the TOML value `text`; bare words are taken as strings.
pub fn set_key(table: &mut Table, key: &str, text: &str) -> Result<(), ConfigError> {
    let invalid = |message: String| ConfigError::Invalid { origin: format!("--set {key}={text}"), message };
    let value = typed(text);
    let mut at = table;
    let mut parts = key.split('.').peekable();
    while let Some(part) = parts.next() {
        if part.is_empty() {
            return Err(invalid("a key is one or more names with dots between, as bilevel.gamma".to_owned()));
        }
        if parts.peek().is_none() {
            at.insert(part.to_owned(), value);
            return Ok(());
        }
        at = match at.entry(part.to_owned()).or_insert_with(|| Value::Table(Table::new())) {
            Value::Table(inner) => inner,
            _ => return Err(invalid(format!("'{part}' is a value, not a section"))),
        };
    }
    Err(invalid("a key is one or more names with dots between, as bilevel.gamma".to_owned()))
}

/// Reads a configuration from a TOML table; `origin` names it in errors. A session's run.toml may be given: its format
/// and provenance are ignored.
pub fn from_table(mut table: Table, origin: &str) -> Result<RunConfig, ConfigError> {
    let invalid = |message: String| ConfigError::Invalid { origin: origin.to_owned(), message };
    if let Some(format) = table.remove("format") {
        match format.as_integer() {
            Some(f) if f <= FORMAT => {}
            _ => {
                return Err(invalid(format!(
                    "format {format} is newer than this program, which reads up to {FORMAT}; use the version that wrote it"
                )));
            }
        }
    }
    table.remove("provenance");
    // Whole numbers where a float is wanted are meant as floats: `--set bilevel.gamma=1`.
    let defaults = Table::try_from(RunConfig::default()).map_err(|e| invalid(e.to_string()))?;
    widen(&mut table, &defaults);
    let mut all = defaults.clone();
    merge(&mut all, table.clone());
    all.try_into().map_err(|e: toml::de::Error| {
        // Keys that are left out by default are known all the same: only the one that serde names is unknown.
        let lacks = |name: &str| e.message().starts_with(&format!("unknown field `{name}`"));
        invalid(explain(&table, &defaults, lacks).unwrap_or_else(|| one_line(&e)))
    })
}

fn widen(table: &mut Table, like: &Table) {
    for (key, value) in table.iter_mut() {
        match (value, like.get(key)) {
            (Value::Table(a), Some(Value::Table(b))) => widen(a, b),
            (value @ Value::Integer(_), Some(Value::Float(_))) => {
                if let Some(i) = value.as_integer() {
                    *value = Value::Float(i as f64);
                }
            }
            (Value::Array(all), Some(Value::Array(like))) if like.iter().any(Value::is_float) => {
                for value in all {
                    if let Some(i) = value.as_integer() {
                        *value = Value::Float(i as f64);
                    }
                }
            }
            _ => {}
        }
    }
}

fn one_line(error: &toml::de::Error) -> String {
    // Only the message: the excerpt would show the merged table, which the user never wrote.
    let text = error.to_string();
    let place = text.lines().rev().find_map(|l| l.strip_prefix("in `")).map(|l| l.trim_end_matches('`'));
    let message = error.message();
    place.map_or_else(|| message.to_owned(), |p| format!("{p}: {message}"))
}

/// Reads a TOML text.
pub fn parse(text: &str, origin: &str) -> Result<RunConfig, ConfigError> {
    let table = text.parse::<Table>().map_err(|e| ConfigError::Invalid {
        origin: origin.to_owned(),
        message: e.to_string().lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" "),
    })?;
    from_table(table, origin)
}

/// Turns `bilevel.shrink` off if the user sets M or N and not `bilevel.shrink`: a preset's M and N may shrink, the
/// user's stay.
fn keep_asked_batches(table: &mut Table, asked: &Table) {
    let Some(asked) = asked.get("bilevel").and_then(Value::as_table) else { return };
    let batches = ["m", "n"].iter().any(|key| asked.contains_key(*key));
    if batches
        && !asked.contains_key("shrink")
        && let Some(bilevel) = table.get_mut("bilevel").and_then(Value::as_table_mut)
    {
        bilevel.insert("shrink".to_owned(), Value::Boolean(false));
    }
}

/// Preset, then file, then single changes; checked.
pub fn load(preset: Preset, file: Option<&Path>, sets: &[(String, String)]) -> Result<RunConfig, ConfigError> {
    let mut table = preset.table();
    let mut asked = Table::new();
    let mut origin = format!("preset {}", preset.name());
    if let Some(path) = file {
        let text = disk::read_text(path, disk::LARGEST_TEXT)
            .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?;
        let origin_of = path.display().to_string();
        // Read alone first, so that its own mistakes are reported as its own.
        parse(&text, &origin_of)?;
        let more = text
            .parse::<Table>()
            .map_err(|e| ConfigError::Invalid { origin: origin_of.clone(), message: e.message().to_owned() })?;
        merge(&mut table, more.clone());
        asked = more;
        origin = origin_of;
    }
    for (key, value) in sets {
        set_key(&mut table, key, value)?;
        set_key(&mut asked, key, value)?;
        origin = format!("--set {key}={value}");
        from_table(table.clone(), &origin)?;
    }
    keep_asked_batches(&mut table, &asked);
    let config = from_table(table, &origin)?;
    config.check().map_err(ConfigError::Problems)?;
    Ok(config)
}

/// The configuration as TOML, every key written out.
pub fn to_toml(config: &RunConfig) -> String {
    #[expect(clippy::expect_used, reason = "plain structs of numbers, strings and enums always have a TOML form")]
    toml::to_string(config).expect("serialisable configuration")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Supervision;

    fn sets(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn presets_are_valid_and_written_files_read_back() {
        for preset in Preset::ALL {
            let config = preset.config();
            config.check().unwrap();
            assert_eq!(parse(&to_toml(&config), "test").unwrap(), config);
        }
    }

    #[test]
    fn changes_come_after_the_file_and_the_preset() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("run.toml");
        std::fs::write(&file, "format = 1\nseed = 5\n[bilevel]\nk = 3\n[provenance]\nversion = \"9\"\n").unwrap();
        let changes = sets(&[("bilevel.gamma", "1"), ("compute.device", "cpu"), ("bilevel.k", "4")]);
        let config = load(Preset::Demo, Some(&file), &changes).unwrap();
        assert_eq!((config.seed, config.bilevel.k, config.bilevel.gamma), (5, 4, 1.0));
        assert_eq!(config.compute.device, "cpu");
        assert_eq!(config.data.size, Preset::Demo.config().data.size);
    }

    #[test]
    fn batches_that_were_asked_for_do_not_shrink() {
        let shrinks = |pairs: &[(&str, &str)]| load(Preset::Demo, None, &sets(pairs)).unwrap().bilevel.shrink;
        assert!(shrinks(&[]) && shrinks(&[("bilevel.k", "1")]));
        assert!(!shrinks(&[("bilevel.m", "8")]) && !shrinks(&[("bilevel.n", "8")]));
        assert!(shrinks(&[("bilevel.shrink", "true"), ("bilevel.n", "8")]));
    }

    #[test]
    fn lists_of_numbers_and_names_can_be_set() {
        let changes = sets(&[
            ("augment.set", "custom"),
            ("augment.crops", "[1, 0.9]"),
            ("data.source", "datasets"),
            ("data.roots", "[\"/a\", \"/b c\"]"),
            ("data.frames", "4"),
        ]);
        let config = load(Preset::Demo, None, &sets(&[])).unwrap();
        assert_eq!((config.augment.crops, config.data.roots.len()), (vec![1.0], 0));
        // Custom comes after what only custom may have, and all keys are looked at together in the end.
        let config = load(Preset::Demo, None, &changes).unwrap();
        assert_eq!(config.augment.crops, [1.0, 0.9]);
        assert_eq!(config.data.roots, ["/a", "/b c"]);
    }

    #[test]
    fn every_seed_of_64_bits_is_kept() {
        for seed in [0, 1 << 32, i64::MAX as u64, 1 << 63, u64::MAX] {
            let text = seed.to_string();
            let config = load(Preset::Demo, None, &sets(&[("seed", &text), ("data.seed", &text)])).unwrap();
            assert_eq!((config.seed, config.data.seed), (seed, seed));
            assert_eq!(parse(&to_toml(&config), "run.toml").unwrap(), config);
            assert_eq!(parse(&format!("format = 1\nseed = \"{seed}\""), "run.toml").unwrap().seed, seed);
        }
        assert!(to_toml(&parse("seed = 7", "run.toml").unwrap()).contains("seed = 7\n"), "as before");
        for wrong in ["18446744073709551616", "-1", "1.5", "'7x'", "true"] {
            let error = load(Preset::Demo, None, &sets(&[("seed", wrong)])).unwrap_err().to_string();
            assert!(error.contains("seed: ") && error.contains("from 0 to 18446744073709551615"), "{wrong}: {error}");
        }
    }

    #[test]
    fn values_of_another_kind_are_told_in_words() {
        for (key, value, words) in [
            ("bilevel.gamma", "0,999", "bilevel.gamma: '0,999' is not a number; write it with a decimal point"),
            ("bilevel.gamma", "50%", "bilevel.gamma: '50%' is not a number; write it as 0.5"),
            ("bilevel.k", "two", "bilevel.k: 'two' is not a whole number"),
            ("bilevel.k", "1.5", "bilevel.k: 1.5 is not a whole number"),
            ("bilevel.k", "-1", "bilevel.k: -1 is less than 0"),
            ("data.protocol", "1", "data.protocol: 1 is not text; write it in quotation marks"),
            ("bilevel.gama", "0.9", "there is no key bilevel.gama; did you mean bilevel.gamma?"),
            ("gamma", "0.9", "there is no key gamma; did you mean"),
            ("bilevel.colour", "rgb", "did you mean detector.colour?"),
            ("nothing.at.all", "1", "there is no key nothing"),
        ] {
            let error = load(Preset::Demo, None, &sets(&[(key, value)])).unwrap_err().to_string();
            assert!(error.contains(words), "{key}={value}: {error}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (key, value, words) in [
            ("bilevel.gama", "0.9", "gama"),
            ("bilevel", "0.9", "bilevel"),
            ("bilevel.k", "two", "k"),
            ("bilevel.gamma", "1.5", "bilevel.gamma"),
            ("data.size", "60", "data.size"),
            ("teacher.network", "vgg", "vgg"),
            ("", "1", "key"),
            ("data.source", "datasets", "data.roots: name the folders"),
            ("data.source", "manifest", "data.root: name the CSV file"),
            ("sampling.consecutive", "3", "3 frames in a row do not go into bilevel.m, which is 16"),
            ("sampling.balance", "domain", "domain"),
            ("augment.flip", "1.5", "augment.flip"),
            ("augment.add", "300", "add"),
            ("augment.gamma", "[1.5, 0.5]", "augment.gamma: [1.5, 0.5] is no range"),
            ("augment.crops", "[0.1]", "augment.crops"),
            (
                "detector.network",
                "color_texture",
                "detector.supervision: color_texture gives one value a picture and no map",
            ),
            ("augment.cutout", "0.2", "augment.set: strengths are set by hand, but flips comes with its own"),
        ] {
            let error = load(Preset::Demo, None, &sets(&[(key, value)])).unwrap_err().to_string();
            assert!(error.contains(words), "{key}={value}: {error}");
            assert!(!error.contains('\n'), "one sentence: {error}");
        }
        // One supervision is left to detectors without a map, and the channels of one of them are its own.
        for network in ["color_texture", "binary_cnn"] {
            for &supervision in Supervision::ALL {
                let all = sets(&[("detector.network", network), ("detector.supervision", supervision.name())]);
                let fine = load(Preset::Demo, None, &all).is_ok();
                assert_eq!(fine, supervision == Supervision::BinaryLabel, "{network} from {supervision}");
            }
        }
        let hsv = [
            ("detector.network", "color_texture"),
            ("detector.supervision", "binary_label"),
            ("detector.colour", "rgb_hsv"),
        ];
        let error = load(Preset::Demo, None, &sets(&hsv)).unwrap_err().to_string();
        assert!(error.starts_with("detector.colour: color_texture makes its channels"), "{error}");
        let newer = parse("format = 2", "run.toml").unwrap_err().to_string();
        assert!(newer.contains("newer"), "{newer}");
    }
}
