//! cargo, called by a program that cargo itself started.

use crate::libtorch::Libtorch;
use crate::shell;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the workspace: the folder above this package, as cargo names it when it starts `cargo xtask`.
pub(crate) fn root() -> Result<PathBuf> {
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").context("call this as `cargo xtask`, from inside the project")?;
    let root = Path::new(&package).parent().context("the package xtask lies in no workspace")?;
    Ok(root.to_owned())
}

/// A call of cargo in the root that builds with this libtorch.
pub(crate) fn cargo(libtorch: Option<&Libtorch>) -> Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()?);
    // What cargo told us about xtask itself is not for the programs that the inner cargo starts.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_BIN_NAME" {
            command.env_remove(&name);
        }
    }
    // Our own environment may still hold the folder of before a set-up in this very call.
    if let Some(Libtorch::Ours(folder)) = libtorch {
        command.env("LIBTORCH", folder);
    }
    Ok(command)
}

/// Builds the program and gives the path of its executable.
pub(crate) fn build(libtorch: &Libtorch, release: bool) -> Result<PathBuf> {
    let mut command = cargo(Some(libtorch))?;
    command.args(["build", "--bin", "metafas", "--message-format=json-render-diagnostics"]);
    if release {
        command.arg("--release");
    }
    let messages = shell::stdout(&mut command)?;
    executable(&messages).context("cargo built no executable `metafas`")
}

fn executable(messages: &str) -> Option<PathBuf> {
    messages.lines().rev().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    })
}

/// The folder for what builds leave.
pub(crate) fn target() -> Result<PathBuf> {
    let text = shell::stdout(cargo(None)?.args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let value: Value = serde_json::from_str(&text).context("what `cargo metadata` says is not JSON")?;
    let folder = value.get("target_directory").and_then(Value::as_str);
    Ok(folder.context("`cargo metadata` names no target folder")?.into())
}

/// Whether cargo has this subcommand (rustfmt and clippy are components of their own).
pub(crate) fn has(subcommand: &str) -> bool {
    cargo(None).is_ok_and(|mut command| {
        let status = command.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_the_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","executable":"/t/debug/metafas"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages), Some("/t/debug/metafas".into()));
        assert_eq!(executable("{}"), None);
    }

    #[test]
    fn the_inner_cargo_gets_the_fresh_folder() {
        let command = cargo(Some(&Libtorch::Ours("/fresh".into()))).unwrap();
        let value = command.get_envs().find(|(name, _)| *name == "LIBTORCH").unwrap().1;
        assert_eq!(value, Some("/fresh".as_ref()));
        let own = cargo(Some(&Libtorch::Own("mine".into()))).unwrap();
        assert!(own.get_envs().all(|(name, _)| name != "LIBTORCH"));
    }
}
