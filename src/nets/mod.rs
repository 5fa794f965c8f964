//! Architectures as functions of explicit parameters, so that they can be differentiated through: forward, reverse
//! (J^T c), tangent (J v) and second order (H v), by hand, for every network built from [`Graph`]'s operators. Losses,
//! optimisers and training live in `methods`.

mod architectures;
pub mod binary_cnn;
mod builder;
mod conv;
pub mod dtn;
mod evaluate;
mod graph;
pub mod hfn;
pub mod native;
mod op;
mod reverse;
pub mod rf_meta_fas;
mod second_order;
mod stage;
mod tangent;
mod texture;

pub use architectures::{NetShape, Network, cdcn, cdcn_pp, fas_dr, light, resnet8};
pub use builder::GraphBuilder;
pub use evaluate::{BnMode, BnStats, Tape, copy_all};
pub use graph::{ConvMath, Graph, Initial, LayerRow, NodeId, ParamList, ParamRole, ParamSpec};
pub use tangent::Tangents;

/// Layout of pictures in memory, recorded with every run.
pub const MEMORY_FORMAT: &str = "channels_last in fused stages, else contiguous";

#[cfg(test)]
mod tests;
