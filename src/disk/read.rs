//! Reading whole files, up to a limit: a file without end, or a sparse one of terabytes, is a sentence and not the end of
//! the program.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Settings and the like: run.toml, a sweep, results.json.
pub const LARGEST_TEXT: u64 = 64 << 20;
/// Lists with a line a clip or a face: manifests, side-cars, score files.
pub const LARGEST_LIST: u64 = 512 << 20;
/// Logs with a line an iteration.
pub const LARGEST_LOG: u64 = 1 << 30;
/// Checkpoints, maps and weights.
pub const LARGEST_TENSORS: u64 = 16 << 30;

/// The bytes of a file that has at most `limit` of them.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    let too_large = || {
        let what = format!("the file is larger than {} MB, the most that is read here", limit >> 20);
        io::Error::new(io::ErrorKind::FileTooLarge, what)
    };
    if about.is_file() && about.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(about.len().min(limit) as usize)?;
    // Files of /proc and pipes do not say how long they are, and a file may grow.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

/// Whether `path` may be replaced by a file that begins in one of these ways: nothing is there, nothing is in it, or a file
/// of that kind. A device or a pipe may be written to.
pub fn may_replace(path: &Path, beginnings: &[&[u8]]) -> bool {
    if std::fs::metadata(path).map_or(true, |m| !m.is_file() || m.len() == 0) {
        return true;
    }
    let mut head = vec![];
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut head));
    read.is_ok() && beginnings.iter().any(|b| head.starts_with(b))
}

/// [`read`] as text, which must be UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "the file is no UTF-8 text");
    String::from_utf8(read(path, limit)?).map_err(not_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_without_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(read_text(&path, 3).unwrap(), "abc");
        for (path, limit) in [(path.as_path(), 2), (Path::new("/dev/zero"), 1 << 20)] {
            let error = read(path, limit).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::FileTooLarge, "{error}");
        }
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let error = read(&path, LARGEST_TENSORS).unwrap_err().to_string();
        assert!(error.contains("larger than 16384 MB"), "{error}");
        std::fs::write(&path, b"\xff").unwrap();
        assert!(read_text(&path, 3).unwrap_err().to_string().contains("UTF-8"));
        assert!(!may_replace(&path, &[b"<svg"]) && may_replace(&path, &[b"%", b"\xff"]));
        assert!(may_replace(Path::new("/dev/null"), &[]) && may_replace(&dir.path().join("new"), &[]));
    }
}
