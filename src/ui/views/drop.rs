//! Files and folders that are dragged onto the window: data, a session, or pictures of faces.

use std::path::Path;

use eframe::egui::{Align2, Area, Context, FontId, Id, LayerId, Order, Stroke, StrokeKind};

use crate::data::PICTURES;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::data::DataCommand;
use crate::ui::patterns::PatternsCommand;
use crate::ui::theme;
use crate::ui::workspace::Pane;

/// Takes what was dropped in this frame; shows where things can be dropped while they are dragged.
pub fn show(ctx: &Context, queue: &CommandQueue) {
    let (dropped, hovering) = ctx.input(|i| {
        let dropped: Vec<_> = i.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect();
        (dropped, !i.raw.hovered_files.is_empty())
    });
    let (pictures, data): (Vec<_>, Vec<_>) = dropped.into_iter().partition(|path| is_picture(path));
    if !data.is_empty() {
        queue.send(UiCommand::Focus(Pane::Data));
    }
    for path in data {
        queue.send(UiCommand::Data(DataCommand::Add(path)));
    }
    if !pictures.is_empty() {
        queue.send(UiCommand::Focus(Pane::Patterns));
    }
    for path in pictures {
        queue.send(UiCommand::Patterns(PatternsCommand::Add(path)));
    }
    if !hovering {
        return;
    }
    let tokens = theme::of(ctx.theme() == eframe::egui::Theme::Dark);
    let whole = ctx.content_rect();
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    painter.rect_filled(whole, 0.0, tokens.ground.gamma_multiply(0.85));
    painter.rect_stroke(whole.shrink(12.0), 8.0, Stroke::new(2.0, tokens.accent), StrokeKind::Inside);
    // For those who hear the window instead of seeing it.
    let text = "Drop a data set, a folder of pictures, a list of clips, a session or a picture of a face";
    Area::new(Id::unique("drop text")).order(Order::Tooltip).anchor(Align2::CENTER_CENTER, [0.0, 0.0]).show(
        ctx,
        |ui| {
            ui.label(eframe::egui::RichText::new(text).font(FontId::proportional(18.0)).color(tokens.strong));
        },
    );
}

/// Whether a name is that of one picture; lists and folders are data.
fn is_picture(path: &Path) -> bool {
    let known = |e: &std::ffi::OsStr| PICTURES.iter().any(|known| e.eq_ignore_ascii_case(known));
    path.extension().is_some_and(known)
}
