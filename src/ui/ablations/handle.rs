//! Commands of the ablations pane, carried out, and answers taken in.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{AblationCommand, RunningSweep, SweepJob, SweepLook};
use crate::sweep::{PoolProgress, PoolReport};
use crate::ui::jobs::Job;
use crate::ui::state::{AppState, Level};

impl AppState {
    /// Carries out one command.
    pub(in crate::ui) fn handle_ablations(&mut self, command: AblationCommand) {
        let ablations = &mut self.ablations;
        match command {
            AblationCommand::Choose(name) => {
                if ablations.chosen != name {
                    (ablations.chosen, ablations.seeds) = (name, None);
                    (ablations.look, ablations.looked) = (None, None);
                }
                self.look_at_sweep();
            }
            AblationCommand::Preset(preset) => {
                ablations.preset = preset;
                ablations.looked = None;
                self.look_at_sweep();
            }
            AblationCommand::Seeds(seeds) => {
                ablations.seeds = Some(seeds.clamp(1, 99));
                ablations.looked = None;
                self.look_at_sweep();
            }
            AblationCommand::Turn(page) => ablations.page = page,
            AblationCommand::Kind(kind) => ablations.kind = kind,
            AblationCommand::Metric(key) => ablations.metric = key,
            AblationCommand::Jobs(jobs) => ablations.jobs = jobs.clamp(1, 64),
            AblationCommand::Run => self.run_sweep(),
            AblationCommand::Stop => {
                if let Some(running) = &ablations.running {
                    running.stop.store(true, Ordering::Relaxed);
                }
            }
            AblationCommand::Look => self.look_at_sweep(),
        }
    }

    /// Where the chosen sweep lies, or will lie.
    pub(in crate::ui) fn sweep_folder(&self) -> PathBuf {
        let parent = self.sessions.parent().map_or_else(PathBuf::new, std::path::Path::to_path_buf);
        parent.join("sweeps").join(&self.ablations.chosen)
    }

    fn look_at_sweep(&mut self) {
        let ablations = &self.ablations;
        if ablations.chosen.is_empty() || ablations.looking {
            return;
        }
        let job = SweepJob::Look {
            name: ablations.chosen.clone(),
            folder: self.sweep_folder(),
            preset: ablations.preset,
            seeds: ablations.seeds,
            before: ablations.look.clone(),
        };
        self.ablations.looking = self.jobs.submit(Job::Sweep(Box::new(job)));
    }

    fn run_sweep(&mut self) {
        if self.ablations.running.is_some() {
            self.say(Level::Info, "A sweep is being run by this window; stop it first");
            return;
        }
        let (folder, stop) = (self.sweep_folder(), Arc::new(AtomicBool::new(false)));
        let job = SweepJob::Run {
            name: self.ablations.chosen.clone(),
            folder: folder.clone(),
            preset: self.ablations.preset,
            seeds: self.ablations.seeds,
            program: self.program.clone(),
            jobs: self.ablations.jobs,
            stop: Arc::clone(&stop),
        };
        if self.submit(Job::Sweep(Box::new(job))) {
            self.ablations.running = Some(RunningSweep { folder, stop, progress: PoolProgress::default() });
        }
    }

    pub(in crate::ui) fn sweep_looked(&mut self, answer: Result<Arc<SweepLook>, String>) {
        let now = self.now;
        let ablations = &mut self.ablations;
        (ablations.looking, ablations.looked) = (false, Some(now));
        match answer {
            // Another sweep may have been chosen meanwhile.
            Ok(look) if look.name == ablations.chosen => {
                // It may have been asked for otherwise meanwhile.
                if !look.planned && ablations.seeds.is_some_and(|seeds| seeds != look.seeds) {
                    ablations.looked = None;
                }
                ablations.look = Some(look);
            }
            Ok(_) => ablations.looked = None,
            Err(why) => {
                ablations.look = None;
                self.say(Level::Warning, why);
            }
        }
    }

    pub(in crate::ui) fn sweep_told(&mut self, progress: PoolProgress) {
        if let Some(running) = &mut self.ablations.running {
            running.progress = progress;
        }
    }

    pub(in crate::ui) fn sweep_ended(&mut self, answer: Result<PoolReport, String>) {
        self.ablations.running = None;
        self.ablations.looked = None;
        match answer {
            Err(why) => self.say(Level::Error, why),
            Ok(report) => {
                let PoolProgress { total, finished, .. } = report.progress;
                let level =
                    if report.failed.is_empty() && report.died.is_empty() { Level::Info } else { Level::Warning };
                let reasons: Vec<&str> =
                    report.failed.iter().chain(&report.died).map(|(_, why)| why.as_str()).collect();
                let first =
                    reasons.first().map_or_else(String::new, |why| format!("; {} failed: {why}", reasons.len()));
                let stopped = if report.stopped { "stopped, " } else { "" };
                self.say(level, format!("Sweep: {stopped}{finished} of {total} runs are finished{first}"));
            }
        }
        self.look_at_sweep();
        self.look_at_shelf();
    }
}
