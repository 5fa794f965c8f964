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

/// Builds the program for use and gives the path of its executable.
pub(crate) fn release(libtorch: &Libtorch) -> Result<PathBuf> {
    program(libtorch, &["build", "--release", "--bin", "metafas"])
}

/// Builds all that `cargo test --workspace` runs, in the same call as the program: asked for alone, the program would
/// have its dependencies compiled a second time, without the features that the tests switch on.
pub(crate) fn debug(libtorch: &Libtorch) -> Result<PathBuf> {
    program(libtorch, &["build", "--workspace", "--bins", "--tests"])
}

fn program(libtorch: &Libtorch, args: &[&str]) -> Result<PathBuf> {
    let mut command = cargo(Some(libtorch))?;
    command.args(args).arg("--message-format=json-render-diagnostics");
    executable(&shell::stdout(&mut command)?).context("cargo built no executable `metafas`")
}

fn executable(messages: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is = |path: &str, value: Value| message.pointer(path) == Some(&value);
        let ours = is("/target/name", "metafas".into()) && is("/target/kind/0", "bin".into());
        let path = message.get("executable")?.as_str()?;
        (ours && is("/profile/test", false.into())).then(|| path.into())
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
        let artifact = |name: &str, kind: &str, test: bool, path: &str| {
            let target = serde_json::json!({"name": name, "kind": [kind]});
            serde_json::json!({"target": target, "profile": {"test": test}, "executable": path}).to_string() + "\n"
        };
        let others = artifact("xtask", "bin", false, "/t/xtask")
            + &artifact("metafas", "lib", true, "/t/deps/metafas-1")
            + &artifact("metafas", "bin", true, "/t/deps/metafas-2")
            + "{\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executable(&others), None);
        let all = others + &artifact("metafas", "bin", false, "/t/metafas");
        assert_eq!(executable(&all), Some("/t/metafas".into()));
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
