//! Counting what worker threads have done of a long piece of work, telling it, and stopping when asked.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{BuiltinError, Continue, Progress};

/// The count of one piece of work, shared by its threads.
pub struct Work<'a> {
    total: usize,
    done: AtomicUsize,
    found: AtomicUsize,
    stop: AtomicBool,
    progress: &'a (dyn Fn(Progress) -> Continue + Sync),
}

impl<'a> Work<'a> {
    /// Nothing of `total` frames is done.
    pub fn new(total: usize, progress: &'a (dyn Fn(Progress) -> Continue + Sync)) -> Self {
        let zero = AtomicUsize::default;
        Self { total, done: zero(), found: zero(), stop: AtomicBool::default(), progress }
    }

    /// An error once somebody has said stop.
    pub fn go_on(&self) -> Result<(), BuiltinError> {
        if self.stop.load(Ordering::Relaxed) { Err(BuiltinError::Stopped) } else { Ok(()) }
    }

    /// Counts `frames` more, which had been made before or not, and tells it.
    pub fn count(&self, frames: usize, there: bool) {
        let new = if there { frames } else { 0 };
        let found = self.found.fetch_add(new, Ordering::Relaxed) + new;
        let done = self.done.fetch_add(frames, Ordering::Relaxed) + frames;
        if (self.progress)(Progress { done, total: self.total, found }) == Continue::Stop {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}
