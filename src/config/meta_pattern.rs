//! Settings of Meta Pattern (Cai et al., IEEE TIFS 2022): which pattern HFN sees beside the picture, and how both learn.
//! What the choices are called stands in `choices`, ranges in `validate`.

use serde::{Deserialize, Serialize};

use super::{Extractor, Fusion, Pattern, PatternLearning, Standardise};

/// Most inner steps an iteration can have. Draws of faces are numbered by it, so that it is not to be changed.
pub const K_MOST: usize = 15;

/// How HFN and its pattern are made and learn. The outer step size is `detector.learning_rate`; `detector.batch` faces
/// are drawn of every domain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetaPatternConfig {
    /// What the second stream sees.
    pub pattern: Pattern,
    /// How a learnt pattern and HFN learn; patterns made by hand leave HFN alone to learn, on every domain.
    pub learning: PatternLearning,
    /// The network that makes the Meta Pattern.
    pub extractor: Extractor,
    /// K: inner steps of the extractor.
    pub k: usize,
    /// Step size of the extractor; 0: that of HFN times K, as the authors' code has it (D-MP1).
    pub inner_rate: f64,
    /// Momentum of gradient descent, of both.
    pub momentum: f64,
    /// How the streams are brought together.
    pub fusion: Fusion,
    /// Whether HFN's loss in the outer step is halved, as in the authors' code (D-MP2).
    pub halve_outer: bool,
    /// Which streams are standardised.
    pub standardise: Standardise,
    /// Weights both trunks start from: a safetensors file with torchvision's names of a ResNet-50; empty: random.
    pub weights: String,
}

impl Default for MetaPatternConfig {
    fn default() -> Self {
        Self {
            pattern: Pattern::Mp,
            learning: PatternLearning::Alternating,
            extractor: Extractor::Conv2,
            k: 4,
            inner_rate: 0.0,
            momentum: 0.9,
            fusion: Fusion::Hfm,
            halve_outer: true,
            standardise: Standardise::Pattern,
            weights: String::new(),
        }
    }
}

impl MetaPatternConfig {
    /// Whether Algorithm 1 runs: the pattern is learnt, and in turn with HFN.
    pub fn alternates(&self) -> bool {
        self.pattern == Pattern::Mp && self.learning == PatternLearning::Alternating
    }
}
