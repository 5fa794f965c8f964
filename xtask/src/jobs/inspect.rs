//! A researcher opens the sample session, reads pixels of its maps, goes back in time, looks through the judged faces with
//! another threshold, and lists the session for a comparison.

use crate::window::{Control, Person, named, saying, starting};
use anyhow::{Context, Result, ensure};
use std::path::Path;

pub(super) fn steps(person: &mut Person, home: &Path) -> Result<()> {
    person.presses(&named("Open the sample session"))?;
    person.sees(&named("finished"))?;
    person.sees(&starting("Maps of iteration "))?;

    // One pixel and another: the raw values in all maps, below them.
    let map = starting("Teacher, ");
    let mut readouts = vec![];
    for part in [0.3, 0.7] {
        person.points(&map, part)?;
        let readout = person.finds("raw values other than before", |all| {
            let told = saying(" · row ").all(all).first().map(|c| c.name.clone());
            told.filter(|t| t.contains(" · teacher ") && !readouts.contains(t))
        })?;
        readouts.push(readout);
    }
    person.photographs()?;

    let time = named("Time cursor");
    let newest = stands(&person.sees(&time)?)?;
    person.drags(&time, 0.99, 0.4)?;
    let now = person.finds("earlier maps", |all| {
        let at = time.all(all).first().and_then(|c| c.number)?;
        (at < newest).then_some(at)
    })?;
    ensure!(now > 0.0, "the time cursor was dragged to the middle and went to {now} of {newest}");
    person.finds("`Newest` no longer ticked", |all| named("Newest").all(all).first().filter(|c| !c.on).map(|_| ()))?;
    person.photographs()?;

    faces(person)?;
    compare(person)?;
    // To look is not to change.
    ensure!(!home.join("sessions/demo/notes.md").exists(), "looking at a session wrote notes into it");
    Ok(())
}

/// Verdicts, order, threshold, one face closely.
fn faces(person: &mut Person) -> Result<()> {
    person.presses(&named("Faces"))?;
    person.sees(&starting("All 180"))?;
    person.sees(&named("flipped 0"))?;
    person.presses(&starting("L→S "))?;
    let listed = |all: &[Control]| starting("L→S live").all(all).len();
    let verdict = person.finds("faces of one verdict alone", |all| {
        let alone = listed(all) > 0 && starting("S→S ").all(all).len() == 1;
        starting("L→S ").all(all).first().filter(|c| alone && c.on).map(|c| c.name.clone())
    })?;
    let counted = person.finds("the faces of that verdict", |all| Some(listed(all)))?;
    ensure!(verdict == format!("L→S {counted}"), "{counted} faces are shown behind `{verdict}`");
    person.presses(&named("Order of faces"))?;
    person.presses(&named("worst error"))?;
    person.finds("the order chosen", |all| {
        named("Order of faces").all(all).into_iter().find(|c| c.value.starts_with("by worst error")).map(|_| ())
    })?;
    person.photographs()?;

    person.presses(&starting("All 180"))?;
    let slider = named("Threshold");
    let before = stands(&person.sees(&slider)?)?;
    let handle = part(&person.sees(&slider)?)?;
    person.drags(&slider, handle, 0.9)?;
    person.sees(&named("moved: an oracle"))?;
    person.finds("faces that are flipped", |all| {
        let now = slider.all(all).first().and_then(|c| c.number)?;
        let flipped = starting("flipped ").all(all).first()?.name["flipped ".len()..].parse::<u32>().ok()?;
        (now > before && flipped > 0).then_some(())
    })?;
    person.presses(&starting("S→L "))?;
    person.presses(&saying(", score "))?;
    person.sees(&named("Face looked at closely"))?;
    person.photographs()
}

/// The session beside its twin: rates of both, and maps that differ nowhere.
fn compare(person: &mut Person) -> Result<()> {
    person.presses(&named("Compare"))?;
    person.sees(&named("2 of 2 sessions"))?;
    person.presses(&named("Compare demo"))?;
    person.sees(&named("1 picked"))?;
    person.presses(&named("Compare twin"))?;
    person.sees(&named("2 picked"))?;
    // The twin has the very scores of the session, so it is no second seed.
    person.sees(&named("20.7"))?;
    person.sees(&named("1 note"))?;
    person.photographs()?;
    person.strikes("Ctrl+4")?;
    person.presses(&named("Maps"))?;
    person.points(&starting("A − B, "), 0.4)?;
    person.sees(&saying("A − B 0"))?;
    person.photographs()
}

/// Where a slider stands.
fn stands(slider: &Control) -> Result<f64> {
    slider.number.with_context(|| format!("`{}` tells no number", slider.name))
}

/// The part of its width at which a slider's handle is.
fn part(slider: &Control) -> Result<f64> {
    let (low, high) = slider.limits.with_context(|| format!("`{}` tells no limits", slider.name))?;
    Ok((stands(slider)? - low) / (high - low))
}
