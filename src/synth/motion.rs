//! What a face and the hand that holds the camera do over time: smooth curves, blinks, glances, speech. A pure function
//! of what was drawn once and the time; frames may be asked for in any order. What the movements look like is decided
//! where they are drawn.

use rand::Rng as _;

use crate::rng::{self, Stream};

use super::figure::Moment;
use super::math::{mix, smooth};
use super::noise::{floor, hash01};
use super::scene::Shake;
use super::tuning;

/// Length of a blink in seconds: lids fall, stay, rise.
const BLINK: f32 = 0.3;
/// Sines of one curve.
const SINES: usize = 4;

/// A smooth irregular curve of mean 0 and standard deviation about 1, never beyond 2.5.
#[derive(Debug, Clone, Copy)]
struct Wave {
    sines: [(f32, f32); SINES],
}

impl Wave {
    /// A curve whose movements take from `fast` to `slow` seconds.
    fn draw(rng: &mut Stream, fast: f32, slow: f32) -> Self {
        let mut sine = || {
            let period = rng::between(rng, f64::from(fast.ln()), f64::from(slow.ln())).exp();
            ((std::f64::consts::TAU / period) as f32, (rng::uniform(rng) * std::f64::consts::TAU) as f32)
        };
        Self { sines: [(); SINES].map(|()| sine()) }
    }

    fn at(&self, seconds: f32) -> f32 {
        const SCALE: f32 = 0.625;
        self.sines.iter().map(|(speed, phase)| (speed * seconds + phase).sin()).sum::<f32>() * SCALE
    }
}

/// The movements of one clip.
#[derive(Debug, Clone)]
pub struct Motion {
    pose: [f32; 3],
    turn: [Wave; 3],
    sway: [Wave; 3],
    /// How lively the head is.
    drift: f32,
    /// Blinks come once a slot of this many seconds.
    slot: f32,
    /// How far the lids hang, and the unevenness of the two sides.
    lids: [f32; 2],
    gaze: [f32; 2],
    smile: f32,
    uneven: f32,
    mood: Wave,
    /// Lasting and passing strength of small movements of brows, lids and mouth.
    small: [(f32, f32, Wave); 7],
    speech: Option<Speech>,
    hold: Option<[Wave; 4]>,
    seed: u32,
}

/// How somebody talks.
#[derive(Debug, Clone, Copy)]
struct Speech {
    /// Syllables a second.
    rate: f32,
    jaw: f32,
    /// Quickens and slows.
    rhythm: Wave,
    /// Phrases and the pauses between them.
    phrases: Wave,
}

/// Small movements: units (left and right where there are two) and how strong they are.
const SMALL: [(&[&str], f32); 7] = [
    (&["browInnerUp"], 0.16),
    (&["browDownLeft", "browDownRight"], 0.13),
    (&["browOuterUpLeft", "browOuterUpRight"], 0.12),
    (&["eyeSquintLeft", "eyeSquintRight"], 0.13),
    (&["mouthPressLeft", "mouthPressRight"], 0.12),
    (&["mouthFrownLeft", "mouthFrownRight"], 0.08),
    (&["noseSneerLeft", "noseSneerRight"], 0.05),
];

impl Motion {
    /// Draws the movements of one clip of a person who is `talking` or not, by a camera held by `hand` or fixed.
    pub fn draw(rng: &mut Stream, talking: bool, hand: bool) -> Self {
        let pose = tuning::POSE.map(|s| s * bell(rng));
        let drift = between(rng, 0.5, 1.2) * if talking { 1.5 } else { 1.0 };
        Self {
            pose,
            turn: [(); 3].map(|()| Wave::draw(rng, 1.3, 7.0)),
            sway: [(); 3].map(|()| Wave::draw(rng, 2.0, 8.0)),
            drift,
            slot: between(rng, 3.0, 5.0),
            lids: [0.02 + 0.05 * bell(rng).abs(), 1.0 + 0.12 * bell(rng)],
            gaze: [0.04 * bell(rng), -0.02 + 0.03 * bell(rng)],
            smile: if between(rng, 0.0, 1.0) < 0.45 { between(rng, 0.0, 0.55) } else { 0.0 },
            uneven: (1.0 + 0.1 * bell(rng)).clamp(0.8, 1.25),
            mood: Wave::draw(rng, 2.5, 9.0),
            small: SMALL.map(|(_, s)| (s * bell(rng).max(0.0), s * between(rng, 0.1, 0.6), Wave::draw(rng, 0.5, 4.0))),
            speech: talking.then(|| Speech {
                rate: between(rng, 3.0, 5.0),
                jaw: between(rng, 0.14, 0.34),
                rhythm: Wave::draw(rng, 0.7, 3.0),
                phrases: Wave::draw(rng, 1.5, 5.0),
            }),
            hold: hand.then(|| [(); 4].map(|()| Wave::draw(rng, 0.35, 3.0))),
            seed: rng.next_u32(),
        }
    }

    /// What the face does at `seconds` from the clip's beginning.
    pub fn at(&self, seconds: f32) -> Moment {
        let turn = [0.030, 0.022, 0.014];
        let pose = [0, 1, 2].map(|k| self.pose[k] + turn[k] * self.drift * self.turn[k].at(seconds));
        let sway = [0, 1, 2].map(|k| [0.035, 0.02, 0.05][k] * self.drift * self.sway[k].at(seconds));
        let glance = self.glance(seconds);
        // Eyes look near the camera, whatever the head does.
        let gaze = [
            (-0.95 * pose[0] + self.gaze[0] + glance[0]).clamp(-0.5, 0.5),
            (0.95 * pose[1] + self.gaze[1] + glance[1]).clamp(-0.35, 0.35),
        ];
        // Upper lids follow eyes that look down.
        let open = self.lids[0] + (-0.5 * gaze[1]).max(0.0);
        let shut = self.blink(seconds);
        let smile = (self.smile * (1.0 + 0.35 * self.mood.at(seconds)) + 0.03 * self.mood.at(seconds)).clamp(0.0, 0.8);
        let mut units: Vec<(&'static str, f32)> = Vec::with_capacity(24);
        let mut add = |name, weight: f32| {
            if weight > 0.0 {
                units.push((name, weight.min(1.0)));
            }
        };
        add("eyeBlinkLeft", mix(open, 1.0, shut));
        add("eyeBlinkRight", mix(open * self.lids[1], 1.0, shut));
        add("mouthSmileLeft", smile * self.uneven);
        add("mouthSmileRight", smile / self.uneven);
        add("cheekSquintLeft", 0.5 * smile * self.uneven);
        add("cheekSquintRight", 0.5 * smile / self.uneven);
        for ((names, _), (lasting, passing, wave)) in SMALL.iter().zip(&self.small) {
            for name in *names {
                add(name, lasting + passing * (wave.at(seconds) - 0.6).max(0.0));
            }
        }
        if let Some(speech) = &self.speech {
            let (jaw, funnel, pucker, stretch) = self.syllable(speech, seconds);
            add("jawOpen", jaw);
            add("mouthFunnel", funnel);
            add("mouthPucker", pucker);
            add("mouthStretchLeft", stretch);
            add("mouthStretchRight", stretch);
        }
        Moment { units, pose, gaze, sway }
    }

    /// How far the camera is off its place at `seconds`.
    pub fn shake(&self, seconds: f32) -> Shake {
        let Some([x, y, zoom, roll]) = &self.hold else { return Shake::NONE };
        Shake {
            shift: [0.007 * x.at(seconds), 0.007 * y.at(seconds)],
            zoom: 1.0 + 0.008 * zoom.at(seconds),
            roll: 0.010 * roll.at(seconds),
        }
    }

    /// How far a blink has shut the lids: one blink a slot, at a random time of it.
    fn blink(&self, seconds: f32) -> f32 {
        let number = floor(seconds / self.slot);
        let begin = (number as f32 + 0.02 + 0.85 * hash01(number, 1, 0, self.seed)) * self.slot;
        let t = (seconds - begin) / BLINK;
        smooth(0.0, 0.38, t) * smooth(1.0, 0.52, t)
    }

    /// Where the eyes look besides the camera: they rest, then jump.
    fn glance(&self, seconds: f32) -> [f32; 2] {
        const REST: f32 = 0.9;
        const JUMP: f32 = 0.05;
        let number = floor(seconds / REST);
        let target = |n: i32, axis: i32| {
            let r = hash01(n, 2 + axis, 0, self.seed) - 0.5;
            // Mostly the lens, now and then something beside it.
            let away = if hash01(n, 4, 0, self.seed) < 0.15 { 0.22 } else { 0.05 };
            r * away
        };
        let t = smooth(0.0, JUMP, seconds - number as f32 * REST);
        [0, 1].map(|axis| mix(target(number - 1, axis), target(number, axis), t))
    }

    /// Jaw, funnel, pucker and stretch of the mouth that talks.
    fn syllable(&self, speech: &Speech, seconds: f32) -> (f32, f32, f32, f32) {
        // The rhythm's own speed stays well below one, so that time never runs backwards.
        let beat = speech.rate * seconds + 0.25 * speech.rhythm.at(seconds);
        let number = floor(beat);
        let t = smooth(0.0, 1.0, beat - number as f32);
        let sound = |channel: i32| {
            let strength = |n: i32| {
                let r = hash01(n, 5 + channel, 0, self.seed);
                // Lips meet between some syllables.
                let closed = channel == 0 && hash01(n, 9, 0, self.seed) < 0.3;
                if closed { 0.0 } else { r * r }
            };
            mix(strength(number), strength(number + 1), t)
        };
        let aloud = smooth(-0.9, -0.3, speech.phrases.at(seconds));
        (
            aloud * speech.jaw * (0.15 + 1.1 * sound(0)),
            aloud * 0.4 * sound(1),
            aloud * 0.35 * sound(2),
            aloud * 0.3 * sound(3),
        )
    }
}

/// A standard normal number, cut at 2.
fn bell(rng: &mut Stream) -> f32 {
    rng::normal(rng).clamp(-2.0, 2.0) as f32
}

fn between(rng: &mut Stream, low: f32, high: f32) -> f32 {
    rng::between(rng, f64::from(low), f64::from(high)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    fn clips() -> impl Iterator<Item = Motion> {
        (0..20).map(|i| Motion::draw(&mut Streams::new(i).stream("m", 0), i % 2 == 0, i % 3 == 0))
    }

    fn weight(m: &Moment, name: &str) -> f32 {
        m.units.iter().find(|u| u.0 == name).map_or(0.0, |u| u.1)
    }

    #[test]
    fn movements_are_smooth_and_within_limits() {
        for motion in clips() {
            let mut last = motion.at(0.0);
            for i in 1..4_000 {
                let t = i as f32 * 0.005;
                let now = motion.at(t);
                assert!(now.units.iter().all(|(_, w)| (0.0..=1.0).contains(w)), "{:?}", now.units);
                assert!(now.gaze[0].abs() <= 0.5 && now.pose.iter().all(|p| p.abs() < 0.6));
                let names = now.units.iter().chain(&last.units).map(|u| u.0);
                for name in names {
                    // A blink shuts lids within a tenth of a second: at most a fifth of the way in 5 ms.
                    let step = (weight(&now, name) - weight(&last, name)).abs();
                    assert!(step < 0.2, "{name} jumps by {step} at {t}");
                }
                for k in 0..3 {
                    assert!((now.pose[k] - last.pose[k]).abs() < 0.004);
                }
                let (a, b) = (motion.shake(t), motion.shake(t - 0.005));
                assert!((a.shift[0] - b.shift[0]).abs() < 0.002 && (a.zoom - 1.0).abs() < 0.03);
                last = now;
            }
        }
    }

    #[test]
    fn both_eyes_blink_together_twelve_to_twenty_times_a_minute_and_close() {
        for motion in clips() {
            let (mut blinks, mut shut) = (0, false);
            for i in 0..6_000 {
                let m = motion.at(i as f32 * 0.01);
                let (left, right) = (weight(&m, "eyeBlinkLeft"), weight(&m, "eyeBlinkRight"));
                assert!((left - right).abs() < 0.1, "{left} {right}");
                blinks += i32::from(left > 0.99 && !shut);
                shut = left > 0.99;
            }
            assert!((11..=21).contains(&blinks), "{blinks}");
        }
    }

    #[test]
    fn only_a_hand_shakes_and_only_talkers_move_their_jaw() {
        for (i, motion) in clips().enumerate() {
            assert_eq!(motion.shake(1.3) == Shake::NONE, i % 3 != 0);
            let jaw = (0..100).map(|k| weight(&motion.at(k as f32 * 0.1), "jawOpen")).fold(0.0, f32::max);
            assert_eq!(jaw > 0.05, i % 2 == 0, "{jaw}");
        }
        let again: Vec<Moment> = clips().map(|m| m.at(2.5)).collect();
        assert!(clips().map(|m| m.at(2.5)).eq(again));
    }
}
