//! Whether a map lies where the attack is: every pixel of a map is a score, the mask says which of them are the attack's material. Numbers
//! over faces; nothing is known here of networks or files.

use std::collections::BTreeMap;

use crate::rng::{Streams, index};

/// The part of a map's pixel that must be the attack's material for the pixel to count as such.
pub const HALF: f32 = 0.5;

/// Probability that a pixel inside the mask has a higher value than one outside, ties as a half; 0 to 1. `None` where one of both is missing.
pub fn pixel_auc(values: &[f32], inside: &[bool]) -> Option<f64> {
    let order = ascending(values);
    let (mut below, mut won) = (0.0, 0.0);
    for tie in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let within = tie.iter().filter(|&&i| inside[i]).count() as f64;
        let outside = tie.len() as f64 - within;
        won += within * (below + 0.5 * outside);
        below += outside;
    }
    let within = values.len() as f64 - below;
    (within > 0.0 && below > 0.0).then(|| won / (within * below))
}

/// [`pixel_auc`] of one face's `map` against its `mask`, the share of each pixel that is the attack's material.
/// `turned`: the map is high where a face is live, as depth is. `None` where the mask is not known (NaN), or covers
/// nothing or everything.
pub fn map_against_mask(map: &[f32], mask: &[f32], turned: bool) -> Option<f64> {
    if mask.iter().any(|share| !share.is_finite()) {
        return None;
    }
    let inside: Vec<bool> = mask.iter().map(|share| *share >= HALF).collect();
    let values: Vec<f32> = map.iter().map(|value| if turned { -value } else { *value }).collect();
    pixel_auc(&values, &inside)
}

/// Average precision of the pixels inside the mask, from the highest value down; tied pixels count at the end of their tie. `None` where no
/// pixel is inside, or all are.
pub fn pixel_precision(values: &[f32], inside: &[bool]) -> Option<f64> {
    let mut order = ascending(values);
    order.reverse();
    let all = inside.iter().filter(|&&i| i).count();
    if all == 0 || all == inside.len() {
        return None;
    }
    let (mut seen, mut hits, mut sum) = (0.0, 0.0, 0.0);
    for tie in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let within = tie.iter().filter(|&&i| inside[i]).count() as f64;
        seen += tie.len() as f64;
        hits += within;
        sum += within * hits / seen;
    }
    Some(sum / all as f64)
}

fn ascending(values: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

/// How well the map of one attack lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Lies {
    /// The person. Intervals draw whole persons, with all of their faces.
    pub subject: String,
    /// The attack's species.
    pub species: String,
    /// [`pixel_auc`].
    pub auc: f64,
    /// [`pixel_precision`].
    pub precision: f64,
}

/// How well maps lie over many faces.
#[derive(Debug, Clone, PartialEq)]
pub struct Localisation {
    /// Number of faces: attacks whose mask covers a part of the map, but not all of it.
    pub faces: usize,
    /// Mean pixel AUC.
    pub auc: f64,
    /// Its 95 % interval, by drawing persons with replacement; `None` for fewer than two persons.
    pub interval: Option<[f64; 2]>,
    /// Mean average precision.
    pub precision: f64,
    /// Mean pixel AUC by species.
    pub species: BTreeMap<String, f64>,
}

impl Localisation {
    /// Draws for an interval.
    const DRAWS: usize = 2000;

    /// The means over `faces`, with an interval drawn from `seed`; `None` if there are no faces.
    pub fn over(faces: &[Lies], seed: u64) -> Option<Self> {
        let mean = |values: &mut dyn Iterator<Item = f64>| {
            let (sum, count) = values.fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
            (count > 0.0).then(|| sum / count)
        };
        let auc = mean(&mut faces.iter().map(|f| f.auc))?;
        let precision = mean(&mut faces.iter().map(|f| f.precision))?;
        let mut of: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        let mut persons: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for face in faces {
            of.entry(&face.species).or_default().push(face.auc);
            let person = persons.entry(&face.subject).or_default();
            *person = (person.0 + face.auc, person.1 + 1.0);
        }
        let species = of.into_iter().filter_map(|(name, all)| Some((name.to_owned(), mean(&mut all.into_iter())?)));
        let persons: Vec<(f64, f64)> = persons.into_values().collect();
        Some(Self {
            faces: faces.len(),
            auc,
            interval: interval(&persons, seed),
            precision,
            species: species.collect(),
        })
    }
}

/// The interval of the mean over persons, each with the sum and the number of its values.
fn interval(persons: &[(f64, f64)], seed: u64) -> Option<[f64; 2]> {
    if persons.len() < 2 {
        return None;
    }
    let mut rng = Streams::new(seed).stream("localisation/bootstrap", 0);
    let mut means: Vec<f64> = (0..Localisation::DRAWS)
        .map(|_| {
            let (sum, count) = (0..persons.len()).fold((0.0, 0.0), |(sum, count), _| {
                let (s, c) = persons[index(&mut rng, persons.len())];
                (sum + s, count + c)
            });
            sum / count
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means[((means.len() - 1) as f64 * share).round() as usize];
    Some([at(0.025), at(0.975)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_held_against_the_share_of_its_pixels() {
        let map = [0.9, 0.1, 0.8, 0.2];
        assert_eq!(map_against_mask(&map, &[1.0, 0.49, 0.5, 0.0], false), Some(1.0));
        // A depth map is low where the attack is.
        assert_eq!(map_against_mask(&map, &[1.0, 0.49, 0.5, 0.0], true), Some(0.0));
        assert_eq!(map_against_mask(&map, &[1.0; 4], false), None);
        assert_eq!(map_against_mask(&map, &[f32::NAN; 4], false), None);
    }

    #[test]
    fn pixels_are_ranked_as_scores_are() {
        let inside = [true, true, false, false];
        assert_eq!(pixel_auc(&[0.9, 0.8, 0.1, 0.2], &inside), Some(1.0));
        assert_eq!(pixel_auc(&[0.1, 0.2, 0.8, 0.9], &inside), Some(0.0));
        assert_eq!(pixel_auc(&[0.5; 4], &inside), Some(0.5));
        // One pair of four is lost, one is a tie: (2 + 0.5) / 4.
        assert_eq!(pixel_auc(&[0.9, 0.2, 0.2, 0.5], &inside), Some(0.625));
        assert_eq!(pixel_auc(&[0.9; 4], &[true; 4]), None);
        assert_eq!(pixel_precision(&[0.9, 0.8, 0.1, 0.2], &inside), Some(1.0));
        // Hits at places 1 and 3: (1 + 2/3) / 2.
        assert!((pixel_precision(&[0.9, 0.5, 0.6, 0.1], &inside).unwrap() - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!(pixel_precision(&[0.5; 4], &inside), Some(0.5));
    }

    #[test]
    fn faces_of_one_person_are_drawn_together() {
        let face = |subject: &str, auc| Lies { subject: subject.into(), species: "mask".into(), auc, precision: auc };
        assert_eq!(Localisation::over(&[], 0), None);
        let one = Localisation::over(&[face("a", 0.5), face("a", 1.0)], 0).unwrap();
        assert_eq!((one.auc, one.interval, one.faces), (0.75, None, 2));
        let two = Localisation::over(&[face("a", 0.5), face("b", 1.0)], 0).unwrap();
        assert_eq!(two.interval, Some([0.5, 1.0]));
        assert_eq!(two.species["mask"], 0.75);
        assert_eq!(Localisation::over(&[face("a", 0.5), face("b", 1.0)], 0).unwrap(), two, "one seed, one interval");
    }
}
