//! The faces themselves: as many as fit, framed by how they were judged, with their scores; teacher's and detector's maps
//! beside them where wanted. Only what can be seen is drawn.

use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, FontId, Frame, Label, Margin, Panel, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::send;
use crate::config::Supervision;
use crate::session::{MapKind, MapSet, WatchedFaces};
use crate::ui::atlas::{Atlas, Kept, Same, fill_maps, fill_rgb};
use crate::ui::colormap::{Colormap, scale_of};
use crate::ui::command::CommandQueue;
use crate::ui::faces::{FacesCommand, Judged, JudgedFace, Listing, Verdict};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{picture, value_text};

/// Textures of the kept pictures and maps.
#[derive(Default)]
pub struct GridCache {
    faces: Kept<Same<WatchedFaces>>,
    maps: [Kept<(Same<MapSet>, Colormap)>; KINDS.len()],
}

/// Kinds of map that stand beside a face.
const KINDS: [MapKind; 5] = [MapKind::Mask, MapKind::Teacher, MapKind::Target, MapKind::Detector, MapKind::Attention];

const TILE: f32 = 76.0;
const TEXT: f32 = 18.0;

impl GridCache {
    fn prepare(&mut self, ui: &Ui, state: &AppState, judged: &Judged) {
        if let Some(pictures) = &judged.pictures {
            self.faces.get(Same(Arc::clone(pictures)), |atlas| {
                let all: Vec<&[u8]> = pictures.faces.iter().map(|f| f.rgb.as_slice()).collect();
                fill_rgb(atlas, ui.ctx(), "scored faces", pictures.size, &all);
            });
        }
        let Some(maps) = judged.maps.as_ref().filter(|_| state.faces.maps || state.faces.picked.is_some()) else {
            return;
        };
        let colormap = state.workspace.colormap;
        for (kept, kind) in self.maps.iter_mut().zip(KINDS) {
            kept.get((Same(Arc::clone(maps)), colormap), |atlas| {
                let values: Vec<Option<&[f32]>> = maps.samples.iter().map(|s| s.get(kind)).collect();
                let scale = scale_of(kind, values.iter().flatten().copied().flatten(), colormap);
                fill_maps(atlas, ui.ctx(), kind.name(), maps.side, scale, &values);
            });
        }
    }
}

fn kinds(judged: &Judged) -> Vec<usize> {
    let has = |kind: MapKind| judged.maps.as_ref().is_some_and(|m| m.samples.iter().any(|s| s.get(kind).is_some()));
    (0..KINDS.len()).filter(|&i| has(KINDS[i])).collect()
}

/// Shows the part.
pub fn show(
    ui: &mut Ui,
    state: &AppState,
    judged: &Judged,
    listing: &Listing,
    cache: &mut GridCache,
    threshold: f64,
    queue: &CommandQueue,
) {
    cache.prepare(ui, state, judged);
    let kinds = kinds(judged);
    if let Some(face) = state.faces.picked.and_then(|at| judged.faces.get(at)) {
        let panel = Panel::bottom("picked face").frame(Frame::new().inner_margin(Margin::symmetric(0, 6)));
        let depth = state.run().is_some_and(|run| run.detector().supervision == Supervision::Depth);
        panel.show(ui, |ui| close(ui, (judged, depth), face, cache, &kinds, threshold, queue));
    }
    let pictures = 1 + if state.faces.maps { kinds.len() } else { 0 };
    let (wide, high) = (TILE * pictures as f32, TILE + TEXT);
    let gap = 8.0;
    ui.spacing_mut().item_spacing = vec2(gap, gap);
    let columns = (((ui.available_width() - 12.0 + gap) / (wide + gap)) as usize).max(1);
    let rows = listing.shown.len().div_ceil(columns);
    ScrollArea::vertical().auto_shrink(false).id_salt("scored faces").show_rows(ui, high, rows, |ui, range| {
        for row in range {
            ui.horizontal(|ui| {
                for &at in listing.shown.iter().skip(row * columns).take(columns) {
                    let face = &judged.faces[at];
                    let shown: &[usize] = if state.faces.maps { &kinds } else { &[] };
                    let response =
                        tile(ui, face, cache, shown, (wide, high), threshold, state.faces.picked == Some(at));
                    if response.clicked() {
                        send(queue, FacesCommand::Pick((state.faces.picked != Some(at)).then_some(at)));
                    }
                }
            });
        }
    });
}

fn tile(
    ui: &mut Ui,
    face: &JudgedFace,
    cache: &GridCache,
    kinds: &[usize],
    (wide, high): (f32, f32),
    threshold: f64,
    picked: bool,
) -> Response {
    let (area, response) = ui.allocate_exact_size(vec2(wide, high), Sense::click());
    let verdict = Verdict::of(face, threshold);
    // Two hundred of these stand there in a frame: words are put together for whoever asks for them.
    let name = || format!("{} {}, {}, score {}", verdict.title(), face.species, face.name, value_text(face.score));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name()));
    if !ui.is_rect_visible(area) {
        return response;
    }
    let tokens = theme::tokens(ui);
    let square = |i: usize| Rect::from_min_size(area.min + vec2(i as f32 * TILE, 0.0), vec2(TILE, TILE)).shrink(2.0);
    if let Some(i) = face.picture {
        paint(ui, cache.faces.filled(), i, square(0));
        for (column, &kind) in kinds.iter().enumerate() {
            paint(ui, cache.maps[kind].filled(), i, square(column + 1));
        }
    } else {
        let text = "no picture kept";
        ui.painter().text(square(0).center(), Align2::CENTER_CENTER, text, FontId::proportional(9.0), tokens.weak);
    }
    let color = if verdict.is_wrong() { tokens.error } else { tokens.good };
    let frame = Rect::from_min_size(area.min, vec2(wide, TILE));
    let width = if picked { 3.0 } else { 1.5 };
    ui.painter().rect_stroke(frame, 2.0, Stroke::new(width, color), StrokeKind::Inside);
    // An error has a corner cut off, for those to whom red and green are alike.
    if verdict.is_wrong() {
        let c = frame.right_top();
        let corner = vec![c, pos2(c.x - 12.0, c.y), pos2(c.x, c.y + 12.0)];
        ui.painter().add(eframe::egui::Shape::convex_polygon(corner, color, Stroke::NONE));
    }
    let text = format!("{} {:.2}", face.species, face.score);
    let font = FontId::proportional(10.5);
    let painter = ui.painter_at(area);
    painter.text(pos2(area.left() + 2.0, area.bottom()), Align2::LEFT_BOTTOM, text, font, tokens.text);
    response.on_hover_ui(|ui| {
        ui.label(format!("{}\n{}\nsubject {}", name(), verdict.help(), face.subject));
    })
}

fn paint(ui: &Ui, atlas: &Atlas, i: usize, square: Rect) {
    if let Some((texture, uv)) = atlas.cell(i) {
        ui.painter().image(texture, square, uv, Color32::WHITE);
    }
}

/// How well the maps of face `i` lie on the attack's material, where its mask is known and covers a part of it.
fn lies(maps: &MapSet, i: usize, depth: bool) -> Option<String> {
    let sample = maps.samples.get(i)?;
    let mask = sample.get(MapKind::Mask)?;
    let of = |(kind, name): (MapKind, &str)| {
        let turned = depth && kind == MapKind::Detector;
        Some(format!("{name} {:.2}", crate::eval::map_against_mask(sample.get(kind)?, mask, turned)?))
    };
    let known: Vec<String> =
        [(MapKind::Teacher, "teacher"), (MapKind::Detector, "detector")].into_iter().filter_map(of).collect();
    (!known.is_empty()).then(|| format!("pixel AUC: {}", known.join(", ")))
}

/// One face large, with its maps; `depth`: whether the detector's map is one of depth.
fn close(
    ui: &mut Ui,
    (judged, depth): (&Judged, bool),
    face: &JudgedFace,
    cache: &GridCache,
    kinds: &[usize],
    threshold: f64,
    queue: &CommandQueue,
) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        // Beside the pictures there must be room for what is said of the face.
        let pictures = kinds.len() as f32 + 1.0;
        let large = ((ui.available_width() - 190.0) / pictures - 8.0).clamp(56.0, 150.0).floor();
        if let Some(i) = face.picture {
            ui.vertical(|ui| {
                ui.label(RichText::new("Face").small().color(tokens.weak));
                picture::show(ui, cache.faces.filled(), i, (large, large), "Face looked at closely", "");
            });
            for &kind in kinds {
                let side = picture::whole_texels(ui, large, judged.maps.as_ref().map_or(1, |m| m.side));
                let name = format!("{} of the face looked at closely", KINDS[kind].title());
                let caption = RichText::new(KINDS[kind].title()).small().color(tokens.weak);
                let response = ui.vertical(|ui| {
                    ui.label(caption);
                    picture::show(ui, cache.maps[kind].filled(), i, (large, side), &name, "")
                });
                let response = response.inner;
                let value = judged.maps.as_ref().zip(response.hover_pos()).and_then(|(maps, at)| {
                    let (row, column) = picture::texel_at(response.rect, at, maps.side)?;
                    let map = maps.samples.get(i)?.get(KINDS[kind])?;
                    Some(format!(
                        "row {row}, column {column}: {}",
                        value_text(f64::from(map[row * maps.side + column]))
                    ))
                });
                response.on_hover_text(format!("{}\n{}", KINDS[kind].title(), value.unwrap_or_default()));
            }
        }
        ui.vertical(|ui| {
            let verdict = Verdict::of(face, threshold);
            let color = if verdict.is_wrong() { tokens.error } else { tokens.good };
            ui.label(RichText::new(format!("{}  {}", verdict.title(), face.species)).strong().color(color));
            ui.label(verdict.help());
            ui.add(Label::new(&face.name).wrap());
            ui.label(format!("subject {}", face.subject));
            ui.monospace(format!("score {}  threshold {}", value_text(face.score), value_text(threshold)));
            if let Some(words) = face.picture.zip(judged.maps.as_ref()).and_then(|(i, maps)| lies(maps, i, depth)) {
                let help = "How likely a pixel on the attack's material is higher than one beside it; 0.5 is chance";
                ui.label(words).on_hover_text(help);
            }
            if face.picture.is_none() {
                ui.weak("No picture of it was kept; runs keep as many as fit in 24 MB");
            }
            if ui.small_button("Close").clicked() {
                send(queue, FacesCommand::Pick(None));
            }
        });
    });
}
