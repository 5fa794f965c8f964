//! One pixel of one watched face through all stored iterations: its values in every kind of map, read from a run's folder.

use std::path::PathBuf;

use super::command::Probe;
use super::jobs::Job;
use super::run::RunId;
use super::state::AppState;
use crate::session::{MapKind, Session};

/// The pixel's values: an iteration, and a value a kind of map in the order of [`MapKind::ALL`].
pub type PixelPoints = Vec<(u64, [Option<f32>; MapKind::ALL.len()])>;

/// A pixel to follow.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelJob {
    /// Whose maps.
    pub run: RunId,
    /// The session folder.
    pub folder: PathBuf,
    /// Iterations that have maps.
    pub iterations: Vec<u64>,
    /// The pixel.
    pub probe: Probe,
}

impl PixelJob {
    /// Reads all of them; maps that cannot be read are left out.
    pub fn run(&self) -> PixelPoints {
        let Ok(session) = Session::open(&self.folder) else { return vec![] };
        let point = |&iteration: &u64| {
            let set = session.map_set(iteration).ok()?;
            let sample = set.samples.get(self.probe.face)?;
            let at = self.probe.row * set.side + self.probe.column;
            Some((iteration, MapKind::ALL.map(|kind| sample.get(kind).and_then(|map| map.get(at).copied()))))
        };
        self.iterations.iter().filter_map(point).collect()
    }
}

/// What is known of the pixel that is pointed at.
#[derive(Debug, Default)]
pub struct PixelView {
    /// Whether its course is shown.
    pub shown: bool,
    /// What was read last, and its points.
    pub course: Option<(PixelJob, PixelPoints)>,
    asked: Option<PixelJob>,
}

impl AppState {
    /// The pixel whose course is wanted: one that is kept, of the run in view.
    fn wanted_pixel(&self) -> Option<PixelJob> {
        let run = self.run()?;
        let probe = self.probe.filter(|_| self.pixel.shown && self.probe_pinned)?;
        let iterations = run.map_iterations.clone();
        Some(PixelJob { run: run.0, folder: run.folder.clone(), iterations, probe })
    }

    /// Whether the course of the kept pixel is still to be read.
    pub fn wants_pixel(&self) -> bool {
        let wanted = self.wanted_pixel();
        self.pixel.asked.is_none()
            && wanted.is_some()
            && wanted.as_ref() != self.pixel.course.as_ref().map(|(of, _)| of)
    }

    pub(super) fn follow_pixel(&mut self) {
        if let Some(job) = self.wanted_pixel().filter(|_| self.wants_pixel())
            && self.jobs.submit(Job::Pixel(job.clone()))
        {
            self.pixel.asked = Some(job);
        }
    }

    pub(super) fn pixel_read(&mut self, job: PixelJob, points: PixelPoints) {
        self.pixel.asked = None;
        self.pixel.course = Some((job, points));
    }
}
