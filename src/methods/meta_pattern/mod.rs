//! Meta Pattern (Cai et al., IEEE TIFS 2022): an extractor Phi learns to make a pattern that helps HFN, Theta, on domains
//! that Theta does not learn from, and Theta learns with it. Here stand the steps of Algorithm 1 and of what it is compared
//! with, as functions over explicit state, and the weights that trunks may start from. The networks are `nets::hfn`'s.

mod learn;
mod split;
mod trunk;

pub use learn::{Task, inner_step, joint_step, outer_step};
pub use split::{DomainSplit, split};
pub use trunk::{Trunk, TrunkError};

#[cfg(test)]
mod tests;
