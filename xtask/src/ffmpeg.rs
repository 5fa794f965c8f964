//! ffmpeg, with which the program reads videos: the system's own, Debian's package, or a static build out of a wheel,
//! laid into the cache folder where the program looks for it.

use crate::pins::{FFMPEG_FILE, FFMPEG_WHEEL};
use crate::{cache, pip, shell, system, unpack};
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The variable that names a program of the user's own.
pub(crate) const VARIABLE: &str = "METAFAS_FFMPEG";

/// The ffmpeg that the program would use: the one that the variable names, else one in `PATH`, else ours.
pub(crate) fn current() -> Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        let path = PathBuf::from(named);
        if !path.is_file() {
            bail!("{VARIABLE} names {}, which is not there; name an ffmpeg, or unset {VARIABLE}", path.display());
        }
        return Ok(Some(path));
    }
    let ours = ours(&cache::folder()?);
    Ok(shell::which("ffmpeg").or_else(|| ours.is_file().then_some(ours)))
}

/// Its version in one word.
pub(crate) fn version(program: &Path) -> Option<String> {
    let text = shell::ask(&program.to_string_lossy(), &["-version"])?;
    text.strip_prefix("ffmpeg version ")?.split_whitespace().next().map(str::to_owned)
}

/// Makes sure that there is one: as root on Debian its package, else the static build.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(program) = current()? {
        return Ok(program);
    }
    if system::can_install() {
        match system::install("read videos", system::VIDEO) {
            Ok(()) => return current()?.context("the package ffmpeg is installed, but there is no ffmpeg in PATH"),
            // A mirror without the package is no reason to do without videos.
            Err(error) => eprintln!("{error:#}; fetching a static ffmpeg instead"),
        }
    }
    fetch(&cache::folder()?)
}

fn ours(cache: &Path) -> PathBuf {
    cache.join("ffmpeg/ffmpeg")
}

/// The static build, checked and put in place whole.
fn fetch(cache: &Path) -> Result<PathBuf> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("ffmpeg is fetched for Linux on x86-64 only; elsewhere install it, or set {VARIABLE} to one of your own");
    }
    let program = ours(cache);
    let folder = cache.join("ffmpeg");
    let _lock = cache::lock(&folder)?;
    if program.is_file() {
        return Ok(program);
    }
    pip::require("ffmpeg", "install it, or set METAFAS_FFMPEG to one of your own")?;
    cache::require_room(cache, 130_000_000)?;
    eprintln!("fetching ffmpeg: 29 MB to download, once, into {}", folder.display());
    let wheel = pip::fetch(&FFMPEG_WHEEL, &folder.join(".download"))?;
    place(&wheel, &folder)?;
    cache::remove(&folder.join(".download"))?;
    Ok(program)
}

/// Takes program and licence out of the wheel; the program gets its name last.
fn place(wheel: &Path, folder: &Path) -> Result<()> {
    let to = |name: &str| match name {
        FFMPEG_FILE => Some("ffmpeg.partial".to_owned()),
        _ => name.contains(".dist-info/LICENSE").then(|| "LICENSE".to_owned()),
    };
    let count = unpack::unpack(wheel, folder, to)?;
    let partial = folder.join("ffmpeg.partial");
    if count == 0 || !partial.is_file() {
        bail!("{} holds no {FFMPEG_FILE}; nothing was changed", wheel.display());
    }
    let told = || format!("{} cannot be put in place", partial.display());
    fs::set_permissions(&partial, fs::Permissions::from_mode(0o755)).with_context(told)?;
    fs::rename(&partial, folder.join("ffmpeg")).with_context(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack::tests::make_zip;

    #[test]
    fn the_program_is_put_in_place_whole_and_can_be_started() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("a.whl");
        make_zip(&wheel, &[("imageio_ffmpeg/_io.py", "python")]);
        assert!(place(&wheel, folder.path()).unwrap_err().to_string().contains("nothing was changed"));
        let script = "#!/bin/sh\necho ffmpeg version 7.0.2-static Copyright\n";
        make_zip(&wheel, &[(FFMPEG_FILE, script), ("imageio_ffmpeg-0.6.0.dist-info/LICENSE", "BSD")]);
        place(&wheel, folder.path()).unwrap();
        assert_eq!(version(&folder.path().join("ffmpeg")).as_deref(), Some("7.0.2-static"));
        assert!(folder.path().join("LICENSE").is_file() && !folder.path().join("ffmpeg.partial").exists());
    }
}
