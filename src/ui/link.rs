//! The window's end of an engine: commands go out without ever waiting, events come in a few milliseconds' worth at a
//! time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, TryRecvError, TrySendError};

use super::run::RunId;
use crate::engine::{Command, EngineHandle, Event, SpawnOptions};

/// Starts an engine. A seam: tests put a scripted engine here.
pub type Spawn = Arc<dyn Fn(SpawnOptions) -> EngineHandle + Send + Sync>;

/// An engine under way.
#[derive(Debug)]
pub struct EngineLink {
    handle: EngineHandle,
    /// The run it works on.
    pub run: RunId,
    /// Whether it said that everything asked for is done, or why it cannot go on.
    pub said_goodbye: bool,
    /// What it is told once it has begun; before, it hears nothing but Stop.
    first: Vec<Command>,
    begun: bool,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The engine has it.
    Taken,
    /// Too many commands wait.
    Full,
    /// The engine has ended.
    Gone,
}

impl EngineLink {
    /// A link to a running engine.
    pub fn new(handle: EngineHandle, run: RunId) -> Self {
        Self { handle, run, said_goodbye: false, first: vec![], begun: false }
    }

    /// Sends a command, unless that would have to wait. What comes before the engine has begun is kept for then.
    pub fn send(&mut self, command: Command) -> Sent {
        if !self.begun && command != Command::Stop {
            self.first.push(command);
            return Sent::Taken;
        }
        self.pass_on(command)
    }

    /// Notes that the engine has begun, and tells it what waited.
    pub fn begin(&mut self) -> Sent {
        self.begun = true;
        let waiting = std::mem::take(&mut self.first);
        waiting.into_iter().map(|c| self.pass_on(c)).find(|s| *s != Sent::Taken).unwrap_or(Sent::Taken)
    }

    fn pass_on(&self, command: Command) -> Sent {
        match self.handle.commands.try_send(command) {
            Ok(()) => Sent::Taken,
            Err(TrySendError::Full(_)) => Sent::Full,
            Err(TrySendError::Disconnected(_)) => Sent::Gone,
        }
    }

    /// Events that came in, at most for `budget`; the second value tells whether more wait, the third whether the
    /// engine has ended.
    pub fn drain(&self, budget: Duration) -> (Vec<Event>, bool, bool) {
        let start = Instant::now();
        let mut events = vec![];
        loop {
            match self.handle.events.try_recv() {
                Ok(event) => events.push(event),
                Err(TryRecvError::Empty) => return (events, false, false),
                Err(TryRecvError::Disconnected) => return (events, false, true),
            }
            if start.elapsed() > budget {
                return (events, true, false);
            }
        }
    }

    /// Asks the engine to stop and waits until its last file is written, at most for `patience`: for the end of the
    /// program, so that the session can be resumed.
    pub fn stop_and_wait(self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let EngineHandle { commands, events, thread } = self.handle;
        commands.send_deadline(Command::Stop, deadline).ok();
        loop {
            match events.recv_deadline(deadline) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Some(thread) = thread {
            thread.join().ok();
        }
    }
}
