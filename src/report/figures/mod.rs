//! A builder for every kind of figure: sessions in, the figure and what its side-car says out. What all have in common
//! (data, seeds, versions) is said here.

mod ablation;
mod bars;
mod curves;
mod faces;
mod localise;
mod maps;
mod over;
mod patterns;
mod roc;

use serde_json::{Map, Value, json};

use super::figure::{Figure, mark_missing};
use super::runs::{Run, data_note};
use super::{FigureKind, FigureRequest, ReportError};
use crate::session::WatchedFaces;

/// A figure with what its side-car says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The figure.
    pub figure: Figure,
    /// The side-car's keys that the kind knows.
    pub facts: Map<String, Value>,
    /// What the user should know before the figure is used: it does not look as it should.
    pub warnings: Vec<String>,
}

/// Builds the figure that `request` asks for.
pub(super) fn build(request: &FigureRequest) -> Result<Drawn, ReportError> {
    let runs = Run::open_all(&request.sessions)?;
    let mut drawn = match request.kind {
        FigureKind::Maps => maps::build(request, &runs[0])?,
        FigureKind::Ablation => ablation::build(request, &runs)?,
        FigureKind::Patterns => patterns::build(request, &runs[0])?,
        FigureKind::Curves => curves::build(request, &runs)?,
        FigureKind::Roc | FigureKind::Det => roc::build(request, &runs)?,
        FigureKind::Faces => faces::build(request, &runs[0])?,
        FigureKind::Gamma => over::build(request, &runs, Some(over::GAMMA))?,
        FigureKind::Over => over::build(request, &runs, None)?,
        FigureKind::Bars => bars::build(request, &runs)?,
        FigureKind::Localise => localise::build(request, &runs[0])?,
    };
    drawn.figure.notes.insert(0, data_note(&runs));
    let of = |each: fn(&Run) -> Value| runs.iter().map(each).collect::<Vec<_>>();
    let mut facts = Map::new();
    facts.insert("runs".to_owned(), json!(of(Run::facts)));
    facts.insert("seeds".to_owned(), json!(of(|r| json!(r.config.seed))));
    facts.insert("data".to_owned(), json!(of(|r| json!(r.provenance.data))));
    facts.insert("origin".to_owned(), json!(of(|r| json!(r.provenance.origin))));
    facts.insert("version".to_owned(), json!(of(|r| json!(r.provenance.version))));
    facts.append(&mut drawn.facts);
    drawn.facts = facts;
    finish(&mut drawn);
    Ok(drawn)
}

/// What every figure says of values and letters that it cannot show.
fn finish(drawn: &mut Drawn) {
    let mut gaps = 0;
    drawn.figure.panels.iter().for_each(|p| p.each_picture(&mut |picture| gaps += picture.gaps));
    if gaps > 0 {
        let values = if gaps == 1 { "1 value of the maps is" } else { &format!("{gaps} values of the maps are") };
        drawn.figure.notes.push(format!("Magenta: {values} not a finite number."));
        drawn.facts.insert("not_finite".to_owned(), json!(gaps));
    }
    let words = mark_missing(&mut drawn.figure);
    if !words.is_empty() {
        drawn.warnings.push(format!(
            "the typeface of figures (DejaVu Sans) lacks letters that are drawn as boxes, in: {}; a browser draws those of \
             an SVG file with typefaces of its own",
            words.join(", ")
        ));
    }
    if !drawn.warnings.is_empty() {
        drawn.facts.insert("warnings".to_owned(), json!(drawn.warnings));
    }
}

/// Places of the faces that are asked for, all of them if none is.
fn chosen(request: &FigureRequest, faces: &WatchedFaces) -> Result<Vec<usize>, ReportError> {
    let count = faces.faces.len();
    let asked = request.faces.clone().unwrap_or_else(|| (0..count).collect());
    match asked.iter().find(|&&i| i >= count) {
        Some(beyond) if count > 0 => {
            let last = count - 1;
            Err(ReportError::wrong(format!("there is no face {beyond}; there are {count}, from 0 to {last}")))
        }
        None if !asked.is_empty() => Ok(asked),
        _ => Err(ReportError::wrong("the session keeps no faces")),
    }
}

/// A species as figures name it.
fn species(name: &str) -> String {
    name.replace('_', " ")
}
