//! The networks of a run, made once from its settings.

use super::phase::Learning;
use crate::config::RunConfig;
use crate::methods::detector::{Aids, DetectorNet};
use crate::methods::mt_fas::{self, math_of};
use crate::methods::rf_meta::{self, RfNets};
use crate::nets::Graph;

/// Every network that a run may need.
#[derive(Debug, Clone)]
pub struct RunNets {
    /// Both meta-teachers' and the surrogate's.
    pub meta: mt_fas::Nets,
    /// The rival teacher's, where one teaches.
    pub rival: Option<DetectorNet>,
    /// The deployed detector's.
    pub student: DetectorNet,
    /// What learns beside the detector.
    pub aids: Aids,
    /// The parts of the detector's network, where it is `RFMetaFAS`.
    pub rf_meta: Option<RfNets>,
}

impl RunNets {
    /// The networks that `config` asks for.
    pub fn new(config: &RunConfig) -> Self {
        let (math, size, detector) = (math_of(config), config.data.size, &config.detector);
        let student = match Learning::of(detector) {
            Learning::Plain | Learning::RfMeta => DetectorNet::student(detector, size, math),
            Learning::MetaPattern => DetectorNet::hfn(detector, &config.meta_pattern, math),
        };
        let rival = DetectorNet::rival(detector, &config.rival, config.teacher.width, size, math);
        let mut aids = Aids::new(detector, &student, rival.as_ref(), size, math);
        let is_rf = Learning::of(detector) == Learning::RfMeta;
        let rf_meta = is_rf.then(|| RfNets::new(&student.graph, detector.width, math));
        if let Some(nets) = &rf_meta {
            aids.extra = rf_meta::beside(nets, config.rf_meta.algorithm);
        }
        Self { meta: mt_fas::Nets::new(config), rival, student, aids, rf_meta }
    }

    /// The network of the deployed teacher.
    pub fn teacher(&self) -> &Graph {
        self.rival.as_ref().map_or(&self.meta.teacher, |rival| &rival.graph)
    }
}
