//! From the bytes of a CSV file to rows: encodings, delimiters, quotes, comments, columns, and the words in cells. What
//! rows say together, and whether the files are there, is looked at in `clips`.

use std::collections::BTreeMap;

use csv::{ByteRecord, ReaderBuilder};

use super::columns::{COLUMNS, Columns, Row};
use super::words::{LiveIs, RawLabel};

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Its rows in turn.
    pub rows: Vec<Row>,
    /// What a comment says of numbers.
    pub polarity: Option<LiveIs>,
    /// Columns that are not known, and the like.
    pub remarks: Vec<String>,
}

impl Table {
    /// How often each number stands for a label.
    pub fn numbers(&self) -> BTreeMap<i64, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            if let RawLabel::Number(n) = row.label {
                *counts.entry(n).or_default() += 1;
            }
        }
        counts
    }
}

/// Whether the file begins like a manifest: a header with path and label.
pub fn is_manifest(head: &[u8]) -> bool {
    if is_utf16(head) {
        // Told as such by the reader, rather than as no manifest.
        let ascii: Vec<u8> = head[2..].iter().copied().filter(|b| *b != 0).collect();
        return is_manifest(&ascii);
    }
    let body = strip_bom(head);
    let start = skip_to_record(body, if announced(body).is_some() { 5 } else { 0 });
    [b',', b';', b'\t'].into_iter().any(|d| header(&body[start..], d).is_some_and(|h| has_needed(&h)))
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// The text of a file in UTF-16, as spreadsheets save it; `None` where it is not whole.
fn from_utf16(bytes: &[u8]) -> Option<String> {
    let (mark, units) = bytes.split_at_checked(2)?;
    let (pairs, rest) = units.as_chunks::<2>();
    let unit = if mark == [0xff, 0xfe] { u16::from_le_bytes } else { u16::from_be_bytes };
    let text = String::from_utf16(&pairs.iter().map(|pair| unit(*pair)).collect::<Vec<_>>()).ok()?;
    rest.is_empty().then_some(text)
}

/// The delimiter that spreadsheets write on top: `sep=;`.
fn announced(body: &[u8]) -> Option<u8> {
    match body {
        [s, e, p, b'=', d, b'\r' | b'\n', ..] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*d),
        _ => None,
    }
}

/// Reads the bytes of a manifest. The error is all faults, each a sentence with its line.
pub fn parse(bytes: &[u8]) -> Result<Table, Vec<String>> {
    let read;
    let bytes = if is_utf16(bytes) {
        read = from_utf16(bytes)
            .ok_or_else(|| vec!["line 1: the file is neither UTF-8 nor whole UTF-16; save it as UTF-8".to_owned()])?;
        read.as_bytes()
    } else {
        bytes
    };
    let body = strip_bom(bytes);
    // Old Macintosh programs end lines with a return alone.
    let returns: Vec<u8>;
    let body = if body.contains(&b'\r') && !body.contains(&b'\n') {
        returns = body.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect();
        &returns
    } else {
        body
    };
    let mut table = Table { polarity: polarity(body)?, ..Table::default() };
    let mut lines = Lines { body, at: 0, line: 1 };
    let announced = announced(body);
    let start = skip_to_record(body, if announced.is_some() { 5 } else { 0 });
    let fits = |d: &u8| header(&body[start..], *d).is_some_and(|h| has_needed(&h));
    let delimiter = announced.or_else(|| [b',', b';', b'\t'].into_iter().find(fits)).unwrap_or(b',');
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(&body[start..]);
    let mut faults = vec![];
    let mut columns: Option<Columns> = None;
    let mut record = ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => {
                faults.push(format!("the file cannot be read as CSV ({e})"));
                break;
            }
        }
        let line = lines.of(start + record.position().map_or(0, |p| p.byte() as usize));
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        let mut cells = Vec::with_capacity(record.len());
        for field in &record {
            match std::str::from_utf8(field) {
                Ok(cell) => cells.push(cell),
                Err(_not_utf8) => {
                    faults.push(format!(
                        "line {line}: {} is not UTF-8; save the file as UTF-8",
                        String::from_utf8_lossy(field)
                    ));
                }
            }
        }
        if cells.len() < record.len() {
            continue;
        }
        match &columns {
            None => match Columns::of(&cells, line, &mut table.remarks) {
                Ok(found) => columns = Some(found),
                Err(fault) => return Err(vec![fault]),
            },
            Some(columns) => match columns.row(&cells, line) {
                Ok(row) => table.rows.push(row),
                Err(mut more) => faults.append(&mut more),
            },
        }
    }
    if columns.is_none() && faults.is_empty() {
        faults.push("line 1: there is no header; the first line names the columns, as path,label,subject".to_owned());
    }
    if faults.is_empty() && table.rows.is_empty() {
        faults.push("there are no rows below the header".to_owned());
    }
    if faults.is_empty() { Ok(table) } else { Err(faults) }
}

fn strip_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Where the next record begins: past empty lines and comments, which the reader passes over as well.
fn skip_to_record(body: &[u8], mut at: usize) -> usize {
    loop {
        match body.get(at) {
            Some(b'\r' | b'\n') => at += 1,
            Some(b'#') => {
                at += body[at..].iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(body.len() - at);
            }
            _ => return at,
        }
    }
}

/// Counts lines up to places that come in rising order.
struct Lines<'a> {
    body: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the record that the reader began to look for at byte `from`.
    fn of(&mut self, from: usize) -> u64 {
        let to = skip_to_record(self.body, from.min(self.body.len()));
        for i in self.at..to {
            self.line += u64::from(self.body[i] == b'\n');
        }
        self.at = self.at.max(to);
        self.line
    }
}

/// The words of the header line, in lower case.
fn header(body: &[u8], delimiter: u8) -> Option<Vec<String>> {
    let end = body.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(body.len());
    let mut reader =
        ReaderBuilder::new().has_headers(false).delimiter(delimiter).trim(csv::Trim::All).from_reader(&body[..end]);
    let record = reader.byte_records().next()?.ok()?;
    Some(record.iter().map(|f| String::from_utf8_lossy(f).to_lowercase()).collect())
}

fn has_needed(header: &[String]) -> bool {
    COLUMNS[..2].iter().all(|needed| header.iter().any(|h| h == needed))
}

/// `# polarity: live=0` or `live=1`, anywhere.
fn polarity(body: &[u8]) -> Result<Option<LiveIs>, Vec<String>> {
    let mut found = None;
    for (i, line) in body.split(|b| *b == b'\n').enumerate() {
        let Some(comment) = std::str::from_utf8(line).ok().and_then(|l| l.strip_prefix('#')) else { continue };
        let Some((word, value)) = comment.split_once(':') else { continue };
        if !word.trim().eq_ignore_ascii_case("polarity") {
            continue;
        }
        let fault = |what: String| vec![format!("line {}: {what}", i + 1)];
        let read: LiveIs = value.trim().parse().map_err(fault)?;
        if found.is_some_and(|f| f != read) {
            return Err(fault("another line gave the other polarity; keep one of them".to_owned()));
        }
        found = Some(read);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::manifest::testing::mutated;
    use crate::data::{Label, Split, Turn};

    const LIVE: RawLabel = RawLabel::Word(Label::Live);
    const SPOOF: RawLabel = RawLabel::Word(Label::Spoof);

    fn rows(text: &str) -> Vec<(u64, String, RawLabel)> {
        parse(text.as_bytes()).unwrap().rows.into_iter().map(|r| (r.line, r.path, r.label)).collect()
    }

    fn faults(text: &str) -> String {
        parse(text.as_bytes()).unwrap_err().join("\n")
    }

    #[test]
    fn bom_line_ends_quotes_comments_and_order_of_columns_do_not_matter() {
        let expected = |lines: [u64; 2]| {
            vec![(lines[0], "a, b.png".to_owned(), LIVE), (lines[1], "c \"d\".avi".to_owned(), SPOOF)]
        };
        let plain = "path,label\n\"a, b.png\",live\n\"c \"\"d\"\".avi\",spoof\n";
        assert_eq!(rows(plain), expected([2, 3]));
        assert_eq!(rows(&format!("\u{feff}{plain}")), expected([2, 3]));
        assert_eq!(rows(&plain.replace('\n', "\r\n")), expected([2, 3]));
        assert_eq!(rows(&plain.replace('\n', "\r")), expected([2, 3]));
        assert_eq!(rows(plain.trim_end()), expected([2, 3]));
        assert_eq!(
            rows("# mine\n\n LABEL , Path\n\n# and so on\nreal,\"a, b.png\"\n,\n\n#x\nattack,\"c \"\"d\"\".avi\""),
            expected([6, 10])
        );
        assert_eq!(rows("sep=;\r\npath;label\r\na, b.png;live\r\n\"c \"\"d\"\".avi\";fake"), expected([3, 4]));
        assert_eq!(rows("path\tlabel\na, b.png\tlive\n\"c \"\"d\"\".avi\"\tfake"), expected([2, 3]));
        // A quoted line break counts as a line.
        assert_eq!(rows("path,label\n\"a\nb\",live\nc,fake")[1].0, 4);
    }

    #[test]
    fn every_column_is_read() {
        let text = "path,label,species,subject,split,domain,clip,frame,camera,session,depth,box,cropped,turn,note\n\
                    d\\a.png,spoof,print,p1,Devel,lab,c1,7,phone,noon,d/a.png,\"1,2,3,4\",yes,90,hello\nb.png,1";
        let table = parse(text.as_bytes()).unwrap();
        let row = Row {
            line: 2,
            path: "d/a.png".to_owned(),
            label: SPOOF,
            species: "print".to_owned(),
            subject: "p1".to_owned(),
            split: Some(Split::Dev),
            domain: "lab".to_owned(),
            clip: "c1".to_owned(),
            frame: Some(7),
            camera: "phone".to_owned(),
            session: "noon".to_owned(),
            depth: "d/a.png".to_owned(),
            bounds: Some([1, 2, 3, 4]),
            cropped: true,
            turn: Turn::Right,
        };
        assert_eq!(table.rows[0], row);
        // Cells that a short row lacks are empty.
        assert_eq!((table.rows[1].label, table.rows[1].cropped), (RawLabel::Number(1), false));
        assert_eq!(table.numbers().into_iter().collect::<Vec<_>>(), [(1, 1)]);
        assert!(table.remarks[0].contains("passed over: note.") && table.remarks.len() == 1);
    }

    #[test]
    fn polarity_stands_in_a_comment() {
        let read = |text: &str| parse(text.as_bytes()).map(|t| t.polarity);
        assert_eq!(read("path,label\na,1"), Ok(None));
        assert_eq!(read("# polarity: live=0\npath,label\na,1"), Ok(Some(LiveIs::Zero)));
        assert_eq!(read("path,label\na,1\n#Polarity : live = 1\r\n"), Ok(Some(LiveIs::One)));
        assert_eq!(read("#polarity: spoof=1\npath,label\na,1").unwrap_err()[0][..6], *"line 1");
        let both = read("#polarity: live=1\n#polarity: live=0\npath,label\na,1").unwrap_err();
        assert!(both[0].starts_with("line 2: another line"), "{both:?}");
    }

    #[test]
    fn every_fault_is_told_with_its_line_and_what_to_do() {
        let text = "path,label,split,box,turn,cropped,frame\n,live\na,maybe\nb,live,holdout\nc,live,train,1 2 3\n\
                    d,live,,,45\ne,live,,,,perhaps\nf,live,,,,,-1\ng,live,train,,,,,1,2\nh,";
        let faults = faults(text);
        let expected = [
            "line 2: the path is empty",
            "line 3: label maybe; write live or spoof",
            "line 4: split holdout; there are train, dev and test",
            "line 5: box 1 2 3; write left,top,width,height",
            "line 6: turn 45; write 0, 90, 180 or 270",
            "line 7: cropped perhaps; write yes or no",
            "line 8: frame -1; write a whole number",
            "line 9: 9 cells where the header names 7 columns",
            "line 10: the label is empty",
        ];
        for (line, expected) in faults.lines().zip(expected) {
            assert!(line.starts_with(expected), "{line}");
        }
        assert_eq!(faults.lines().count(), expected.len());
    }

    #[test]
    fn files_that_are_no_manifests_say_why() {
        assert!(faults("").contains("there is no header"));
        assert!(faults("# only\n\n").contains("there is no header"));
        assert!(faults("path,label\n").contains("no rows"));
        assert!(faults("file,class\na,b").contains("must name the columns path and label; it reads file, class"));
        assert!(faults("path,label,Path\na,b,c").contains("two columns are named path"));
        let latin = parse(b"path,label\nna\xefve.png,live\nok.png,live").unwrap_err();
        assert!(latin.len() == 1 && latin[0].starts_with("line 2: na") && latin[0].contains("UTF-8"), "{latin:?}");
        let wide = |unit: fn(u16) -> [u8; 2]| {
            "\u{feff}path,label\nä.png,live\n".encode_utf16().flat_map(unit).collect::<Vec<u8>>()
        };
        for bytes in [wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
            assert_eq!(parse(&bytes).unwrap().rows[0].path, "ä.png");
            assert!(parse(&bytes[..bytes.len() - 1]).unwrap_err()[0].contains("UTF-16"));
        }
        let head = |text: &str| is_manifest(text.as_bytes());
        assert!(head("# x\nspecies;path;LABEL\n1;2;3") && head("\u{feff}path,label") && head("\"path\",\"label\""));
        assert!(!head("/+CASIA-FASD/test_release/11/1.avi.zip,0,107,107\n") && !head("") && !head("paths,label"));
    }

    proptest! {
        #[test]
        fn damaged_manifests_give_rows_or_faults(bytes in mutated(
            "\u{feff}# polarity: live=0\r\npath,label,species,subject,split,domain,clip,frame,camera,session,depth,box,\
             cropped,turn\r\n\"a, b/1.png\",1,print,p1,train,lab,c1,7,phone,noon,d.png,\"1,2,3,4\",yes,90\r\n\
             x.zip!/2.png,0,,p2,test,,,,,,,,no,0"
        )) {
            match parse(&bytes) {
                Ok(table) => {
                    prop_assert!(!table.rows.is_empty());
                    let lines = bytes.iter().filter(|b| matches!(b, b'\n' | b'\r')).count() as u64 + 1;
                    prop_assert!(table.rows.iter().all(|r| !r.path.is_empty() && r.line > 1 && r.line <= lines));
                    prop_assert!(table.rows.is_sorted_by_key(|r| r.line));
                }
                Err(faults) => prop_assert!(!faults.is_empty() && faults.iter().all(|f| !f.is_empty())),
            }
        }
    }
}
