//! How often frames are drawn. Without a GPU a frame costs a good part of a processor, and whoever trains on the same
//! processor waits for it; so the slower frames are, the fewer are drawn while nobody touches the window.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Shortest time between two frames that events ask for.
const FRAME: Duration = Duration::from_millis(33);
/// While a run is under way, clocks are drawn so often.
const CLOCKS: Duration = Duration::from_millis(100);
/// Longest time between two frames while a run is under way.
const LONGEST: Duration = Duration::from_millis(800);
/// Frames may take this part of the time: one in so many.
const SHARE: u32 = 6;

/// Every so often two frames are drawn in a row, to see how long one takes.
const MEASURED: Duration = Duration::from_secs(2);

/// Measures frames and says when the next is due.
#[derive(Debug, Default)]
pub struct Pacer {
    begun: Option<Instant>,
    measured: Option<Instant>,
    measuring: bool,
    cost: Duration,
    shared: Arc<AtomicU64>,
}

impl Pacer {
    /// Notes that a frame begins. True if the next shall follow at once, to measure this one; asked for while a run is
    /// under way.
    pub fn begin(&mut self, busy: bool) -> bool {
        self.begin_at(Instant::now(), busy)
    }

    fn begin_at(&mut self, now: Instant, busy: bool) -> bool {
        if let Some(begun) = self.begun.filter(|_| self.measuring) {
            // Contents, drawing and waiting for the screen: nothing else lies between two frames in a row.
            self.cost = (self.cost + now.duration_since(begun).min(LONGEST)) / 2;
            let wait = self.wait(FRAME).as_millis();
            self.shared.store(u64::try_from(wait).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        self.begun = Some(now);
        let due = self.measured.is_none_or(|at| now.duration_since(at) >= MEASURED);
        self.measuring = busy && due && !self.measuring;
        if self.measuring {
            self.measured = Some(now);
        }
        self.measuring
    }

    /// When clocks are to be drawn again while a run is under way.
    pub fn clocks(&self) -> Duration {
        self.wait(CLOCKS)
    }

    fn wait(&self, least: Duration) -> Duration {
        (self.cost * SHARE).clamp(least, LONGEST)
    }

    /// Tells from any thread how long after an event a frame is due.
    pub fn after_event(&self) -> impl Fn() -> Duration + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move || FRAME.max(Duration::from_millis(shared.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_frames_become_rare_and_fast_ones_do_not() {
        let drawn = |cost: u64| {
            let mut pacer = Pacer::default();
            let mut now = Instant::now();
            for _ in 0..400 {
                let at_once = pacer.begin_at(now, true);
                now += Duration::from_millis(cost).max(if at_once { Duration::ZERO } else { pacer.clocks() });
            }
            (pacer.clocks(), pacer.after_event()())
        };
        assert_eq!(drawn(5), (CLOCKS, FRAME));
        let (clocks, event) = drawn(90);
        assert!(clocks > Duration::from_millis(500) && clocks.abs_diff(event).as_millis() <= 1, "{clocks:?} {event:?}");
        assert_eq!(drawn(900).0, LONGEST);
    }

    #[test]
    fn an_idle_window_is_never_asked_for_a_frame() {
        let mut pacer = Pacer::default();
        assert!(!pacer.begin(false) && !pacer.begin(false));
        assert!(pacer.begin(true) && !pacer.begin(true), "one to measure, and not again at once");
    }
}
