//! What other programs made of the data sets: cropped frames with label files, frames with boxes and depth maps, archives
//! with lists. A folder is recognised by its structure, never by its name, and shown (`Preview`) before anything comes of
//! it: how many there are of each class, which number means live and why, some of their faces. What comes of it is a
//! manifest that names the files where they lie. The six original sets as they are distributed are read elsewhere.

mod boxes;
mod class_folders;
mod data_manager;
mod entry;
mod error;
mod few_shot;
mod finder;
mod frames;
mod gather;
mod image_lists;
mod layout;
mod lines;
mod manifest_file;
mod meta_pattern;
mod origin;
mod originals;
mod path_lists;
mod people;
mod polarity;
mod preview;
mod safas;
mod scene_frames;
mod sheet;
mod ssdg;
#[cfg(test)]
mod tests;
mod thumbnail;
mod tree;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::manifest::{self, LiveIs, RawLabel, Told, Written};
use super::{Label, Marks, SetName, SourceClip, Split};

use boxes::BoxFile;
use entry::{Entry, Found};
use tree::Tree;

pub use error::ImportError;
pub use layout::Layout;
pub use polarity::{Polarity, Reading};
pub use preview::{Class, Preview, SplitCount};
pub use sheet::sheet;
pub use thumbnail::{Picture, Thumbnail};

/// Where to look, and for what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The layout, if a person has said which.
    pub layout: Option<Layout>,
    /// Where the pictures are, if not below the root as well.
    pub pictures: Option<PathBuf>,
}

/// What a root is.
#[derive(Debug)]
pub enum Sighted {
    /// Something that can be imported.
    Import(Box<Import>),
    /// Original sets as they are distributed, with the number of videos that fit each.
    Originals(Vec<(SetName, usize)>),
}

/// What a reader sees: the files below the root, and where pictures are.
#[derive(Debug)]
struct Sight {
    lists: Tree,
    pictures: Option<Tree>,
}

impl Sight {
    fn pictures(&self) -> &Tree {
        self.pictures.as_ref().unwrap_or(&self.lists)
    }
}

/// From here on a layout is taken without looking for a better one.
const SURE: f32 = 0.5;

/// Looks at `root`, a folder or a manifest. Nothing is written.
pub fn look(root: &Path, options: &Options) -> Result<Sighted, ImportError> {
    let name = root.display().to_string();
    let root_error = |source| ImportError::Root { root: name.clone(), source };
    let mut problems = vec![];
    let kind = std::fs::metadata(root).map_err(root_error)?;
    if kind.is_file() {
        // Only a manifest is one file; what lies beside it does not matter.
        let head = manifest_file::head(root).map_err(root_error)?;
        if !manifest::is_manifest(&head) {
            return Err(ImportError::Root {
                root: name,
                source: std::io::Error::other("a file must be a manifest, whose first line names path and label"),
            });
        }
        let found = manifest_file::read_file(root)?;
        return Ok(Sighted::Import(Box::new(Import::new(root, found, false, problems))));
    }
    let lists = Tree::walk(root, &mut problems).map_err(root_error)?;
    let pictures = match &options.pictures {
        None => None,
        Some(path) => Some(
            Tree::walk(path, &mut problems)
                .map_err(|source| ImportError::Root { root: path.display().to_string(), source })?,
        ),
    };
    let sight = Sight { lists, pictures };
    let found = if let Some(layout) = options.layout {
        layout.reader()(&sight).ok_or(ImportError::NotThis { root: name.clone(), layout })?
    } else {
        match best(&sight) {
            Ok(Some(found)) => found,
            Ok(None) => {
                return Err(ImportError::Unknown {
                    root: name,
                    files: sight.lists.names().count(),
                    pictures: sight.pictures().pictures().count(),
                    videos: sight.lists.videos().count(),
                });
            }
            Err(sets) => return Ok(Sighted::Originals(sets)),
        }
    };
    Ok(Sighted::Import(Box::new(Import::new(root, found, sight.pictures.is_none(), problems))))
}

/// The layout that fits best, if any does; the error is that these are originals.
fn best(sight: &Sight) -> Result<Option<Found>, Vec<(SetName, usize)>> {
    let mut best: Option<Found> = None;
    for layout in Layout::ALL {
        // What goes by names alone comes after the originals themselves, whose names they are.
        if layout == Layout::Frames
            && best.as_ref().is_none_or(|b| b.confidence < SURE)
            && let Some(sets) = originals::sets(&sight.lists)
        {
            return Err(sets);
        }
        if let Some(found) = layout.reader()(sight)
            && best.as_ref().is_none_or(|b| found.confidence > b.confidence)
        {
            let sure = found.confidence >= SURE;
            best = Some(found);
            if sure {
                break;
            }
        }
    }
    Ok(best)
}

/// Clips with the parts that a layout gives them, and what a person should know, in plain sentences.
pub type Sources = (Vec<(SourceClip, Option<Split>)>, Vec<String>);

/// A layout with its clips.
#[derive(Debug)]
pub struct Import {
    root: PathBuf,
    found: Found,
    polarity: Polarity,
    problems: Vec<String>,
}

impl Import {
    /// `one_place`: whether lists and pictures were looked for below the same root.
    fn new(root: &Path, mut found: Found, one_place: bool, mut problems: Vec<String>) -> Self {
        // The same clip in two lists of one set: the first stays.
        let mut seen = HashSet::new();
        let mut doubles = Told::default();
        found.entries.retain(|e| {
            let new = seen.insert((e.domain.clone(), e.path.clone()));
            if !new {
                doubles.add(&e.path);
            }
            new
        });
        doubles.tell(&mut problems, |n| format!("Clips that are described twice were taken once: {n}"));
        let labels: Vec<_> = found.entries.iter().map(|e| (e.raw, e.said)).collect();
        let polarity = match polarity::judge(&labels, found.fixed) {
            Polarity::Known { reading: Reading::Words, .. } => {
                Polarity::Known { reading: Reading::Words, why: words_say(found.layout).to_owned() }
            }
            other => other,
        };
        contradictions(&found.entries, &mut problems);
        people::name(&mut found.entries);
        overlaps(&found.entries, &mut problems);
        problems.append(&mut found.problems);
        if one_place && found.confidence < SURE {
            problems.push("If the pictures are elsewhere, say so with --pictures FOLDER.".to_owned());
        }
        Self { root: root.to_path_buf(), found, polarity, problems }
    }

    /// The layout.
    pub fn layout(&self) -> Layout {
        self.found.layout
    }

    /// Which labels mean live, and how sure that is.
    pub fn polarity(&self) -> &Polarity {
        &self.polarity
    }

    /// What a person sees before anything comes of it; `choice` is what they said of numbers.
    pub fn preview(&self, choice: Option<LiveIs>) -> Preview {
        preview::preview(&self.root, &self.found, &self.polarity, choice, &self.problems)
    }

    /// How labels are read: as chosen, else as known. Anything less sure must be said.
    fn reading(&self, choice: Option<LiveIs>) -> Result<Reading, ImportError> {
        match (&self.polarity, choice) {
            (Polarity::Known { reading: Reading::Words, .. }, _) => Ok(Reading::Words),
            (_, Some(live_is)) => Ok(Reading::Numbers(live_is)),
            (Polarity::Known { reading, .. }, None) => Ok(*reading),
            (polarity, None) => {
                let why = match polarity.reading() {
                    Some(Reading::Numbers(l)) => format!("probably {l}, since {}", polarity.why()),
                    _ => polarity.why().to_owned(),
                };
                Err(ImportError::Ask { root: self.root.display().to_string(), why })
            }
        }
    }

    /// The clips with the parts that the layout gives them, and what a person should know. `choice` says which number
    /// means live; it is needed where that is not known.
    pub fn sources(&self, choice: Option<LiveIs>) -> Result<Sources, ImportError> {
        let nothing = |what: &str| ImportError::Nothing {
            root: self.root.display().to_string(),
            layout: self.layout(),
            what: what.to_owned(),
        };
        if self.found.entries.is_empty() {
            let first = self.problems.first().map_or(String::new(), |p| format!(": {}", p.trim_end_matches('.')));
            return Err(nothing(&if self.found.confidence < SURE {
                "its pictures are not there; say where they are with --pictures FOLDER".to_owned()
            } else {
                format!("no clip of it can be used{first}")
            }));
        }
        let reading = self.reading(choice)?;
        let mut problems = self.problems.clone();
        if let Some(against) = preview::against(&self.polarity, choice) {
            problems.push(against);
        }
        let mut unread = Told::default();
        let clips: Vec<_> = self.found.entries.iter().map(|e| (e.settle(reading, &mut unread), e.split)).collect();
        unread.tell(&mut problems, unread_sentence);
        for (label, words) in [(Label::Live, "no live clips"), (Label::Spoof, "no attack clips")] {
            if clips.iter().all(|(c, _)| c.label != label) {
                return Err(nothing(&format!(
                    "with this polarity it has {words}; a detector learns from both classes"
                )));
            }
        }
        Ok((clips, problems))
    }

    /// Writes a manifest of the clips to `out`, which must not exist yet. Pictures stay where they are.
    pub fn write_manifest(&self, out: &Path, choice: Option<LiveIs>) -> Result<Written, ImportError> {
        let (mut clips, problems) = self.sources(choice)?;
        let mut unread = Told::default();
        for (clip, _) in &mut clips {
            if let Some(Marks::CdcnBoxes(files)) = &clip.marks {
                let boxes = boxes::read_all(BoxFile::Cdcn, files, &mut unread);
                clip.marks = boxes.iter().any(Option::is_some).then_some(Marks::Boxes(boxes));
            }
        }
        let about = format!(
            "metafas manifest of {}\n{} in {}",
            self.layout(),
            if clips.len() == 1 { "one clip".to_owned() } else { format!("{} clips", clips.len()) },
            self.root.display()
        );
        let mut written = manifest::write(out, &about, &clips)?;
        unread.tell(&mut written.problems, unread_sentence);
        written.problems.splice(0..0, problems);
        Ok(written)
    }
}

fn unread_sentence(n: usize) -> String {
    format!("Face boxes that could not be read are taken as unknown: {n}")
}

/// What tells the class where labels are no numbers.
fn words_say(layout: Layout) -> &'static str {
    match layout {
        Layout::FewShot | Layout::ImageLists => "the names of the lists say real and fake",
        Layout::Safas => "the names of the folders say live and spoof",
        Layout::ClassFolders => "the folders say which are live",
        Layout::Frames | Layout::SceneFrames | Layout::DataManager => {
            "the names of the original videos say which are live"
        }
        _ => "labels are words",
    }
}

/// People who stand in two parts. Nothing is changed here; reading the manifest will refuse them.
fn overlaps(entries: &[Entry], problems: &mut Vec<String>) {
    let mut parts: BTreeMap<&str, BTreeSet<Split>> = BTreeMap::new();
    for entry in entries.iter().filter(|e| !e.subject.is_empty()) {
        parts.entry(&entry.subject).or_default().extend(entry.split);
    }
    let several = parts.iter().filter(|(_, parts)| parts.len() > 1).map(|(subject, _)| subject);
    Told::of(several).tell(problems, |n| {
        format!("Subjects that stand in several parts, so that no run takes the manifest before its column split is mended: {n}")
    });
}

/// Clips whose label is a word and whose name says the other.
fn contradictions(entries: &[Entry], problems: &mut Vec<String>) {
    let mut against = Told::default();
    for entry in entries {
        if let (RawLabel::Word(label), Some(said)) = (entry.raw, entry.said)
            && label != said
        {
            against.add(&entry.path);
        }
    }
    against.tell(problems, |n| format!("Clips whose label and whose name contradict each other go by the label: {n}"));
}
