//! Widgets that several views share.

pub mod colour_bar;
pub mod icon;
pub mod maths;
pub mod number;
pub mod picture;
pub mod progress;

use eframe::egui::{RichText, Ui};

use super::theme;

/// A small heading above a part of a pane.
pub fn section(ui: &mut Ui, title: &str) {
    ui.add_space(2.0);
    ui.label(RichText::new(title).strong().color(theme::tokens(ui).strong));
}

/// Lets texts and numbers of this part be marked and copied. Not set everywhere: a text that can be marked takes the
/// pointer away from the row or button that it lies on.
pub fn copyable(ui: &mut Ui) {
    ui.style_mut().interaction.selectable_labels = true;
}

/// A sentence in the middle of an empty pane.
pub fn empty(ui: &mut Ui, sentence: &str) {
    ui.centered_and_justified(|ui| ui.weak(sentence));
}

/// A word in a frame of its colour, as "synthetic".
pub fn badge(ui: &mut Ui, text: &str, color: eframe::egui::Color32) -> eframe::egui::Response {
    let frame = eframe::egui::Frame::new()
        .inner_margin(eframe::egui::Margin::symmetric(6, 0))
        .corner_radius(8)
        .stroke(eframe::egui::Stroke::new(1.0, color));
    frame.show(ui, |ui| ui.label(RichText::new(text).small().color(color))).inner
}

/// The word that must stand beside every number from rendered faces.
pub fn synthetic(ui: &mut Ui) {
    badge(ui, "synthetic", theme::tokens(ui).warn).on_hover_text("Rendered faces: no result on real data");
}

/// The word for a face, and its colour: live, or its attack species.
pub fn face_word<'a>(ui: &Ui, face: &'a crate::session::WatchedFace) -> (&'a str, eframe::egui::Color32) {
    match face.label {
        crate::data::Label::Live => ("live", theme::tokens(ui).good),
        crate::data::Label::Spoof => (face.species.as_str(), theme::tokens(ui).warn),
    }
}

/// The words that must stand beside every number of a run: rendered faces, copies of data sets that are not whole.
pub fn provenance_badges(ui: &mut Ui, run: &super::run::RunStore) {
    let color = theme::tokens(ui).warn;
    if run.is_synthetic() {
        synthetic(ui);
    }
    if !run.partial().is_empty() {
        badge(ui, "partial copy", color).on_hover_text(run.partial().join("\n"));
    }
}

/// Names a plot for those who do not see it.
pub fn name_plot(response: &eframe::egui::Response, name: impl std::fmt::Display) {
    response.widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Image, true, &name));
}

/// Seconds as people say them.
pub fn duration(seconds: f64) -> String {
    let s = seconds.max(0.0).round() as u64;
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", s / 3600, s / 60 % 60),
    }
}

/// A value with four digits that count.
pub fn value_text(v: f64) -> String {
    if !v.is_finite() {
        return "not a number".to_owned();
    }
    if v == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e5).contains(&v.abs()) {
        let digits = (3 - v.abs().log10().floor() as i32).clamp(0, 6) as usize;
        format!("{v:.digits$}")
    } else {
        format!("{v:.3e}")
    }
}

/// A measured value, of which no more than three digits mean anything.
pub fn rough_text(v: f64) -> String {
    if !(1e-3..1e5).contains(&v) {
        return value_text(v);
    }
    let digits = (2 - v.log10().floor() as i32).clamp(0, 5) as usize;
    format!("{v:.digits$}")
}

/// A value of four digits without zeros that say nothing: for axes and colour bars.
pub fn short_text(v: f64) -> String {
    let text = value_text(v);
    let trimmed = |digits: &str| {
        let fraction = digits.contains('.');
        if fraction { digits.trim_end_matches('0').trim_end_matches('.').to_owned() } else { digits.to_owned() }
    };
    match text.split_once('e') {
        Some((digits, power)) => format!("{}e{power}", trimmed(digits)),
        None => trimmed(&text),
    }
}

/// The same of fewer digits.
pub fn rounded_text(v: f64, digits: i32) -> String {
    if v == 0.0 || !v.is_finite() {
        return short_text(v);
    }
    let last = 10_f64.powf(v.abs().log10().floor() - f64::from(digits - 1));
    short_text((v / last).round() * last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_durations_read_well() {
        let values = [0.0, 0.123_456, 12.345, 99_999.0, 1.234_56e-5, -3.0, f64::NAN].map(value_text);
        assert_eq!(values, ["0", "0.1235", "12.35", "99999", "1.235e-5", "-3.000", "not a number"]);
        assert_eq!([0.879_4, 50.0, 762.1, 12_345.0, 0.0].map(rough_text), ["0.879", "50.0", "762", "12345", "0"]);
        assert_eq!([1.0, 0.5, -0.51, 1.5e-7, 20.0].map(short_text), ["1", "0.5", "-0.51", "1.5e-7", "20"]);
        assert_eq!([0.5458, -188.3, 1.0, 0.0, 0.0123].map(|v| rounded_text(v, 2)), ["0.55", "-190", "1", "0", "0.012"]);
        assert_eq!([5.4, 65.0, 7300.0].map(duration), ["5 s", "1 min 05 s", "2 h 01 min"]);
    }
}
