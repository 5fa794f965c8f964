//! The shape of a face as target weights: ancestry, sex and age first, then a person's own features and asymmetry. Every
//! limit that keeps a face human stands here. What else a person is like is drawn in [`super::identity`].

use crate::rng::{self, Stream};

use super::head::HeadModel;

/// The largest weight of any single face target.
pub const MOST_TARGET: f32 = 0.8;

/// Targets that leave the human range, move the head as a whole, or belong to the pose.
pub const FORBIDDEN: [&str; 8] =
    ["-trans-in", "-trans-out", "pointed", "head-trans", "neck-trans", "head-age", "jaw-drop", "ear-shape"];

/// How much each folder of targets varies (standard deviation of the weights).
const SPREAD: [(&str, f64); 10] = [
    ("head", 0.22),
    ("nose", 0.22),
    ("mouth", 0.20),
    ("eyes", 0.20),
    ("cheek", 0.26),
    ("chin", 0.24),
    ("forehead", 0.22),
    ("eyebrows", 0.25),
    ("ears", 0.22),
    ("neck", 0.15),
];

/// Target weights: ancestry, sex and age, then the person's own features and asymmetry.
pub fn shape(model: &HeadModel, rng: &mut Stream, female: bool, age: f32, ancestry: [f32; 3]) -> Vec<(String, f32)> {
    let mut weights: Vec<(String, f32)> = Vec::new();
    let sex = if female { "female" } else { "male" };
    // The model's "old" is about 90 years.
    let old = ((age - 25.0) / 65.0).clamp(0.0, if female { 0.55 } else { 0.68 });
    let heavy = (0.38 * rng::normal(rng)).clamp(-0.75, 0.75) as f32;
    let body = if heavy > 0.0 { "maxweight" } else { "minweight" };
    for (years, part) in [("young", 1.0 - old), ("old", old)] {
        for (people, share) in ["african", "asian", "caucasian"].iter().zip(ancestry) {
            weights.push((format!("macro/{people}-{sex}-{years}"), share * part));
        }
        for (kind, share) in [("averageweight", 1.0 - heavy.abs()), (body, heavy.abs())] {
            weights.push((format!("macro/universal-{sex}-{years}-averagemuscle-{kind}"), share * part));
        }
    }
    for (folder, spread) in SPREAD {
        for (stem, names) in families(model, folder) {
            // One draw a family whatever comes out, so that families do not shift one another's numbers.
            let draw = rng::normal(rng) * spread;
            let side = rng::uniform(rng);
            let uneven = 1.0 + 0.12 * rng::normal(rng);
            if FORBIDDEN.iter().any(|f| stem.contains(f)) {
                continue;
            }
            let weight = (draw.abs() as f32).min(MOST_TARGET);
            let name = match names.as_slice() {
                // Shapes without an opposite (oval, square, …): rarer, only towards the shape.
                [one] => {
                    if side < 0.6 {
                        continue;
                    }
                    one
                }
                names => &names[usize::from(draw > 0.0).min(names.len() - 1)],
            };
            if FORBIDDEN.iter().any(|f| name.contains(f)) {
                continue;
            }
            weights.push((name.clone(), weight));
            let mirror = name.replace("/l-", "/r-");
            if mirror != *name && model.targets.contains_key(&mirror) {
                weights.push((mirror, (weight * uneven as f32).clamp(0.0, MOST_TARGET)));
            }
        }
    }
    for (name, weight) in features(female, ancestry, heavy) {
        weights.push((name.to_owned(), weight));
    }
    for name in model.targets.keys().filter(|n| n.starts_with("asym/")) {
        let weight = (0.16 * rng::normal(rng)).clamp(-0.4, 0.4).max(0.0) as f32;
        weights.push((name.clone(), weight));
    }
    weights.retain(|(name, w)| *w != 0.0 && model.targets.contains_key(name));
    weights
}

/// What the macro targets leave too alike or too coarse: finer jaws, wider eyes, and what tells the sexes apart.
fn features(female: bool, ancestry: [f32; 3], heavy: f32) -> Vec<(&'static str, f32)> {
    let mut out = vec![
        ("eyes/l-eye-height2-incr", 0.30 + 0.30 * ancestry[1]),
        ("eyes/r-eye-height2-incr", 0.30 + 0.30 * ancestry[1]),
        ("eyes/l-eye-scale-incr", if female { 0.40 } else { 0.28 }),
        ("eyes/r-eye-scale-incr", if female { 0.40 } else { 0.28 }),
        ("chin/chin-bones-decr", if female { 0.45 } else { 0.22 }),
        ("chin/chin-width-decr", if female { 0.35 } else { 0.12 }),
        ("head/head-fat-decr", 0.18 * (1.0 - heavy.max(0.0))),
    ];
    if female {
        out.extend([
            ("head/head-oval", 0.30),
            ("nose/nose-scale-horiz-decr", 0.25 * (1.0 - ancestry[0])),
            ("nose/nose-scale-vert-decr", 0.15),
            ("nose/nose-hump-decr", 0.15),
            ("mouth/mouth-upperlip-volume-incr", 0.20),
            ("mouth/mouth-lowerlip-volume-incr", 0.15),
            ("cheek/l-cheek-bones-incr", 0.15),
            ("cheek/r-cheek-bones-incr", 0.15),
            ("neck/neck-scale-horiz-decr", 0.12),
            ("chin/chin-prominent-decr", 0.2),
        ]);
    }
    out
}

/// Targets of a folder by what they change: opposites (decr/incr, up/down, …) stand together. Right sides are left to
/// their mirror.
fn families(model: &HeadModel, folder: &str) -> Vec<(String, Vec<String>)> {
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    let prefix = format!("{folder}/");
    for name in model.targets.keys().filter(|n| n.starts_with(&prefix) && !n.starts_with(&format!("{prefix}r-"))) {
        let (stem, end) = name.rsplit_once('-').unwrap_or((name, ""));
        let opposite = [
            "decr",
            "incr",
            "up",
            "down",
            "in",
            "out",
            "concave",
            "convex",
            "compress",
            "uncompress",
            "backward",
            "forward",
        ];
        let stem = if opposite.contains(&end) { stem.to_owned() } else { name.clone() };
        match out.last_mut() {
            Some((last, names)) if *last == stem => names.push(name.clone()),
            _ => out.push((stem, vec![name.clone()])),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::assets;

    #[test]
    fn opposites_are_found_as_one_family() {
        let model = HeadModel::read(assets::HEAD_MODEL).unwrap();
        let nose = families(&model, "nose");
        let width = nose.iter().find(|f| f.0 == "nose/nose-width1").unwrap();
        assert_eq!(width.1, ["nose/nose-width1-decr", "nose/nose-width1-incr"]);
        assert!(families(&model, "eyes").iter().all(|f| !f.0.contains("/r-")));
    }
}
