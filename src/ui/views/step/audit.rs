//! How far the hypergradient that the run goes by is from the exact one: how often that is looked at, and what came of it
//! over time.

use eframe::egui::{RichText, Ui};
use egui_plot::{HoverPosition, Line, Plot, PlotPoints};

use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::state::{AppState, Viewed};
use crate::ui::theme;
use crate::ui::widgets::number::number;
use crate::ui::widgets::{name_plot, section, value_text};

const KEY: &str = "bilevel.audit_every";

/// Shows the part.
pub fn show(ui: &mut Ui, state: &AppState, run: Viewed<'_>, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    ui.add_space(8.0);
    section(ui, "Audit: the chosen gradient against the exact one");
    let config = run.config.clone().unwrap_or_default().bilevel;
    ui.horizontal(|ui| {
        ui.label(RichText::new(config.hypergradient.to_string()).monospace());
        ui.label("is compared with exact_db every");
        let mut every = config.audit_every;
        let live = state.is_attached(run.0) && !run.is_over();
        let field = number(ui, &mut every).range(0..=100_000_u64).speed(0.1).update_while_editing(false);
        let help = "0 never compares. The exact gradient is taken through all inner steps by libtorch, beside the run: what \
                    the run learns does not change";
        let field = ui.add_enabled(live, field).on_hover_text(help);
        let field = field.on_disabled_hover_text("This run is not under way");
        field.widget_info(|| eframe::egui::WidgetInfo::drag_value(live, every as f64));
        if field.changed() {
            queue.send(UiCommand::SetHyper { key: KEY, value: every.to_string() });
        }
        ui.label("iterations");
    });
    let told = |name: &str| -> Vec<[f64; 2]> {
        let series = run.1.metrics.get(name);
        let pairs = series.into_iter().flat_map(|s| s.x.iter().copied().zip(s.y.iter().copied()));
        pairs.filter(|(_, y)| y.is_finite()).map(|(x, y)| [x, y]).collect()
    };
    let (cosine, error) = (told("audit_cosine"), told("audit_error"));
    let (Some([at, c]), Some([_, e])) = (cosine.last(), error.last()) else {
        ui.weak("No comparison was made yet");
        return;
    };
    let text = format!("cosine {}, relative error {} at iteration {at:.0}", value_text(*c), value_text(*e));
    ui.label(RichText::new(text).monospace());
    let low = cosine.iter().map(|p| p[1]).fold(1.0, f64::min);
    let drawn = Plot::new("audit")
        .height(110.0)
        .grid_color(tokens.outline)
        .allow_scroll(false)
        .include_y(1.0)
        .include_y(if low > 0.9 { 0.9 } else { low })
        .y_axis_label("cosine")
        .label_formatter(|at| match at {
            HoverPosition::NearDataPoint { position, .. } => {
                Some(format!("iteration {:.0}: {}", position.x, value_text(position.y)))
            }
            HoverPosition::Elsewhere { .. } => None,
        })
        .show(ui, |plot| {
            plot.line(Line::new("cosine", PlotPoints::from(cosine.clone())).color(tokens.series[3]).width(1.6));
            let marks = egui_plot::Points::new("cosine", PlotPoints::from(cosine)).color(tokens.series[3]).radius(2.5);
            plot.points(marks);
        });
    name_plot(&drawn.response, "Cosine of the chosen with the exact gradient over iterations");
}
