//! Paths as they come from a disk. A file's name may hold bytes that are no UTF-8, for which JSON has no place and serde has
//! an error; each such byte becomes U+FFFD in JSON, since a result must not be lost over a name. Readers of such JSON see
//! the name, but cannot open the path. And what stands at a path need not be a file.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::Serializer;

/// `path` as text.
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Opens a file of the disk for reading. A pipe or a device in its place is an error: opening a pipe that nobody writes to
/// would wait for ever.
pub fn open_file(path: &Path) -> io::Result<File> {
    if path.metadata()?.is_file() { File::open(path) } else { Err(io::Error::other("this is no ordinary file")) }
}

/// For `#[serde(serialize_with = "…")]`.
pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn a_pipe_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(open_file(&pipe).unwrap_err().to_string().contains("no ordinary file"));
        assert!(open_file(folder.path()).is_err());
        assert!(open_file(&folder.path().join("none")).is_err());
    }

    #[derive(serde::Serialize)]
    struct Named {
        #[serde(serialize_with = "serialize")]
        path: std::path::PathBuf,
    }

    #[test]
    fn names_that_are_not_utf8() {
        let path = Path::new(OsStr::from_bytes(b"/a/Sitzungen_\xfcber")).to_owned();
        assert_eq!(text(&path), "/a/Sitzungen_\u{fffd}ber");
        let json = serde_json::to_string(&Named { path }).unwrap();
        assert_eq!(json, "{\"path\":\"/a/Sitzungen_\u{fffd}ber\"}");
    }
}
