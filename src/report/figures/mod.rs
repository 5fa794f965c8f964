//! A builder for every kind of figure: sessions in, the figure and what its side-car says out. What all have in common
//! (data, seeds, versions) is said here.

mod ablation;
mod curves;
mod faces;
mod gamma;
mod maps;
mod patterns;
mod roc;

use serde_json::{Map, Value, json};

use super::figure::Figure;
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
        FigureKind::Gamma => gamma::build(request, &runs)?,
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
    Ok(drawn)
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
