//! MT-FAS (Qin et al., "Meta-Teacher for Face Anti-Spoofing", TPAMI 2021): a teacher network that is trained, by
//! bi-level optimisation, to give spoof maps from which a detector learns best. `hypergradient` holds the derivative
//! of the upper level through K steps of the lower one, `state` what is learnt, `pretrain` and `iteration` the phases
//! that change it.

pub mod hypergradient;
mod iteration;
mod pretrain;
mod state;
pub mod stored_case;

pub use iteration::{Iteration, audit, modes};
pub(crate) use pretrain::RUNNING_RATE;
pub use pretrain::{pretrain_surrogate, pretrain_teacher};
pub use state::{MtFasState, Nets, Params, Signals, math_of, share};
