//! One map of every watched face, a run a column: what the teacher of each ablation makes of the same faces (MT-FAS
//! Fig. 10). As there it is the map that the detector learns from (Eq. 13), where all runs keep it. A run without a
//! teacher shows its detector.

use serde_json::{Map, json};

use super::maps::{LIMITS, map_bar};
use super::{Drawn, chosen, species};
use crate::report::figure::{Figure, GridRow, ImageGrid, Panel, Raster};
use crate::report::runs::{Run, listed, titles};
use crate::report::{FigureRequest, ReportError};
use crate::session::{MapKind, MapSet, WatchedFaces};

/// A run's column.
struct Column {
    set: MapSet,
    faces: WatchedFaces,
    kind: MapKind,
}

impl Column {
    fn of(request: &FigureRequest, run: &Run, kinds: &[MapKind]) -> Result<Self, ReportError> {
        let (set, faces) = (run.maps(request.iteration)?, run.watched()?);
        let kind = kinds.iter().copied().find(|kind| has(&set, *kind));
        let kind = kind.ok_or_else(|| {
            let what = format!("iteration {} has no maps, as {} gives none", set.iteration, run.config.title());
            ReportError::lacks(&run.path, &what)
        })?;
        Ok(Self { set, faces, kind })
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.faces.faces.iter().position(|f| f.key == key)
    }
}

fn has(set: &MapSet, kind: MapKind) -> bool {
    set.samples.iter().any(|s| s.get(kind).is_some())
}

pub(super) fn build(request: &FigureRequest, runs: &[Run]) -> Result<Drawn, ReportError> {
    let all = |kinds: &[MapKind]| -> Result<Vec<Column>, ReportError> {
        runs.iter().map(|r| Column::of(request, r, kinds)).collect()
    };
    let raw = all(&[MapKind::Teacher, MapKind::Detector])?;
    // Runs of earlier versions keep the teacher's maps alone.
    let taught = |c: &Column| c.kind != MapKind::Teacher || has(&c.set, MapKind::Target);
    let columns = if raw.iter().all(taught) { all(&[MapKind::Target, MapKind::Detector])? } else { raw };
    let first = &columns[0].faces;
    // The faces of the first run that all the others watch too.
    let common = |&i: &usize| columns.iter().all(|c| c.place(&first.faces[i].key).is_some());
    let rows: Vec<usize> = chosen(request, first)?.into_iter().filter(common).collect();
    if rows.is_empty() {
        let what =
            "the runs watch no face in common, so their maps cannot stand side by side; take runs of the same data";
        return Err(ReportError::wrong(what));
    }
    let scale = map_bar(request).scale;
    let row = |&i: &usize| {
        let face = &first.faces[i];
        let map = |column: &Column| {
            let values = column.set.samples.get(column.place(&face.key)?)?.get(column.kind)?;
            Some(Raster::map(column.set.side, values, &scale))
        };
        let photo = Some(Raster::photo(first.size, face.rgb.clone()));
        GridRow {
            label: species(&face.species),
            cells: std::iter::once(photo).chain(columns.iter().map(map)).collect(),
        }
    };
    let names = titles(runs);
    let heads = names.iter().zip(&columns).map(|(name, column)| match column.kind {
        MapKind::Teacher | MapKind::Target => name.clone(),
        _ => format!("{name} (detector)"),
    });
    let grid = ImageGrid {
        heads: std::iter::once("Face".to_owned()).chain(heads).collect(),
        rows: rows.iter().map(row).collect(),
        split: true,
    };
    let iterations = listed(columns.iter().map(|c| c.set.iteration.to_string()));
    let figure = Figure {
        width: request.width.points(),
        title: "Maps of the same faces in several runs".to_owned(),
        panels: vec![Panel::Grid(grid), Panel::Bars(vec![map_bar(request)])],
        notes: vec![if columns.iter().any(|c| c.kind == MapKind::Target) {
            format!(
                "What the detector learns from: the teacher's maps stretched to 0 to 1 in every attack, 0 on live faces, at \
                 iteration {iterations}."
            )
        } else {
            format!("Maps of the teacher where a run has one, at iteration {iterations}.")
        }],
    };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(columns.iter().map(|c| c.set.iteration).collect::<Vec<_>>()));
    facts.insert("columns".to_owned(), json!(names));
    facts.insert("maps".to_owned(), json!(columns.iter().map(|c| c.kind.name()).collect::<Vec<_>>()));
    facts.insert("colormap".to_owned(), json!(request.colormap.name()));
    facts.insert("limits".to_owned(), json!({ "maps": [LIMITS.0, LIMITS.1] }));
    facts.insert("faces".to_owned(), json!(rows.iter().map(|&i| &first.faces[i].key).collect::<Vec<_>>()));
    facts.insert("n".to_owned(), json!(rows.len()));
    facts.insert("threshold".to_owned(), json!(null));
    Ok(Drawn { figure, facts, warnings: vec![] })
}
