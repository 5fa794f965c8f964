//! SiW-Mv2 from its published counts and stems: which version it is, its lists, its three protocols.

use std::collections::BTreeMap;
use std::path::Path;

use metafas::data::dataset::{Found, inspect, membership, open};
use metafas::data::protocol::{Protocol, Whole};
use metafas::data::{Label, SetName, Split};

use crate::trees::{put, tree};

/// Folder, stem and count, as its authors tell.
const KINDS: [(&str, &str, usize); 15] = [
    ("Live", "Live", 785),
    ("Spoof/Partial_FunnyeyeGlasses", "Partial_Funnyeye", 179),
    ("Spoof/Paper", "Paper", 135),
    ("Spoof/Replay", "Replay", 98),
    ("Spoof/Partial_PaperGlasses", "Partial_Paperglass", 76),
    ("Spoof/Mask_HalfMask", "Mask_Half", 72),
    ("Spoof/Makeup_Impersonation", "Makeup_Im", 61),
    ("Spoof/Mask_TransparentMask", "Mask_Trans", 60),
    ("Spoof/Partial_Eye", "Partial_Eye", 57),
    ("Spoof/Makeup_Cosmetic", "Makeup_Co", 52),
    ("Spoof/Mannequin", "Mask_Mann", 40),
    ("Spoof/Partial_Mouth", "Partial_Mouth", 29),
    ("Spoof/Makeup_Obfuscation", "Makeup_Ob", 22),
    ("Spoof/Mask_PaperMask", "Mask_Paper", 17),
    ("Spoof/Silicone", "Mask_Silicone", 17),
];

fn paths() -> Vec<String> {
    KINDS.iter().flat_map(|(folder, stem, n)| (1..=*n).map(move |i| format!("{folder}/{stem}_{i}.mov"))).collect()
}

/// Every fourth clip of a kind is for testing; training lists name attacks twice, as the authors' do.
fn put_lists(root: &Path) {
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (folder, stem, n) in KINDS {
        for i in 1..=n {
            let list = match (folder, i % 4 == 0) {
                ("Live", true) => "testlist_live",
                ("Live", false) => "trainlist_live",
                (_, true) => "testlist_all",
                (_, false) => "trainlist_all",
            };
            let times = if list == "trainlist_all" { 2 } else { 1 };
            for _ in 0..times {
                lists.entry(list).or_default().push(format!("{stem}_{i}"));
            }
        }
    }
    for (name, lines) in lists {
        // Some of the authors' lists lack their last line's end.
        put(root, &format!("pro_3_text/{name}.txt"), &lines.join("\n"));
    }
}

fn counts(found: &Found, name: &str, fold: u32) -> [[usize; 2]; 3] {
    let protocol = Protocol::parse(name, fold, Whole::EveryVideo).unwrap();
    let found = std::slice::from_ref(found);
    let members = membership(found, &protocol).unwrap();
    [Split::Train, Split::Dev, Split::Test].map(|part| {
        let of = |label| members.clips.iter().filter(|(c, s)| *s == part && c.info.label == label).count();
        [of(Label::Live), of(Label::Spoof)]
    })
}

#[test]
fn the_second_version_is_recognised_by_its_folders_and_counted() {
    let folder = tree(paths());
    let report = inspect(folder.path(), None).unwrap();
    let found = &report.found;
    assert_eq!((found.set, found.version(), found.title()), (SetName::SiwMv2, Some("v2"), "SiW-Mv2".to_owned()));
    assert!(found.is_whole() && found.problems.is_empty() && found.extra.is_empty(), "{:?}", found.problems);
    let (_, here, expected) = report.parts()[0];
    assert_eq!(((here.live, here.attack), here), ((785, 915), expected));
    assert_eq!(report.rows.len(), 15);
    // Older copies have live clips in two folders and some others under other names.
    let older = |p: String| p.replace("Live/", "Live/Train/").replace("Spoof/Silicone", "Spoof/Mask_SiliconeMask");
    let folder = tree(paths().into_iter().map(older));
    let older = open(folder.path(), None).unwrap();
    assert!(older.set == SetName::SiwMv2 && older.is_whole() && older.clips.len() == 1700);
    let same = |f: &Found| f.clips.iter().map(|c| c.info.path.clone()).collect::<Vec<_>>();
    assert_eq!(same(&older), same(found));
}

#[test]
fn what_is_missing_is_told_by_species() {
    let folder = tree(paths().into_iter().filter(|p| !p.contains("Replay_9")));
    let report = inspect(folder.path(), None).unwrap();
    assert_eq!(report.found.problems, ["98 replay clips were published, 88 are here."]);
    assert_eq!(report.found.banner().as_deref(), Some("Partial copy of SiW-Mv2: 1690 of 1700 clips."));
    let half = tree(paths().into_iter().filter(|p| p.contains("Spoof/")));
    let spoof = open(&half.path().join("Spoof"), None).unwrap();
    assert_eq!((spoof.set, spoof.clips.len()), (SetName::SiwMv2, 915));
}

#[test]
fn protocols_are_the_authors_lists() {
    let folder = tree(paths());
    let found = open(folder.path(), None).unwrap();
    let protocol = Protocol::parse("siw_mv2/1", 1, Whole::EveryVideo).unwrap();
    let error = membership(std::slice::from_ref(&found), &protocol).unwrap_err().to_string();
    assert!(error.contains("testlist_live.txt") && error.contains("copy their folder of lists"), "{error}");

    put_lists(folder.path());
    let found = open(folder.path(), None).unwrap();
    assert_eq!((found.lists.len(), found.problems.len()), (4, 0), "{:?}", found.problems);
    let test: usize = KINDS[1..].iter().map(|k| k.2 / 4).sum();
    assert_eq!(counts(&found, "siw_mv2/1", 1), [[589, 915 - test], [0, 0], [196, test]]);
    // Folds are in the order of the authors' code: cosmetic first, transparent masks last.
    let cosmetic = counts(&found, "siw_mv2/2", 1);
    assert_eq!(cosmetic, [[589, 915 - test - (52 - 13)], [0, 0], [196, 52]]);
    assert_eq!(counts(&found, "siw_mv2/2", 11)[2], [196, 135], "prints");
    assert_eq!(counts(&found, "siw_mv2/2", 14)[2], [196, 60]);
    // Lines that are there twice are remembered.
    let twice = found.clips.iter().find(|c| c.info.path == "Spoof/Paper/Paper_1.mov").unwrap();
    assert_eq!(twice.info.lists, ["trainlist_all", "trainlist_all"]);

    // Protocol III learns from one domain and is judged by it and four others.
    put(folder.path(), "pro_3_text/train_A_pretrain.txt", "Live_1\nPaper_1\nPaper_2\n");
    for (name, text) in [
        ("test_A_pretrain", "Live_4\nPaper_4\n"),
        ("test_B_spoof", "Partial_Mouth_1\n"),
        ("test_C_race", "Live_5\nPaper_9"),
        ("test_D_age", "Live_5\nLive_6"),
        ("test_E_ill", "Live_7\r\nReplay_59"),
    ] {
        put(folder.path(), &format!("pro_3_text/{name}.txt"), text);
    }
    let found = open(folder.path(), None).unwrap();
    assert_eq!(counts(&found, "siw_mv2/3", 1), [[1, 2], [0, 0], [4, 4]]);
}

#[test]
fn lists_that_name_other_clips_or_one_twice_are_told() {
    let folder = tree(paths());
    put_lists(folder.path());
    put(folder.path(), "pro_3_text/testlist_live.txt", "Live_1\nLive_9001\nLive_8\n");
    let found = open(folder.path(), None).unwrap();
    assert_eq!(
        found.problems,
        [
            "pro_3_text/testlist_live.txt names 1 clip that is not there (Live_9001).",
            "On both trainlist_live and testlist_live: 1 clip (Live_1); kept for testing alone.",
        ]
    );
    assert_eq!(counts(&found, "siw_mv2/1", 1)[2][0], 2);
}
