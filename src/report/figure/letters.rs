//! Letters that the embedded typeface lacks. They stay in the file, so that words can be searched and copied and a browser
//! draws an SVG's with typefaces of its own; where they are drawn as boxes, a number after the words leads to a note that
//! spells them by their codes, as two names of four boxes each look the same.

use super::{Figure, Panel, font};

/// Whether a letter is drawn as a box; marks without a shape of their own are not.
pub(super) fn is_missing(c: char) -> bool {
    let shapeless = c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{ad}');
    !shapeless && !font::has(c)
}

/// Numbers words with letters that the typeface lacks, adds notes that spell them, and returns these words.
pub fn mark_missing(figure: &mut Figure) -> Vec<String> {
    let mut found: Vec<String> = vec![];
    let mut mark = |words: &mut String| {
        if !words.contains(is_missing) {
            return;
        }
        let at = found.iter().position(|f| f == words).unwrap_or_else(|| {
            found.push(words.clone());
            found.len() - 1
        });
        *words = format!("{words} [{}]", at + 1);
    };
    figure.panels.iter_mut().for_each(|p: &mut Panel| p.each_words(&mut mark));
    // Notes are sentences; which of their letters lack is said in one more of them.
    let in_notes: Vec<String> = figure.notes.iter().filter(|n| n.contains(is_missing)).cloned().collect();
    let spelt = |words: &String| {
        let codes = words.chars().filter(|c| is_missing(*c)).map(|c| format!("U+{:04X}", u32::from(c)));
        codes.collect::<Vec<_>>().join(" ")
    };
    let numbered = found.iter().enumerate().map(|(at, words)| format!("[{}] {}", at + 1, spelt(words)));
    let all: Vec<String> = numbered.chain(in_notes.iter().map(spelt)).collect();
    if !all.is_empty() {
        let all = all.join("; ");
        figure.notes.push(format!("Letters that the typeface lacks, drawn as boxes: {all}."));
    }
    found.extend(in_notes);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_missing_letters_are_numbered_and_spelt() {
        let words = ["打印", "größe Печать طباعة", "屏幕", "打印"].map(|w| Panel::Text(w.to_owned()));
        let mut figure = Figure { width: 252.0, title: String::new(), panels: words.into(), notes: vec![] };
        assert_eq!(mark_missing(&mut figure), ["打印", "屏幕"]);
        let expected = ["打印 [1]", "größe Печать طباعة", "屏幕 [2]", "打印 [1]"].map(|w| Panel::Text(w.to_owned()));
        assert_eq!(figure.panels, expected);
        assert_eq!(
            figure.notes,
            ["Letters that the typeface lacks, drawn as boxes: [1] U+6253 U+5370; [2] U+5C4F U+5E55."]
        );
        let mut plain = Figure { notes: vec!["≤ 5 %".to_owned()], panels: vec![], ..figure };
        assert!(mark_missing(&mut plain).is_empty() && plain.notes.len() == 1);
    }
}
