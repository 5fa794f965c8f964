//! What numbers themselves show to be wrong with an evaluation: classes the wrong way round, a threshold from scores that
//! say nothing, a threshold no test score comes near. Sentences to stand beside the rates; they change no number.

use super::ranked::Ranked;
use super::scores::Polarity;

/// A set of scores and its name.
#[derive(Debug, Clone, Copy)]
pub struct NamedSet<'a> {
    /// Path or name.
    pub name: &'a str,
    /// Its presentations.
    pub ranked: &'a Ranked,
}

/// Where the threshold was taken.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// Live-high; may be infinite.
    pub threshold: f64,
    /// The set it was chosen on, where that is not the test set; `None` for one that was given too.
    pub on: Option<NamedSet<'a>>,
}

/// Scores that all are the same, or the least and the greatest; live-high. `None` without any score.
fn ends(ranked: &Ranked) -> Option<(f64, f64)> {
    let mut scored = ranked.items.iter().map(|item| item.score).filter(|s| s.is_finite());
    let first = scored.next()?;
    Some((first, scored.next_back().unwrap_or(first)))
}

/// The 5 % and the 95 % quantile.
fn middle(ranked: &Ranked) -> Option<(f64, f64)> {
    let scored: Vec<f64> = ranked.items.iter().map(|item| item.score).filter(|s| s.is_finite()).collect();
    let last = scored.len().checked_sub(1)?;
    Some((scored[last / 20], scored[last - last / 20]))
}

/// How many times wider one set's scores must spread than the other's before they count as on another scale.
const OTHER_SCALE: f64 = 10.0;

/// A score or threshold in words of at most a few digits, in `polarity`.
fn number(live_high: f64, polarity: Polarity) -> String {
    let x = polarity.to_live_high(live_high);
    let size = x.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{x:.2e}");
    }
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Sentences about `test` (whose scores were read from a file in `polarity`, or were already there) and the threshold.
pub fn doubts(test: NamedSet, chosen: Chosen, from_file: bool, polarity: Polarity) -> Vec<String> {
    let mut told = areas(test, chosen.on, from_file, polarity);
    told.extend(constants(test, chosen.on, polarity));
    told.extend(outside(test, chosen, polarity));
    told
}

fn areas(test: NamedSet, on: Option<NamedSet>, from_file: bool, polarity: Polarity) -> Vec<String> {
    let mut told = vec![];
    let area = |set: NamedSet| set.ranked.auc();
    let reversed = |set: NamedSet| area(set).filter(|&auc| auc < 0.5);
    let (high, other) = match polarity {
        Polarity::LiveHigh => ("an attack", Polarity::SpoofHigh),
        Polarity::SpoofHigh => ("a live face", Polarity::LiveHigh),
    };
    let try_other = if from_file {
        format!("; if a high score means {high} in this file, use --polarity {other}")
    } else {
        "; the detector is worse than chance on it".to_owned()
    };
    match (reversed(test), on.and_then(|on| Some((on.name, area(on)?)))) {
        (Some(auc), None) => told.push(format!(
            "{}: the AUC is {auc:.4}, below 0.5: attacks score more like live faces than live faces do{try_other}",
            test.name
        )),
        (Some(auc), Some((name, on))) if on < 0.5 => told.push(format!(
            "{} and {name}: the AUC is {auc:.4} and {on:.4}, below 0.5: attacks score more like live faces than live faces \
             do{try_other}",
            test.name
        )),
        (Some(auc), Some((name, on))) => told.push(format!(
            "{} and {name} run opposite ways: the AUC is {auc:.4} on {} and {on:.4} on {name}, so the threshold means \
             nothing{try_other}",
            test.name, test.name
        )),
        (None, Some((name, on))) if on < 0.5 => told.push(format!(
            "{name} runs the other way than {}: its AUC is {on:.4}, below 0.5, so the threshold means nothing; check its \
             polarity",
            test.name
        )),
        (None, on_area) => {
            let at_chance = |set: &NamedSet| set.ranked.eer_point().is_some_and(|p| p.half_total() >= 0.5);
            let varied = |set: &NamedSet| ends(set.ranked).is_some_and(|(a, b)| a < b);
            if let (Some(set), Some(_)) = (on.filter(|set| at_chance(set) && varied(set)), on_area) {
                let eer = set.ranked.eer_point().map_or(0.5, |p| p.half_total());
                told.push(format!(
                    "{}: its EER is {:.1} %, no better than chance, so the threshold means nothing",
                    set.name,
                    100.0 * eer
                ));
            }
        }
    }
    told
}

fn constants(test: NamedSet, on: Option<NamedSet>, polarity: Polarity) -> Vec<String> {
    let constant = |set: NamedSet, so: &str| {
        let several = set.ranked.items.len() > 1;
        ends(set.ranked)
            .filter(|(a, b)| a == b && several)
            .map(|(value, _)| format!("{}: all scores are {}, {so}", set.name, number(value, polarity)))
    };
    let test = constant(test, "so live faces and attacks cannot be told apart");
    let on = on.and_then(|on| constant(on, "so a threshold chosen on them means nothing"));
    test.into_iter().chain(on).collect()
}

fn outside(test: NamedSet, chosen: Chosen, polarity: Polarity) -> Option<String> {
    let Chosen { threshold, on } = chosen;
    let (low, high) = ends(test.ranked)?;
    if low < threshold && threshold <= high {
        return on.and_then(|on| scales(test, on));
    }
    let accepted = threshold <= low;
    let all = if accepted { "every scored face is accepted" } else { "every face is rejected" };
    if threshold.is_infinite() {
        return Some(format!("the threshold is infinite: {all}"));
    }
    if accepted && low == high && threshold == low {
        return None;
    }
    // In the file's polarity the ends and their sides change places.
    let above = accepted != (polarity == Polarity::LiveHigh);
    let side = if above { "above" } else { "below" };
    let mut ends = [number(low, polarity), number(high, polarity)];
    if polarity == Polarity::SpoofHigh {
        ends.reverse();
    }
    let scale = on.map_or_else(String::new, |on| format!("; {} and {} may be on different scales", on.name, test.name));
    Some(format!(
        "the threshold {} lies {side} all scores of {} ({} to {}): {all}{scale}",
        number(threshold, polarity),
        test.name,
        ends[0],
        ends[1]
    ))
}

/// Whether both sets' scores spread over ranges of another size.
fn scales(test: NamedSet, on: NamedSet) -> Option<String> {
    let ((a, b), (c, d)) = (middle(test.ranked)?, middle(on.ranked)?);
    let (wide, narrow) = ((b - a).max(d - c), (b - a).min(d - c));
    let many = test.ranked.items.len().min(on.ranked.items.len()) >= 4;
    (many && narrow > 0.0 && wide >= OTHER_SCALE * narrow).then(|| {
        let size = |x: f64| number(x, Polarity::LiveHigh);
        format!(
            "{} and {} may be on different scales: the middle 90 % of their scores span {} and {}",
            test.name,
            on.name,
            size(b - a),
            size(d - c)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::testing::ranked;

    fn told(test: &Ranked, on: Option<&Ranked>, threshold: f64) -> String {
        let on = on.map(|ranked| NamedSet { name: "dev", ranked });
        let chosen = Chosen { threshold, on };
        doubts(NamedSet { name: "test", ranked: test }, chosen, true, Polarity::LiveHigh).join("\n")
    }

    fn good() -> Ranked {
        ranked(&[0.9, 0.8, 0.7, 0.3], &[("a", 0.1), ("a", 0.2), ("a", 0.4), ("a", 0.3)])
    }

    fn scaled(by: f64) -> Ranked {
        ranked(&[0.9, 0.8, 0.7, 0.3].map(|x| x * by), &[0.1, 0.2, 0.4, 0.3].map(|x| ("a", x * by)))
    }

    #[test]
    fn sound_sets_are_passed_over() {
        assert_eq!(told(&good(), Some(&good()), 0.5), "");
        assert_eq!(told(&good(), None, 0.5), "");
        assert_eq!(told(&good(), Some(&scaled(2.0)), 0.8), "");
    }

    #[test]
    fn classes_the_wrong_way_round() {
        let alone = told(&scaled(-1.0), None, -0.5);
        assert!(alone.contains("below 0.5") && alone.contains("--polarity spoof_high"), "{alone}");
        let both = told(&scaled(-1.0), Some(&scaled(-1.0)), -0.5);
        assert!(both.starts_with("test and dev:") && both.contains("--polarity spoof_high"), "{both}");
        let dev = told(&good(), Some(&scaled(-1.0)), 0.5);
        assert!(dev.starts_with("dev runs the other way than test") && dev.lines().count() == 1, "{dev}");
        let test = told(&scaled(-1.0), Some(&good()), -0.5);
        assert!(test.contains("opposite ways"), "{test}");
        let session = NamedSet { name: "test", ranked: &scaled(-1.0) };
        let chosen = Chosen { threshold: -0.5, on: None };
        let session = doubts(session, chosen, false, Polarity::SpoofHigh).join("");
        assert!(session.contains("worse than chance") && !session.contains("--polarity"), "{session}");
    }

    #[test]
    fn thresholds_from_scores_that_say_nothing() {
        let constant = ranked(&[0.7; 3], &[("a", 0.7)]);
        let dev = told(&good(), Some(&constant), f64::NEG_INFINITY);
        assert!(dev.contains("dev: all scores are 0.7") && dev.contains("infinite: every scored face"), "{dev}");
        let test = told(&constant, None, 0.5);
        assert!(test.contains("test: all scores are 0.7") && test.contains("below all scores"), "{test}");
        let chance = ranked(&[0.0, 1.0], &[("a", 0.0), ("a", 1.0)]);
        assert!(told(&good(), Some(&chance), 0.5).contains("dev: its EER is 50.0 %"));
    }

    #[test]
    fn thresholds_no_test_score_comes_near() {
        let dev = told(&good(), Some(&scaled(100.0)), 44.98);
        assert!(dev.contains("44.98 lies above all scores of test (0.1 to 0.9)") && dev.contains("scales"), "{dev}");
        assert!(told(&good(), None, f64::INFINITY).contains("every face is rejected"));
        let test = NamedSet { name: "test", ranked: &good() };
        let below = doubts(test, Chosen { threshold: 2.0, on: None }, true, Polarity::SpoofHigh).join("");
        assert!(below.contains("-2 lies below all scores of test (-0.9 to -0.1): every face is rejected"), "{below}");
        let narrow = told(&good(), Some(&scaled(0.01)), 0.2);
        assert!(narrow.contains("test and dev may be on different scales"), "{narrow}");
    }
}
