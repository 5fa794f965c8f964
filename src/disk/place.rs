//! From names in files to places on the disk.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// `name` as a path of plain names: not absolute, no `.` or `..` in it, nothing before a colon as on Windows.
pub fn plain(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let all_plain = path.components().all(|c| matches!(c, Component::Normal(_)));
    (all_plain && !name.is_empty() && !name.contains(['\0', '\\', ':'])).then(|| path.to_owned())
}

/// The place of `inner` below `root`, refused where a link on the way would lead elsewhere. `root` itself may be a link:
/// the user named it.
pub fn below(root: &Path, inner: &Path) -> io::Result<PathBuf> {
    let mut at = root.to_owned();
    for part in inner.components() {
        let Component::Normal(name) = part else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the name leads out of its folder"));
        };
        at.push(name);
        if fs::symlink_metadata(&at).is_ok_and(|m| m.is_symlink()) {
            let what = format!("{} is a symbolic link; put the folder or file itself there", at.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
    }
    Ok(at)
}

/// The first of `names` in `folder` that is a link: writing there would change files elsewhere.
pub fn linked_part(folder: &Path, names: &[&str]) -> Option<PathBuf> {
    let linked = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink());
    names.iter().map(|name| folder.join(name)).find(linked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_not_plain() {
        for name in ["cases/0000-a", "a", "a.b/..c"] {
            assert_eq!(plain(name), Some(PathBuf::from(name)));
        }
        for name in ["", "..", "../a", "/a", "a/../b", "./a", "a\0", "C:a", "a\\..\\b"] {
            assert_eq!(plain(name), None, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_on_the_way_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("real")).unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("real/link")).unwrap();
        std::os::unix::fs::symlink("real", dir.path().join("root")).unwrap();
        let root = dir.path().join("root");
        assert_eq!(below(&root, Path::new("a/b")).unwrap(), root.join("a/b"));
        for name in ["link", "link/a", "../a", "/a"] {
            assert!(below(&root, Path::new(name)).is_err(), "{name}");
        }
        assert_eq!(linked_part(&root, &["maps", "link"]), Some(root.join("link")));
        assert_eq!(linked_part(&root, &["maps"]), None);
    }
}
