//! List files that disagree with what was published, or that disks and editors have changed.

use std::fs;
use std::path::Path;

use metafas::data::dataset::{Found, open};

use crate::trees::{self, MSU_LISTS, paths, put, tree};

fn found(root: &Path) -> Found {
    open(root, None).unwrap()
}

/// One person of each part of OULU-NPU, and one list.
fn oulu(path: &str, text: &str) -> Found {
    let folder = tree(paths("oulu_npu").iter().filter(|p| ["_01_", "_21_", "_36_"].iter().any(|u| p.contains(u))));
    put(folder.path(), path, text);
    found(folder.path())
}

fn list(name: &str) -> String {
    trees::oulu_lists().into_iter().find(|l| l.0 == name).unwrap().1
}

#[test]
fn lists_may_be_written_in_any_way() {
    let text = list("Protocol_3/Test_6.txt");
    for text in [
        text.replace('\n', "\r\n"),
        format!("\u{feff}{}", text.trim_end()),
        text.replace("+1", " 1").replace('\n', ".avi \r"),
    ] {
        for path in [
            "Protocols/Protocol_3/Test_6.txt",
            "Protocols/Protocols/protocol_3/TEST_6.TXT",
            "Baseline/Protocol_3/Test_6.txt",
        ] {
            let found = oulu(path, &text);
            assert_eq!(found.problems, Vec::<String>::new(), "{path}");
            assert_eq!(found.lists, [path]);
        }
    }
}

#[test]
fn a_list_that_differs_is_told_and_not_followed() {
    let text = list("Protocol_1/Train.txt");
    let found = oulu("Protocols/Protocol_1/Train.txt", &text.replacen("+1,1_1_01_1\n", "+1,1_3_01_1\nnonsense\n", 1));
    assert_eq!(
        found.problems,
        [
            "Protocols/Protocol_1/Train.txt differs from what is published: 1 clip too many (Train_files/1_3_01_1.avi), 1 clip \
          missing (Train_files/1_1_01_1.avi), 1 line that says nothing (nonsense). It is not followed."
        ]
    );
}

#[test]
fn labels_are_checked_against_names_and_never_tell_the_attack() {
    // In training lists -1 is any attack; only in test lists it means prints.
    let train = list("Protocol_2/Train.txt");
    assert!(train.contains("-1,1_1_01_4"));
    assert!(oulu("Protocols/Protocol_2/Train.txt", &train).problems.is_empty());
    let found = oulu("Protocols/Protocol_2/Train.txt", &train.replacen("+1,1_1_01_1", "-1,1_1_01_1", 1));
    assert!(found.problems[0].contains("1 label against the name (1_1_01_1 as -1)"), "{:?}", found.problems);
    let test = list("Protocol_2/Test.txt");
    let found = oulu("Protocols/Protocol_2/Test.txt", &test.replace("-2", "-1"));
    assert!(found.problems[0].contains("360 labels against the names"), "{:?}", found.problems);
    let species = |f: &Found| f.clips.iter().map(|c| c.info.species.clone()).collect::<Vec<_>>();
    assert_eq!(species(&found), species(&oulu("Protocols/none.txt", "")));
}

#[test]
fn lists_of_a_whole_set_fit_a_part_of_it() {
    let folder = tree(paths("oulu_npu").iter().step_by(37));
    for (path, text) in trees::oulu_lists() {
        put(folder.path(), &format!("Protocols/{path}"), &text);
    }
    let found = found(folder.path());
    assert_eq!((found.lists.len(), found.problems.len()), (42, 0), "{:?}", found.problems);
}

#[test]
fn msu_lists_are_compared_and_may_be_exchanged() {
    let folder = tree(paths("msu_mfsd"));
    let [(train, train_text), (test, test_text)] = MSU_LISTS;
    put(folder.path(), train, test_text);
    put(folder.path(), test, train_text);
    let swapped = found(folder.path());
    assert_eq!(swapped.problems.len(), 2);
    assert!(swapped.problems.iter().all(|p| p.contains("it is the other part's list")), "{:?}", swapped.problems);
    put(folder.path(), train, &format!("{train_text}\n99\n"));
    fs::remove_file(folder.path().join(test)).unwrap();
    let more = found(folder.path());
    assert_eq!(
        more.problems,
        ["train_sub_list.txt differs from what is published: 1 client too many (M99). It is not followed."]
    );
    let parts = |f: &Found| f.clips.iter().map(|c| c.info.part).collect::<Vec<_>>();
    assert_eq!(parts(&swapped), parts(&found(&trees::whole("msu_mfsd"))));
}

#[test]
fn replay_lists_are_compared() {
    let folder = tree(paths("replay_attack"));
    put(folder.path(), "protocols/clients.txt", "001 train\n003 test\n");
    let print: Vec<String> = paths("replay_attack")
        .iter()
        .filter(|p| p.starts_with("test/attack/hand/attack_print"))
        .map(|p| format!("{p}\r\n"))
        .collect();
    put(folder.path(), "protocols/attack-print-allsupports-test.txt", &print.concat());
    let found = found(folder.path());
    assert_eq!(
        found.problems,
        [
            "protocols/attack-print-allsupports-test.txt differs from what is published: 40 clips missing (the first is \
             test/attack/fixed/attack_print_client009_session01_highdef_photo_adverse.mov). It is not followed.",
            "protocols/clients.txt differs from what is published: 1 client in another part (003 as test). It is not followed.",
        ]
    );
}

#[test]
fn a_list_that_cannot_be_one_is_told() {
    let folder = tree(paths("msu_mfsd").iter().take(20));
    let file = fs::File::create(folder.path().join("train_sub_list.txt")).unwrap();
    file.set_len(9 << 20).unwrap();
    let found = found(folder.path());
    assert!(
        found.problems.iter().any(|p| p == "The list train_sub_list.txt is too large for a list."),
        "{:?}",
        found.problems
    );
}
