//! The numbers of a run as columns: one series a name over counted iterations, appended to and cut.

use std::collections::BTreeMap;

use crate::config::Stage;
use crate::session::Row;

/// One named number over the iterations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Counted iterations, ascending.
    pub x: Vec<f64>,
    /// Values; not finite where the run gave none.
    pub y: Vec<f64>,
}

/// All numbers of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    series: BTreeMap<String, Series>,
    /// Stages in order, with the counted iteration each began at.
    stages: Vec<(Stage, u64)>,
    last: Option<Row>,
    generation: u64,
}

impl Metrics {
    /// Adds a row. A row at or before the last one means that the run went back: what it replaces is cut first.
    pub fn push(&mut self, row: &Row) {
        if self.last.as_ref().is_some_and(|last| row.iteration <= last.iteration) {
            self.cut(row.iteration);
        }
        if self.stages.last().is_none_or(|(stage, _)| *stage != row.stage) {
            self.stages.push((row.stage, row.iteration));
        }
        for (name, value) in &row.values {
            let series = self.series.entry(name.clone()).or_default();
            series.x.push(row.iteration as f64);
            series.y.push(*value);
        }
        self.last = Some(row.clone());
    }

    /// The teacher's separation at the end of pretraining and over the last bi-level iterations, means of twenty batches each, where it has
    /// become worse by more than the batches' scatter (two standard errors).
    pub fn forgets(&self) -> Option<(f64, f64)> {
        const BATCHES: usize = 20;
        let (_, begin) = self.stages.iter().find(|(stage, _)| *stage == Stage::Bilevel)?;
        let series = self.series.get("teacher_separation")?;
        let at = series.x.partition_point(|&x| x < *begin as f64);
        let (before, after) = series.y.split_at(at);
        if after.len() < BATCHES || before.len() < 2 {
            return None;
        }
        let last = |all: &[f64]| {
            let all = &all[all.len().saturating_sub(BATCHES)..];
            let n = all.len() as f64;
            let mean = all.iter().sum::<f64>() / n;
            (mean, all.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0) / n)
        };
        let ((then, a), (now, b)) = (last(before), last(after));
        (then - now > 2.0 * (a + b).sqrt()).then_some((then, now))
    }

    /// Forgets every row from counted iteration `from` on.
    pub fn cut(&mut self, from: u64) {
        if self.last.as_ref().is_none_or(|last| last.iteration < from) {
            return;
        }
        for series in self.series.values_mut() {
            let keep = series.x.partition_point(|&x| x < from as f64);
            series.x.truncate(keep);
            series.y.truncate(keep);
        }
        self.series.retain(|_, s| !s.x.is_empty());
        self.stages.retain(|(_, start)| *start < from);
        let end = self
            .series
            .values()
            .filter_map(|s| s.x.last())
            .fold(None, |m: Option<f64>, &x| Some(m.map_or(x, |m| m.max(x))));
        self.last = end.map(|x| {
            let at =
                |(name, s): (&String, &Series)| (s.x.last() == Some(&x)).then(|| Some((name.clone(), *s.y.last()?)));
            Row {
                iteration: x as u64,
                stage: self.stages.last().map(|(stage, _)| *stage).unwrap_or_default(),
                stage_iteration: x as u64 - self.stages.last().map_or(0, |(_, start)| *start),
                values: self.series.iter().filter_map(at).flatten().collect(),
            }
        });
        self.generation += 1;
    }

    /// The series called `name`.
    pub fn get(&self, name: &str) -> Option<&Series> {
        self.series.get(name)
    }

    /// Names of all series.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// Stages in order, with the counted iteration each began at.
    pub fn stages(&self) -> &[(Stage, u64)] {
        &self.stages
    }

    /// The newest row.
    pub fn last(&self) -> Option<&Row> {
        self.last.as_ref()
    }

    /// Changes whenever rows were cut, so that what was computed from them is void.
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(iteration: u64, stage: Stage, name: &str) -> Row {
        let values = vec![(name.to_owned(), iteration as f64 / 2.0)];
        Row { iteration, stage, stage_iteration: iteration % 3, values }
    }

    #[test]
    fn a_teacher_that_forgets_is_noticed_and_noise_is_not() {
        let row = |iteration: u64, stage: Stage, value: f64| Row {
            iteration,
            stage,
            stage_iteration: 0,
            values: vec![("teacher_separation".to_owned(), value)],
        };
        let run = |after: f64| {
            let mut metrics = Metrics::default();
            for i in 0..60 {
                let noise = if i % 2 == 0 { 0.02 } else { -0.02 };
                let (stage, mean) = if i < 30 { (Stage::Pretrain, 0.4) } else { (Stage::Bilevel, after) };
                metrics.push(&row(i, stage, mean + noise));
            }
            metrics.forgets()
        };
        assert_eq!(run(0.4), None);
        assert_eq!(run(0.5), None);
        let (then, now) = run(0.3).unwrap();
        assert!((then - 0.4).abs() < 1e-9 && (now - 0.3).abs() < 1e-9);
    }

    #[test]
    fn going_back_cuts_what_came_later() {
        let mut metrics = Metrics::default();
        (0..3).for_each(|i| metrics.push(&row(i, Stage::Pretrain, "teacher_loss")));
        (3..9).for_each(|i| metrics.push(&row(i, Stage::Bilevel, "l_v")));
        assert_eq!(metrics.stages(), [(Stage::Pretrain, 0), (Stage::Bilevel, 3)]);
        let generation = metrics.generation();
        metrics.push(&row(5, Stage::Bilevel, "l_v"));
        assert_eq!(metrics.get("l_v").unwrap().x, [3.0, 4.0, 5.0]);
        assert_ne!(metrics.generation(), generation);
        metrics.cut(2);
        assert_eq!(metrics.names().collect::<Vec<_>>(), ["teacher_loss"]);
        assert_eq!((metrics.stages().len(), metrics.last().unwrap().iteration), (1, 1));
        metrics.cut(0);
        assert_eq!((metrics.names().count(), metrics.last()), (0, None));
    }
}
