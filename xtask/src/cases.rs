//! `cargo xtask cases`: inputs that once made the program crash, lose work or mislead, each with a verdict.
//!
//! A case is a folder `tests/cases/GROUP/NN_name` with a `run.sh` that uses the program as its users do and closes with
//! the number of expectations that hold and that do not. This module copies the cases, runs the scripts one after
//! another, reads those closing lines and counts what could not be run. What a case expects is said in its script.

use crate::{cache, cargo, libtorch, shell, usage};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Where the groups of cases lie in the project, and the list of the cases that take seconds.
const CASES: &str = "tests/cases";
const QUICK: &str = "tests/cases/quick.txt";

/// A case that takes longer counts as failed.
const LIMIT: Duration = Duration::from_mins(20);

/// The exit code by which a script says that this machine lacks what it needs.
const LACKING: i32 = 77;

/// Programs that scripts start and that a machine may lack.
const TOOLS: [&str; 12] = [
    "Xvfb",
    "xdotool",
    "xclip",
    "import",
    "pdffonts",
    "pdfinfo",
    "pdftotext",
    "unshare",
    "strace",
    "dbus-daemon",
    "ffmpeg",
    "gcc",
];

/// What came of one case.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Counted {
        hold: usize,
        fail: usize,
    },
    NotRun(String),
    /// The script ended without its closing line, or took too long.
    Broken(String),
}

/// `cases [--quick] [WORD…]`: all cases, the quick ones, or those with one of the words in their name.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let mut quick = false;
    let mut words = vec![];
    for arg in args {
        match arg.as_str() {
            "--quick" => quick = true,
            flag if flag.starts_with('-') => return Err(usage(format!("`cases` has no option `{flag}`"))),
            word => words.push(word.to_owned()),
        }
    }
    let libtorch = libtorch::ensure()?;
    let program = match std::env::var_os("METAFAS") {
        Some(named) => PathBuf::from(named),
        None => cargo::debug(&libtorch)?,
    };
    all(&program, quick, &words)
}

/// The cases that take seconds; a part of `cargo xtask test`.
pub(crate) fn quick(program: &Path) -> Result<()> {
    all(program, true, &[])
}

fn all(program: &Path, quick: bool, words: &[String]) -> Result<()> {
    let root = cargo::root()?;
    let listed = quick.then(|| listed(&root.join(QUICK))).transpose()?;
    let wanted = |name: &str| {
        listed.as_ref().is_none_or(|listed| listed.iter().any(|one| one == name))
            && (words.is_empty() || words.iter().any(|word| name.contains(word.as_str())))
    };
    let names: Vec<String> = names(&root.join(CASES))?.into_iter().filter(|name| wanted(name)).collect();
    if names.is_empty() {
        return Err(usage("no case has one of these words in its name"));
    }
    if let Some(missing) = listed.iter().flatten().find(|one| words.is_empty() && !names.contains(one)) {
        bail!("{QUICK} lists the case `{missing}`, which does not exist");
    }
    let target = cargo::target()?.join("cases");
    let copy = target.join("run");
    cache::remove(&copy)?;
    let logs = target.join("logs");
    fs::create_dir_all(&copy).and_then(|()| fs::create_dir_all(&logs))?;
    // `cp` keeps names that are not UTF-8, modes and links.
    shell::run(Command::new("cp").arg("-a").arg(root.join(CASES).join(".")).arg(&copy))?;
    let (mut hold, mut fail, mut not_run, mut bad) = (0, 0, vec![], vec![]);
    for name in &names {
        let begun = Instant::now();
        let log = logs.join(name.replace('/', "-") + ".log");
        let outcome = one(program, &root, &copy.join(name), &target.join("cache"), &log)?;
        let took = shell::duration(begun.elapsed());
        match outcome {
            Outcome::Counted { hold: good, fail: wrong } => {
                eprintln!("{name}: {good} hold, {wrong} fail, {took}");
                hold += good;
                fail += wrong;
                if wrong > 0 {
                    bad.push(format!("{name} ({wrong} fail)"));
                }
            }
            Outcome::NotRun(why) => {
                eprintln!("{name}: not run, {why}");
                not_run.push(format!("{name} ({why})"));
            }
            Outcome::Broken(why) => {
                eprintln!("{name}: {why}, {took}");
                bad.push(format!("{name} ({why})"));
            }
        }
    }
    println!("{} cases: {hold} expectations hold, {fail} fail, {} cases not run", names.len(), not_run.len());
    for one in &not_run {
        println!("  not run: {one}");
    }
    if !bad.is_empty() {
        bail!("{} of {} cases fail: {}; their output is in {}", bad.len(), names.len(), bad.join(", "), logs.display());
    }
    Ok(())
}

/// Lines of the list, without blank lines and comments.
fn listed(path: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(Into::into).collect())
}

/// `GROUP/NN_name` of every folder with a `run.sh`, in order.
fn names(cases: &Path) -> Result<Vec<String>> {
    let mut found = vec![];
    for group in folders(cases)? {
        for case in folders(&cases.join(&group))? {
            if cases.join(&group).join(&case).join("run.sh").is_file() {
                found.push(format!("{group}/{case}"));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn folders(path: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut found = vec![];
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

fn one(program: &Path, root: &Path, folder: &Path, faces: &Path, log: &Path) -> Result<Outcome> {
    let script = folder.join("run.sh");
    if let Some(tool) = lacking(&script)? {
        return Ok(Outcome::NotRun(format!("`{tool}` is not installed")));
    }
    let file = File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
    let mut child = Command::new("timeout")
        .args(["--kill-after=10", &LIMIT.as_secs().to_string(), "bash"])
        .arg(&script)
        .envs([("METAFAS", program), ("METAFAS_CACHE", faces), ("REPO", root)])
        .env("PYTHON", "python3")
        // The layout of the user's own window is none of a case's.
        .env("METAFAS_CONFIG", folder.join("_config"))
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .context("`timeout` could not be started")?;
    let status = child.wait()?;
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    Ok(outcome(&text, status.code()))
}

/// A tool that the script, or the screen that it shares with others, starts and that is not there.
fn lacking(script: &Path) -> Result<Option<&'static str>> {
    let mut text = fs::read_to_string(script).with_context(|| format!("{} cannot be read", script.display()))?;
    if text.contains("lib_gui.sh") {
        text.push_str("\nXvfb xdotool import\n");
    }
    let starts = |tool: &str| {
        text.lines().filter(|line| !line.trim_start().starts_with('#')).any(|line| {
            line.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).any(|word| word == tool)
                // `import` is a word of Python, and one of the program's own.
                && (tool != "import" || !line.contains("import ") || line.contains("-window"))
        })
    };
    Ok(TOOLS.into_iter().find(|tool| starts(tool) && shell::which(tool).is_none()))
}

/// Reads the closing line: `RESULT name: 3 pass, 0 fail` or `== name: 3 ok, 0 not ok`.
fn outcome(text: &str, code: Option<i32>) -> Outcome {
    let closing = text.lines().rev().find(|line| line.starts_with("RESULT ") || line.starts_with("== "));
    let Some((_, counts)) = closing.and_then(|line| line.split_once(": ")) else {
        return Outcome::Broken(match code {
            Some(124 | 137) => format!("it takes more than {}", shell::duration(LIMIT)),
            _ => "the script ends without a result".into(),
        });
    };
    if code == Some(LACKING) || counts.starts_with("could not run") {
        return Outcome::NotRun(counts.trim_start_matches("could not run").trim_matches([' ', '(', ')']).to_owned());
    }
    let mut numbers = counts.split(", ").map(|part| part.split(' ').next().and_then(|number| number.parse().ok()));
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(0), Some(0)) => Outcome::Broken("it checks nothing".into()),
        (Some(hold), Some(fail)) => Outcome::Counted { hold, fail },
        _ => Outcome::Broken(format!("its closing line is not understood: {counts}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted() {
        let training = "  PASS  a\nRESULT 07_names: 11 pass, 2 fail\n";
        assert_eq!(outcome(training, Some(0)), Outcome::Counted { hold: 11, fail: 2 });
        let data = "$ metafas\n\n== 22_ties: 6 ok, 0 not ok\n";
        assert_eq!(outcome(data, Some(0)), Outcome::Counted { hold: 6, fail: 0 });
    }

    #[test]
    fn a_case_without_a_verdict_fails() {
        assert!(matches!(outcome("", Some(0)), Outcome::Broken(_)));
        assert!(matches!(outcome("RESULT a: 0 pass, 0 fail", Some(0)), Outcome::Broken(_)));
        assert!(matches!(outcome("RESULT a: many", Some(0)), Outcome::Broken(_)));
    }

    #[test]
    fn a_case_that_lacks_a_tool_is_counted_apart() {
        let text = "RESULT 06_disk: could not run (no private mounts)";
        assert_eq!(outcome(text, Some(LACKING)), Outcome::NotRun("no private mounts".into()));
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("run.sh");
        fs::write(&script, "# xdotool\npython3 -c 'import json'\n").unwrap();
        assert_eq!(lacking(&script).unwrap(), None);
    }

    #[test]
    fn the_quick_cases_exist() {
        let root = cargo::root().unwrap();
        let all = names(&root.join(CASES)).unwrap();
        for name in listed(&root.join(QUICK)).unwrap() {
            assert!(all.contains(&name), "{name}");
        }
    }
}
