//! What the names of metrics mean, where they come from, and when they are undefined: one entry a key of results.json.

/// One metric.
#[derive(Debug)]
pub struct Term {
    /// Its key in results.json.
    pub key: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// What it is, and where the term comes from.
    pub help: &'static str,
    /// Why it is undefined, where it is.
    pub undefined: &'static str,
    /// How its interval comes about.
    pub interval: &'static str,
}

/// Rates of one class.
pub const EXACT: &str = "95 % interval by Clopper and Pearson (1934): exact, for the threshold as it stands";
/// Rates of both classes.
pub const BOOTSTRAP: &str = "95 % interval by bootstrap over subjects, or over presentations where no subject is named";
const BOTH: &str = "Undefined: it needs bona fide presentations and attacks";
const NO_ATTACK: &str = "Undefined: no attack was scored";
const NO_LIVE: &str = "Undefined: no bona fide presentation was scored";

/// What one species' APCER is.
pub const SPECIES: Term = Term {
    key: "apcer",
    name: "APCER",
    help: "Attack presentation classification error rate, ISO/IEC 30107-3: the share of this species' attacks that passes \
           as bona fide",
    undefined: "Undefined: no attack of this species was scored",
    interval: EXACT,
};

/// Rates at the threshold.
pub const AT_THRESHOLD: [Term; 6] = [
    Term {
        key: "apcer_max",
        name: "APCER, worst",
        help: "Attack presentation classification error rate of the species that fares worst: ISO/IEC 30107-3 takes that \
               for the system's",
        undefined: NO_ATTACK,
        interval: EXACT,
    },
    Term {
        key: "apcer_pooled",
        name: "APCER, pooled",
        help: "The share of all attacks that passes as bona fide, whatever their species. ISO/IEC 30107-3 has rates a \
               species alone; papers across data sets pool them",
        undefined: NO_ATTACK,
        interval: EXACT,
    },
    Term {
        key: "bpcer",
        name: "BPCER",
        help: "Bona fide presentation classification error rate, ISO/IEC 30107-3: the share of bona fide presentations \
               that is taken for attacks",
        undefined: NO_LIVE,
        interval: EXACT,
    },
    Term {
        key: "acer_max",
        name: "ACER, worst",
        help: "Mean of the worst species' APCER and BPCER, as OULU-NPU's evaluation has it (Boulkenafet et al., 2017)",
        undefined: BOTH,
        interval: BOOTSTRAP,
    },
    Term {
        key: "acer_pooled",
        name: "ACER, pooled",
        help: "Mean of the pooled APCER and BPCER",
        undefined: BOTH,
        interval: BOOTSTRAP,
    },
    Term {
        key: "hter",
        name: "HTER",
        help: "Half total error rate, as Replay-Attack's evaluation has it (Chingovska et al., 2012): mean of falsely \
               accepted attacks and falsely rejected bona fide presentations. The same as the pooled ACER",
        undefined: BOTH,
        interval: BOOTSTRAP,
    },
];

/// What the threshold has no part in.
pub const ANY_THRESHOLD: [Term; 2] = [
    Term {
        key: "auc",
        name: "AUC",
        help: "Area under the ROC curve: how often an attack scores higher than a bona fide presentation, ties as a half",
        undefined: BOTH,
        interval: BOOTSTRAP,
    },
    Term {
        key: "eer",
        name: "EER",
        help: "Equal error rate of the test part itself: where both errors meet, whatever threshold was chosen. Its own \
               threshold is chosen with the labels of the test part",
        undefined: BOTH,
        interval: BOOTSTRAP,
    },
];

/// Points of the curve: accepted bona fide presentations.
pub const TPR: Term = Term {
    key: "tpr_at_fpr",
    name: "TPR",
    help: "True positive rate: the share of bona fide presentations that passes where at most so many attacks of all \
           species do, as CASIA-SURF's evaluation has it (Zhang et al., 2019). Points that exist alone count: no line is \
           drawn between them",
    undefined: BOTH,
    interval: EXACT,
};

/// Points of the curve: rejected bona fide presentations.
pub const BPCER_AT: Term = Term {
    key: "bpcer_at_apcer",
    name: "BPCER",
    help: "BPCER at the threshold where no species has a higher APCER than that. ISO/IEC 30107-3 asks for BPCER at a fixed \
           APCER; BPCER10, 20 and 100 are those at 10, 5 and 1 %",
    undefined: BOTH,
    interval: EXACT,
};
