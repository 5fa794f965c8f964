//! Paths in JSON. A file's name may hold bytes that are no UTF-8, for which JSON has no place and serde has an error; each
//! such byte becomes U+FFFD there, since a result must not be lost over a name. Readers of such a file see the name, but
//! cannot open the path.

use std::path::Path;

use serde::Serializer;

/// `path` as text.
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
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
