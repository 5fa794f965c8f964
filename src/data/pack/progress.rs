//! How far packing is, and whether it shall go on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use super::PackError;
use crate::data::Continue;

/// How far packing is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PackProgress {
    /// Clips that are done, found ones included.
    pub done: usize,
    /// Clips in all.
    pub total: usize,
    /// Clips that were there already.
    pub found: usize,
    /// Clips that could not be read.
    pub failed: usize,
    /// Faces cut so far.
    pub faces: u64,
    /// Faces cut a second; 0 before the first.
    pub faces_per_second: f64,
    /// How long the rest will take, where that can be told.
    pub seconds_left: Option<f64>,
    /// Whether another program is packing the same, and this one waits for it.
    pub waiting: bool,
}

/// Called after every clip, from worker threads.
pub type Teller<'a> = &'a (dyn Fn(&PackProgress) -> Continue + Sync);

/// Counts what workers do.
pub struct Count<'a> {
    began: Instant,
    total: usize,
    found: usize,
    done: AtomicUsize,
    failed: AtomicUsize,
    faces: AtomicU64,
    stop: AtomicBool,
    tell: Teller<'a>,
    error: Mutex<Option<PackError>>,
}

impl<'a> Count<'a> {
    /// Work on `total` clips of which `found` are there.
    pub fn new(total: usize, found: usize, tell: Teller<'a>) -> Self {
        Self {
            began: Instant::now(),
            total,
            found,
            done: AtomicUsize::new(found),
            failed: AtomicUsize::new(0),
            faces: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            tell,
            error: Mutex::new(None),
        }
    }

    /// Whether work shall go on.
    pub fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    /// Counts a clip that gave `faces` faces, or failed, and tells how far it is.
    pub fn clip(&self, faces: Option<usize>) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        match faces {
            Some(n) => drop(self.faces.fetch_add(n as u64, Ordering::Relaxed)),
            None => drop(self.failed.fetch_add(1, Ordering::Relaxed)),
        }
        self.say(done, false);
    }

    /// Tells how far it is.
    pub fn say(&self, done: usize, waiting: bool) {
        let seconds = self.began.elapsed().as_secs_f64();
        let faces = self.faces.load(Ordering::Relaxed);
        let made = done.saturating_sub(self.found);
        let left = (made > 0).then(|| seconds / made as f64 * self.total.saturating_sub(done) as f64);
        let progress = PackProgress {
            done,
            total: self.total,
            found: self.found,
            failed: self.failed.load(Ordering::Relaxed),
            faces,
            faces_per_second: if seconds > 0.0 { faces as f64 / seconds } else { 0.0 },
            seconds_left: left,
            waiting,
        };
        if (self.tell)(&progress) == Continue::Stop {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Keeps the first error, and ends the work.
    pub fn fail(&self, error: PackError) {
        self.stop.store(true, Ordering::Relaxed);
        if let Ok(mut slot) = self.error.lock()
            && slot.is_none()
        {
            *slot = Some(error);
        }
    }

    /// What ended the work before its time.
    pub fn outcome(self) -> Result<(), PackError> {
        match self.error.into_inner() {
            Ok(Some(error)) => Err(error),
            _ if self.stop.into_inner() => Err(PackError::Stopped),
            _ => Ok(()),
        }
    }
}
