//! Where files are kept that can be made again: rendered faces, cropped packs, libtorch.

use std::path::PathBuf;

/// `$METAFAS_CACHE`, else `metafas` in the user's cache folder (`$XDG_CACHE_HOME` or `~/.cache`), else in the system's
/// folder for passing files.
pub fn cache_folder() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("METAFAS_CACHE").unwrap_or_else(|| {
        set("XDG_CACHE_HOME")
            .or_else(|| set("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("metafas")
    })
}
