//! Photographs and videos on a display: the picture becomes light of coloured subpixels behind glass that mirrors the
//! room, in a frame, with brightness bands that the camera's shutter makes of refresh and dimming. Subpixels are in
//! `panel`; the table of displays stands beside the cameras' in `displays`.

mod panel;

use std::f32::consts::TAU;

use crate::rng::Stream;

use super::super::displays::{Display, Layout};
use super::super::math::{V3, linear, mix, smooth, v3};
use super::super::noise::floor;
use super::super::tuning::{CROSSTALK, DISPLAY_TILT, HALFTONE_FINER};
use super::hands::Fingers;
use super::sheet::Sheet;
use super::{Place, Presented, Source, chance, octave, pick};
use panel::Panel;

/// How much more than the picture the photograph on a display shows.
pub fn margin(rng: &mut Stream) -> f32 {
    if chance(rng, 0.3) { pick(rng, (0.9, 1.05)) } else { pick(rng, (1.08, 1.3)) }
}

/// A display during one clip.
#[derive(Debug)]
pub struct Replay {
    sheet: Sheet,
    fingers: Option<Fingers>,
    panel: Panel,
    /// The lit part: left, top, right, bottom in places on the medium.
    lit: [f32; 4],
    /// Display pixels across the photograph's side.
    rate: f32,
    /// Light for every signal.
    curve: Vec<f32>,
    black: f32,
    white: V3,
    glass: f32,
    matte: bool,
    /// Whether the panel lies on its side.
    sideways: bool,
    room: f32,
    leak: f32,
    falloff: [f32; 2],
    bezel: V3,
    /// Strength, bands a picture, bands a second, phase.
    bands: [f32; 4],
    /// How plainly subpixels are seen.
    contrast: f32,
}

impl Replay {
    /// Sets `display` up to show pictures like `source` to a camera with pictures of `size` pixels and `side` samples;
    /// `skin` is the reflectance of the attacker's hand.
    pub fn new(
        display: &Display,
        source: &Source,
        zoom: f32,
        (hand, skin): (bool, V3),
        (side, size): (usize, usize),
        rng: &mut Stream,
    ) -> Self {
        // The face is in the display's middle, more or less.
        let [x, y, w, h] = source.face;
        let middle = [x + w * 0.5 + pick(rng, (-0.06, 0.06)), y + h * 0.5 + pick(rng, (-0.08, 0.04))];
        let half = [pick(rng, display.width) * 0.5, 0.0];
        let half = [half[0], (half[0] * display.height).max(0.62 * h)];
        let lit = [middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]];
        let frame = display.frame * 2.0 * half[0];
        let edges = [lit[0] - frame, lit[1] - frame, lit[2] + frame, lit[3] + frame];
        let mut sheet = Sheet::flat(edges, DISPLAY_TILT, hand, rng);
        sheet.bend = 0.0;
        let fingers = (hand && display.width.0 < 1.0).then(|| Fingers::draw(edges, w, skin, rng));
        let finer = (size as f32 / 128.0).powf(HALFTONE_FINER);
        let rate = octave(rng, display.resolution) * finer / w.max(0.05);
        let gamma = pick(rng, display.gamma) / 2.2;
        let curve = (0..256).map(|i| linear(i as f32 / 255.0).powf(gamma)).collect();
        let samples = side as f32 * zoom / rate;
        Self {
            sheet,
            fingers,
            panel: Panel::new(display.layout, (1.0 / samples).min(4.0)),
            lit,
            rate,
            curve,
            black: pick(rng, display.black),
            white: v3(display.white[0] * pick(rng, (0.97, 1.03)), 1.0, display.white[1] * pick(rng, (0.96, 1.04))),
            glass: pick(rng, display.glass),
            matte: display.matte,
            sideways: display.layout == Layout::Lying,
            room: pick(rng, display.room),
            leak: pick(rng, CROSSTALK),
            falloff: [pick(rng, (-1.0, 1.0)), pick(rng, (-1.0, 1.0))].map(|f| f * display.falloff),
            bezel: v3(display.bezel[0], display.bezel[1], display.bezel[2]),
            bands: [
                pick(rng, display.banding),
                pick(rng, display.bands),
                pick(rng, (-4.0, 4.0)),
                pick(rng, (0.0, 1.0)),
            ],
            contrast: smooth(1.2, 3.0, samples),
        }
    }

    /// The display with `source` on it before the camera.
    pub fn present(&self, source: &Source, place: &Place<'_>) -> Presented {
        let held = self.sheet.hold(source, place.framing, place.seconds);
        let mut shown = Presented::before(place, &held, source);
        let light = place.light;
        // The room's light, measured against the display's white.
        let level = self.room / light.open(v3(0.0, 0.0, 1.0)).luminance().max(1e-6);
        shown.picture.light.iter_mut().for_each(|l| *l = *l * level);
        let glass = self.glass * level;
        let mesh = held.mesh(light, |d| if self.matte { light.glossy(d) * glass } else { light.soft(d) * glass });
        let (side, n) = (place.side, source.side);
        let signal: Vec<V3> = source
            .rgb
            .chunks_exact(3)
            .map(|p| {
                let of = |b: u8| self.curve[usize::from(b)];
                v3(of(p[0]), of(p[1]), of(p[2])) * (1.0 - self.black) + V3::splat(self.black)
            })
            .collect();
        let [strength, bands, travel, phase] = self.bands;
        let dimmed: Vec<f32> = (0..side)
            .map(|k| {
                let t = k as f32 / side as f32 * bands + place.seconds * travel + phase;
                1.0 + strength * (t * TAU).sin()
            })
            .collect();
        // A panel on its side scans sideways.
        let line = |i: usize| if self.sideways { i % side } else { i / side };
        let [left, top, right, bottom] = self.lit;
        let last = n as i32 - 1;
        let at = |x: f32, y: f32| {
            let (x, y) = (x * n as f32 - 0.5, y * n as f32 - 0.5);
            let (ix, iy) = (floor(x), floor(y));
            let texel =
                |dx: i32, dy: i32| signal[((iy + dy).clamp(0, last) * (last + 1) + (ix + dx).clamp(0, last)) as usize];
            let (u, v) = (x - ix as f32, y - iy as f32);
            texel(0, 0).mix(texel(1, 0), u).mix(texel(0, 1).mix(texel(1, 1), u), v)
        };
        let dark = V3::splat(self.black);
        let colour = |p: [f32; 2]| {
            let on = (0.0..1.0).contains(&p[0]) && (0.0..1.0).contains(&p[1]);
            if on { at(p[0], p[1]) } else { dark }
        };
        let is_lit = |p: [f32; 2]| p[0] > left && p[0] < right && p[1] > top && p[1] < bottom;
        let inverse = 1.0 / self.rate;
        mesh.each(side, |i, seen| {
            shown.medium[i] = true;
            let p = seen.place;
            if !is_lit(p) {
                shown.picture.light[i] = self.bezel * seen.diffuse * level + seen.shine;
                return;
            }
            let (px, py) = (p[0] * self.rate, p[1] * self.rate);
            let mut pure;
            if self.contrast > 0.0 {
                // One colour a display pixel: what the photograph has at its middle.
                pure = colour([(floor(px) as f32 + 0.5) * inverse, (floor(py) as f32 + 0.5) * inverse]);
                pure = pure * V3::ONE.mix(self.panel.at(px, py), self.contrast);
                let grey = (pure.x + pure.y + pure.z) / 3.0;
                pure = v3(mix(pure.x, grey, self.leak), mix(pure.y, grey, self.leak), mix(pure.z, grey, self.leak));
            } else {
                pure = colour(p);
            }
            let fall = 1.0 + self.falloff[0] * (p[0] - 0.5) + self.falloff[1] * (p[1] - 0.5);
            shown.picture.light[i] = pure * self.white * (fall * dimmed[line(i)]) + seen.shine;
        });
        if let Some(fingers) = &self.fingers {
            fingers.draw_over(&mut shown, &held, light, level);
        }
        mesh.each(place.size, |i, seen| {
            let albedo = if is_lit(seen.place) { colour(seen.place) } else { self.bezel };
            shown.surface[i] = Some((seen.normal.unit(), albedo));
        });
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::displays::DISPLAYS;
    use super::super::sheet::tests::{behind, framing, source, studio};
    use super::*;
    use crate::rng::Streams;
    use crate::synth::light::Lighting;

    #[test]
    fn the_mask_is_the_displays_quadrilateral() {
        let environment = studio();
        let light = Lighting::new(&environment, 0.3, 2);
        let (source, framing, behind) = (source(), framing(), behind());
        let side = 120;
        for seed in 0..4 {
            let rng = &mut Streams::new(seed).stream("t", 0);
            let replay = Replay::new(&DISPLAYS[3], &source, 1.0, (false, V3::ONE), (side, 40), rng);
            let place = Place { light: &light, framing: &framing, behind: &behind, side, size: 40, seconds: 0.4 };
            let shown = replay.present(&source, &place);
            let corners = replay.sheet.hold(&source, &framing, 0.4).corners().map(|c| c.map(|v| v * side as f32));
            let mut covered = 0;
            for (i, medium) in shown.medium.iter().enumerate() {
                let p = [(i % side) as f32 + 0.5, (i / side) as f32 + 0.5];
                // How far inside the nearest edge the sample lies.
                let inside = (0..4).map(|k| {
                    let (a, b) = (corners[k], corners[(k + 1) % 4]);
                    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                    ((p[1] - a[1]) * dx - (p[0] - a[0]) * dy) / dx.hypot(dy)
                });
                let inside = inside.fold(f32::MAX, f32::min);
                assert!(inside.abs() < 0.75 || *medium == (inside > 0.0), "{p:?} {inside}");
                covered += usize::from(*medium);
            }
            assert!(covered > side * side / 4, "{covered}");
        }
    }
}
