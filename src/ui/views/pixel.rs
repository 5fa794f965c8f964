//! The kept pixel's values over time, a line a kind of map; a press moves the time cursor there.

use eframe::egui::Ui;
use egui_plot::{HoverPosition, Legend, Line, Plot, PlotPoints, VLine};

use crate::session::MapKind;
use crate::ui::command::{CommandQueue, TimeCursor, UiCommand};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{name_plot, value_text};

const HEIGHT: f32 = 120.0;

/// Shows the plot.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    if state.wants_pixel() {
        queue.send(UiCommand::FollowPixel);
    }
    let Some((_, points)) = &state.pixel.course else {
        ui.weak("Maps are being read…");
        return;
    };
    let tokens = theme::tokens(ui);
    let plot = Plot::new("pixel over time")
        .height(HEIGHT)
        .legend(Legend::default())
        .grid_color(tokens.outline)
        .allow_scroll(false)
        .label_formatter(|at| match at {
            HoverPosition::NearDataPoint { plot_name, position, .. } => {
                Some(format!("{plot_name}\niteration {:.0}: {}", position.x, value_text(position.y)))
            }
            HoverPosition::Elsewhere { position } => Some(format!("iteration {:.0}", position.x)),
        });
    let response = plot.show(ui, |plot| {
        for (at, kind) in MapKind::ALL.into_iter().enumerate() {
            let line: Vec<[f64; 2]> = points
                .iter()
                .filter_map(|(i, values)| Some([*i as f64, f64::from(values[at]?)]))
                .filter(|[_, y]| y.is_finite())
                .collect();
            if !line.is_empty() {
                let color = tokens.series[at % tokens.series.len()];
                plot.line(Line::new(kind.title(), PlotPoints::from(line)).color(color).width(1.6));
            }
        }
        if let TimeCursor::At(iteration) = state.time {
            plot.vline(VLine::new("", iteration as f64).color(tokens.accent).allow_hover(false));
        }
    });
    name_plot(&response.response, "Values of the kept pixel over iterations");
    if response.response.clicked()
        && let Some(at) = response.response.interact_pointer_pos()
    {
        let x = response.transform.value_from_position(at).x;
        let nearest = points.iter().min_by(|a, b| (a.0 as f64 - x).abs().total_cmp(&(b.0 as f64 - x).abs()));
        if let Some((iteration, _)) = nearest {
            queue.send(UiCommand::SetTime(TimeCursor::At(*iteration)));
        }
    }
}
