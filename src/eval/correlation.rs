//! Whether one number of a run goes along with another: Spearman's rank correlation with a bootstrap interval.

use super::Interval;
use super::intervals::percentiles;
use crate::rng::{Streams, index};

/// Draws of the bootstrap.
const DRAWS: u64 = 2_000;

/// Spearman's rank correlation of pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// How many pairs there are.
    pub n: usize,
    /// -1 to 1; ties have their mean rank.
    pub rho: f64,
    /// 95 % percentile interval of a bootstrap over pairs; draws in which a side does not vary are left out.
    pub interval: Option<Interval>,
}

impl Correlation {
    /// The correlation of `pairs`; `None` for fewer than three, or where a side does not vary. A pure function.
    pub fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        let rho = spearman(pairs).filter(|_| pairs.len() > 2)?;
        let streams = Streams::new(0);
        let draw = |number| {
            let mut rng = streams.stream("correlation", number);
            let drawn: Vec<_> = pairs.iter().map(|_| pairs[index(&mut rng, pairs.len())]).collect();
            spearman(&drawn)
        };
        Some(Self { n: pairs.len(), rho, interval: percentiles((0..DRAWS).filter_map(draw).collect()) })
    }
}

/// Pearson's correlation of the ranks.
fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let (x, y) = (ranks(pairs.iter().map(|p| p.0)), ranks(pairs.iter().map(|p| p.1)));
    let middle = f64::midpoint(pairs.len() as f64, 1.0);
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let norm = (product(&x, &x) * product(&y, &y)).sqrt();
    (norm > 0.0).then(|| product(&x, &y) / norm)
}

/// Ranks from 1; equal values have the mean of their ranks.
fn ranks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let values: Vec<f64> = values.collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    for same in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let first = order.iter().position(|i| i == &same[0]).unwrap_or(0);
        for &i in same {
            ranks[i] = first as f64 + f64::midpoint(same.len() as f64, 1.0);
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_correlation_by_hand() {
        let rising: Vec<(f64, f64)> = (0..9).map(|i| (f64::from(i), f64::from(i).exp())).collect();
        let found = Correlation::of(&rising).unwrap();
        assert!((found.rho - 1.0).abs() < 1e-12 && found.n == 9);
        let falling: Vec<_> = rising.iter().map(|p| (p.0, -p.1)).collect();
        assert!((Correlation::of(&falling).unwrap().rho + 1.0).abs() < 1e-12);
        // Ranks 1, 2.5, 2.5, 4 and 2, 1, 3, 4: products sum to 3, squares to 4.5 and 5.
        let tied = Correlation::of(&[(1.0, 20.0), (2.0, 10.0), (2.0, 30.0), (3.0, 40.0)]).unwrap();
        assert!((tied.rho - 3.0 / (4.5_f64 * 5.0).sqrt()).abs() < 1e-12, "{}", tied.rho);
        let [low, high] = tied.interval.unwrap();
        assert!(low < tied.rho && tied.rho <= high && high <= 1.0 + 1e-12);
        assert_eq!(Correlation::of(&[(1.0, 2.0), (2.0, 1.0)]), None, "two points are on a line always");
        assert_eq!(Correlation::of(&[(1.0, 2.0), (1.0, 1.0), (1.0, 3.0)]), None);
    }
}
