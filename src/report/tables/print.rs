//! A table as text: LaTeX with booktabs' rules, CSV, Markdown. What a reader must know stands below LaTeX's and Markdown's
//! tables; CSV has nothing but rows.

use std::fmt::Write as _;

use super::Table;
use super::cell::Cell;

/// Columns that hold numbers.
fn numeric(table: &Table) -> Vec<bool> {
    let number = |at: usize| table.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Number(_))));
    (0..table.heads.len()).map(number).collect()
}

/// Words as LaTeX takes them.
pub(super) fn latex_text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            // \textquotedbl needs another encoding than LaTeX's own; two apostrophes are a closing quotation mark in any.
            '"' | '”' => out.push_str("{''}"),
            '±' => out.push_str("$\\pm$"),
            '−' => out.push_str("$-$"),
            '–' => out.push_str("--"),
            'γ' => out.push_str("$\\gamma$"),
            'µ' | 'μ' => out.push_str("$\\mu$"),
            'α' => out.push_str("$\\alpha$"),
            'β' => out.push_str("$\\beta$"),
            '×' => out.push_str("$\\times$"),
            '≤' => out.push_str("$\\leq$"),
            '≥' => out.push_str("$\\geq$"),
            '≈' => out.push_str("$\\approx$"),
            '→' => out.push_str("$\\rightarrow$"),
            '←' => out.push_str("$\\leftarrow$"),
            '∞' => out.push_str("$\\infty$"),
            'σ' => out.push_str("$\\sigma$"),
            'λ' => out.push_str("$\\lambda$"),
            'θ' => out.push_str("$\\theta$"),
            '²' => out.push_str("$^2$"),
            '…' => out.push_str("\\ldots{}"),
            '“' => out.push_str("{``}"),
            '„' => out.push_str("{,,}"),
            '‘' => out.push('`'),
            '’' => out.push('\''),
            '—' => out.push_str("---"),
            '\u{a0}' | '\u{202f}' => out.push('~'),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Letters that LaTeX's own encoding has no sign for: all but those of Latin with accents.
fn foreign(table: &Table) -> String {
    let heads = table.heads.iter().map(|h| h.1.as_str());
    let words = heads.chain(table.rows.iter().flatten().map(Cell::shown)).chain(table.notes.iter().map(String::as_str));
    let latex: String = words.map(latex_text).collect();
    let foreign = latex.chars().filter(|&c| !c.is_ascii() && !('\u{a1}'..='\u{17f}').contains(&c));
    foreign.collect::<std::collections::BTreeSet<char>>().into_iter().collect()
}

/// What the table needs to compile, as a comment of one line or two.
fn needs(table: &Table) -> String {
    let foreign = foreign(table);
    let mut out = "% needs \\usepackage{booktabs}\n".to_owned();
    if !foreign.is_empty() {
        writeln!(out, "% needs XeLaTeX or LuaLaTeX with fontspec and a typeface that has {foreign}")
            .unwrap_or_default();
    }
    out
}

/// A tabular, to be put into a table environment; a comment says what it needs.
pub(super) fn latex(table: &Table) -> String {
    let columns: String = numeric(table).iter().map(|n| if *n { 'r' } else { 'l' }).collect();
    let line = |cells: Vec<String>| format!("{} \\\\\n", cells.join(" & "));
    let mut out = format!("{}\\begin{{tabular}}{{{columns}}}\n\\toprule\n", needs(table));
    out += &line(table.heads.iter().map(|h| latex_text(&h.1)).collect());
    out += "\\midrule\n";
    for (at, row) in table.rows.iter().enumerate() {
        if table.rules.contains(&at) {
            out += "\\midrule\n";
        }
        // A row that began with a bracket would be taken for LaTeX's optional argument of the line break before it.
        let cells: Vec<String> = row.iter().map(|c| latex_text(c.shown())).collect();
        let guard = if cells.first().is_some_and(|c| c.starts_with(['[', '*'])) { "{}" } else { "" };
        out += guard;
        out += &line(cells);
    }
    out += "\\bottomrule\n\\end{tabular}\n\n";
    for note in &table.notes {
        writeln!(out, "{{\\footnotesize {}\\par}}", latex_text(note)).unwrap_or_default();
    }
    out
}

/// The line under Markdown's heads.
fn line_of(rules: &[&str]) -> String {
    format!("|{}|\n", rules.join("|"))
}

/// A pipe table with notes below.
pub(super) fn markdown(table: &Table) -> String {
    let cell = |words: &str| words.replace('|', "\\|").replace(['\n', '\r'], " ");
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(table.heads.iter().map(|h| cell(&h.1)).collect());
    let rule = |number: &bool| if *number { "---:" } else { "---" };
    let rules: Vec<&str> = numeric(table).iter().map(rule).collect();
    out += &line_of(&rules);
    for row in &table.rows {
        out += &line(row.iter().map(|c| cell(c.shown())).collect());
    }
    for note in &table.notes {
        writeln!(out, "\n{note}").unwrap_or_default();
    }
    out
}

/// Rows for programs: a number's deviation and interval in columns of their own where any row has them.
pub(super) fn csv(table: &Table) -> String {
    let numbers = numeric(table);
    let has = |at: usize, part: fn(&super::cell::Number) -> bool| {
        table.rows.iter().any(|row| matches!(row.get(at), Some(Cell::Number(n)) if part(n)))
    };
    let mut head = vec![];
    let parts: Vec<[bool; 2]> = (0..table.heads.len())
        .map(|at| [has(at, |n| n.deviation.is_some()), has(at, |n| n.interval.is_some())])
        .collect();
    for (at, (key, _)) in table.heads.iter().enumerate() {
        head.push(key.clone());
        head.extend(parts[at][0].then(|| format!("{key}_sd")));
        if parts[at][1] {
            head.extend([format!("{key}_ci95_low"), format!("{key}_ci95_high")]);
        }
    }
    let shown = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
    let row = |cells: &Vec<Cell>| {
        let mut out = vec![];
        for (at, cell) in cells.iter().enumerate() {
            let none = super::cell::Number::default();
            let number = match cell {
                Cell::Number(number) => number,
                Cell::Text(words) => {
                    out.push(words.clone());
                    &none
                }
            };
            if matches!(cell, Cell::Number(_)) {
                // What a paper prints that is no number stays as printed.
                let as_printed = number.mean.is_none() && number.shown != "–";
                out.push(if as_printed { number.shown.clone() } else { shown(number.mean) });
            }
            if numbers[at] {
                out.extend(parts[at][0].then(|| shown(number.deviation)));
                if parts[at][1] {
                    out.extend([number.interval.map(|i| i[0]), number.interval.map(|i| i[1])].map(shown));
                }
            }
        }
        out
    };
    let mut writer = csv::Writer::from_writer(vec![]);
    for record in std::iter::once(head).chain(table.rows.iter().map(row)) {
        #[expect(clippy::expect_used, reason = "rows have the length of the head, and memory takes all bytes")]
        writer.write_record(&record).expect("a row in memory");
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_escaped_for_latex() {
        assert_eq!(
            latex_text("a_b & 5 % of $x^2 {y} #1 ~\\"),
            "a\\_b \\& 5 \\% of \\$x\\textasciicircum{}2 \\{y\\} \\#1 \\textasciitilde{}\\textbackslash{}"
        );
        assert_eq!(latex_text("3.7 ± 2.9 − –"), "3.7 $\\pm$ 2.9 $-$ --");
        assert_eq!(latex_text("[\"/a b\"] ≤ “x”"), "[{''}/a b{''}] $\\leq$ {``}x{''}");
    }

    #[test]
    fn the_comment_names_what_latex_needs() {
        let mut table = Table::new(&[("method", "Méthode"), ("rate", "Rate (%)")]);
        table.rows = vec![vec![Cell::text("größe ≤ 5"), Cell::rates(&[0.1], None)]];
        assert!(latex(&table).starts_with("% needs \\usepackage{booktabs}\n\\begin{tabular}"), "{}", latex(&table));
        table.notes.push("打印 of Печать".to_owned());
        let second = latex(&table).lines().nth(1).unwrap().to_owned();
        assert!(second.contains("XeLaTeX") && second.contains('打') && second.contains('П'), "{second}");
    }

    #[test]
    fn every_format_has_every_row() {
        let mut table = Table::new(&[("method", "Method"), ("rate", "Rate (%)")]);
        table.rows = vec![vec![Cell::text("[a|b]"), Cell::rates(&[0.1], Some([0.0, 0.2]))]];
        table.append(vec![vec![Cell::text("x_y"), Cell::printed("1.0±0.5")]]);
        table.notes.push("50 %".to_owned());
        let text = latex(&table);
        assert!(text.contains("\\begin{tabular}{lr}") && text.contains("{}[a|b] & 10.00 [0.00, 20.00] \\\\"), "{text}");
        assert!(
            text.contains("\\midrule\nx\\_y & 1.0 $\\pm$ 0.5 \\\\\n\\bottomrule") && text.contains("50 \\%"),
            "{text}"
        );
        let text = markdown(&table);
        assert!(text.contains("| [a\\|b] | 10.00 [0.00, 20.00] |") && text.contains("|---|---:|"), "{text}");
        let text = csv(&table);
        assert_eq!(text, "method,rate,rate_sd,rate_ci95_low,rate_ci95_high\n[a|b],10,,0,20\nx_y,1,0.5,,\n");
    }
}
