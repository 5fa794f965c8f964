//! What is compared byte by byte of two sessions.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file that is compared, by its path in the session.
pub fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !["status.json", "status.lock", "timing.jsonl"].contains(&name.as_str()) {
                all.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    all
}

#[track_caller]
pub fn assert_same(a: &Path, b: &Path) {
    let (a, b) = (contents(a), contents(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "the same files");
    for (name, bytes) in &a {
        assert!(bytes == &b[name], "{name} differs{}", first_difference(bytes, &b[name]));
    }
}

/// Where two texts differ first, as far as that helps.
fn first_difference(a: &[u8], b: &[u8]) -> String {
    let (Ok(a), Ok(b)) = (std::str::from_utf8(a), std::str::from_utf8(b)) else { return String::new() };
    let pair = a.lines().zip(b.lines()).enumerate().find(|(_, (a, b))| a != b);
    pair.map_or_else(
        || format!(": {} lines and {}", a.lines().count(), b.lines().count()),
        |(at, (a, b))| format!(" in line {}:\n{a}\n{b}", at + 1),
    )
}
