//! The files below a root by their names, and the folders that hold them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::data::folder::files_below;
use crate::data::manifest::{Told, natural};
use crate::data::manifest::{is_other_picture, is_picture, is_video, other_sentence};

/// Paths with `/`, sorted, and found by their last parts.
#[derive(Debug, Default)]
pub struct Names {
    paths: Vec<String>,
    by_last: OnceLock<HashMap<String, Vec<u32>>>,
}

/// The name at the end of a path.
pub fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path; empty on top.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |p| p.0)
}

impl Names {
    pub fn new(mut paths: Vec<String>) -> Self {
        paths.sort_unstable();
        Self { paths, by_last: OnceLock::new() }
    }

    /// Whether the path is there.
    pub fn has(&self, path: &str) -> bool {
        self.paths.binary_search_by(|p| p.as_str().cmp(path)).is_ok()
    }

    /// Numbers of the paths that end with this name.
    pub fn namesakes(&self, name: &str) -> &[u32] {
        let by_last = self.by_last.get_or_init(|| {
            let mut map: HashMap<String, Vec<u32>> = HashMap::new();
            for (i, path) in self.paths.iter().enumerate() {
                map.entry(last(path).to_owned()).or_default().push(i as u32);
            }
            map
        });
        by_last.get(name).map_or(&[], Vec::as_slice)
    }

    /// The path of that number.
    pub fn path(&self, number: u32) -> &str {
        &self.paths[number as usize]
    }
}

/// All files below a folder.
#[derive(Debug, Default)]
pub struct Tree {
    root: PathBuf,
    /// The files.
    pub files: Names,
    /// The folders that hold any.
    pub folders: Names,
}

impl Tree {
    /// Walks `root`. What cannot be looked into goes to `problems`.
    pub fn walk(root: &Path, problems: &mut Vec<String>) -> std::io::Result<Self> {
        let mut odd = Told::default();
        let mut files = vec![];
        for path in files_below(root, problems)? {
            match path.to_str() {
                Some(text) => files.push(text.replace(std::path::MAIN_SEPARATOR, "/")),
                None => odd.add(path.display().to_string()),
            }
        }
        let other = Told::of(files.iter().filter(|f| is_other_picture(f)));
        other.tell(problems, other_sentence);
        odd.tell(problems, |n| format!("Files whose names are not UTF-8 were left out: {n}"));
        let mut folders: HashSet<&str> = HashSet::new();
        for file in &files {
            let mut folder = parent(file);
            while !folder.is_empty() && folders.insert(folder) {
                folder = parent(folder);
            }
        }
        let folders = Names::new(folders.into_iter().map(str::to_owned).collect());
        Ok(Self { root: root.to_path_buf(), files: Names::new(files), folders })
    }

    /// The folder that was walked.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file or folder on this machine.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Names of all files, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.files.paths.iter().map(String::as_str)
    }

    /// The pictures.
    pub fn pictures(&self) -> impl Iterator<Item = &str> {
        self.names().filter(|n| is_picture(n))
    }

    /// The videos.
    pub fn videos(&self) -> impl Iterator<Item = &str> {
        self.names().filter(|n| is_video(n))
    }

    /// The pictures that lie in `folder` itself, in natural order.
    pub fn pictures_in<'t>(&'t self, folder: &str) -> Vec<&'t str> {
        let prefix = format!("{folder}/");
        let from = self.files.paths.partition_point(|p| p.as_str() < prefix.as_str());
        let mut found: Vec<&str> = self.files.paths[from..]
            .iter()
            .take_while(|p| p.starts_with(&prefix))
            .filter(|p| is_picture(p) && !p[prefix.len()..].contains('/'))
            .map(String::as_str)
            .collect();
        found.sort_by(|a, b| natural(a, b));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_gives_files_folders_and_pictures_in_order() {
        let root = tempfile::tempdir().unwrap();
        for path in ["b/10.png", "b/9.png", "b/c/1.png", "b/x.txt", "b!/1.png", "a.avi"] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let tree = Tree::walk(root.path(), &mut vec![]).unwrap();
        assert_eq!(tree.pictures_in("b"), ["b/9.png", "b/10.png"]);
        assert_eq!(tree.folders.paths, ["b", "b!", "b/c"]);
        assert_eq!(tree.videos().collect::<Vec<_>>(), ["a.avi"]);
        assert_eq!(tree.pictures().count(), 4);
    }
}
