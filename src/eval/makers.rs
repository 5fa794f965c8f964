//! What makes the maps that are judged on a test part, and the numbers they are judged by: keys of results.json with the names that
//! people read. One list for results, tables and the window; how the numbers come about stands in [`super::localise`] and the engine.

/// What made a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapMaker {
    /// The meta-teacher as pretraining left it.
    Pretrained,
    /// What the detector learnt from: the meta-teacher or a rival.
    Teacher,
    /// The momentum teacher.
    Momentum,
    /// The detector that is scored.
    Detector,
    /// The class activation map of a detector that ends in a mean and a linear layer.
    Attention,
    /// One map for all faces: the mean over attacks of the maps of the first of [`MapMaker::LOCALISERS`] that the run has.
    /// It tells how far the place alone goes.
    MeanMap,
}

impl MapMaker {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 6] =
        [Self::Pretrained, Self::Teacher, Self::Momentum, Self::Detector, Self::Attention, Self::MeanMap];

    /// Whose pixel AUC is that of the run: the teacher's; without a teacher the detector's; of a detector that makes no
    /// maps its class activation map's.
    pub const LOCALISERS: [Self; 3] = [Self::Teacher, Self::Detector, Self::Attention];

    /// Its key under `maps` in results.json.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pretrained => "pretrained",
            Self::Teacher => "teacher",
            Self::Momentum => "momentum_teacher",
            Self::Detector => "detector",
            Self::Attention => "attention",
            Self::MeanMap => "mean_map",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pretrained => "Pretrained teacher",
            Self::Teacher => "Teacher",
            Self::Momentum => "Momentum teacher",
            Self::Detector => "Detector",
            Self::Attention => "Class activation map",
            Self::MeanMap => "Mean map",
        }
    }

    /// What it is, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Pretrained => "The teacher as pretraining leaves it, before bi-level training",
            Self::Teacher => {
                "What the detector learns from. Eq. 13 stretches the maps of a meta-teacher, which changes no order within a face"
            }
            Self::Momentum => "The slow average of the teacher",
            Self::Detector => "The detector that is scored",
            Self::Attention => "The detector's last features, weighed as its linear layer weighs their means",
            Self::MeanMap => {
                "One map for all faces, the mean over the attacks of the teacher's maps (of the detector's, where none teaches): how far the place alone goes"
            }
        }
    }
}

/// A number that maps are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapNumber {
    /// Its key in results.json.
    pub key: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Whether it is a share, shown in per cent.
    pub is_share: bool,
}

impl MapNumber {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 5] = [
        Self {
            key: "auc",
            title: "AUC of means",
            about: "Area under the ROC curve of the maps' means as scores of presentations",
            is_share: true,
        },
        Self {
            key: "separation",
            title: "Separation",
            about: "Mean over attacks less mean over live faces",
            is_share: false,
        },
        Self {
            key: "spread",
            title: "Spread",
            about: "Mean over attacks of the standard deviation within a map; 0 is a constant map",
            is_share: false,
        },
        Self {
            key: "pixel_auc",
            title: "Pixel AUC",
            about: "How likely a pixel on the attack's material is higher than one beside it, mean over attacks; 50 % is chance",
            is_share: true,
        },
        Self {
            key: "pixel_precision",
            title: "Pixel precision",
            about: "Average precision of the same pixels, mean over attacks",
            is_share: true,
        },
    ];
}
