//! Every file below a folder, each once, in an order that depends on names alone. Links are followed, but never to a
//! folder that is read already or to one that holds the root, so the walk always ends.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files below `root` as paths from there, sorted; what could not be looked into goes to `problems` as sentences.
/// Hidden files and what systems leave behind (`__MACOSX`, `Thumbs.db`) are passed over.
pub(in crate::data) fn files_below(root: &Path, problems: &mut Vec<String>) -> std::io::Result<Vec<PathBuf>> {
    let mut files = vec![];
    visit(root, problems, &mut |path| files.push(path))?;
    files.sort();
    problems.sort();
    Ok(files)
}

/// Shows every file below `root` to `see` as a path from there, in no order; what could not be looked into goes to
/// `problems` as sentences. Hidden files and what systems leave behind (`__MACOSX`, `Thumbs.db`) are passed over.
pub(in crate::data) fn visit(
    root: &Path,
    problems: &mut Vec<String>,
    see: &mut dyn FnMut(PathBuf),
) -> std::io::Result<()> {
    let real_root = root.canonicalize()?;
    // The root must open; anything below may fail without harm.
    fs::read_dir(root)?;
    let mut seen = HashSet::from([real_root.clone()]);
    let mut folders = vec![PathBuf::new()];
    // Links wait until all real folders are read, so that a folder inside the root keeps its own name.
    let mut links = vec![];
    while let Some(folder) = folders.pop().or_else(|| next_link(&mut links, root, &real_root, &mut seen, problems)) {
        let entries = fs::read_dir(root.join(&folder)).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = match entries {
            Ok(entries) => entries,
            Err(e) => {
                problems
                    .push(format!("The folder {} could not be read ({e}); check its permissions.", folder.display()));
                continue;
            }
        };
        for entry in entries {
            let name = entry.file_name();
            let hidden = name.to_string_lossy().starts_with('.') || name == "__MACOSX" || name == "Thumbs.db";
            let path = folder.join(&name);
            if hidden {
                continue;
            }
            // The folder itself tells what an entry is; only links have to be asked, which counts on network disks.
            let kind = entry.file_type();
            let link = kind.as_ref().is_ok_and(fs::FileType::is_symlink);
            match if link { fs::metadata(entry.path()).map(|m| m.file_type()) } else { kind } {
                Ok(kind) if kind.is_dir() && link => links.push(path),
                Ok(kind) if kind.is_dir() => {
                    // Canonical again: a link may have led here first.
                    if entry.path().canonicalize().is_ok_and(|real| seen.insert(real)) {
                        folders.push(path);
                    }
                }
                Ok(kind) if kind.is_file() => see(path),
                Ok(_) => {}
                Err(e) => problems.push(format!("{} could not be looked at ({e}); it was left out.", path.display())),
            }
        }
    }
    Ok(())
}

fn next_link(
    links: &mut Vec<PathBuf>,
    root: &Path,
    real_root: &Path,
    seen: &mut HashSet<PathBuf>,
    problems: &mut Vec<String>,
) -> Option<PathBuf> {
    links.sort_by(|a, b| b.cmp(a));
    while let Some(link) = links.pop() {
        match root.join(&link).canonicalize() {
            Ok(target) if !real_root.starts_with(&target) && seen.insert(target.clone()) => return Some(link),
            Ok(_) => problems.push(format!(
                "The link {} leads to a folder that is read anyway; it was not followed.",
                link.display()
            )),
            Err(e) => problems.push(format!("The link {} leads nowhere ({e}); it was left out.", link.display())),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_sorted_and_hidden_ones_do_not_come() {
        let root = tempfile::tempdir().unwrap();
        for path in ["b/2", "b/10", "a", "b/.hidden", ".git/x", "__MACOSX/y", "b/Thumbs.db", "c/d/e"] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let mut problems = vec![];
        let files = files_below(root.path(), &mut problems).unwrap();
        assert_eq!(files, ["a", "b/10", "b/2", "c/d/e"].map(PathBuf::from));
        assert!(problems.is_empty());
        assert!(files_below(&root.path().join("none"), &mut problems).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_end_and_no_folder_is_read_twice() {
        use std::os::unix::fs::symlink;
        let base = tempfile::tempdir().unwrap();
        let root = base.path().join("root");
        let outside = base.path().join("outside");
        for folder in [root.join("a/b"), root.join("z"), outside.clone()] {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("f"), "").unwrap();
        }
        symlink("..", root.join("a/b/up")).unwrap();
        symlink(base.path(), root.join("a/above")).unwrap();
        symlink(&outside, root.join("out")).unwrap();
        symlink(&root, outside.join("back")).unwrap();
        symlink("z", root.join("again")).unwrap();
        symlink("nothing", root.join("broken")).unwrap();
        let mut problems = vec![];
        let files = files_below(&root, &mut problems).unwrap();
        assert_eq!(files, ["a/b/f", "out/f", "z/f"].map(PathBuf::from));
        let about = |name: &str| problems.iter().any(|p| p.contains(name));
        assert!(problems.len() == 5 && ["a/b/up", "a/above", "out/back", "again", "broken"].map(about) == [true; 5]);
    }
}
