//! What the runs of a sweep cost: operations as counted, seconds as measured, teacher and detector apart, beside what the
//! papers print of the same methods (MT-FAS Table 4). Seconds depend on the machine and on what else it does, so they have
//! files of their own and never stand among the results.

use std::fmt::Write as _;

use super::collect::Collected;
use super::report::csv;
use super::{SweepError, SweepFolder};
use crate::engine::{Stage, StageCost, cost};
use crate::eval::Spread;
use crate::papers;
use crate::session::{Session, replace_file};

/// Columns of a paper's table that are about cost, as `assets/papers` calls them: the teacher's operations, its hours, the
/// detector's operations.
const PRINTED: [&str; 3] = ["flops_t", "time_t", "flops_s"];

/// What the finished runs of one method cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Spent {
    /// The variant, or the detector with what it learns from.
    pub method: String,
    /// Where it ran: device and threads.
    pub machine: String,
    /// Its teacher's cost; `None` where nobody is trained before the detector.
    pub teacher: Option<Part>,
    /// The detector's.
    pub detector: Part,
    /// What papers print of a method of that name, in the order of teacher's operations, its hours, detector's operations;
    /// empty cells where none does.
    pub printed: [String; 3],
}

/// One part of a run's training.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// 10^9 operations of one iteration, of the stage that takes most of them; `None` where nobody counts them.
    pub gflop: Option<f64>,
    /// Iterations of all its stages.
    pub iterations: u64,
    /// Seconds of all its stages, each finished run one value.
    pub seconds: Vec<f64>,
}

impl Part {
    /// What of `costs` `belongs` to it; `None` where it has no iterations.
    fn of(costs: &[StageCost], belongs: impl Fn(Stage) -> bool) -> Option<Self> {
        let own: Vec<&StageCost> = costs.iter().filter(|c| belongs(c.stage)).collect();
        let gflops: Option<Vec<f64>> = own.iter().map(|c| c.gflop).collect();
        let gflop = gflops.and_then(|all| all.into_iter().max_by(f64::total_cmp));
        let iterations = own.iter().map(|c| c.iterations).sum();
        (iterations > 0).then_some(Self { gflop, iterations, seconds: vec![] })
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.gflop, self.iterations) == (other.gflop, other.iterations)
    }
}

/// Costs of all finished cases; those of one method, one length and one machine are put together.
pub fn spent(folder: &SweepFolder, collected: &Collected) -> Result<Vec<Spent>, SweepError> {
    let mut all: Vec<Spent> = vec![];
    for finding in collected.findings.iter().filter(|f| !f.is_missing()) {
        let session = Session::open(&folder.session_path(&finding.case))?;
        let (config, laps, from) = (finding.case.config()?, session.stage_seconds()?, session.provenance()?);
        let costs = cost(&config).0;
        let is_detector = |stage: Stage| stage == Stage::Detector;
        let Some(detector) = Part::of(&costs, is_detector) else { continue };
        let method = finding.case.variant.clone().unwrap_or_else(|| config.title());
        let threads = format!("{} thread{}", from.threads, if from.threads == 1 { "" } else { "s" });
        let one = Spent {
            printed: printed(&method),
            method,
            machine: format!("{}, {threads}", from.device),
            teacher: Part::of(&costs, |s| !is_detector(s)),
            detector,
        };
        let seconds = |of_detector: bool| {
            let own = laps.iter().filter(|(stage, _)| is_detector(**stage) == of_detector);
            own.map(|(_, seconds)| seconds).sum::<f64>()
        };
        let place = all.iter().position(|s| s.is_like(&one)).unwrap_or(all.len());
        if place == all.len() {
            all.push(one);
        }
        // A session whose timing was left behind has no seconds, which is something else than none.
        if !laps.is_empty() {
            all[place].detector.seconds.push(seconds(true));
            if let Some(teacher) = &mut all[place].teacher {
                teacher.seconds.push(seconds(false));
            }
        }
    }
    Ok(all)
}

impl Spent {
    fn is_like(&self, other: &Self) -> bool {
        let teachers = match (&self.teacher, &other.teacher) {
            (Some(a), Some(b)) => a.is_like(b),
            (a, b) => a.is_none() && b.is_none(),
        };
        self.method == other.method
            && self.machine == other.machine
            && teachers
            && self.detector.is_like(&other.detector)
    }
}

/// What the papers print of the cost of `method`; each cell of the first table that has it.
fn printed(method: &str) -> [String; 3] {
    PRINTED.map(|column| {
        let mut tables = papers::papers().iter().flat_map(|p| &p.tables);
        let cell = |t: &papers::Table| {
            let place = t.columns.iter().position(|c| c == column)?;
            t.rows.iter().find(|r| r.method == method)?.values.get(place).cloned()
        };
        tables.find_map(cell).unwrap_or_default()
    })
}

/// cost.csv and cost.md into the sweep's folder.
pub fn write_spent(folder: &SweepFolder, all: &[Spent]) -> Result<(), SweepError> {
    for (name, text) in [("cost.csv", spent_csv(all)), ("cost.md", spent_md(&folder.spec.name, all))] {
        replace_file(&folder.path().join(name), text.as_bytes())?;
    }
    Ok(())
}

/// A row a method, for programs.
fn spent_csv(all: &[Spent]) -> String {
    let head = [
        "method",
        "machine",
        "runs",
        "teacher_gflop",
        "teacher_iterations",
        "teacher_seconds",
        "detector_gflop",
        "detector_iterations",
        "detector_seconds",
        "paper_flops_t",
        "paper_time_t",
        "paper_flops_s",
    ];
    let part = |p: Option<&Part>| {
        let number = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
        let mean = p.and_then(|p| Spread::of(&p.seconds)).map(|s| s.mean);
        [number(p.and_then(|p| p.gflop)), p.map(|p| p.iterations.to_string()).unwrap_or_default(), number(mean)]
    };
    let rows = all.iter().map(|s| {
        let mut row = vec![s.method.clone(), s.machine.clone(), s.detector.seconds.len().to_string()];
        row.extend(part(s.teacher.as_ref()).into_iter().chain(part(Some(&s.detector))).chain(s.printed.clone()));
        row
    });
    csv(head.map(str::to_owned).to_vec(), rows)
}

/// The same for people.
fn spent_md(name: &str, all: &[Spent]) -> String {
    let part = |p: Option<&Part>| match p {
        None => ["–", "–", "–"].map(str::to_owned),
        Some(p) => [
            p.gflop.map_or_else(|| "not counted".to_owned(), |g| format!("{g:.3}")),
            p.iterations.to_string(),
            match Spread::of(&p.seconds) {
                None => "not timed".to_owned(),
                Some(Spread { mean, std_sample: None, .. }) => format!("{mean:.1}"),
                Some(Spread { mean, std_sample: Some(s), .. }) => format!("{mean:.1} ± {s:.1}"),
            },
        ],
    };
    let mut out = format!(
        "# {name}: what training cost\n\n10^9 operations of an iteration (of a teacher's costliest stage), counted from the \
         layers; seconds of all iterations as measured, mean ± standard deviation of the runs, without making faces, \
         calibration and scoring. What else the machine did is in them. Behind the bar what the paper prints: its \
         operations count 16 pictures of 256 x 256, its hours another machine and more iterations.\n\n\
         | method | machine | teacher: GFLOP | iterations | seconds | detector: GFLOP | iterations | seconds | \
         paper: FLOPsT | TimeT | FLOPsS |\n|{}\n",
        "---|".repeat(11)
    );
    for s in all {
        let cells = part(s.teacher.as_ref()).into_iter().chain(part(Some(&s.detector)));
        let cells: Vec<String> =
            cells.chain(s.printed.iter().map(|p| if p.is_empty() { "–" } else { p }.to_owned())).collect();
        // Writing into a string cannot fail.
        writeln!(out, "| {} | {} | {} |", s.method.replace('|', "\\|"), s.machine, cells.join(" | "))
            .unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Preset, Supervision};

    #[test]
    fn a_run_has_a_teachers_part_where_one_is_trained_first() {
        let mut config = Preset::Demo.config();
        let parts = |config: &crate::config::RunConfig| {
            let costs = cost(config).0;
            let bilevel = costs.iter().find(|c| c.stage == Stage::Bilevel).and_then(|c| c.gflop);
            (Part::of(&costs, |s| s != Stage::Detector), Part::of(&costs, |s| s == Stage::Detector), bilevel)
        };
        let (teacher, detector, bilevel) = parts(&config);
        let teacher = teacher.unwrap();
        assert_eq!(teacher.iterations, config.pretrain.iterations + config.bilevel.iterations);
        assert!(teacher.gflop == bilevel && bilevel.is_some(), "an iteration of Algorithm 1 costs most");
        assert_eq!(detector.unwrap().iterations, config.detector.iterations);
        config.detector.supervision = Supervision::Depth;
        assert_eq!(parts(&config).0, None);
    }

    #[test]
    fn what_the_paper_prints_of_a_method_is_found_by_its_name() {
        assert_eq!(printed("FAS-DR(MT)"), ["781G", "8.9H", "283G"]);
        assert_eq!(printed("FAS-DR(Depth)"), ["/", "/", "280G"]);
        assert_eq!(printed("mine"), [""; 3]);
    }

    #[test]
    fn methods_stand_in_rows_with_means_of_their_runs() {
        let part = |seconds: &[f64]| Part { gflop: Some(0.5), iterations: 10, seconds: seconds.to_vec() };
        let one = Spent {
            method: "A".to_owned(),
            machine: "cpu, 1 thread".to_owned(),
            teacher: None,
            detector: part(&[2.0, 4.0]),
            printed: ["", "8.9H", ""].map(str::to_owned),
        };
        let two = Spent { teacher: Some(part(&[])), ..one.clone() };
        let text = spent_md("s", &[one.clone(), two.clone()]);
        assert!(text.contains("| A | cpu, 1 thread | – | – | – | 0.500 | 10 | 3.0 ± 1.4 | – | 8.9H | – |"), "{text}");
        assert!(text.contains("| 0.500 | 10 | not timed |"), "{text}");
        let csv = spent_csv(&[one, two]);
        assert!(csv.contains("\nA,\"cpu, 1 thread\",2,,,,0.5,10,3,,8.9H,\n"), "{csv}");
    }
}
