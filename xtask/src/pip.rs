//! Python's installer as a downloader: it is on every machine that has Python and knows the user's mirrors and proxies.

use crate::pins::{PLATFORMS, PYTHON_VERSION, Wheel};
use crate::{cache, shell, system};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How often a fetch is tried before it is given up.
const TRIES: usize = 3;

/// Fails with a sentence unless `python3 -m pip` works, with which `what` is fetched; `or` is what else can be done.
pub(crate) fn require(what: &str, or: &str) -> Result<()> {
    system::install(&format!("fetch {what}"), system::FETCH)?;
    if version().is_none() {
        bail!(
            "`python3 -m pip` does not work, and {what} is fetched with it; on Debian or Ubuntu: {}; or {or} \
             (docs/setup.md)",
            system::install_line(&["python3", "python3-pip"])
        );
    }
    Ok(())
}

/// What `python3 -m pip --version` says, without the folder.
pub(crate) fn version() -> Option<String> {
    let text = shell::ask("python3", &["-m", "pip", "--version"])?;
    Some(text.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

/// Gets one wheel into `folder` and checks it; a good one that is there already is kept.
pub(crate) fn fetch(wheel: &Wheel, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    if let Some(file) = find(wheel, folder)? {
        if verify(&file, wheel).is_ok() {
            return Ok(file);
        }
        cache::remove(&file)?;
    }
    let requirement = format!("{}=={}", wheel.package, wheel.version);
    let mut args: Vec<&str> = vec!["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"];
    args.extend(["--python-version", PYTHON_VERSION, "--implementation", "cp"]);
    for platform in PLATFORMS {
        args.extend(["--platform", platform]);
    }
    args.push("--dest");
    let mut command = Command::new("python3");
    command.args(args).arg(folder).arg(&requirement);
    run(&mut command, &requirement)?;
    let file =
        find(wheel, folder)?.with_context(|| format!("pip said it fetched {requirement}, but it is not there"))?;
    verify(&file, wheel)?;
    Ok(file)
}

/// The wheel in `folder`, by the name that the format prescribes.
fn find(wheel: &Wheel, folder: &Path) -> Result<Option<PathBuf>> {
    let start = format!("{}-{}-", wheel.package.replace('-', "_"), wheel.version);
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&start) && name.ends_with(".whl") {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Refuses a wheel whose bytes are not the pinned ones.
pub(crate) fn verify(file: &Path, wheel: &Wheel) -> Result<()> {
    let found = sha256(file)?;
    if found != wheel.sha256 {
        bail!(
            "{} {} has sha256 {found}, not {}: it is broken or not the file that was published; it was not used",
            wheel.package,
            wheel.version,
            wheel.sha256
        );
    }
    Ok(())
}

fn sha256(file: &Path) -> Result<String> {
    let mut reader = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = reader.read(&mut buffer).with_context(|| format!("{} cannot be read", file.display()))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}

/// Why a call of pip failed, as far as its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Offline,
    DiskFull,
    Missing,
    Other,
}

fn cause(words: &str) -> Cause {
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if has(&["No space left on device", "Disk quota exceeded"]) {
        Cause::DiskFull
    } else if has(&[
        "name resolution",
        "establish a new connection",
        "Network is unreachable",
        "ProxyError",
        "getaddrinfo",
    ]) {
        Cause::Offline
    } else if has(&["No matching distribution found"]) {
        Cause::Missing
    } else {
        Cause::Other
    }
}

/// Runs pip, its progress on our stderr; tries again after a broken connection.
pub(crate) fn run(command: &mut Command, what: &str) -> Result<()> {
    command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_NO_INPUT", "1").stdin(Stdio::null());
    for attempt in 1.. {
        let Some(words) = once(command)? else { return Ok(()) };
        match cause(&words) {
            Cause::Offline => bail!(
                "pip could not reach its package index to fetch {what}: is there a network? Behind a proxy or with a \
                 mirror, tell pip (PIP_PROXY, PIP_INDEX_URL); without any network see `Offline` in docs/setup.md"
            ),
            Cause::DiskFull => {
                bail!("the disk is full: {what} did not fit; make room, or set METAFAS_CACHE or TMPDIR to another disk")
            }
            Cause::Missing => {
                bail!("pip's package index does not have {what}; if it is a mirror, it may be incomplete")
            }
            Cause::Other if attempt == TRIES => {
                bail!("pip could not fetch {what} in {TRIES} tries; its own words are above")
            }
            Cause::Other => eprintln!("fetching {what} failed; trying again ({} of {TRIES})", attempt + 1),
        }
    }
    Ok(())
}

/// One run; `None` when it went well, else what it complained about.
fn once(command: &mut Command) -> Result<Option<String>> {
    let mut child = command
        .stdout(Stdio::from(std::io::stderr()))
        .stderr(Stdio::piped())
        .spawn()
        .context("python3 could not be started")?;
    let mut words = String::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n') {
            let line = line.context("pip's messages cannot be read")?;
            let line = String::from_utf8_lossy(&line);
            eprintln!("{line}");
            words.push_str(&line);
            words.push('\n');
        }
    }
    let status = child.wait().context("pip cannot be waited for")?;
    Ok((!status.success()).then_some(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Wheel = Wheel {
        package: "a-b",
        version: "1.0",
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    };

    #[test]
    fn a_wheel_with_other_bytes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a_b-1.0-py3-none-any.whl");
        fs::write(&file, "abc").unwrap();
        verify(&file, &SMALL).unwrap();
        fs::write(&file, "abd").unwrap();
        let error = verify(&file, &SMALL).unwrap_err().to_string();
        assert!(error.contains("a-b 1.0") && error.contains("not used"), "{error}");
    }

    #[test]
    fn a_good_wheel_that_is_there_is_kept_without_asking_pip() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a_b-1.0-py3-none-any.whl");
        fs::write(folder.path().join("a_b-1.01-py3-none-any.whl"), "x").unwrap();
        fs::write(&file, "abc").unwrap();
        assert_eq!(fetch(&SMALL, folder.path()).unwrap(), file);
    }

    #[test]
    fn pip_s_words_are_understood() {
        assert_eq!(
            cause("… Temporary failure in name resolution …\nERROR: No matching distribution found"),
            Cause::Offline
        );
        assert_eq!(cause("OSError: [Errno 28] No space left on device"), Cause::DiskFull);
        assert_eq!(cause("ERROR: No matching distribution found for x==1"), Cause::Missing);
        assert_eq!(cause("ReadTimeoutError"), Cause::Other);
    }
}
