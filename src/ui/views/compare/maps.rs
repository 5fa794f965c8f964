//! Maps of two sides laid together, a row a face: two runs, or two iterations of one. Side by side with their signed
//! difference, one over the other up to a line, or one after the other; with the raw values of one pixel of both.

use std::sync::Arc;

use eframe::egui::{ComboBox, Label as Words, Panel, Rect, RichText, ScrollArea, Slider, Stroke, Ui, pos2, vec2};

use super::send;
use crate::session::{MapKind, MapSet, WatchedFaces};
use crate::ui::atlas::{Kept, Same, fill_maps, fill_rgb};
use crate::ui::colormap::{Colormap, Scale, reach, scale_of};
use crate::ui::command::{CommandQueue, Probe, UiCommand};
use crate::ui::compare::{CompareCommand, Side, Together};
use crate::ui::run::RunStore;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::colour_bar::ColourBar;
use crate::ui::widgets::{empty, face_word, picture, value_text};
use crate::ui::workspace::Pane;

/// Seconds that each of two maps stays while they blink.
const BLINK: f64 = 0.7;
const LABEL: f32 = 96.0;
const GAP: f32 = 8.0;

type MapsKey = (Same<MapSet>, MapKind, Colormap, [u32; 2]);

/// Textures of both sides and of their difference.
#[derive(Default)]
pub struct MapsCache {
    faces: Kept<Same<WatchedFaces>>,
    sides: [Kept<MapsKey>; 2],
    difference: Kept<(Same<MapSet>, Same<MapSet>, MapKind)>,
    reach: f32,
    bars: [ColourBar; 2],
}

/// What one side shows.
struct Shown<'a> {
    run: &'a RunStore,
    iteration: u64,
    maps: Option<Arc<MapSet>>,
}

fn shown(state: &AppState, side: usize) -> Option<Shown<'_>> {
    let (id, iteration) = state.compared_map(side)?;
    let (_, run) = state.runs.iter().find(|(i, _)| *i == id)?;
    Some(Shown { run, iteration, maps: run.maps.get(iteration).cloned() })
}

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut MapsCache, queue: &CommandQueue) {
    let (Some(a), Some(b)) = (shown(state, 0), shown(state, 1)) else {
        return empty(ui, "These sessions have no maps yet");
    };
    let kinds: Vec<MapKind> = MapKind::ALL.into_iter().filter(|&kind| has(&a, kind) && has(&b, kind)).collect();
    let kind = state.compare.kind.filter(|kind| kinds.contains(kind)).or_else(|| kinds.first().copied());
    options(ui, state, &kinds, kind, queue);
    for side in [0, 1] {
        side_options(ui, state, side, queue);
    }
    let (Some(maps_a), Some(maps_b)) = (a.maps.clone(), b.maps.clone()) else {
        return empty(ui, "Maps are being read…");
    };
    let Some(kind) = kind else { return empty(ui, "These two have no kind of map in common at these iterations") };
    let Some(faces) = a.run.watched.clone() else { return empty(ui, "The watched faces are being read…") };
    if maps_a.side != maps_b.side {
        return empty(ui, "The maps of these two have different sizes");
    }
    let same_faces = b.run.watched.as_ref().is_some_and(|other| {
        faces.faces.len() == other.faces.len() && faces.faces.iter().zip(&other.faces).all(|(x, y)| x.key == y.key)
    });
    if !same_faces {
        return empty(ui, "These two watch different faces, so that their maps cannot be laid together");
    }
    let scale = prepare(ui, state, cache, &faces, kind, [&maps_a, &maps_b]);
    let frame = eframe::egui::Frame::new().inner_margin(eframe::egui::Margin::symmetric(0, 4));
    Panel::bottom("compared pixel").frame(frame).show_separator_line(false).show(ui, |ui| {
        readout(ui, state, kind, &faces, [&maps_a, &maps_b]);
    });
    grid(ui, state, cache, (&faces, kind, scale), maps_a.side, queue);
}

fn has(shown: &Shown<'_>, kind: MapKind) -> bool {
    shown.maps.as_ref().is_none_or(|maps| maps.samples.iter().any(|s| s.get(kind).is_some()))
}

fn options(ui: &mut Ui, state: &AppState, kinds: &[MapKind], kind: Option<MapKind>, queue: &CommandQueue) {
    let compare = &state.compare;
    ui.horizontal_wrapped(|ui| {
        ui.name_inputs("Kind of map", |ui| {
            let text = kind.map_or("no map in common", MapKind::title);
            ComboBox::from_id_salt("compared kind").selected_text(text).width(180.0).show_ui(ui, |ui| {
                for &choice in kinds {
                    if ui.selectable_label(Some(choice) == kind, choice.title()).clicked() {
                        send(queue, CompareCommand::Kind(choice));
                    }
                }
            });
        });
        for how in Together::ALL {
            if ui.radio(compare.together == how, how.title()).clicked() {
                send(queue, CompareCommand::Together(how));
            }
        }
        if compare.together == Together::Swipe {
            let mut at = compare.swipe;
            let slider = Slider::new(&mut at, 0.0..=1.0).show_value(false);
            if ui.add(slider).accessible_name("Line between A and B").changed() {
                send(queue, CompareCommand::Swipe(at));
            }
        }
    });
}

fn side_options(ui: &mut Ui, state: &AppState, which: usize, queue: &CommandQueue) {
    let Some(Shown { run, iteration, .. }) = shown(state, which) else { return };
    let name = ["A", "B"][which];
    let now = &state.compare.sides[which];
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).strong());
        ui.name_inputs(format!("Session {name}"), |ui| {
            ComboBox::from_id_salt(("side", which)).selected_text(&run.name).width(220.0).show_ui(ui, |ui| {
                for folder in &state.compare.picked {
                    let title =
                        state.shelf.get(folder).map_or_else(|| folder.display().to_string(), |s| s.name.clone());
                    if ui.selectable_label(run.folder == *folder, title).clicked() {
                        send(
                            queue,
                            CompareCommand::Side(which, Side { folder: Some(folder.clone()), iteration: None }),
                        );
                    }
                }
            });
        });
        let stored = &run.map_iterations;
        if let Some(last) = stored.len().checked_sub(1).filter(|last| *last > 0) {
            let mut index = stored.partition_point(|&i| i < iteration).min(last);
            ui.spacing_mut().slider_width = (ui.available_width() - 150.0).max(60.0);
            let slider = ui.add(Slider::new(&mut index, 0..=last).show_value(false));
            if slider.accessible_name(format!("Iteration of {name}")).changed() {
                let side =
                    Side { folder: now.folder.clone().or(Some(run.folder.clone())), iteration: Some(stored[index]) };
                send(queue, CompareCommand::Side(which, side));
            }
        }
        ui.label(format!("iteration {iteration}"));
    });
}

/// Uploads what is not uploaded yet; gives the scale of both sides.
fn prepare(
    ui: &Ui,
    state: &AppState,
    cache: &mut MapsCache,
    faces: &Arc<WatchedFaces>,
    kind: MapKind,
    both: [&Arc<MapSet>; 2],
) -> Scale {
    cache.faces.get(Same(Arc::clone(faces)), |atlas| {
        let pictures: Vec<&[u8]> = faces.faces.iter().map(|f| f.rgb.as_slice()).collect();
        fill_rgb(atlas, ui.ctx(), "compared faces", faces.size, &pictures);
    });
    let colormap = state.workspace.colormap;
    let all = both.iter().flat_map(|set| &set.samples).filter_map(|s| s.get(kind)).flatten();
    let scale = scale_of(kind, all, colormap);
    for (kept, set) in cache.sides.iter_mut().zip(both) {
        let key = (Same(Arc::clone(set)), kind, colormap, [scale.low.to_bits(), scale.high.to_bits()]);
        kept.get(key, |atlas| {
            let values: Vec<Option<&[f32]>> = set.samples.iter().map(|s| s.get(kind)).collect();
            fill_maps(atlas, ui.ctx(), "compared maps", set.side, scale, &values);
        });
    }
    let MapsCache { difference, reach: limit, .. } = cache;
    difference.get((Same(Arc::clone(both[0])), Same(Arc::clone(both[1])), kind), |atlas| {
        let one = |(a, b): (&crate::session::SampleMaps, &crate::session::SampleMaps)| -> Option<Vec<f32>> {
            Some(a.get(kind)?.iter().zip(b.get(kind)?).map(|(a, b)| a - b).collect())
        };
        let values: Vec<Option<Vec<f32>>> = both[0].samples.iter().zip(&both[1].samples).map(one).collect();
        *limit = reach(values.iter().flatten().flatten());
        let slices: Vec<Option<&[f32]>> = values.iter().map(Option::as_deref).collect();
        fill_maps(atlas, ui.ctx(), "difference of the compared", both[0].side, Scale::diverging(*limit), &slices);
    });
    scale
}

fn grid(
    ui: &mut Ui,
    state: &AppState,
    cache: &mut MapsCache,
    (faces, kind, scale): (&WatchedFaces, MapKind, Scale),
    texels: usize,
    queue: &CommandQueue,
) {
    let how = state.compare.together;
    let heads: &[&str] = match how {
        Together::Difference => &["Face", "A", "B", "A − B"],
        Together::Swipe => &["Face", "A | B"],
        Together::Blink => &["Face", "A, then B"],
    };
    let columns = heads.len();
    let by_width = (ui.available_width() - LABEL - 14.0) / columns as f32 - GAP;
    let cell = by_width.min((ui.available_height() - 60.0) / 1.6).clamp(48.0, 280.0).floor();
    let side = picture::whole_texels(ui, cell, texels);
    ui.spacing_mut().item_spacing = vec2(GAP, 4.0);
    let left = ui.cursor().min.x + LABEL + GAP;
    ui.horizontal(|ui| {
        ui.allocate_exact_size(vec2(LABEL, 16.0), eframe::egui::Sense::hover());
        for head in heads {
            ui.allocate_ui(vec2(cell, 16.0), |ui| {
                ui.set_width(cell);
                ui.vertical_centered(|ui| ui.label(RichText::new(*head).strong()));
            });
        }
    });
    let bar = |ui: &mut Ui, cache: &mut ColourBar, name: &str, scale: Scale, from: usize, to: usize| {
        let x = |i: usize| left + i as f32 * (cell + GAP);
        let place = Rect::from_min_size(pos2(x(from), ui.cursor().min.y), vec2(x(to) + cell - x(from), 28.0));
        ui.scope_builder(eframe::egui::UiBuilder::new().max_rect(place), |ui| {
            cache.show(ui, name, scale, place.width());
        });
    };
    let top = ui.cursor().min;
    let last = if how == Together::Difference { 2 } else { 1 };
    bar(ui, &mut cache.bars[0], kind.title(), scale, 1, last);
    if how == Together::Difference {
        ui.scope_builder(eframe::egui::UiBuilder::new().max_rect(Rect::from_min_size(top, vec2(4000.0, 28.0))), |ui| {
            bar(ui, &mut cache.bars[1], "A − B", Scale::diverging(cache.reach), 3, 3);
        });
    }
    ui.advance_cursor_after_rect(Rect::from_min_size(top, vec2(1.0, 30.0)));
    let now = ui.input(|i| i.time);
    let second = how == Together::Blink && (now / BLINK) as u64 % 2 == 1;
    if how == Together::Blink {
        let turn = std::time::Duration::from_secs_f64(BLINK - now % BLINK);
        ui.ctx().request_repaint_after(turn.max(state.wait));
    }
    let mut hovered = None;
    ScrollArea::vertical().auto_shrink(false).id_salt("compared maps").show_rows(
        ui,
        cell,
        faces.faces.len(),
        |ui, rows| {
            for face in rows {
                ui.horizontal(|ui| {
                    label(ui, faces, face, cell);
                    let species = &faces.faces[face].species;
                    let name = |head: &str| format!("{head}, {species} face {}", face + 1);
                    picture::show(ui, cache.faces.filled(), face, (cell, side), &name("Compared face"), "");
                    let mut responses = vec![];
                    match how {
                        Together::Difference => {
                            for (atlas, head) in cache.sides.iter().zip(["A", "B"]) {
                                let response = picture::show(ui, atlas.filled(), face, (cell, side), &name(head), "");
                                responses.push(response);
                            }
                            let atlas = cache.difference.filled();
                            responses.push(picture::show(ui, atlas, face, (cell, side), &name("A − B"), ""));
                        }
                        Together::Swipe => {
                            let response =
                                picture::show(ui, cache.sides[0].filled(), face, (cell, side), &name("A | B"), "");
                            over(ui, cache, face, response.rect, state.compare.swipe);
                            responses.push(response);
                        }
                        Together::Blink => {
                            let atlas = cache.sides[usize::from(second)].filled();
                            responses.push(picture::show(
                                ui,
                                atlas,
                                face,
                                (cell, side),
                                &name(["A", "B"][usize::from(second)]),
                                "",
                            ));
                        }
                    }
                    for response in responses {
                        if let Some(probe) = state.probe {
                            let at = (probe.row, probe.column);
                            picture::mark_texel(ui, response.rect, at, texels, probe.face == face);
                        }
                        let at = response.hover_pos().and_then(|pos| picture::texel_at(response.rect, pos, texels));
                        if let Some((row, column)) = at {
                            let probe = Probe { face, row, column };
                            hovered = Some(probe);
                            if response.clicked() {
                                let again = state.probe_pinned && state.probe == Some(probe);
                                let probe = (!again).then_some(probe);
                                queue.send(UiCommand::Point { probe, pin: true, from: Pane::Compare });
                            }
                        }
                    }
                });
            }
        },
    );
    if let Some(command) = state.pointed(hovered, Pane::Compare) {
        queue.send(command);
    }
}

/// Lays B over A, right of the line.
fn over(ui: &Ui, cache: &MapsCache, face: usize, square: Rect, swipe: f32) {
    let Some((texture, uv)) = cache.sides[1].filled().cell(face) else { return };
    let at = square.left() + square.width() * swipe;
    let place = Rect::from_min_max(pos2(at, square.top()), square.max);
    let part = Rect::from_min_max(pos2(uv.left() + uv.width() * swipe, uv.top()), uv.max);
    ui.painter().image(texture, place, part, eframe::egui::Color32::WHITE);
    ui.painter().vline(at, square.y_range(), Stroke::new(1.5, theme::tokens(ui).strong));
}

fn label(ui: &mut Ui, faces: &WatchedFaces, face: usize, cell: f32) {
    let (tokens, f) = (theme::tokens(ui), &faces.faces[face]);
    let (word, color) = face_word(ui, f);
    ui.allocate_ui(vec2(LABEL, cell), |ui| {
        ui.set_width(LABEL);
        ui.vertical(|ui| {
            ui.add_space((cell / 2.0 - 18.0).max(0.0));
            ui.label(RichText::new(word).strong().color(color));
            ui.add(Words::new(RichText::new(&f.key).small().color(tokens.weak)).truncate()).on_hover_text(&f.key);
        });
    });
}

fn readout(ui: &mut Ui, state: &AppState, kind: MapKind, faces: &WatchedFaces, both: [&Arc<MapSet>; 2]) {
    let value = |set: &MapSet, probe: Probe| {
        let map = set.samples.get(probe.face)?.get(kind)?;
        map.get(probe.row * set.side + probe.column).copied().map(f64::from)
    };
    let told = state.probe.and_then(|probe| {
        let (a, b) = (value(both[0], probe)?, value(both[1], probe)?);
        let key = &faces.faces.get(probe.face)?.key;
        let Probe { row, column, .. } = probe;
        let [a, b, d] = [a, b, a - b].map(value_text);
        Some(format!("{key} · row {row}, column {column} · A {a} · B {b} · A − B {d}"))
    });
    let text =
        told.unwrap_or_else(|| "Point at a map for the raw values of that pixel in both; click to keep it".to_owned());
    ui.add(Words::new(text).truncate());
}
