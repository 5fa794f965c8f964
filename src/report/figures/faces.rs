//! Faces that were classified rightly and wrongly, with their maps (MT-FAS Fig. 11). A session keeps the pictures of its
//! watched faces alone, so these are the faces there are; the decision is that on the presentation a face belongs to.

use std::collections::HashMap;

use serde_json::{Map, json};

use super::maps::{LIMITS, map_bar, moment};
use super::{Drawn, chosen, species};
use crate::eval::Level;
use crate::report::figure::{Figure, GridRow, ImageGrid, Panel, Raster};
use crate::report::runs::{Run, rule_of};
use crate::report::scores::Scored;
use crate::report::{FigureRequest, ReportError};
use crate::session::MapKind;

/// Least width of a face.
const LEAST: f64 = 40.0;
/// Width from which on figures have two columns.
const WIDE: f64 = 400.0;

/// What can become of a face: whether it is live, whether it was accepted as live, and what that is called.
const OUTCOMES: [(bool, bool, &str); 4] = [
    (true, true, "Live, accepted"),
    (false, false, "Spoof, rejected"),
    (true, false, "Live, rejected (counts in BPCER)"),
    (false, true, "Spoof, accepted (counts in APCER)"),
];

pub(super) fn build(request: &FigureRequest, run: &Run) -> Result<Drawn, ReportError> {
    let (faces, scored) = (run.watched()?, Scored::of(run)?);
    // The scores are those of the last iteration, and so should the maps be.
    let set = run.maps(request.iteration)?;
    let presentation: HashMap<&str, &str> =
        scored.frames.scores.iter().map(|s| (s.frame.as_str(), s.test_label.as_str())).collect();
    let by_video: HashMap<&str, f64> =
        scored.presentations.scores.iter().map(|s| (s.test_label.as_str(), s.score)).collect();
    let by_frame: HashMap<&str, f64> =
        scored.presentations.scores.iter().map(|s| (s.frame.as_str(), s.score)).collect();
    let score_of = |key: &str| match scored.level {
        Level::Video => by_video.get(presentation.get(key)?).copied(),
        Level::Frame => by_frame.get(key).copied(),
    };
    let known: Vec<(usize, f64)> =
        chosen(request, &faces)?.into_iter().filter_map(|i| Some((i, score_of(&faces.faces[i].key)?))).collect();
    if known.is_empty() {
        let what =
            "none of the watched faces has a score on the test part, and a session keeps no other faces' pictures";
        return Err(ReportError::lacks(&run.path, what));
    }
    let kinds: Vec<MapKind> = [MapKind::Teacher, MapKind::Detector]
        .into_iter()
        .filter(|k| set.samples.iter().any(|s| s.get(*k).is_some()))
        .collect();
    let scale = map_bar(request).scale;
    let width = request.width.points();
    // On wide pages right decisions stand on the left, wrong ones on the right.
    let sides = if width >= WIDE { 2 } else { 1 };
    let columns = ((width / f64::from(sides) - 50.0) / LEAST) as usize;
    let mut halves = [vec![], vec![]];
    let mut told = vec![];
    for (live, accepted, name) in OUTCOMES {
        let panels = &mut halves[usize::from(live != accepted)];
        let here: Vec<(usize, f64)> = known
            .iter()
            .copied()
            .filter(|&(i, score)| (faces.faces[i].label.value() == 0.0, score >= scored.threshold) == (live, accepted))
            .collect();
        told.push(json!({
            "outcome": name,
            "faces": here.iter().map(|&(i, score)| json!({ "key": faces.faces[i].key, "score": score })).collect::<Vec<_>>(),
        }));
        if here.is_empty() {
            panels.push(Panel::Text(format!("{name}: none of the watched faces.")));
            continue;
        }
        panels.push(Panel::Text(format!("{name}: {}", here.len())));
        for part in here.chunks(columns) {
            let photo = |&(i, _): &(usize, f64)| Some(Raster::photo(faces.size, faces.faces[i].rgb.clone()));
            let mut rows = vec![GridRow { label: "Face".to_owned(), cells: part.iter().map(photo).collect() }];
            for kind in &kinds {
                let map = |&(i, _): &(usize, f64)| Some(Raster::map(set.side, set.samples.get(i)?.get(*kind)?, &scale));
                let label = if *kind == MapKind::Teacher { "Teacher" } else { "Detector" };
                rows.push(GridRow { label: label.to_owned(), cells: part.iter().map(map).collect() });
            }
            let mut heads: Vec<String> = part.iter().map(|&(i, _)| species(&faces.faces[i].species)).collect();
            // Grids of few faces have pictures of the same size as those of many.
            heads.resize(columns, String::new());
            panels.push(Panel::Grid(ImageGrid { heads, rows, split: false }));
        }
    }
    let [right, wrong] = halves;
    let mut panels = if sides == 2 { vec![Panel::Columns(vec![right, wrong])] } else { [right, wrong].concat() };
    if !kinds.is_empty() {
        panels.push(Panel::Bars(vec![map_bar(request)]));
    }
    let (rule, level) = (rule_of(&scored.results), scored.level);
    let figure = Figure {
        width,
        title: "Faces classified rightly and wrongly".to_owned(),
        panels,
        notes: vec![
            "Watched faces only: a session keeps no other faces' pictures.".to_owned(),
            format!("Decisions on {level}s at the threshold of {rule}. Maps: {}", moment(&set)),
        ],
    };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(set.iteration));
    facts.insert("colormap".to_owned(), json!(request.colormap.name()));
    facts.insert("limits".to_owned(), json!({ "maps": [LIMITS.0, LIMITS.1] }));
    facts.insert("only_watched_faces".to_owned(), json!(true));
    facts.insert("outcomes".to_owned(), json!(told));
    facts.insert("n".to_owned(), json!(known.len()));
    facts.insert("threshold".to_owned(), scored.threshold_facts());
    Ok(Drawn { figure, facts })
}
