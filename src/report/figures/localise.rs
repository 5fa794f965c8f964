//! Where maps lie: attacks of the scored test part with the mask of their material and the maps beside it, as in MT-FAS
//! Fig. 1. Of each species the face of the median pixel AUC is shown, so that nobody has picked it.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::maps::{LIMITS, map_bar};
use super::{Drawn, chosen, species};
use crate::config::Supervision;
use crate::eval::map_against_mask;
use crate::report::figure::{Figure, GridRow, ImageGrid, Panel, Raster};
use crate::report::runs::Run;
use crate::report::{FigureRequest, ReportError};
use crate::session::{MapKind, MapSet, SampleMaps, WatchedFaces};

/// Kinds that may be right or wrong about the mask, with their heads; the first that a run has chooses the faces. All
/// go from 0 to 1.
const KINDS: [(MapKind, &str); 2] = [(MapKind::Target, "Teacher"), (MapKind::Detector, "Detector")];

/// Pixel AUC of one map of a face.
fn auc(sample: &SampleMaps, kind: MapKind, turned: bool) -> Option<f64> {
    map_against_mask(sample.get(kind)?, sample.get(MapKind::Mask)?, turned)
}

pub(super) fn build(request: &FigureRequest, run: &Run) -> Result<Drawn, ReportError> {
    let [faces_file, maps_file] = [run.session.scored_faces_file(), run.session.scored_maps_file()];
    if !faces_file.is_file() || !maps_file.is_file() {
        return Err(ReportError::lacks(&run.path, "no scored faces; score it with `metafas evaluate`"));
    }
    let (faces, set) = (WatchedFaces::read(&faces_file)?, MapSet::read(&maps_file)?);
    let kinds: Vec<(MapKind, &str)> =
        KINDS.into_iter().filter(|(kind, _)| set.samples.iter().any(|s| s.get(*kind).is_some())).collect();
    let Some(&(first, first_name)) = kinds.first() else {
        return Err(ReportError::lacks(
            &run.path,
            &format!("no maps of its scored faces, as {} gives none", run.config.title()),
        ));
    };
    // A depth map is high where a face is live.
    let turned = |kind: MapKind| kind == MapKind::Detector && run.config.detector.supervision == Supervision::Depth;
    let mut by_species: BTreeMap<&str, Vec<(f64, usize)>> = BTreeMap::new();
    for i in chosen(request, &faces)? {
        if let Some(value) = set.samples.get(i).and_then(|s| auc(s, first, turned(first))) {
            by_species.entry(&faces.faces[i].species).or_default().push((value, i));
        }
    }
    if by_species.is_empty() {
        let what = "no scored attack whose mask is known and covers a part of the face; built-in data have them, and runs that were \
                    scored before masks were kept are scored again with `metafas evaluate`";
        return Err(ReportError::lacks(&run.path, what));
    }
    let mut told = vec![];
    let mut rows = vec![];
    for (name, all) in &mut by_species {
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (value, i) = all[(all.len() - 1) / 2];
        rows.push((species(name), value, i));
        let mean = all.iter().map(|(v, _)| v).sum::<f64>() / all.len() as f64;
        told.push(json!({
            "species": name, "n": all.len(), "mean_pixel_auc": mean, "shown": faces.faces[i].key, "pixel_auc": value,
        }));
    }
    let scale = map_bar(request).scale;
    let row = |(name, value, i): &(String, f64, usize)| {
        let sample = &set.samples[*i];
        let map = |kind: MapKind| sample.get(kind).map(|values| Raster::map(set.side, values, &scale));
        let photo = Some(Raster::photo(faces.size, faces.faces[*i].rgb.clone()));
        let cells = [photo, map(MapKind::Mask)].into_iter().chain(kinds.iter().map(|(kind, _)| map(*kind))).collect();
        GridRow { label: format!("{name}, {value:.2}"), cells }
    };
    let heads = ["Face", "Mask"].into_iter().chain(kinds.iter().map(|k| k.1)).map(str::to_owned).collect();
    let grid = ImageGrid { heads, rows: rows.iter().map(row).collect(), split: true };
    let count: usize = by_species.values().map(Vec::len).sum();
    let mean = by_species.values().flatten().map(|(v, _)| v).sum::<f64>() / count as f64;
    let figure = Figure {
        width: request.width.points(),
        title: format!("Where the maps of attacks lie, {}", run.config.title()),
        panels: vec![Panel::Grid(grid), Panel::Bars(vec![map_bar(request)])],
        notes: vec![format!(
            "Behind each name: pixel AUC of the {}'s map against the mask of the attack's material; mean over {count} attacks {mean:.3}, \
             chance 0.5. Of each species the face of the median is shown.{}",
            first_name.to_lowercase(),
            match first {
                MapKind::Target => " The teacher's maps are stretched to 0 to 1.",
                _ if turned(first) => " A depth map is high on live faces, so it counts the other way round.",
                _ => "",
            }
        )],
    };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(set.iteration));
    facts.insert("colormap".to_owned(), json!(request.colormap.name()));
    facts.insert("limits".to_owned(), json!({ "maps": [LIMITS.0, LIMITS.1] }));
    facts.insert("judged_by".to_owned(), json!(first.name()));
    facts.insert("mean_pixel_auc".to_owned(), json!(mean));
    facts.insert("species".to_owned(), json!(told));
    facts.insert("n".to_owned(), json!(count));
    facts.insert("threshold".to_owned(), json!(null));
    Ok(Drawn { figure, facts, warnings: vec![] })
}
