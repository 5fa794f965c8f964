//! What detectors may be given in the place of a picture: the hand-made maps of every watched face, and the Meta Pattern
//! where the run learns one (Meta Pattern Fig. 5).

use serde_json::{Map, json};

use super::{Drawn, chosen, species};
use crate::features::{ColorLbp, HandMade};
use crate::report::figure::{Figure, GridRow, ImageGrid, Panel, Raster};
use crate::report::runs::Run;
use crate::report::{FigureRequest, ReportError};
use crate::session::MapSet;

pub(super) fn build(request: &FigureRequest, run: &Run) -> Result<Drawn, ReportError> {
    let faces = run.watched()?;
    let rows = chosen(request, &faces)?;
    let set: Option<MapSet> = match request.iteration {
        None if run.session.map_iterations().is_empty() => None,
        asked => Some(run.maps(asked)?),
    };
    let learnt = set.as_ref().and_then(|s| s.pattern.clone());
    let mut grid = ImageGrid { heads: vec!["RGB".to_owned()], rows: vec![], split: true };
    grid.heads.extend(HandMade::ALL.map(|m| m.title().to_owned()));
    grid.heads.extend(learnt.iter().map(|_| "MP".to_owned()));
    for &i in &rows {
        let face = &faces.faces[i];
        let made = HandMade::all(&face.rgb, (faces.size, faces.size), ColorLbp::default());
        let made = made.map_err(|e| ReportError::lacks(&run.path, &e.to_string()))?;
        let pixels = |rgb: Vec<u8>| Some(Raster { smooth: false, ..Raster::photo(faces.size, rgb) });
        let mut cells = vec![Some(Raster::photo(faces.size, face.rgb.clone()))];
        cells.extend(made.into_iter().map(pixels));
        if let Some(pictures) = &learnt {
            let bytes = |values: &Vec<f32>| values.iter().map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8).collect();
            let picture = pictures.faces.get(i).map(bytes);
            cells.push(picture.map(|rgb| Raster { smooth: false, ..Raster::photo(pictures.side, rgb) }));
        }
        grid.rows.push(GridRow { label: species(&face.species), cells });
    }
    let mut notes = vec!["Depth is from shading; it is no facial depth.".to_owned()];
    let iteration = set.as_ref().filter(|_| learnt.is_some()).map(|s| s.iteration);
    notes.extend(iteration.map(|i| format!("MP: the Meta Pattern at iteration {i}.")));
    let heads = grid.heads.clone();
    let figure = Figure {
        width: request.width.points(),
        title: "Patterns of watched faces".to_owned(),
        panels: vec![Panel::Grid(grid)],
        notes,
    };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(iteration));
    facts.insert("columns".to_owned(), json!(heads));
    facts.insert("colormap".to_owned(), json!(null));
    facts.insert("limits".to_owned(), json!({ "patterns": [0, 255] }));
    facts.insert("faces".to_owned(), json!(rows.iter().map(|&i| &faces.faces[i].key).collect::<Vec<_>>()));
    facts.insert("n".to_owned(), json!(rows.len()));
    facts.insert("threshold".to_owned(), json!(null));
    Ok(Drawn { figure, facts, warnings: vec![] })
}
