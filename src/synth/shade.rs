//! The light that leaves skin, eyes and mouth at each sample, and the background. Hair is drawn over it elsewhere.

use super::attack::disguise::Eyeballs;
use super::canvas::{Canvas, NOTHING, eye_axes};
use super::cloth;
use super::eyes;
use super::math::{V3, mix, smooth, v3};
use super::scene::Shake;
use super::skin::{self, Surface};
use super::stage::{SCATTER, Stage};
use super::worn::WORN;

/// What shading gives: light by sample, and by block the normal and albedo in its middle.
pub struct Shaded {
    pub light: Vec<V3>,
    pub normals: Vec<V3>,
    pub albedo: Vec<V3>,
}

/// One shaded place: its light, normal and albedo.
type Lit = (V3, V3, V3);

impl Stage<'_> {
    /// Light of all samples; those of a block that show the same part share one shading. The backdrop is seen from a
    /// camera off its place by `shake`.
    pub fn shade(&self, canvas: &Canvas, block: usize, shake: &Shake) -> Shaded {
        let side = canvas.side;
        let across = side.div_ceil(block);
        let mut out = Shaded {
            light: vec![V3::ZERO; side * side],
            normals: vec![V3::ZERO; across * across],
            albedo: vec![V3::ZERO; across * across],
        };
        let skin_end = self.sitter.anatomy.skin.quads.len() as u32 * 2;
        let ball = self.sitter.anatomy.ball_quads.len() as u32 * 2;
        for by in (0..side).step_by(block) {
            for bx in (0..side).step_by(block) {
                let mut known: [Option<(f32, Lit)>; 2] = [None; 2];
                let mut ground = None;
                for y in by..(by + block).min(side) {
                    for x in bx..(bx + block).min(side) {
                        let i = y * side + x;
                        let id = canvas.id[i];
                        if id == NOTHING {
                            out.light[i] = *ground.get_or_insert_with(|| self.sitter.wall.at(x, y, side, shake));
                            continue;
                        }
                        if id >= WORN {
                            // Lit apart.
                            continue;
                        }
                        let lit = if id < skin_end {
                            let z = canvas.z[i];
                            let seen = known.iter().flatten().find(|(at, _)| (at - z).abs() < 0.05);
                            if let Some((_, lit)) = seen {
                                *lit
                            } else {
                                let lit = self.skin(id, canvas.b[i]);
                                known = [Some((z, lit)), known[0]];
                                lit
                            }
                        } else if id < skin_end + 2 * ball {
                            let eye = (id - skin_end) / ball;
                            self.eye(eye as usize, id - skin_end - eye * ball, canvas.b[i])
                        } else {
                            self.mouth(id - skin_end - 2 * ball)
                        };
                        out.light[i] = lit.0;
                        if x == bx + block / 2 && y == by + block / 2 {
                            let b = by / block * across + bx / block;
                            (out.normals[b], out.albedo[b]) = (lit.1, lit.2);
                        }
                    }
                }
            }
        }
        out
    }

    fn skin(&self, id: u32, b: [f32; 2]) -> Lit {
        let q = self.sitter.anatomy.skin.quads[id as usize / 2];
        let corners = if id.is_multiple_of(2) { [q[0], q[1], q[2]] } else { [q[0], q[2], q[3]] }.map(|v| v as usize);
        let w = [1.0 - b[0] - b[1], b[0], b[1]];
        let blend = |all: &[V3]| (0..3).fold(V3::ZERO, |s, k| s + all[corners[k]] * w[k]);
        let mean =
            |f: &dyn Fn(&Surface) -> f32| (0..3).map(|k| f(&self.sitter.surface[corners[k]]) * w[k]).sum::<f32>();
        let surface = Surface {
            albedo: (0..3).fold(V3::ZERO, |s, k| s + self.sitter.surface[corners[k]].albedo * w[k]),
            gloss: mean(&|s| s.gloss),
            depth: mean(&|s| s.depth),
            grain: mean(&|s| s.grain),
            stubble: mean(&|s| s.stubble),
        };
        let at = blend(&self.points);
        let smooth_normal = blend(&self.normals).unit();
        let rest = blend(&self.sitter.anatomy.rest);
        let clothed = rest.y < 6.2 && cloth::over_neckline(rest, &self.sitter.who) < 0.0;
        let mut surface = if clothed { cloth::cloth(&self.sitter.who, rest) } else { surface };
        if let Some(disguise) = self.sitter.disguise.as_ref().filter(|_| !clothed) {
            disguise.craft.paint(&self.spot(id, b), &mut surface);
        }
        let (albedo, bend) = skin::grain(rest, &surface, &self.sitter.who, self.fine);
        let normal = (smooth_normal + bend).unit();
        let to_eye = (self.camera.at - at).unit();
        let part = |all: &[f32]| (0..3).map(|k| all[corners[k]] * w[k]).sum::<f32>();
        let open = part(&self.sitter.open);
        let wrap = SCATTER * surface.depth;
        // Light that has been on the skin before comes back red.
        let bounce = self.sitter.mean_light * albedo * (0.55 * (1.0 - open));
        let mut light = albedo * (blend(&self.fill) + bounce);
        let off = at + smooth_normal * 0.03;
        let cells = self.shadow_cells;
        for (k, key) in self.sitter.light.keys.iter().enumerate() {
            let c = normal.dot(key.to);
            let broad = smooth_normal.dot(key.to);
            if broad < -0.45 {
                continue;
            }
            let hard = self.with_hair[k].lit_soft(off, 0.03, 1.6 * cells);
            let soft = if surface.depth > 0.0 { part(&self.soft[k]) } else { hard };
            // Blood-red rim of shadows: red light reaches round corners.
            let lit = v3(mix(hard, soft, 0.55), mix(hard, soft, 0.3), mix(hard, soft, 0.2));
            // Red follows the broad shape, blue the pores.
            let facing = v3(mix(c, broad, 0.7), mix(c, broad, 0.35), c);
            let diffuse = facing + wrap;
            let diffuse = v3(
                diffuse.x.max(0.0) / (1.0 + wrap.x),
                diffuse.y.max(0.0) / (1.0 + wrap.y),
                diffuse.z.max(0.0) / (1.0 + wrap.z),
            );
            light += albedo * key.power * diffuse * lit;
            if surface.gloss > 0.0 && c > 0.0 {
                let shine =
                    0.65 * ggx(normal, to_eye, key.to, 0.46, 0.028) + 0.35 * ggx(normal, to_eye, key.to, 0.30, 0.028);
                light += key.power * (std::f32::consts::PI * shine * surface.gloss * hard);
            }
        }
        if surface.gloss > 0.0 {
            let facing = normal.dot(to_eye).max(0.0);
            let fresnel = 0.028 + 0.5 * (1.0 - facing).powi(5);
            let from = to_eye.reflect(normal);
            // What lies behind the head is mirrored by its outline alone; most grazing places have the head before it.
            let free = mix(0.2, 1.0, smooth(-0.6, 0.2, from.z));
            light += self.sitter.light.glossy(from) * (fresnel * surface.gloss * open * open * free * 0.8);
        }
        (light, smooth_normal, surface.albedo)
    }

    fn eye(&self, which: usize, id: u32, b: [f32; 2]) -> Lit {
        let eye = &self.eyes[which];
        let q = self.sitter.anatomy.ball_quads[id as usize / 2];
        let corners = if id.is_multiple_of(2) { [q[0], q[1], q[2]] } else { [q[0], q[2], q[3]] }.map(|v| v as usize);
        let w = [1.0 - b[0] - b[1], b[0], b[1]];
        let blend = |all: &[V3]| (0..3).fold(V3::ZERO, |s, k| s + all[corners[k]] * w[k]);
        let d = eye_axes(eye, blend(&self.sitter.anatomy.ball).unit());
        let eyeballs = self.sitter.disguise.as_ref().map_or(Eyeballs::Real, |d| d.eyeballs);
        let (mut albedo, normal) = eyes::look(d, eye.gaze, self.pupil, &self.sitter.who);
        if let Eyeballs::Blank(colour) = eyeballs {
            albedo = colour;
        }
        let at = eye.centre + d * eye.radius;
        let to_eye = (self.camera.at - at).unit();
        let fill = blend(&self.eye_fill[which]);
        let open = (fill.luminance() / (self.sitter.mean_light.luminance() * 2.0).max(1e-6)).min(1.0);
        // Lids and lashes shade the ball's upper and lower edge more than the coarse shadows of the fill lights know.
        let shade = smooth(0.75, 0.15, (d.y - eye.gaze.y).abs()) * mix(0.55, 1.0, smooth(0.42, 0.1, d.y - eye.gaze.y));
        let mut light = albedo * fill * mix(0.45, 1.0, shade);
        for (k, key) in self.sitter.light.keys.iter().enumerate() {
            let lit = shade * self.with_hair[k].lit(at + d * 0.02, 0.03);
            light += albedo * key.power * ((d.dot(key.to) + 0.1).max(0.0) / 1.1 * lit);
        }
        let reflected = to_eye.reflect(normal);
        let fresnel = 0.035 + 0.5 * (1.0 - normal.dot(to_eye).max(0.0)).powi(5);
        // Light from below the lids' shade is what a cornea mirrors; lashes and brow take the top of it.
        let veil = smooth(0.97, 0.7, reflected.y) * mix(0.5, 1.0, open);
        let mirrored = if eyeballs == Eyeballs::Real {
            self.sitter.light.sharp(reflected).map(|a| a.min(30.0))
        } else {
            self.sitter.light.glossy(reflected)
        };
        let light = light + mirrored * (fresnel * veil);
        (light, d, albedo)
    }

    fn mouth(&self, id: u32) -> Lit {
        let tongue = self.sitter.anatomy.inner.get(id as usize / 2).is_some_and(|q| q.1);
        let albedo = if tongue { v3(0.25, 0.08, 0.07) } else { v3(0.52, 0.47, 0.38) };
        (albedo * self.sitter.mean_light * 0.16, v3(0.0, 0.0, 1.0), albedo)
    }
}

/// Reflected part of light for a surface of roughness `rough` and normal reflectance `f0`, times the cosine.
pub fn ggx(n: V3, view: V3, light: V3, rough: f32, f0: f32) -> f32 {
    let h = (view + light).unit();
    let (nh, nl, nv) = (n.dot(h).max(0.0), n.dot(light).max(0.0), n.dot(view).max(0.05));
    let alpha2 = rough.powi(4);
    let d = nh * nh * (alpha2 - 1.0) + 1.0;
    let distribution = alpha2 / (std::f32::consts::PI * d * d);
    let k = (rough + 1.0).powi(2) / 8.0;
    let visible = 1.0 / ((nl * (1.0 - k) + k) * (nv * (1.0 - k) + k));
    let fresnel = f0 + (1.0 - f0) * (1.0 - view.dot(h).max(0.0)).powi(5);
    distribution * visible * fresnel * 0.25 * nl
}
