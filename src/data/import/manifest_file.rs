//! A manifest as something to be looked at before it is trained on: the file itself, or a folder with one in it.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::data::Footage;
use crate::data::manifest::{self, LiveIs, ManifestError, RawLabel, Row};

use super::entry::{Entry, Faces, Found};
use super::{Layout, Sight};

/// The first bytes of a file: enough for comments and a header.
pub fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = vec![];
    File::open(path)?.take(1 << 16).read_to_end(&mut head)?;
    Ok(head)
}

/// The manifest in the folder itself. One with faults is recognised and has no clips.
pub fn read(sight: &Sight) -> Option<Found> {
    let tree = &sight.lists;
    let csv = tree.names().filter(|n| !n.contains('/') && n.to_lowercase().ends_with(".csv"));
    let manifests: Vec<&str> = csv.filter(|n| head(&tree.path(n)).is_ok_and(|h| manifest::is_manifest(&h))).collect();
    let (first, more) = manifests.split_first()?;
    let mut found = match read_file(&tree.path(first)) {
        Ok(found) => found,
        Err(e) => Found {
            layout: Layout::Manifest,
            confidence: 1.0,
            because: format!("the header of {first}"),
            fixed: None,
            entries: vec![],
            problems: vec![e.to_string()],
        },
    };
    if !more.is_empty() {
        found.problems.push(format!("There are other manifests beside {first}: {}.", more.join(", ")));
    }
    Some(found)
}

/// The manifest at `path`, with its labels as they are written.
pub fn read_file(path: &Path) -> Result<Found, ManifestError> {
    let table = manifest::read(path)?;
    // Clips do not depend on what numbers mean, but a manifest without one class is refused: either meaning will do.
    let first = table.polarity.unwrap_or(LiveIs::One);
    let (listed, problems) = manifest::clips(path, &table, Some(first))
        .or_else(|e| manifest::clips(path, &table, Some(first.other())).map_err(|_same| e))?;
    let said = table.polarity;
    let of_line: HashMap<u64, &Row> = table.rows.iter().map(|r| (r.line, r)).collect();
    let entry = |l: manifest::Listed| {
        let row = of_line.get(&l.line);
        let written = row.map_or(RawLabel::Word(l.clip.label), |r| r.label);
        // The clip's species goes with a label that may be the wrong one.
        let species = row.map_or("", |r| r.species.as_str());
        let raw = written.settle(said).map_or(written, RawLabel::Word);
        Entry {
            domain: l.clip.domain,
            path: l.clip.path,
            raw,
            said: None,
            species: if species.eq_ignore_ascii_case("live") { String::new() } else { species.to_owned() },
            subject: l.clip.subject,
            camera: l.clip.camera,
            session: l.clip.session,
            split: l.split,
            footage: l.clip.footage,
            faces: l.clip.marks.map_or(Faces::Unsaid, Faces::Marks),
            cropped: l.clip.cropped,
            depth: l.clip.depth,
            turn: l.clip.turn_if_unmarked,
        }
    };
    let entries: Vec<Entry> = listed.into_iter().map(entry).collect();
    let videos = entries.iter().filter(|e| matches!(e.footage, Footage::Video(_))).count();
    Ok(Found {
        layout: Layout::Manifest,
        confidence: 1.0,
        because: format!("{} rows, {} clips, {videos} of them videos", table.rows.len(), entries.len()),
        fixed: None,
        entries,
        problems,
    })
}
