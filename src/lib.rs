//! The metafas library.
pub mod config;
pub mod data;
<<<<<<< HEAD
pub mod device;
pub mod engine;
=======
pub mod eval;
>>>>>>> evalu
pub mod methods;
pub mod nets;
pub mod rng;
pub mod session;
