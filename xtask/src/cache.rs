//! The cache folder, and what room there is in it.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// `$METAFAS_CACHE`, else `metafas` in the user's cache folder.
pub(crate) fn folder() -> Result<PathBuf> {
    choose(|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
}

fn choose(var: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf> {
    if let Some(own) = var("METAFAS_CACHE") {
        return if own.is_absolute() {
            Ok(own)
        } else {
            bail!("METAFAS_CACHE is `{}`; it has to be an absolute path", own.display())
        };
    }
    // As the XDG rules have it, a relative path there counts as none.
    let user = var("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| var("HOME").map(|home| home.join(".cache")))
        .context("there is no cache folder: none of METAFAS_CACHE, XDG_CACHE_HOME and HOME is set")?;
    Ok(user.join("metafas"))
}

/// Bytes of all files below `path`; what cannot be read counts as nothing.
pub(crate) fn size_of(path: &Path) -> u64 {
    let Ok(data) = fs::symlink_metadata(path) else { return 0 };
    if !data.is_dir() {
        return data.len();
    }
    fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size_of(&entry.path())).sum()
}

/// Free bytes for the user on the disk that holds `path` (or will hold it).
pub(crate) fn disk_free(path: &Path) -> Option<u64> {
    let there = path.ancestors().find(|folder| folder.exists())?;
    parse_df(&shell::ask("df", &["-Pk".as_ref(), there.as_os_str()])?)
}

fn parse_df(text: &str) -> Option<u64> {
    let kilobytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Fails with a sentence unless `bytes` more fit on the disk that holds `path`.
pub(crate) fn require_room(path: &Path, bytes: u64) -> Result<()> {
    match disk_free(path) {
        Some(free) if free < bytes => bail!(
            "there is too little room on the disk of {}: {} free, {} needed; make room, or set METAFAS_CACHE to a \
             folder on another disk",
            path.display(),
            shell::size(free),
            shell::size(bytes)
        ),
        _ => Ok(()),
    }
}

/// Waits until no other set-up works in `folder`; the lock ends with the value.
pub(crate) fn lock(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let path = folder.join(".lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    if file.try_lock().is_err() {
        eprintln!("waiting for another set-up that works in {} …", folder.display());
        file.lock().with_context(|| format!("{} cannot be locked", path.display()))?;
    }
    Ok(file)
}

/// Removes a file or a folder if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let result = match fs::symlink_metadata(path) {
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    };
    result.with_context(|| format!("{} cannot be removed", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(vars: &[(&str, &str)]) -> Result<PathBuf> {
        choose(|name| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value)))
    }

    #[test]
    fn the_cache_folder_follows_the_variables() {
        let home = ("HOME", "/h");
        assert_eq!(with(&[home]).unwrap(), Path::new("/h/.cache/metafas"));
        assert_eq!(with(&[home, ("XDG_CACHE_HOME", "/x")]).unwrap(), Path::new("/x/metafas"));
        assert_eq!(with(&[home, ("XDG_CACHE_HOME", "x")]).unwrap(), Path::new("/h/.cache/metafas"));
        assert_eq!(with(&[home, ("METAFAS_CACHE", "/m")]).unwrap(), Path::new("/m"));
        assert!(with(&[home, ("METAFAS_CACHE", "m")]).is_err());
        assert!(with(&[]).is_err());
    }

    #[test]
    fn df_is_read() {
        let text = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 100 40 60 40% /\n";
        assert_eq!(parse_df(text), Some(60 * 1024));
        assert_eq!(parse_df("df: nothing"), None);
    }

    #[test]
    fn too_little_room_is_said_before_anything_is_fetched() {
        let error = require_room(Path::new("/"), u64::MAX).unwrap_err().to_string();
        assert!(error.contains("METAFAS_CACHE"), "{error}");
        require_room(Path::new("/"), 0).unwrap();
    }

    #[test]
    fn sizes_are_summed_over_folders() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/b"), [0; 7]).unwrap();
        fs::write(folder.path().join("c"), [0; 5]).unwrap();
        assert_eq!(size_of(folder.path()), 12);
        assert_eq!(size_of(&folder.path().join("none")), 0);
    }
}
