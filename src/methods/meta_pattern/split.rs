//! Line 6 of Algorithm 1: which domain the extractor learns from, and which HFN does.

use crate::rng::{Streams, index};

/// Domains by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainSplit {
    /// D_phi: the one that is unseen to HFN.
    pub phi: usize,
    /// D_theta: all others.
    pub theta: Vec<usize>,
}

/// The split of `domains` domains, at least one, in iteration `iteration`: one against the rest, each as likely.
pub fn split(domains: usize, streams: &Streams, iteration: u64) -> DomainSplit {
    let phi = index(&mut streams.stream("meta pattern/split", iteration), domains);
    DomainSplit { phi, theta: (0..domains).filter(|&d| d != phi).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_domain_is_unseen_as_often_and_never_on_both_sides() {
        let streams = Streams::new(4);
        for domains in [2, 3, 4] {
            let mut times = vec![0_u32; domains];
            for iteration in 0..3000 {
                let DomainSplit { phi, theta } = split(domains, &streams, iteration);
                assert!(theta.len() == domains - 1 && !theta.contains(&phi));
                times[phi] += 1;
            }
            // Five standard deviations of 3000 draws.
            let expected = 3000.0 / domains as f64;
            assert!(times.iter().all(|&n| (f64::from(n) - expected).abs() < 5.0 * expected.sqrt()), "{times:?}");
        }
        assert_eq!(split(3, &streams, 17), split(3, &Streams::new(4), 17));
        let differ = (0..50).any(|i| split(3, &streams, i) != split(3, &Streams::new(5), i));
        assert!(differ, "the seed decides");
    }
}
