//! Mathematics of one line as papers set it: what follows `_` stands low and what follows `^` high, both smaller. The
//! texts keep their plain form, so that a file, a copy and a screen reader have `L_v`.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Align, Color32, FontId, Label, Response, Role, Ui, WidgetInfo};

/// Size of an index, as part of the text it belongs to.
const SMALLER: f32 = 0.7;
/// How far an index is lowered, as part of the size of the text it belongs to.
const LOWERED: f32 = 0.14;

/// Where a part of the text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Line,
    Low,
    High,
}

/// `text` in parts. An index is what stands in braces, or letters and digits of one kind with their primes, stars and
/// accents; an index of an index is set as part of it.
fn parts(text: &str) -> Vec<(Level, String)> {
    let mut all: Vec<(Level, String)> = vec![];
    let mut put = |level: Level, part: &str| match all.last_mut() {
        Some((last, so_far)) if *last == level => so_far.push_str(part),
        _ => all.push((level, part.to_owned())),
    };
    let mut rest = text;
    while let Some(at) = rest.find(['_', '^']) {
        put(Level::Line, &rest[..at]);
        let level = if rest[at..].starts_with('_') { Level::Low } else { Level::High };
        let after = &rest[at + 1..];
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (index, used) = if let Some((index, _)) = braced {
            (index, index.len() + 2)
        } else {
            let end = index_end(after);
            (&after[..end], end)
        };
        if index.is_empty() {
            put(Level::Line, &rest[at..=at]);
        } else {
            put(level, &index.chars().filter(|c| *c != '_').map(on_the_line).collect::<String>());
        }
        rest = &after[used..];
    }
    put(Level::Line, rest);
    all.retain(|(_, part)| !part.is_empty());
    all
}

fn index_end(text: &str) -> usize {
    let trails = |c: char| matches!(c, '′' | '*' | '\u{300}'..='\u{36F}') || on_the_line(c) != c;
    let mut latin = None;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        // "θ_F" is an index of one word in "∇_θ_F", and "f_θ" ends where a bracket or a blank begins.
        let joins = c == '_' && end > 0 && text[at + 1..].starts_with(char::is_alphanumeric);
        let same = c.is_alphanumeric() && on_the_line(c) == c && *latin.get_or_insert(c.is_ascii()) == c.is_ascii();
        if joins {
            latin = None;
        } else if !(same || end > 0 && trails(c)) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// The letter or digit that stands low by itself, as one that is set low.
fn on_the_line(c: char) -> char {
    match c {
        '₀'..='₉' => char::from_digit(u32::from(c) - u32::from('₀'), 10).unwrap_or(c),
        'ᵢ' => 'i',
        'ₖ' => 'k',
        'ₜ' => 't',
        'ᵥ' => 'v',
        _ => c,
    }
}

/// `text` laid out in `font` and `color`.
pub fn job(ui: &Ui, text: &str, font: &FontId, color: Color32) -> LayoutJob {
    let small = FontId::new(font.size * SMALLER, font.family.clone());
    let height = ui.fonts_mut(|fonts| fonts.row_height(&small));
    let mut job = LayoutJob::default();
    for (level, part) in parts(text) {
        let format = match level {
            Level::Line => TextFormat { valign: Align::BOTTOM, ..TextFormat::simple(font.clone(), color) },
            // A line that is lower than its font is centred in it, and so set below the bottom of the others.
            Level::Low => TextFormat {
                valign: Align::BOTTOM,
                line_height: Some(2.0f32.mul_add(-LOWERED * font.size, height)),
                ..TextFormat::simple(small.clone(), color)
            },
            Level::High => TextFormat { valign: Align::TOP, ..TextFormat::simple(small.clone(), color) },
        };
        job.append(&part, 0.0, format);
    }
    job
}

/// Shows `text` in `color`, wrapped where it is too wide; its name is the plain text.
pub fn show(ui: &mut Ui, text: &str, font: &FontId, color: Color32) -> Response {
    let job = job(ui, text, font, color);
    let response = ui.add(Label::new(job));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_found_where_papers_set_them() {
        let set = |text: &str| {
            let mark = |(level, part): &(Level, String)| match level {
                Level::Line => part.clone(),
                Level::Low => format!("[{part}]"),
                Level::High => format!("^{part}"),
            };
            parts(text).iter().map(mark).collect::<String>()
        };
        for (text, expected) in [
            ("L_v = mean(f_θ*(x) − P_ω̂(x))²", "L[v] = mean(f[θ*](x) − P[ω̂](x))²"),
            ("D_S = D_φ ∪ D_θ,  Φ₀ ← Φ", "D[S] = D[φ] ∪ D[θ],  Φ₀ ← Φ"),
            ("θ_M₁′ = θ_M − α ∇_θ_M L_Cls(T)", "θ[M1′] = θ[M] − α ∇[θM] L[Cls](T)"),
            ("tₐ = Σ_b A_ab f_b", "tₐ = Σ[b] A[ab] f[b]"),
            ("x^{2k} + _", "x^2k + _"),
            ("|∇ω|", "|∇ω|"),
        ] {
            assert_eq!(set(text), expected);
        }
        for file in ["mt_fas", "rf_meta", "meta_pattern"] {
            let path = format!("{}/assets/papers/{file}_phases.toml", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).unwrap();
            for line in text.lines().filter_map(|l| l.strip_prefix("equation = ")) {
                let shown: String = parts(line).into_iter().map(|(_, part)| part).collect();
                assert!(!shown.contains(['_', '^']), "{line}");
            }
        }
    }
}
