//! A folder in which a run was killed before its first checkpoint. It is no session yet, and neither is it taken: a new run
//! may begin there.

use std::fs;
use std::path::Path;

use super::{Lock, Look};

/// Whether `path` is empty, or holds nothing but what a run leaves that was killed before its first checkpoint: our lock,
/// run.toml, and files that are written again when a run begins there. Nothing in it is deleted for that.
pub fn is_unborn(path: &Path) -> std::io::Result<bool> {
    const FILES: [&str; 7] =
        [".writable", "status.lock", "status.json", "run.toml", "metrics.jsonl", "timing.jsonl", "commands.jsonl"];
    const FOLDERS: [&str; 4] = ["maps", "checkpoints", "scores", "figures"];
    let mut names = vec![];
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        let inside =
            if kind.is_dir() { Some(fs::read_dir(entry.path())?.collect::<Result<Vec<_>, _>>()?) } else { None };
        let known = match inside {
            None => kind.is_file() && FILES.contains(&name.trim_end_matches(".new")),
            Some(files) if name == "maps" => files.iter().all(|f| {
                f.file_name().to_string_lossy().starts_with("faces.")
                    || f.file_name().to_string_lossy().starts_with("000000.")
            }),
            Some(files) if name == "checkpoints" => {
                files.iter().all(|f| f.file_name().to_string_lossy().ends_with(".new"))
            }
            Some(files) => FOLDERS.contains(&name.as_str()) && files.is_empty(),
        };
        if !known {
            return Ok(false);
        }
        names.push(name);
    }
    // A folder of these names that no run of this program has begun is somebody else's.
    Ok(names.is_empty()
        || names.iter().any(|name| name == "status.lock") && Lock::look_at_session(path) != Look::Missing)
}
