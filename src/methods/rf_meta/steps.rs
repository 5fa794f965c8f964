//! The phases of an iteration, in their order: one list for the engine, which does them, and for whoever tells of them.

use crate::config::{RfAlgorithm, RfMetaConfig};

/// One phase; numbers count pairs, or domains, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Domains are split, batches drawn.
    Sample,
    /// Losses of a meta-train domain.
    MetaTrain(usize),
    /// What a gradient step on it makes of the parameters.
    InnerUpdate(usize),
    /// How that does on the meta-test domain.
    MetaTest(usize),
    /// D's loss on the meta-test domain.
    MetaTestDepth,
    /// One step of all parameters.
    MetaOptimise,
}

impl Step {
    /// Name in files and code, without a number.
    pub fn id(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::MetaTrain(_) => "meta_train",
            Self::InnerUpdate(_) => "inner_update",
            Self::MetaTest(_) => "meta_test",
            Self::MetaTestDepth => "meta_test_depth",
            Self::MetaOptimise => "meta_optimise",
        }
    }

    /// Its pair or domain.
    pub fn number(self) -> Option<usize> {
        match self {
            Self::MetaTrain(i) | Self::InnerUpdate(i) | Self::MetaTest(i) => Some(i),
            Self::Sample | Self::MetaTestDepth | Self::MetaOptimise => None,
        }
    }
}

/// How many batches of `domains` domains are learnt from, and whether there is a meta-test batch besides.
pub fn batches(config: &RfMetaConfig, domains: usize) -> (usize, bool) {
    let rest = domains.saturating_sub(1);
    match config.algorithm {
        RfAlgorithm::RfMeta if config.aggregate => (1, true),
        RfAlgorithm::RfMeta | RfAlgorithm::MetaReg => (rest, true),
        RfAlgorithm::Mldg => (1, true),
        RfAlgorithm::Joint if config.aggregate => (1, false),
        RfAlgorithm::Joint | RfAlgorithm::Reptile => (domains, false),
    }
}

/// All phases of an iteration over `domains` domains.
pub fn steps(config: &RfMetaConfig, domains: usize) -> Vec<Step> {
    use Step::{InnerUpdate, MetaOptimise, MetaTest, MetaTestDepth, MetaTrain, Sample};
    let n = batches(config, domains).0;
    let middle: Vec<Step> = match config.algorithm {
        RfAlgorithm::RfMeta => {
            let train = (0..n).flat_map(|i| [MetaTrain(i), InnerUpdate(i)]);
            train.chain((0..n).map(MetaTest)).chain(config.trains_depth().then_some(MetaTestDepth)).collect()
        }
        RfAlgorithm::Joint => (0..n).map(MetaTrain).collect(),
        RfAlgorithm::Reptile => (0..n).map(InnerUpdate).collect(),
        RfAlgorithm::Mldg => vec![MetaTrain(0), InnerUpdate(0), MetaTest(0)],
        // All domains classify; the first of the order is adapted to, the last judges.
        RfAlgorithm::MetaReg => (0..=n).map(MetaTrain).chain([InnerUpdate(0), MetaTest(0)]).collect(),
    };
    std::iter::once(Sample).chain(middle).chain([MetaOptimise]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_domains_are_two_pairs_in_the_order_of_algorithm_1() {
        let names = |config: &RfMetaConfig, domains| {
            let name = |s: Step| s.number().map_or_else(|| s.id().to_owned(), |i| format!("{} {i}", s.id()));
            steps(config, domains).into_iter().map(name).collect::<Vec<_>>()
        };
        let mut config = RfMetaConfig::default();
        let all = [
            "sample",
            "meta_train 0",
            "inner_update 0",
            "meta_train 1",
            "inner_update 1",
            "meta_test 0",
            "meta_test 1",
            "meta_test_depth",
            "meta_optimise",
        ];
        assert_eq!(names(&config, 3), all);
        let pair = ["sample", "meta_train 0", "inner_update 0", "meta_test 0", "meta_test_depth", "meta_optimise"];
        assert_eq!(names(&config, 2), pair);
        config.aggregate = true;
        assert_eq!(names(&config, 3), pair);
        config.depth_weight = 0.0;
        assert!(!names(&config, 3).contains(&"meta_test_depth".to_owned()), "a D that does not learn has no loss");
    }
}
