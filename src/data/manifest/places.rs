//! Files that hold pictures: what their names say, what is in a folder or an archive, and in which order people count.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

/// Extensions of pictures that can be read, in lower case. Of an animation or a file of several pages it is the first picture.
pub const PICTURES: [&str; 9] = ["png", "jpg", "jpeg", "jfif", "bmp", "webp", "tif", "tiff", "gif"];

/// These formats for people.
pub const PICTURE_FORMATS: &str = "PNG, JPEG, BMP, WebP, TIFF, GIF";

/// Whether the name is that of a picture that can be read.
pub(in crate::data) fn is_picture(name: &str) -> bool {
    has_extension(name, &PICTURES)
}

/// Whether the name is that of a picture in a format that is not read.
pub(in crate::data) fn is_other_picture(name: &str) -> bool {
    has_extension(name, &["avif", "heic", "heif", "jxl", "jp2", "ppm", "pgm"])
}

/// The sentence of such files.
pub(in crate::data) fn other_sentence(count: usize) -> String {
    format!("Pictures in formats other than {PICTURE_FORMATS} were passed over; convert them first: {count}")
}

/// Whether the name is that of a video.
pub(in crate::data) fn is_video(name: &str) -> bool {
    has_extension(name, &["avi", "mp4", "mov", "m4v", "mkv", "webm", "mpg", "mpeg", "wmv"])
}

/// Whether the name is that of a zip archive.
pub(in crate::data) fn is_zip(name: &str) -> bool {
    has_extension(name, &["zip"])
}

fn has_extension(name: &str, known: &[&str]) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    // `._a.png` is what a Macintosh leaves beside a.png.
    let Some((stem, extension)) = file.rsplit_once('.') else { return false };
    !stem.is_empty() && !file.starts_with("._") && known.iter().any(|k| extension.eq_ignore_ascii_case(k))
}

/// The order in which a person counts: runs of digits by their value, so that 2.png comes before 10.png.
pub(in crate::data) fn natural(a: &str, b: &str) -> Ordering {
    let (x, y) = (a.as_bytes(), b.as_bytes());
    let (mut i, mut j) = (0, 0);
    while i < x.len() && j < y.len() {
        if x[i].is_ascii_digit() && y[j].is_ascii_digit() {
            let run = |t: &[u8], at: usize| at + t[at..].iter().take_while(|c| c.is_ascii_digit()).count();
            let (p, q) = (run(x, i), run(y, j));
            let value = |t: &[u8]| t.iter().position(|c| *c != b'0').unwrap_or(t.len());
            let (m, n) = (&x[i + value(&x[i..p])..p], &y[j + value(&y[j..q])..q]);
            let order = m.len().cmp(&n.len()).then_with(|| m.cmp(n));
            if order != Ordering::Equal {
                return order;
            }
            (i, j) = (p, q);
        } else {
            if x[i] != y[j] {
                return x[i].cmp(&y[j]);
            }
            (i, j) = (i + 1, j + 1);
        }
    }
    // Equal but for zeros in front, or one begins the other.
    (x.len() - i).cmp(&(y.len() - j)).then_with(|| a.cmp(b))
}

/// The names of the pictures that lie in `folder` itself, in natural order.
pub(in crate::data) fn list_pictures(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = vec![];
    for entry in fs::read_dir(folder)? {
        if let Ok(name) = entry?.file_name().into_string()
            && is_picture(&name)
        {
            names.push(name);
        }
    }
    names.sort_by(|a, b| natural(a, b));
    Ok(names)
}

/// The names of the pictures in a zip archive, in natural order. Pictures are not opened; the error is half a sentence.
pub(in crate::data) fn list_zip(archive: &Path) -> Result<Vec<String>, String> {
    let file = File::open(archive).map_err(|e| e.to_string())?;
    let zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| e.to_string())?;
    let names = zip.file_names().map(|name| name.map(std::borrow::Cow::into_owned));
    let mut names: Vec<String> = names.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    names.retain(|n| is_picture(n));
    names.sort_by(|a, b| natural(a, b));
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_counted_not_spelt() {
        let mut names = ["10.png", "9.png", "b", "a10", "a9", "1.png", "01.png", "a", "a9b", "", "100", "099"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["", "01.png", "1.png", "9.png", "10.png", "099", "100", "a", "a9", "a9b", "a10", "b"]);
    }

    #[test]
    fn kinds_go_by_the_extension() {
        assert!(is_picture("a/b.PNG") && is_picture("a.b.jpg") && !is_picture("a.dat") && !is_picture("png"));
        assert!(!is_picture(".png") && !is_picture("a/._b.png") && !is_picture("a.png/b"));
        assert!(is_video("x.MOV") && is_video("1_1_01_1.avi") && !is_video("x.avi.zip"));
        assert!(is_zip("x.avi.zip") && !is_zip("zip"));
    }

    proptest! {
        #[test]
        fn damaged_archives_give_names_or_an_error(
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            cut in prop::option::of(any::<prop::sample::Index>()),
        ) {
            let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
            for name in ["10.png", "2.png", "info.txt"] {
                zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
                zip.write_all(b"content").unwrap();
            }
            let mut bytes = zip.finish().unwrap().into_inner();
            let whole = edits.is_empty() && cut.is_none();
            for (at, byte) in edits {
                let i = at.index(bytes.len());
                bytes[i] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), bytes).unwrap();
            match list_zip(file.path()) {
                Ok(names) => prop_assert!(names.iter().all(|n| is_picture(n))),
                Err(e) => prop_assert!(!whole && !e.is_empty()),
            }
        }

        #[test]
        fn natural_order_is_an_order(mut names in prop::collection::vec("[ab01.]{0,6}", 3..12)) {
            for a in &names {
                for b in &names {
                    prop_assert_eq!(natural(a, b), natural(b, a).reverse());
                    prop_assert_eq!(natural(a, b) == Ordering::Equal, a == b);
                }
            }
            names.sort_by(|a, b| natural(a, b));
            for w in names.windows(3) {
                prop_assert!(natural(&w[0], &w[2]) != Ordering::Greater, "{:?}", w);
            }
        }
    }
}
