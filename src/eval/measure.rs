//! From score files to a table of metrics: choose the level, find the threshold on the set the rule names, measure the
//! test set, and keep with every number where it came from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::EvalError;
use super::doubts::{Chosen, NamedSet, doubts};
use super::intervals::{DrawThreshold, Drawn, Interval, bootstrap, clopper_pearson};
use super::levels::{Fusion, Level, fuse_frames};
use super::missing::MissingScores;
use super::ranked::Ranked;
use super::rates::Count;
use super::scores::{FramesPerVideo, Polarity, ScoreSet};
use super::shared::shared;
use super::thresholds::{OperatingPoint, Rule};

/// Scores in a file or in memory.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// A score file, read in the request's polarity.
    File(&'a Path),
    /// Scores that are already there, in their own polarity.
    Set(&'a ScoreSet),
}

/// What to measure and how.
#[derive(Debug, Clone, Copy)]
pub struct MetricsRequest<'a> {
    /// The scores that are reported on.
    pub test: Source<'a>,
    /// Needed for [`Rule::DevEer`], else not looked at.
    pub dev: Option<Source<'a>>,
    /// Needed for [`Rule::TrainEer`], else not looked at.
    pub train: Option<Source<'a>>,
    /// Where the threshold comes from.
    pub rule: Rule,
    /// Frames or videos; `None` takes videos where all rows of all sets used name theirs, else frames.
    pub level: Option<Level>,
    /// How a video's frames become one score, at level video.
    pub video: Fusion,
    /// What happens to rows of files that have no score.
    pub missing: MissingScores,
    /// Polarity of files. A fixed threshold and the reported one are in the polarity of the test set.
    pub polarity: Polarity,
    /// Draws of the bootstrap; 0 leaves its intervals out.
    pub draws: usize,
    /// Seed of the bootstrap.
    pub seed: u64,
}

impl<'a> MetricsRequest<'a> {
    /// `test` under `rule`, with no other sets, live-high files, the level found from the rows, videos as means, 1,000
    /// draws and seed 0.
    pub fn new(test: Source<'a>, rule: Rule) -> Self {
        Self {
            test,
            dev: None,
            train: None,
            rule,
            level: None,
            video: Fusion::Mean,
            missing: MissingScores::Refuse,
            polarity: Polarity::LiveHigh,
            draws: 1000,
            seed: 0,
        }
    }
}

/// False positive rates (accepted attacks) that [`TprAtFpr`] is given for.
const FPRS: [f64; 5] = [0.1, 0.05, 0.01, 0.001, 0.0001];

/// APCERs that [`BpcerAtApcer`] is given for, with their names.
const APCERS: [(&str, f64); 3] = [("BPCER10", 0.1), ("BPCER20", 0.05), ("BPCER100", 0.01)];

/// What stands for the way a checkpoint was chosen where nothing but scores is known.
pub const SELECTION_UNKNOWN: &str = "unknown: scores do not say";

/// Share of bona fide presentations that are accepted where at most so many attacks are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TprAtFpr {
    /// Largest share of attacks, all species together, that may be accepted.
    pub fpr_at_most: f64,
    /// Share of accepted bona fide presentations; `None` when a class is missing, or where there are too few attacks for
    /// a rate so low.
    pub tpr: Option<f64>,
    /// In the polarity of the test set; `None` when a class is missing or it is infinite.
    pub threshold: Option<f64>,
    /// Clopper and Pearson's 95 % interval, for the threshold as it stands.
    pub ci: Option<Interval>,
    /// The threshold is chosen with the labels of the test set.
    pub oracle: bool,
    /// Why it is undefined where there are too few attacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Share of bona fide presentations that are rejected where no species has more than so many attacks accepted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BpcerAtApcer {
    /// `BPCER10`, `BPCER20` or `BPCER100`.
    pub name: &'static str,
    /// Largest share of the attacks of any species that may be accepted.
    pub apcer_at_most: f64,
    /// Share of rejected bona fide presentations; `None` when a class is missing.
    pub bpcer: Option<f64>,
    /// In the polarity of the test set; `None` when a class is missing or it is infinite.
    pub threshold: Option<f64>,
    /// Clopper and Pearson's 95 % interval, for the threshold as it stands.
    pub ci: Option<Interval>,
    /// The threshold is chosen with the labels of the test set.
    pub oracle: bool,
}

/// Metrics of one set of scores. Rates go from 0 to 1; `None` (null in JSON) is undefined. Intervals are in `ci`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metrics {
    /// In the polarity of the test set. JSON knows no infinities: null there, with `threshold_infinite` beside it.
    pub threshold: f64,
    /// "inf" or "-inf" where the threshold is infinite, that is where everything is accepted or everything rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold_infinite: Option<&'static str>,
    /// APCER of the worst species.
    pub apcer_max: Option<f64>,
    /// APCER of all attacks together.
    pub apcer_pooled: Option<f64>,
    /// APCER of each species.
    pub apcer: BTreeMap<String, Option<f64>>,
    /// Share of rejected bona fide presentations.
    pub bpcer: Option<f64>,
    /// (`apcer_max` + `bpcer`) / 2.
    pub acer_max: Option<f64>,
    /// (`apcer_pooled` + `bpcer`) / 2.
    pub acer_pooled: Option<f64>,
    /// The same as `acer_pooled`, by its other name.
    pub hter: Option<f64>,
    /// Equal error rate of the test set, whatever the threshold.
    pub eer: Option<f64>,
    /// Area under the ROC curve, ties as a half.
    pub auc: Option<f64>,
    /// True positive rates at false positive rates of 10, 5, 1, 0.1 and 0.01 %; positives are bona fide.
    pub tpr_at_fpr: Vec<TprAtFpr>,
    /// BPCER where no species has an APCER above 10, 5 and 1 %.
    pub bpcer_at_apcer: Vec<BpcerAtApcer>,
    /// Bona fide presentations (videos or frames, see `level`), with those that were rejected unseen.
    pub n_live: u64,
    /// Attack presentations, with those that were rejected unseen.
    pub n_attack: u64,
    /// Bona fide presentations among them that count as rejected because they show no face.
    pub n_rejected_live: u64,
    /// Attack presentations among them that count as rejected because they show no face.
    pub n_rejected_attack: u64,
    /// 95 % intervals.
    pub ci: Intervals,
    /// The species `apcer_max` stands for.
    pub worst_species: Option<String>,
    /// The rule as it is written: `dev_eer`, `fixed:0.5`, …
    pub threshold_rule: String,
    /// Which set gave the threshold: `dev`, `train`, `test` or `given`.
    pub threshold_source: &'static str,
    /// Name of that set.
    pub threshold_set: Option<String>,
    /// Half total error on that set at the threshold: its EER for the EER rules.
    pub threshold_set_error: Option<f64>,
    /// Whether the threshold was chosen with the labels of the test set: by its rule, or because the set it was chosen on
    /// holds test rows.
    pub oracle: bool,
    /// Video or frame.
    pub level: Level,
    /// How a video's frames became one score; `None` at level frame.
    pub video_rule: Option<Fusion>,
    /// Frames of the test set's videos; `None` where rows do not name theirs.
    pub frames_per_video: Option<FramesPerVideo>,
    /// How the checkpoint that gave the scores was chosen.
    pub checkpoint_selection: String,
    /// SHA-256 of the test set's rows.
    pub scores_fingerprint: String,
    /// Polarity of `threshold`.
    pub polarity: Polarity,
    /// Name of the test set.
    pub test_set: String,
    /// Rows of the test set before averaging.
    pub n_rows: u64,
    /// What the bootstrap drew: `subject` or `presentation`.
    pub ci_unit: &'static str,
    /// How many subjects or presentations it drew from.
    pub ci_units: u64,
    /// Draws of the bootstrap.
    pub ci_draws: u64,
    /// Seed of the bootstrap.
    pub ci_seed: u64,
    /// Sentences the user should see beside the numbers.
    pub warnings: Vec<String>,
}

/// 95 % intervals, low and high. Clopper and Pearson for `apcer*` and `bpcer` (`apcer_max`: that of the worst
/// species), bootstrap for the others: at the reported threshold, or for oracle rules at each draw's own; a closed form as
/// well where a rate is 0 or 1 (see `edges`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the keys of Metrics")]
pub struct Intervals {
    pub apcer_max: Option<Interval>,
    pub apcer_pooled: Option<Interval>,
    pub apcer: BTreeMap<String, Option<Interval>>,
    pub bpcer: Option<Interval>,
    pub acer_max: Option<Interval>,
    pub acer_pooled: Option<Interval>,
    pub hter: Option<Interval>,
    pub eer: Option<Interval>,
    pub auc: Option<Interval>,
}

/// The set with one name per species, and what is to be said of its rows.
fn load<'a>(
    source: Source<'a>,
    request: &MetricsRequest,
    told: &mut Vec<String>,
) -> Result<Cow<'a, ScoreSet>, EvalError> {
    let mut set = match source {
        Source::File(path) => {
            let (set, missing) = ScoreSet::read_with(path, request.polarity, request.missing)?;
            told.extend(missing);
            Cow::Owned(set)
        }
        Source::Set(set) => check(set).map(|()| Cow::Borrowed(set))?,
    };
    let mut unified = set.as_ref().clone();
    if let Some(joined) = unified.unify_species() {
        told.push(joined);
    }
    if unified != *set {
        set = Cow::Owned(unified);
    }
    told.extend(set.repeats());
    Ok(set)
}

/// What reading a file has checked already.
fn check(set: &ScoreSet) -> Result<(), EvalError> {
    if set.scores.is_empty() && set.rejected.is_empty() {
        return Err(EvalError::set(&set.name, "there are no scores in it; score some faces first"));
    }
    match set.scores.iter().find(|s| !s.score.is_finite()) {
        None => Ok(()),
        Some(s) => {
            let what =
                format!("the score of '{}' is {}; find out why the detector gave no number", s.test_label, s.score);
            Err(EvalError::set(&set.name, what))
        }
    }
}

/// The set that `rule` chooses its threshold on.
fn needed<'a>(set: Option<Source<'a>>, rule: Rule, option: &str) -> Result<Source<'a>, EvalError> {
    set.ok_or_else(|| {
        EvalError::Request(format!("the threshold {rule} needs that set's scores; give them with --{option}"))
    })
}

/// Measures what `request` asks for.
pub fn measure(request: &MetricsRequest) -> Result<Metrics, EvalError> {
    measure_telling(request, &|_, _| ())
}

/// [`measure`], which tells how far its bootstrap is: everything else is fast.
pub fn measure_telling(request: &MetricsRequest, tell: Drawn<'_>) -> Result<Metrics, EvalError> {
    let rule = request.rule;
    if matches!(rule, Rule::Fixed(x) if x.is_nan()) {
        return Err(EvalError::Request("the fixed threshold is not a number; give one like fixed:0.5".to_owned()));
    }
    let mut warnings = vec![];
    let test = load(request.test, request, &mut warnings)?;
    let other = match rule {
        Rule::DevEer => Some(load(needed(request.dev, rule, "dev")?, request, &mut warnings)?),
        Rule::TrainEer => Some(load(needed(request.train, rule, "train")?, request, &mut warnings)?),
        Rule::TestEer | Rule::MinHter | Rule::Fixed(_) => None,
    };
    let videos = test.names_clips() && other.as_ref().is_none_or(|o| o.names_clips());
    let level = request.level.unwrap_or(if videos { Level::Video } else { Level::Frame });

    let mut fuse = |set: &ScoreSet| match level {
        Level::Frame => Ok(set.clone()),
        Level::Video => fuse_frames(set, request.video, &mut warnings),
    };
    let presentations = fuse(&test)?;
    let ranked = Ranked::new(&presentations);
    let chosen_on = match &other {
        Some(set) => Some((&set.name, Ranked::new(&fuse(set)?))),
        None if rule.is_oracle() => Some((&test.name, ranked.clone())),
        None => None,
    };
    let (threshold, point) = match (rule, &chosen_on) {
        (Rule::Fixed(x), _) => (test.polarity.to_live_high(x), None),
        (_, Some((name, set))) => choose(rule, name, set).map(|p| (p.threshold, Some(p)))?,
        // The match above gives a set for every other rule.
        (_, None) => return Err(EvalError::Request(format!("the threshold {rule} has no set to be chosen on"))),
    };
    let at = match rule {
        Rule::TestEer => DrawThreshold::Eer,
        Rule::MinHter => DrawThreshold::MinHter,
        Rule::DevEer | Rule::TrainEer | Rule::Fixed(_) => DrawThreshold::Fixed(threshold),
    };
    let common = other.as_ref().and_then(|set| shared(set, &test).map(|common| (common, &set.name)));
    warnings.extend(common.map(|(common, name)| common.sentence(name, &test.name)));
    let on = chosen_on.as_ref().filter(|_| other.is_some()).map(|(name, ranked)| NamedSet { name, ranked });
    let judged = NamedSet { name: &test.name, ranked: &ranked };
    let from_file = matches!(request.test, Source::File(_));
    warnings.extend(doubts(judged, Chosen { threshold, on }, from_file, test.polarity));
    let mut metrics = evaluate(&ranked, threshold, at, request, tell);
    metrics.oracle |= common.is_some_and(|(common, _)| common.is_oracle());
    metrics.points_in(test.polarity);
    metrics.threshold = test.polarity.to_live_high(threshold);
    metrics.threshold_infinite = infinite(metrics.threshold);
    metrics.threshold_set = chosen_on.map(|(name, _)| name.clone());
    metrics.threshold_set_error = point.map(|p| p.half_total());
    metrics.level = level;
    metrics.video_rule = (level == Level::Video).then_some(request.video);
    metrics.frames_per_video = test.frames_per_video();
    metrics.scores_fingerprint = test.fingerprint();
    let unseen = |live: bool| presentations.rejected.iter().filter(|s| s.is_bonafide == live).count() as u64;
    (metrics.n_rejected_live, metrics.n_rejected_attack) = (unseen(true), unseen(false));
    metrics.polarity = test.polarity;
    metrics.n_rows = test.scores.len() as u64;
    metrics.test_set.clone_from(&test.name);
    metrics.warnings = warnings;
    Ok(metrics)
}

fn infinite(threshold: f64) -> Option<&'static str> {
    threshold.is_infinite().then_some(if threshold > 0.0 { "inf" } else { "-inf" })
}

fn choose(rule: Rule, name: &str, set: &Ranked) -> Result<OperatingPoint, EvalError> {
    let point = if rule == Rule::MinHter { set.min_hter_point() } else { set.eer_point() };
    point.ok_or_else(|| {
        let missing = if set.counts().0 == 0 { "bona fide faces" } else { "attacks" };
        let what = format!(
            "there are no {missing} in it, so the threshold {rule} is undefined; use a set with both \
                            classes, or fixed:X"
        );
        EvalError::set(name, what)
    })
}

/// Thresholds are live-high until [`Metrics::points_in`].
fn tpr_at_fpr(ranked: &Ranked, ceiling: f64) -> TprAtFpr {
    let attacks = ranked.counts().1;
    // Below one attack in all of them the curve has no point but that of none, which says nothing of so low a rate.
    let too_few = attacks > 0 && ceiling * (attacks as f64) < 1.0;
    let note = too_few.then(|| {
        let needed = (1.0 / ceiling).round();
        let attacks = if attacks == 1 { "1 attack".to_owned() } else { format!("{attacks} attacks") };
        format!("{attacks} cannot show a rate of {} %; it takes {needed}", 100.0 * ceiling)
    });
    let point = ranked.bpcer_at_fpr(ceiling).filter(|_| !too_few);
    let accepted = point.map(|(_, rejected)| Count { errors: rejected.total - rejected.errors, ..rejected });
    TprAtFpr {
        fpr_at_most: ceiling,
        tpr: accepted.and_then(Count::rate),
        threshold: point.map(|p| p.0),
        ci: accepted.and_then(clopper_pearson),
        oracle: true,
        note,
    }
}

fn bpcer_at_apcer(ranked: &Ranked, name: &'static str, ceiling: f64) -> BpcerAtApcer {
    let point = ranked.bpcer_at_apcer(ceiling);
    BpcerAtApcer {
        name,
        apcer_at_most: ceiling,
        bpcer: point.and_then(|p| p.1.rate()),
        threshold: point.map(|p| p.0),
        ci: point.and_then(|p| clopper_pearson(p.1)),
        oracle: true,
    }
}

impl Metrics {
    /// Turns the thresholds of single points into the polarity of the test set; infinite ones become undefined.
    fn points_in(&mut self, polarity: Polarity) {
        let thresholds = self.tpr_at_fpr.iter_mut().map(|p| &mut p.threshold);
        for threshold in thresholds.chain(self.bpcer_at_apcer.iter_mut().map(|p| &mut p.threshold)) {
            *threshold = threshold.filter(|t| t.is_finite()).map(|t| polarity.to_live_high(t));
        }
    }
}

/// Everything that follows from the ranked test set and a live-high threshold; provenance is filled in by the caller.
fn evaluate(ranked: &Ranked, threshold: f64, at: DrawThreshold, request: &MetricsRequest, tell: Drawn<'_>) -> Metrics {
    let rates = ranked.rates_at(threshold);
    let (n_live, n_attack) = ranked.counts();
    let drawn = bootstrap(ranked, at, request.draws, request.seed, tell);
    let species = || ranked.species().iter().cloned().zip(&rates.apcer);
    let ci = Intervals {
        apcer_max: clopper_pearson(rates.apcer_max()),
        apcer_pooled: clopper_pearson(rates.apcer_pooled()),
        apcer: species().map(|(name, &count)| (name, clopper_pearson(count))).collect(),
        bpcer: clopper_pearson(rates.bpcer),
        acer_max: drawn.acer_max,
        acer_pooled: drawn.acer_pooled,
        hter: drawn.acer_pooled,
        eer: drawn.eer,
        auc: drawn.auc,
    };
    Metrics {
        threshold,
        threshold_infinite: None,
        apcer_max: rates.apcer_max().rate(),
        apcer_pooled: rates.apcer_pooled().rate(),
        apcer: species().map(|(name, count)| (name, count.rate())).collect(),
        bpcer: rates.bpcer.rate(),
        acer_max: rates.acer_max(),
        acer_pooled: rates.acer_pooled(),
        hter: rates.acer_pooled(),
        eer: ranked.eer_point().map(|p| p.half_total()),
        auc: ranked.auc(),
        tpr_at_fpr: FPRS.map(|ceiling| tpr_at_fpr(ranked, ceiling)).into(),
        bpcer_at_apcer: APCERS.map(|(name, ceiling)| bpcer_at_apcer(ranked, name, ceiling)).into(),
        n_live,
        n_attack,
        n_rejected_live: 0,
        n_rejected_attack: 0,
        ci,
        worst_species: rates.worst().map(|i| ranked.species()[i].clone()),
        threshold_rule: request.rule.to_string(),
        threshold_source: request.rule.source(),
        threshold_set: None,
        threshold_set_error: None,
        oracle: request.rule.is_oracle(),
        level: Level::Frame,
        video_rule: None,
        frames_per_video: None,
        checkpoint_selection: SELECTION_UNKNOWN.to_owned(),
        scores_fingerprint: String::new(),
        polarity: Polarity::LiveHigh,
        test_set: String::new(),
        n_rows: 0,
        ci_unit: if ranked.by_subject { "subject" } else { "presentation" },
        ci_units: ranked.units as u64,
        ci_draws: request.draws as u64,
        ci_seed: request.seed,
        warnings: vec![],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::eval::scores::Score;
    use crate::eval::testing::{labelled, set};

    fn at(set: &ScoreSet, rule: &str) -> Result<Metrics, String> {
        let rule = rule.parse().unwrap();
        measure(&MetricsRequest { draws: 50, ..MetricsRequest::new(Source::Set(set), rule) }).map_err(|e| e.to_string())
    }

    /// The same scores in the other polarity.
    fn flipped(set: &ScoreSet) -> ScoreSet {
        let scores = set.scores.iter().map(|s| Score { score: -s.score, ..s.clone() }).collect();
        ScoreSet { polarity: Polarity::SpoofHigh, scores, ..set.clone() }
    }

    #[test]
    fn the_json_has_the_promised_keys() {
        let scores = set(&[1.0, 2.0], &[("print", 0.0), ("replay", 1.5)]);
        let json = serde_json::to_value(at(&scores, "fixed:1").unwrap()).unwrap();
        for key in ["threshold", "apcer_max", "apcer_pooled", "bpcer", "acer_max", "acer_pooled", "hter", "eer", "auc"]
        {
            assert!(json[key].is_f64(), "{key}: {json}");
            if key != "threshold" {
                assert_eq!(json["ci"][key].as_array().unwrap().len(), 2, "{key}: {json}");
            }
        }
        assert_eq!((&json["n_live"], &json["n_attack"]), (&2.into(), &2.into()));
        assert_eq!(json["apcer"], serde_json::json!({"print": 0.0, "replay": 1.0}));
        assert_eq!(json["ci"]["apcer"]["print"].as_array().unwrap().len(), 2);
        assert_eq!(json["worst_species"], "replay");
        let provenance = (&json["threshold_rule"], &json["threshold_source"], &json["level"], &json["oracle"]);
        assert_eq!(provenance, (&"fixed:1.0".into(), &"given".into(), &"frame".into(), &false.into()));
    }

    #[test]
    fn the_threshold_comes_from_the_set_the_rule_names() {
        let test = set(&[1.0, 4.0], &[("a", 2.0), ("a", 0.0)]);
        let dev = set(&[4.0], &[("a", 2.0)]);
        let train = set(&[2.0], &[("a", 1.0)]);
        let source = |s| Some(Source::Set(s));
        let request = |rule: &str| MetricsRequest {
            dev: source(&dev),
            train: source(&train),
            ..MetricsRequest::new(Source::Set(&test), rule.parse().unwrap())
        };
        let by_dev = measure(&request("dev_eer")).unwrap();
        assert_eq!((by_dev.threshold, by_dev.apcer_max, by_dev.bpcer), (3.0, Some(0.0), Some(0.5)));
        assert_eq!((by_dev.threshold_source, by_dev.oracle, by_dev.eer), ("dev", false, Some(0.5)));
        assert_eq!(by_dev.threshold_set_error, Some(0.0));
        let by_train = measure(&request("train_eer")).unwrap();
        assert_eq!((by_train.threshold, by_train.apcer_max), (1.5, Some(0.5)));
        let by_test = measure(&request("test_eer")).unwrap();
        assert_eq!((by_test.hter, by_test.oracle), (by_test.eer, true));
        assert_eq!(by_test.ci.hter, by_test.ci.eer);
        let best = measure(&request("min_hter")).unwrap();
        assert_eq!((best.hter, best.oracle, best.threshold_source), (Some(0.25), true, "test"));
        let alone = at(&test, "dev_eer").unwrap_err();
        assert!(alone.contains("dev_eer") && alone.contains("--dev"), "{alone}");
    }

    #[test]
    fn undefined_values_are_null_and_infinite_thresholds_are_told() {
        let only_live = at(&set(&[1.0, 2.0], &[]), "fixed:1.5").unwrap();
        let json = serde_json::to_value(&only_live).unwrap();
        for key in ["apcer_max", "apcer_pooled", "acer_max", "acer_pooled", "hter", "eer", "auc"] {
            assert!(json[key].is_null() && json["ci"][key].is_null(), "{key}: {json}");
        }
        assert_eq!((only_live.bpcer, json["apcer"].to_string()), (Some(0.5), "{}".to_owned()));
        let refusal = at(&set(&[1.0], &[]), "test_eer").unwrap_err();
        assert!(refusal.contains("no attacks") && refusal.contains("test_eer"), "{refusal}");
        let equal = serde_json::to_value(at(&set(&[1.0], &[("a", 1.0)]), "test_eer").unwrap()).unwrap();
        assert_eq!((&equal["eer"], &equal["threshold_infinite"]), (&0.5.into(), &"-inf".into()));
        assert!(equal["threshold"].is_null());
        assert!(at(&set(&[f64::NAN], &[("a", 1.0)]), "test_eer").unwrap_err().contains("NaN"));
        assert!(at(&set(&[], &[]), "test_eer").unwrap_err().contains("no scores"));
    }

    #[test]
    fn single_points_are_oracles_with_intervals_of_their_own() {
        let low: Vec<(&str, f64)> = (0..16).map(|_| ("b", -1.0)).collect();
        let scores =
            set(&[0.0, 1.0, 2.0, 3.0], &[&low[..], &[("a", 0.5), ("b", 1.5), ("b", 1.5), ("b", -1.0)]].concat());
        let json = serde_json::to_value(at(&scores, "fixed:1").unwrap()).unwrap();
        let tpr = json["tpr_at_fpr"].as_array().unwrap();
        let rates: Vec<Option<f64>> = tpr.iter().map(|p| p["tpr"].as_f64()).collect();
        // Of 20 attacks two score 1.5 and none more; of the bona fide 2 and 3. 20 attacks show no rate below 5 %.
        assert_eq!(rates, [Some(0.75), Some(0.5), None, None, None]);
        let notes: Vec<&str> = tpr.iter().filter_map(|p| p["note"].as_str()).collect();
        assert_eq!((notes.len(), notes[0]), (3, "20 attacks cannot show a rate of 1 %; it takes 100"));
        assert_eq!((tpr[1]["fpr_at_most"].as_f64(), tpr[1]["threshold"].as_f64()), (Some(0.05), Some(1.75)));
        let bpcer = json["bpcer_at_apcer"].as_array().unwrap();
        assert_eq!((bpcer.len(), &bpcer[2]["name"], bpcer[2]["bpcer"].as_f64()), (3, &"BPCER100".into(), Some(0.5)));
        for point in tpr[..2].iter().chain(bpcer) {
            assert_eq!((point["oracle"].as_bool(), point["ci"].as_array().unwrap().len()), (Some(true), 2));
        }
        let alone = at(&set(&[1.0], &[]), "fixed:0").unwrap();
        assert!(alone.tpr_at_fpr.iter().all(|p| p.tpr.is_none() && p.ci.is_none()));
    }

    #[test]
    fn presentations_without_a_face_count_where_they_are_told_to() {
        let unseen = |live: bool, name: &str| Score {
            test_label: name.into(),
            is_bonafide: live,
            attack_type: if live { String::new() } else { "a".into() },
            ..Score::default()
        };
        let row = |name: &str, live: bool, score: f64| Score { score, ..unseen(live, name) };
        let scores = vec![row("x", true, 1.0), row("x", true, 3.0), row("y", false, 2.5), row("z", false, 0.0)];
        let rejected = vec![unseen(true, "u"), unseen(false, "v"), unseen(false, "w")];
        let dropped = ScoreSet { name: "test".into(), scores, ..ScoreSet::default() };
        let kept = ScoreSet { rejected, ..dropped.clone() };
        let drop = at(&dropped, "fixed:1").unwrap();
        let keep = at(&kept, "fixed:1").unwrap();
        assert_eq!((drop.bpcer, drop.apcer_pooled, drop.n_live, drop.n_attack), (Some(0.0), Some(0.5), 1, 2));
        // One live clip more, rejected; two attacks more, detected.
        assert_eq!((keep.bpcer, keep.apcer_pooled, keep.n_live, keep.n_attack), (Some(0.5), Some(0.25), 2, 4));
        assert_eq!((keep.n_rejected_live, keep.n_rejected_attack, drop.n_rejected_live), (1, 2, 0));
        assert_eq!(keep.frames_per_video, drop.frames_per_video);
        assert_ne!(keep.scores_fingerprint, drop.scores_fingerprint);
    }

    #[test]
    fn the_rule_for_videos_and_their_frames_are_told() {
        let row = |name: &str, live: bool, score: f64| Score {
            test_label: name.into(),
            is_bonafide: live,
            score,
            ..Score::default()
        };
        let scores = vec![row("a", true, 1.0), row("a", true, 2.0), row("a", true, 9.0), row("b", false, 0.0)];
        let scores = ScoreSet { name: "test".into(), scores, ..ScoreSet::default() };
        let by = |video| {
            let rule = Rule::Fixed(2.5);
            measure(&MetricsRequest { video, draws: 0, ..MetricsRequest::new(Source::Set(&scores), rule) }).unwrap()
        };
        let bpcer = [Fusion::Mean, Fusion::Median, Fusion::Max].map(|rule| by(rule).bpcer.unwrap());
        assert_eq!(bpcer, [0.0, 1.0, 1.0]);
        let json = serde_json::to_value(by(Fusion::Median)).unwrap();
        assert_eq!(json["video_rule"], "median");
        assert_eq!(json["frames_per_video"], serde_json::json!({"min": 1, "median": 2.0, "max": 3}));
    }

    #[test]
    fn videos_where_all_rows_name_theirs_and_frames_otherwise() {
        let frame = |label: &str, live: bool, score: f64| Score {
            test_label: label.into(),
            is_bonafide: live,
            score,
            ..Score::default()
        };
        let scores = vec![frame("a", true, 1.0), frame("a", true, 3.0), frame("b", false, 0.0), frame("b", false, 2.5)];
        let named = ScoreSet { name: "named".into(), scores, ..ScoreSet::default() };
        let metrics = at(&named, "test_eer").unwrap();
        assert_eq!((metrics.level, metrics.n_live, metrics.n_attack, metrics.n_rows), (Level::Video, 1, 1, 4));
        assert_eq!((metrics.eer, metrics.threshold), (Some(0.0), 1.625));
        let by = |level| MetricsRequest { level, ..MetricsRequest::new(Source::Set(&named), Rule::TestEer) };
        assert_eq!(measure(&by(Some(Level::Frame))).unwrap().n_live, 2);
        let nameless = set(&[1.0], &[("a", 0.0)]);
        assert_eq!(at(&nameless, "test_eer").unwrap().level, Level::Frame);
        let asked = MetricsRequest { test: Source::Set(&nameless), ..by(Some(Level::Video)) };
        assert!(measure(&asked).unwrap_err().to_string().contains("level frame"));
        let mixed = MetricsRequest { dev: Some(Source::Set(&nameless)), rule: Rule::DevEer, ..by(None) };
        assert_eq!(measure(&mixed).unwrap().level, Level::Frame);
    }

    #[test]
    fn files_of_any_form_give_the_same_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let two = file("two.txt", "1 0.5\n1 2\n-1 1\n-1 -1\n");
        let four = file("four.txt", "1 1 a 0.5\n2 2 b 2\n1 attack c 1\n2 attack d -1");
        let spoof_high = file("flip.txt", "1 -0.5\n1 -2\n-1 -1\n-1 1\n");
        let bob = file(
            "bob.csv",
            "claimed_id,test_label,is_bonafide,attack_type,sample_n,score\r\n\
             1,a,True,,0,0.5\r\n2,b,True,,0,2\r\n1,c,False,,0,1\r\n2,d,False,,0,-1",
        );
        let run = |path: &Path, polarity| {
            let request = MetricsRequest { polarity, ..MetricsRequest::new(Source::File(path), Rule::MinHter) };
            measure(&request).unwrap()
        };
        let first = run(&two, Polarity::LiveHigh);
        assert_eq!((first.hter, first.auc, first.threshold), (Some(0.25), Some(0.75), -0.25));
        for (path, polarity, threshold) in [
            (&four, Polarity::LiveHigh, -0.25),
            (&bob, Polarity::LiveHigh, -0.25),
            (&spoof_high, Polarity::SpoofHigh, 0.25),
        ] {
            let m = run(path, polarity);
            assert_eq!(
                (m.apcer.clone(), m.hter, m.auc, m.threshold),
                (first.apcer.clone(), first.hter, first.auc, threshold)
            );
        }
        let two_videos =
            MetricsRequest { level: Some(Level::Video), ..MetricsRequest::new(Source::File(&two), Rule::MinHter) };
        assert!(measure(&two_videos).unwrap_err().to_string().contains("two.txt"));
    }

    #[test]
    fn a_million_scores() {
        // Live at even, attacks at odd multiples: AUC and EER have closed forms.
        let n = 500_000;
        let live: Vec<f64> = (0..n).map(|i| f64::from(2 * i + 1)).collect();
        let attacks: Vec<(&str, f64)> = (0..n).map(|i| ("a", f64::from(2 * i))).collect();
        let scores = set(&live, &attacks);
        let request = MetricsRequest { draws: 3, ..MetricsRequest::new(Source::Set(&scores), Rule::TestEer) };
        let metrics = measure(&request).unwrap();
        let n = f64::from(n);
        assert_eq!(metrics.auc, Some((n + 1.0) / (2.0 * n)));
        assert_eq!((metrics.eer, metrics.threshold), (Some(0.5), 499_999.5));
    }

    proptest! {
        #[test]
        fn the_polarity_of_a_file_changes_no_rate((live, attacks) in labelled(), (dev_live, dev_attacks) in labelled()) {
            let (test, dev) = (set(&live, &attacks), set(&dev_live, &dev_attacks));
            let (test_flipped, dev_flipped) = (flipped(&test), flipped(&dev));
            for rule in [Rule::DevEer, Rule::TestEer, Rule::MinHter, Rule::Fixed(0.25)] {
                let run = |test, dev, rule| {
                    let dev = Some(Source::Set(dev));
                    measure(&MetricsRequest { dev, draws: 5, ..MetricsRequest::new(Source::Set(test), rule) }).unwrap()
                };
                let other_rule = if let Rule::Fixed(x) = rule { Rule::Fixed(-x) } else { rule };
                let (a, b) = (run(&test, &dev, rule), run(&test_flipped, &dev_flipped, other_rule));
                prop_assert_eq!(a.threshold, -b.threshold);
                let negated = |t: Option<f64>| t.map(|t| 0.0 - t);
                let mut tpr_at_fpr = b.tpr_at_fpr.clone();
                for point in &mut tpr_at_fpr {
                    point.threshold = negated(point.threshold);
                }
                let mut bpcer_at_apcer = b.bpcer_at_apcer.clone();
                for point in &mut bpcer_at_apcer {
                    point.threshold = negated(point.threshold);
                }
                let same = Metrics {
                    threshold: a.threshold,
                    threshold_infinite: a.threshold_infinite,
                    threshold_rule: a.threshold_rule.clone(),
                    polarity: a.polarity,
                    tpr_at_fpr,
                    bpcer_at_apcer,
                    // They name scores in the polarity of the set.
                    warnings: a.warnings.clone(),
                    ..b.clone()
                };
                prop_assert_eq!(a.warnings.len(), b.warnings.len());
                prop_assert_eq!(a, same);
            }
        }
    }
}
