//! The views: each reads the state and sends commands, none changes anything itself.

pub mod ablations;
pub mod compare;
pub mod cost;
pub mod curves;
pub mod data;
pub mod data_source;
pub mod dialogs;
pub mod drop;
pub mod export;
pub mod faces;
pub mod gallery;
pub mod live;
pub mod log;
pub mod names;
pub mod notes;
pub mod palette;
pub mod patterns;
pub mod pixel;
pub mod protocol;
pub mod results;
pub mod run;
pub mod status;
pub mod step;
pub mod toasts;
pub mod top;
pub mod tour;
pub mod transport;
pub mod welcome;

/// Textures and decimated lines: what was computed from the state and need not be computed again in every frame.
#[derive(Default)]
pub struct Caches {
    /// Of a sweep's variants.
    pub ablations: ablations::AblationCache,
    /// Of sessions side by side.
    pub compare: compare::CompareCache,
    /// Of the data.
    pub data: data::DataCache,
    /// Of figures to be written.
    pub export: export::ExportCache,
    /// Of scored faces.
    pub faces: faces::FacesCache,
    /// Of the gallery.
    pub gallery: gallery::GalleryCache,
    /// Of the live maps.
    pub live: live::LiveCache,
    /// Of faces beside their hand-made maps.
    pub patterns: patterns::PatternsCache,
    /// Of the curves.
    pub curves: curves::CurveCache,
    /// Of the batch's pictures.
    pub step: step::StepCache,
}
