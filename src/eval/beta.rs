//! The regularised incomplete beta function, which is what exact binomial intervals need. Accurate to about 1e-12 for
//! the counts of score files (parameters from 1 to some millions).

/// What Stirling's formula leaves out: `ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2)` for x >= 1, to about 1e-15.
fn stirling_rest(x: f64) -> f64 {
    let (mut y, mut product) = (x, 1.0);
    while y < 15.0 {
        product *= y;
        y += 1.0;
    }
    let r = 1.0 / (y * y);
    let rest = (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r / 1188.0)))) / y;
    if y == x {
        return rest;
    }
    // ln Gamma(x) = ln Gamma(y) - ln product, each with its own Stirling part.
    let main = |z: f64| (z - 0.5) * z.ln() - z;
    rest + main(y) - main(x) - product.ln()
}

/// `I_x(a, b)` for a, b >= 1 and x in 0..=1: the probability that a Beta(a, b) variable is at most x.
pub(super) fn regularised(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - regularised_below_mean(1.0 - x, b, a);
    }
    regularised_below_mean(x, a, b)
}

fn regularised_below_mean(x: f64, a: f64, b: f64) -> f64 {
    // x^a (1-x)^b / B(a, b), with the large parts of the gamma functions taken together, where they cancel.
    let n = a + b;
    let exponent = a * (x * n / a).ln() + b * ((1.0 - x) * n / b).ln();
    let rest = stirling_rest(n) - stirling_rest(a) - stirling_rest(b);
    let front = (a * b / (n * std::f64::consts::TAU)).sqrt() * (exponent + rest).exp();
    (front / a * fraction(x, a, b)).clamp(0.0, 1.0)
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    // Terms needed grow like the root of the larger parameter; the bound is never reached for counts of files.
    for m in 1..1_000_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_stirlings_formula_gives_factorials() {
        let ln_gamma = |x: f64| stirling_rest(x) + (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln();
        let mut sum = 0.0;
        for n in 1..100_u32 {
            sum += f64::from(n).ln();
            assert!((ln_gamma(f64::from(n) + 1.0) - sum).abs() < 1e-13 * (1.0 + sum), "{n}");
        }
        assert!((ln_gamma(1.5) - (std::f64::consts::PI.sqrt() / 2.0).ln()).abs() < 1e-14);
    }

    #[test]
    fn the_binomial_sum() {
        // I_x(k, n - k + 1) is the probability of at least k successes in n trials.
        let (n, p) = (30_u32, 0.3_f64);
        let mut term = (1.0 - p).powi(30);
        let mut at_most = 0.0;
        for k in 1..=n {
            at_most += term;
            term *= f64::from(n - k + 1) / f64::from(k) * p / (1.0 - p);
            let value = regularised(p, f64::from(k), f64::from(n - k + 1));
            assert!((value - (1.0 - at_most)).abs() < 1e-13, "{k}: {value} {}", 1.0 - at_most);
        }
    }

    #[test]
    fn ends_and_large_counts() {
        assert_eq!((regularised(0.0, 2.0, 3.0), regularised(1.0, 2.0, 3.0)), (0.0, 1.0));
        assert!((regularised(0.5, 5e6, 5e6) - 0.5).abs() < 1e-9);
    }
}
