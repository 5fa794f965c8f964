//! Long work on a terminal: a line that says how far it is, and Ctrl-C as a wish to stop that is obeyed between two pieces.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use metafas::data::Continue;

use super::out::{note, progress};
use super::{Failure, signals};

/// Tells progress on stderr: over one line on a terminal, now and then in a file.
pub struct Teller {
    stop: Arc<AtomicBool>,
    terminal: bool,
    pause: Duration,
    last: Mutex<Option<Instant>>,
}

impl Teller {
    /// Listens to Ctrl-C from now on.
    pub fn new() -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        signals::on_stop(move || asked.store(true, Ordering::Relaxed))?;
        let terminal = std::io::stderr().is_terminal();
        let pause = if terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
        Ok(Self { stop, terminal, pause, last: Mutex::new(None) })
    }

    /// Says `line` if it is time to, or in any case when `all` is done; whether to go on. From any thread.
    pub fn tell(&self, all: bool, line: impl FnOnce() -> String) -> Continue {
        // Whoever holds the lock is telling something newer.
        if let Ok(mut last) = self.last.try_lock()
            && (all || last.is_none_or(|t| t.elapsed() >= self.pause))
        {
            *last = Some(Instant::now());
            progress(&line(), self.terminal);
        }
        if self.stop.load(Ordering::Relaxed) { Continue::Stop } else { Continue::Yes }
    }

    /// Ends the line.
    pub fn end(&self) {
        if self.terminal {
            note("");
        }
    }
}
