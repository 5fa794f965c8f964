//! The camera: what happens to light between the lens and the bytes of a JPEG. Live faces, attackers' photographs and
//! presented attacks all pass through it; nothing here knows which it is. The steps, in their order, are in `lens`,
//! `sensor` and `process`; the devices in `devices`; here is what a clip and a frame draw, and the way through.

mod devices;
mod lens;
mod process;
mod sensor;

use crate::rng::{self, Stream};

use super::math::{V3, v3};
use super::scene::Picture;
use super::tuning::{self, Range};

pub use devices::{DEVICES, Device};
use devices::{Mosaic, Shape};

/// How the camera frames the face, in parts of the square picture's side.
#[derive(Debug, Clone, Copy)]
pub struct Framing {
    /// Where the point between the eyes falls.
    pub eyes: [f32; 2],
    /// From the eyes to the chin.
    pub face: f32,
    /// From the camera to the eyes in decimetres.
    pub distance: f32,
}

impl Framing {
    /// Draws how somebody stands before `device`.
    pub fn draw(device: &Device, rng: &mut Stream) -> Self {
        let mut pick = |r: Range| rng::between(rng, f64::from(r.0), f64::from(r.1)) as f32;
        let off = tuning::OFF_CENTRE;
        let face = pick(tuning::FACE) * device.face;
        // The middle of the face stays where it is at the nearest camera.
        let lower = 0.5 * tuning::FACE.1 * (1.0 - device.face) * 0.6;
        Self {
            eyes: [0.5 + pick((-off, off)), pick(tuning::EYE_HEIGHT) + lower],
            face,
            distance: pick(tuning::DISTANCE),
        }
    }
}

/// The settings of one clip on one device.
#[derive(Debug, Clone, Copy)]
pub struct Exposure {
    device: Device,
    /// Whether the file is stored upside down.
    turned: bool,
    blur: f32,
    noise: sensor::Noise,
    sharpen: f32,
    saturation: f32,
    quality: u8,
    vignette: f32,
    target: f32,
    balance: f32,
    cast: V3,
    contrast: f32,
    /// Stray light as a part of the mean.
    veil: f32,
    /// Brightness bands of lamps on the mains: strength, bands a picture, and how far they travel a second.
    flicker: [f32; 3],
    /// Motion during the exposure in pixels: a clip's usual amount.
    motion: f32,
}

impl Exposure {
    /// Draws the settings of one clip on `device`; `dark` is how much noisier the place makes it (1: not at all), and
    /// `flicker` the most that its lamps flicker.
    pub fn draw(device: &Device, dark: f32, flicker: f32, rng: &mut Stream) -> Self {
        let mut pick = |r: Range| rng::between(rng, f64::from(r.0), f64::from(r.1)) as f32;
        // Missed focus is rare and then plain: the square of an even number.
        let missed = pick((0.0, 1.0)).powi(2) * device.defocus;
        let cast = v3(device.cast[0] * pick((0.95, 1.05)), pick((0.985, 1.015)), device.cast[1] * pick((0.95, 1.05)));
        Self {
            device: *device,
            turned: false,
            blur: pick(device.blur).hypot(missed),
            noise: sensor::Noise { shot: pick(device.shot) * dark, read: pick(device.read) * dark },
            sharpen: pick(device.sharpen),
            saturation: pick(device.saturation),
            quality: pick((f32::from(device.quality.0), f32::from(device.quality.1) + 0.999)) as u8,
            vignette: pick(device.vignette),
            target: pick(device.target),
            balance: pick(device.balance),
            cast,
            contrast: pick(device.contrast),
            veil: pick(tuning::VEIL),
            flicker: [pick((0.0, 1.0)).powi(2) * flicker, pick((0.8, 5.0)), pick((-3.0, 3.0))],
            motion: pick((0.0, 1.0)).powi(2) * tuning::MOTION,
        }
    }

    /// The same with the camera held upside down.
    pub fn upside_down(self, turned: bool) -> Self {
        Self { turned, ..self }
    }

    /// The same with a careful photographer who later wants a good copy: `blur` times the blur, little noise, no stray
    /// light, colours as they are, a good JPEG, the whole square.
    pub fn careful(self, blur: f32) -> Self {
        Self {
            device: Device { shape: Shape::Square, mosaic: Mosaic::Gradient, aberration: 0.0, ..self.device },
            blur: self.blur * blur,
            noise: sensor::Noise { shot: self.noise.shot * 0.4, read: self.noise.read * 0.4 },
            quality: self.quality.max(88),
            balance: self.balance * 0.6,
            contrast: 0.2 + 0.6 * self.contrast,
            veil: 0.0,
            flicker: [0.0; 3],
            motion: 0.0,
            ..self
        }
    }

    /// The part of a square picture of `size` pixels that is kept: left, top, width and height.
    pub fn cut(&self, size: usize) -> [usize; 4] {
        self.device.cut(size)
    }
}

/// What a camera leaves behind.
#[derive(Debug, Clone)]
pub struct Taken {
    /// sRGB bytes, row by row: what the file decodes to.
    pub rgb: Vec<u8>,
    /// The JPEG file.
    pub jpeg: Vec<u8>,
}

/// When a picture is taken and where its face is.
#[derive(Debug, Clone, Copy)]
pub struct Instant {
    /// From the clip's beginning.
    pub seconds: f32,
    /// Left, top, width and height of the face in parts of the square's side.
    pub face: [f32; 4],
}

/// Takes `picture` as `size` by `size` pixels and keeps the device's part of them. `rng` is the noise of this frame.
pub fn take(picture: &Picture, size: usize, exposure: &Exposure, at: Instant, rng: &mut Stream) -> Taken {
    let device = &exposure.device;
    let grid = if device.mosaic == Mosaic::Binned { 2 * size } else { size };
    // Light falls on a grid of at most two by two cells a pixel and is blurred there.
    let fine = if picture.side >= 2 * size { 2 * size } else { size };
    let cells = (fine / size) as f32;
    let mut light = resize(picture, fine);
    lens::blur(&mut light, fine, exposure.blur * cells);
    let angle = rng::uniform(rng) as f32 * std::f32::consts::TAU;
    let length = exposure.motion * (0.3 + 0.7 * rng::uniform(rng) as f32) * cells;
    lens::smear(&mut light, fine, [angle.cos() * length, angle.sin() * length]);
    let light = resize(&Picture { side: fine, light }, grid);

    let metered = Metered::new(&light, grid, at.face, device.priority);
    let wander = 1.0 + 0.02 * rng::normal(rng) as f32;
    let gain = exposure.target / metered.level.max(1e-9) * wander;
    let balance = metered.balance(exposure.balance) * exposure.cast;
    let cut = device.cut(grid);
    let light = on_photosites(&light, grid, cut, exposure, gain, at.seconds);
    let raw = sensor::expose(&light, cut[2], exposure.noise, rng);
    let width = device.cut(size)[2];
    let seen = sensor::develop(&raw, cut[2], device.mosaic);

    let tone = process::Tone::new(exposure.contrast);
    let mut ycc: Vec<V3> = seen
        .into_iter()
        .map(|c| {
            let c = c * balance;
            let c = V3::splat(c.luminance()).mix(c, exposure.saturation);
            process::to_ycc(v3(tone.at(c.x), tone.at(c.y), tone.at(c.z)))
        })
        .collect();
    process::smooth_colour(&mut ycc, width, device.smooth);
    process::sharpen(&mut ycc, width, exposure.sharpen, device.halo);
    if device.halved {
        process::halve_colour(&mut ycc, width);
    }
    let byte = |x: f32| (x.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
    let rgb = ycc
        .into_iter()
        .flat_map(|c| {
            let c = process::from_ycc(c);
            [byte(c.x), byte(c.y), byte(c.z)]
        })
        .collect();
    let (jpeg, rgb) = process::jpeg(rgb, width, exposure.quality, exposure.turned);
    Taken { rgb, jpeg }
}

/// What metering finds.
struct Metered {
    level: f32,
    mean: V3,
}

impl Metered {
    /// Weighs the face at `face` against the rest of the picture with `priority`.
    fn new(light: &[V3], side: usize, face: [f32; 4], priority: f32) -> Self {
        let edge = |a: f32| ((a * side as f32) as usize).min(side);
        let (x0, x1) = (edge(face[0] + 0.1 * face[2]), edge(face[0] + 0.9 * face[2]));
        let (y0, y1) = (edge(face[1] + 0.1 * face[3]), edge(face[1] + 0.9 * face[3]));
        let (mut inside, mut n, mut outside) = (V3::ZERO, 0.0_f32, V3::ZERO);
        let rough = light.iter().map(|l| l.luminance()).sum::<f32>() / light.len() as f32;
        // Windows and lamps must not darken the face: metering stops at 2.5 times the mean.
        let most = 2.5 * rough.max(1e-9);
        for (y, row) in light.chunks_exact(side).enumerate().step_by(2) {
            for (x, l) in row.iter().enumerate().step_by(2) {
                let seen = *l * (most / l.luminance().max(most));
                if (x0..x1).contains(&x) && (y0..y1).contains(&y) {
                    inside += seen;
                    n += 1.0;
                } else {
                    outside += seen;
                }
            }
        }
        let all = light.len() as f32 * 0.25;
        let (inside, outside) = (inside * (1.0 / n.max(1.0)), outside * (1.0 / (all - n).max(1.0)));
        let priority = if n > 0.0 { priority } else { 0.0 };
        // Levels are averaged as exposures are, by their ratio.
        let level = (inside.luminance().max(1e-9).ln() * priority
            + outside.luminance().max(1e-9).ln() * (1.0 - priority))
            .exp();
        let share = |c: V3| c * (1.0 / c.luminance().max(1e-9));
        Self { level, mean: share(inside).mix(share(outside), 1.0 - 0.6 * priority) }
    }

    /// Gains that bring the mean to what the camera expects, `part` of the way.
    fn balance(&self, part: f32) -> V3 {
        // Faces are not grey: the camera expects a somewhat warm picture.
        let expected = v3(1.14, 0.97, 0.84);
        let follow = |m: f32, e: f32| (e / m.max(1e-9)).clamp(0.4, 2.5).powf(part);
        let found =
            v3(follow(self.mean.x, expected.x), follow(self.mean.y, expected.y), follow(self.mean.z, expected.z));
        // Colours change, brightness does not.
        found * (1.0 / (found * self.mean).luminance().max(1e-9))
    }
}

/// Light on the photosites of the device's part: exposed, with corners, colour fringes, stray light and flicker.
fn on_photosites(light: &[V3], side: usize, cut: [usize; 4], exposure: &Exposure, gain: f32, seconds: f32) -> Vec<V3> {
    let [left, top, width, height] = cut;
    let centre = (side as f32 - 1.0) * 0.5;
    let corner = 1.0 / (2.0 * centre * centre).max(1.0);
    let stray = V3::splat(exposure.veil * exposure.target);
    let fringe = exposure.device.aberration;
    let [strength, bands, travel] = exposure.flicker;
    let mut out = Vec::with_capacity(width * height);
    for y in top..top + height {
        let dy = y as f32 - centre;
        let phase = (y as f32 / side as f32 * bands + seconds * travel) * std::f32::consts::TAU;
        let lamp = gain * (1.0 + strength * phase.sin());
        for x in left..left + width {
            let dx = x as f32 - centre;
            let mut l = light[y * side + x];
            if fringe > 0.0 {
                // Fringes are below a photosite: a step along the gradient is near enough.
                let step = |i: usize, j: usize| light[j.min(side - 1) * side + i.min(side - 1)];
                let across = (step(x + 1, y) - step(x.saturating_sub(1), y)) * (0.5 * dx * fringe);
                let down = (step(x, y + 1) - step(x, y.saturating_sub(1))) * (0.5 * dy * fringe);
                l.x = (l.x - across.x - down.x).max(0.0);
                l.z = (l.z + across.z + down.z).max(0.0);
            }
            let fall = 1.0 - exposure.vignette * (dx * dx + dy * dy) * corner;
            out.push((l * lamp + stray) * fall);
        }
    }
    out
}

/// Averages (or interpolates) a picture to `side` samples.
fn resize(picture: &Picture, side: usize) -> Vec<V3> {
    lens::resize(picture, side)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rng::Streams;

    const FACE: [f32; 4] = [0.25, 0.2, 0.5, 0.6];

    fn flat(side: usize, light: V3) -> Picture {
        Picture { side, light: vec![light; side * side] }
    }

    fn of(picture: &Picture, size: usize, device: &Device) -> Taken {
        let streams = Streams::new(1);
        let exposure = Exposure::draw(device, 1.0, 0.0, &mut streams.stream("a", 0));
        take(picture, size, &exposure, Instant { seconds: 0.0, face: FACE }, &mut streams.stream("n", 0))
    }

    fn level(taken: &Taken) -> f32 {
        taken.rgb.iter().map(|b| f32::from(*b)).sum::<f32>() / taken.rgb.len() as f32
    }

    #[test]
    fn every_device_brings_dark_and_bright_scenes_to_the_same_level() {
        let names: BTreeSet<&str> = DEVICES.iter().map(|d| d.name).collect();
        assert_eq!(names.len(), DEVICES.len());
        for device in DEVICES {
            let dark = of(&flat(64, V3::splat(0.01)), 32, device);
            let bright = of(&flat(64, V3::splat(9.0)), 32, device);
            let [_, _, width, height] = device.cut(32);
            assert_eq!(dark.rgb.len(), width * height * 3);
            let (d, b) = (level(&dark), level(&bright));
            assert!((d - b).abs() < 3.0 && d > 60.0 && d < 200.0, "{} {d} {b}", device.name);
            let decoded = image::load_from_memory(&dark.jpeg).unwrap().into_rgb8();
            assert_eq!(decoded.into_raw(), dark.rgb);
        }
    }

    #[test]
    fn a_face_before_a_bright_window_stays_visible() {
        let inside = |i: usize| (0.25..0.75).contains(&((i % 64) as f32 / 64.0)) && (13..51).contains(&(i / 64));
        let light = (0..64 * 64).map(|i| V3::splat(if inside(i) { 0.1 } else { 2.0 })).collect();
        let window = Picture { side: 64, light };
        for device in DEVICES {
            let taken = of(&window, 32, device);
            let [_, _, width, height] = device.cut(32);
            let middle = taken.rgb[(height / 2 * width + width / 2) * 3];
            assert!(middle > 40, "{} {middle}", device.name);
        }
    }

    #[test]
    fn a_colour_cast_is_mostly_taken_out() {
        let warm = of(&flat(64, v3(1.5, 1.0, 0.5)), 32, &DEVICES[0]);
        let share = |k: usize| warm.rgb.iter().skip(k).step_by(3).map(|b| f32::from(*b)).sum::<f32>();
        assert!(share(0) / share(2) > 1.0 && share(0) / share(2) < 1.5, "{}", share(0) / share(2));
    }
}
