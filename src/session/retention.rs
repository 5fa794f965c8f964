//! Which maps and checkpoints of a long run are kept. Both rules are functions of the run's length alone, not of how
//! it was reached, so that a resumed or rewound run ends with the same files as an unbroken one.

/// Most maps a session keeps.
const MAX_MAPS: u64 = 1000;

/// Every how many iterations maps are stored: `every`, doubled until a run of `total` iterations gives at most 1,000.
pub fn map_stride(every: u64, total: u64) -> u64 {
    let mut stride = every.max(1);
    while total / stride > MAX_MAPS {
        stride *= 2;
    }
    stride
}

/// The multiples of `every` up to `now` that are kept, at most `limit` of them: recent ones densely, older ones by
/// rising powers of two. A multiple once dropped is never wanted again as `now` grows.
pub fn kept_checkpoints(every: u64, now: u64, limit: usize) -> Vec<u64> {
    let newest = now / every.max(1);
    // With factor f about f * (1 + log2(newest) / 2) are kept; f shrinks until the limit holds.
    for quarters in (1..=64_u64).rev() {
        let wanted = |n: u64| {
            let power = if n == 0 { u64::MAX } else { 1 << n.trailing_zeros().min(62) };
            (newest - n) as f64 <= power as f64 * quarters as f64 / 4.0
        };
        let kept: Vec<u64> = candidates(newest, quarters).into_iter().filter(|&n| wanted(n)).collect();
        if kept.len() <= limit {
            return kept.into_iter().map(|n| n * every).collect();
        }
    }
    vec![newest * every]
}

/// Numbers that can pass the test in `kept_checkpoints`, ascending: for every power of two its last few multiples.
fn candidates(newest: u64, quarters: u64) -> Vec<u64> {
    let mut all = vec![0, newest];
    let mut power = 1_u64;
    while power <= newest {
        let last = newest / power;
        all.extend((last.saturating_sub(quarters)..=last).map(|k| k * power));
        power *= 2;
    }
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_never_pass_a_thousand() {
        assert_eq!(map_stride(10, 900), 10);
        for total in [10_000, 10_010, 70_000, 1_000_000] {
            assert!(total / map_stride(10, total) <= 1000, "{total}");
        }
    }

    #[test]
    fn checkpoints_stay_few_and_reach_back_to_the_start() {
        for now in (0..200_000).step_by(2_150) {
            let kept = kept_checkpoints(50, now, 20);
            assert!(kept.len() <= 20 && kept.contains(&(now / 50 * 50)) && kept.contains(&0), "{now}: {kept:?}");
        }
        assert_eq!(kept_checkpoints(50, 500, 20), (0..=10).map(|i| i * 50).collect::<Vec<_>>());
    }
}
