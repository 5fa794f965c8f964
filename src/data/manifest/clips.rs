//! From rows to clips: which rows belong together, whether they agree, and whether their files are there.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::data::{Footage, Label, Marks, SourceClip};

use super::columns::Row;
use super::places::{
    PICTURE_FORMATS, is_other_picture, is_picture, is_video, is_zip, list_pictures, list_zip, other_sentence,
};
use super::table::Table;
use super::told::Told;
use super::{Listed, LiveIs, ManifestError};

/// What a row's path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Video(PathBuf),
    Picture(PathBuf),
    /// All pictures of an archive or a folder.
    Archive(PathBuf, Vec<String>),
    Folder(PathBuf, Vec<String>),
    /// One picture of an archive.
    Entry(PathBuf, String),
    /// A file that is not there.
    Missing,
    /// Something that cannot be used, and why.
    Wrong(String),
}

/// What the sentence of rows without a file begins with.
const NOT_THERE: &str = "Rows whose file is not there";

/// The clips in the order of their first rows, and the problems. `name` is the manifest's for messages, `base` its
/// folder.
pub(super) fn gather(
    name: &str,
    base: &Path,
    table: &Table,
    live_is: Option<LiveIs>,
    mut problems: Vec<String>,
) -> Result<(Vec<Listed>, Vec<String>), ManifestError> {
    let faults_of = |faults: Vec<String>| ManifestError::Faults { path: name.to_owned(), faults };
    let targets = targets(base, table);
    let mut faults = twice(table);
    for (row, target) in table.rows.iter().zip(&targets) {
        if let Target::Wrong(why) = target {
            faults.push(format!("line {}: {}: {why}", row.line, row.path));
        }
    }
    let (mut missing, mut other) = (Told::default(), Told::default());
    let mut groups: Vec<Vec<usize>> = vec![];
    let mut of: HashMap<(&str, &str), usize> = HashMap::new();
    for (i, row) in table.rows.iter().enumerate() {
        if targets[i] == Target::Missing {
            missing.add(format!("line {}: {}", row.line, row.path));
        }
        if let Target::Folder(folder, _) = &targets[i] {
            let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.file_name());
            for name in names.filter_map(|n| n.into_string().ok()).filter(|n| is_other_picture(n)) {
                other.add(format!("{}/{name}", row.path.trim_end_matches('/')));
            }
        }
        let key = if row.clip.is_empty() { row.path.as_str() } else { row.clip.as_str() };
        let at = *of.entry((&row.domain, key)).or_insert_with(|| {
            groups.push(vec![]);
            groups.len() - 1
        });
        groups[at].push(i);
    }
    let mut out = vec![];
    let mut no_depth = Told::default();
    for group in &groups {
        match clip(table, &targets, group, live_is, &mut no_depth, base) {
            Ok(Some(listed)) => out.push(listed),
            Ok(None) => {}
            Err(mut more) => faults.append(&mut more),
        }
    }
    if !faults.is_empty() {
        faults.sort_by_key(|f| line_of(f));
        return Err(faults_of(faults));
    }
    if out.is_empty() {
        let (count, first) = (missing.count(), table.rows.first().map_or(String::new(), |r| r.path.clone()));
        return Err(ManifestError::NothingThere { path: name.to_owned(), count, first });
    }
    let lost = missing.count();
    missing.tell(&mut problems, |n| format!("{NOT_THERE} were left out: {n}"));
    other.tell(&mut problems, other_sentence);
    no_depth.tell(&mut problems, |n| format!("Depth maps that are not there are taken as unknown: {n}"));
    for (label, words) in [(Label::Live, "live"), (Label::Spoof, "attack")] {
        if out.iter().all(|l| l.clip.label != label) {
            let none = format!("there are no {words} clips; a detector learns from both classes");
            // Files that are not there may be the cause.
            let cause = problems.iter().filter(|p| lost > 0 && p.starts_with(NOT_THERE)).cloned();
            return Err(faults_of(std::iter::once(none).chain(cause).collect()));
        }
    }
    Ok((out, problems))
}

/// The number behind "line ", so that faults come in the order of the file.
fn line_of(fault: &str) -> u64 {
    let digits = fault.strip_prefix("line ").and_then(|f| f.split(':').next());
    digits.and_then(|d| d.parse().ok()).unwrap_or(0)
}

/// Rows that name what another row names: the same picture would be learnt from twice, or stand in two parts.
fn twice(table: &Table) -> Vec<String> {
    let mut first: HashMap<&str, u64> = HashMap::new();
    let mut faults = vec![];
    for row in &table.rows {
        let path = row.path.trim_end_matches('/');
        if let Some(line) = first.insert(path, row.line) {
            faults.push(format!("line {}: {} stands on line {line} already; remove one", row.line, row.path));
        }
    }
    faults
}

/// Looks at the disk, once a path.
fn targets(base: &Path, table: &Table) -> Vec<Target> {
    // Archives that are named entry by entry are opened once.
    let archives: BTreeSet<&str> =
        table.rows.iter().filter_map(|r| Some(r.path.split_once("!/")?.0)).filter(|a| is_zip(a)).collect();
    let archives: Vec<&str> = archives.into_iter().collect();
    let listed: HashMap<&str, Option<Result<Vec<String>, String>>> = archives
        .par_iter()
        .map(|a| {
            let path = base.join(a);
            (*a, path.is_file().then(|| list_zip(&path)))
        })
        .collect();
    let target = |row: &Row| {
        if let Some((archive, entry)) = row.path.split_once("!/")
            && let Some(names) = listed.get(archive)
        {
            return match names {
                Some(Ok(names)) if names.iter().any(|n| n == entry) => {
                    Target::Entry(base.join(archive), entry.to_owned())
                }
                Some(Ok(_)) | None => Target::Missing,
                Some(Err(e)) => Target::Wrong(format!("the archive cannot be read ({e})")),
            };
        }
        let path = base.join(&row.path);
        let Ok(kind) = std::fs::metadata(&path) else { return Target::Missing };
        if kind.is_dir() {
            return match list_pictures(&path) {
                Ok(names) if names.is_empty() => Target::Wrong(format!(
                    "the folder holds no pictures that are read ({PICTURE_FORMATS}); convert others first"
                )),
                Ok(names) => Target::Folder(path, names),
                Err(e) => Target::Wrong(format!("the folder cannot be read ({e})")),
            };
        }
        if is_picture(&row.path) {
            Target::Picture(path)
        } else if is_video(&row.path) {
            Target::Video(path)
        } else if is_zip(&row.path) {
            match list_zip(&path) {
                Ok(names) if names.is_empty() => Target::Wrong("the archive holds no pictures".to_owned()),
                Ok(names) => Target::Archive(path, names),
                Err(e) => Target::Wrong(format!("the archive cannot be read ({e})")),
            }
        } else {
            Target::Wrong(format!(
                "this is neither a picture ({PICTURE_FORMATS}) nor a video, a zip archive or a folder"
            ))
        }
    };
    table.rows.par_iter().map(target).collect()
}

/// One clip of the rows in `group`; nothing if none of its files are there.
fn clip(
    table: &Table,
    targets: &[Target],
    group: &[usize],
    live_is: Option<LiveIs>,
    no_depth: &mut Told,
    base: &Path,
) -> Result<Option<Listed>, Vec<String>> {
    let row = &table.rows[group[0]];
    let mut faults = disagreements(table, group);
    let several = group.len() > 1;
    let mut there: Vec<usize> =
        group.iter().copied().filter(|i| !matches!(targets[*i], Target::Missing | Target::Wrong(_))).collect();
    // Rows with frames go by them, rows without in the order of the file.
    there.sort_by_key(|i| table.rows[*i].frame);
    let mut pictures = vec![];
    let mut entries: Vec<String> = vec![];
    let mut archive = None;
    let mut whole = None;
    for &i in &there {
        let line = table.rows[i].line;
        match &targets[i] {
            Target::Picture(path) => pictures.push(path.clone()),
            Target::Entry(of, name) => {
                if archive.as_ref().is_some_and(|a| a != of) {
                    faults.push(format!("line {line}: clip {} has pictures of another archive already", row.clip));
                }
                archive = Some(of.clone());
                entries.push(name.clone());
            }
            Target::Video(path) => whole = Some((line, Footage::Video(path.clone()))),
            Target::Archive(path, names) => {
                whole = Some((line, Footage::Zip { archive: path.clone(), entries: names.clone() }));
            }
            Target::Folder(path, names) => {
                whole = Some((line, Footage::Pictures(names.iter().map(|n| path.join(n)).collect())));
            }
            Target::Missing | Target::Wrong(_) => {}
        }
    }
    let footage = match (whole, archive) {
        (Some((line, _)), _) if several => {
            faults.push(format!(
                "line {line}: {} is a clip of its own; only single pictures share a clip's name",
                table.rows.iter().find(|r| r.line == line).map_or("", |r| &r.path)
            ));
            None
        }
        (Some((line, footage)), _) => {
            if row.bounds.is_some() || !row.depth.is_empty() {
                faults
                    .push(format!("line {line}: a box or a depth map belongs to one picture; name pictures one a row"));
            }
            Some(footage)
        }
        (None, Some(_)) if !pictures.is_empty() => {
            faults.push(format!("line {}: clip {} has pictures in an archive and outside", row.line, row.clip));
            None
        }
        (None, Some(archive)) => Some(Footage::Zip { archive, entries }),
        (None, None) => (!pictures.is_empty()).then_some(Footage::Pictures(pictures)),
    };
    let label = row.label.settle(live_is).unwrap_or(Label::Spoof);
    let says_live = row.species.eq_ignore_ascii_case("live");
    if label == Label::Spoof && says_live {
        faults.push(format!("line {}: the label is an attack and the species is live", row.line));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let Some(footage) = footage else { return Ok(None) };
    let boxes: Vec<_> = there.iter().map(|i| table.rows[*i].bounds).collect();
    let depth: Vec<_> = there
        .iter()
        .map(|i| {
            let row = &table.rows[*i];
            if row.depth.is_empty() {
                return None;
            }
            let path = base.join(&row.depth);
            let found = path.is_file();
            if !found {
                no_depth.add(format!("line {}: {}", row.line, row.depth));
            }
            found.then_some(path)
        })
        .collect();
    let species = match label {
        Label::Live => "live",
        Label::Spoof if row.species.is_empty() => "spoof",
        Label::Spoof => &row.species,
    };
    let key = if row.clip.is_empty() { row.path.trim_end_matches('/') } else { &row.clip };
    let clip = SourceClip {
        domain: row.domain.clone(),
        path: key.to_owned(),
        label,
        species: species.to_owned(),
        subject: row.subject.clone(),
        camera: row.camera.clone(),
        session: row.session.clone(),
        footage,
        marks: boxes.iter().any(Option::is_some).then_some(Marks::Boxes(boxes)),
        turn_if_unmarked: row.turn,
        cropped: row.cropped,
        depth: if depth.iter().any(Option::is_some) { depth } else { vec![] },
    };
    let alone = row.clip.is_empty() && matches!(targets[group[0]], Target::Picture(_) | Target::Entry(..));
    Ok(Some(Listed { clip, split: row.split, line: row.line, alone }))
}

/// What rows of one clip say differently.
fn disagreements(table: &Table, group: &[usize]) -> Vec<String> {
    let first = &table.rows[group[0]];
    let mut faults = vec![];
    let mut frames: HashMap<u64, u64> = HashMap::new();
    for &i in group {
        let row = &table.rows[i];
        let checks = [
            ("label", row.label != first.label),
            ("species", row.species != first.species),
            ("subject", row.subject != first.subject),
            ("split", row.split != first.split),
            ("camera", row.camera != first.camera),
            ("session", row.session != first.session),
            ("cropped", row.cropped != first.cropped),
            ("turn", row.turn != first.turn),
        ];
        for (what, differs) in checks {
            if differs {
                faults.push(format!(
                    "line {}: the {what} differs from line {}, which is of the same clip {}",
                    row.line, first.line, first.clip
                ));
            }
        }
        if row.frame.is_none() != first.frame.is_none() {
            faults.push(format!(
                "line {}: number all pictures of clip {} in column frame, or none",
                row.line, first.clip
            ));
        }
        if let Some(frame) = row.frame
            && let Some(line) = frames.insert(frame, row.line)
        {
            faults
                .push(format!("line {}: frame {frame} of clip {} stands on line {line} already", row.line, first.clip));
        }
    }
    faults
}
