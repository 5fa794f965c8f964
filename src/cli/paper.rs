//! `metafas paper`: what the papers report, row by row, and what of it can be run here.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use metafas::papers::{self, Paper, Row, Runnable, Table, base_preset, papers};
use serde_json::{Value, json};

use super::Failure;
use super::out::{say, say_json};

/// Arguments of `metafas paper`.
#[derive(Args)]
pub struct PaperArgs {
    /// A table such as `mt_fas/1` or `meta_pattern/II`; all tables are listed if absent.
    table: Option<String>,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// `metafas paper`.
pub fn paper(args: &PaperArgs) -> Result<ExitCode, Failure> {
    match (&args.table, args.json) {
        (None, false) => say(&list()),
        (None, true) => say_json(&json!({ "papers": papers().iter().map(paper_json).collect::<Vec<_>>() })),
        (Some(name), as_json) => {
            let (paper, table) = papers::table(name).map_err(Failure::Input)?;
            if as_json { say_json(&table_json(paper, table)) } else { say(&table_text(paper, table)) }
        }
    }
}

fn list() -> String {
    let mut out = String::new();
    for paper in papers() {
        writeln!(out, "{} ({})", paper.name, paper.citation).ok();
        for table in &paper.tables {
            let methods = table.methods();
            let first = |m: &&str| table.rows.iter().find(|r| r.method == **m);
            let run = methods.iter().filter(|m| first(m).is_some_and(|r| paper.runnable(table, r).is_some())).count();
            let name = paper.table_name(table);
            let (benchmark, of) = (&table.benchmark, methods.len());
            writeln!(out, "  {name:16} {benchmark:9} {run:2} of {of:2} methods can be run  {}", table.caption).ok();
        }
        for value in &paper.figure_values {
            let note = if value.note.is_empty() { String::new() } else { format!("  ({})", value.note) };
            let (figure, what, metric) = (&value.figure, &value.what, value.metric.to_uppercase());
            writeln!(out, "  Figure {figure}: {what}: {metric}(%) {}{note}", value.value).ok();
        }
    }
    out
}

fn table_text(paper: &Paper, table: &Table) -> String {
    let mut out = format!("{}, Table {} ({})\n", paper.name, table.number, paper.table_name(table));
    writeln!(out, "{}\n", table.caption).ok();
    out.push_str(&table.text(paper));
    for note in &table.notes {
        writeln!(out, "{note}").ok();
    }
    let mut methods = vec![];
    let mut protocols = vec![];
    let mut differs = vec![];
    for row in &table.rows {
        if let Some(run) = paper.runnable(table, row) {
            let line = |name: &str, sets: &str| format!("  {name}: {sets}\n");
            let here = (line(&row.method, &run.method_sets().join(" ")), line(&row.group, &protocol_words(&run)));
            let other = if run.differs.is_empty() { String::new() } else { line(&row.method, &run.differs) };
            for (all, line) in [(&mut methods, here.0), (&mut protocols, here.1), (&mut differs, other)] {
                if !all.contains(&line) {
                    all.push(line);
                }
            }
        }
    }
    if !methods.is_empty() {
        let preset = base_preset();
        writeln!(
            out,
            "\nTo run a row: metafas train --preset {preset} --set KEY=VALUE … with the settings of its method"
        )
        .ok();
        out.extend(methods);
        out.push_str("and those of its protocol\n");
        out.extend(protocols);
        differs.retain(|line| !line.is_empty());
        if !differs.is_empty() {
            out.push_str("\nWhat is then still another way than the authors'\n");
            out.extend(differs);
        }
    }
    out
}

/// A protocol's settings; where the paper prints a mean, what it is the mean of.
fn protocol_words(run: &Runnable) -> String {
    let mut words = run.protocol_sets().join(" ");
    if run.protocols.len() > 1 {
        write!(words, ", the mean over data.protocol={}", run.protocols.join(", ")).ok();
    }
    if run.folds > 1 {
        write!(words, ", the mean over data.fold=1 to {}", run.folds).ok();
    }
    if run.is_oracle() {
        words.push_str(" (an oracle rule)");
    }
    words
}

fn paper_json(paper: &Paper) -> Value {
    let tables = paper.tables.iter().map(|table| {
        json!({
            "table": paper.table_name(table),
            "caption": table.caption,
            "benchmark": table.benchmark,
            "methods": table.methods(),
            "rows": table.rows.len(),
        })
    });
    json!({
        "paper": paper.key,
        "name": paper.name,
        "citation": paper.citation,
        "tables": tables.collect::<Vec<_>>(),
        "figure_values": paper.figure_values,
    })
}

fn table_json(paper: &Paper, table: &Table) -> Value {
    let rows = table.rows.iter().enumerate().map(|(at, row)| row_json(paper, table, at + 1, row));
    json!({
        "paper": paper.key,
        "name": paper.name,
        "citation": paper.citation,
        "table": paper.table_name(table),
        "caption": table.caption,
        "benchmark": table.benchmark,
        "layout": table.layout,
        "columns": table.columns,
        "heads": table.heads,
        "notes": table.notes,
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn row_json(paper: &Paper, table: &Table, number: usize, row: &Row) -> Value {
    let values: serde_json::Map<String, Value> =
        table.columns.iter().cloned().zip(row.values.iter().map(|v| json!(v))).collect();
    let run = paper.runnable(table, row);
    json!({
        "source": { "paper": paper.key, "table": table.number, "row": number },
        "protocol": row.group,
        "method": row.method,
        "reference": row.reference,
        "values": values,
        "note": row.note,
        "status": if run.is_some() { "runnable" } else { "literature" },
        "oracle": run.as_ref().map(Runnable::is_oracle),
        "run": run,
    })
}
