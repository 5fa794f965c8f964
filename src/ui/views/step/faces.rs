//! The faces of the batch in work, with what the teacher said of each and what it is told.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::{Align, Label, Layout, RichText, Ui, vec2};

use crate::data::Label as Truth;
use crate::engine::{BatchFace, BatchView};
use crate::ui::atlas::{Kept, Same, fill_maps, fill_rgb};
use crate::ui::colormap::{Colormap, Scale, reach};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::colour_bar::ColourBar;
use crate::ui::widgets::{picture, section};

/// Textures of the batch in view.
#[derive(Default)]
pub struct BatchCache {
    rgb: Kept<Same<BatchView>>,
    targets: Kept<(Same<BatchView>, Colormap)>,
    cotangents: Kept<Same<BatchView>>,
    scales: (Option<Scale>, Option<Scale>),
    bars: [ColourBar; 2],
}

/// Shows the part.
pub fn show(ui: &mut Ui, state: &AppState, batch: &Arc<BatchView>, cache: &mut BatchCache) {
    let colormap = state.workspace.colormap;
    let all: Vec<&BatchFace> = batch.train.iter().chain(&batch.validation).collect();
    cache.rgb.get(Same(Arc::clone(batch)), |atlas| {
        let pictures: Vec<&[u8]> = all.iter().map(|f| f.rgb.as_slice()).collect();
        fill_rgb(atlas, ui.ctx(), "batch faces", batch.size, &pictures);
    });
    let BatchCache { targets, scales, .. } = cache;
    targets.get((Same(Arc::clone(batch)), colormap), |atlas| {
        let maps: Vec<Option<&[f32]>> = all.iter().map(|f| f.target.as_deref()).collect();
        // Targets are 2 sigma in Algorithm 1 and reach 2; labels reach 1.
        let top = if reach(maps.iter().flatten().copied().flatten()) > 1.0 { 2.0 } else { 1.0 };
        let scale = Scale::sequential(colormap, 0.0, top);
        scales.0 = maps.iter().any(Option::is_some).then_some(scale);
        fill_maps(atlas, ui.ctx(), "batch targets", batch.side, scale, &maps);
    });
    let BatchCache { cotangents, scales, .. } = cache;
    cotangents.get(Same(Arc::clone(batch)), |atlas| {
        let maps: Vec<Option<&[f32]>> = all.iter().map(|f| f.cotangent.as_deref()).collect();
        let scale = Scale::diverging(reach(maps.iter().flatten().copied().flatten()));
        scales.1 = maps.iter().any(Option::is_some).then_some(scale);
        fill_maps(atlas, ui.ctx(), "batch cotangents", batch.side, scale, &maps);
    });
    ui.add_space(10.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        for (i, (name, scale)) in
            [("Target", cache.scales.0), ("Cotangent −J v", cache.scales.1)].into_iter().enumerate()
        {
            if let Some(scale) = scale {
                ui.weak(name);
                cache.bars[i].show(ui, name, scale, 120.0);
            }
        }
    });
    let split = batch.train.len();
    let both = !batch.validation.is_empty();
    let first = if both { "Inner batch Φₜ: the detector learns from these" } else { "The batch of this iteration" };
    strip(ui, cache, batch, (first, "inner"), 0..split);
    strip(ui, cache, batch, ("Validation batch Φᵥ: what it learnt is judged on these", "validation"), split..all.len());
}

fn strip(ui: &mut Ui, cache: &BatchCache, batch: &BatchView, (title, short): (&str, &str), range: Range<usize>) {
    if range.is_empty() {
        return;
    }
    let side = picture::whole_texels(ui, 66.0, batch.side);
    let cell = side.max(60.0);
    section(ui, title);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 8.0);
        for i in range.clone() {
            let Some(face) = batch.train.iter().chain(&batch.validation).nth(i) else { continue };
            let height =
                cell * (1 + usize::from(cache.scales.0.is_some()) + usize::from(cache.scales.1.is_some())) as f32;
            ui.allocate_ui_with_layout(vec2(cell, height + 26.0), Layout::top_down(Align::Center), |ui| {
                card(ui, cache, face, (i, i - range.start + 1), (cell, side), short);
            });
        }
    });
}

fn card(
    ui: &mut Ui,
    cache: &BatchCache,
    face: &BatchFace,
    (i, number): (usize, usize),
    (cell, side): (f32, f32),
    short: &str,
) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 3.0;
    let size = (cell, side);
    let name = |what: &str| format!("{what}, {short} face {number}");
    picture::show(ui, cache.rgb.filled(), i, size, &name("Face"), "").on_hover_text(&face.key);
    if cache.scales.0.is_some() {
        let absent = if face.target.is_some() { "" } else { "–" };
        picture::show(ui, cache.targets.filled(), i, size, &name("Target"), absent);
    }
    if cache.scales.1.is_some() {
        let absent = if face.cotangent.is_some() { "" } else { "–" };
        picture::show(ui, cache.cotangents.filled(), i, size, &name("Cotangent"), absent);
    }
    let color = if face.label == Truth::Live { tokens.good } else { tokens.warn };
    ui.add(Label::new(RichText::new(&face.species).small().color(color)).truncate());
}
