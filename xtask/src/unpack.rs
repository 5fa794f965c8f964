//! Takes the wanted files out of a wheel, which is a zip file.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::path::{Component, Path};

/// Unpacks into `folder` what `destination` gives a place; returns how many files that were.
pub(crate) fn unpack(wheel: &Path, folder: &Path, destination: impl Fn(&str) -> Option<String>) -> Result<usize> {
    let file = File::open(wheel).with_context(|| format!("{} cannot be read", wheel.display()))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .with_context(|| format!("{} is not a whole wheel", wheel.display()))?;
    let mut count = 0;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).with_context(|| format!("{} is damaged", wheel.display()))?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().with_context(|| format!("{} is damaged", wheel.display()))?;
        let Some(to) = destination(&name) else { continue };
        // A wheel is checked against its hash before; this holds for any other zip file, too.
        if !Path::new(&to).components().all(|part| matches!(part, Component::Normal(_))) {
            anyhow::bail!("{} wants to write outside of its folder: {to}", wheel.display());
        }
        let path = folder.join(&to);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("the folder {} cannot be made", parent.display()))?;
        }
        if let Err(error) = write(&mut entry, &path) {
            let why = if error.kind() == io::ErrorKind::StorageFull {
                "did not fit: the disk is full; make room, or set METAFAS_CACHE to a folder on another disk"
            } else {
                "cannot be written"
            };
            return Err(error).with_context(|| format!("{} {why}", path.display()));
        }
        count += 1;
    }
    Ok(count)
}

fn write(from: &mut impl io::Read, path: &Path) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    io::copy(from, &mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_data()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    pub(crate) fn make_zip(path: &Path, files: &[(&str, &str)]) {
        let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
        for (name, text) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }

    #[test]
    fn takes_only_what_has_a_place() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("a.whl");
        make_zip(&wheel, &[("lib/a.so", "alpha"), ("other.py", "no")]);
        let count = unpack(&wheel, folder.path(), |name| name.strip_prefix("lib/").map(|f| format!("to/{f}"))).unwrap();
        assert_eq!(count, 1);
        assert_eq!(fs::read_to_string(folder.path().join("to/a.so")).unwrap(), "alpha");
    }

    #[test]
    fn nothing_is_written_outside() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("a.whl");
        make_zip(&wheel, &[("a", "alpha")]);
        assert!(unpack(&wheel, &folder.path().join("in"), |_| Some("../out".into())).is_err());
        assert!(!folder.path().join("out").exists());
    }

    #[test]
    fn a_cut_wheel_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("a.whl");
        make_zip(&wheel, &[("a", "alpha")]);
        let bytes = fs::read(&wheel).unwrap();
        fs::write(&wheel, &bytes[..bytes.len() - 20]).unwrap();
        assert!(unpack(&wheel, folder.path(), |name| Some(name.into())).is_err());
    }
}
