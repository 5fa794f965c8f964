//! What a root turned out to be: sets, something to import, or nothing that is known here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::clips::Clips;
use crate::data::Origin;
use crate::data::dataset::Report;
use crate::data::import::{Import, Layout, Preview};
use crate::data::manifest::LiveIs;

/// Names a root within one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RootId(pub u32);

/// A folder or file that a person named.
#[derive(Debug)]
pub struct Root {
    /// Its name within the window.
    pub id: RootId,
    /// The folder or file.
    pub path: PathBuf,
    /// Where the pictures of its lists are, if a person said so.
    pub pictures: Option<PathBuf>,
    /// Whether runs and protocols may use it.
    pub used: bool,
    /// What it is.
    pub state: RootState,
    /// Whether it was named just now: if it is not there, it is not kept.
    pub fresh: bool,
}

/// What is known of a root.
#[derive(Debug)]
pub enum RootState {
    /// It has not been looked at yet.
    Waiting,
    /// Published sets, at least one.
    Sets(Vec<Opened>),
    /// Something that can be imported.
    Import(Box<Imported>),
    /// Why it is nothing.
    Nothing(String),
}

/// A published set.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What is there against what was published.
    pub report: Arc<Report>,
    /// Its clips.
    pub clips: Arc<Clips>,
}

/// An import with all that was said of it.
#[derive(Debug)]
pub struct Imported {
    /// What was recognised.
    pub import: Arc<Import>,
    /// What a person sees of it.
    pub preview: Arc<Preview>,
    /// Its clips, once it is known which are live.
    pub clips: Option<Arc<Clips>>,
    /// Faces of the preview, class by class, as they come: sRGB bytes of a square.
    pub faces: Vec<Option<Result<Arc<Vec<u8>>, String>>>,
    /// Raised with every preview; late faces of an earlier one are dropped.
    pub generation: u64,
    /// Where its manifest shall be written.
    pub out: String,
    /// The manifest that was written, with its clips.
    pub written: Option<(PathBuf, usize)>,
    /// Why it could not be written.
    pub trouble: Option<String>,
}

impl Imported {
    /// Which number a person said means live.
    pub fn choice(&self) -> Option<LiveIs> {
        self.preview.choice
    }

    /// Whether runs can read it as it is: a manifest that says everything.
    pub fn is_ready(&self) -> bool {
        self.preview.layout == Layout::Manifest && !self.preview.ask && self.preview.choice.is_none()
    }
}

impl Root {
    /// How many things of it can be shown.
    pub fn entries(&self) -> usize {
        match &self.state {
            RootState::Sets(sets) => sets.len(),
            _ => 1,
        }
    }

    /// The opened sets; none where it is something else.
    pub fn sets(&self) -> &[Opened] {
        match &self.state {
            RootState::Sets(sets) => sets,
            _ => &[],
        }
    }

    /// Its last part, for people.
    pub fn name(&self) -> String {
        self.path.file_name().map_or_else(|| self.path.display().to_string(), |n| n.to_string_lossy().into_owned())
    }

    /// A title, what stands below it, and whether that is worth a look.
    pub fn told(&self, entry: usize) -> (String, String, bool) {
        match &self.state {
            RootState::Waiting => (self.name(), "looking…".to_owned(), false),
            RootState::Nothing(_) => (self.name(), "nothing that is known here".to_owned(), true),
            RootState::Import(import) => {
                let clips: usize = import.preview.classes.iter().map(|c| c.clips).sum();
                let what = &import.preview.title;
                let words = if import.preview.ask {
                    format!("{clips} clips: which are live?")
                } else {
                    format!("{clips} clips, {what}")
                };
                (self.name(), words, import.preview.ask)
            }
            RootState::Sets(sets) => match sets.get(entry) {
                None => (self.name(), String::new(), false),
                Some(opened) => {
                    let found = &opened.report.found;
                    let (here, all) = found.share();
                    let made = if found.origin == Origin::Synthetic { ", synthetic" } else { "" };
                    let words = if found.is_whole() {
                        format!("complete, {here} clips{made}")
                    } else {
                        format!("partial, {here} of {all}{made}")
                    };
                    (found.title(), words, !found.is_whole())
                }
            },
        }
    }
}

/// A path as a person typed it: without quotes and spaces around it, `~` for the home folder, from the root of the disk.
pub fn typed_path(text: &str) -> PathBuf {
    let text = text.trim();
    let text = text.trim_matches(['"', '\'']);
    let path = match (text.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    };
    std::path::absolute(&path).unwrap_or(path)
}

/// A path that is short enough for a narrow list: its end.
pub fn short(path: &Path, most: usize) -> String {
    let text = path.display().to_string();
    let letters = text.chars().count();
    if letters <= most { text } else { format!("…{}", text.chars().skip(letters + 1 - most).collect::<String>()) }
}

/// A sentence of the library without advice for the command line, which a window has no use for.
pub fn for_window(sentence: &str) -> String {
    let cut = |at: usize| {
        let before = &sentence[..at];
        before.rfind("; ").or_else(|| before.rfind(". ")).map_or(before, |end| &before[..end])
    };
    let advice = sentence.find(" --").or_else(|| sentence.find("`metafas "));
    advice.map_or_else(|| sentence.to_owned(), |at| cut(at).trim_end_matches(['.', ' ']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_for_the_command_line_is_left_out() {
        assert_eq!(for_window("No set fits; give its name with --as"), "No set fits");
        assert_eq!(for_window("It is stale: x.avi; cut anew with `metafas data pack R --out D`"), "It is stale: x.avi");
        assert_eq!(for_window("Nothing there; check the path."), "Nothing there; check the path.");
    }

    #[test]
    fn typed_paths_are_read_as_people_write_them() {
        assert_eq!(typed_path(" '/data/My sets' "), PathBuf::from("/data/My sets"));
        assert_eq!(typed_path("~/faces"), std::env::home_dir().unwrap().join("faces"));
        assert!(typed_path("here").is_absolute());
        assert_eq!(short(Path::new("/a/bcdef"), 5), "…cdef");
        assert_eq!(short(Path::new("/a"), 5), "/a");
    }
}
