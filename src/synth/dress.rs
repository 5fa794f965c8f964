//! Lashes, hair and glasses: thin things that are lit at their points and drawn over the shaded face.

use super::canvas::Canvas;
use super::figure::{Figure, Pose};
use super::hair::Strands;
use super::math::{V3, mix, smooth, v3};
use super::noise::hash01;
use super::raster::{ribbon, triangle};
use super::stage::Stage;

impl Stage<'_> {
    /// Darkens what lies behind the lashes; `coarse` is the posed mesh.
    pub fn lashes(&self, light: &mut [V3], canvas: &mut Canvas, coarse: &[V3]) {
        let side = canvas.side;
        let strength = if self.cast.who.female { 0.85 } else { 0.6 };
        for (quad, along) in &self.cast.anatomy.lashes {
            let p = quad.map(|v| self.camera.project(coarse[v as usize]));
            for (b, c) in [(1, 2), (2, 3)] {
                triangle(p[0], p[b], p[c], side, side, |i, b1, b2, z| {
                    let t = along[0] * (1.0 - b1 - b2) + along[b] * b1 + along[c] * b2;
                    if z < canvas.z[i] + 0.02 {
                        light[i] = light[i] * (1.0 - strength * (1.0 - t) * (1.0 - 0.5 * t));
                    }
                });
            }
        }
    }

    /// Light that leaves each point of each strand.
    pub fn light_hair(&self, strands: &Strands) -> Vec<V3> {
        let mut out = vec![V3::ZERO; strands.points.len()];
        let skull = (self.eyes[0].centre + self.eyes[1].centre) * 0.5 - v3(0.0, -0.15, 0.75);
        for (s, colour) in strands.colours.iter().enumerate() {
            let (first, end) = (strands.starts[s] as usize, strands.starts[s + 1] as usize);
            for (i, leaving) in out.iter_mut().enumerate().take(end).skip(first) {
                let at = strands.points[i];
                let along = (strands.points[(i + 1).min(end - 1)] - strands.points[i.max(first + 1) - 1]).unit();
                let to_eye = (self.camera.at - at).unit();
                let out_of_head = (at - skull).unit();
                let outside = strands.outside[i];
                let normal = (out_of_head - along * out_of_head.dot(along)).unit();
                let mut sum = V3::ZERO;
                for key in &self.cast.light.fill {
                    sum += key.power * (normal.dot(key.to) + 0.35).max(0.0);
                }
                let mut light = *colour * sum * (0.55 * mix(0.25, 1.0, outside));
                for (k, key) in self.cast.light.keys.iter().enumerate() {
                    let deep = (self.with_hair[k].above(at) - 0.02).max(0.0);
                    let lit = (-deep * 9.0).exp();
                    let ta = along.dot(key.to);
                    let sine = (1.0 - ta * ta).max(0.0).sqrt();
                    let facing = smooth(-0.5, 0.6, normal.dot(key.to));
                    let shine = |shift: f32, power: i32| {
                        let t = (along + normal * shift).unit();
                        let h = (key.to + to_eye).unit();
                        let th = t.dot(h);
                        (1.0 - th * th).max(0.0).sqrt().powi(power)
                    };
                    // White gloss off the surface, and a broader one that has been through the hair.
                    let white = 0.035 * shine(-0.12, 90);
                    let tinted = 0.108 * colour.luminance().sqrt() * shine(0.1, 24);
                    let tint = *colour * (1.0 / colour.luminance().max(0.01));
                    let glow = (V3::splat(white) + tint * tinted) * (1.6 * strands.gloss);
                    light += (*colour * (0.75 * sine) + glow) * key.power * (lit * facing);
                }
                let rim = self.cast.light.glossy(to_eye.reflect(normal)) * (0.02 * outside);
                *leaving = light + rim;
            }
        }
        out
    }

    /// Draws `strands`, lit by `lit`, over the picture; `scale` is samples a decimetre at the eyes.
    pub fn draw_hair(&self, light: &mut [V3], canvas: &mut Canvas, strands: &Strands, lit: &[V3], scale: f32) {
        let side = canvas.side;
        for s in 0..strands.colours.len() {
            let (first, end) = (strands.starts[s] as usize, strands.starts[s + 1] as usize);
            let points = (end - first).max(2) as f32 - 1.0;
            for i in first..end.saturating_sub(1) {
                let a = self.camera.project(strands.points[i]);
                let b = self.camera.project(strands.points[i + 1]);
                let t = (i - first) as f32 / points;
                // Thinner than a sample: some samples are left out instead.
                let half = strands.half[s] * scale * mix(1.0, 0.35, t * t);
                let cover = (half * 2.0).min(1.0);
                ribbon(a, b, half, side, side, |k, u, z| {
                    if z < canvas.z[k] + 0.004 && (cover >= 1.0 || hash01(k as i32, s as i32, 9, 77) < cover) {
                        canvas.z[k] = z;
                        light[k] = lit[i].mix(lit[i + 1], u);
                    }
                });
            }
        }
    }

    /// Draws worn glasses.
    pub fn glasses(&self, light: &mut [V3], canvas: &mut Canvas, figure: &Figure, pose: &Pose, scale: f32) {
        let Some(g) = self.cast.who.glasses else { return };
        let side = canvas.side;
        let mut line = |a: V3, b: V3, half: f32| {
            let (pa, pb) = (pose.point(a), pose.point(b));
            let along = (pb - pa).unit();
            let to_eye = (self.camera.at - pa).unit();
            let normal = (to_eye - along * to_eye.dot(along)).unit();
            let mut sum = self.cast.light.open(normal) * g.colour;
            sum += self.cast.light.glossy(to_eye.reflect((normal + v3(0.0, 0.35, 0.0)).unit())) * 0.02;
            ribbon(self.camera.project(pa), self.camera.project(pb), half * scale, side, side, |k, _, z| {
                if z < canvas.z[k] {
                    canvas.z[k] = z;
                    light[k] = sum;
                }
            });
        };
        let front = figure.between_eyes().z + 0.36;
        let rim = |k: usize, angle: f32| {
            let e = figure.eyes[k].centre;
            let (s, c) = angle.sin_cos();
            let power = 2.0 / g.corner;
            let x = c.abs().powf(power) * c.signum() * g.half[0];
            let y = s.abs().powf(power) * s.signum() * g.half[1];
            v3(e.x + x, e.y - 0.03 + y, front - 0.35 * (e.x + x).powi(2))
        };
        for k in [0, 1] {
            for i in 0..40 {
                let angle = |i: i32| i as f32 / 40.0 * std::f32::consts::TAU;
                line(rim(k, angle(i)), rim(k, angle(i + 1)), g.rim);
            }
            let outward = if k == 0 { std::f32::consts::PI } else { 0.0 };
            let hinge = rim(k, outward + if k == 0 { -0.5 } else { 0.5 });
            let temple = v3(hinge.x.signum() * 0.80, hinge.y + 0.02, figure.between_eyes().z - 0.95);
            line(hinge, hinge.mix(temple, 0.5) + v3(hinge.x.signum() * 0.03, 0.0, 0.0), g.rim);
            line(hinge.mix(temple, 0.5) + v3(hinge.x.signum() * 0.03, 0.0, 0.0), temple, g.rim);
        }
        let inner = [rim(0, 0.35), rim(1, std::f32::consts::PI - 0.35)];
        let middle = inner[0].mix(inner[1], 0.5) + v3(0.0, 0.03, 0.03);
        line(inner[0], middle, g.rim);
        line(middle, inner[1], g.rim);
    }
}
