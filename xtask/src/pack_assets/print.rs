//! Reduces measured CMYK characterisation tables to their 16 full-tone overprints, the Neugebauer primaries.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// File stem, and what the measured print is, in words.
const PAPERS: [(&str, &str); 9] = [
    ("FOGRA28L", "web offset, light-weight coated paper"),
    ("FOGRA29L", "offset, uncoated white paper"),
    ("FOGRA30L", "offset, uncoated yellowish paper"),
    ("FOGRA39L", "offset, coated art paper"),
    ("FOGRA40L", "offset, super-calendered paper"),
    ("TR002", "coldset, newsprint"),
    ("TR003", "web offset proof, coated paper grade 3"),
    ("TR005", "web offset proof, coated paper grade 5"),
    ("TR006", "offset proof, coated paper grade 1"),
];

/// The table of all papers as TOML, below the licence notice.
pub fn pack(folder: &Path, notice: &str, source: &str) -> Result<String> {
    let mut text = format!(
        "# Neugebauer primaries of nine measured papers: what each of the 16 full-tone overprints of cyan, magenta,\n\
         # yellow and black looks like. Taken from {source}; an altered version: only these rows were kept.\n\
         # Row k has ink c, m, y, k where bit 8, 4, 2, 1 of k is set. Values: CIE XYZ under D50, white = 100.\n#\n"
    );
    let start = notice.find("License: Zlib\n .").or_else(|| notice.find(" The zlib/libpng License")).unwrap_or(0);
    text.push_str("# Copyright: Kai-Uwe Behrmann <www.behrmann.name>\n");
    for line in notice[start..].lines().take_while(|line| !line.starts_with("Files:")) {
        let line = line.trim();
        writeln!(text, "#{}{}", if line == "." { "" } else { " " }, if line == "." { "" } else { line })?;
    }
    for (name, description) in PAPERS {
        let path = folder.join(format!("{name}.ti3"));
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let rows = primaries(&String::from_utf8_lossy(&bytes)).with_context(|| format!("in {name}.ti3"))?;
        write!(text, "\n[[paper]]\nname = \"{name}\"\ndescription = \"{description}\"\nxyz = [\n")?;
        for [x, y, z] in rows {
            writeln!(text, "    [{x:.2}, {y:.2}, {z:.2}],")?;
        }
        text.push_str("]\n");
    }
    Ok(text)
}

/// The means of all rows with full or no ink, in the order of their code.
fn primaries(table: &str) -> Result<[[f64; 3]; 16]> {
    let names: Vec<&str> =
        table.lines().find(|line| line.contains("CMYK_C")).context("no column names")?.split_whitespace().collect();
    let column = |name: &str| names.iter().position(|n| *n == name).with_context(|| format!("no column {name}"));
    let inks = [column("CMYK_C")?, column("CMYK_M")?, column("CMYK_Y")?, column("CMYK_K")?];
    let xyz = [column("XYZ_X")?, column("XYZ_Y")?, column("XYZ_Z")?];
    let mut sums = [[0.0; 3]; 16];
    let mut counts = [0.0; 16];
    let body = table.lines().skip_while(|line| line.trim() != "BEGIN_DATA").skip(1);
    for line in body.take_while(|line| line.trim() != "END_DATA") {
        let cells: Vec<f64> = line.split_whitespace().map(|s| s.parse().unwrap_or(f64::NAN)).collect();
        let mut code = 0;
        for ink in inks {
            let value = *cells.get(ink).context("short row")?;
            code = if value == 100.0 {
                code * 2 + 1
            } else if value == 0.0 {
                code * 2
            } else {
                16
            };
            if code >= 16 {
                break;
            }
        }
        if code < 16 {
            for (sum, at) in sums[code].iter_mut().zip(xyz) {
                *sum += *cells.get(at).context("short row")?;
            }
            counts[code] += 1.0;
        }
    }
    for (code, (sum, count)) in sums.iter_mut().zip(counts).enumerate() {
        ensure!(count > 0.0, "overprint {code} was not measured");
        for value in sum {
            *value /= count;
        }
    }
    Ok(sums)
}
