//! train, resume and evaluate: an engine driven from a terminal.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use metafas::cache_folder;
use metafas::config::{Lengths, Preset, load};
use metafas::engine::{self, Command, Event, Job, NewLengths, Rescore, SpawnOptions, Start};
use metafas::session::{Session, State, about};
use metafas::{papers, paths};
use serde_json::{Value, json};

use super::out::{clear_progress, note, progress, say, say_json};
use super::{EvaluateArgs, Failure, ResumeArgs, TrainArgs, signals};

/// What was given as KEY=VALUE, with the option's name for the error.
pub fn pairs(given: &[String], option: &str) -> Result<Vec<(String, String)>, Failure> {
    let pair = |text: &String| {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            Failure::Input(format!("{option} {text}: a setting is given as KEY=VALUE, as bilevel.gamma=0.99"))
        })?;
        Ok((key.trim().to_owned(), value.trim().to_owned()))
    };
    given.iter().map(pair).collect()
}

/// `metafas train`.
pub fn train(args: TrainArgs) -> Result<ExitCode, Failure> {
    let TrainArgs { preset, config, row, sets, iterations, seed, device, precision, threads, out, json } = args;
    let preset = Preset::parse(&preset)?;
    // What is given with --set goes over the row.
    let mut all = row.map_or_else(|| Ok(vec![]), |row| row_settings(&row, preset))?;
    all.extend(pairs(&sets, "--set")?);
    let mut add = |key: &str, value: Option<String>| all.extend(value.map(|v| (key.to_owned(), v)));
    add("bilevel.iterations", iterations.map(|i| i.to_string()));
    add("seed", seed.map(|s| s.to_string()));
    add("compute.device", device);
    add("compute.precision", precision);
    add("compute.threads", threads.map(|t| t.to_string()));
    let config = load(preset, config.as_deref(), &all)?;
    drive(Job::New { config, folder: out }, json)
}

/// The settings of a paper's row, given as `mt_fas/6 FAS-DR(MT w/o pre)`, at the size of `preset`.
fn row_settings(row: &str, preset: Preset) -> Result<Vec<(String, String)>, Failure> {
    let wrong = |message: String| Failure::Input(format!("--row {row}: {message}"));
    let run = papers::runnable_row(row).map_err(wrong)?;
    pairs(&run.at(preset.config().detector.width).sets(), "--row")
}

/// `metafas resume`.
pub fn resume(args: &ResumeArgs) -> Result<ExitCode, Failure> {
    let lengths =
        NewLengths { bilevel: args.iterations, detector: args.detector_iterations, discard_later: args.discard_later };
    drive(Job::Resume { folder: args.session.clone(), lengths }, args.json)
}

/// `metafas evaluate`.
pub fn evaluate(args: &EvaluateArgs) -> Result<ExitCode, Failure> {
    let checkpoint = match args.checkpoint.as_str() {
        "last" => None,
        text => Some(text.parse().map_err(|_not_a_number| {
            Failure::Input(format!("--checkpoint {text}: give `last` or the iteration number of a checkpoint"))
        })?),
    };
    let mut teller = Teller::new();
    let mut progress = |what: &str, done: u64, total: u64| {
        teller.now_and_then(&format!("{what} {done}/{total}"));
        true
    };
    let EvaluateArgs { session, threshold, video, missing_faces, .. } = args;
    let how = Rescore {
        checkpoint,
        threshold: threshold.clone(),
        video: *video,
        missing_faces: *missing_faces,
        level: args.level,
        bn_test: args.bn_test,
        scored_by: args.scored_by,
    };
    let results = engine::evaluate(session, &how, &cache_folder(), &mut progress, &|sentence| {
        note(format_args!("warning: {sentence}"));
    })?;
    note("");
    for warning in results["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        note(format_args!("warning: {warning}"));
    }
    if args.json { say_json(&results) } else { say(&results_text(&results)) }
}

/// Runs an engine to its end, telling how far it is.
fn drive(job: Job, json: bool) -> Result<ExitCode, Failure> {
    let began = Instant::now();
    let folder: PathBuf = match &job {
        Job::New { folder, .. } | Job::Resume { folder, .. } => folder.clone(),
    };
    let options = SpawnOptions { job, start: Start::Play, cache: cache_folder(), waker: None };
    let handle = engine::spawn(options);
    let stop = handle.commands.clone();
    signals::on_stop(move || {
        note("\nstopping");
        stop.try_send(Command::Stop).ok();
    })?;

    let mut teller = Teller::new();
    let mut state = State::Running;
    let mut results: Option<Value> = None;
    let mut l_v = None;
    let mut failed = None;
    for event in &handle.events {
        teller.tell(&event);
        match event {
            Event::State(now) => {
                state = now;
                // Without a person nothing waits: done, or stuck on a number or on memory.
                if matches!(now, State::Finished | State::Paused | State::PausedNan) {
                    handle.commands.try_send(Command::Stop).ok();
                }
            }
            Event::Metrics(row) => l_v = row.get("l_v").or(l_v),
            Event::Evaluated(e) => results = Some(e.results),
            Event::Failed { error, input, .. } => failed = Some((error, input)),
            Event::Finished => break,
            _ => {}
        }
    }
    if let Some(thread) = handle.thread {
        thread.join().ok();
    }
    if let Some((error, true)) = failed {
        return Err(Failure::Input(error));
    }
    // The first error is reported, not the one that it causes here.
    let opened = Session::open(&folder).and_then(|session| Ok((session.status()?, session)));
    let (status, session) = match (opened, failed.take()) {
        (Ok(opened), first) => {
            failed = first;
            opened
        }
        (Err(_), Some(_)) if signals::exit_code().is_some() => {
            let sentence = format!("stopped before training began; nothing was saved in {}", folder.display());
            return Err(Failure::Stopped(sentence));
        }
        (Err(_), Some((error, _))) => return Err(Failure::Work(error)),
        (Err(error), None) => return Err(Failure::Work(error.to_string())),
    };
    if l_v.is_none() {
        l_v = session.rows().ok().and_then(|rows| rows.iter().rev().find_map(|r| r.get("l_v")));
    }
    let summary = json!({
        "state": status.state,
        "iteration": status.iteration,
        "seconds": began.elapsed().as_secs_f64(),
        "l_v": l_v.filter(|v| v.is_finite()),
        "session": paths::text(&folder),
        "results": results,
        "error": status.error,
    });
    let said = if json {
        say_json(&summary)
    } else {
        note("");
        let state = summary["state"].as_str().unwrap_or_default();
        let results = results.as_ref().map(results_text).unwrap_or_default();
        say(&format!("session {}: {state}\n{results}", folder.display()))
    };
    match (failed, status.state, state) {
        (Some((error, _)), ..) => Err(Failure::Work(error)),
        (None, State::PausedNan | State::Failed | State::Paused, _) => {
            Err(Failure::Work(status.error.unwrap_or_else(|| "the run did not finish".to_owned())))
        }
        // Stopped because it could not go on, not by a person.
        (None, ..) if let Some(error) = status.error => Err(Failure::Work(error)),
        (None, State::Stopped, _) => said.map(|code| signals::exit_code().unwrap_or(code)),
        _ => said,
    }
}

/// A run's numbers in lines.
fn results_text(results: &Value) -> String {
    let mut lines: Vec<String> = vec![];
    let percent =
        |key: &str| results[key].as_f64().map_or_else(|| "undefined".to_owned(), |v| format!("{:.2} %", 100.0 * v));
    let text = |key: &str| results[key].as_str().unwrap_or_default().to_owned();
    lines.push(format!(
        "{} data ({}), test part: {} live and {} attack presentations",
        text("origin"),
        text("data"),
        results["n_live"],
        results["n_attack"]
    ));
    if results["depth"].is_string() {
        lines.push(format!("{}, depth: {}", text("detector"), text("depth")));
    } else {
        lines.push(text("detector"));
    }
    if results["n_live"].as_u64() == Some(0) && results["n_attack"].as_u64() == Some(0) {
        lines.push("the data have no test part, so no error rates can be given".to_owned());
        return lines.into_iter().map(|line| line + "\n").collect();
    }
    if let Some(choice) = engine::checkpoint_note(results) {
        lines.push(choice);
    }
    match (results["level"].as_str(), results["video_rule"].as_str()) {
        (Some("video"), Some(rule)) => lines.push(format!("one score a video: {rule} of its frames")),
        _ => lines.push("one score a frame".to_owned()),
    }
    for (key, values) in results["overridden"].as_object().into_iter().flatten() {
        let value = |which: &str| values[which].as_str().unwrap_or_default();
        lines.push(format!("{key} is {} for this evaluation alone; the run has {}", value("here"), value("run")));
    }
    for banner in results["partial"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        lines.push(banner.to_owned());
    }
    let left_out = |key: &str| results["clips_left_out"][key].as_u64().unwrap_or(0);
    if left_out("unreadable") + left_out("without_face") > 0 {
        let (unreadable, without_face) = (left_out("unreadable"), left_out("without_face"));
        let rejected = results["missing_faces"]["policy"].as_str() == Some("reject");
        let what = if rejected { "and count as rejected" } else { "and are left out" };
        lines.push(format!(
            "clips: {unreadable} could not be read and are left out, {without_face} showed no face {what}"
        ));
        if rejected {
            let count = |key: &str| results[key].as_u64().unwrap_or(0);
            let (live, attack) = (count("n_rejected_live"), count("n_rejected_attack"));
            lines.push(format!(
                "rejected unseen in the test part: {live} live, an error each, and {attack} attacks, detected"
            ));
        }
    }
    let oracle = results["oracle"].as_bool() == Some(true);
    let rule = text("threshold_rule") + if oracle { " (oracle)" } else { "" };
    lines.push(format!("AUC {}   EER {} (test)", percent("auc"), percent("eer")));
    lines.push(format!(
        "APCER {} (worst species), {} (pooled)   BPCER {}   ACER {}   at {} = {}",
        percent("apcer_max"),
        percent("apcer_pooled"),
        percent("bpcer"),
        percent("acer_max"),
        rule,
        results["threshold"]
    ));
    if oracle {
        lines.push("oracle threshold: it was chosen with the labels of the test set".to_owned());
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// How far the run is, on stderr: one line that is written over on a terminal, now and then a line elsewhere.
pub struct Teller {
    last: Option<Instant>,
    terminal: bool,
    lengths: Option<Lengths>,
    left: Option<f64>,
}

impl Teller {
    /// Nothing is told yet.
    pub fn new() -> Self {
        Self { last: None, terminal: std::io::stderr().is_terminal(), lengths: None, left: None }
    }

    fn now_and_then(&mut self, line: &str) {
        let pause = Duration::from_millis(if self.terminal { 300 } else { 10_000 });
        if self.last.is_some_and(|t| t.elapsed() < pause) {
            return;
        }
        self.last = Some(Instant::now());
        progress(line, self.terminal);
    }

    fn always(&self, line: &str) {
        if self.terminal {
            clear_progress();
        }
        note(line);
    }

    /// Tells what `event` says, if it is time to.
    pub fn tell(&mut self, event: &Event) {
        match event {
            Event::Started(s) => {
                let c = &s.config;
                self.lengths = Some(c.lengths());
                let p = &s.provenance;
                self.always(&format!("{} ({}), device {}, {} threads", p.data, p.origin, p.device, p.threads));
                self.always(&format!("{}: {}", c.title(), engine::cost(c).words()));
                for problem in &s.problems {
                    self.always(&format!("note: {problem}"));
                }
            }
            Event::Warning(sentence) => self.always(&format!("warning: {sentence}")),
            Event::Failed { .. } if self.terminal => note(""),
            Event::Outlook(outlook) => self.left = outlook.run_seconds,
            Event::Progress(p) if p.total == 0 => self.now_and_then(&p.what),
            Event::Progress(p) => self.now_and_then(&format!("{} {}/{}", p.what, p.done, p.total)),
            Event::Metrics(row) => {
                let total = self.lengths.map_or(0, |lengths| row.stage.length(lengths));
                let value = ["l_v", "teacher_loss", "loss"].iter().find_map(|k| row.get(k).map(|v| (*k, v)));
                let (name, value) = value.unwrap_or(("", f64::NAN));
                let left = self.left.map_or_else(String::new, |s| format!("  {} left", about(s)));
                let done = row.stage_iteration + 1;
                self.now_and_then(&format!("{} {done}/{total}  {name} {value:.5}{left}", row.stage.name()));
            }
            _ => {}
        }
    }
}
