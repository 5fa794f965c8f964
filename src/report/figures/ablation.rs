//! One map of every watched face, a run a column: what the teacher of each ablation makes of the same faces (MT-FAS
//! Fig. 10). As there it is the map that the detector learns from (Eq. 13), where all runs keep it. A run without a
//! teacher shows its detector; beside a classifier all show what they look at (`RFMetaFAS` Fig. 6).

use serde_json::{Map, json};

use super::maps::{LIMITS, map_bar};
use super::{Drawn, chosen, species};
use crate::report::figure::{ColourBar, Figure, GridRow, ImageGrid, Panel, Raster};
use crate::report::runs::{Run, listed, titles};
use crate::report::{FigureRequest, ReportError, Scale, reach};
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
    let raw = all(&[MapKind::Teacher, MapKind::Detector, MapKind::Attention])?;
    // Runs of earlier versions keep the teacher's maps alone.
    let taught = |c: &Column| c.kind != MapKind::Teacher || has(&c.set, MapKind::Target);
    // A classifier has no map but what it looks at: where one stands among runs that all have that, it is what is shown of all, as in
    // RFMetaFAS Fig. 6.
    let looks = raw.iter().any(|c| c.kind == MapKind::Attention) && raw.iter().all(|c| has(&c.set, MapKind::Attention));
    let columns = match () {
        () if looks => all(&[MapKind::Attention])?,
        () if raw.iter().all(taught) => all(&[MapKind::Target, MapKind::Detector, MapKind::Attention])?,
        () => raw,
    };
    let first = &columns[0].faces;
    // The faces of the first run that all the others watch too.
    let common = |&i: &usize| columns.iter().all(|c| c.place(&first.faces[i].key).is_some());
    let rows: Vec<usize> = chosen(request, first)?.into_iter().filter(common).collect();
    if rows.is_empty() {
        let what =
            "the runs watch no face in common, so their maps cannot stand side by side; take runs of the same data";
        return Err(ReportError::wrong(what));
    }
    let shared = map_bar(request).scale;
    // What a network looks at is in its own units.
    let scale_of = |column: &Column| match column.kind {
        MapKind::Attention => {
            Scale::diverging(reach(column.set.samples.iter().filter_map(|s| s.get(MapKind::Attention)).flatten()))
        }
        _ => shared,
    };
    let row = |&i: &usize| {
        let face = &first.faces[i];
        let map = |column: &Column| {
            let values = column.set.samples.get(column.place(&face.key)?)?.get(column.kind)?;
            Some(Raster::map(column.set.side, values, &scale_of(column)))
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
        MapKind::Attention => format!("{name} (attention)"),
        _ => format!("{name} (detector)"),
    });
    let grid = ImageGrid {
        heads: std::iter::once("Face".to_owned()).chain(heads).collect(),
        rows: rows.iter().map(row).collect(),
        split: true,
    };
    let mut bars = vec![];
    let mut limits = Map::new();
    if columns.iter().any(|c| c.kind != MapKind::Attention) {
        limits.insert("maps".to_owned(), json!([LIMITS.0, LIMITS.1]));
        bars.push(map_bar(request));
    }
    for (name, column) in names.iter().zip(&columns).filter(|(_, c)| c.kind == MapKind::Attention) {
        let scale = scale_of(column);
        limits.insert(name.clone(), json!([scale.low, scale.high]));
        bars.push(ColourBar { title: format!("Attention of {name}"), scale });
    }
    let iterations = listed(columns.iter().map(|c| c.set.iteration.to_string()));
    let figure = Figure {
        width: request.width.points(),
        title: "Maps of the same faces in several runs".to_owned(),
        panels: vec![Panel::Grid(grid), Panel::Bars(bars)],
        notes: vec![if columns.iter().all(|c| c.kind == MapKind::Attention) {
            format!(
                "What each network looks at, positive where a face looks like an attack, each in its own units, at iteration \
                 {iterations}."
            )
        } else if columns.iter().any(|c| c.kind == MapKind::Target) {
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
    facts.insert("limits".to_owned(), json!(limits));
    facts.insert("faces".to_owned(), json!(rows.iter().map(|&i| &first.faces[i].key).collect::<Vec<_>>()));
    facts.insert("n".to_owned(), json!(rows.len()));
    facts.insert("threshold".to_owned(), json!(null));
    Ok(Drawn { figure, facts, warnings: vec![] })
}
