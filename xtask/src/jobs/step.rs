//! A student configures a tiny run, starts it, pauses it, and takes Algorithm 1 phase by phase, on and back.

use crate::window::{Control, Person, named, saying, starting};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Iterations of pretraining, and where the run is taken if it is paused before their end: into Algorithm 1.
const PRETRAIN: &str = "6";
const TARGET: &str = "9";
/// So many that the run cannot end before it is paused.
const BILEVEL: &str = "5000";

pub(super) fn steps(person: &mut Person, home: &Path) -> Result<()> {
    configure(person)?;
    person.presses(&named("Start training"))?;
    person.sees(&named("running"))?;
    person.strikes("Space")?;
    person.sees(&named("paused"))?;
    let session = home.join("sessions/demo-1");
    ensure!(session.join("run.toml").is_file(), "there is no session folder {}", session.display());
    ensure!(state(&session)? == "paused", "the window says paused and status.json {}", state(&session)?);

    let learnt = format!("Pretraining: {PRETRAIN} / {PRETRAIN}");
    let whole = person
        .finds("how far pretraining is", |all| starting("Pretraining: ").all(all).first().map(|c| c.name == learnt))?;
    if !whole {
        person.strikes("G")?;
        person.presses(&named("Iteration"))?;
        person.writes(TARGET)?;
        person.strikes("Enter")?;
        person.sees(&named(&learnt))?;
        person.sees(&named("paused"))?;
    }
    person.strikes("Ctrl+2")?;
    let first = person.finds("the phase that comes next", next)?;
    person.photographs()?;
    let second = takes(person, &first)?;
    let third = takes(person, &second)?;
    ensure!(first != second && second != third, "after `{first}` come `{second}` and `{third}`");
    person.photographs()?;
    person.presses(&named("Back one phase"))?;
    person.finds(&format!("`{second}` to come again"), |all| next(all).filter(|n| *n == second))?;
    person.sees(&named("paused"))?;
    person.photographs()?;

    person.presses(&named("Stop"))?;
    person.sees(&named("stopped"))?;
    ensure!(state(&session)? == "stopped", "the window says stopped and status.json {}", state(&session)?);
    ensure!(session.join("metrics.jsonl").metadata()?.len() > 0, "the session has no metrics");
    Ok(())
}

/// Small faces, few of them, and a short way to Algorithm 1.
fn configure(person: &mut Person) -> Result<()> {
    person.presses(&named("tiny"))?;
    person.presses(&named("Protocol"))?;
    person.presses(&saying("(oulu_npu/1)"))?;
    enters(person, "Bi-level training", BILEVEL)?;
    // The form is longer than its place, which ends above what a run costs.
    let (form, foot) = (named("Setting").below("Bi-level training"), starting("FAS-DR(MT): an iteration"));
    person.points(&form, 0.5)?;
    person.scrolls_to(&named("Pretraining"), &foot)?;
    person.presses(&named("Pretraining"))?;
    person.scrolls_to(&named("Iterations").below("Pretraining"), &foot)?;
    enters(person, "Pretraining", PRETRAIN)?;
    person.photographs()
}

/// Types a number of iterations below a heading of the form.
fn enters(person: &mut Person, heading: &str, number: &str) -> Result<()> {
    let field = named("Iterations").below(heading);
    person.presses(&field)?;
    person.writes(number)?;
    person.strikes("Enter")?;
    let what = format!("{number} iterations of {heading}");
    person.finds(&what, |all| field.all(all).iter().any(|c| c.value == number).then_some(()))
}

/// Takes a phase by its key; when it is lit as done, which one comes next.
fn takes(person: &mut Person, phase: &str) -> Result<String> {
    person.strikes(".")?;
    let done = named(&format!("{phase}, current"));
    let next = person.finds(&format!("{phase} lit and another next"), |all| {
        next(all).filter(|n| n != phase && !done.all(all).is_empty())
    })?;
    person.sees(&named("paused"))?;
    Ok(next)
}

/// The phase that comes next, as the Step pane lists it: marked so, or lit where none of the iteration was seen done.
fn next(all: &[Control]) -> Option<String> {
    let marked = |mark: &str| all.iter().find_map(|c| c.name.strip_suffix(mark).map(str::to_owned));
    marked(", next").or_else(|| marked(", current"))
}

/// The state that the session's status.json tells.
fn state(session: &Path) -> Result<String> {
    let file = session.join("status.json");
    let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let value: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    Ok(value.get("state").and_then(Value::as_str).unwrap_or_default().to_owned())
}
