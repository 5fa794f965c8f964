//! The embedded typeface: how wide words are, where lines break, and the part of it that an SVG file carries along.

use std::sync::LazyLock;

use ttf_parser::Face;

/// DejaVu Sans, as the window has it.
pub(super) const FILE: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans.ttf");

#[expect(clippy::expect_used, reason = "an embedded file that tests read")]
pub(super) static FACE: LazyLock<Face<'static>> =
    LazyLock::new(|| Face::parse(FILE, 0).expect("the embedded typeface"));

/// Whether the typeface has the letter.
pub(super) fn has(c: char) -> bool {
    FACE.glyph_index(c).is_some()
}

/// How wide `words` are at `size`, without kerning; a letter that the typeface lacks is as wide as the box in its place.
pub fn text_width(words: &str, size: f64) -> f64 {
    let glyph = |c: char| FACE.glyph_index(c).unwrap_or_default();
    let advance = |c: char| FACE.glyph_hor_advance(glyph(c)).unwrap_or(0);
    let units: u32 = words.chars().map(|c| u32::from(advance(c))).sum();
    f64::from(units) * size / f64::from(FACE.units_per_em())
}

/// `words` in lines of at most `width`, broken at blanks; what is wider than a line is broken anywhere.
pub(super) fn wrapped(words: &str, size: f64, width: f64) -> Vec<String> {
    let fits = |text: &str| text_width(text, size) <= width;
    let mut lines: Vec<String> = vec![];
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if fits(&format!("{line} {word}")) => {
                line.push(' ');
                line.push_str(word);
                continue;
            }
            _ => lines.push(String::new()),
        }
        for c in word.chars() {
            let last = lines.last().map(String::as_str).unwrap_or_default();
            if !last.is_empty() && !fits(&format!("{last}{c}")) {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_lose_no_letter() {
        let words = "Synthetic data: a rather long sentence with oneverylongwordthatfitsnowhere in it";
        for width in [30.0, 60.0, 120.0, 1000.0] {
            let lines = wrapped(words, 7.0, width);
            assert!(lines.iter().all(|l| text_width(l, 7.0) <= width), "{lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), words.replace(' ', ""));
        }
        assert!(wrapped("", 7.0, 10.0).is_empty());
        assert!(text_width("γ σ ± −", 7.0) > 10.0, "the typeface has the letters of the field");
    }
}
