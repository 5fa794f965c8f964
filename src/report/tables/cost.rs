//! What training cost: operations as counted, seconds as measured, teacher and detector apart, a row for runs that differ
//! in the seed alone and ran on one machine.

use super::Table;
use super::cell::{Cell, Number};
use crate::engine::{Stage, StageCost, cost};
use crate::eval::Spread;
use crate::papers::papers;
use crate::report::ReportError;
use crate::report::runs::{Run, seeds_apart, titles};

/// Columns of a paper's table that are about cost, as `assets/papers` calls them.
const PRINTED: [&str; 3] = ["flops_t", "time_t", "flops_s"];

/// The stages of the detector, or all others.
fn part(costs: &[StageCost], of_detector: bool) -> (Option<f64>, u64) {
    let own = || costs.iter().filter(|c| (c.stage == Stage::Detector) == of_detector);
    let gflops: Option<Vec<f64>> = own().map(|c| c.gflop).collect();
    (gflops.and_then(|all| all.into_iter().max_by(f64::total_cmp)), own().map(|c| c.iterations).sum())
}

fn seconds(run: &Run, of_detector: bool) -> Result<Option<f64>, ReportError> {
    let laps = run.session.stage_seconds()?;
    let own = laps.iter().filter(|(stage, _)| (**stage == Stage::Detector) == of_detector);
    let all: Vec<f64> = own.map(|(_, seconds)| *seconds).collect();
    Ok((!all.is_empty()).then(|| all.iter().sum()))
}

fn spread(values: &[f64]) -> Cell {
    let Some(s) = Spread::of(values) else { return Cell::undefined() };
    let deviation = s.std_sample.map(|d| format!(" ± {d:.1}")).unwrap_or_default();
    let shown = format!("{:.1}{deviation}", s.mean);
    Cell::Number(Number { shown, mean: Some(s.mean), deviation: s.std_sample, interval: None })
}

pub(super) fn build(runs: &[Run], paper: bool) -> Result<Table, ReportError> {
    let mut table = Table::new(&[
        ("method", "Method"),
        ("source", "Source"),
        ("machine", "Machine"),
        ("runs", "Runs"),
        ("teacher_gflop", "Teacher GFLOP/it."),
        ("teacher_iterations", "Teacher it."),
        ("teacher_seconds", "Teacher s"),
        ("detector_gflop", "Detector GFLOP/it."),
        ("detector_iterations", "Detector it."),
        ("detector_seconds", "Detector s"),
    ]);
    let machine = |run: &Run| {
        let (device, threads) = (&run.provenance.device, run.provenance.threads);
        format!("{device}, {threads} thread{}", if threads == 1 { "" } else { "s" })
    };
    let mut groups: Vec<Vec<usize>> = vec![];
    let seeds = seeds_apart(runs);
    for group in seeds.groups {
        let mut of_machine: Vec<Vec<usize>> = vec![];
        for at in group {
            match of_machine.iter_mut().find(|g| machine(&runs[g[0]]) == machine(&runs[at])) {
                Some(known) => known.push(at),
                None => of_machine.push(vec![at]),
            }
        }
        groups.append(&mut of_machine);
    }
    let first: Vec<Run> = groups.iter().map(|g| runs[g[0]].clone()).collect();
    for (group, title) in groups.iter().zip(titles(&first)) {
        let run = &runs[group[0]];
        let costs = cost(&run.config).0;
        let source = if run.is_synthetic() { "here, synthetic data" } else { "here" };
        let mut row = vec![Cell::text(title), Cell::text(source), Cell::text(machine(run))];
        row.push(Cell::number(Some(group.len() as f64), 0));
        for of_detector in [false, true] {
            let (gflop, iterations) = part(&costs, of_detector);
            let timed: Vec<Option<f64>> =
                group.iter().map(|&at| seconds(&runs[at], of_detector)).collect::<Result<_, _>>()?;
            row.push(Cell::number(gflop.filter(|_| iterations > 0), 3));
            row.push(Cell::number(Some(iterations as f64), 0));
            row.push(spread(&timed.into_iter().flatten().collect::<Vec<_>>()));
        }
        table.rows.push(row);
    }
    table.notes.push(
        "GFLOP: convolutions of one iteration of the stage that takes most, two operations a multiply-add. Seconds depend \
         on the machine and on what else it did."
            .to_owned(),
    );
    table.notes.extend(seeds.notes);
    if paper {
        let mut rows = vec![];
        for (of, printed) in papers().iter().flat_map(|p| p.tables.iter().map(move |t| (p, t))) {
            let Some(places) =
                PRINTED.map(|c| printed.columns.iter().position(|k| k == c)).into_iter().collect::<Option<Vec<_>>>()
            else {
                continue;
            };
            for row in &printed.rows {
                let cell = |at: usize| Cell::printed(&row.values[places[at]]);
                let source = format!("{}, Table {}, as printed", of.name, printed.number);
                let mut cells = vec![Cell::text(row.title()), Cell::text(source), Cell::text(""), Cell::undefined()];
                cells.extend([cell(0), Cell::undefined(), cell(1), cell(2), Cell::undefined(), Cell::undefined()]);
                rows.push(cells);
            }
            table.notes.extend(printed.notes.iter().map(|n| format!("{}, Table {}: {n}", of.name, printed.number)));
        }
        table.append(rows);
        table.notes.push("The papers print operations (G) and hours (H), ours are in GFLOP and seconds.".to_owned());
    }
    Ok(table)
}
