//! Colours of values as egui takes them; which colour a value has is the reports' matter too, and stands there.

use eframe::egui::Color32;

pub use crate::report::{Colormap, Scale, reach};

impl Scale {
    /// The colour of a value.
    pub fn color(&self, value: f32) -> Color32 {
        let [r, g, b] = self.rgb(value);
        Color32::from_rgb(r, g, b)
    }
}
