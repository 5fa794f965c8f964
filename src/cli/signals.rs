//! Signals that stop a command: INT (Ctrl-C), TERM and HUP. The first one is obeyed between two pieces of work and sets the
//! exit code (128 plus its number, as in shells). A second one ends the program at once.

use std::process::ExitCode;
use std::sync::atomic::{AtomicI32, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Failure;

/// The first signal that came; 0 before.
static FIRST: AtomicI32 = AtomicI32::new(0);

/// Calls `stop` at the first signal, from a thread of its own.
pub fn on_stop(stop: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let cannot = |e: std::io::Error| Failure::Work(format!("Ctrl-C cannot be listened to: {e}"));
    let mut wanted = vec![SIGINT, SIGTERM];
    // `nohup` has the program live on when its terminal is closed.
    if !is_ignored(SIGHUP) {
        wanted.push(SIGHUP);
    }
    let mut signals = Signals::new(wanted).map_err(cannot)?;
    let mut stop = Some(stop);
    let listen = move || {
        for signal in signals.forever() {
            match stop.take() {
                Some(stop) => {
                    FIRST.store(signal, Ordering::Relaxed);
                    stop();
                }
                None => std::process::exit(128 + signal),
            }
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen).map(drop).map_err(cannot)
}

/// The exit code of a program that stopped because it was asked to; `None` if it was not.
pub fn exit_code() -> Option<ExitCode> {
    let first = FIRST.load(Ordering::Relaxed);
    (first > 0).then(|| ExitCode::from(128 + first as u8))
}

/// Whether this process was started with `signal` ignored.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
