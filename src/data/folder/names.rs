//! What a picture's path says: live or spoof, which species, which split, which clip. Only names are looked at.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use crate::data::{Label, Split};

/// What the path of a picture, relative to the root, says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Place {
    pub label: Label,
    pub species: String,
    /// From a train/dev/test folder; `None` where there is none.
    pub split: Option<Split>,
    /// Pictures with the same clip are frames of one video.
    pub clip: String,
    /// The clip's name without the folders of class, split and species: what a split by hash goes by.
    pub group: String,
}

/// Lower case without the characters people put between words.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.')).flat_map(char::to_lowercase).collect()
}

/// The class that a word names.
pub(in crate::data) fn class_of(name: &str) -> Option<Label> {
    match plain(name).as_str() {
        "live" | "real" | "bonafide" | "genuine" => Some(Label::Live),
        "spoof" | "spoofs" | "fake" | "fakes" | "attack" | "attacks" => Some(Label::Spoof),
        _ => None,
    }
}

/// The part that a word names. `eval` is the test part, as in bob's train, dev and eval.
pub(in crate::data) fn split_of(name: &str) -> Option<Split> {
    match plain(name).as_str() {
        "train" | "training" | "trainset" => Some(Split::Train),
        "dev" | "devel" | "development" | "devset" | "val" | "valid" | "validation" | "valset" => Some(Split::Dev),
        "test" | "testing" | "testset" | "eval" | "evaluation" => Some(Split::Test),
        _ => None,
    }
}

/// The part that a name says with one of its words: `train_release`, `LCC_FASD_evaluation`, `replayattack-devel`, `test`.
pub(in crate::data) fn split_word(name: &str) -> Option<Split> {
    split_of(name).or_else(|| name.split(|c: char| !c.is_ascii_alphanumeric()).find_map(split_of))
}

/// What a camera saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum Modality {
    Colour,
    Depth,
    Infrared,
}

/// The modality that a name says with one of its words: `color`, `000001-ir`, `face_depth`.
pub(in crate::data) fn modality_word(name: &str) -> Option<Modality> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).find_map(|word| match word.to_ascii_lowercase().as_str() {
        "color" | "colour" | "rgb" | "profile" => Some(Modality::Colour),
        "depth" | "depths" | "depthmap" | "depthmaps" => Some(Modality::Depth),
        "ir" | "nir" | "infrared" => Some(Modality::Infrared),
        _ => None,
    })
}

/// The modality of the last part of a path that says one.
pub(in crate::data) fn modality_of(path: &str) -> Option<Modality> {
    path.rsplit(['/', '\\']).find_map(modality_word)
}

/// Those of `paths` that are maps of depth or infrared beside colour pictures, which are no faces to learn from. Where
/// nothing but such pictures is there, they are what the user wants.
pub(in crate::data) fn beside_colour<'p>(paths: impl Iterator<Item = &'p str> + Clone) -> HashSet<&'p str> {
    let other = |p: &&str| matches!(modality_of(p), Some(Modality::Depth | Modality::Infrared));
    if paths.clone().all(|p| other(&p)) { HashSet::new() } else { paths.filter(other).collect() }
}

/// Reads `folders` (from the root down) and the picture's name without extension. The first folder with a class name
/// decides the class; a split stands anywhere above it, or right below as a name of its own: a word of a name there is
/// one of a species or a subject. `None` when no folder names a class.
pub(in crate::data) fn place(folders: &[&str], stem: &str) -> Option<Place> {
    let (at, label) = folders.iter().enumerate().find_map(|(i, f)| Some((i, class_of(f)?)))?;
    let (above, below) = (&folders[..at], &folders[at + 1..]);
    let split_above = above.iter().find_map(|f| split_word(f));
    let split_below = below.first().and_then(|f| split_of(f)).filter(|_| split_above.is_none());
    let below = if split_below.is_some() { &below[1..] } else { below };
    let (species, deeper) = match (label, below) {
        (Label::Live, deeper) => ("live", deeper),
        (Label::Spoof, [species, deeper @ ..]) => (*species, deeper),
        (Label::Spoof, []) => ("spoof", below),
    };

    let (name, is_frame) = without_frame_number(stem, folders);
    // Numbered pictures without a name of their own are frames of the folder they are in, unless that folder is the
    // class or the species itself: then nothing says which belong together, and each stands alone.
    let own_name = match (is_frame, name) {
        (true, "") if !deeper.is_empty() => None,
        (true, "") | (false, _) => Some(stem),
        (true, name) => Some(name),
    };
    let path = |parts: &[&str]| parts.iter().copied().chain(own_name).collect::<Vec<_>>().join("/");
    let above: Vec<&str> = above.iter().copied().filter(|f| split_word(f).is_none()).collect();
    Some(Place {
        label,
        species: species.to_owned(),
        split: split_above.or(split_below),
        clip: path(folders),
        group: path(&[&above[..], deeper].concat()),
    })
}

/// The stem without a trailing frame number, and whether there was one. `alice_017`, `alice-frame17` and `alice (17)`
/// are frames of `alice`; `17`, `img_17`, `frame17` and a number after the name of a folder above are frames without a
/// name; `alice17` is not a frame: the number may be a person's.
fn without_frame_number<'a>(stem: &'a str, folders: &[&str]) -> (&'a str, bool) {
    let open = stem.strip_suffix(')').unwrap_or(stem);
    let before = open.trim_end_matches(|c: char| c.is_ascii_digit());
    if before.len() == open.len() {
        return (stem, false);
    }
    let separator = |c: char| matches!(c, '_' | '-' | '.' | ' ' | '(');
    let mut name = before.trim_end_matches(separator);
    let mut apart = name.len() < before.len();
    // An ASCII suffix, so the cut falls between characters.
    if name.to_ascii_lowercase().ends_with("frame") {
        name = name[..name.len() - "frame".len()].trim_end_matches(separator);
        apart = true;
    }
    let word = plain(name);
    let says_nothing = matches!(word.as_str(), "" | "img" | "image" | "pic" | "picture" | "photo" | "face" | "crop")
        || matches!(word.as_str(), "dsc" | "scene" | "f")
        || class_of(name).is_some()
        || split_of(name).is_some()
        || folders.iter().any(|f| plain(f) == word);
    match (says_nothing, apart) {
        (true, _) => ("", true),
        (false, true) => (name, true),
        (false, false) => (stem, false),
    }
}

/// Where `group` stands between 0 and 1, by SHA-256 of its name alone.
pub(in crate::data) fn hash_share(group: &str) -> f64 {
    let digest = Sha256::new().chain_update(b"metafas split 1\0").chain_update(group.as_bytes()).finalize();
    let head = digest.iter().take(8).fold(0_u64, |n, &byte| n << 8 | u64::from(byte));
    head as f64 / 2.0_f64.powi(64)
}

/// 70 % train, 15 % dev, 15 % test.
pub(in crate::data) fn split_of_share(share: f64) -> Split {
    match share {
        x if x < 0.70 => Split::Train,
        x if x < 0.85 => Split::Dev,
        _ => Split::Test,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Option<Place> {
        let mut parts: Vec<&str> = path.split('/').collect();
        let stem = parts.pop().unwrap();
        place(&parts, stem)
    }

    #[test]
    fn class_species_and_split_come_from_folders() {
        let of = |path: &str| read(path).map(|p| (p.label, p.species, p.split));
        let live = |split| Some((Label::Live, "live".to_owned(), split));
        let spoof = |species: &str, split| Some((Label::Spoof, species.to_owned(), split));
        assert_eq!(of("live/a"), live(None));
        assert_eq!(of("Bona_Fide/x/a"), live(None));
        assert_eq!(of("bona fide/a"), live(None));
        assert_eq!(of("casia/Train/REAL/1/a"), live(Some(Split::Train)));
        assert_eq!(of("devel/attack/a"), spoof("spoof", Some(Split::Dev)));
        assert_eq!(of("valid/fake/print/a"), spoof("print", Some(Split::Dev)));
        assert_eq!(of("attacks/test/3D mask/7/a"), spoof("3D mask", Some(Split::Test)));
        assert_eq!(of("live/real/a"), live(None));
        assert_eq!(of("spoof/live/a"), spoof("live", None));
        assert_eq!(of("LCC_FASD_evaluation/real/a"), live(Some(Split::Test)));
        assert_eq!(of("LCC_FASD_development/spoof/a"), spoof("spoof", Some(Split::Dev)));
        assert_eq!(of("eval/attack/a"), spoof("spoof", Some(Split::Test)));
        assert_eq!(of("live/dev patel/a"), live(None));
        assert_eq!(of("latest/live/a"), live(None));
        assert_eq!(of("people/a"), None);
        assert_eq!(of("a"), None);
    }

    #[test]
    fn frames_of_one_clip_are_found_by_name_or_by_folder() {
        let clip = |path: &str| read(path).unwrap().clip;
        assert_eq!(clip("live/alice_017"), "live/alice");
        assert_eq!(clip("live/alice-Frame17"), "live/alice");
        assert_eq!(clip("live/alice (17)"), "live/alice");
        assert_eq!(clip("live/alice17"), "live/alice17");
        assert_eq!(clip("live/alice"), "live/alice");
        assert_eq!(clip("live/1_1_01_1_frame0"), "live/1_1_01_1");
        assert_eq!(clip("live/alice/0017"), "live/alice");
        assert_eq!(clip("live/alice/frame_0017"), "live/alice");
        assert_eq!(clip("live/alice/alice_0017"), "live/alice");
        assert_eq!(clip("live/alice/smile_3"), "live/alice/smile");
        assert_eq!(clip("spoof/print/0017"), "spoof/print/0017");
        assert_eq!(clip("spoof/print/print_0017"), "spoof/print/print_0017");
        assert_eq!(clip("spoof/print/alice/img0017"), "spoof/print/alice");
        assert_eq!(clip("live/IMG_0017"), "live/IMG_0017");
        assert_eq!(clip("live/live_3"), "live/live_3");
        assert_eq!(clip("live/élan_3"), "live/élan");
    }

    #[test]
    fn maps_of_depth_and_infrared_beside_colour_are_told_apart() {
        assert_eq!(modality_of("a/color/1.jpg"), Some(Modality::Colour));
        assert_eq!(modality_of("Val/0000/000001-ir.jpg"), Some(Modality::Infrared));
        assert_eq!(modality_of("color/a_depth.png"), Some(Modality::Depth));
        assert_eq!(modality_of("birds/first.png"), None);
        let of = |paths: &[&'static str]| beside_colour(paths.iter().copied()).len();
        assert_eq!((of(&["real/a.jpg", "Depth/real/a.jpg", "depth_map/real/a.jpg"]), of(&["ir/real/a.jpg"])), (2, 0));
    }

    #[test]
    fn the_hash_goes_by_the_clip_without_class_split_and_species() {
        let group = |path: &str| read(path).unwrap().group;
        assert_eq!(group("live/alice/003"), "alice");
        assert_eq!(group("spoof/print/alice/img_9"), "alice");
        assert_eq!(group("spoof/print/alice_9"), "alice");
        assert_eq!(group("casia/test/real/alice/9"), "casia/alice");
        assert_eq!(group("live/alice/walk_9"), "alice/walk");
    }

    #[test]
    fn the_hash_gives_its_shares() {
        let mut counts = [0_u32; 3];
        for i in 0..10_000 {
            counts[split_of_share(hash_share(&format!("clip{i}"))) as usize] += 1;
        }
        for (count, share) in counts.into_iter().zip([0.70, 0.15, 0.15]) {
            assert!((f64::from(count) / 10_000.0 - share).abs() < 0.012, "{counts:?}");
        }
        // Fixed: runs made yesterday must find the same split tomorrow.
        let named = ["alice", "bob", "carol", "dave", "judy"].map(|name| split_of_share(hash_share(name)));
        assert_eq!(named.map(|s| s.to_string()).join(" "), "train train dev train dev");
    }
}
