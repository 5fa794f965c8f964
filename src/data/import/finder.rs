//! How a path from a list leads to a file below a root. Lists are written on other machines: their paths begin elsewhere,
//! and only their ends are the same here.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::tree::{Names, Tree, last, parent};
use super::words::{class_word, modality_word, set_word, split_word};

/// A file that a list named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Its path from the root, or the listed path where it lies outside.
    pub name: String,
    /// Its path on this machine.
    pub path: PathBuf,
}

/// Leads listed paths to files: as they are, else by replacing what they begin with. Which beginning is replaced by
/// which is learnt from the files whose paths end alike, and kept.
pub struct Finder<'t> {
    names: &'t Names,
    root: &'t Path,
    /// (what listed paths begin with, what files begin with), both without the slash behind.
    rules: Vec<(String, String)>,
    /// Folders of listed paths, and how often nothing was learnt from one of their files with many namesakes.
    hopeless: HashMap<String, u32>,
    /// Folders of absolute listed paths, and whether they are on this machine.
    outside: HashMap<String, bool>,
}

/// Files of one folder that are compared with more namesakes than [`FEW`] before the folder is given up: numbers of frames
/// have thousands, and most folders of a list are there or are not.
const TRIES: u32 = 4;
const FEW: usize = 64;

/// How much of the ends of two paths must be the same: a file and its folder.
const ALIKE: usize = 2;

impl<'t> Finder<'t> {
    /// Finds files.
    pub fn files(tree: &'t Tree) -> Self {
        Self::new(&tree.files, tree.root())
    }

    /// Finds folders.
    pub fn folders(tree: &'t Tree) -> Self {
        Self::new(&tree.folders, tree.root())
    }

    fn new(names: &'t Names, root: &'t Path) -> Self {
        Self { names, root, rules: vec![], hopeless: HashMap::new(), outside: HashMap::new() }
    }

    /// The file that `listed` means: one below the root if there is one, else the very path if it is absolute and there.
    pub fn find(&mut self, listed: &str) -> Option<Spot> {
        let parts: Vec<&str> =
            listed.split(['/', '\\']).filter(|p| !p.is_empty() && *p != "." && !p.ends_with(':')).collect();
        if parts.is_empty() || parts.contains(&"..") {
            return None;
        }
        let plain = parts.join("/");
        if let Some(name) = self.below(&plain, &parts) {
            return Some(Spot { path: self.root.join(&name), name });
        }
        let path = Path::new(listed);
        if !path.is_absolute() {
            return None;
        }
        let there =
            *self.outside.entry(parent(&plain).to_owned()).or_insert_with(|| path.parent().is_some_and(Path::is_dir));
        (there && path.exists()).then(|| Spot { name: plain, path: path.to_path_buf() })
    }

    fn below(&mut self, plain: &str, parts: &[&str]) -> Option<String> {
        if self.names.has(plain) {
            return Some(plain.to_owned());
        }
        for (strip, add) in &self.rules {
            let rest = if strip.is_empty() {
                Some(plain)
            } else {
                plain.strip_prefix(strip.as_str()).and_then(|r| r.strip_prefix('/'))
            };
            let Some(rest) = rest else { continue };
            let name = if add.is_empty() { rest.to_owned() } else { format!("{add}/{rest}") };
            if self.names.has(&name) {
                return Some(name);
            }
        }
        let many = self.names.namesakes(last(plain)).len() > FEW;
        let folder = parent(plain);
        if many && self.hopeless.get(folder).is_some_and(|n| *n >= TRIES) {
            return None;
        }
        let learnt = self.learn(parts);
        if learnt.is_none() && many {
            *self.hopeless.entry(folder.to_owned()).or_default() += 1;
        }
        let (rule, name) = learnt?;
        self.rules.push(rule);
        Some(name)
    }

    /// The file whose path ends most like the listed one, and the beginnings that differ.
    fn learn(&self, parts: &[&str]) -> Option<((String, String), String)> {
        let name = *parts.last()?;
        // Of files that end equally alike, the one highest up.
        let depth = |file: &str| file.split('/').count();
        let mut best: Option<(usize, &str)> = None;
        let candidates = self.names.namesakes(name);
        for file in candidates.iter().map(|i| self.names.path(*i)) {
            let same = parts.iter().rev().zip(file.rsplit('/')).take_while(|(a, b)| **a == *b).count();
            if best.is_none_or(|(most, other)| same > most || same == most && depth(file) < depth(other)) {
                best = Some((same, file));
            }
        }
        let (same, file) = best?;
        let listed = &parts[..parts.len() - same];
        let here: Vec<&str> = file.split('/').collect();
        let here = &here[..here.len() - same];
        // A bare name is enough where only one file has it.
        let enough = same >= ALIKE || listed.is_empty() && candidates.len() == 1;
        if !enough || self.contradict(listed, here) {
            return None;
        }
        Some(((listed.join("/"), here.join("/")), file.to_owned()))
    }

    /// Whether the beginnings mean different things: train and test, real and attack, one set and another. A clip that is
    /// missing must not be taken for one of the same name in another part.
    fn contradict(&self, listed: &[&str], here: &[&str]) -> bool {
        let top = self.root.file_name().and_then(|n| n.to_str()).into_iter();
        let here: Vec<&str> = top.chain(here.iter().copied()).collect();
        // Nor is a depth map a face.
        differ(listed, &here, modality_word)
            || differ(listed, &here, split_word)
            || differ(listed, &here, class_word)
            || differ(listed, &here, set_word)
    }
}

/// Whether the last words of a kind in two paths are different words.
fn differ<T: PartialEq>(a: &[&str], b: &[&str], word: impl Fn(&str) -> Option<T>) -> bool {
    let last = |parts: &[&str]| parts.iter().rev().find_map(|p| word(p));
    last(a).zip(last(b)).is_some_and(|(a, b)| a != b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finder<'t>(names: &'t Names, root: &'t str) -> Finder<'t> {
        Finder::new(names, Path::new(root))
    }

    fn names(paths: &[&str]) -> Names {
        Names::new(paths.iter().map(|&p| p.to_owned()).collect())
    }

    #[test]
    fn foreign_absolute_paths_are_found_by_their_ends() {
        let names = names(&[
            "my/msu_256/scene01/real/real_client002_android_SD_scene01/1.png",
            "my/msu_256/scene01/real/real_client002_android_SD_scene01/12.png",
            "my/msu_256/scene01/attack/x/1.png",
            "my/casia_256/train_release/1/1/1.png",
        ]);
        let mut f = finder(&names, "/data");
        let mut find = |listed: &str| f.find(listed).map_or("-".to_owned(), |s| s.name);
        let base = "/data/share/jiayunpei/mtcnn_dataset_preprocess";
        assert_eq!(
            find(&format!("{base}/msu_256/scene01/real/real_client002_android_SD_scene01/12.png")),
            "my/msu_256/scene01/real/real_client002_android_SD_scene01/12.png"
        );
        assert_eq!(find(&format!("{base}/msu_256/scene01/attack/x/1.png")), "my/msu_256/scene01/attack/x/1.png");
        assert_eq!(find(&format!("{base}/msu_256/scene01/attack/y/1.png")), "-");
        assert_eq!(find("D:\\faces\\casia_256\\train_release\\1\\1\\1.png"), "my/casia_256/train_release/1/1/1.png");
        assert_eq!(find("my/casia_256/train_release/1/1/1.png"), "my/casia_256/train_release/1/1/1.png");
        assert_eq!(
            (find(""), find("../x/1.png"), find("1.png"), find("nowhere/1.png")),
            ("-".into(), "-".into(), "-".into(), "-".into())
        );
    }

    #[test]
    fn folders_are_found_as_files_are() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("b/c")).unwrap();
        std::fs::write(root.path().join("b/c/1.png"), "").unwrap();
        let tree = Tree::walk(root.path(), &mut vec![]).unwrap();
        assert_eq!(Finder::folders(&tree).find("/elsewhere/b/c").map(|s| s.name).as_deref(), Some("b/c"));
        assert!(Finder::files(&tree).find("/elsewhere/b/c").is_none());
    }

    #[test]
    fn files_that_are_missing_first_do_not_hide_the_others() {
        // Few namesakes: however many are missing, the next is looked for.
        let few = names(&["my/casia/train/fake/19_7_frame0.png"]);
        let mut f = finder(&few, "/data");
        for i in 0..20 {
            assert_eq!(f.find(&format!("/x/train/fake/{i}_3_frame0.png")), None);
        }
        assert!(f.find("/x/train/fake/19_7_frame0.png").is_some());
        // Many: a folder is given up after a few, another one is not.
        let many: Vec<String> = (0..100).map(|v| format!("my/videos/{v}/1.png")).collect();
        let many = Names::new(many);
        let mut f = finder(&many, "/data");
        for _ in 0..10 {
            assert_eq!(f.find("/x/videos/lost/1.png"), None);
        }
        assert!(f.find("/x/videos/7/1.png").is_some());
        assert!(f.find("/x/videos/8/1.png").is_some());
    }

    #[test]
    fn a_missing_clip_is_never_taken_for_one_of_another_part_class_or_set() {
        let names = names(&["casia/test_release/7/1/5.png", "casia/real/a/1.png", "msu/fake/b/1.png"]);
        let mut f = finder(&names, "/data");
        assert_eq!(f.find("/x/casia_256/train_release/7/1/5.png"), None);
        assert_eq!(f.find("/x/attack/a/1.png"), None);
        assert_eq!(f.find("/x/oulu/fake/b/1.png"), None);
        assert!(f.find("/x/MSU-MFSD/fake/b/1.png").is_some());
        assert_eq!(Finder::new(&self::names(&["ir/x/a/1.png"]), Path::new("/data")).find("color/x/a/1.png"), None);
        // The root itself may be the part.
        let names = self::names(&["7/1/5.png"]);
        assert_eq!(finder(&names, "/data/test_release").find("/x/train_release/7/1/5.png"), None);
        assert!(finder(&names, "/data/train_release").find("/x/train_release/7/1/5.png").is_some());
    }

    #[test]
    fn relative_paths_are_found_below_any_folder_and_absolute_ones_outside() {
        let names = names(&[
            "data/MCIO/frame/casia/train/fake/19_7_frame0.png",
            "data/MCIO/frame/casia/test/fake/19_7_frame0.png",
        ]);
        let mut f = finder(&names, "/r");
        let find = f.find("casia/test/fake/19_7_frame0.png").unwrap();
        assert_eq!(find.path, Path::new("/r/data/MCIO/frame/casia/test/fake/19_7_frame0.png"));
        assert_eq!(f.find("casia/dev/fake/19_7_frame0.png"), None);
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("1.png");
        std::fs::write(&file, "").unwrap();
        let listed = file.to_str().unwrap();
        assert_eq!(f.find(listed).map(|s| s.path), Some(file.clone()));
        assert_eq!(f.find(&listed.replace("1.png", "2.png")), None);
    }

    proptest! {
        #[test]
        fn files_that_are_there_are_found_whatever_stood_before_them(
            paths in prop::collection::btree_set("[ab](/[ab]){1,3}/[12]\\.png", 1..20),
            here in "(mine/){0,2}",
            there in "/(theirs/){0,3}",
        ) {
            let names = Names::new(paths.iter().map(|p| format!("{here}{p}")).collect());
            let mut f = finder(&names, "/data");
            for path in &paths {
                let found = f.find(&format!("{there}{path}")).map(|s| s.name);
                prop_assert_eq!(found, Some(format!("{here}{path}")));
            }
        }
    }
}
