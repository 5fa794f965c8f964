//! Printed photographs: the picture becomes ink amounts, the inks dots, the dots one of 16 measured overprints of a
//! real paper, and the sheet is cut, bent, held, lit and glossy. Papers are in `paper`, dots in `screen`, cuts in
//! `cut`; the table of printers stands beside the cameras' in `printers`.

mod cut;
mod paper;
mod screen;

use crate::rng::{self, Stream};

use super::super::SynthError;
use super::super::camera::Framing;
use super::super::math::{V3, linear, smooth, v3};
use super::super::noise::hash01;
use super::super::printers::Printer;
use super::super::species::PrintForm;
use super::super::tuning::{BEND, CUT_BEND, FIBRE, HALFTONE_FINER, TILT, WARP};
use super::hands::Fingers;
use super::sheet::{Held, Sheet};
use super::{Place, Presented, Source, chance, octave, pick};
use cut::Cut;
use paper::{Paper, mean_colour};
use screen::{Screen, Thresholds};

/// Side of the tile of paper fibre.
const FIBRES: usize = 128;

/// What all prints share: papers, thresholds, fibre.
#[derive(Debug)]
pub struct Press {
    papers: Vec<Paper>,
    thresholds: Thresholds,
    fibre: Vec<f32>,
}

impl Press {
    /// Reads the table of papers and works out the rest.
    pub fn new(table: &str) -> Result<Self, SynthError> {
        let cell = |i: usize| hash01((i % FIBRES) as i32, (i / FIBRES) as i32, 3, 21) - 0.5;
        // Fibres are longer across than down: the mean of neighbours.
        let fibre = (0..FIBRES * FIBRES).map(|i| (cell(i) + cell((i + 1) % (FIBRES * FIBRES))) * 1.4).collect();
        Ok(Self { papers: paper::papers(table)?, thresholds: Thresholds::new(), fibre })
    }
}

/// How much more than the picture the photograph of a print of `form` shows.
pub fn margin(form: PrintForm, rng: &mut Stream) -> f32 {
    match form {
        PrintForm::Flat | PrintForm::Warped if chance(rng, 0.35) => pick(rng, (0.86, 1.0)),
        PrintForm::Flat | PrintForm::Warped => pick(rng, (1.08, 1.25)),
        PrintForm::CutEyes => pick(rng, (0.95, 1.2)),
        _ => 1.0,
    }
}

/// One print: everything that its clip's frames share.
#[derive(Debug)]
pub struct Print {
    paper: usize,
    cut: Cut,
    sheet: Sheet,
    fingers: Option<Fingers>,
    screen: Screen,
    /// Periods across the photograph's side.
    rate: f32,
    /// Ink amounts of the photograph's pixels.
    inks: Vec<[f32; 4]>,
    gloss: f32,
    fibre: f32,
    /// Width of the white that a cut edge shows.
    rim: f32,
}

impl Print {
    /// Prints `source` as `form` for pictures of `size` pixels; `skin` is the reflectance of the attacker's hand.
    pub fn new(
        press: &Press,
        (printer, form): (&Printer, PrintForm),
        source: &Source,
        (hand, skin): (bool, V3),
        size: usize,
        rng: &mut Stream,
    ) -> Self {
        let number = printer.papers[rng::index(rng, printer.papers.len())] % press.papers.len();
        let paper = &press.papers[number];
        let cut = Cut::new(form, source, rng::index(rng, 1 << 24) as u32);
        let border = if chance(rng, 0.6) { pick(rng, (0.01, 0.06)) } else { 0.0 };
        let edges = cut.edges(border);
        let mut sheet = Sheet::flat(edges, TILT, hand && !cut.worn(), rng);
        sheet.seed = rng::index(rng, 1 << 24) as u32;
        sheet.axis = pick(rng, (-0.25, 0.25)) + if chance(rng, 0.3) { std::f32::consts::FRAC_PI_2 } else { 0.0 };
        match form {
            PrintForm::Flat => {
                sheet.bend = pick(rng, BEND) * if chance(rng, 0.5) { -1.0 } else { 1.0 };
                sheet.wrinkle = pick(rng, (0.0, 0.08));
            }
            PrintForm::Warped => {
                sheet.bend = pick(rng, WARP) * if chance(rng, 0.35) { -1.0 } else { 1.0 };
                sheet.cone = pick(rng, (-0.8, 0.8));
                sheet.axis += pick(rng, (-0.5, 0.5));
                sheet.wrinkle = pick(rng, (0.05, 0.25));
            }
            _ => {
                // Paper on a face bends about the vertical.
                sheet.bend = pick(rng, CUT_BEND);
                sheet.axis = pick(rng, (-0.1, 0.1));
                sheet.cone = pick(rng, (-0.3, 0.3));
                sheet.wrinkle = pick(rng, (0.02, 0.16));
            }
        }
        let held = hand || form == PrintForm::CutEyes;
        let fingers = (held && !cut.outlined()).then(|| Fingers::draw(edges, source.face[2], skin, rng));

        let finer = (size as f32 / 128.0).powf(HALFTONE_FINER);
        let rate = octave(rng, printer.resolution) * finer / source.face[2].max(0.05);
        let shift = [rng::index(rng, 1 << 12) as i32, rng::index(rng, 1 << 12) as i32];
        let screen = Screen::new(printer.dots, pick(rng, (-0.2, 0.2)), shift);

        let error: [f32; 4] = [(); 4].map(|()| 1.0 + printer.error * rng::normal(rng) as f32);
        let (banding, bands) = (pick(rng, printer.banding), pick(rng, printer.bands) / source.face[2].max(0.05));
        // Printers lift the shadows of photographs.
        let lift = pick(rng, (0.72, 1.0));
        let table: Vec<f32> = (0..256).map(|i| linear(i as f32 / 255.0).powf(lift)).collect();
        let of = |b: u8| table[usize::from(b)];
        let salt = rng::index(rng, 1 << 24) as u32;
        let mut inks = Vec::with_capacity(source.side * source.side);
        for (y, row) in source.rgb.chunks_exact(source.side * 3).enumerate() {
            // Each pass of the head lays a little more or less ink, most visibly where passes meet.
            let at = y as f32 / source.side as f32 * bands;
            let meet = 1.0 - smooth(0.0, 0.35, (at - at.floor() - 0.5).abs());
            let pass = 1.0 + banding * (2.0 * hash01(at as i32, 0, 1, salt) - 1.0 + 1.5 * meet);
            for p in row.chunks_exact(3) {
                let mut a = paper.inks_for(v3(of(p[0]), of(p[1]), of(p[2])));
                a.iter_mut().zip(error).for_each(|(a, e)| *a = (*a * e * pass).clamp(0.0, 1.0));
                inks.push(a);
            }
        }
        let (gloss, fibre, rim) = (pick(rng, printer.gloss), pick(rng, FIBRE), pick(rng, (0.0, 0.002)));
        Self { paper: number, cut, sheet, fingers, screen, rate, inks, gloss, fibre, rim }
    }

    /// Whether the attacker's own face is seen round it or through it.
    pub fn worn(&self) -> bool {
        self.cut.worn()
    }

    /// The print of `source` before the camera.
    pub fn present(&self, press: &Press, source: &Source, place: &Place<'_>) -> Presented {
        let held = self.hold(source, place);
        let mut shown = Presented::before(place, &held, source);
        let light = place.light;
        let gloss = self.gloss;
        // Coated paper mirrors more sharply.
        let mirror = |d: V3| if gloss > 0.02 { light.soft(d) * gloss } else { light.glossy(d) * gloss };
        let mesh = held.mesh(light, mirror);
        let paper = &press.papers[self.paper];
        let (side, n) = (place.side, source.side);
        let focus = self.screen.focus(side as f32 * held.zoom / self.rate);
        let grain = FIBRES as f32 / 24.0 * side as f32 * held.zoom / 128.0;
        let to_light = light.keys.first().map_or(v3(0.0, 0.5, 1.0), |k| k.to);
        let shadow = [to_light.x, -to_light.y].map(|c| 0.025 * c / to_light.z.max(0.4));
        let tint = |p: [f32; 2]| {
            let on = (0.0..1.0).contains(&p[0]) && (0.0..1.0).contains(&p[1]);
            on.then(|| interpolate(&self.inks, n, p[0] * n as f32, p[1] * n as f32))
        };
        let (worn, behind) = (self.cut.worn(), place.behind);
        mesh.each(side, |i, seen| {
            let p = seen.place;
            if worn {
                let inside = self.cut.inside(p);
                if inside <= 0.0 {
                    // The paper's shadow on the attacker, not on the far background.
                    let step = |c: usize| c * behind.picture.side / side;
                    if !behind.solid.get(step(i / side) * behind.picture.side + step(i % side)).is_some_and(|s| *s) {
                        return;
                    }
                    let shaded = self.cut.inside([p[0] + shadow[0], p[1] + shadow[1]]);
                    let dim = 1.0 - 0.5 * smooth(-0.012, 0.012, shaded);
                    shown.picture.light[i] = shown.picture.light[i] * dim;
                    return;
                }
                if inside < self.rim {
                    // The cut edge shows the white of the paper.
                    shown.medium[i] = true;
                    shown.picture.light[i] = paper.overprints[0] * seen.diffuse * 0.7;
                    return;
                }
            }
            shown.medium[i] = true;
            let colour = tint(p).map_or(paper.overprints[0], |amounts| {
                let (x, y) = (p[0] * self.rate, p[1] * self.rate);
                mean_colour(&paper.overprints, self.screen.cover(&press.thresholds, focus, amounts, x, y))
            });
            let fibre = press.fibre
                [((p[1] * grain * 64.0) as usize % FIBRES) * FIBRES + (p[0] * grain * 64.0) as usize % FIBRES];
            shown.picture.light[i] = colour * seen.diffuse * (1.0 + self.fibre * fibre) + seen.shine;
        });
        if let Some(fingers) = &self.fingers {
            fingers.draw_over(&mut shown, &held, light, 1.0);
        }
        mesh.each(place.size, |i, seen| {
            if !worn || self.cut.inside(seen.place) > 0.0 {
                let albedo = tint(seen.place).map_or(paper.overprints[0], |a| mean_colour(&paper.overprints, a));
                shown.surface[i] = Some((seen.normal.unit(), albedo));
            }
        });
        shown
    }

    /// Held where the camera frames the face, or on the attacker's own so that the eyes meet.
    fn hold(&self, source: &Source, place: &Place<'_>) -> Held {
        if !self.cut.worn() {
            return self.sheet.hold(source, place.framing, place.seconds);
        }
        let [r, l, ..] = place.behind.landmarks;
        let [sr, sl, ..] = source.landmarks;
        let apart = (l[0] - r[0]).hypot(l[1] - r[1]);
        let own = (sl[0] - sr[0]).hypot(sl[1] - sr[1]).max(0.02);
        let eyes = source.eyes();
        let length = source.face[1] + source.face[3] - eyes[1];
        // As large as makes the eyes meet, within what a face of that size can wear.
        let zoom = apart / own;
        let by_face = place.behind.face[3] / source.face[3].max(0.05);
        let framing = Framing {
            eyes: [(r[0] + l[0]) * 0.5, (r[1] + l[1]) * 0.5],
            face: zoom.clamp(0.85 * by_face, 1.2 * by_face) * length,
            ..*place.framing
        };
        let roll = |r: [f32; 2], l: [f32; 2]| (l[1] - r[1]).atan2(l[0] - r[0]);
        let mut sheet = self.sheet;
        sheet.tilt[2] = -(roll(r, l) - roll(sr, sl));
        sheet.hold(source, &framing, place.seconds)
    }
}

fn interpolate(inks: &[[f32; 4]], n: usize, x: f32, y: f32) -> [f32; 4] {
    let (x, y) = ((x - 0.5).clamp(0.0, n as f32 - 1.001), (y - 0.5).clamp(0.0, n as f32 - 1.001));
    let (i, j) = (x as usize, y as usize);
    let (u, v) = (x - i as f32, y - j as f32);
    let cell = |dx: usize, dy: usize| &inks[(j + dy) * n + i + dx];
    let (a, b, c, d) = (cell(0, 0), cell(1, 0), cell(0, 1), cell(1, 1));
    [0, 1, 2, 3].map(|k| (a[k] * (1.0 - u) + b[k] * u) * (1.0 - v) + (c[k] * (1.0 - u) + d[k] * u) * v)
}
