//! The files below a root that a data set may be made of: videos, box and eye files, lists. Names alone; nothing is
//! opened, and on most systems no file is even asked for its size.

use std::path::{Path, PathBuf};

use crate::data::PICTURES;
use crate::data::folder::walk;

use super::name::{Name, VIDEO};

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// The path from the tree's base, as it is on disk.
    pub path: PathBuf,
    /// The same in lower case, with `/`.
    pub lower: String,
}

impl File {
    fn new(path: PathBuf) -> Self {
        let parts = path.components().map(|c| c.as_os_str().to_string_lossy().to_ascii_lowercase());
        Self { lower: parts.collect::<Vec<_>>().join("/"), path }
    }

    /// Its pieces; files in a tree always have an ending.
    pub fn name(&self) -> Option<Name<'_>> {
        Name::new(&self.lower)
    }

    /// The path with `/`, as people read it.
    pub fn shown(&self) -> String {
        shown(&self.path)
    }
}

/// A path with `/`.
pub fn shown(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What lies below a root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    /// Where paths begin.
    pub base: PathBuf,
    /// Videos, sorted by path.
    pub videos: Vec<File>,
    /// Files that end in `.face` or `.txt`, sorted by path.
    pub texts: Vec<File>,
    /// How many pictures there are, for those who look in the wrong place.
    pub pictures: usize,
    /// What could not be looked into, in sentences.
    pub problems: Vec<String>,
}

impl Tree {
    /// Everything below `root`.
    pub fn of(root: &Path) -> std::io::Result<Self> {
        let mut tree = Self { base: root.to_owned(), ..Self::default() };
        tree.add(root, Path::new(""))?;
        Ok(tree.sorted())
    }

    /// A folder of the tree, as people write it.
    pub fn folder(&self, below: &Path) -> PathBuf {
        if below.as_os_str().is_empty() { self.base.clone() } else { self.base.join(below) }
    }

    /// What lies in `base` itself, and in those of its folders whose names, in lower case, are wanted.
    pub fn of_some(base: &Path, wanted: impl Fn(&str) -> bool) -> std::io::Result<Self> {
        let mut tree = Self { base: base.to_owned(), ..Self::default() };
        for entry in std::fs::read_dir(base)?.filter_map(Result::ok) {
            let name = entry.file_name();
            if !entry.path().is_dir() {
                tree.keep(PathBuf::from(name));
            } else if wanted(&name.to_string_lossy().to_ascii_lowercase()) {
                tree.add(&entry.path(), Path::new(&name))?;
            }
        }
        Ok(tree.sorted())
    }

    fn add(&mut self, folder: &Path, prefix: &Path) -> std::io::Result<()> {
        let mut problems = Vec::new();
        walk::visit(folder, &mut problems, &mut |path| self.keep(prefix.join(path)))?;
        self.problems.extend(problems);
        Ok(())
    }

    fn keep(&mut self, path: PathBuf) {
        let hidden = |p: &Path| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        let Some(ending) = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()) else { return };
        match ending.as_str() {
            _ if hidden(&path) => {}
            e if VIDEO.contains(&e) => self.videos.push(File::new(path)),
            "face" | "txt" => self.texts.push(File::new(path)),
            e if PICTURES.contains(&e) => self.pictures += 1,
            _ => {}
        }
    }

    fn sorted(mut self) -> Self {
        self.videos.sort_unstable();
        self.texts.sort_unstable();
        self.problems.sort();
        self
    }
}
