//! Colours of values as egui takes them; which colour a value has is the reports' matter too, and stands there.

use eframe::egui::Color32;

pub use crate::report::{Colormap, Scale, reach};
use crate::session::MapKind;

impl Scale {
    /// The colour of a value.
    pub fn color(&self, value: f32) -> Color32 {
        let [r, g, b] = self.rgb(value);
        Color32::from_rgb(r, g, b)
    }
}

/// The scale of all maps of a kind that are shown together: 0 to 1, or around 0 as far as `values` reach.
pub fn scale_of<'a>(kind: MapKind, values: impl IntoIterator<Item = &'a f32>, colormap: Colormap) -> Scale {
    match kind {
        MapKind::Cotangent | MapKind::Attention => Scale::diverging(reach(values)),
        MapKind::Teacher | MapKind::Momentum | MapKind::Target | MapKind::Detector | MapKind::Mask => {
            Scale::sequential(colormap, 0.0, 1.0)
        }
    }
}
