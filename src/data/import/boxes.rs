//! Small text files beside pictures that say where the face is. One box a file; a file that cannot be understood gives
//! none, never a wrong one.

use std::path::PathBuf;

use rayon::prelude::*;

use crate::data::manifest::Told;

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxFile {
    /// CDCN's `.dat`: four lines, left, top, width, height.
    Cdcn,
    /// FAS_DataManager's `_bbox_mtccnn.txt`: left, top, right, bottom and a score; landmarks below.
    Mtcnn,
}

/// Left, top, width, height in whole pixels.
pub type Bounds = [i32; 4];

/// The box in the text of a file.
pub fn parse(kind: BoxFile, text: &str) -> Option<Bounds> {
    let text = text.trim_start_matches('\u{feff}');
    let mut numbers = [0.0_f64; 4];
    match kind {
        BoxFile::Cdcn => {
            let mut lines = text.lines().map(str::trim);
            for number in &mut numbers {
                *number = lines.next()?.parse().ok()?;
            }
        }
        BoxFile::Mtcnn => {
            let mut cells = text.lines().next()?.split(',').map(str::trim);
            for number in &mut numbers {
                *number = cells.next()?.parse().ok()?;
            }
            numbers[2] -= numbers[0];
            numbers[3] -= numbers[1];
        }
    }
    let sane = numbers.iter().all(|n| n.is_finite() && n.abs() < 1e6);
    let bounds = numbers.map(|n| n.round() as i32);
    (sane && bounds[2] > 0 && bounds[3] > 0).then_some(bounds)
}

/// The boxes of all files, in order; what cannot be read or understood is counted.
pub fn read_all(kind: BoxFile, files: &[Option<PathBuf>], unread: &mut Told) -> Vec<Option<Bounds>> {
    let read = |file: &Option<PathBuf>| {
        let path = file.as_ref()?;
        let text = std::fs::read(path).ok();
        Some(text.and_then(|bytes| parse(kind, &String::from_utf8_lossy(&bytes))))
    };
    let boxes: Vec<Option<Option<Bounds>>> = files.par_iter().map(read).collect();
    for (file, found) in files.iter().zip(&boxes) {
        if let (Some(path), Some(None)) = (file, found) {
            unread.add(path.display().to_string());
        }
    }
    boxes.into_iter().map(Option::flatten).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::manifest::testing::mutated;

    #[test]
    fn cdcn_files_hold_left_top_width_height_and_mtcnn_files_corners() {
        // In CDCN's own code the names are y1, x1, w, h, but line 1 is the column: left.
        assert_eq!(parse(BoxFile::Cdcn, "312.0\n501.4\n220.0\n290.6\nmore\n"), Some([312, 501, 220, 291]));
        assert_eq!(parse(BoxFile::Cdcn, "\u{feff}312\r\n501\r\n220\r\n290"), Some([312, 501, 220, 290]));
        assert_eq!(
            parse(BoxFile::Mtcnn, "396,153,891,637,0\n597,686,694,689,760,436,341,455,526,441"),
            Some([396, 153, 495, 484])
        );
        assert_eq!(parse(BoxFile::Mtcnn, "-4, -2, 10.6, 20,0.99"), Some([-4, -2, 15, 22]));
        for text in ["", "1\n2\n3", "1\n2\n0\n4", "1\n2\n3\n-4", "1\n2\n3\nnan", "a\n2\n3\n4", "1e9\n1\n1\n1"] {
            assert_eq!(parse(BoxFile::Cdcn, text), None, "{text}");
        }
        for text in ["", "1,2,3", "10,2,3,4,1", "1,2,inf,4", "1;2;3;4"] {
            assert_eq!(parse(BoxFile::Mtcnn, text), None, "{text}");
        }
    }

    #[test]
    fn files_that_are_missing_or_damaged_give_no_box() {
        let root = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = root.path().join(name);
            std::fs::write(&path, text).unwrap();
            Some(path)
        };
        let files = [file("a", "1\n2\n3\n4"), None, file("b", "1\n2"), Some(root.path().join("none"))];
        let mut unread = Told::default();
        assert_eq!(read_all(BoxFile::Cdcn, &files, &mut unread), [Some([1, 2, 3, 4]), None, None, None]);
        assert_eq!(unread.count(), 2);
    }

    proptest! {
        #[test]
        fn damaged_box_files_give_a_box_or_none(a in mutated("312.0\n501.0\n220.0\n290.0\n"), b in mutated("396,153,891,637,0\n597,686")) {
            for (kind, bytes) in [(BoxFile::Cdcn, a), (BoxFile::Mtcnn, b)] {
                if let Some([.., w, h]) = parse(kind, &String::from_utf8_lossy(&bytes)) {
                    prop_assert!(w > 0 && h > 0);
                }
            }
        }
    }
}
