//! How often frames are drawn that no person asks for. Whoever trains on the same processors waits for them: without a
//! graphics card a frame takes all of them for a while, with one it takes the window's own thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use super::drawing::Drawing;

/// Shortest time between two frames that events ask for.
const FRAME: Duration = Duration::from_millis(33);
/// The same while something trains and the processors draw. Ten frames a second is the most: fewer than eight, and those
/// that egui draws by itself where something new has come into view, to have it settle, and that are drawn to measure.
const SOFTWARE: Duration = Duration::from_millis(130);
/// Frames that came too early are made up for by at most so long a pause.
const PAUSE: f64 = 0.5;
/// While a run is under way, clocks are drawn so often.
const CLOCKS: Duration = Duration::from_millis(100);
/// Longest time between two frames while something trains.
const LONGEST: Duration = Duration::from_millis(800);
/// Frames that the processors draw may take this part of the time: one in so many.
const SHARE: f64 = 6.0;
/// Frames that a graphics card draws may take this part of all processors together.
const SLOWED: f64 = 0.03;
/// Every so many seconds two frames are drawn in a row, to see how long the processors draw.
const MEASURED: f64 = 2.0;
/// What asks for the next frame at once, and for one alone: egui draws two where it is asked for none to wait.
pub const AT_ONCE: Duration = Duration::from_nanos(1);

/// Why a frame is drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cause {
    /// Whether something trains that frames would slow.
    pub training: bool,
    /// Whether a person did something.
    pub person: bool,
}

/// Measures frames and says when the next is due.
#[derive(Debug)]
pub struct Pacer {
    drawing: Drawing,
    processors: f64,
    begun: Option<f64>,
    measured: Option<f64>,
    measuring: bool,
    /// Whether there is time before the next frame for two.
    rested: bool,
    /// Seconds of a frame: of drawing altogether, or of the window's thread with a graphics card.
    cost: f64,
    /// When the next frame is due if every one so far has had its time.
    due: f64,
    wait: Duration,
    shared: Arc<AtomicU64>,
}

impl Pacer {
    /// For a window that `drawing` draws.
    pub fn new(drawing: Drawing) -> Self {
        Self {
            drawing,
            processors: available_parallelism().map_or(1.0, |n| n.get() as f64),
            begun: None,
            measured: None,
            measuring: false,
            rested: false,
            cost: 0.0,
            due: 0.0,
            wait: FRAME,
            shared: Arc::new(AtomicU64::new(micros(FRAME))),
        }
    }

    /// Takes to what draws, once that is known.
    pub fn set_drawing(&mut self, drawing: Drawing) {
        self.drawing = drawing;
    }

    /// Notes that a frame begins at the window's second `now`, and that the one before took its thread `thread` seconds
    /// without waiting for the screen. True if the next shall follow at once, to measure this one: now and then while
    /// something trains.
    pub fn begin(&mut self, now: f64, cause: Cause, thread: Option<f32>) -> bool {
        let measured = self.measuring;
        match self.drawing {
            // Contents, drawing and waiting for the screen: nothing else lies between two frames in a row.
            Drawing::Software if measured => self.note(self.begun.map_or(0.0, |begun| now - begun)),
            Drawing::Gpu => self.note(thread.map_or(0.0, f64::from)),
            Drawing::Software => {}
        }
        self.begun = Some(now);
        self.measuring = cause.training && std::mem::take(&mut self.rested);
        if self.measuring {
            self.measured = Some(now);
        }
        let due = self.measured.is_none_or(|at| now - at >= MEASURED);
        self.rested = cause.training && due && self.drawing == Drawing::Software;
        let (least, share) = match self.drawing {
            _ if !cause.training => (FRAME, 0.0),
            Drawing::Gpu => (FRAME, 1.0 / (SLOWED * self.processors)),
            Drawing::Software => (SOFTWARE, SHARE),
        };
        let each = (self.cost * share).clamp(least.as_secs_f64(), LONGEST.as_secs_f64());
        // What a person does is drawn as it comes; what came too early otherwise is made up for.
        self.due = if cause.person || !cause.training { now } else { self.due.max(now).min(now + PAUSE) } + each;
        // The one more that is drawn for the measure has its time before.
        self.due += if self.rested { each } else { 0.0 };
        self.wait = Duration::from_secs_f64(self.due - now);
        self.shared.store(micros(self.wait), Ordering::Relaxed);
        self.measuring
    }

    fn note(&mut self, seconds: f64) {
        self.cost = f64::midpoint(self.cost, seconds.clamp(0.0, LONGEST.as_secs_f64()));
    }

    /// How long after this frame the next may come that no person asks for.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// When clocks are to be drawn again while a run is under way.
    pub fn clocks(&self) -> Duration {
        self.wait.max(CLOCKS)
    }

    /// Tells from any thread how long after an event a frame is due.
    pub fn after_event(&self) -> impl Fn() -> Duration + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move || Duration::from_micros(shared.load(Ordering::Relaxed))
    }
}

fn micros(wait: Duration) -> u64 {
    u64::try_from(wait.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_ITSELF: Cause = Cause { training: true, person: false };

    /// Times of frames over twenty seconds, in which events come all the time and a frame takes `cost` seconds; every
    /// `settling`th of them is followed by two that egui asks for.
    fn drawn(drawing: Drawing, cost: f64, training: bool, settling: usize) -> Vec<f64> {
        let mut pacer = Pacer { processors: 2.0, ..Pacer::new(drawing) };
        let event = pacer.after_event();
        let (mut now, mut frames, mut asked, mut left) = (0.0, vec![], 0, 0);
        while now < 20.0 {
            frames.push(now);
            let at_once = pacer.begin(now, Cause { training, person: false }, Some(cost as f32));
            assert!(event() <= pacer.clocks(), "events may be drawn as often as clocks");
            if left > 0 {
                left -= 1;
            } else {
                asked += 1;
                left = if asked % settling == 0 { 2 } else { 0 };
            }
            let next = if at_once || left > 0 { 0.0 } else { event().as_secs_f64() };
            now += cost.max(next);
        }
        frames
    }

    /// The most frames in any one second.
    fn most(frames: &[f64]) -> usize {
        let within = |(i, from): (usize, &f64)| frames[i..].iter().take_while(|t| **t < from + 1.0 - 1e-6).count();
        frames.iter().enumerate().map(within).max().unwrap()
    }

    #[test]
    fn processors_that_train_draw_ten_frames_a_second_at_most() {
        for cost in [0.001, 0.005, 0.016, 0.033, 0.06, 0.09, 0.2, 0.9] {
            for settling in [1, 2, 3, 4, 5, 7, usize::MAX] {
                let frames = drawn(Drawing::Software, cost, true, settling);
                assert!(most(&frames) <= 10, "{} frames of {cost} s in a second, {settling}", most(&frames));
            }
            // One in six of the time, once it is known how long one takes, and two in a row to see it.
            let late = drawn(Drawing::Software, cost, true, usize::MAX).into_iter().filter(|t| *t > 10.0).count();
            let part = cost * late as f64 / 10.0;
            assert!(part < 0.2 || cost > 0.1, "{part} of the time goes into frames of {cost} s");
        }
        assert!(most(&drawn(Drawing::Software, 0.005, true, usize::MAX)) >= 8, "cheap ones are not held back further");
        assert!(most(&drawn(Drawing::Software, 0.09, true, usize::MAX)[20..]) <= 3);
    }

    #[test]
    fn a_graphics_card_draws_thirty_a_second_until_its_thread_takes_three_in_a_hundred() {
        assert_eq!(most(&drawn(Drawing::Gpu, 0.001, true, usize::MAX)), 31);
        for cost in [0.002, 0.004, 0.008, 0.02] {
            let late = drawn(Drawing::Gpu, cost, true, usize::MAX).into_iter().filter(|t| *t > 10.0).count();
            let part = cost * late as f64 / 10.0 / 2.0;
            assert!(part <= 0.0305, "{part} of two processors for frames of {cost} s");
        }
    }

    #[test]
    fn without_training_events_are_drawn_soon_and_nothing_is_measured() {
        for drawing in [Drawing::Gpu, Drawing::Software] {
            assert_eq!(most(&drawn(drawing, 0.005, false, usize::MAX)), 31);
            let mut pacer = Pacer::new(drawing);
            assert!(!pacer.begin(0.0, Cause::default(), None) && !pacer.begin(5.0, Cause::default(), None));
        }
        let mut pacer = Pacer::new(Drawing::Software);
        let measured = [0.0, 0.2, 0.3, 0.4].map(|now| pacer.begin(now, BY_ITSELF, None));
        assert_eq!(measured, [false, true, false, false], "not measured again at once");
        assert!(!pacer.begin(9.0, Cause::default(), None));
        assert_eq!(pacer.after_event()(), FRAME, "what was slow while a run was under way is not slow for ever");
    }

    #[test]
    fn frames_that_a_person_asks_for_cost_the_others_nothing() {
        let mut pacer = Pacer::new(Drawing::Software);
        for i in 0..60 {
            pacer.begin(f64::from(i) / 60.0, Cause { person: true, ..BY_ITSELF }, None);
        }
        assert_eq!(pacer.wait(), SOFTWARE);
        pacer.begin(1.0, BY_ITSELF, None);
        assert!(pacer.wait() > SOFTWARE, "one that came too early does");
    }
}
