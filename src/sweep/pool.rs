//! The cases of a sweep on this machine, several at a time, each in a process of its own: what one does to its memory or
//! to libtorch is no matter to the others. A child's standing input is a pipe that nobody writes to; when it ends, because
//! the pool wants to stop or is gone, the child stops cleanly.

use std::collections::VecDeque;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{CaseState, Outcome, SweepError, SweepFolder};
use crate::disk;

/// How a sweep is run.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// The program that does a case: this one.
    pub program: PathBuf,
    /// Cases at a time.
    pub jobs: usize,
    /// Threads of each.
    pub threads: usize,
    /// Whether failed cases are tried again.
    pub retry: bool,
}

/// How far a sweep is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PoolProgress {
    /// All cases.
    pub total: usize,
    /// Done, now or before.
    pub finished: usize,
    /// Failed, now or before.
    pub failed: usize,
    /// Being done by this pool.
    pub running: usize,
    /// Not begun.
    pub waiting: usize,
    /// Left to other processes.
    pub elsewhere: usize,
    /// Seconds left by the cases that this pool did from beginning to end; `None` before the first.
    pub seconds_left: Option<f64>,
}

/// How a sweep was left. Cases are named by their place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PoolReport {
    /// Counts at the end.
    pub progress: PoolProgress,
    /// Cases that failed, now or before, with their reason.
    pub failed: Vec<(usize, String)>,
    /// Cases whose process died; they can be resumed.
    pub died: Vec<(usize, String)>,
    /// Cases that others are at, and who.
    pub elsewhere: Vec<(usize, String)>,
    /// Whether the pool was asked to stop.
    pub stopped: bool,
}

struct Running {
    index: usize,
    child: Child,
    began: Instant,
    whole: bool,
}

/// Does all cases that are left, until they are done or `stop` is set. `tell` hears how far the pool is, several times a
/// second.
pub fn run(
    folder: &SweepFolder,
    options: &PoolOptions,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(&PoolProgress),
) -> Result<PoolReport, SweepError> {
    folder.make_work()?;
    let mut report = PoolReport::default();
    let mut waiting: VecDeque<(usize, bool)> = VecDeque::new();
    let mut finished = 0;
    for (index, case) in folder.cases.iter().enumerate() {
        let standing = folder.standing(case);
        match standing.state {
            CaseState::Finished => finished += 1,
            state if state.is_failure() && !options.retry => {
                report.failed.push((index, standing.reason.unwrap_or_else(|| "for an unknown reason".to_owned())));
            }
            // Only the child can tell for certain whether another process is at it: it takes the lock.
            state => waiting.push_back((index, state == CaseState::Planned)),
        }
    }
    let mut running: Vec<Running> = vec![];
    let mut times: Vec<f64> = vec![];
    loop {
        let stopping = stop.load(Ordering::Relaxed);
        if stopping {
            for r in &mut running {
                drop(r.child.stdin.take());
            }
        }
        let mut still = vec![];
        for mut r in running {
            let status = r.child.try_wait().map_err(SweepError::io("wait for", &options.program))?;
            let Some(status) = status else {
                still.push(r);
                continue;
            };
            let mut said = String::new();
            if let Some(mut out) = r.child.stdout.take() {
                out.read_to_string(&mut said).ok();
            }
            match serde_json::from_str::<Outcome>(&said) {
                Ok(Outcome::Finished) => {
                    finished += 1;
                    if r.whole {
                        times.push(r.began.elapsed().as_secs_f64());
                    }
                }
                Ok(Outcome::Already) => finished += 1,
                Ok(Outcome::Stopped) if stopping => {}
                Ok(Outcome::Stopped) => {
                    report.died.push((r.index, "it was asked to stop by somebody else, and can go on".to_owned()));
                }
                Ok(Outcome::Busy(who)) => report.elsewhere.push((r.index, who)),
                Ok(Outcome::Failed(reason)) => report.failed.push((r.index, reason)),
                Err(_) => {
                    let log = folder.log_file(&folder.cases[r.index]);
                    report.died.push((r.index, format!("its process ended early ({status}); see {}", log.display())));
                }
            }
        }
        running = still;
        while !stopping && running.len() < options.jobs.max(1) {
            let Some((index, whole)) = waiting.pop_front() else { break };
            running.push(Running { index, child: start(folder, options, index)?, began: Instant::now(), whole });
        }
        let progress = PoolProgress {
            total: folder.cases.len(),
            finished,
            failed: report.failed.len() + report.died.len(),
            running: running.len(),
            waiting: waiting.len(),
            elsewhere: report.elsewhere.len(),
            seconds_left: left(&times, &running, waiting.len(), options.jobs),
        };
        tell(&progress);
        report.progress = progress;
        if running.is_empty() && (stopping || waiting.is_empty()) {
            report.stopped = stopping;
            report.failed.sort();
            return Ok(report);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Seconds until all is done, if cases take as long as those that were done.
fn left(times: &[f64], running: &[Running], waiting: usize, jobs: usize) -> Option<f64> {
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let under_way: f64 = running.iter().map(|r| (mean - r.began.elapsed().as_secs_f64()).max(0.0)).sum();
    let at_once = jobs.clamp(1, (running.len() + waiting).max(1));
    (!times.is_empty()).then(|| (under_way + waiting as f64 * mean) / at_once as f64)
}

fn start(folder: &SweepFolder, options: &PoolOptions, index: usize) -> Result<Child, SweepError> {
    let path = folder.log_file(&folder.cases[index]);
    let log = disk::append(&path).map_err(SweepError::io("open", &path))?;
    let mut command = Command::new(&options.program);
    command.args(["sweep", "case"]).arg(folder.path()).arg(index.to_string());
    command.args(["--threads", &options.threads.to_string(), "--attended", "--json"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
    // Ctrl-C is for the pool alone, which passes it on by ending the pipe.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(SweepError::io("start", &options.program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_comes_from_finished_cases() {
        assert_eq!(left(&[], &[], 5, 2), None);
        assert_eq!(left(&[10.0, 20.0], &[], 4, 2), Some(30.0));
        assert_eq!(left(&[10.0], &[], 1, 8), Some(10.0), "one case is not shared out");
    }
}
