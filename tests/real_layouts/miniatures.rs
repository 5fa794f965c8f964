//! The built-in benchmark written out: laid out like the real sets, so it must be read like them.

use std::collections::BTreeMap;
use std::path::Path;

use metafas::data::builtin::{Maps, Scale, Tree, clips_of, write};
use metafas::data::dataset::{Found, inspect, open_all, sources};
use metafas::data::protocol::{Protocol, Whole};
use metafas::data::{ClipInfo, Continue, Origin, SetName};
use metafas::synth::GENERATOR_VERSION;

#[test]
fn every_clip_of_the_built_in_sets_is_read_as_it_was_planned() {
    // Kept: making them takes a while, and what is there already is found again.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("miniatures-{GENERATOR_VERSION}"));
    let tree = Tree::new(folder.clone(), Scale::Tiny, 0, Maps::Labels);
    write(&tree, &SetName::BUILT_IN, 2, &|_| Continue::Yes).unwrap();
    for set in SetName::BUILT_IN {
        let report = inspect(&tree.set_root(set), None).unwrap();
        let found = &report.found;
        assert_eq!(found.set, set);
        assert!(found.banner().unwrap().starts_with("Partial copy of "), "{set}");
        let planned: BTreeMap<String, ClipInfo> =
            clips_of(set, Scale::Tiny, 0).into_iter().map(|p| (p.info.path.clone(), p.info)).collect();
        assert_eq!(found.clips.len(), planned.len(), "{set}: {:?}", found.problems);
        for clip in &found.clips {
            let mut info = planned[&clip.info.path].clone();
            if set == SetName::SiwM {
                // Names of this set say neither who is shown nor by which camera.
                info.subject.clear();
                info.camera.clear();
            }
            assert_eq!(clip.info, info);
            assert_eq!(clip.source.domain, set.synthetic());
            let marks = matches!(set, SetName::OuluNpu | SetName::ReplayAttack | SetName::MsuMfsd);
            let enroll = clip.info.path.starts_with("enroll");
            assert_eq!(clip.source.marks.is_some(), marks, "{} {enroll}", clip.info.path);
        }
        // Nobody may take it for the set itself.
        assert_eq!(found.origin, Origin::Synthetic);
        assert!(found.problems[0].starts_with("These are rendered faces in "), "{:?}", found.problems);
        // Lists of a miniature name its clips alone; that is no difference from what is published.
        let others = &found.problems[1..];
        assert!(others.iter().all(|p| p.contains("none of the published ones")), "{set}: {others:?}");
    }
    every_protocol(&folder);
}

fn every_protocol(root: &Path) {
    let found: Vec<Found> = open_all(root).unwrap();
    assert_eq!(found.len(), 6);
    for name in ["oulu_npu/4", "siw_m/3", "casia_fasd/7", "replay_attack/smalltest", "mico/OCI-M", "micy/ICY-M"] {
        let protocol = Protocol::parse(name, 1, Whole::EveryVideo).unwrap();
        let run = sources(&found, &protocol).unwrap();
        assert!(!run.clips.is_empty() && run.problems[0].starts_with("Partial copy of"), "{name}");
        assert_eq!(run.origin, Origin::Synthetic);
    }
}
