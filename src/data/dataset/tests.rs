//! Grammars, in all the ways that disks spell them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::layout::{Layout, layouts};
use super::name::Name;
use crate::data::clip::{ClipInfo, Part, SetName};

/// Layouts and their published clips; SiW-Mv2's are made up from its counts.
fn published() -> Vec<(Layout, Vec<ClipInfo>)> {
    let of = |layout: Layout| {
        let clips = match layout.set {
            SetName::SiwMv2 => {
                let paths = crate::data::facts::SIW
                    .v2
                    .iter()
                    .flat_map(|k| (1..=k.count).map(move |n| format!("{}/{}_{n}.mov", k.folder, k.stem)));
                paths.map(|p| read(&layout, &p).unwrap()).collect()
            }
            _ => (layout.published)(),
        };
        (layout, clips)
    };
    layouts().into_iter().map(of).collect()
}

/// The same, made once.
fn all() -> &'static [(Layout, Vec<ClipInfo>)] {
    static ALL: LazyLock<Vec<(Layout, Vec<ClipInfo>)>> = LazyLock::new(published);
    &ALL
}

fn read(layout: &Layout, path: &str) -> Option<ClipInfo> {
    let lower = path.to_ascii_lowercase();
    Name::new(&lower).and_then(|name| (layout.read)(&name)).map(|r| r.info)
}

#[test]
fn every_published_path_reads_as_itself_and_as_no_other_sets() {
    for (layout, clips) in published() {
        let paths: BTreeSet<&str> = clips.iter().map(|c| c.path.as_str()).collect();
        assert_eq!(paths.len(), clips.len(), "{}", layout.set);
        for clip in &clips {
            assert_eq!(read(&layout, &clip.path).as_ref(), Some(clip));
            for other in layouts() {
                let siw = |s| matches!(s, SetName::SiwM | SetName::SiwMv2);
                let same = other.set == layout.set || (siw(other.set) && siw(layout.set));
                assert!(same || read(&other, &clip.path).is_none(), "{} as {}", clip.path, other.set);
            }
        }
    }
}

#[test]
fn published_sets_have_their_sizes() {
    let sizes = published().into_iter().map(|(layout, clips)| {
        let scored = clips.iter().filter(|c| c.part != Part::Enroll);
        let live = scored.clone().filter(|c| c.species == "live").count();
        (layout.set.name(), live, scored.count() - live)
    });
    assert_eq!(
        sizes.collect::<Vec<_>>(),
        [
            ("oulu_npu", 990, 3960),
            ("casia_fasd", 150, 450),
            ("replay_attack", 200, 1000),
            ("msu_mfsd", 70, 210),
            ("rose_youtu", 897, 2600),
            ("siw_m", 659, 967),
            ("siw_mv2", 785, 915),
        ]
    );
}

#[test]
fn the_built_in_sets_speak_of_clips_in_the_same_words() {
    // Where a miniature of full size and the published set have a clip of the same name, all that is said of it agrees.
    use crate::data::builtin::{Scale, clips_of};
    for (layout, clips) in published().into_iter().filter(|(l, _)| SetName::BUILT_IN.contains(&l.set)) {
        let planned = clips_of(layout.set, Scale::Full, 0);
        let mut same = 0;
        for clip in &clips {
            let Some(twin) = planned.iter().find(|p| p.info.path == clip.path) else { continue };
            let mut twin = twin.info.clone();
            if layout.set == SetName::SiwM {
                twin.subject.clear();
                twin.camera.clear();
            }
            assert_eq!(&twin, clip);
            same += 1;
        }
        // Running numbers of these two fall otherwise.
        let other = matches!(layout.set, SetName::SiwM | SetName::RoseYoutu);
        assert!(if other { same > 30 } else { same == clips.len() }, "{} {same}", layout.set);
    }
}

/// A published path, changed as disks change them: above, letters, ending.
fn spelled() -> impl Strategy<Value = (usize, usize, String, Vec<bool>, &'static str)> {
    let above = "([a-z]{1,6}( [a-z]{1,4})?/){0,3}";
    let ending = prop::sample::select(vec!["avi", "mp4", "mov", "AVI", "MP4", "Mov"]);
    (
        0usize..7,
        any::<prop::sample::Index>().prop_map(|i| i.index(100_000)),
        above,
        prop::collection::vec(any::<bool>(), 1..9),
        ending,
    )
}

proptest! {
    #[test]
    fn names_are_read_in_any_letters_below_any_folder((set, clip, above, letters, ending) in spelled()) {
        let (layout, clips) = &all()[set];
        let clip = &clips[clip % clips.len()];
        // A folder above that is called like one of the set's own is for other tests.
        prop_assume!(above.split('/').all(|f| !(layout.own)(f)));
        let stem = clip.path.rsplit_once('.').unwrap().0;
        let spell = |(i, c): (usize, char)| if letters[i % letters.len()] { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        let path: String = format!("{above}{stem}.{ending}").chars().enumerate().map(spell).collect();
        let info = read(layout, &path);
        prop_assert_eq!(info.as_ref(), Some(clip), "{}", path);
        let lower = path.to_ascii_lowercase();
        let name = Name::new(&lower).unwrap();
        let reading = (layout.read)(&name).unwrap();
        prop_assert_eq!(name.folders.len() - reading.own, above.matches('/').count());
    }

    #[test]
    fn what_is_read_from_damaged_names_reads_as_itself_again(
        (set, clip, above, _, ending) in spelled(),
        damage in prop::collection::vec((0usize..80, any::<char>()), 0..4),
    ) {
        let (layout, clips) = &all()[set];
        let clip = &clips[clip % clips.len()];
        let mut path: Vec<char> = format!("{above}{}.{ending}", clip.path.rsplit_once('.').unwrap().0).chars().collect();
        for (at, c) in damage {
            if let Some(place) = path.get_mut(at) {
                *place = c;
            }
        }
        let path: String = path.into_iter().collect();
        if let Some(info) = read(layout, &path) {
            prop_assert_eq!(read(layout, &info.path), Some(info), "{}", path);
        }
    }

    #[test]
    fn no_text_stops_a_grammar(path in "\\PC{0,60}") {
        for layout in layouts() {
            let _ = read(&layout, &path);
        }
    }
}
