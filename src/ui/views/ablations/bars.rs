//! A rate of every variant as bars, a group a protocol: the mean over seeds with its 95 % interval, as RFMetaFAS Fig. 5 and
//! Meta Pattern Figs. 6 to 8 draw it.

use eframe::egui::{Ui, vec2};
use egui_plot::{Bar, BarChart, HoverPosition, Legend, Line, Plot, PlotPoints};

use super::curve::choose_rate;
use super::table::title as title_of;
use crate::sweep::Group;
use crate::ui::ablations::{PROTOCOL, SweepLook};
use crate::ui::command::CommandQueue;
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{empty, name_plot};

/// The part of the distance between two groups that bars fill.
const FILLED: f64 = 0.8;

/// What is told under a group of bars, and what a bar is called in the legend.
fn names(group: &Group) -> (String, String) {
    let of = |key: &str| group.settings.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    let method = of("variant").unwrap_or_else(|| {
        let others = group.settings.iter().filter(|(k, _)| k != PROTOCOL);
        others.map(|(k, v)| format!("{k} {v}")).collect::<Vec<_>>().join(", ")
    });
    (of(PROTOCOL).unwrap_or_default(), if method.is_empty() { title_of(group) } else { method })
}

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, look: &SweepLook, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    let metric = state.ablations.metric;
    let title = ui.horizontal_wrapped(|ui| choose_rate(ui, state, queue)).inner;
    let over = look.groups.first().map(|g| g.over.clone()).unwrap_or_default();
    let (mut places, mut methods): (Vec<String>, Vec<String>) = (vec![], vec![]);
    let mut bars = vec![];
    for group in look.groups.iter().filter(|g| g.over == over) {
        let (protocol, method) = names(group);
        let at = |list: &mut Vec<String>, name: String| {
            list.iter().position(|known| *known == name).unwrap_or_else(|| {
                list.push(name);
                list.len() - 1
            })
        };
        let known = group.spreads.iter().find(|(key, _)| *key == metric).and_then(|(_, spread)| *spread);
        if let Some(spread) = known {
            bars.push((at(&mut places, protocol), at(&mut methods, method), spread));
        }
    }
    if bars.is_empty() {
        return empty(ui, "Bars appear here as runs are finished");
    }
    let width = FILLED / methods.len() as f64;
    let middle = |place: usize, number: usize| place as f64 - FILLED / 2.0 + width * (number as f64 + 0.5);
    let (labels, count) = (places.clone(), places.len());
    let drawn = Plot::new(("bars of a sweep", metric, look.name.as_str()))
        .legend(Legend::default())
        .y_axis_label(format!("{title} %"))
        .x_axis_formatter(move |mark, _| {
            let whole = (mark.value - mark.value.round()).abs() < 1e-6 && mark.value >= 0.0;
            if whole { labels.get(mark.value.round() as usize).cloned().unwrap_or_default() } else { String::new() }
        })
        .x_grid_spacer(move |_| (0..count).map(|i| egui_plot::GridMark { value: i as f64, step_size: 1.0 }).collect())
        .include_x(-0.5)
        .include_x(count as f64 - 0.5)
        .include_y(0.0)
        .grid_color(tokens.outline)
        .allow_scroll(false)
        .set_margin_fraction(vec2(0.04, 0.1))
        .label_formatter(|at| match at {
            HoverPosition::NearDataPoint { plot_name, position, .. } => {
                Some(format!("{plot_name}\n{:.2} %", position.y))
            }
            HoverPosition::Elsewhere { .. } => None,
        })
        .show(ui, |plot| {
            for (number, method) in methods.iter().enumerate() {
                let own = bars.iter().filter(|bar| bar.1 == number);
                let bar = |(place, number, s): &(usize, usize, crate::eval::Spread)| {
                    Bar::new(middle(*place, *number), 100.0 * s.mean).width(0.92 * width).name(places[*place].as_str())
                };
                let colour = tokens.series[number % tokens.series.len()];
                plot.bar_chart(BarChart::new(method.as_str(), own.clone().map(bar).collect()).color(colour));
                for (place, number, spread) in own {
                    let Some([low, high]) = spread.interval else { continue };
                    let x = middle(*place, *number);
                    // Without a name it stays out of the legend.
                    let line = Line::new("", PlotPoints::from_iter([[x, 100.0 * low], [x, 100.0 * high]]));
                    plot.line(line.color(tokens.strong).width(1.2).allow_hover(false));
                }
            }
        });
    name_plot(&drawn.response, format!("{title} of every variant"));
}
