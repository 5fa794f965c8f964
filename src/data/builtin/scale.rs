//! How big a benchmark is: who is in it, how large its pictures are and how long its clips. What a clip shows is in the
//! files of the sets.

use serde::{Deserialize, Serialize};

/// A size of the built-in benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// A person or two a part, small pictures: to try things out.
    Tiny,
    /// Nearly all of the originals' people, each in a few of the clips. The default.
    #[default]
    Mini,
    /// As many people and clips as the originals have.
    Full,
}

impl Scale {
    /// All scales.
    pub const ALL: [Self; 3] = [Self::Tiny, Self::Mini, Self::Full];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Mini => "mini",
            Self::Full => "full",
        }
    }

    /// The scale called `name`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Side in pixels of the square that every camera's picture is cut from.
    pub fn side(self) -> usize {
        match self {
            Self::Tiny => 96,
            Self::Mini => 128,
            Self::Full => 384,
        }
    }

    /// Frames a clip.
    pub fn frames(self) -> u32 {
        match self {
            Self::Tiny => 1,
            Self::Mini => 2,
            Self::Full => 8,
        }
    }

    /// Frames a second.
    pub fn rate(self) -> f32 {
        match self {
            Self::Tiny | Self::Mini => 2.0,
            Self::Full => 5.0,
        }
    }

    /// Whether this scale has clip `n` of a person. `mini` has every `of`th only, and with what it saves shows more people:
    /// a detector that has seen five takes the sixth for an attack.
    pub(super) fn keeps(self, n: usize, of: usize) -> bool {
        self != Self::Mini || n.is_multiple_of(of)
    }

    /// One of three values.
    pub(super) fn of<T>(self, tiny: T, mini: T, full: T) -> T {
        match self {
            Self::Tiny => tiny,
            Self::Mini => mini,
            Self::Full => full,
        }
    }
}
