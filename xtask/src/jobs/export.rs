//! A presenter shows a run before an audience, then takes figures of it into a paper and onto a slide.

use crate::window::{Person, named, starting};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;

pub(super) fn steps(person: &mut Person, home: &Path) -> Result<()> {
    person.presses(&named("Open the sample session"))?;
    person.sees(&starting("Maps of iteration "))?;
    let before = person.sees(&starting("Teacher, "))?.place;

    person.strikes("F11")?;
    person.sees_no(&named("File"))?;
    person.photographs()?;
    person.strikes("Escape")?;
    person.sees(&named("File"))?;
    person.finds("the maps as they were", |all| {
        starting("Teacher, ").all(all).into_iter().find(|c| c.place == before).map(|_| ())
    })?;

    person.strikes("Ctrl+P")?;
    person.sees(&named("What to do"))?;
    person.writes("export")?;
    person.sees(&named("Show Export"))?;
    person.photographs()?;
    person.strikes("Enter")?;
    person.sees_no(&named("What to do"))?;

    let figures = home.join("sessions/demo/figures");
    person.presses(&named("SVG"))?;
    person.sees(&named("The figure as it will be"))?;
    person.presses(&named("Write"))?;
    let (svg, json) = (figures.join("maps.svg"), figures.join("maps.json"));
    person.expects("the figure maps.svg and its side-car", || svg.is_file() && json.is_file())?;
    let text = fs::read_to_string(&svg).context("maps.svg cannot be read")?;
    ensure!(text.trim_end().ends_with("</svg>") && text.contains("<svg"), "maps.svg is no whole SVG");
    let told: Value = serde_json::from_str(&fs::read_to_string(&json)?).context("maps.json is not JSON")?;
    ensure!(told.is_object(), "maps.json says nothing: {told}");
    person.photographs()?;

    person.presses(&named("PNG"))?;
    person.presses(&named("Write"))?;
    let png = figures.join("maps.png");
    person.expects("the figure maps.png", || png.is_file())?;
    let bytes = fs::read(&png).context("maps.png cannot be read")?;
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        bail!("maps.png is no PNG");
    }
    person.photographs()
}
