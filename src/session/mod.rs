//! The session folder: everything that is known of a run, as files any tool can read. The engine writes it, windows,
//! reports and sweeps read it, also while it is being written by another process. No tensors of libtorch: weights pass
//! as named bytes. The layout is versioned by `format` in run.toml.

mod birth;
mod changes;
mod checkpoint;
mod copy;
mod error;
mod files;
mod folder;
mod lines;
mod lock;
mod maps;
mod metrics;
mod outlook;
mod retention;
mod scores;
mod settings;
mod status;
mod timing;
mod trained;

pub use changes::{Change, ChangeLog};
pub use checkpoint::{Checkpoint, PlainTensor};
pub use error::SessionError;
pub use files::{append as append_file, replace as replace_file};
pub use folder::{ClipSources, EARLIER_END, FacelessClip, Provenance, Session, data_name};
pub use lines::{close_last_line, cut_sentence};
pub use lock::{Holder, Lock, Look};
pub use maps::{MapKind, MapSet, Pictures, SampleMaps, WatchedFace, WatchedFaces};
pub use metrics::{Follower, MetricsLog, Row};
pub use outlook::{Memory, Outlook, about};
pub use retention::{kept_checkpoints, map_stride};
pub use scores::NewScores;
pub use settings::{Edited, SettingChange, Settings, SettingsLog};
pub use status::{STALE_SECS, State, Status, now};
pub use trained::{Trained, TrainedClip};
