//! Box and eye files as the sets have them, and as disks damage them.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

/// Of the training subject 1 of CASIA-FASD, from Idiap's edition (BSD): its first lines and one without a face.
const CASIA: &str = "0 294 144 167 167\n1 294 144 167 167\n2 0 0 0 0\n3 294 145 166 166\n";

#[test]
fn boxes_are_read_frame_by_frame_and_zeros_are_no_face() {
    let located = boxes(CASIA);
    assert_eq!(located.boxes.keys().copied().collect::<Vec<_>>(), [0, 1, 3]);
    assert_eq!((located.boxes[&3], located.remarks.len()), ([294.0, 145.0, 166.0, 166.0], 0));
    // Windows' line ends, a mark before the text and no end after it change nothing.
    let other = format!("\u{feff}{}", CASIA.trim_end().replace('\n', "\r\n"));
    assert_eq!(boxes(&other), located);
    // Frames may be left out, and the first of two rows counts.
    let sparse = boxes("10 1 2 3 4\n12 5 6 7 8\n12 9 9 9 9\n");
    assert_eq!(sparse.boxes, BTreeMap::from([(10, [1.0, 2.0, 3.0, 4.0]), (12, [5.0, 6.0, 7.0, 8.0])]));
}

#[test]
fn eyes_come_from_left_to_right_whosever_they_are() {
    let located = oulu_eyes("0,400,600,600,610\n1,600,610,400,600\n2,0,0,0,0\n3, 1, 2, 3\n");
    assert_eq!(located.eyes[&0], [[400.0, 600.0], [600.0, 610.0]]);
    assert_eq!((located.eyes[&1], located.eyes.len(), located.boxes.len()), (located.eyes[&0], 2, 0));
    assert_eq!(located.remarks, ["Lines of the box file that say nothing: 1, the first of them: 3, 1, 2, 3"]);
}

#[test]
fn msu_has_corners_and_some_of_its_faces_stand_on_their_heads() {
    let upright = msu_boxes("0,100,50,300,350,160.5,140,240,142\n1,100,50,300,350,160,140,240,142\n");
    assert_eq!(upright.boxes[&0], [100.0, 50.0, 200.0, 300.0]);
    assert_eq!(upright.eyes[&0], [[160.5, 140.0], [240.0, 142.0]]);
    assert!(!upright.upside_down());
    let turned = upright.half_turn(720.0, 480.0);
    assert!(turned.upside_down());
    assert_eq!(turned.boxes[&0], [420.0, 130.0, 200.0, 300.0]);
    assert_eq!(turned.eyes[&0], [[480.0, 338.0], [559.5, 340.0]]);
    assert_eq!(turned.half_turn(720.0, 480.0), upright);
    assert!(!boxes(CASIA).upside_down(), "without eyes nothing is upside down");
}

#[test]
fn cdcn_has_four_lines_and_pictures_without_any() {
    assert_eq!(cdcn_box("10.5\n20\n100\n120\n0.99\n"), Some([10.5, 20.0, 100.0, 120.0]));
    assert_eq!((cdcn_box("1\n2\n3\n"), cdcn_box("1\nx\n3\n4\n"), cdcn_box("1\n2\n0\n4")), (None, None, None));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dat");
    fs::write(&path, "1\r\n2\r\n3\r\n4").unwrap();
    let gone = folder.path().join("gone.dat");
    let located = read(&Marks::CdcnBoxes(vec![None, Some(path), Some(gone)])).unwrap();
    assert_eq!(located.boxes, BTreeMap::from([(1, [1.0, 2.0, 3.0, 4.0])]));
    assert!(located.remarks.len() == 2 && located.remarks[0].contains("gone.dat"), "{:?}", located.remarks);
}

#[test]
fn files_are_read_by_their_kind() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| {
        let path = folder.path().join("marks");
        fs::write(&path, text).unwrap();
        path
    };
    let count = |marks: Marks| {
        let located = read(&marks).unwrap();
        (located.boxes.len(), located.eyes.len())
    };
    assert_eq!(count(Marks::OuluEyes(write("0,1,2,3,4\n"))), (0, 1));
    assert_eq!(count(Marks::CasiaBoxes(write(CASIA))), (3, 0));
    assert_eq!(count(Marks::ReplayBoxes(write(CASIA))), (3, 0));
    assert_eq!(count(Marks::MsuBoxes(write("0,1,2,3,4,5,6,7,8\n"))), (1, 1));
    assert_eq!(count(Marks::Boxes(vec![Some([1, 2, 3, 4]), None, Some([1, 2, 0, 4])])), (1, 0));
    let error = read(&Marks::MsuBoxes(PathBuf::from("/nowhere/a.face"))).unwrap_err();
    assert!(error.contains("/nowhere/a.face"), "{error}");
}

proptest! {
    #[test]
    fn damaged_files_never_stop_a_reader_nor_give_an_impossible_box(
        rows in prop::collection::vec(prop::collection::vec(-10i64..2000, 1..10), 0..20),
        damage in prop::collection::vec((0usize..2000, any::<u8>()), 0..8),
    ) {
        let line = |r: &Vec<i64>| r.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let mut bytes = rows.iter().map(line).collect::<Vec<_>>().join("\n").into_bytes();
        for (at, byte) in damage {
            if let Some(b) = bytes.get_mut(at) {
                *b = byte;
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        for located in [oulu_eyes(&text), boxes(&text), msu_boxes(&text)] {
            prop_assert!(located.boxes.len() <= lines_of(&text) && located.eyes.len() <= lines_of(&text));
            prop_assert!(located.boxes.values().all(|b| b.iter().all(|v| v.is_finite()) && b[2] > 0.0 && b[3] > 0.0));
            prop_assert!(located.eyes.values().flatten().flatten().all(|v| v.is_finite()));
            let _ = located.upside_down();
        }
        prop_assert!(cdcn_box(&text).is_none_or(|b| b.iter().all(|v| v.is_finite())));
    }
}

fn lines_of(text: &str) -> usize {
    lines(text).count()
}
