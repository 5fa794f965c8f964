//! What a person can ask of the data pane. Carried out in `handle`.

use std::path::PathBuf;

use super::clips::Filter;
use super::{Choice, Drawn, Page, RootId, Shown};
use crate::data::builtin::Scale;
use crate::data::manifest::LiveIs;

/// Something to do with data.
#[derive(Debug, Clone, PartialEq)]
pub enum DataCommand {
    /// What stands in the field for a path.
    Type(String),
    /// Looks what this folder or file is and keeps it.
    Add(PathBuf),
    /// Takes a root off the list; nothing on disk changes.
    Forget(RootId),
    /// Looks at a root anew.
    LookAgain(RootId),
    /// The pictures of this root's lists are in that folder.
    Pictures(RootId, PathBuf),
    /// Whether runs and protocols may use a root.
    Use(RootId, bool),
    /// Brings a set, an import or the built-in benchmark into view.
    Show(Shown),
    /// Turns to a page.
    Turn(Page),
    /// Size of the built-in benchmark to look at.
    Scale(Scale),
    /// Which clips are listed.
    Narrow(Filter),
    /// Looks at a clip, by its number among all of what is shown.
    Pick(Option<usize>),
    /// So many clips on (or back) in the list.
    Step(isize),
    /// Which of the clip's frames is shown large.
    Frame(usize),
    /// What is drawn into frames.
    Draw(Drawn),
    /// Says which number means live.
    Polarity(RootId, LiveIs),
    /// Where the manifest of an import shall be written.
    ManifestPath(RootId, String),
    /// Writes it.
    WriteManifest(RootId),
    /// Which protocol is shown.
    Protocol(Choice),
    /// The next run follows the protocol that is shown.
    TakeProtocol,
    /// The next run trains on this manifest.
    TakeManifest(PathBuf),
    /// Cuts the faces of a root ahead of runs.
    Pack {
        /// Which root.
        root: RootId,
        /// Whether what is stale is cut anew.
        rebuild: bool,
    },
    /// Stops that.
    StopPacking,
}
