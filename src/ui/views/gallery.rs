//! One face under all attacks, by all cameras or in all places, side by side; and one picture closely, with its maps.

use eframe::egui::{
    Align, Button, Color32, ColorImage, CornerRadius, Frame, Image, Layout, Margin, Panel, Rect, RichText, Role,
    ScrollArea, Sense, Stroke, TextureHandle, TextureOptions, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::data::builtin::gallery::{Across, Shown};
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::badge;
use crate::ui::widgets::number::number;

/// Side of a picture's place in the table, room for a row's name, and for the columns' names, in points.
const CELL: f32 = 104.0;
const NAMES: f32 = 150.0;
const HEAD: f32 = 20.0;
/// Width of the close look.
const CLOSE: f32 = 300.0;

/// Textures of what is shown.
#[derive(Default)]
pub struct GalleryCache {
    generation: u64,
    cells: Vec<Option<TextureHandle>>,
    close: Option<Close>,
}

/// Textures of the close look: which table, which picture, and its maps by name.
type Close = (u64, usize, Vec<(&'static str, TextureHandle)>);

/// Shows the gallery; `lone` where it stands in for the welcome and can be left.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut GalleryCache, lone: bool, queue: &CommandQueue) {
    let gallery = &state.gallery;
    if gallery.wants() {
        queue.send(UiCommand::NextPicture);
    }
    if cache.generation != gallery.generation {
        *cache = GalleryCache { generation: gallery.generation, ..GalleryCache::default() };
        cache.cells.resize(gallery.shown.len(), None);
    }
    Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
        head(ui, state, lone, queue);
        ui.add_space(6.0);
        if let Some(picked) = gallery.picked {
            let panel = Panel::right("close look").exact_size(CLOSE).resizable(false);
            panel.show(ui, |ui| close(ui, state, cache, picked, queue));
        }
        table(ui, state, cache, queue);
    });
}

fn head(ui: &mut Ui, state: &AppState, lone: bool, queue: &CommandQueue) {
    let (gallery, tokens) = (&state.gallery, theme::tokens(ui));
    ui.horizontal(|ui| {
        ui.label(RichText::new("The built-in benchmark").heading().color(tokens.strong));
        badge(ui, "synthetic", tokens.warn);
        let mut person = gallery.person;
        let id = ui.label("Person").id;
        if ui.add(number(ui, &mut person).range(0..=9_999).speed(0.1)).labelled_by(id).changed() {
            queue.send(UiCommand::ShowPeople { person, across: gallery.across });
        }
        if ui.button("Next person").clicked() {
            queue.send(UiCommand::ShowPeople { person: gallery.person + 1, across: gallery.across });
        }
        for (across, name) in [(Across::Cameras, "All cameras"), (Across::Places, "All places")] {
            if ui.radio(gallery.across == across, name).clicked() {
                queue.send(UiCommand::ShowPeople { person: gallery.person, across });
            }
        }
        let (come, all) = gallery.progress();
        if come < all {
            ui.weak(format!("{come} of {all} pictures"));
        }
        if lone {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button("Back").clicked() {
                    queue.send(UiCommand::Leave);
                }
            });
        }
    });
}

fn table(ui: &mut Ui, state: &AppState, cache: &mut GalleryCache, queue: &CommandQueue) {
    let gallery = &state.gallery;
    let (rows, columns) = (gallery.table.rows.len(), gallery.table.columns.len());
    let size = vec2(NAMES + columns as f32 * CELL, HEAD + rows as f32 * CELL);
    ScrollArea::both().auto_shrink(false).id_salt("gallery").show_viewport(ui, |ui, seen| {
        ui.set_min_size(size);
        let origin = ui.min_rect().min;
        let tokens = theme::tokens(ui);
        let place = |x: f32, y: f32, w: f32, h: f32| Rect::from_min_size(origin + vec2(x, y), vec2(w, h));
        for r in 0..rows {
            let y = HEAD + r as f32 * CELL;
            if y + CELL < seen.min.y || y > seen.max.y {
                continue;
            }
            for c in 0..columns {
                let x = NAMES + c as f32 * CELL;
                if x + CELL >= seen.min.x && x <= seen.max.x {
                    let index = r * columns + c;
                    cell(ui, state, cache, index, place(x, y, CELL, CELL).shrink(2.0), queue);
                }
            }
        }
        // Names stay in view: the rows' at the left, the columns' at the top.
        let (left, top) = (seen.min.x.max(0.0), seen.min.y.max(0.0));
        for (r, name) in gallery.table.rows.iter().enumerate() {
            let rect = place(left, HEAD + r as f32 * CELL, NAMES, CELL).shrink(2.0);
            if rect.max.y > origin.y + top {
                ui.painter().rect_filled(rect, CornerRadius::ZERO, tokens.panel);
                let text = RichText::new(name).color(tokens.strong);
                let builder =
                    UiBuilder::new().max_rect(rect.shrink2(vec2(4.0, 8.0))).layout(Layout::top_down(Align::Min));
                ui.scope_builder(builder, |ui| ui.label(text));
            }
        }
        ui.painter().rect_filled(place(left, top, seen.width(), HEAD), CornerRadius::ZERO, tokens.panel);
        for (c, name) in gallery.table.columns.iter().enumerate() {
            let x = NAMES + c as f32 * CELL;
            if x >= left + NAMES - CELL * 0.5 {
                let builder = UiBuilder::new().max_rect(place(x + 2.0, top, CELL - 4.0, HEAD));
                ui.scope_builder(builder, |ui| ui.label(RichText::new(*name).small().color(tokens.weak)));
            }
        }
    });
}

fn cell(ui: &mut Ui, state: &AppState, cache: &mut GalleryCache, index: usize, rect: Rect, queue: &CommandQueue) {
    let (gallery, tokens) = (&state.gallery, theme::tokens(ui));
    let response = ui.interact(rect, ui.scope_id().with(("picture", index)), Sense::click());
    let name = gallery.name(index);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    ui.painter().rect_filled(rect, CornerRadius::same(3), tokens.raised);
    match gallery.shown.get(index).and_then(Option::as_ref) {
        Some(Ok(shown)) => {
            let texture = cache.cells[index].get_or_insert_with(|| {
                let image = ColorImage::from_rgb([shown.width, shown.height], &shown.rgb);
                ui.ctx().load_texture(format!("gallery {index}"), image, TextureOptions::LINEAR)
            });
            Image::new(&*texture).paint_at(ui, fitted(rect, shown));
        }
        Some(Err(reason)) => {
            response.clone().on_hover_text(reason);
        }
        None => {}
    }
    if gallery.picked == Some(index) || response.hovered() {
        let stroke = Stroke::new(2.0, tokens.accent);
        ui.painter().rect_stroke(rect, CornerRadius::same(3), stroke, eframe::egui::StrokeKind::Inside);
    }
    if response.on_hover_text(name).clicked() {
        queue.send(UiCommand::PickPicture(Some(index)));
    }
}

/// The largest place of the picture's shape in the middle of `rect`.
fn fitted(rect: Rect, shown: &Shown) -> Rect {
    let (w, h) = (shown.width as f32, shown.height as f32);
    let scale = (rect.width() / w).min(rect.height() / h);
    Rect::from_center_size(rect.center(), vec2(w * scale, h * scale))
}

fn close(ui: &mut Ui, state: &AppState, cache: &mut GalleryCache, picked: usize, queue: &CommandQueue) {
    let (gallery, tokens) = (&state.gallery, theme::tokens(ui));
    ui.horizontal(|ui| {
        ui.label(RichText::new("Close look").strong().color(tokens.strong));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(Button::new("✕").frame(false)).accessible_name("Close the close look").clicked() {
                queue.send(UiCommand::PickPicture(None));
            }
        });
    });
    ui.label(gallery.name(picked));
    let Some(Some(Ok(shown))) = gallery.shown.get(picked) else {
        ui.weak("This picture has not come yet");
        return;
    };
    if cache.close.as_ref().is_none_or(|c| (c.0, c.1) != (gallery.generation, picked)) {
        let load = |name: &'static str, image: ColorImage| {
            (name, ui.ctx().load_texture(format!("close {name}"), image, TextureOptions::NEAREST))
        };
        let size = [shown.width, shown.height];
        let grey = |map: &[u8]| ColorImage::from_gray(size, map);
        let maps = vec![
            load("Picture", ColorImage::from_rgb(size, &shown.rgb)),
            load("Attack material", grey(&shown.mask)),
            load("Facial depth (0 on attacks)", grey(&shown.depth)),
            load("Normals", ColorImage::from_rgb(size, &shown.normals)),
            load("Albedo", ColorImage::from_rgb(size, &shown.albedo)),
        ];
        cache.close = Some((gallery.generation, picked, maps));
    }
    ScrollArea::vertical().auto_shrink(false).id_salt("close look").show(ui, |ui| {
        for (name, texture) in cache.close.iter().flat_map(|c| &c.2) {
            ui.label(RichText::new(*name).small().color(tokens.weak));
            let width = ui.available_width().min(CLOSE - 24.0);
            let size = vec2(width, width * shown.height as f32 / shown.width.max(1) as f32);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            ui.painter().image(texture.id(), rect, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE);
            if *name == "Picture" {
                let scale = rect.width() / shown.width.max(1) as f32;
                let [x, y, w, h] = shown.face_box.map(|v| v * scale);
                let face = Rect::from_min_size(rect.min + vec2(x, y), vec2(w, h));
                let stroke = Stroke::new(1.0, tokens.accent);
                ui.painter().rect_stroke(face, CornerRadius::ZERO, stroke, eframe::egui::StrokeKind::Middle);
            }
            ui.add_space(4.0);
        }
    });
}
