//! The stages of a run: their order, how many counted iterations each has, and their names in files, in the window and
//! in sentences. What a stage does is in the engine's machine.

use serde::{Deserialize, Serialize};

use super::Lengths;

/// A stage of a run. No run has all of them: a meta-teacher's run has no rival, and a detector that learns from labels
/// has no teacher.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Teacher and surrogate regress the label.
    #[default]
    Pretrain,
    /// Algorithm 1.
    Bilevel,
    /// A rival teacher regresses the binary map.
    Rival,
    /// Statistics of the deployed teacher.
    Calibrate,
    /// The deployed detector learns.
    Detector,
    /// Scores and their summary.
    Evaluate,
}

/// What a stage is called.
struct Names {
    /// In files.
    file: &'static str,
    /// As a heading.
    title: &'static str,
    /// Where there is room for a word or two.
    short: &'static str,
    /// Within a sentence.
    noun: &'static str,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Self; 6] =
        [Self::Pretrain, Self::Bilevel, Self::Rival, Self::Calibrate, Self::Detector, Self::Evaluate];
    /// The stages with counted iterations, in order.
    pub const COUNTED: [Self; 4] = [Self::Pretrain, Self::Bilevel, Self::Rival, Self::Detector];

    /// How many counted iterations it has.
    pub fn length(self, lengths: Lengths) -> u64 {
        match self {
            Self::Pretrain => lengths.pretrain,
            Self::Bilevel => lengths.bilevel,
            Self::Rival => lengths.rival,
            Self::Detector => lengths.detector,
            Self::Calibrate | Self::Evaluate => 0,
        }
    }

    /// Counted iterations before its first one.
    pub fn first(self, lengths: Lengths) -> u64 {
        Self::COUNTED.iter().take_while(|s| **s < self).map(|s| s.length(lengths)).sum()
    }

    /// Counted iterations done when each counted stage ends.
    pub fn ends(lengths: Lengths) -> [u64; 4] {
        Self::COUNTED.map(|s| s.first(lengths) + s.length(lengths))
    }

    fn names(self) -> Names {
        let (file, title, short, noun) = match self {
            Self::Pretrain => ("pretrain", "Pretraining", "Pretraining", "pretraining"),
            Self::Bilevel => ("bilevel", "Bi-level training (Algorithm 1)", "Bi-level", "bi-level"),
            Self::Rival => ("rival", "Rival teacher", "Rival teacher", "rival teacher"),
            Self::Calibrate => ("calibrate", "Calibration", "Calibration", "calibration"),
            Self::Detector => ("detector", "Detector training", "Detector", "detector"),
            Self::Evaluate => ("evaluate", "Evaluation", "Evaluation", "evaluation"),
        };
        Names { file, title, short, noun }
    }

    /// Name in files and on the command line.
    pub fn name(self) -> &'static str {
        self.names().file
    }

    /// Heading in the window.
    pub fn title(self) -> &'static str {
        self.names().title
    }

    /// A word or two, for buttons, bars and plots.
    pub fn short(self) -> &'static str {
        self.names().short
    }

    /// A word within a sentence or below a figure.
    pub fn noun(self) -> &'static str {
        self.names().noun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_files_are_what_serde_reads_and_writes() {
        for stage in Stage::ALL {
            let text = serde_json::to_string(&stage).unwrap();
            assert_eq!(text, format!("\"{}\"", stage.name()));
            assert_eq!(serde_json::from_str::<Stage>(&text).unwrap(), stage);
        }
    }

    #[test]
    fn counted_stages_follow_each_other() {
        let lengths = Lengths { pretrain: 3, bilevel: 5, rival: 7, detector: 11 };
        assert_eq!(Stage::COUNTED.map(|s| s.first(lengths)), [0, 3, 8, 15]);
        assert_eq!(Stage::Evaluate.first(lengths), lengths.total());
    }
}
