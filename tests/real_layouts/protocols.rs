//! Protocols over whole copies: every part of every one, clip by clip.

use std::collections::{BTreeMap, BTreeSet};

use metafas::data::dataset::{Found, membership, open, sources};
use metafas::data::protocol::{Protocol, Whole};
use metafas::data::{Label, Split};

use crate::trees::{self, hash, whole};

/// Live clips, attacks and the hash of the clips of a part.
type Part = (usize, usize, String);

/// By protocol, fold or convention, and part.
fn expected() -> BTreeMap<(String, String, String), Part> {
    let lines = include_str!("../data/datasets/protocols.txt").lines().filter(|l| !l.starts_with(['#', 'l']));
    let entry = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [protocol, fold, part, live, attack, hash] = words[..] else { panic!("{line}") };
        let key = (protocol.to_owned(), fold.to_owned(), part.to_owned());
        (key, (live.parse().unwrap(), attack.parse().unwrap(), hash.to_owned()))
    };
    let limited = include_str!("../data/datasets/protocols.txt").lines().filter(|l| l.starts_with("limited"));
    lines.chain(limited).map(entry).collect()
}

fn parts(found: &[Found], protocol: &Protocol) -> [Part; 3] {
    let members = membership(found, protocol).unwrap();
    assert_eq!(members.problems, Vec::<String>::new(), "{protocol}");
    [Split::Train, Split::Dev, Split::Test].map(|part| {
        let clips: Vec<_> = members.clips.iter().filter(|(_, s)| *s == part).map(|(c, _)| c).collect();
        let live = |c: &&&&metafas::data::dataset::FoundClip| c.info.label == Label::Live;
        let n = clips.iter().filter(live).count();
        let line = |c: &&&metafas::data::dataset::FoundClip| {
            format!("{},{},{}\n", c.info.path, u8::from(c.info.label == Label::Live), c.info.subject)
        };
        let mut lines: Vec<String> = clips.iter().map(line).collect();
        lines.sort();
        (n, clips.len() - n, hash(&lines.concat()))
    })
}

#[test]
fn every_part_of_every_protocol_is_the_published_one() {
    let mut found: Vec<Found> = trees::SETS.iter().map(|set| open(&whole(set), None).unwrap()).collect();
    // The order in which sets are given changes nothing.
    found.reverse();
    let expected = expected();
    let mut seen = 0;
    let names: Vec<(String, String)> = {
        let mut all: Vec<_> = expected.keys().map(|k| (k.0.clone(), k.1.clone())).collect();
        all.dedup();
        all
    };
    for (name, fold) in names {
        let (number, convention) = match fold.as_str() {
            "every_video" => (1, Whole::EveryVideo),
            "no_dev" => (1, Whole::NoDev),
            number => (number.parse().unwrap(), Whole::EveryVideo),
        };
        let protocol = Protocol::parse(&name, number, convention).unwrap();
        for (part, got) in ["train", "dev", "test"].into_iter().zip(parts(&found, &protocol)) {
            assert_eq!(got, expected[&(name.clone(), fold.clone(), part.to_owned())], "{name} {fold} {part}");
            seen += 1;
        }
    }
    assert_eq!(seen, 84 * 3);
    // Every protocol that is offered was among them, but for those that are lists and those that nobody has published.
    let published = |name: &str| !name.starts_with("siw_mv2") && !name.starts_with("misled");
    for offer in Protocol::offers().iter().filter(|o| published(&o.name)) {
        assert!(expected.keys().any(|k| k.0 == offer.name), "{}", offer.name);
    }
    // Sources that mislead show no camera or light in both classes, and the target is whole.
    for rule in ["OCI-M", "OMI-C", "OCM-I", "ICM-O"] {
        let of = |family: &str, part: Split| {
            let protocol = Protocol::parse(&format!("{family}/{rule}"), 1, Whole::EveryVideo).unwrap();
            let members = membership(&found, &protocol).unwrap().clips.into_iter().filter(|(_, s)| *s == part);
            members.map(|(clip, _)| clip.info.clone()).collect::<Vec<_>>()
        };
        assert_eq!(of("misled", Split::Test), of("mico", Split::Test), "{rule}");
        let seen = |label: Label| -> BTreeSet<String> {
            let clips = of("misled", Split::Train).into_iter().filter(|c| c.label == label);
            clips.map(|c| format!("{} {}", c.set, if c.camera == "webcam" { &c.session } else { &c.camera })).collect()
        };
        let [live, attacks] = [Label::Live, Label::Spoof].map(seen);
        assert!(live.is_disjoint(&attacks) && live.len() >= 3 && attacks.len() >= 3, "{rule}: {live:?} {attacks:?}");
    }
}

#[test]
fn lists_made_by_the_rules_are_the_official_files() {
    let of_file: BTreeMap<&str, &str> = include_str!("../data/datasets/protocols.txt")
        .lines()
        .filter_map(|l| l.strip_prefix("list "))
        .map(|l| l.split_once(' ').unwrap())
        .collect();
    let lists = trees::oulu_lists();
    assert_eq!((lists.len(), of_file.len()), (42, 42));
    for (path, text) in &lists {
        assert_eq!(hash(text), of_file[path.as_str()], "{path}");
    }
}

#[test]
fn a_run_gets_every_clip_once_with_a_part_to_choose_thresholds_on() {
    let found = [open(&whole("msu_mfsd"), None).unwrap(), open(&whole("casia_fasd"), None).unwrap()];
    let protocol = |name: &str| Protocol::parse(name, 1, Whole::EveryVideo).unwrap();
    let of = |name: &str| sources(&found, &protocol(name)).unwrap();
    let msu = of("msu_mfsd/1");
    let count = |part| msu.clips.iter().filter(|(_, s)| *s == part).count();
    assert_eq!([count(Split::Train), count(Split::Dev), count(Split::Test)], [96, 24, 160]);
    assert!(msu.held_out && msu.problems.len() == 1, "{:?}", msu.problems);
    assert!(msu.clips.iter().all(|(c, _)| c.domain == "MSU-MFSD" && c.subject.starts_with('M')));
    let bob = of("msu_mfsd/bob");
    assert!(!bob.held_out && bob.problems.is_empty());
    // What a run holds out is what `membership` tells of.
    let members = membership(&found, &protocol("msu_mfsd/1")).unwrap();
    let told: Vec<&str> = members.held_out.iter().map(|i| members.clips[*i].0.info.path.as_str()).collect();
    let dev: Vec<&str> = msu.clips.iter().filter(|(_, s)| *s == Split::Dev).map(|(c, _)| c.path.as_str()).collect();
    assert_eq!(told, dev);
}

#[test]
fn sets_that_are_not_there_or_there_twice_are_told() {
    let msu = open(&whole("msu_mfsd"), None).unwrap();
    let protocol = |name: &str| Protocol::parse(name, 1, Whole::EveryVideo).unwrap();
    let error = sources(std::slice::from_ref(&msu), &protocol("mico/OCI-M")).unwrap_err().to_string();
    assert_eq!(
        error,
        "mico/OCI-M needs OULU-NPU, which is not among the folders given (MSU-MFSD); give its folder too"
    );
    let twice = [msu.clone(), msu];
    let error = sources(&twice, &protocol("msu_mfsd/1")).unwrap_err().to_string();
    assert!(error.starts_with("MSU-MFSD was given twice"), "{error}");
    let siw = open(&whole("siw_m"), None).unwrap();
    let error = sources(&[siw], &protocol("siw_mv2/2")).unwrap_err().to_string();
    assert!(error.contains("needs SiW-Mv2") && error.contains("(SiW-M v1)"), "{error}");
}
