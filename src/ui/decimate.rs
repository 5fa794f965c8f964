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

/// What is known of some values in a row: places and values of the lowest and the highest, and what is not finite.
#[derive(Debug, Clone, Copy, Default)]
struct Extremes {
    low: Option<(usize, f64)>,
    high: Option<(usize, f64)>,
    gap: Option<usize>,
    gap_count: usize,
}

impl Extremes {
    fn see(&mut self, at: usize, value: f64) {
        if !value.is_finite() {
            self.gap = self.gap.or(Some(at));
            self.gap_count += 1;
            return;
        }
        if self.low.is_none_or(|(_, low)| value < low) {
            self.low = Some((at, value));
        }
        if self.high.is_none_or(|(_, high)| value > high) {
            self.high = Some((at, value));
        }
    }

    /// Adds what comes later.
    fn join(&mut self, later: &Self) {
        if let Some((_, v)) = later.low
            && self.low.is_none_or(|(_, low)| v < low)
        {
            self.low = later.low;
        }
        if let Some((_, v)) = later.high
            && self.high.is_none_or(|(_, high)| v > high)
        {
            self.high = later.high;
        }
        self.gap = self.gap.or(later.gap);
        self.gap_count += later.gap_count;
    }
}

/// The extremes of every 16 values of a series, of every 32, 64 and so on, gone on with as values come in: a long series is
/// not looked through again for every frame.
#[derive(Debug, Clone, Default)]
pub struct Blocks(Vec<Vec<Extremes>>);

impl Blocks {
    const LONG: usize = 16;

    /// Goes on where it stopped, up to the last whole block of `y`, with `of` applied to every value.
    pub fn extend(&mut self, y: &[f64], of: impl Fn(f64) -> f64) {
        let known = self.0.first().map_or(0, Vec::len);
        for (i, values) in y.chunks_exact(Self::LONG).enumerate().skip(known) {
            let mut block = Extremes::default();
            values.iter().enumerate().for_each(|(k, &v)| block.see(i * Self::LONG + k, of(v)));
            self.push(0, block);
        }
    }

    fn push(&mut self, level: usize, block: Extremes) {
        if level == self.0.len() {
            self.0.push(vec![]);
        }
        let blocks = &mut self.0[level];
        blocks.push(block);
        if let [.., before, _] = blocks.as_slice()
            && blocks.len().is_multiple_of(2)
        {
            let mut both = *before;
            both.join(&block);
            self.push(level + 1, both);
        }
    }

    /// The longest block that begins at `at` and ends at or before `to`, with its length.
    fn at(&self, at: usize, to: usize) -> Option<(&Extremes, usize)> {
        let most = ((to - at) / Self::LONG).checked_ilog2()? as usize;
        let aligned = (at / Self::LONG).trailing_zeros() as usize;
        let mut levels = (0..=most.min(aligned)).rev().take_while(|_| at.is_multiple_of(Self::LONG));
        let block = |k: usize| Some((self.0.get(k)?.get(at / (Self::LONG << k))?, Self::LONG << k));
        levels.find_map(block)
    }

    /// The extremes of `y[from..to]`.
    fn within(&self, y: &[f64], (from, to): (usize, usize), of: &impl Fn(f64) -> f64) -> Extremes {
        let mut all = Extremes::default();
        let mut at = from;
        while at < to {
            if let Some((block, long)) = self.at(at, to) {
                all.join(block);
                at += long;
            } else {
                all.see(at, of(y[at]));
                at += 1;
            }
        }
        all
    }
}

/// The part of (`x`, `y`) between `from` and `to`, with one neighbour on either side, in about `columns` columns.
/// `x` ascends. `of` is applied to every value first and must not turn an order round.
pub fn decimate(x: &[f64], y: &[f64], range: (f64, f64), columns: usize, of: impl Fn(f64) -> f64) -> Drawn {
    decimate_with(&Blocks::default(), x, y, range, columns, of)
}

/// The same with the `blocks` of `y` under the same `of`, as far as they go: faster, and nothing else.
pub fn decimate_with(
    blocks: &Blocks,
    x: &[f64],
    y: &[f64],
    (from, to): (f64, f64),
    columns: usize,
    of: impl Fn(f64) -> f64,
) -> Drawn {
    let n = x.len().min(y.len());
    let (x, y) = (&x[..n], &y[..n]);
    let first = x.partition_point(|&v| v < from).saturating_sub(1);
    let end = (x.partition_point(|&v| v <= to) + 1).min(n);
    let mut drawn = Drawn::default();
    if first >= end {
        return drawn;
    }
    let width = ((to - from) / columns.max(1) as f64).max(f64::MIN_POSITIVE);
    let edge = |x: f64| from + width * (((x - from) / width).floor() + 1.0);
    let dense = end - first > 2 * columns;
    // Wide columns are whole blocks, which stay the same while a series grows: no value of theirs is looked at again.
    let blocked = (end - first) / columns.max(1) / Blocks::LONG;
    let mut line: Vec<PlotPoint> = vec![];
    let (mut at, mut usual) = (first, 1);
    while at < end {
        let stop = if blocked > 0 {
            (at + 1).next_multiple_of(Blocks::LONG * blocked.next_power_of_two()).min(end)
        } else if dense {
            let (edge, rest) = (edge(x[at]), &x[at..end]);
            // About as far as the column before, not somewhere in a long series.
            while rest.get(usual).is_some_and(|&v| v < edge) {
                usual *= 2;
            }
            let near = &rest[..rest.len().min(usual + 1)];
            usual = near.partition_point(|&v| v < edge).max(1);
            at + usual
        } else {
            at + 1
        };
        let Extremes { low, high, gap, gap_count } = blocks.within(y, (at, stop), &of);
        drawn.gap_count += gap_count;
        drawn.gaps.extend(gap.map(|i| x[i]));
        let point = |(i, y): (usize, f64)| PlotPoint { x: x[i], y };
        match (low, high) {
            (Some(low), Some(high)) if low.0 == high.0 => line.push(point(low)),
            (Some(low), Some(high)) => line.extend(if low.0 < high.0 { [low, high] } else { [high, low] }.map(point)),
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
    fn blocks_that_grew_with_a_series_change_nothing() {
        let value = |i: usize| match i % 97 {
            3 => f64::NAN,
            5 => -1.0,
            _ => ((i * 7919) % 1000) as f64 / 100.0,
        };
        // Two hundred values that cannot be drawn, in the middle.
        let y: Vec<f64> = (0..5000).map(|i| if (2000..2200).contains(&i) { f64::INFINITY } else { value(i) }).collect();
        let x: Vec<f64> = (0..5000).map(|i| f64::from(i) * 1.5).collect();
        for of in [|v: f64| v, f64::log10] {
            let mut blocks = Blocks::default();
            for n in [0, 1, 15, 16, 40, 1000, 1007, 4999, 5000] {
                blocks.extend(&y[..n], of);
                for (range, columns) in
                    [((0.0, 7500.0), 100), ((100.3, 4000.7), 33), ((0.0, 7500.0), 3), ((0.0, 60.0), 500)]
                {
                    let whole = decimate(&x[..n], &y[..n], range, columns, of);
                    assert_eq!(decimate_with(&blocks, &x[..n], &y[..n], range, columns, of), whole, "{n} in {range:?}");
                }
            }
        }
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
