//! The same watched faces under every variant of a sweep, a column a variant, all on one scale (MT-FAS Fig. 10).

use std::sync::Arc;

use eframe::egui::{ComboBox, Grid, Label as Words, RichText, ScrollArea, Ui, vec2};

use super::send;
use crate::session::{MapKind, MapSet, WatchedFaces};
use crate::ui::ablations::{AblationCommand, SweepLook, VariantMaps};
use crate::ui::atlas::{Kept, Same, fill_maps, fill_rgb};
use crate::ui::colormap::{Colormap, Scale, scale_of};
use crate::ui::command::{CommandQueue, Probe, UiCommand};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::colour_bar::ColourBar;
use crate::ui::widgets::{empty, face_word, picture, value_text};
use crate::ui::workspace::Pane;

type Key = (Same<MapSet>, MapKind, Colormap, [u32; 2]);

/// Textures, one a variant.
#[derive(Default)]
pub struct VariantCache {
    faces: Kept<Same<WatchedFaces>>,
    variants: Vec<Kept<Key>>,
    bar: ColourBar,
}

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, look: &SweepLook, cache: &mut VariantCache, queue: &CommandQueue) {
    let kinds: Vec<MapKind> = MapKind::ALL
        .into_iter()
        .filter(|&kind| look.maps.iter().any(|v| v.maps.samples.iter().any(|s| s.get(kind).is_some())))
        .collect();
    let Some(kind) = Some(state.ablations.kind).filter(|k| kinds.contains(k)).or(kinds.first().copied()) else {
        return empty(ui, "Maps appear here as runs are finished");
    };
    let Some(first) = look.maps.first() else { return };
    let all = look.maps.iter().flat_map(|v| &v.maps.samples).filter_map(|s| s.get(kind)).flatten();
    let scale = scale_of(kind, all, state.workspace.colormap);
    ui.horizontal(|ui| {
        ui.name_inputs("Kind of map of the variants", |ui| {
            ComboBox::from_id_salt("ablation kind").selected_text(kind.title()).width(180.0).show_ui(ui, |ui| {
                for &choice in &kinds {
                    if ui.selectable_label(choice == kind, choice.title()).clicked() {
                        send(queue, AblationCommand::Kind(choice));
                    }
                }
            });
        });
        cache.bar.show(ui, kind.title(), scale, 220.0);
        ui.weak(told(state, look, kind));
    });
    // Variants under other protocols watch other faces.
    let same: Vec<&VariantMaps> = look.maps.iter().filter(|v| keys(&v.watched) == keys(&first.watched)).collect();
    prepare(ui, state, cache, first, &same, kind, scale);
    let cell = ((ui.available_width() - 96.0) / (same.len() + 1) as f32 - 10.0).clamp(48.0, 160.0).floor();
    let faces = &first.watched;
    let mut hovered = None;
    ScrollArea::both().auto_shrink(false).id_salt("ablation maps").show(ui, |ui| {
        Grid::new("ablation maps").spacing([10.0, 6.0]).show(ui, |ui| {
            ui.label("");
            ui.label("Face");
            for variant in &same {
                ui.allocate_ui(vec2(cell, 34.0), |ui| {
                    ui.set_width(cell);
                    let text = RichText::new(&variant.title).small().color(theme::tokens(ui).accent);
                    let link = ui.add(eframe::egui::Button::new(text).frame(false).truncate());
                    let help = format!("{}, iteration {}: brings it into view", variant.title, variant.maps.iteration);
                    if link.on_hover_text(help).clicked() {
                        queue.send(UiCommand::Open(variant.folder.clone()));
                    }
                });
            }
            ui.end_row();
            for (at, face) in faces.faces.iter().enumerate() {
                let (word, color) = face_word(ui, face);
                ui.add(Words::new(RichText::new(word).strong().color(color))).on_hover_text(&face.key);
                let name = |what: &str| format!("{what}, {} face {}", face.species, at + 1);
                picture::show(ui, cache.faces.filled(), at, (cell, cell), &name("Face"), "");
                for (variant, kept) in same.iter().zip(&cache.variants) {
                    let there = variant.maps.samples.get(at).is_some_and(|s| s.get(kind).is_some());
                    let side = picture::whole_texels(ui, cell, variant.maps.side);
                    let absent = if there { "" } else { "none" };
                    let response = picture::show(ui, kept.filled(), at, (cell, side), &name(&variant.title), absent);
                    if let Some(probe) = state.probe {
                        let texel = (probe.row, probe.column);
                        picture::mark_texel(ui, response.rect, texel, variant.maps.side, probe.face == at);
                    }
                    let texel =
                        response.hover_pos().and_then(|p| picture::texel_at(response.rect, p, variant.maps.side));
                    if let Some((row, column)) = texel {
                        let probe = Probe { face: at, row, column };
                        hovered = Some(probe);
                        if response.clicked() {
                            let again = state.probe_pinned && state.probe == Some(probe);
                            let probe = (!again).then_some(probe);
                            queue.send(UiCommand::Point { probe, pin: true, from: Pane::Ablations });
                        }
                    }
                }
                ui.end_row();
            }
        });
    });
    if let Some(command) = state.pointed(hovered, Pane::Ablations) {
        queue.send(command);
    }
}

fn keys(faces: &WatchedFaces) -> Vec<&str> {
    faces.faces.iter().map(|f| f.key.as_str()).collect()
}

fn prepare(
    ui: &Ui,
    state: &AppState,
    cache: &mut VariantCache,
    first: &VariantMaps,
    same: &[&VariantMaps],
    kind: MapKind,
    scale: Scale,
) {
    cache.faces.get(Same(Arc::clone(&first.watched)), |atlas| {
        let pictures: Vec<&[u8]> = first.watched.faces.iter().map(|f| f.rgb.as_slice()).collect();
        fill_rgb(atlas, ui.ctx(), "faces of the variants", first.watched.size, &pictures);
    });
    cache.variants.resize_with(same.len(), Kept::default);
    for (kept, variant) in cache.variants.iter_mut().zip(same) {
        let limits = [scale.low.to_bits(), scale.high.to_bits()];
        kept.get((Same(Arc::clone(&variant.maps)), kind, state.workspace.colormap, limits), |atlas| {
            let values: Vec<Option<&[f32]>> = variant.maps.samples.iter().map(|s| s.get(kind)).collect();
            fill_maps(atlas, ui.ctx(), "maps of a variant", variant.maps.side, scale, &values);
        });
    }
}

/// The raw values of the probed pixel under every variant.
fn told(state: &AppState, look: &SweepLook, kind: MapKind) -> String {
    let Some(probe) = state.probe else {
        return "Point at a map for that pixel's values under all variants".to_owned();
    };
    let value = |v: &VariantMaps| {
        let map = v.maps.samples.get(probe.face)?.get(kind)?;
        let at = map.get(probe.row * v.maps.side + probe.column)?;
        Some(format!("{} {}", v.title, value_text(f64::from(*at))))
    };
    let all: Vec<String> = look.maps.iter().filter_map(value).collect();
    format!("row {}, column {} · {}", probe.row, probe.column, all.join(" · "))
}
