//! How pictures that lists name one by one, some of them several times, become clips.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::data::manifest::{RawLabel, Told, natural};
use crate::data::{Footage, Split};

use super::entry::Entry;
use super::finder::Spot;
use super::origin::Said;
use super::tree::parent;
use super::words::{class_word, split_word};

/// The clip of a picture: its folder, without one called crop, which holds the faces of the folder above. Where the
/// folder is called real, attack, train and so on, its pictures are of many videos, and names must tell them apart.
pub fn clip_by_folder(name: &str) -> String {
    let folder = parent(name);
    let folder = folder.strip_suffix("/crop").unwrap_or(folder);
    let last = folder.rsplit('/').next().unwrap_or(folder);
    let of_many = last.is_empty() || class_word(last).is_some() || split_word(last).is_some();
    if of_many { clip_by_name(name) } else { folder.to_owned() }
}

/// The clip of a picture by its own name: what stands before the number of the frame, else the picture alone.
pub fn clip_by_name(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |s| s.0);
    without_number(stem).unwrap_or(stem).to_owned()
}

/// The name without the number of the frame behind it; nothing if nothing would be left.
pub fn without_number(stem: &str) -> Option<&str> {
    let before = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let before = before.strip_suffix("frame").unwrap_or(before);
    let name = before.strip_suffix(['_', '-', '.'])?;
    (before.len() < stem.len() && !name.is_empty() && !name.ends_with('/')).then_some(name)
}

/// A picture of a list.
#[derive(Debug)]
struct Listed {
    name: String,
    path: PathBuf,
    raw: RawLabel,
    split: Option<Split>,
}

/// A clip while its pictures are being gathered.
#[derive(Debug, Default)]
struct Draft {
    labels: Vec<RawLabel>,
    splits: Vec<Split>,
    pictures: Vec<Listed>,
    /// A video or an archive, instead of pictures.
    whole: Option<Footage>,
}

impl Draft {
    fn says(&mut self, raw: RawLabel, split: Option<Split>) {
        if !self.labels.contains(&raw) {
            self.labels.push(raw);
        }
        if let Some(split) = split
            && !self.splits.contains(&split)
        {
            self.splits.push(split);
        }
    }
}

/// A clip's pictures by their names from the root, for whoever finishes it.
pub struct Gathered<'g> {
    /// The clip.
    pub entry: &'g mut Entry,
    /// What its path says.
    pub said: &'g Said,
    /// Its pictures' names, in order; none for a video or an archive.
    pub names: &'g [String],
}

/// Gathers pictures of lists, in which each may stand several times, into clips.
#[derive(Debug, Default)]
pub struct Gather {
    clips: BTreeMap<String, Draft>,
    listed: usize,
    missing: Told,
    loose: bool,
}

impl Gather {
    /// For lists of anything: a folder whose pictures have several labels or parts holds several clips, which their names
    /// tell apart.
    pub fn loose() -> Self {
        Self { loose: true, ..Self::default() }
    }

    /// A picture of the clip named `clip`, or one that is not there.
    pub fn picture(
        &mut self,
        listed: &str,
        spot: Option<Spot>,
        clip: impl Fn(&str) -> String,
        raw: RawLabel,
        split: Option<Split>,
    ) {
        self.listed += 1;
        let Some(spot) = spot else {
            self.missing.add(listed);
            return;
        };
        let draft = self.clips.entry(clip(&spot.name)).or_default();
        draft.says(raw, split);
        draft.pictures.push(Listed { name: spot.name, path: spot.path, raw, split });
    }

    /// A clip that is a video, an archive or all pictures of a folder; nothing if it is not there.
    pub fn whole(&mut self, listed: &str, clip: Option<(String, Footage)>, raw: RawLabel, split: Option<Split>) {
        self.listed += 1;
        let Some((key, footage)) = clip else {
            self.missing.add(listed);
            return;
        };
        let draft = self.clips.entry(key).or_default();
        draft.says(raw, split);
        draft.whole = Some(footage);
    }

    /// Things that were listed, and those of them that are there.
    pub fn counts(&self) -> (usize, usize) {
        (self.listed, self.listed - self.missing.count())
    }

    /// The clips, by name. `finish` may change each; it also gets what its path says.
    pub fn clips(mut self, problems: &mut Vec<String>, mut finish: impl FnMut(Gathered<'_>)) -> Vec<Entry> {
        self.missing.tell(problems, |n| format!("Listed files that are not there were left out: {n}"));
        let (mut torn, mut twofold, mut enrolled) = (Told::default(), Told::default(), Told::default());
        let mut out = vec![];
        if self.loose {
            self.part(problems);
        }
        for (name, mut draft) in self.clips {
            if draft.labels.len() > 1 {
                torn.add(&name);
                continue;
            }
            draft.pictures.sort_by(|a, b| natural(&a.name, &b.name));
            draft.pictures.dedup_by(|a, b| a.name == b.name);
            let (names, paths): (Vec<String>, Vec<PathBuf>) =
                draft.pictures.into_iter().map(|p| (p.name, p.path)).unzip();
            let footage = draft.whole.unwrap_or(Footage::Pictures(paths));
            let (mut entry, said) = Entry::new(&name, draft.labels[0], footage);
            if said.enroll {
                enrolled.add(&name);
                continue;
            }
            match draft.splits[..] {
                [] => {}
                [split] => entry.split = Some(split),
                _ => twofold.add(&name),
            }
            finish(Gathered { entry: &mut entry, said: &said, names: &names });
            out.push(entry);
        }
        torn.tell(problems, |n| format!("Clips whose pictures have different labels were left out: {n}"));
        twofold.tell(problems, |n| {
            format!("Clips that stand in lists of several parts go by what their path says of the part: {n}")
        });
        enrolled
            .tell(problems, |n| format!("Enrolment videos of Replay-Attack are never scored and were left out: {n}"));
        out
    }

    /// Parts folders that hold several clips.
    fn part(&mut self, problems: &mut Vec<String>) {
        let mixed = |d: &Draft| d.whole.is_none() && (d.labels.len() > 1 || d.splits.len() > 1);
        let names: Vec<String> = self.clips.iter().filter(|(_, d)| mixed(d)).map(|(n, _)| n.clone()).collect();
        Told::of(&names).tell(problems, |n| {
            format!("Folders with pictures of several labels or parts, which are taken for clips by their names: {n}")
        });
        for name in names {
            for picture in self.clips.remove(&name).map(|d| d.pictures).unwrap_or_default() {
                let draft = self.clips.entry(clip_by_name(&picture.name)).or_default();
                draft.says(picture.raw, picture.split);
                draft.pictures.push(picture);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Label;

    #[test]
    fn numbers_of_frames_are_taken_off() {
        for (stem, expected) in [
            ("a/1_1_01_1_frame12", Some("a/1_1_01_1")),
            ("a/1_1_01_1_12", Some("a/1_1_01_1")),
            ("a/x-003", Some("a/x")),
            ("a/12", None),
            ("a/_12", None),
            ("a/x", None),
        ] {
            assert_eq!(without_number(stem), expected, "{stem}");
        }
        assert_eq!((clip_by_name("a/x_1.png"), clip_by_name("a/12.png")), ("a/x".to_owned(), "a/12".to_owned()));
    }

    #[test]
    fn folders_are_clips_unless_their_names_are_anybody_s() {
        for (name, expected) in [
            ("msu/real/alice/1.png", "msu/real/alice"),
            ("msu/real/alice/crop/1.png", "msu/real/alice"),
            ("msu/real/alice_1.png", "msu/real/alice"),
            ("msu/real/17.png", "msu/real/17"),
            ("train/bob-3.png", "train/bob"),
            ("bob_3.png", "bob"),
        ] {
            assert_eq!(clip_by_folder(name), expected, "{name}");
        }
    }

    #[test]
    fn a_folder_of_several_labels_is_parted_by_names_and_a_torn_clip_is_left_out() {
        let gathered = |mut gather: Gather| {
            let mut put = |name: &str, label, split| {
                let spot = Spot { name: name.to_owned(), path: name.into() };
                gather.picture(name, Some(spot), clip_by_folder, RawLabel::Word(label), split);
            };
            put("p/live_1.png", Label::Live, Some(Split::Train));
            put("p/live_2.png", Label::Live, Some(Split::Train));
            put("p/spoof1.png", Label::Spoof, Some(Split::Test));
            put("p/odd.png", Label::Spoof, None);
            put("p/odd.png", Label::Live, None);
            put("q/1.png", Label::Live, Some(Split::Dev));
            let mut problems = vec![];
            let clips = gather.clips(&mut problems, |_| {});
            let rows: Vec<String> =
                clips.iter().map(|e| format!("{} {:?} {:?}", e.path, e.split, e.frames())).collect();
            (rows, problems)
        };
        let (rows, problems) = gathered(Gather::loose());
        assert_eq!(rows, ["p/live Some(Train) Some(2)", "p/spoof1 Some(Test) Some(1)", "q Some(Dev) Some(1)"]);
        assert!(problems[0].contains("taken for clips by their names: 1 (p)"), "{problems:?}");
        assert!(problems[1].contains("different labels were left out: 1 (p/odd)"), "{problems:?}");
        let (rows, problems) = gathered(Gather::default());
        assert_eq!(rows, ["q Some(Dev) Some(1)"]);
        assert!(problems[0].contains("different labels were left out: 1 (p)"), "{problems:?}");
    }
}
