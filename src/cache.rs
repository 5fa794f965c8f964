//! Where files are kept: what can be made again (rendered faces, cropped packs, libtorch), and what a user arranged.

use std::path::PathBuf;

/// `$METAFAS_CACHE`, else `metafas` in the user's cache folder (`$XDG_CACHE_HOME` or `~/.cache`), else a folder with the
/// user's number in the system's folder for passing files, which all users share.
pub fn cache_folder() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("METAFAS_CACHE").unwrap_or_else(|| {
        let own = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
        own.map_or_else(|| std::env::temp_dir().join(format!("metafas-{}", user())), |folder| folder.join("metafas"))
    })
}

/// Folder for what a user arranged and no program can make again: `$METAFAS_CONFIG`, else `metafas` in the user's folder
/// for settings (`$XDG_CONFIG_HOME` or `~/.config`); `None` where there is no such folder.
pub fn config_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("METAFAS_CONFIG").or_else(|| {
        let user = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
        Some(user?.join("metafas"))
    })
}

/// The number of the user who runs this program.
fn user() -> String {
    #[cfg(unix)]
    if let Ok(about) = std::fs::metadata("/proc/self") {
        return std::os::unix::fs::MetadataExt::uid(&about).to_string();
    }
    "user".to_owned()
}
