//! A frame of a clip with what is known of it drawn into it.

use eframe::egui::{Color32, Pos2, Rect, Shape, Stroke, StrokeKind, TextureHandle, Ui, Vec2, pos2, vec2};

use crate::ui::data::{Drawn, LookFrame};
use crate::ui::theme::{self, Tokens};

/// Colours of what is drawn, which the switches beside the picture have too.
pub fn colors(tokens: &Tokens) -> [Color32; 3] {
    [tokens.series[0], tokens.series[2], tokens.series[1]]
}

/// The largest size of the picture's shape within `room`.
pub fn fitted([w, h]: [usize; 2], room: Vec2) -> Vec2 {
    let (w, h) = (w.max(1) as f32, h.max(1) as f32);
    let scale = (room.x / w).min(room.y / h);
    vec2(w * scale, h * scale)
}

/// Draws the frame into `rect`; `drawn` says what else.
pub fn paint(ui: &Ui, rect: Rect, texture: &TextureHandle, frame: &LookFrame, drawn: Drawn) {
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    painter.image(texture.id(), rect, whole, Color32::WHITE);
    let place = |[x, y]: [f32; 2]| -> Pos2 { rect.min + vec2(x * rect.width(), y * rect.height()) };
    let [given, region, detected] = colors(theme::tokens(ui));
    // A dark line below each keeps it visible on any picture.
    let under = Stroke::new(3.5, Color32::from_black_alpha(120));
    let frame_box = |[x, y, w, h]: [f32; 4], color: Color32| {
        let at = Rect::from_two_pos(place([x, y]), place([x + w, y + h]));
        painter.rect_stroke(at, 0.0, under, StrokeKind::Middle);
        painter.rect_stroke(at, 0.0, Stroke::new(1.5, color), StrokeKind::Middle);
    };
    if let Some(corners) = frame.region.filter(|_| drawn.region) {
        let corners: Vec<Pos2> = corners.map(place).to_vec();
        painter.add(Shape::closed_line(corners.clone(), under));
        painter.add(Shape::closed_line(corners, Stroke::new(1.5, region)));
    }
    if let Some((at, _)) = frame.detected.filter(|_| drawn.detected) {
        frame_box(at, detected);
    }
    if drawn.given {
        if let Some(at) = frame.given_box {
            frame_box(at, given);
        }
        for eye in frame.given_eyes.into_iter().flatten() {
            painter.circle(place(eye), 3.5, Color32::TRANSPARENT, under);
            painter.circle(place(eye), 3.5, Color32::TRANSPARENT, Stroke::new(1.5, given));
        }
    }
}

/// What of it a person cannot see, in words.
pub fn spoken(frame: &LookFrame) -> String {
    let mut parts = vec![format!("Frame {}", frame.number)];
    if frame.given_box.is_some() {
        parts.push("with the set's box".to_owned());
    }
    if frame.given_eyes.is_some() {
        parts.push("with the set's eyes".to_owned());
    }
    if let Some((_, sure)) = frame.detected {
        parts.push(format!("the detector is {:.0} % sure", 100.0 * sure));
    }
    if frame.face.is_none() {
        parts.push("no face is cut out".to_owned());
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_shape() {
        assert_eq!(fitted([640, 480], vec2(320.0, 900.0)), vec2(320.0, 240.0));
        assert_eq!(fitted([480, 640], vec2(400.0, 320.0)), vec2(240.0, 320.0));
        assert!(fitted([0, 0], vec2(10.0, 10.0)).x <= 10.0);
    }
}
