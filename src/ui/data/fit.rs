//! What the next run's configuration makes of its data, looked at before a start: how many clips, what is missing, what
//! stands in the way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::config::{DataConfig, DataSource};
use crate::data::dataset::{self, DatasetError, Found, Report};
use crate::data::footage::{FootageError, FrameChoice, Reader};
use crate::data::{Footage, Label, Origin, SourceClip, Split, manifest};
use crate::engine::protocol_of;

/// What there is to train on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fit {
    /// Live clips and attacks in train, dev and test.
    pub clips: [[usize; 2]; 3],
    /// Whether dev is held out from training subjects.
    pub held_out: bool,
    /// Whether any of it is rendered.
    pub synthetic: bool,
    /// What every report on it must say: banners of partial copies.
    pub partial: Vec<String>,
    /// What else a person should know, in plain sentences.
    pub notes: Vec<String>,
    /// What stands in the way of a start, by setting.
    pub blocked: Vec<String>,
    /// Clips whose faces are cut already; nothing where faces are not cut.
    pub packed: Option<usize>,
}

impl Fit {
    /// All clips.
    pub fn total(&self) -> usize {
        self.clips.iter().flatten().sum()
    }

    fn blocked(key: &str, why: &dyn std::fmt::Display) -> Self {
        Self { blocked: vec![format!("{key}: {why}")], ..Self::default() }
    }

    fn count(&mut self, clips: &[(SourceClip, Split)]) {
        for (clip, split) in clips {
            self.clips[*split as usize][usize::from(clip.label == Label::Spoof)] += 1;
        }
    }
}

/// Clips of one folder, for packs: its title, the folder, the clips.
pub type Group<'a> = (String, &'a Path, Vec<&'a SourceClip>);

/// Looks at what `data` asks for; `found` are the sets that may be used, `packed` tells how many clips of some groups
/// are packed.
pub fn fit(
    data: &DataConfig,
    found: &[Arc<Report>],
    cache: &Path,
    packed: &mut dyn FnMut(&[Group<'_>]) -> Result<usize, String>,
) -> Fit {
    match data.source {
        DataSource::Builtin => Fit::default(),
        DataSource::Folder => {
            let root = data.root.trim();
            if root.is_empty() || Path::new(root).is_dir() {
                Fit::default()
            } else {
                Fit::blocked("data.root", &format!("there is no folder {root}; check the path"))
            }
        }
        DataSource::Manifest => of_manifest(data, cache, packed),
        DataSource::Datasets => of_sets(data, found, cache, packed),
    }
}

fn of_manifest(data: &DataConfig, cache: &Path, packed: &mut dyn FnMut(&[Group<'_>]) -> Result<usize, String>) -> Fit {
    let path = Path::new(data.root.trim());
    if data.root.trim().is_empty() {
        return Fit::default();
    }
    let (clips, notes) = match manifest::sources(path) {
        Ok(read) => read,
        Err(e) => return Fit::blocked("data.root", &e),
    };
    let mut fit = Fit { notes, ..Fit::default() };
    fit.count(&clips);
    probe(&mut fit, clips.first().map(|c| &c.0), cache);
    let title = path.file_stem().map_or_else(|| "list".to_owned(), |s| s.to_string_lossy().into_owned());
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fit.ask_packed(packed(&[(title, folder, clips.iter().map(|c| &c.0).collect())]));
    fit
}

fn of_sets(
    data: &DataConfig,
    found: &[Arc<Report>],
    cache: &Path,
    packed: &mut dyn FnMut(&[Group<'_>]) -> Result<usize, String>,
) -> Fit {
    let protocol = match protocol_of(data) {
        Ok(protocol) => protocol,
        Err(e) => return Fit::blocked("data.protocol", &e),
    };
    let needed = protocol.sets();
    let found: Vec<&Found> = found.iter().map(|r| &r.found).collect();
    let sources = match dataset::sources(&found, &protocol) {
        Ok(sources) => sources,
        Err(DatasetError::SetMissing { protocol, set, .. }) => {
            return Fit::blocked("data.roots", &format!("{protocol} needs {set}; add its folder in the Data pane"));
        }
        Err(DatasetError::SetTwice { set, first, second }) => {
            let sentence = format!("{set} is here twice, in {first} and in {second}; leave one out in the Data pane");
            return Fit::blocked("data.roots", &sentence);
        }
        Err(e) => return Fit::blocked("data.protocol", &e),
    };
    let used: Vec<&&Found> = found.iter().filter(|f| needed.contains(&f.set)).collect();
    let partial: Vec<String> = used.iter().filter_map(|f| f.banner()).collect();
    let notes = sources.problems.into_iter().filter(|p| !partial.contains(p)).collect();
    let synthetic = sources.origin == Origin::Synthetic;
    let mut fit = Fit { held_out: sources.held_out, synthetic, partial, notes, ..Fit::default() };
    fit.count(&sources.clips);
    let mut by_domain: BTreeMap<&str, Vec<&SourceClip>> = BTreeMap::new();
    for (clip, _) in &sources.clips {
        by_domain.entry(&clip.domain).or_default().push(clip);
    }
    for clips in by_domain.values() {
        probe(&mut fit, clips.first().copied(), cache);
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    for found in used {
        let Some(first) = found.clips.first() else { continue };
        let clips = by_domain.remove(first.source.domain.as_str()).unwrap_or_default();
        groups.push((found.set.name().to_owned(), &found.root, clips));
    }
    fit.ask_packed(packed(&groups));
    fit
}

impl Fit {
    fn ask_packed(&mut self, packed: Result<usize, String>) {
        match packed {
            Ok(clips) => self.packed = Some(clips),
            Err(why) => self.blocked.push(format!("data.crop: {why}")),
        }
    }
}

/// Reads the first frame of a video: what is missing for that shall be told before a run, not after an hour.
fn probe(fit: &mut Fit, clip: Option<&SourceClip>, cache: &Path) {
    let Some(clip) = clip.filter(|c| matches!(c.footage, Footage::Video(_))) else { return };
    match Reader::new(cache).read(clip, &FrameChoice::Given(vec![0]), &mut |_| {}) {
        Ok(_) => {}
        Err(e @ (FootageError::NoFfmpeg { .. } | FootageError::BadFfmpeg { .. })) => {
            fit.blocked.push(format!("data.source: {e}"));
        }
        Err(e) => fit.notes.push(format!("{e}; such clips are left out.")),
    }
}

/// Roots that hold sets which the protocol of `data` needs; all of them where it names no known protocol.
pub fn needed_roots<'a>(data: &DataConfig, sets: impl Iterator<Item = (&'a Path, &'a Found)>) -> Vec<String> {
    let needed = protocol_of(data).map(|p| p.sets()).ok();
    let mut seen = BTreeSet::new();
    sets.filter(|(_, found)| needed.as_ref().is_none_or(|n| n.contains(&found.set)))
        .map(|(root, _)| root.display().to_string())
        .filter(|root| seen.insert(root.clone()))
        .collect()
}
