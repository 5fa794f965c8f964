//! Long series made short for a plot without losing a spike: in every column of pixels the lowest and the highest value
//! stay. Values that are not finite end a line and are handed out on their own, since the plot cannot draw them and a
//! person must see them.

use egui_plot::PlotPoint;

/// A series as it is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawn {
    /// Stretches of finite values; each is one unbroken line, or one point.
    pub lines: Vec<Vec<PlotPoint>>,
    /// Where values are not finite, at most one a column.
    pub gaps: Vec<f64>,
    /// How many values in view are not finite.
    pub gap_count: usize,
}

/// The part of (`x`, `y`) between `from` and `to`, with one neighbour on either side, in about `columns` columns.
/// `x` ascends. `of` is applied to every value first and must not turn an order round.
pub fn decimate(x: &[f64], y: &[f64], (from, to): (f64, f64), columns: usize, of: impl Fn(f64) -> f64) -> Drawn {
    let n = x.len().min(y.len());
    let (x, y) = (&x[..n], &y[..n]);
    let first = x.partition_point(|&v| v < from).saturating_sub(1);
    let end = (x.partition_point(|&v| v <= to) + 1).min(n);
    let mut drawn = Drawn::default();
    if first >= end {
        return drawn;
    }
    let width = ((to - from) / columns.max(1) as f64).max(f64::MIN_POSITIVE);
    let column = |x: f64| ((x - from) / width).floor();
    let dense = end - first > 2 * columns;
    let mut line: Vec<PlotPoint> = vec![];
    let mut at = first;
    while at < end {
        let stop = if dense {
            let here = column(x[at]);
            at + x[at..end].partition_point(|&v| column(v) <= here).max(1)
        } else {
            at + 1
        };
        let (mut low, mut high): (Option<PlotPoint>, Option<PlotPoint>) = (None, None);
        for i in at..stop {
            let value = of(y[i]);
            if value.is_finite() {
                let point = PlotPoint { x: x[i], y: value };
                if low.is_none_or(|p| value < p.y) {
                    low = Some(point);
                }
                if high.is_none_or(|p| value > p.y) {
                    high = Some(point);
                }
            } else {
                drawn.gap_count += 1;
                if drawn.gaps.last().is_none_or(|&g| !dense || column(g) < column(x[i])) {
                    drawn.gaps.push(x[i]);
                }
            }
        }
        match (low, high) {
            (Some(low), Some(high)) if low.x == high.x => line.push(low),
            (Some(low), Some(high)) => line.extend(if low.x < high.x { [low, high] } else { [high, low] }),
            _ => {
                if !line.is_empty() {
                    drawn.lines.push(std::mem::take(&mut line));
                }
            }
        }
        at = stop;
    }
    if !line.is_empty() {
        drawn.lines.push(line);
    }
    drawn
}

/// Exponential moving average with the usual correction for its start; it skips values that are not finite, and gives
/// NaN in their place. `factor` from 0 (none) to below 1.
#[derive(Debug, Clone, Default)]
pub struct Smoother {
    factor: f64,
    sum: f64,
    weight: f64,
    /// Smoothed values so far.
    pub values: Vec<f64>,
}

impl Smoother {
    /// Nothing smoothed yet.
    pub fn new(factor: f64) -> Self {
        Self { factor: factor.clamp(0.0, 0.999), ..Self::default() }
    }

    /// Goes on where it stopped, up to the end of `y`.
    pub fn extend(&mut self, y: &[f64]) {
        let Self { factor, sum, weight, values } = self;
        for &value in y.get(values.len()..).unwrap_or_default() {
            if value.is_finite() {
                *sum = *factor * *sum + (1.0 - *factor) * value;
                *weight = *factor * *weight + (1.0 - *factor);
                values.push(*sum / *weight);
            } else {
                values.push(f64::NAN);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_stay_and_points_become_few() {
        let n = 100_000;
        let x: Vec<f64> = (0..n).map(f64::from).collect();
        let mut y: Vec<f64> = x.iter().map(|v| (v / 50.0).sin()).collect();
        (y[777], y[50_003]) = (9.0, -9.0);
        let drawn = decimate(&x, &y, (0.0, f64::from(n)), 500, |v| v);
        let points: Vec<PlotPoint> = drawn.lines.concat();
        assert!(points.len() <= 1100, "{}", points.len());
        assert!(points.iter().any(|p| p.x == 777.0 && p.y == 9.0) && points.iter().any(|p| p.y == -9.0));
        assert!(points.windows(2).all(|w| w[0].x <= w[1].x));
    }

    #[test]
    fn what_is_not_finite_breaks_the_line_and_is_counted() {
        let x: Vec<f64> = (0..8).map(f64::from).collect();
        let y = [1.0, f64::NAN, 2.0, 3.0, f64::INFINITY, f64::NEG_INFINITY, 4.0, 0.0];
        let drawn = decimate(&x, &y, (0.0, 7.0), 100, |v| v);
        assert_eq!(drawn.lines.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 2]);
        assert_eq!((drawn.gaps.as_slice(), drawn.gap_count), (&[1.0, 4.0, 5.0][..], 3));
        let logs = decimate(&x, &y, (0.0, 7.0), 100, f64::log10);
        assert!(logs.gaps.contains(&7.0) && logs.lines.concat().iter().all(|p| p.y.is_finite()));
        assert_eq!(decimate(&[], &[], (0.0, 1.0), 10, |v| v), Drawn::default());
        let part = decimate(&x, &y, (2.2, 2.8), 100, |v| v);
        assert_eq!(part.lines.concat().len(), 2, "neighbours of the view stay");
    }

    #[test]
    fn smoothing_starts_at_the_first_value_and_goes_on_where_it_stopped() {
        let y = [4.0, 4.0, f64::NAN, 4.0, 8.0];
        let mut smoother = Smoother::new(0.9);
        smoother.extend(&y[..2]);
        smoother.extend(&y);
        let v = &smoother.values;
        assert!((v[0] - 4.0).abs() < 1e-12 && (v[3] - 4.0).abs() < 1e-12 && v[2].is_nan());
        assert!(v[4] > 4.0 && v[4] < 8.0);
    }
}
