//! `.cargo/local.toml`, which `.cargo/config.toml` includes and git ignores: it tells plain `cargo build`, `cargo test`
//! and an editor where libtorch is. Set-up owns one marked line of it; every other line is the user's.
//!
//! `force = false` lets a `LIBTORCH` of the environment win.

use crate::cargo;
use anyhow::{Context, Result};
use std::fs;

const MARK: &str = "# written by `cargo xtask setup`";

/// The folder that set-up wrote into the file.
pub(crate) fn recorded() -> Result<Option<String>> {
    Ok(find(&read()?))
}

/// Writes the folder into the file, unless the user has a line of their own there.
pub(crate) fn record(folder: &str) -> Result<()> {
    let old = read()?;
    let new = with(&old, folder);
    if new != old {
        let path = cargo::root()?.join(".cargo/local.toml");
        let aside = path.with_extension("toml.new");
        fs::write(&aside, new).with_context(|| format!("{} cannot be written", aside.display()))?;
        fs::rename(&aside, &path).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn read() -> Result<String> {
    let path = cargo::root()?.join(".cargo/local.toml");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

fn is_ours(line: &str) -> bool {
    line.trim_end().ends_with(MARK)
}

fn find(text: &str) -> Option<String> {
    let line = text.lines().find(|line| is_ours(line))?;
    let value = line.split_once("value = \"")?.1.split_once("\", force")?.0;
    Some(value.replace("\\\"", "\"").replace("\\\\", "\\"))
}

fn with(text: &str, folder: &str) -> String {
    let value = folder.replace('\\', "\\\\").replace('"', "\\\"");
    let ours = format!("LIBTORCH = {{ value = \"{value}\", force = false }} {MARK}");
    let mut lines: Vec<&str> = text.lines().collect();
    if let Some(index) = lines.iter().position(|line| is_ours(line)) {
        lines[index] = &ours;
    } else if lines.iter().any(|line| is_setting_of_libtorch(line)) {
        return text.to_owned();
    } else if let Some(index) = lines.iter().position(|line| line.trim() == "[env]") {
        lines.insert(index + 1, &ours);
    } else {
        if !lines.is_empty() {
            lines.push("");
        }
        lines.extend(["[env]", &ours]);
    }
    lines.join("\n") + "\n"
}

/// A user's own `LIBTORCH = …`, `env.LIBTORCH = …` or `[env.LIBTORCH]`.
fn is_setting_of_libtorch(line: &str) -> bool {
    let line = line.trim().trim_start_matches('[').trim_start_matches("env.").trim_start_matches('"');
    line.strip_prefix("LIBTORCH").is_some_and(|rest| rest.trim_start().starts_with(['=', '.', ']', '"']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_twice_changes_nothing() {
        let once = with("", "/cache/libtorch/cpu");
        assert_eq!(find(&once).as_deref(), Some("/cache/libtorch/cpu"));
        assert_eq!(with(&once, "/cache/libtorch/cpu"), once);
        let moved = with(&once, "/other");
        assert_eq!(find(&moved).as_deref(), Some("/other"));
        assert_eq!(moved.lines().count(), once.lines().count());
    }

    #[test]
    fn the_user_s_lines_stay() {
        let user = "# mine\n[build]\njobs = 1\n\n[env]\nRUST_LOG = \"info\"\n[net]\noffline = true\n";
        let text = with(user, "/a b\"c");
        assert_eq!(find(&text).as_deref(), Some("/a b\"c"));
        for line in user.lines() {
            assert!(text.lines().any(|other| other == line), "{line}");
        }
        assert_eq!(text.matches("[env]").count(), 1);
        let env = text.find("[env]").unwrap();
        let ours = text.find("LIBTORCH").unwrap();
        assert!(env < ours && ours < text.find("[net]").unwrap());
    }

    #[test]
    fn the_user_s_own_libtorch_line_is_left_alone() {
        for user in
            ["[env]\nLIBTORCH = \"/mine\"\n", "env.LIBTORCH = \"/mine\"\n", "[env.LIBTORCH]\nvalue = \"/mine\"\n"]
        {
            assert_eq!(with(user, "/ours"), user);
            assert_eq!(find(user), None);
        }
    }
}
