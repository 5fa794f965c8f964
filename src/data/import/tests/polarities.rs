//! Which label means live, from the outside: what is known, what must be said, what is obeyed.

use std::fmt::Write as _;

use super::disk::{Disk, disk, holds, says};
use crate::data::import::{ImportError, Layout, Options, Polarity, Reading};
use crate::data::manifest::LiveIs;

/// Pictures of `lives` live and `attacks` attack clips that no name gives away, and a list of them.
fn list(lives: usize, attacks: usize, live: i64, attack: i64) -> Disk {
    let disk = disk();
    let mut text = String::new();
    for i in 0..lives + attacks {
        let is_live = i < lives;
        let path = format!("clips/{i}/1.png");
        disk.faces(&[&path], is_live);
        writeln!(text, "{path} {}", if is_live { live } else { attack }).unwrap();
    }
    disk.file("list.txt", text);
    disk
}

#[test]
fn a_likely_polarity_must_be_confirmed_and_an_unknown_one_said() {
    let disk = list(2, 6, 1, 0);
    let import = disk.look();
    let preview = import.preview(None);
    assert!(preview.ask && matches!(preview.polarity, Polarity::Likely { reading: Reading::Numbers(LiveIs::One), .. }));
    assert_eq!((preview.classes[0].name.as_str(), preview.classes[0].clips), ("live", 2));
    let error = import.sources(None).unwrap_err();
    assert!(matches!(error, ImportError::Ask { .. }));
    let sentence = error.to_string();
    assert!(
        sentence.contains("--polarity live=0 or live=1") && sentence.contains("probably live=1, since"),
        "{sentence}"
    );
    let out = disk.at("out.csv");
    assert!(import.write_manifest(&out, None).is_err() && !out.exists(), "nothing is written unasked");
    let preview = holds(&disk, &import, Layout::PathLists, Some(LiveIs::One));
    assert_eq!(preview.splits[0].ratio, Some(3.0));

    // As many of each: nothing follows, and the classes keep the names of their labels.
    let disk = list(3, 3, 0, 1);
    let import = disk.look();
    let preview = import.preview(None);
    assert!(preview.ask && matches!(preview.polarity, Polarity::Unknown { .. }));
    assert_eq!(preview.classes.each_ref().map(|c| (c.name.as_str(), c.clips)), [("label 0", 3), ("other labels", 3)]);
    assert!(preview.splits[0].ratio.is_none() && preview.species.is_empty());
    assert!(import.sources(None).is_err());
    holds(&disk, &import, Layout::PathLists, Some(LiveIs::Zero));
    // 1 and -1: the number that could mean live stands alone.
    let preview = list(3, 3, 1, -1).look().preview(None);
    assert_eq!(preview.classes.each_ref().map(|c| (c.name.as_str(), c.clips)), [("label 1", 3), ("other labels", 3)]);
}

#[test]
fn labels_against_the_layout_s_rule_are_never_taken_silently() {
    // SSDG's form, with 0 for live: the names of the clips say so.
    let disk = disk();
    let mut photos = vec![];
    for (n, name) in [(0, "1_1_01_1"), (1, "1_1_01_2"), (1, "1_1_01_4")] {
        let path = format!("oulu_256/Train_files/{name}/7.png");
        disk.faces(&[&path], n == 0);
        photos.push(format!("{{\"photo_path\": \"/x/{path}\", \"photo_label\": {n}}}"));
    }
    disk.file("oulu/train_label.json", format!("[{}]", photos.join(",")));
    let import = disk.look();
    let preview = import.preview(None);
    assert!(preview.ask && preview.polarity.why().contains("1 means live, but that fits only 0 of 3"), "{preview:#?}");
    assert!(import.sources(None).is_err());
    holds(&disk, &import, Layout::Ssdg, Some(LiveIs::Zero));
}

#[test]
fn a_choice_is_obeyed_and_told_where_it_goes_against_what_is_known() {
    let disk = disk();
    disk.archive("+OULU-NPU/Train_files/1_1_01_1.avi.zip", &["0.png"], true);
    disk.archive("+OULU-NPU/Train_files/1_1_01_2.avi.zip", &["0.png"], false);
    disk.file("OULU.csv", "/+OULU-NPU/Train_files/1_1_01_1.avi.zip,0\n/+OULU-NPU/Train_files/1_1_01_2.avi.zip,1");
    let import = disk.look();
    holds(&disk, &import, Layout::MetaPattern, None);
    let turned = import.preview(Some(LiveIs::One));
    assert!(says(&turned, "live=1 was chosen against what is known (live=0:"), "{:?}", turned.problems);
    let (clips, problems) = import.sources(Some(LiveIs::One)).unwrap();
    assert_eq!(clips[0].0.label, crate::data::Label::Spoof);
    assert!(problems.iter().any(|p| p.contains("it is obeyed")));
    // Where labels are words it says nothing.
    disk.faces(&["w/live/a.png"], true);
    disk.faces(&["w/spoof/b.png"], false);
    let import = disk.look_at("w", &Options::default());
    let preview = holds(&disk, &import, Layout::ClassFolders, Some(LiveIs::One));
    assert!(says(&preview, "labels are no numbers here"));
}

#[test]
fn one_class_alone_is_no_data() {
    let disk = list(3, 3, 0, 2);
    let error = disk.look().sources(Some(LiveIs::One)).unwrap_err().to_string();
    assert!(error.contains("with this polarity it has no live clips"), "{error}");
}
