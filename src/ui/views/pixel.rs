//! The kept pixel's values over time, a line a kind of map; a press moves the time cursor there.

use eframe::egui::{RichText, Ui};
use egui_plot::{HoverPosition, Line, Plot, PlotPoints, VLine};

use crate::session::MapKind;
use crate::ui::command::{CommandQueue, TimeCursor, UiCommand};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{copyable, name_plot, value_text};

const HEIGHT: f32 = 120.0;

/// Shows the plot.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    copyable(ui);
    if state.wants_pixel() {
        queue.send(UiCommand::FollowPixel);
    }
    let Some((_, points)) = &state.pixel.course else {
        ui.weak("Maps are being read…");
        return;
    };
    // The cotangent is of another size: beside maps from 0 to 1 on one axis either would be a flat line.
    let (maps, pulls): (Vec<MapKind>, Vec<MapKind>) = MapKind::ALL
        .into_iter()
        .filter(|kind| points.iter().any(|(_, values)| values[place(*kind)].is_some_and(f32::is_finite)))
        .partition(|kind| !matches!(kind, MapKind::Cotangent | MapKind::Attention));
    let plots = [("Maps", maps), ("What the teacher is told, what is looked at", pulls)];
    let plots: Vec<_> = plots.into_iter().filter(|(_, kinds)| !kinds.is_empty()).collect();
    ui.columns(plots.len().max(1), |columns| {
        for (column, (name, kinds)) in columns.iter_mut().zip(&plots) {
            plot(column, state, points, (name, kinds), queue);
        }
    });
}

fn place(kind: MapKind) -> usize {
    MapKind::ALL.iter().position(|k| *k == kind).unwrap_or(0)
}

type Points = [(u64, [Option<f32>; MapKind::ALL.len()])];

fn plot(ui: &mut Ui, state: &AppState, points: &Points, (name, kinds): (&str, &[MapKind]), queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    let color_of = |kind: MapKind| tokens.series[place(kind) % tokens.series.len()];
    // Above the lines: a legend within the plot would lie over them.
    ui.horizontal(|ui| {
        for &kind in kinds {
            ui.label(RichText::new(format!("■ {}", kind.title())).small().color(color_of(kind)));
        }
    });
    let plot = Plot::new(("pixel over time", name))
        .height(HEIGHT)
        .grid_color(tokens.outline)
        .allow_scroll(false)
        .label_formatter(|at| match at {
            HoverPosition::NearDataPoint { plot_name, position, .. } => {
                Some(format!("{plot_name}\niteration {:.0}: {}", position.x, value_text(position.y)))
            }
            HoverPosition::Elsewhere { position } => Some(format!("iteration {:.0}", position.x)),
        });
    let response = plot.show(ui, |plot| {
        for &kind in kinds {
            let at = place(kind);
            let line: Vec<[f64; 2]> = points
                .iter()
                .filter_map(|(i, values)| Some([*i as f64, f64::from(values[at]?)]))
                .filter(|[_, y]| y.is_finite())
                .collect();
            if !line.is_empty() {
                let color = color_of(kind);
                plot.line(Line::new(kind.title(), PlotPoints::from(line)).color(color).width(1.6));
            }
        }
        if let TimeCursor::At(iteration) = state.time {
            plot.vline(VLine::new("", iteration as f64).color(tokens.accent).allow_hover(false));
        }
    });
    name_plot(&response.response, format!("Values of the kept pixel over iterations: {name}"));
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
