//! One clip closely: a frame with boxes, the face that is cut out of it, more frames, and what is known of the clip.

use eframe::egui::{
    Button, ColorImage, Context, Grid, Image, Label, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind,
    TextureHandle, TextureOptions, Ui, WidgetInfo, vec2,
};

use super::picture::{self, colors};
use super::{lists, pack, send};
use crate::data::{Marks, Turn};
use crate::ui::command::CommandQueue;
use crate::ui::data::{ClipRow, DataCommand, Drawn, Look, LookFrame, LookKey, Shown, Whence, label_word};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::badge;

/// Height of the frames below the large one, in points.
const STRIP: f32 = 58.0;

/// Textures of a clip.
#[derive(Default)]
pub struct ClipCache {
    key: Option<LookKey>,
    frames: Vec<TextureHandle>,
    faces: Vec<Option<TextureHandle>>,
}

impl ClipCache {
    fn take(&mut self, ctx: &Context, key: &LookKey, look: &Look) {
        if self.key.as_ref() == Some(key) {
            return;
        }
        let load = |name: &str, size: [usize; 2], rgb: &[u8]| {
            ctx.load_texture(name, ColorImage::from_rgb(size, rgb), TextureOptions::LINEAR)
        };
        self.frames = look.frames.iter().map(|f| load("frame", f.size, &f.rgb)).collect();
        let face = |f: &LookFrame| f.face.as_ref().map(|(side, rgb)| load("face", [*side, *side], rgb));
        self.faces = look.frames.iter().map(face).collect();
        self.key = Some(key.clone());
    }
}

/// Shows the clip.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut ClipCache, queue: &CommandQueue) {
    let data = &state.data;
    let Some((number, clip)) = data.picked() else { return };
    head(ui, state, number, clip, queue);
    ScrollArea::vertical().auto_shrink(false).id_salt("clip").show(ui, |ui| {
        switches(ui, state, queue);
        ui.add_space(2.0);
        let is_it = |key: &LookKey| key.row == number && key.shown == data.shown;
        match data.browse.look.as_ref().map(|(key, look)| (key, look.as_ref())) {
            // The last clip's pictures stay, faintly, until the next ones come: nothing jumps.
            Some((key, Ok(look))) if !is_it(key) => {
                cache.take(ui.ctx(), key, look);
                ui.scope(|ui| {
                    ui.multiply_opacity(0.35);
                    pictures(ui, state, cache, look, queue);
                });
                facts(ui, clip, None);
            }
            Some((key, Err(why))) if is_it(key) => {
                ui.add(Label::new(RichText::new(format!("▲ {why}")).color(theme::tokens(ui).error)).wrap());
                facts(ui, clip, None);
            }
            None | Some((_, Err(_))) => {
                ui.weak("Reading the clip…");
                facts(ui, clip, None);
            }
            Some((key, Ok(look))) => {
                cache.take(ui.ctx(), key, look);
                pictures(ui, state, cache, look, queue);
                ui.add_space(4.0);
                facts(ui, clip, Some(look));
                lists::sentences(ui, "To know", &look.remarks);
            }
        }
    });
}

fn head(ui: &mut Ui, state: &AppState, number: usize, clip: &ClipRow, queue: &CommandQueue) {
    let (browse, tokens) = (&state.data.browse, theme::tokens(ui));
    let place = browse.hits.binary_search(&(number as u32)).unwrap_or(0);
    ui.horizontal(|ui| {
        let last = browse.hits.len().saturating_sub(1);
        for (name, free, by, key) in [("‹ Previous", place > 0, -1, "↑"), ("Next ›", place < last, 1, "↓")] {
            let button = ui.add_enabled(free, Button::new(name));
            if button.on_hover_text(format!("The arrow keys do the same ({key})")).clicked() {
                send(queue, DataCommand::Step(by));
            }
        }
        ui.weak(format!("{} of {}", place + 1, browse.hits.len()));
        let color = if clip.label == crate::data::Label::Live { tokens.good } else { tokens.warn };
        badge(ui, label_word(clip.label), color);
        if ui.add(Button::new("✕").frame(false)).accessible_name("Close the clip").clicked() {
            send(queue, DataCommand::Pick(None));
        }
    });
    ui.add(Label::new(RichText::new(&clip.path).strong().color(tokens.strong)).wrap());
}

/// What is drawn, in the colours it is drawn with.
fn switches(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let now = state.data.browse.drawn;
    let mut drawn = now;
    let [given, region, detected] = colors(theme::tokens(ui));
    let built_in = state.data.shown == Shown::Builtin;
    ui.horizontal_wrapped(|ui| {
        ui.checkbox(&mut drawn.given, RichText::new("Boxes and eyes").color(given)).on_hover_text(if built_in {
            "As the renderer knows them"
        } else {
            "As they came with the set"
        });
        if built_in {
            return;
        }
        ui.checkbox(&mut drawn.region, RichText::new("Crop").color(region))
            .on_hover_text("The region that the preset cuts out");
        ui.checkbox(&mut drawn.detected, RichText::new("Detector's box").color(detected))
            .on_hover_text("What the detector finds in the whole frame by itself");
        pack::how(ui, &state.form.config.data, queue);
        pack::finder(ui, &state.form.config.data, queue);
    });
    if drawn != now {
        send(queue, DataCommand::Draw(drawn));
    }
}

fn pictures(ui: &mut Ui, state: &AppState, cache: &ClipCache, look: &Look, queue: &CommandQueue) {
    let (browse, tokens) = (&state.data.browse, theme::tokens(ui));
    let at = browse.frame.min(look.frames.len().saturating_sub(1));
    let (Some(frame), Some(texture)) = (look.frames.get(at), cache.frames.get(at)) else { return };
    let width = ui.available_width();
    let height = (ui.ctx().content_rect().height() * 0.42).clamp(160.0, 640.0);
    let face_side = (width * 0.34).clamp(80.0, 256.0).min(height);
    ui.horizontal_top(|ui| {
        let size = picture::fitted(frame.size, vec2(width - face_side - 10.0, height));
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, picture::spoken(frame)));
        picture::paint(ui, rect, texture, frame, browse.drawn);
        ui.vertical(|ui| {
            let (rect, response) = ui.allocate_exact_size(vec2(face_side, face_side), Sense::hover());
            let face = cache.faces.get(at).and_then(Option::as_ref);
            if let (Some(face), Some((side, _))) = (face, &frame.face) {
                response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "The face that is cut out"));
                Image::new(face).paint_at(ui, rect);
                ui.label(RichText::new(format!("as a run gets it, {side} × {side}")).small().color(tokens.weak));
            } else {
                ui.painter().rect_stroke(rect, 2.0, Stroke::new(1.0, tokens.outline), StrokeKind::Inside);
                let font = eframe::egui::FontId::proportional(12.0);
                let middle = eframe::egui::Align2::CENTER_CENTER;
                ui.painter().text(rect.center(), middle, "no face found", font, tokens.warn);
                response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "No face was found in this frame"));
            }
            if let Some((_, sure)) = frame.detected.filter(|_| browse.drawn.detected) {
                let text = format!("detector: {:.0} % sure", 100.0 * sure);
                ui.label(RichText::new(text).small().color(colors(tokens)[2]));
            } else if browse.drawn.detected {
                ui.label(RichText::new("detector: nothing found").small().color(colors(tokens)[2]));
            }
        });
    });
    if look.frames.len() > 1 {
        strip(ui, cache, look, (at, browse.drawn), queue);
    }
}

fn strip(ui: &mut Ui, cache: &ClipCache, look: &Look, (at, drawn): (usize, Drawn), queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        for (i, (frame, texture)) in look.frames.iter().zip(&cache.frames).enumerate() {
            let size = picture::fitted(frame.size, vec2(STRIP * 2.0, STRIP));
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            let name = format!("Show frame {}", frame.number);
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, i == at, &name));
            picture::paint(ui, rect, texture, frame, Drawn { region: false, ..drawn });
            if i == at || response.hovered() || response.has_focus() {
                let edge = Rect::from_min_size(rect.min, size);
                ui.painter().rect_stroke(edge, 2.0, Stroke::new(2.0, tokens.accent), StrokeKind::Inside);
            }
            if response.on_hover_text(name).clicked() {
                send(queue, DataCommand::Frame(i));
            }
        }
    });
}

fn facts(ui: &mut Ui, clip: &ClipRow, look: Option<&Look>) {
    let mut lines: Vec<(&str, String)> = vec![("Species", clip.species.clone())];
    let named = [
        ("Made with", &clip.instrument),
        ("Subject", &clip.subject),
        ("Camera", &clip.camera),
        ("Session", &clip.session),
        ("Part", &clip.part),
    ];
    lines.extend(named.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.clone())));
    if let Some(look) = look {
        if let Some(frame) = look.frames.first() {
            let [w, h] = frame.full;
            let count = match look.count {
                None => String::new(),
                Some(1) => ", one frame".to_owned(),
                Some(n) => format!(", {n} frames"),
            };
            lines.push(("Picture", format!("{w} × {h} pixels{count}")));
            lines.push(("Rotation", turn_word(frame.turned).to_owned()));
        }
        let bytes = look.bytes.map_or_else(String::new, |b| format!(" ({})", bytes_text(b)));
        lines.push(("File", format!("{}{bytes}", look.file)));
    }
    if let Whence::Disk(source) = &clip.whence {
        lines.extend(source.marks.as_ref().map(|marks| ("Boxes", marks_word(marks))));
    }
    Grid::new("facts of a clip").num_columns(2).spacing([14.0, 3.0]).show(ui, |ui| {
        for (name, value) in lines {
            ui.weak(name);
            ui.add(Label::new(value).wrap());
            ui.end_row();
        }
    });
}

fn bytes_text(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// How a stored picture was turned, for people.
fn turn_word(turn: Turn) -> &'static str {
    match turn {
        Turn::None => "none",
        Turn::Right => "turned by 90° to the right",
        Turn::Half => "turned by 180°",
        Turn::Left => "turned by 90° to the left",
    }
}

/// The file that says where faces are.
fn marks_word(marks: &Marks) -> String {
    match marks {
        Marks::OuluEyes(path) => format!("eyes, {}", path.display()),
        Marks::CasiaBoxes(path) | Marks::ReplayBoxes(path) => path.display().to_string(),
        Marks::MsuBoxes(path) => format!("boxes and eyes, {}", path.display()),
        Marks::CdcnBoxes(files) => {
            format!("a file a picture, {} of {}", files.iter().flatten().count(), files.len())
        }
        Marks::Boxes(boxes) => format!("in {} of {} pictures", boxes.iter().flatten().count(), boxes.len()),
    }
}
