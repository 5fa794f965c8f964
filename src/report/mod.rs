//! Publication figures and tables of runs, from their session folders alone: nothing here trains, and nothing knows of
//! windows, which call the same functions off their own thread. `figure` is what figures are made of and how they become
//! files; `figures` has a builder for every kind, `tables` one for every table; [`write()`] makes a file and, beside it, a
//! JSON file that says what it shows.

mod colormap;
mod error;
pub mod figure;
mod figures;
mod request;
mod runs;
mod scores;
mod tables;
mod write;

pub use colormap::{Colormap, Scale, reach};
pub use error::ReportError;
pub use figures::Drawn;
pub use request::{FaceChoice, FigureKind, FigureRequest, Format, Outcome};
pub use scores::Scored;
pub use tables::{TableFormat, TableKind, TableRequest, table};
pub use write::{Written, draw, writable, write};
