//! Augmentation: what may happen to a picture on its way to a detector, as the papers' code does it
//! (`methods.md` 2.2 to 2.4: CDCN's set; the flips of Meta Pattern; none for RFMetaFAS). What happens is drawn first, as
//! a plan, from a random stream a picture; carrying it out is a pure function of plan and pixels. Which stages of a run
//! augment is the engine's matter.

mod apply;
mod plan;

pub use plan::{Patch, Plan, Recipe};
