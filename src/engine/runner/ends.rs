//! How an engine hears and is heard: commands in, events out, whoever shows them woken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::super::command::Command;
use super::super::event::{Event, Progress};

/// Wakes whoever shows the events.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The outside ends of an engine.
pub(in crate::engine) struct Ends {
    pub commands: Receiver<Command>,
    pub events: Sender<Event>,
    pub waker: Option<Waker>,
    pub stopped: AtomicBool,
}

impl Ends {
    /// Sends an event that must arrive; `false` when nobody listens any more.
    pub fn tell(&self, event: Event) -> bool {
        let sent = self.events.send(event).is_ok();
        self.wake();
        sent
    }

    /// Tells how far the intervals of a result are, now and then; from any thread.
    pub fn draws(&self, done: usize, all: usize) {
        if done.is_multiple_of(50) || done == all {
            let (what, done, total) = ("intervals".to_owned(), done as u64, all as u64);
            self.hint(Event::Progress(Progress { what, done, total, seconds_left: None }));
        }
    }

    /// Sends an event that a newer one makes superfluous.
    pub fn hint(&self, event: Event) {
        match self.events.try_send(event) {
            // A listener that is busy gets the next one.
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => self.wake(),
        }
    }

    /// Whether Stop has been asked for while nothing else could be done. Other early commands are lost but for Stop,
    /// as there is nothing yet that they could act on.
    pub fn stop_waits(&self) -> bool {
        let stop = self.commands.try_iter().any(|c| c == Command::Stop);
        if stop {
            self.stopped.store(true, Ordering::Relaxed);
        }
        self.stopped.load(Ordering::Relaxed)
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker();
        }
    }
}
