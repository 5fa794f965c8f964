//! The line at the foot of the window: what the numbers in view come from.

use eframe::egui::{Align, Label, Layout, RichText, Ui};

use crate::session::STALE_SECS;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{copyable, duration};

/// Shows the line.
pub fn show(ui: &mut Ui, state: &AppState) {
    copyable(ui);
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        let small = |text: String| RichText::new(text).small().color(tokens.weak);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add(Label::new(small(state.device.clone())).truncate());
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let Some(run) = state.run() else {
                    ui.label(small("No run is open".to_owned()));
                    return;
                };
                if let Some(p) = &run.1.provenance {
                    let seed = run.1.config.as_ref().map_or(0, |c| c.seed);
                    let text = format!("{} · {} · seed {seed} · version {}", p.data, p.origin, p.version);
                    ui.add(Label::new(small(text)).truncate());
                }
                let followed = !state.is_attached(run.0) && !run.is_over();
                if let Some(age) = run.heartbeat_age_secs.filter(|_| followed) {
                    let stale = age > STALE_SECS;
                    let text = if stale {
                        "no sign of life: the process that trained this run has ended or its folder is gone".to_owned()
                    } else {
                        format!("trained by another process, last sign of life {} ago", duration(age as f64))
                    };
                    let color = if stale { tokens.error } else { tokens.good };
                    ui.label(RichText::new(text).small().color(color));
                }
            });
        });
    });
}
