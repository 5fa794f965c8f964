//! How fast a run goes and how long it will take: iterations as they were timed, and an estimate made of them. It is told
//! seconds and knows no clock but the one that is handed to it, so that any pace can be scripted.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::cost::StageCost;
use crate::config::Stage;
use crate::session::Outlook;

/// Iterations of a stage that its pace is taken from.
const WINDOW: usize = 64;
/// So many must be timed before a pace is told.
const ENOUGH: usize = 2;
/// An iteration counts as at most so many times the median one: a checkpoint is part of the pace, a stall is not.
const CEILING: f64 = 5.0;

/// Time that passes while a run works; while a person looks at it, none does.
#[derive(Debug, Default)]
pub struct Clock {
    since: Option<Instant>,
    before: Duration,
}

impl Clock {
    /// Work begins.
    pub fn start(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// Work rests.
    pub fn stop(&mut self, now: Instant) {
        if let Some(since) = self.since.take() {
            self.before += now.saturating_duration_since(since);
        }
    }

    /// Seconds of work since the last lap.
    pub fn lap(&mut self, now: Instant) -> f64 {
        let running = self.since.is_some();
        self.stop(now);
        self.since = running.then_some(now);
        std::mem::take(&mut self.before).as_secs_f64()
    }
}

/// One stage's iterations as they were timed.
#[derive(Debug, Default)]
struct Laps {
    /// Whether the first one was seen. It makes and loads things that the others find ready, so it is left out.
    warm: bool,
    recent: VecDeque<f64>,
}

impl Laps {
    fn seconds(&self) -> Option<f64> {
        let n = self.recent.len();
        if n < ENOUGH {
            return None;
        }
        let mut sorted: Vec<f64> = self.recent.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let ceiling = CEILING * f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]);
        Some(sorted.iter().map(|s| s.min(ceiling)).sum::<f64>() / n as f64)
    }
}

/// The pace of every stage that was at work in this process.
#[derive(Debug, Default)]
pub struct Pace(BTreeMap<Stage, Laps>);

impl Pace {
    /// Notes that an iteration of `stage` took so many seconds of work.
    pub fn note(&mut self, stage: Stage, seconds: f64) {
        let laps = self.0.entry(stage).or_default();
        if !std::mem::replace(&mut laps.warm, true) {
            return;
        }
        laps.recent.push_back(seconds);
        if laps.recent.len() > WINDOW {
            laps.recent.pop_front();
        }
    }

    /// Forgets what was timed, as when a setting changed what iterations cost.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn seconds(&self, stage: Stage) -> Option<f64> {
        self.0.get(&stage)?.seconds()
    }

    /// Seconds that 10^9 operations take: in `stage`, else in the latest one that was timed and counted.
    fn seconds_per_gflop(&self, work: &[StageCost], stage: Stage) -> Option<f64> {
        let of = |stage: Stage| {
            let gflop = work.iter().find(|w| w.stage == stage)?.gflop.filter(|g| *g > 0.0)?;
            Some(self.seconds(stage)? / gflop)
        };
        of(stage).or_else(|| self.0.keys().rev().find_map(|s| of(*s)))
    }

    /// What is known of a run that stands in `stage`, with `done` of its iterations behind it, and is to do all of
    /// `work` in the order of stages. A stage that was timed goes on as it went; one that was not takes as much longer
    /// as its iterations have more operations. Where one can be told by neither, nothing is said of the whole.
    pub fn outlook(&self, work: &[StageCost], stage: Stage, done: u64) -> Outlook {
        let rate = self.seconds_per_gflop(work, stage);
        let left = |w: &StageCost| match w.stage.cmp(&stage) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => w.iterations.saturating_sub(done),
            std::cmp::Ordering::Greater => w.iterations,
        };
        let seconds = |w: &StageCost| match left(w) {
            0 => Some(0.0),
            n => Some(n as f64 * self.seconds(w.stage).or_else(|| Some(w.gflop? * rate?))?),
        };
        let here = work.iter().find(|w| w.stage == stage);
        Outlook {
            stage,
            measured: self.0.get(&stage).map_or(0, |l| l.recent.len()),
            iteration_seconds: self.seconds(stage),
            gflop: here.and_then(|w| w.gflop),
            stage_seconds: here.and_then(seconds),
            run_seconds: work.iter().map(seconds).sum(),
            memory: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two operations an iteration of pretraining, ten of Algorithm 1, five of the detector, and what follows.
    fn work() -> Vec<StageCost> {
        let one = |stage, iterations, gflop| StageCost { stage, iterations, gflop: Some(gflop), mib: 0.0 };
        vec![
            one(Stage::Pretrain, 100, 2.0),
            one(Stage::Bilevel, 50, 10.0),
            one(Stage::Calibrate, 1, 30.0),
            one(Stage::Detector, 200, 5.0),
            one(Stage::Evaluate, 1, 100.0),
        ]
    }

    fn noted(laps: &[(Stage, f64)]) -> Pace {
        let mut pace = Pace::default();
        for &(stage, seconds) in laps {
            pace.note(stage, seconds);
        }
        pace
    }

    fn near(got: Option<f64>, expected: f64) {
        assert!(got.is_some_and(|g| (g - expected).abs() < 1e-9 * expected.max(1.0)), "{got:?}, not {expected}");
    }

    #[test]
    fn later_stages_take_as_much_longer_as_they_have_more_operations() {
        // A slow first iteration, then 0.2 s each: 0.1 s for 10^9 operations.
        let pace = noted(&[(Stage::Pretrain, 9.0), (Stage::Pretrain, 0.2), (Stage::Pretrain, 0.2)]);
        let outlook = pace.outlook(&work(), Stage::Pretrain, 40);
        near(outlook.iteration_seconds, 0.2);
        near(outlook.stage_seconds, 60.0 * 0.2);
        near(outlook.run_seconds, 60.0 * 0.2 + 50.0 * 1.0 + 3.0 + 200.0 * 0.5 + 10.0);
        near(outlook.gflop_per_second(), 10.0);
        assert_eq!((outlook.measured, outlook.stage), (2, Stage::Pretrain));
    }

    #[test]
    fn a_new_stage_is_estimated_until_it_is_timed_and_then_tells_of_those_to_come() {
        let mut pace = noted(&[(Stage::Pretrain, 0.2); 8]);
        near(pace.outlook(&work(), Stage::Bilevel, 0).stage_seconds, 50.0);
        assert_eq!(pace.outlook(&work(), Stage::Bilevel, 0).iteration_seconds, None);
        // It comes to twice the operations a second, and so will the detector.
        (0..10).for_each(|_| pace.note(Stage::Bilevel, 0.5));
        let outlook = pace.outlook(&work(), Stage::Bilevel, 10);
        near(outlook.stage_seconds, 40.0 * 0.5);
        near(outlook.run_seconds, 40.0 * 0.5 + 1.5 + 200.0 * 0.25 + 5.0);
        // Back in pretraining, what was timed there counts there, and Algorithm 1 is known by its own time.
        near(
            pace.outlook(&work(), Stage::Pretrain, 90).run_seconds,
            10.0 * 0.2 + 50.0 * 0.5 + 3.0 + 200.0 * 0.5 + 10.0,
        );
    }

    #[test]
    fn a_stall_is_cut_off_and_regular_work_is_not() {
        let stage = Stage::Detector;
        let mut pace = noted(&[(stage, 0.1); 12]);
        pace.note(stage, 600.0);
        near(pace.outlook(&work(), stage, 0).iteration_seconds, (11.0 * 0.1 + 0.5) / 12.0);
        // A checkpoint every tenth iteration is part of the pace; what lies far back is not.
        (0..100).for_each(|i| pace.note(stage, if i % 10 == 0 { 0.3 } else { 0.1 }));
        near(pace.outlook(&work(), stage, 0).iteration_seconds, (58.0 * 0.1 + 6.0 * 0.3) / 64.0);
    }

    #[test]
    fn stages_that_are_left_out_and_iterations_that_were_done_elsewhere_cost_nothing() {
        // Labels need no teacher: the detector alone. It was resumed after 150 iterations, of which none was timed.
        let work: Vec<StageCost> = work().into_iter().filter(|w| w.stage >= Stage::Detector).collect();
        let pace = noted(&[(Stage::Detector, 1.0), (Stage::Detector, 0.5), (Stage::Detector, 0.5)]);
        near(pace.outlook(&work, Stage::Detector, 153).run_seconds, 47.0 * 0.5 + 10.0);
        near(pace.outlook(&work, Stage::Detector, 900).stage_seconds, 0.0);
        near(pace.outlook(&work, Stage::Evaluate, 0).run_seconds, 10.0);
        near(pace.outlook(&work, Stage::Evaluate, 1).run_seconds, 0.0);
    }

    #[test]
    fn what_cannot_be_told_is_not() {
        let mut pace = Pace::default();
        assert_eq!(pace.outlook(&work(), Stage::Pretrain, 0).run_seconds, None);
        pace.note(Stage::Pretrain, 0.2);
        pace.note(Stage::Pretrain, 0.2);
        assert_eq!(pace.outlook(&work(), Stage::Pretrain, 2).run_seconds, None, "one is not enough");
        pace.note(Stage::Pretrain, 0.2);
        let mut uncounted = work();
        uncounted[1].gflop = None;
        let outlook = pace.outlook(&uncounted, Stage::Pretrain, 3);
        near(outlook.stage_seconds, 97.0 * 0.2);
        assert_eq!(outlook.run_seconds, None, "nobody counts the operations of Algorithm 1 here");
        (0..4).for_each(|_| pace.note(Stage::Bilevel, 2.0));
        // Timed, it can be told; what follows goes by the stage before, which was counted.
        near(pace.outlook(&uncounted, Stage::Bilevel, 4).run_seconds, 46.0 * 2.0 + 3.0 + 200.0 * 0.5 + 10.0);
        pace.clear();
        assert_eq!(pace.outlook(&work(), Stage::Bilevel, 4).iteration_seconds, None);
    }

    #[test]
    fn no_time_passes_in_a_pause() {
        let (mut clock, began) = (Clock::default(), Instant::now());
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        clock.start(at(0));
        clock.stop(at(3));
        // An hour later the iteration is gone on with, step by step, and ends.
        for step in 0..4 {
            clock.start(at(3600 + 100 * step));
            clock.stop(at(3601 + 100 * step));
        }
        clock.start(at(5000));
        assert_eq!(clock.lap(at(5002)), 9.0);
        assert_eq!(clock.lap(at(5006)), 4.0, "it runs on");
        clock.stop(at(5007));
        clock.stop(at(6000));
        assert_eq!(clock.lap(at(7000)), 1.0);
    }
}
