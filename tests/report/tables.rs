//! Tables: the numbers of the results, spreads over seeds, the papers' rows beside them.

use std::path::PathBuf;

use metafas::report::{TableFormat, TableKind, TableRequest, table};

use crate::program::run;
use crate::runs::{copy, demo, seeded};

fn text(sessions: &[PathBuf], kind: TableKind, format: TableFormat, paper: bool) -> String {
    table(&TableRequest { sessions: sessions.to_vec(), kind, format, paper }).unwrap()
}

/// The cell of the first row under `head`.
fn cell(csv: &str, row: usize, head: &str) -> String {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let at = reader.headers().unwrap().iter().position(|h| h == head).unwrap_or_else(|| panic!("{head} in {csv}"));
    reader.records().nth(row).unwrap().unwrap()[at].to_owned()
}

#[test]
fn results_are_those_of_the_run_in_per_cent_with_their_intervals() {
    let csv = text(&[demo()], TableKind::Results, TableFormat::Csv, false);
    let results: serde_json::Value =
        serde_json::from_slice(&std::fs::read(demo().join("scores/results.json")).unwrap()).unwrap();
    for key in ["apcer_max", "apcer_pooled", "bpcer", "acer_max", "hter", "eer", "auc"] {
        let number = |head: &str| cell(&csv, 0, head).parse::<f64>().unwrap();
        let close = |a: f64, b: &serde_json::Value| assert!((a - 100.0 * b.as_f64().unwrap()).abs() < 1e-9, "{key}");
        close(number(&format!("{key}_percent")), &results[key]);
        close(number(&format!("{key}_percent_ci95_low")), &results["ci"][key][0]);
        close(number(&format!("{key}_percent_ci95_high")), &results["ci"][key][1]);
    }
    assert_eq!([cell(&csv, 0, "threshold"), cell(&csv, 0, "source")], ["dev_eer", "here, synthetic data"]);
    let latex = text(&[demo()], TableKind::Results, TableFormat::Latex, false);
    assert!(
        latex.contains(
            "FAS-DR(MT) & here, synthetic data & SynthC (mini), casia\\_fasd/7 & 1 & dev\\_eer & 53.33 [37.87, 68.34]"
        ),
        "{latex}"
    );
    assert!(latex.contains("\\toprule") && latex.contains("{\\footnotesize Synthetic data: "));
    let md = text(&[demo()], TableKind::Species, TableFormat::Markdown, false);
    assert!(md.contains("| cut | video | warped |") && md.contains("| 33.33 [20.00, 48.95] |"), "{md}");
}

#[test]
fn seeds_become_one_row() {
    let dir = tempfile::tempdir().unwrap();
    let sessions =
        [seeded(dir.path(), 0, "0.9", 0.1), seeded(dir.path(), 1, "0.9", 0.3), seeded(dir.path(), 0, "0.5", 0.4)];
    let csv = text(&sessions, TableKind::Results, TableFormat::Csv, false);
    assert_eq!([cell(&csv, 0, "method"), cell(&csv, 1, "method")], ["gamma 0.9", "gamma 0.5"]);
    assert_eq!([cell(&csv, 0, "runs"), cell(&csv, 0, "acer_max_percent")], ["2", "20"]);
    let sd: f64 = cell(&csv, 0, "acer_max_percent_sd").parse().unwrap();
    assert!((sd - 200.0_f64.sqrt()).abs() < 1e-9 && cell(&csv, 1, "acer_max_percent_sd").is_empty());
}

#[test]
fn settings_that_differ_are_told_and_all_of_a_single_run() {
    let dir = tempfile::tempdir().unwrap();
    let other = copy(dir.path(), "other", &[("gamma = 0.999", "gamma = 0.9"), ("threads = 2", "threads = 1")]);
    let csv = text(&[demo(), other], TableKind::Config, TableFormat::Csv, false);
    let lines: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(lines, ["bilevel.gamma,0.999,0.9"], "how fast it ran shapes no result");
    let md = text(&[demo()], TableKind::Config, TableFormat::Markdown, false);
    assert!(md.contains("| detector.network | fas_dr |"), "{md}");
}

#[test]
fn the_papers_rows_stand_marked_beside_ours() {
    let dir = tempfile::tempdir().unwrap();
    let oulu = copy(dir.path(), "oulu", &[("protocol = \"casia_fasd/7\"", "protocol = \"oulu_npu/1\"")]);
    let md = text(&[oulu], TableKind::Results, TableFormat::Markdown, true);
    let row = md.lines().find(|l| l.contains("CDCN(MT)")).unwrap();
    assert!(row.contains("MT-FAS, Table 1, as printed") && row.contains("| 0.0 |") && row.contains("| 0.8 |"), "{row}");
    assert!(md.contains("here, synthetic data") && md.contains("MT-FAS, Table 6, as printed"), "{md}");
    let none = text(&[demo()], TableKind::Results, TableFormat::Markdown, true);
    assert!(none.contains("No table of the papers is about casia_fasd/7"), "{none}");
    let cost = text(&[demo()], TableKind::Cost, TableFormat::Markdown, true);
    let row = cost.lines().find(|l| l.contains("FAS-DR(Distill)")).unwrap();
    assert!(row.contains("453G") && row.contains("13.6H") && row.contains("431G"), "{row}");
    let own = text(&[demo()], TableKind::Cost, TableFormat::Csv, false);
    assert_eq!([cell(&own, 0, "teacher_iterations"), cell(&own, 0, "detector_iterations")], ["450", "600"], "{own}");
}

#[test]
fn the_command_prints_or_writes_the_same_text() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("t.tex");
    let args = ["table", "sessions/demo", "--kind", "results", "--format", "latex"];
    let printed = run(&args);
    assert!(printed.status.success());
    assert_eq!(printed.stdout, text(&[demo()], TableKind::Results, TableFormat::Latex, false).into_bytes());
    let named = out.display().to_string();
    let written = run(&args.iter().copied().chain(["--out", named.as_str()]).collect::<Vec<_>>());
    assert!(written.status.success());
    assert_eq!(std::fs::read(&out).unwrap(), printed.stdout);
}

#[test]
fn maps_are_judged_a_row_a_kind() {
    let csv = text(&[demo()], TableKind::Maps, TableFormat::Csv, false);
    let results: serde_json::Value =
        serde_json::from_slice(&std::fs::read(demo().join("scores/results.json")).unwrap()).unwrap();
    let kinds = ["pretrained", "teacher", "momentum_teacher", "detector", "mean_map"];
    for (row, kind) in kinds.into_iter().enumerate() {
        for key in ["auc", "separation", "spread", "pixel_auc", "pixel_precision"] {
            let shown = cell(&csv, row, &format!("{key}_percent"));
            match results["maps"][kind][key].as_f64() {
                Some(value) => assert!((shown.parse::<f64>().unwrap() - 100.0 * value).abs() < 1e-9, "{kind} {key}"),
                None => assert_eq!(shown, "", "{kind} {key}"),
            }
        }
        let low = results["maps"][kind]["pixel_auc_ci"][0].as_f64().unwrap();
        assert!((cell(&csv, row, "pixel_auc_percent_ci95_low").parse::<f64>().unwrap() - 100.0 * low).abs() < 1e-9);
    }
    let paper = TableRequest { sessions: vec![demo()], kind: TableKind::Maps, format: TableFormat::Csv, paper: true };
    assert!(table(&paper).is_err());
}
