//! The part of the typeface that an SVG file carries along: the outlines of the letters that are in it, without hints, as
//! a small TrueType file that browsers take. PDF has its own way (krilla's).

use std::collections::{BTreeMap, BTreeSet};

use ttf_parser::{GlyphId, Tag};

use super::font::FACE;

/// Flags of a part of a composite glyph.
const WORDS: u16 = 0x0001;
const SCALE: u16 = 0x0008;
const MORE: u16 = 0x0020;
const TWO_SCALES: u16 = 0x0040;
const MATRIX: u16 = 0x0080;
const HINTS: u16 = 0x0100;

/// Names that must stay with the typeface: copyright, family, style, full name, PostScript name, licence and its address.
const NAMES: [u16; 7] = [0, 1, 2, 4, 6, 13, 14];

fn table(name: [u8; 4]) -> &'static [u8] {
    FACE.raw_face().table(Tag::from_bytes(&name)).unwrap_or_default()
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_be_bytes([b[0], b[1]]))
}

/// The bytes of a glyph's outline; empty for a blank.
fn outline(glyph: u16) -> &'static [u8] {
    let (loca, long) = (table(*b"loca"), u16_at(table(*b"head"), 50) != 0);
    let place = |index: usize| {
        if long {
            (usize::from(u16_at(loca, 4 * index)) << 16) | usize::from(u16_at(loca, 4 * index + 2))
        } else {
            2 * usize::from(u16_at(loca, 2 * index))
        }
    };
    let glyph = usize::from(glyph);
    table(*b"glyf").get(place(glyph)..place(glyph + 1)).unwrap_or_default()
}

/// Where the parts of a composite glyph stand in its bytes: offset of flags; glyph. None for a simple glyph.
fn parts(bytes: &[u8]) -> Vec<(usize, u16)> {
    let mut found = vec![];
    if bytes.len() < 10 || u16_at(bytes, 0) < 0x8000 {
        return found;
    }
    let mut at = 10;
    loop {
        let flags = u16_at(bytes, at);
        found.push((at, u16_at(bytes, at + 2)));
        at += 4 + if flags & WORDS == 0 { 2 } else { 4 };
        at += if flags & SCALE != 0 { 2 } else { 0 };
        at += if flags & TWO_SCALES != 0 { 4 } else { 0 };
        at += if flags & MATRIX != 0 { 8 } else { 0 };
        if flags & MORE == 0 || at >= bytes.len() {
            return found;
        }
    }
}

/// The outline with the new numbers of its parts and without hints, which need tables that are left out.
fn renumbered(bytes: &[u8], new: &BTreeMap<u16, u16>) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let parts = parts(bytes);
    if parts.is_empty() && bytes.len() >= 10 {
        let hints_at = 10 + 2 * usize::from(u16_at(bytes, 0));
        let hints = usize::from(u16_at(bytes, hints_at));
        out.drain(hints_at + 2..hints_at + 2 + hints);
        out[hints_at..hints_at + 2].fill(0);
    }
    for (at, glyph) in parts {
        let flags = u16_at(bytes, at) & !HINTS;
        out[at..at + 2].copy_from_slice(&flags.to_be_bytes());
        out[at + 2..at + 4].copy_from_slice(&new.get(&glyph).copied().unwrap_or(0).to_be_bytes());
    }
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

/// Letters of the basic plane and their glyphs, a segment each (cmap format 4).
fn letters(glyphs: &BTreeMap<u16, u16>) -> Vec<u8> {
    let count = glyphs.len() as u16 + 1;
    let power = 1_u16 << count.ilog2();
    let mut out = vec![];
    let mut put = |values: &[u16]| out.extend(values.iter().flat_map(|v| v.to_be_bytes()));
    put(&[0, 1, 3, 1, 0, 12, 4, 16 + 8 * count, 0, 2 * count, 2 * power, power.ilog2() as u16, 2 * (count - power)]);
    let codes: Vec<u16> = glyphs.keys().copied().chain([0xFFFF]).collect();
    put(&codes);
    put(&[0]);
    put(&codes);
    let deltas: Vec<u16> = glyphs.iter().map(|(code, glyph)| glyph.wrapping_sub(*code)).chain([1]).collect();
    put(&deltas);
    put(&vec![0; usize::from(count)]);
    out
}

/// The names that must stay, in English (platform 3).
fn names() -> Vec<u8> {
    let kept: Vec<_> = FACE
        .names()
        .into_iter()
        .filter(|n| n.platform_id == ttf_parser::PlatformId::Windows && n.language_id == 0x0409)
        .filter(|n| NAMES.contains(&n.name_id))
        .collect();
    let mut head: Vec<u16> = vec![0, kept.len() as u16, 6 + 12 * kept.len() as u16];
    let mut text = vec![];
    for name in kept {
        head.extend([3, name.encoding_id, name.language_id, name.name_id, name.name.len() as u16, text.len() as u16]);
        text.extend_from_slice(name.name);
    }
    head.iter().flat_map(|v| v.to_be_bytes()).chain(text).collect()
}

fn checksum(bytes: &[u8]) -> u32 {
    let word = |b: &[u8]| b.iter().fold(0_u32, |sum, &v| (sum << 8) | u32::from(v)) << (8 * (4 - b.len() as u32) % 32);
    bytes.chunks(4).fold(0_u32, |sum, b| sum.wrapping_add(word(b)))
}

/// The typeface with the letters of `text` alone.
pub(super) fn subset(text: &str) -> Vec<u8> {
    let wanted: BTreeMap<u16, u16> =
        text.chars().filter_map(|c| Some((u16::try_from(u32::from(c)).ok()?, FACE.glyph_index(c)?.0))).collect();
    let mut glyphs: BTreeSet<u16> = wanted.values().copied().chain([0]).collect();
    let mut open: Vec<u16> = glyphs.iter().copied().collect();
    while let Some(glyph) = open.pop() {
        open.extend(parts(outline(glyph)).into_iter().map(|p| p.1).filter(|&part| glyphs.insert(part)));
    }
    let new: BTreeMap<u16, u16> = glyphs.iter().zip(0..).map(|(&old, new)| (old, new)).collect();
    let count = (new.len() as u16).to_be_bytes();

    let (mut glyf, mut loca, mut hmtx) = (vec![], vec![0_u8; 4], vec![]);
    for &glyph in &glyphs {
        glyf.extend(renumbered(outline(glyph), &new));
        loca.extend((glyf.len() as u32).to_be_bytes());
        let id = GlyphId(glyph);
        hmtx.extend(FACE.glyph_hor_advance(id).unwrap_or(0).to_be_bytes());
        hmtx.extend(FACE.glyph_hor_side_bearing(id).unwrap_or(0).to_be_bytes());
    }
    let patched = |name: [u8; 4], at: usize, with: &[u8]| {
        let mut bytes = table(name).to_vec();
        if let Some(place) = bytes.get_mut(at..at + with.len()) {
            place.copy_from_slice(with);
        }
        bytes
    };
    let mut head = patched(*b"head", 8, &[0; 4]);
    head[50..52].copy_from_slice(&1_u16.to_be_bytes());
    let mut post = table(*b"post").get(..32).unwrap_or_default().to_vec();
    post[..4].copy_from_slice(&0x0003_0000_u32.to_be_bytes());
    let coded = wanted.iter().map(|(&code, glyph)| (code, new[glyph])).collect();
    // Sorted by name, as the format wants.
    let tables: [(&[u8; 4], Vec<u8>); 10] = [
        (b"OS/2", table(*b"OS/2").to_vec()),
        (b"cmap", letters(&coded)),
        (b"glyf", glyf),
        (b"head", head),
        (b"hhea", patched(*b"hhea", 34, &count)),
        (b"hmtx", hmtx),
        (b"loca", loca),
        (b"maxp", patched(*b"maxp", 4, &count)),
        (b"name", names()),
        (b"post", post),
    ];
    let mut out: Vec<u8> = [0x0001_0000_u32.to_be_bytes(), [0, 10, 0, 128], [0, 3, 0, 32]].concat();
    let mut at = 12 + 16 * tables.len();
    for (name, bytes) in &tables {
        out.extend_from_slice(*name);
        for value in [checksum(bytes), at as u32, bytes.len() as u32] {
            out.extend(value.to_be_bytes());
        }
        at += bytes.len().next_multiple_of(4);
    }
    for (_, bytes) in &tables {
        out.extend_from_slice(bytes);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn letters_keep_their_outlines_and_widths() {
        let text = "Synthetic data: γ σ(ĝ) − ± é 0123456789 ÅÄ%";
        let bytes = subset(text);
        let face = ttf_parser::Face::parse(&bytes, 0).unwrap();
        for c in text.chars() {
            let (own, whole) = (face.glyph_index(c).unwrap(), FACE.glyph_index(c).unwrap());
            assert_eq!(face.glyph_hor_advance(own), FACE.glyph_hor_advance(whole), "{c}");
            let path = |face: &ttf_parser::Face, glyph| {
                let mut path = Path::default();
                face.outline_glyph(glyph, &mut path);
                path.0
            };
            assert_eq!(path(&face, own), path(&FACE, whole), "{c}");
        }
        assert_eq!(face.glyph_index('Q'), None);
        assert!(bytes.len() < 40_000, "{}", bytes.len());
        assert_eq!(subset(text), bytes);
        let copyright = face.names().into_iter().find(|n| n.name_id == 0).unwrap();
        assert!(copyright.to_string().unwrap().contains("Bitstream"), "the notice stays");
    }

    /// An outline as text.
    #[derive(Default)]
    struct Path(String);

    impl ttf_parser::OutlineBuilder for Path {
        fn move_to(&mut self, x: f32, y: f32) {
            write!(self.0, "M{x} {y}").unwrap();
        }
        fn line_to(&mut self, x: f32, y: f32) {
            write!(self.0, "L{x} {y}").unwrap();
        }
        fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
            write!(self.0, "Q{x1} {y1} {x} {y}").unwrap();
        }
        fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
            write!(self.0, "C{x1} {y1} {x2} {y2} {x} {y}").unwrap();
        }
        fn close(&mut self) {
            self.0.push('Z');
        }
    }
}
