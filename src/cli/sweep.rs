//! sweep: many runs that belong together, planned, run and summed up.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use metafas::config::Preset;
use metafas::sweep::{
    self, Adjust, Case, CaseState, HEADLINES, Outcome, Planned, PoolOptions, PoolProgress, Standing, SweepError,
    SweepFolder, SweepSpec,
};
use metafas::{cache_folder, paths};
use serde_json::{Map, Value, json};

use super::out::{note, progress, say, say_json};
use super::{Failure, run, signals};

/// Arguments of `metafas sweep`.
#[derive(Args)]
pub struct SweepArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The sweeps that come with the program.
    #[command(after_help = "Example: metafas sweep list")]
    List,
    /// Writes the list of a sweep's runs, each with all its settings checked; the same again changes nothing.
    #[command(after_help = "Example: metafas sweep plan mt_fas_fig7 --out sweeps/fig7")]
    Plan {
        /// A TOML file, or the name of a sweep that comes with the program.
        sweep: String,
        /// The folder to make, or one that holds this sweep.
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        changes: Changes,
    },
    /// Does all cases that are left, several at a time, and sums up; Ctrl-C stops them so that they can go on later.
    #[command(
        after_help = "Examples: metafas sweep run mt_fas_table6 --jobs 4\n          metafas sweep run sweeps/fig7"
    )]
    Run {
        /// The sweep's folder; or a TOML file or a built-in sweep's name, planned first.
        sweep: String,
        /// The folder to plan in, where SWEEP is no folder; sweeps/NAME if absent.
        #[arg(long)]
        out: Option<PathBuf>,
        #[command(flatten)]
        changes: Changes,
        /// Cases at a time.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        jobs: u32,
        /// Threads of each case that does not set compute.threads; all cores shared out if absent. The first run decides.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        threads: Option<u32>,
        /// Tries failed cases again.
        #[arg(long)]
        retry: bool,
    },
    /// Does one case in this process, whether it has failed before or not.
    #[command(after_help = "Example: metafas sweep case sweeps/fig7 12")]
    Case {
        /// The sweep's folder.
        folder: PathBuf,
        /// The case's place in cases.jsonl, from 0.
        index: usize,
        /// Threads, if the case does not set compute.threads; all cores if absent. The first run decides.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        threads: Option<u32>,
        /// Stops when the standard input ends.
        #[arg(long, hide = true)]
        attended: bool,
        /// One JSON object on stdout.
        #[arg(long)]
        json: bool,
    },
    /// How far every case is.
    #[command(after_help = "Example: metafas sweep status sweeps/fig7")]
    Status {
        /// The sweep's folder.
        folder: PathBuf,
        /// One JSON object on stdout.
        #[arg(long)]
        json: bool,
    },
    /// Writes results.csv, summary.csv, paired.csv and summary.md over seeds and folds, and what training cost to
    /// cost.csv and cost.md.
    #[command(after_help = "Example: metafas sweep collect sweeps/fig7")]
    Collect {
        /// The sweep's folder.
        folder: PathBuf,
    },
    /// Whether teachers with a lower validation loss made better students, over all runs of sweeps.
    #[command(after_help = "Example: metafas sweep premise sweeps/mt_fas_table6 sweeps/mt_fas_fig7 --out premise.svg")]
    Premise {
        /// Folders of sweeps.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// An SVG of L_v against ACER; premise-2.svg and so on where runs are of several protocols or detectors.
        #[arg(long)]
        out: Option<PathBuf>,
        /// One JSON array on stdout.
        #[arg(long)]
        json: bool,
    },
}

/// What is changed of a sweep while it is planned.
#[derive(Args)]
struct Changes {
    /// The size of a built-in sweep: demo, laptop or paper; demo if absent.
    #[arg(long)]
    preset: Option<String>,
    /// Seeds of every row, from 0.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    seeds: Option<u32>,
    /// A setting of all runs, as data.size=32; what a row sets itself stays; repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Cases to keep, by a key that varies, as data.protocol=oulu_npu/1 or variant=NAME; repeatable.
    #[arg(long = "only", value_name = "KEY=VALUE")]
    only: Vec<String>,
}

impl Changes {
    fn is_none(&self) -> bool {
        self.preset.is_none() && self.seeds.is_none() && self.sets.is_empty() && self.only.is_empty()
    }

    /// The sweep `given` with these changes.
    fn spec(&self, given: &str) -> Result<SweepSpec, Failure> {
        let preset = Preset::parse(self.preset.as_deref().unwrap_or("demo"))?;
        let mut spec = sweep::find_spec(given, preset)?;
        if let Some(name) = self.preset.as_ref().filter(|_| Path::new(given).is_file()) {
            return Err(Failure::Input(format!(
                "--preset {name}: the file {given} says its preset itself; --preset is for built-in sweeps"
            )));
        }
        Adjust { seeds: self.seeds, set: run::pairs(&self.sets, "--set")?, only: run::pairs(&self.only, "--only")? }
            .apply(&mut spec)?;
        Ok(spec)
    }
}

impl From<SweepError> for Failure {
    fn from(e: SweepError) -> Self {
        if e.is_input() { Self::Input(e.to_string()) } else { Self::Work(e.to_string()) }
    }
}

/// `metafas sweep`.
pub fn sweep(args: SweepArgs) -> Result<ExitCode, Failure> {
    match args.what {
        What::List => list(),
        What::Plan { sweep, out, changes } => plan(&sweep, &out, &changes),
        What::Run { sweep, out, changes, jobs, threads, retry } => {
            let folder = folder_to_run(&sweep, out.as_deref(), &changes)?;
            run_all(&folder, jobs as usize, threads, retry)
        }
        What::Case { folder, index, threads, attended, json } => case(&folder, index, threads, attended, json),
        What::Status { folder, json } => status(&folder, json),
        What::Collect { folder } => collect(&folder),
        What::Premise { folders, out, json } => premise(&folders, out.as_deref(), json),
    }
}

fn list() -> Result<ExitCode, Failure> {
    let mut lines = vec![];
    for name in sweep::names() {
        let spec = sweep::find_spec(name, Preset::Demo)?;
        let cases = sweep::expand(&spec, name)?.len();
        lines.push(format!("{name:<18} {} ({})\n", spec.about, count(cases)));
    }
    say(&lines.concat())
}

fn plan(given: &str, out: &Path, changes: &Changes) -> Result<ExitCode, Failure> {
    let spec = changes.spec(given)?;
    let (folder, planned) = SweepFolder::plan(out, &spec, given)?;
    tell_power(&folder)?;
    say(&format!("{}; `metafas sweep run {}` does them\n", told(&folder, &planned), out.display()))
}

/// How large a difference the sweep can find, before it costs hours.
fn tell_power(folder: &SweepFolder) -> Result<(), Failure> {
    if let Some(sentence) = sweep::power(&folder.spec, &folder.cases)? {
        note(format_args!("{sentence}"));
    }
    Ok(())
}

fn told(folder: &SweepFolder, planned: &Planned) -> String {
    let cases = folder.cases.len();
    let what = match planned {
        Planned::New => format!("{} planned", count(cases)),
        Planned::Unchanged => format!("{}, as planned before", count(cases)),
        Planned::Grown(added) => format!("{}, {added} of them new", count(cases)),
    };
    format!("sweep {}: {what}", folder.spec.name)
}

/// The folder of the sweep that was named: itself, or made of a file or a built-in sweep.
fn folder_to_run(given: &str, out: Option<&Path>, changes: &Changes) -> Result<SweepFolder, Failure> {
    let path = Path::new(given);
    if path.is_dir() && out.is_none() {
        if changes.is_none() {
            return Ok(SweepFolder::open(path)?);
        }
        return Err(Failure::Input(format!(
            "{given} is planned already; --preset, --seeds, --set and --only are for `metafas sweep plan`"
        )));
    }
    let spec = changes.spec(given)?;
    let path = out.map_or_else(|| Path::new("sweeps").join(&spec.name), Path::to_owned);
    let (folder, planned) = SweepFolder::plan(&path, &spec, given)?;
    note(format_args!("{} in {}", told(&folder, &planned), path.display()));
    Ok(folder)
}

/// Set by Ctrl-C from now on.
fn stop_flag() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    signals::on_stop(move || {
        asked.store(true, Ordering::Relaxed);
        note("\nstopping; sessions are kept and can be resumed");
    })?;
    Ok(stop)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn run_all(folder: &SweepFolder, jobs: usize, threads: Option<u32>, retry: bool) -> Result<ExitCode, Failure> {
    let program = std::env::current_exe().map_err(|e| Failure::Work(format!("this program cannot be found: {e}")))?;
    let usual = (cores() / jobs).max(1);
    let threads = folder.threads(threads.map(|t| t as usize), usual)?;
    note(format_args!(
        "{}, {jobs} at a time, {threads} thread{} each",
        count(folder.cases.len()),
        if threads == 1 { "" } else { "s" }
    ));
    if threads * jobs > cores() {
        note(format_args!("note: {jobs} times {threads} threads are more than the {} cores there are", cores()));
    }
    tell_power(folder)?;
    let stop = stop_flag()?;
    let mut teller = PoolTeller::new();
    let options = PoolOptions { program, jobs, threads, retry };
    let report = sweep::run_pool(folder, &options, &stop, &mut |p| teller.tell(p))?;
    teller.end(&report.progress);
    let named = |index: usize| {
        let case = &folder.cases[index];
        format!("{} ({})", case.id, case.title)
    };
    for (index, who) in &report.elsewhere {
        note(format_args!("case {} was left alone: {who}", named(*index)));
    }
    for (index, reason) in &report.died {
        note(format_args!("case {} can go on: {reason}", named(*index)));
    }
    for (index, reason) in &report.failed {
        note(format_args!("case {} failed: {reason}", named(*index)));
    }
    if report.progress.finished > 0 {
        note(format_args!("{}", sum_up(folder)?));
    }
    if report.stopped {
        return Ok(signals::exit_code().unwrap_or(ExitCode::SUCCESS));
    }
    if report.failed.is_empty() && report.died.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut advice = vec![];
    if !report.died.is_empty() {
        advice.push(format!("{} died, and the same command goes on with them", count(report.died.len())));
    }
    if !report.failed.is_empty() {
        advice.push(format!("{} failed, and --retry tries them again", count(report.failed.len())));
    }
    Err(Failure::Work(advice.join("; ")))
}

fn count(cases: usize) -> String {
    format!("{cases} case{}", if cases == 1 { "" } else { "s" })
}

/// How far a sweep is: over one line on a terminal, elsewhere a line whenever a case ends and now and then.
struct PoolTeller {
    terminal: bool,
    last: Option<(Instant, PoolProgress)>,
}

impl PoolTeller {
    fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), last: None }
    }

    fn tell(&mut self, now: &PoolProgress) {
        let pause = Duration::from_secs(if self.terminal { 1 } else { 60 });
        let counts = |p: &PoolProgress| (p.finished, p.failed, p.running, p.elsewhere);
        let same = |(at, before): &(Instant, PoolProgress)| counts(before) == counts(now) && at.elapsed() < pause;
        let due = !self.last.as_ref().is_some_and(same);
        if due {
            self.last = Some((Instant::now(), *now));
            self.line(now);
        }
    }

    fn line(&self, p: &PoolProgress) {
        let elsewhere = match p.elsewhere {
            0 => String::new(),
            n => format!(", {n} left to others"),
        };
        let seconds = p.seconds_left.filter(|_| p.running + p.waiting > 0);
        let left = seconds.map(|s| format!("; about {} left", duration(s))).unwrap_or_default();
        let PoolProgress { total, finished, failed, running, waiting, .. } = p;
        let text = format!(
            "{finished} of {total} done, {failed} failed, {running} running, {waiting} to come{elsewhere}{left}"
        );
        progress(&text, self.terminal);
    }

    fn end(&self, p: &PoolProgress) {
        if self.terminal {
            self.line(p);
            note("");
        }
    }
}

fn duration(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil() as u64;
    match (minutes / 60, minutes % 60) {
        (0, _) if seconds < 90.0 => format!("{} s", seconds.ceil()),
        (0, m) => format!("{m} min"),
        (h, m) => format!("{h} h {m} min"),
    }
}

fn case(path: &Path, index: usize, threads: Option<u32>, attended: bool, json: bool) -> Result<ExitCode, Failure> {
    let folder = SweepFolder::open(path)?;
    let case = folder.case(index)?;
    let threads = folder.threads(threads.map(|t| t as usize), cores())?;
    let stop = stop_flag()?;
    if attended {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || {
            // Nobody writes there; it ends when whoever attends wants to stop, or is gone.
            std::io::stdin().read_to_end(&mut vec![]).ok();
            stop.store(true, Ordering::Relaxed);
        });
    }
    let mut teller = run::Teller::new();
    let outcome = sweep::run_case(&folder, index, threads, &cache_folder(), &stop, &mut |event| teller.tell(event))?;
    let (word, reason) = match &outcome {
        Outcome::Finished => ("finished", None),
        Outcome::Already => ("finished before", None),
        Outcome::Stopped => ("stopped, it can go on", None),
        Outcome::Busy(who) => ("left alone", Some(who)),
        Outcome::Failed(reason) => ("failed", Some(reason)),
    };
    if json {
        let mut told = serde_json::to_value(&outcome).unwrap_or_default();
        if let Value::Object(map) = &mut told {
            map.insert("id".to_owned(), json!(case.id));
            map.insert("session".to_owned(), json!(paths::text(&folder.session_path(case))));
        }
        say_json(&told)?;
    }
    let sentence = format!("case {} ({}): {word}", case.id, case.title);
    match reason {
        Some(reason) => Err(Failure::Work(format!("{sentence}: {reason}"))),
        None if json => Ok(ExitCode::SUCCESS),
        None => say(&format!("{sentence}\n")),
    }
}

/// States in the order they are counted in.
const STATES: [CaseState; 8] = [
    CaseState::Finished,
    CaseState::Running,
    CaseState::Planned,
    CaseState::Stopped,
    CaseState::Stale,
    CaseState::Paused,
    CaseState::PausedNan,
    CaseState::Failed,
];

fn status(path: &Path, json: bool) -> Result<ExitCode, Failure> {
    let folder = SweepFolder::open(path)?;
    let standings: Vec<Standing> = folder.cases.iter().map(|case| folder.standing(case)).collect();
    let number = |state: CaseState| standings.iter().filter(|s| s.state == state).count();
    let pairs = folder.cases.iter().zip(&standings);
    if json {
        let cases: Vec<Value> = pairs.enumerate().map(|(index, (case, s))| entry(&folder, index, case, s)).collect();
        let counts: Map<String, Value> = STATES.iter().map(|s| (s.name().to_owned(), json!(number(*s)))).collect();
        return say_json(&json!({ "name": folder.spec.name, "counts": counts, "cases": cases }));
    }
    let counts: Vec<String> =
        STATES.iter().filter(|s| number(**s) > 0).map(|s| format!("{} {}", number(*s), s.name())).collect();
    let wide = folder.cases.iter().map(|c| c.title.chars().count()).max().unwrap_or(0).min(60);
    let line = |(case, s): (&Case, &Standing)| {
        let what = s.results.as_ref().map(headline).or_else(|| s.reason.clone()).unwrap_or_default();
        let line = format!("{}  {:<wide$}  {:<10} {:>6}  {what}", case.id, case.title, s.state.name(), s.iteration);
        format!("{}\n", line.trim_end())
    };
    let head = format!("sweep {}: {}: {}\n", folder.spec.name, count(folder.cases.len()), counts.join(", "));
    say(&(head + &pairs.map(line).collect::<String>()))
}

/// A case as `status --json` has it.
fn entry(folder: &SweepFolder, index: usize, case: &Case, s: &Standing) -> Value {
    let headline = |r: &Value| {
        let keys = HEADLINES.iter().chain(&["threshold", "threshold_rule", "level", "oracle", "origin", "data"]);
        Value::Object(keys.map(|k| ((*k).to_owned(), r[*k].clone())).collect())
    };
    json!({
        "id": case.id,
        "index": index,
        "title": case.title,
        "state": s.state,
        "iteration": s.iteration,
        "global_iteration": s.global_iteration,
        "error": s.reason,
        "results": s.results.as_ref().map(headline),
        "variant": case.variant,
        "set": case.set,
        "session": paths::text(&folder.session_path(case)),
    })
}

/// The first numbers of results.json, with what they must not stand without.
fn headline(r: &Value) -> String {
    let percent = |key: &str| r[key].as_f64().map_or_else(|| "undefined".to_owned(), |v| format!("{:.2} %", 100.0 * v));
    let rates = format!("ACER {} (worst)  HTER {}  AUC {}", percent("acer_max"), percent("hter"), percent("auc"));
    let oracle = if r["oracle"].as_bool() == Some(true) { "  oracle" } else { "" };
    let synthetic = if r["origin"].as_str() == Some("synthetic") { "  synthetic" } else { "" };
    format!("{rates}{oracle}{synthetic}")
}

fn collect(path: &Path) -> Result<ExitCode, Failure> {
    say(&(sum_up(&SweepFolder::open(path)?)? + "\n"))
}

/// Writes the summaries; what there is now, in a line.
fn sum_up(folder: &SweepFolder) -> Result<String, Failure> {
    let collected = sweep::collect(folder)?;
    collected.write(folder)?;
    let spent = sweep::spent(folder, &collected)?;
    sweep::write_spent(folder, &spent)?;
    let missing = collected.findings.iter().filter(|f| f.is_missing()).count();
    let written = ["results.csv", "summary.csv", "paired.csv", "summary.md", "cost.csv", "cost.md"]
        .map(|name| folder.path().join(name).display().to_string());
    Ok(format!("{}, {missing} missing; written: {}", count(collected.findings.len()), written.join(", ")))
}

fn premise(folders: &[PathBuf], out: Option<&Path>, json: bool) -> Result<ExitCode, Failure> {
    let folders: Vec<SweepFolder> = folders.iter().map(|f| SweepFolder::open(f)).collect::<Result<_, _>>()?;
    let all = sweep::premise(&folders)?;
    for (number, comparison) in all.iter().enumerate() {
        let Some(out) = out else { break };
        let stem = out.file_stem().unwrap_or_default().to_string_lossy();
        let name = if number == 0 { stem.into_owned() } else { format!("{stem}-{}", number + 1) };
        let path = out.with_file_name(name + ".svg");
        if !metafas::may_replace(&path, &[b"<svg", b"<?xml"]) {
            let what = "is a file of another kind, which is left alone; choose another name";
            return Err(Failure::Input(format!("{} {what}", path.display())));
        }
        metafas::replace_named(&path, sweep::scatter_svg(comparison).as_bytes())
            .map_err(|e| Failure::Input(format!("{} cannot be written: {e}", path.display())))?;
        note(format_args!("written: {} ({})", path.display(), comparison.title));
    }
    if json { say_json(&sweep::premise_json(&all)) } else { say(&sweep::premise_text(&all)) }
}
