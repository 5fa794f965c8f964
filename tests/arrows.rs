//! The map of ARCHITECTURE.md, enforced: every `use crate::…` and `crate::…` path in src/ must follow an arrow, and
//! tch and egui are known to their own modules alone.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Known to all, and knows nobody.
const LEAF: &str = "disk";

/// What each module may know besides itself and the leaf.
const ARROWS: &[(&str, &[&str])] = &[
    (LEAF, &[]),
    ("rng", &[]),
    ("panics", &[]),
    ("paths", &[]),
    ("cache", &[]),
    ("config", &[]),
    ("device", &[]),
    ("synth", &["rng"]),
    ("features", &[]),
    ("papers", &[]),
    ("data", &["synth", "features", "rng", "panics", "paths"]),
    ("nets", &["rng", "config", "panics"]),
    ("eval", &["rng"]),
    ("session", &["config", "data"]),
    ("methods", &["nets", "data", "eval", "features", "rng", "config"]),
    (
        "engine",
        &["methods", "session", "data", "features", "eval", "nets", "synth", "config", "rng", "device", "panics"],
    ),
    ("bench", &["methods", "nets", "data", "config", "rng", "device"]),
    ("report", &["session", "eval", "features", "config", "papers", "engine", "paths"]),
    ("sweep", &["engine", "session", "eval", "config", "papers"]),
    ("ui", &["engine", "session", "data", "features", "eval", "config", "sweep", "report", "cache", "papers"]),
];

/// Modules that may name tch, and those that may name egui.
const TCH: &[&str] = &["nets", "methods", "engine", "device", "bench"];
const EGUI: &[&str] = &["ui"];
/// Single files of other modules that may name tch: what runs the face nets.
const TCH_FILES: &[&str] = &["data/face/tensors.rs"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push(path);
        }
    }
    all.sort();
    all
}

/// Top-level names after `crate::` in a source text, also in braces: `use crate::{a::B, c};`.
fn named(text: &str) -> Vec<String> {
    let mut names = vec![];
    let word = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(inner) = rest.strip_prefix('{') {
            let (mut depth, mut start) = (0, true);
            for (i, c) in inner.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && !c.is_whitespace() => {
                        names.push(word(&inner[i..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            names.push(word(rest));
        }
    }
    names
}

#[test]
fn arrows_go_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = vec![];
    let mut seen = 0;
    for file in files(&src) {
        let relative = file.strip_prefix(&src).unwrap();
        let module = relative.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        if ["lib", "main", "cli"].contains(&module.as_str()) {
            continue;
        }
        let Some(may) = allowed.get(module.as_str()) else {
            wrong.push(format!("{}: module {module} is not on the map", relative.display()));
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for name in named(&code) {
            seen += 1;
            let module_like = allowed.contains_key(name.as_str());
            if name != module && name != LEAF && module_like && !may.contains(&name.as_str()) {
                wrong.push(format!("{}: {module} may not know {name}", relative.display()));
            }
        }
        let alone = TCH_FILES.contains(&relative.to_string_lossy().as_ref());
        for (library, knowers) in [("tch::", TCH), ("egui", EGUI), ("eframe", EGUI)] {
            if code.contains(library) && !knowers.contains(&module.as_str()) && !(alone && knowers == TCH) {
                wrong.push(format!("{}: {library} is not for {module}", relative.display()));
            }
        }
    }
    let named_alone = TCH_FILES.iter().all(|f| fs::read_to_string(src.join(f)).is_ok_and(|t| t.contains("tch::")));
    assert!(named_alone, "every exception is needed");
    assert!(seen > 50, "the test reads the paths it judges ({seen})");
    assert!(wrong.is_empty(), "arrows that go back:\n{}", wrong.join("\n"));
}

/// Whether arrows lead from one module to another.
fn reach(from: &str, to: &str, map: &BTreeMap<&str, &[&str]>) -> bool {
    map[from].iter().any(|next| *next == to || reach(next, to, map))
}

#[test]
fn the_map_itself_has_no_circles() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for (module, _) in ARROWS {
        assert!(!reach(module, module, &allowed), "{module} reaches itself");
    }
    assert_eq!(named("use crate::{a::{B, C}, d};\ncrate::e::f()"), ["a", "d", "e"], "the reader of paths works");
}
