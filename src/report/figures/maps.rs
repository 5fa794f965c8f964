//! Watched faces with all maps that a moment of the run has, a face a row.

use serde_json::{Map, json};

use super::{Drawn, chosen, species};
use crate::report::figure::{ColourBar, Figure, GridRow, ImageGrid, Panel, Raster};
use crate::report::runs::Run;
use crate::report::{FigureRequest, ReportError, Scale, reach};
use crate::session::{MapKind, MapSet, SampleMaps};

/// Limits of maps that are targets or meant to meet one.
pub(super) const LIMITS: (f32, f32) = (0.0, 1.0);

/// What the difference of both teachers is called.
const DIFFERENCE: &str = "Teacher − momentum teacher";

/// How far the teacher is ahead of its average.
fn difference(maps: &SampleMaps) -> Option<Vec<f32>> {
    let (teacher, average) = (maps.get(MapKind::Teacher)?, maps.get(MapKind::Momentum)?);
    Some(teacher.iter().zip(average).map(|(a, b)| a - b).collect())
}

/// What the colours of spoof maps mean.
pub(super) fn map_bar(request: &FigureRequest) -> ColourBar {
    let scale = Scale::sequential(request.colormap, LIMITS.0, LIMITS.1);
    ColourBar { title: "Spoof map (0 live, 1 spoof)".to_owned(), scale }
}

/// Where the run stood.
pub(super) fn moment(set: &MapSet) -> String {
    format!("Iteration {} ({}).", set.iteration, set.stage.noun())
}

pub(super) fn build(request: &FigureRequest, run: &Run) -> Result<Drawn, ReportError> {
    let (faces, set) = (run.watched()?, run.maps(request.iteration)?);
    let rows = chosen(request, &faces)?;
    let has = |kind: &MapKind| set.samples.iter().any(|s| s.get(*kind).is_some());
    let kinds: Vec<MapKind> = MapKind::ALL.into_iter().filter(has).collect();
    if kinds.is_empty() {
        let what = format!("iteration {} has no maps, as {} gives none", set.iteration, run.config.title());
        return Err(ReportError::lacks(&run.path, &what));
    }
    // Limits are those of all watched faces, whichever are shown.
    let around_zero = |kind: MapKind| {
        matches!(kind, MapKind::Cotangent | MapKind::Attention)
            .then(|| Scale::diverging(reach(set.samples.iter().filter_map(|s| s.get(kind)).flatten())))
    };
    let scale = |kind| around_zero(kind).unwrap_or_else(|| map_bar(request).scale);
    let ahead: Vec<Option<Vec<f32>>> = set.samples.iter().map(difference).collect();
    let ahead = if request.difference { ahead } else { vec![] };
    let ahead_scale =
        ahead.iter().any(Option::is_some).then(|| Scale::diverging(reach(ahead.iter().flatten().flatten())));
    let heads = std::iter::once("Face").chain(kinds.iter().map(|k| k.title()));
    let grid = ImageGrid {
        heads: heads.chain(ahead_scale.map(|_| DIFFERENCE)).map(str::to_owned).collect(),
        rows: rows
            .iter()
            .map(|&i| {
                let face = Raster::photo(faces.size, faces.faces[i].rgb.clone());
                let map = |kind: &MapKind| {
                    let values = set.samples.get(i)?.get(*kind)?;
                    Some(Raster::map(set.side, values, &scale(*kind)))
                };
                let apart = ahead_scale.map(|scale| {
                    let values = ahead.get(i)?.as_ref()?;
                    Some(Raster::map(set.side, values, &scale))
                });
                let cells = std::iter::once(Some(face)).chain(kinds.iter().map(map)).chain(apart).collect();
                GridRow { label: species(&faces.faces[i].species), cells }
            })
            .collect(),
        split: true,
    };
    let mut bars = vec![];
    let mut limits = Map::new();
    if kinds.iter().any(|&k| around_zero(k).is_none()) {
        limits.insert("maps".to_owned(), json!([LIMITS.0, LIMITS.1]));
        bars.push(map_bar(request));
    }
    for (kind, scale) in kinds.iter().filter_map(|&k| Some((k, around_zero(k)?))) {
        limits.insert(kind.name().to_owned(), json!([scale.low, scale.high]));
        bars.push(ColourBar { title: kind.title().to_owned(), scale });
    }
    if let Some(scale) = ahead_scale {
        limits.insert("difference".to_owned(), json!([scale.low, scale.high]));
        bars.push(ColourBar { title: DIFFERENCE.to_owned(), scale });
    }
    let figure = Figure {
        width: request.width.points(),
        title: format!("Maps of watched faces, {}", run.config.title()),
        panels: vec![Panel::Grid(grid), Panel::Bars(bars)],
        notes: vec![moment(&set)],
    };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(set.iteration));
    facts.insert("stage".to_owned(), json!(set.stage));
    facts.insert("colormap".to_owned(), json!(request.colormap.name()));
    facts.insert("limits".to_owned(), json!(limits));
    if kinds.contains(&MapKind::Cotangent) {
        // With it the raw values become -dL_v/dt.
        facts.insert("cotangent_factor".to_owned(), json!(set.factor));
    }
    facts.insert("side".to_owned(), json!(set.side));
    facts.insert("faces".to_owned(), json!(rows.iter().map(|&i| &faces.faces[i].key).collect::<Vec<_>>()));
    facts.insert("n".to_owned(), json!(rows.len()));
    facts.insert("threshold".to_owned(), json!(null));
    Ok(Drawn { figure, facts, warnings: vec![] })
}
