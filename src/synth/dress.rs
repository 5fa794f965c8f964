//! Lashes, hair and glasses: thin things that are lit at their points and drawn over the shaded face.

use super::canvas::Canvas;
use super::figure::{Figure, Pose};
use super::math::{V3, mix, smooth, v3};
use super::raster::{ribbon, triangle};
use super::stage::Stage;

impl Stage<'_> {
    /// Darkens what lies behind the lashes.
    pub fn lashes(&self, light: &mut [V3], canvas: &Canvas) {
        let side = canvas.side;
        let strength = if self.sitter.who.female { 0.85 } else { 0.6 };
        for (quad, along) in &self.sitter.anatomy.lashes {
            let p = quad.map(|v| self.camera.project(self.coarse[v as usize]));
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

    /// Light that leaves point `i` of a strand that is there from `first` to `end`.
    fn hair_point(&self, colour: V3, i: usize, first: usize, end: usize) -> V3 {
        let strands = &self.sitter.strands;
        let skull = (self.eyes[0].centre + self.eyes[1].centre) * 0.5 - v3(0.0, -0.15, 0.75);
        let at = self.hair[i];
        let along = (self.hair[(i + 1).min(end - 1)] - self.hair[i.max(first + 1) - 1]).unit();
        let to_eye = (self.camera.at - at).unit();
        let out_of_head = (at - skull).unit();
        let outside = strands.outside[i];
        let normal = (out_of_head - along * out_of_head.dot(along)).unit();
        let mut light = colour * self.sitter.hair_light(normal) * (0.55 * mix(0.25, 1.0, outside));
        let luminance = colour.luminance();
        let tint = colour * (0.108 * luminance.sqrt() / luminance.max(0.01));
        for (k, key) in self.sitter.light.keys.iter().enumerate() {
            let facing = smooth(-0.5, 0.6, normal.dot(key.to));
            if facing <= 0.0 {
                continue;
            }
            let deep = (self.with_hair[k].above(at) - 0.02).max(0.0);
            // Close to exp(-9 deep), which need not be exact here.
            let lit = 1.0 / (1.0 + deep * (9.0 + 40.0 * deep));
            let ta = along.dot(key.to);
            let sine = (1.0 - ta * ta).max(0.0).sqrt();
            let h = (key.to + to_eye).unit();
            let shine = |shift: f32| {
                let t = (along + normal * shift).unit();
                let th = t.dot(h);
                (1.0 - th * th).max(0.0)
            };
            // White gloss off the surface, and a broader one that has been through the hair.
            let white = 0.035 * shine(-0.12).powi(45);
            let tinted = shine(0.1).powi(12);
            let glow = (V3::splat(white) + tint * tinted) * (1.6 * strands.gloss);
            light += (colour * (0.75 * sine) + glow) * key.power * (lit * facing);
        }
        light + self.sitter.light.glossy(to_eye.reflect(normal)) * (0.02 * outside)
    }

    /// Draws all strands over the picture.
    pub fn draw_hair(&self, light: &mut [V3], canvas: &mut Canvas) {
        let side = canvas.side;
        let strands = &self.sitter.strands;
        let placed: Vec<V3> = self.hair.iter().map(|p| self.camera.project(*p)).collect();
        let seen = |p: V3, canvas: &Canvas| {
            let inside = p.x >= 0.0 && p.y >= 0.0 && p.x < side as f32 && p.y < side as f32;
            inside && p.z < canvas.z[p.y as usize * side + p.x as usize] + 0.03
        };
        for (s, span) in strands.starts.windows(2).enumerate() {
            let (first, end) = (span[0] as usize, span[1] as usize);
            let points = (end - first).max(2) as f32 - 1.0;
            // Light is worked out for points of visible pieces alone.
            let mut last: Option<(usize, V3)> = None;
            for i in first..end.saturating_sub(1) {
                let (a, b) = (placed[i], placed[i + 1]);
                if !seen(a, canvas) && !seen(b, canvas) {
                    continue;
                }
                let colour = strands.colours[s];
                let from = match last {
                    Some((at, light)) if at == i => light,
                    _ => self.hair_point(colour, i, first, end),
                };
                let to = self.hair_point(colour, i + 1, first, end);
                last = Some((i + 1, to));
                let t = (i - first) as f32 / points;
                let half = strands.half[s] * self.sitter.scale * mix(1.0, 0.35, t * t);
                // Thinner than a sample: what is behind shows through.
                let cover = (half * 2.0).min(1.0);
                ribbon(a, b, half, side, side, |k, u, z| {
                    if z < canvas.z[k] + 0.004 {
                        light[k] = light[k].mix(from.mix(to, u), cover);
                        if cover > 0.35 {
                            canvas.z[k] = z;
                        }
                    }
                });
            }
        }
    }

    /// Lays the reflection of the surroundings on both lenses, whose edges `rim` gives.
    fn lenses(&self, light: &mut [V3], canvas: &Canvas, pose: &Pose, rim: impl Fn(usize, f32) -> V3, figure: &Figure) {
        const CORNERS: usize = 32;
        let side = canvas.side;
        for k in [0, 1] {
            let angle = |i: usize| i as f32 / CORNERS as f32 * std::f32::consts::TAU;
            let edge: Vec<V3> = (0..=CORNERS).map(|i| rim(k, angle(i))).collect();
            let middle = edge[..CORNERS].iter().fold(V3::ZERO, |s, p| s + *p) * (1.0 / CORNERS as f32);
            // Lenses bulge: each place of the edge looks a little outwards.
            let looks =
                |p: V3| pose.direction((v3(0.0, 0.05, 1.0) + (p - middle) * 0.55).unit(), figure.eyes[k].centre);
            let shine = |p: V3| {
                let at = pose.point(p);
                let to_eye = (self.camera.at - at).unit();
                let n = looks(p);
                let fresnel = 0.03 + 0.5 * (1.0 - n.dot(to_eye).max(0.0)).powi(5);
                self.sitter.light.sharp(to_eye.reflect(n)).map(|a| a.min(7.0)) * fresnel
            };
            let place = |p: V3| self.camera.project(pose.point(p));
            let (centre, glow) = (place(middle), shine(middle));
            for pair in edge.windows(2) {
                let (a, b) = (place(pair[0]), place(pair[1]));
                let (ga, gb) = (shine(pair[0]), shine(pair[1]));
                triangle(centre, a, b, side, side, |i, b1, b2, z| {
                    if z < canvas.z[i] + 0.05 {
                        light[i] = light[i] * 0.90 + glow * (1.0 - b1 - b2) + ga * b1 + gb * b2;
                    }
                });
            }
        }
    }

    /// Draws worn glasses.
    pub fn glasses(&self, light: &mut [V3], canvas: &mut Canvas, figure: &Figure, pose: &Pose) {
        let scale = self.sitter.scale;
        let Some(g) = self.sitter.who.glasses else { return };
        let side = canvas.side;
        let front = figure.between_eyes().z + 0.36;
        let rim = |k: usize, angle: f32| {
            let e = figure.eyes[k].centre;
            let (s, c) = angle.sin_cos();
            let power = 2.0 / g.corner;
            let x = c.abs().powf(power) * c.signum() * g.half[0];
            let y = s.abs().powf(power) * s.signum() * g.half[1];
            v3(e.x + x, e.y - 0.03 + y, front - 0.35 * (e.x + x).powi(2))
        };
        self.lenses(light, canvas, pose, rim, figure);
        let mut line = |a: V3, b: V3, half: f32| {
            let (pa, pb) = (pose.point(a), pose.point(b));
            let along = (pb - pa).unit();
            let to_eye = (self.camera.at - pa).unit();
            let normal = (to_eye - along * to_eye.dot(along)).unit();
            let mut sum = self.sitter.light.open(normal) * g.colour;
            sum += self.sitter.light.glossy(to_eye.reflect((normal + v3(0.0, 0.35, 0.0)).unit())) * 0.02;
            ribbon(self.camera.project(pa), self.camera.project(pb), half * scale, side, side, |k, _, z| {
                if z < canvas.z[k] {
                    canvas.z[k] = z;
                    light[k] = sum;
                }
            });
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
