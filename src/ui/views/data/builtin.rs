//! The built-in benchmark: what it has at which size.

use eframe::egui::{Grid, Label, RichText, ScrollArea, Ui};

use super::overview::{end_row, headings, number};
use super::send;
use crate::data::builtin::Scale;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::data::{DataCommand, Page};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::workspace::Pane;

/// The sizes, to choose from.
pub fn scales(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    ui.horizontal(|ui| {
        for (scale, help) in [
            (Scale::Tiny, "A person or two a part: to try things out in seconds"),
            (Scale::Mini, "A tenth to a fifth of the originals' clips; made in a minute or two"),
            (Scale::Full, "As many people and clips as the originals have; made in hours"),
        ] {
            if ui.radio(state.data.builtin.scale == scale, scale.name()).on_hover_text(help).clicked() {
                send(queue, DataCommand::Scale(scale));
            }
        }
    });
}

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    ScrollArea::vertical().auto_shrink(false).id_salt("benchmark").show(ui, |ui| {
        let text = "Six miniature data sets, laid out like the real ones and rendered by this program, so that everything \
                    can be tried without a licence. No number from them is a result on real data.";
        ui.add(Label::new(text).wrap());
        ui.add_space(6.0);
        scales(ui, state, queue);
        ui.add_space(6.0);
        let Some((.., clips)) = &state.data.builtin.clips else {
            ui.weak("Listing its clips");
            return;
        };
        Grid::new("built-in sets").num_columns(6).spacing([18.0, 4.0]).striped(true).show(ui, |ui| {
            let titles = [("Set", false), ("Stands for", false), ("Live", true), ("Attacks", true), ("People", true), ("", false)];
            headings(ui, &titles);
            let mut sum = [0; 3];
            for (set, [live, attacks], people) in &clips.sets {
                ui.label(set.synthetic());
                ui.label(set.title());
                for (total, n) in sum.iter_mut().zip([*live, *attacks, *people]) {
                    number(ui, n, tokens.text);
                    *total += n;
                }
                end_row(ui);
            }
            ui.label(RichText::new("all").strong());
            ui.label("");
            for n in sum {
                number(ui, n, tokens.strong);
            }
            end_row(ui);
        });
        ui.add_space(8.0);
        ui.horizontal_wrapped(|ui| {
            if ui.button("See its protocols").clicked() {
                send(queue, DataCommand::Turn(Page::Protocol));
            }
            if ui.button("Browse its clips").clicked() {
                send(queue, DataCommand::Turn(Page::Clips));
            }
            let help = "One face under every attack, by every camera and in every place";
            if ui.button("Open the gallery").on_hover_text(help).clicked() {
                queue.send(UiCommand::Focus(Pane::Gallery));
            }
        });
        if state.data.roots.is_empty() {
            ui.add_space(10.0);
            ui.add(Label::new(RichText::new("Your own data go into the field at the left").color(tokens.weak)).wrap());
        }
    });
}
