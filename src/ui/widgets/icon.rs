//! Transport icons, painted as shapes so that no font must have them, on buttons that say what they do and why they
//! cannot.

use eframe::egui::{
    Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::ui::theme;

/// What is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A triangle.
    Play,
    /// Two bars.
    Pause,
    /// A square.
    Stop,
    /// A triangle and a bar: one phase on.
    StepPhase,
    /// Two triangles and a bar: one iteration on.
    StepIteration,
    /// A triangle before a flag: on to an iteration.
    RunTo,
    /// A bar and a triangle to the left.
    BackPhase,
    /// A bar and two triangles to the left.
    BackIteration,
    /// A flag and a triangle to the left.
    RewindTo,
}

impl Icon {
    fn paint(self, painter: &Painter, area: Rect, color: Color32) {
        let c = area.center();
        let h = area.height() * 0.5;
        let triangle = |x: f32, dir: f32| {
            let tip = pos2(c.x + x + dir * h * 0.85, c.y);
            let base = |dy: f32| pos2(c.x + x, c.y + dy * h * 0.9);
            painter.add(Shape::convex_polygon(vec![base(-1.0), tip, base(1.0)], color, Stroke::NONE));
        };
        let bar = |x: f32, w: f32| {
            painter.rect_filled(Rect::from_center_size(pos2(c.x + x, c.y), vec2(w, h * 1.8)), 0.5, color);
        };
        let flag = |x: f32| {
            let p = |dx: f32, dy: f32| -> Pos2 { pos2(c.x + x + dx, c.y + dy * h) };
            painter.line_segment([p(0.0, -1.0), p(0.0, 1.0)], Stroke::new(1.5, color));
            painter.add(Shape::convex_polygon(
                vec![p(0.0, -1.0), p(h * 0.75, -0.55), p(0.0, -0.1)],
                color,
                Stroke::NONE,
            ));
        };
        match self {
            Self::Play => triangle(-h * 0.4, 1.0),
            Self::Pause => {
                bar(-h * 0.4, h * 0.45);
                bar(h * 0.4, h * 0.45);
            }
            Self::Stop => {
                painter.rect_filled(Rect::from_center_size(c, vec2(h * 1.6, h * 1.6)), 1.0, color);
            }
            Self::StepPhase => {
                triangle(-h * 0.6, 1.0);
                bar(h * 0.55, 2.0);
            }
            Self::StepIteration => {
                triangle(-h * 1.0, 1.0);
                triangle(-h * 0.2, 1.0);
                bar(h * 0.95, 2.0);
            }
            Self::RunTo => {
                triangle(-h * 0.9, 1.0);
                flag(h * 0.3);
            }
            Self::BackPhase => {
                triangle(h * 0.6, -1.0);
                bar(-h * 0.55, 2.0);
            }
            Self::BackIteration => {
                triangle(h * 1.0, -1.0);
                triangle(h * 0.2, -1.0);
                bar(-h * 0.95, 2.0);
            }
            Self::RewindTo => {
                flag(-h * 0.9);
                triangle(h * 1.0, -1.0);
            }
        }
    }
}

/// A button with an icon alone. `allowed` tells why it cannot be pressed; `strong` ones stand out.
pub fn button(
    ui: &mut Ui,
    icon: Icon,
    name: &str,
    hover: &str,
    allowed: &Result<(), String>,
    strong: bool,
) -> Response {
    let tokens = theme::tokens(ui);
    let size = if strong { vec2(44.0, 30.0) } else { vec2(32.0, 30.0) };
    let enabled = allowed.is_ok();
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    let (fill, color) = match (enabled, strong, response.hovered()) {
        (false, ..) => (Color32::TRANSPARENT, tokens.weak.gamma_multiply(0.45)),
        (true, true, hovered) => (tokens.accent.gamma_multiply(if hovered { 1.0 } else { 0.88 }), tokens.on_accent),
        (true, false, true) => (tokens.raised_hover, tokens.strong),
        (true, false, false) => (tokens.raised, tokens.text),
    };
    let focus = if response.has_focus() { tokens.accent } else { Color32::TRANSPARENT };
    ui.painter().rect(rect, 5.0, fill, Stroke::new(1.5, focus), StrokeKind::Inside);
    icon.paint(ui.painter(), Rect::from_center_size(rect.center(), vec2(14.0, 14.0)), color);
    match allowed {
        Ok(()) => response.on_hover_text(hover),
        Err(reason) => response.on_hover_text(format!("{hover}\n{reason}")),
    }
}
