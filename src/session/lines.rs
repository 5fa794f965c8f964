//! Files of one JSON value per line, as a crash or a full disk leaves them: the last line may be half written. It is cut before the
//! next line is appended, so that nothing is glued to it.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde_json::Value;

use super::SessionError;

/// Makes `path` end with a line break: an unfinished last line is cut, a whole one gets its line break. True when a line was cut.
pub fn close_last_line(path: &Path) -> Result<bool, SessionError> {
    let bytes = match crate::disk::read(path, crate::disk::LARGEST_LOG) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
        read => read.map_err(SessionError::io("read", path))?,
    };
    let whole = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    if whole == bytes.len() {
        return Ok(false);
    }
    let complete = serde_json::from_slice::<Value>(&bytes[whole..]).is_ok_and(|v| v.is_object());
    let mut file = super::files::append(path)?;
    let mend = if complete { file.write_all(b"\n") } else { file.set_len(whole as u64) };
    mend.map_err(SessionError::io("write", path))?;
    Ok(!complete)
}

/// What is said of a cut line.
pub fn cut_sentence(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{name} ended in half a line, which was removed: {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_lines_are_cut_and_whole_ones_closed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.jsonl");
        assert!(!close_last_line(&path).unwrap(), "no file is no damage");
        for (before, after, cut) in [
            ("", "", false),
            ("{\"a\":1}\n", "{\"a\":1}\n", false),
            ("{\"a\":1}\n{\"b", "{\"a\":1}\n", true),
            ("{\"a\":1}\n{\"b\":2}", "{\"a\":1}\n{\"b\":2}\n", false),
            ("{\"a\":1}\n12", "{\"a\":1}\n", true),
            ("{\"b", "", true),
        ] {
            std::fs::write(&path, before).unwrap();
            assert_eq!(close_last_line(&path).unwrap(), cut, "{before}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), after, "{before}");
        }
    }
}
