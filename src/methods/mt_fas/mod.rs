//! MT-FAS (Qin et al., "Meta-Teacher for Face Anti-Spoofing", TPAMI 2021): a teacher network that is trained, by
//! bi-level optimisation, to give spoof maps from which a detector learns best. `hypergradient` holds the derivative
//! of the upper level through K steps of the lower one.

pub mod hypergradient;
pub mod stored_case;
