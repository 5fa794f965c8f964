//! Many runs that belong together: seeds, folds, ablations, a curve over a setting. A sweep is a small TOML file; a plan
//! is the list of its runs, one line each, with settings written out; whoever runs them (the pool here, a cluster, a
//! person) does one *case* after another by its number, and the folder says at any time how far each is. The numbers of
//! finished cases are then summed up over seeds and folds.
//!
//! Nothing here trains: a case is an ordinary session of the engine, with the same bytes as `metafas train` would leave.

mod adjust;
mod case;
mod collect;
mod embedded;
mod error;
mod expand;
mod folder;
mod paired;
mod paper_table;
mod pool;
mod premise;
mod report;
mod reported;
mod scatter;
mod shelf;
mod spec;
mod spent;
mod standing;
mod table;
mod work;

pub use adjust::Adjust;
pub use case::Case;
pub use collect::{Collected, Finding, ahead, collect};
pub use embedded::{find as find_spec, names};
pub use error::SweepError;
pub use expand::expand;
pub use folder::{Planned, SweepFolder};
pub use paired::{Paired, paired, power};
pub use pool::{PoolOptions, PoolProgress, PoolReport, run as run_pool};
pub use premise::{Comparison, Point, premise, premise_json, premise_text};
pub use reported::{Reported, reported};
pub use scatter::scatter_svg;
pub use shelf::{Alike, Found, Shelf, Shelved, alike, counted, differences, rate_over};
pub use spec::SweepSpec;
pub use spent::{Part, Spent, spent, write_spent};
pub use standing::{CaseState, HEADLINES, OF_MAPS, Standing};
pub use table::{Group, group};
pub use work::{Outcome, run_case};
