//! Worn things in the scene: the parts of a disguise are placed with the head, cast shadows, hide what lies behind them
//! and are lit; clear ones are laid over the finished picture. What they are made of is in `attack`.

use super::attack::disguise::{Disguise, Mesh};
use super::canvas::{Canvas, NOTHING};
use super::figure::Pose;
use super::light::{Lighting, ShadowMap};
use super::math::{V3, mix, smooth};
use super::raster::triangle;
use super::shade::{Shaded, ggx};
use super::stage::Stage;

/// Triangle numbers of worn parts on the canvas begin here.
pub const WORN: u32 = 1 << 30;

/// One part, turned with the head.
pub struct Part<'a> {
    number: usize,
    mesh: &'a Mesh,
    points: Vec<V3>,
    normals: Vec<V3>,
    /// Light from all around at each point.
    fill: Vec<V3>,
    /// Canvas number of its first triangle.
    first: u32,
}

/// All parts of a disguise in one frame.
#[derive(Default)]
pub struct Worn<'a> {
    disguise: Option<&'a Disguise>,
    parts: Vec<Part<'a>>,
}

impl<'a> Worn<'a> {
    /// Places the parts of `disguise` with the head's `pose`.
    pub fn new(disguise: Option<&'a Disguise>, pose: &Pose, light: &Lighting<'_>) -> Self {
        let Some(disguise) = disguise else { return Self::default() };
        let mut first = WORN;
        let place = |(number, mesh): (usize, &'a Mesh)| {
            let points: Vec<V3> = mesh.points.iter().map(|p| pose.point(*p)).collect();
            let normals: Vec<V3> = mesh.normals.iter().zip(&mesh.points).map(|(n, p)| pose.direction(*n, *p)).collect();
            let fill = normals.iter().map(|n| around(light, if n.z < 0.0 { -*n } else { *n })).collect();
            let part = Part { number, mesh, points, normals, fill, first };
            first += 2 * mesh.quads.len() as u32;
            part
        };
        Self { disguise: Some(disguise), parts: disguise.meshes.iter().enumerate().map(place).collect() }
    }

    /// Puts the shadow of the opaque parts on `map`.
    pub fn cast(&self, map: &mut ShadowMap) {
        let Some(disguise) = self.disguise else { return };
        let side = map.side();
        for part in self.parts.iter().filter(|p| !p.mesh.clear) {
            let placed: Vec<V3> = part.points.iter().map(|p| map.place(*p)).collect();
            let cells = map.cells();
            part.triangles(|_, c| {
                let p = c.map(|v| placed[v as usize]);
                triangle(p[0], p[1], p[2], side, side, |i, b1, b2, z| {
                    if z > cells[i] && disguise.craft.edge(part.number, part.place(c, [b1, b2])) > 0.0 {
                        cells[i] = z;
                    }
                });
            });
        }
    }

    fn find(&self, id: u32) -> Option<&Part<'a>> {
        self.parts.iter().rev().find(|p| p.first <= id)
    }
}

impl Part<'_> {
    fn triangles(&self, mut take: impl FnMut(u32, [u32; 3])) {
        for (k, q) in self.mesh.quads.iter().enumerate() {
            take(self.first + 2 * k as u32, [q[0], q[1], q[2]]);
            if q[2] != q[3] {
                take(self.first + 2 * k as u32 + 1, [q[0], q[2], q[3]]);
            }
        }
    }

    fn corners(&self, id: u32) -> [u32; 3] {
        let q = self.mesh.quads[(id - self.first) as usize / 2];
        if (id - self.first).is_multiple_of(2) { [q[0], q[1], q[2]] } else { [q[0], q[2], q[3]] }
    }

    fn blend(all: &[V3], c: [u32; 3], b: [f32; 2]) -> V3 {
        all[c[0] as usize] * (1.0 - b[0] - b[1]) + all[c[1] as usize] * b[0] + all[c[2] as usize] * b[1]
    }

    fn place(&self, c: [u32; 3], b: [f32; 2]) -> V3 {
        Self::blend(&self.mesh.places, c, b)
    }
}

/// Irradiance over pi of the lights that cast no shadow.
fn around(light: &Lighting<'_>, n: V3) -> V3 {
    light.fill.iter().fold(V3::ZERO, |sum, k| sum + k.power * n.dot(k.to).max(0.0))
}

/// Light that reached one place of a part: on the matte surface, and mirrored (before the coat's own strengths).
#[derive(Clone, Copy)]
struct Lit {
    number: usize,
    z: f32,
    normal: V3,
    matte: V3,
    behind: V3,
    shine: V3,
}

impl Stage<'_> {
    /// Puts the opaque parts on the canvas.
    pub fn place_worn(&self, canvas: &mut Canvas, worn: &Worn<'_>) {
        let Some(disguise) = worn.disguise else { return };
        let side = canvas.side;
        for part in worn.parts.iter().filter(|p| !p.mesh.clear) {
            let placed: Vec<V3> = part.points.iter().map(|p| self.camera.project(*p)).collect();
            part.triangles(|id, c| {
                let p = c.map(|v| placed[v as usize]);
                triangle(p[0], p[1], p[2], side, side, |i, b1, b2, z| {
                    if z < canvas.z[i] && disguise.craft.edge(part.number, part.place(c, [b1, b2])) > 0.0 {
                        (canvas.z[i], canvas.id[i], canvas.b[i]) = (z, id, [b1, b2]);
                    }
                });
            });
        }
    }

    /// Lights the opaque parts; those samples of a block that show nearly the same share their light, not their colour.
    pub fn shade_worn(&self, shaded: &mut Shaded, canvas: &Canvas, worn: &Worn<'_>, block: usize) {
        let Some(disguise) = worn.disguise.filter(|d| d.has_parts()) else { return };
        let side = canvas.side;
        for by in (0..side).step_by(block) {
            for bx in (0..side).step_by(block) {
                let mut known: [Option<Lit>; 2] = [None; 2];
                for y in by..(by + block).min(side) {
                    for x in bx..(bx + block).min(side) {
                        let i = y * side + x;
                        let id = canvas.id[i];
                        if id == NOTHING || id < WORN {
                            continue;
                        }
                        let Some(part) = worn.find(id) else { continue };
                        let (c, b) = (part.corners(id), canvas.b[i]);
                        let at = Part::blend(&part.points, c, b);
                        let to_eye = (self.camera.at - at).unit();
                        let coat = disguise.craft.coat(part.number, part.place(c, b));
                        let own = Part::blend(&part.normals, c, b).unit();
                        let own = if own.dot(to_eye) < 0.0 { -own } else { own };
                        let normal = (own + coat.bend).unit();
                        let near = |l: &&Lit| {
                            l.number == part.number && (l.z - canvas.z[i]).abs() < 0.08 && l.normal.dot(normal) > 0.985
                        };
                        let lit = known.iter().flatten().find(near).copied().unwrap_or_else(|| {
                            let fill = Part::blend(&part.fill, c, b);
                            let lit = self.reach(part.number, canvas.z[i], at, normal, own, to_eye, fill, coat.rough);
                            known = [Some(lit), known[0]];
                            lit
                        });
                        shaded.light[i] =
                            coat.albedo * (lit.matte + lit.behind * coat.through) + lit.shine * coat.gloss;
                        if x == bx + block / 2 && y == by + block / 2 {
                            let cell = by / block * side.div_ceil(block) + bx / block;
                            (shaded.normals[cell], shaded.albedo[cell]) = (own, coat.albedo);
                        }
                    }
                }
            }
        }
        self.contact(&mut shaded.light, canvas, block);
    }

    #[expect(clippy::too_many_arguments, reason = "one place and everything known about it")]
    fn reach(&self, number: usize, z: f32, at: V3, normal: V3, own: V3, to_eye: V3, fill: V3, rough: f32) -> Lit {
        let (mut matte, mut behind, mut shine) = (fill, V3::ZERO, V3::ZERO);
        let blunt = mix(0.16, 0.5, rough);
        for (k, key) in self.sitter.light.keys.iter().enumerate() {
            let c = normal.dot(key.to);
            if c <= 0.0 {
                behind += key.power * (-c).max(0.0);
                continue;
            }
            let lit = self.with_hair[k].lit_soft(at + own * 0.04, 0.035, 1.6 * self.shadow_cells);
            matte += key.power * (c * lit);
            if rough > 0.2 {
                shine += key.power * (std::f32::consts::PI * ggx(normal, to_eye, key.to, blunt, 0.04) * lit);
            }
        }
        let from = to_eye.reflect(normal);
        let fresnel = 0.04 + 0.96 * (1.0 - normal.dot(to_eye).max(0.0)).powi(5) * mix(1.0, 0.35, rough);
        shine += self.mirrored(from, rough) * fresnel;
        Lit { number, z, normal, matte, behind, shine }
    }

    /// The surroundings in a mirror of roughness `rough`.
    fn mirrored(&self, from: V3, rough: f32) -> V3 {
        let light = &self.sitter.light;
        if rough < 0.3 {
            let clear = light.sharp(from).map(|a| a.min(40.0));
            clear.mix(light.soft(from), rough / 0.3)
        } else {
            light.soft(from).mix(light.glossy(from), ((rough - 0.3) / 0.4).min(1.0))
        }
    }

    /// Soft light does not reach into the corner between a worn part and what it lies on.
    fn contact(&self, light: &mut [V3], canvas: &Canvas, block: usize) {
        let side = canvas.side;
        let cells = side.div_ceil(block);
        let is_worn = |i: usize| canvas.id[i] != NOTHING && canvas.id[i] >= WORN;
        let mut cover = vec![0.0_f32; cells * cells];
        for (i, c) in cover.iter_mut().enumerate() {
            let (x, y) = (i % cells * block + block / 2, i / cells * block + block / 2);
            if x < side && y < side && is_worn(y * side + x) {
                *c = 1.0;
            }
        }
        let radius = (0.05 * self.camera.focal / self.camera.at.z.max(1.0) / block as f32).clamp(1.0, 12.0) as usize;
        let mut rows = vec![0.0_f32; cells * cells];
        for pass in 0..2 {
            let (from, to) = if pass == 0 { (&cover, &mut rows) } else { (&rows.clone(), &mut cover) };
            let step = if pass == 0 { 1 } else { cells };
            for (i, out) in to.iter_mut().enumerate() {
                let at = if pass == 0 { i % cells } else { i / cells };
                let (low, high) = (at.saturating_sub(radius), (at + radius).min(cells - 1));
                let sum: f32 = (low..=high).map(|k| from[i - at * step + k * step]).sum();
                *out = sum / (2 * radius + 1) as f32;
            }
        }
        for y in 0..side {
            for x in 0..side {
                let i = y * side + x;
                if canvas.id[i] != NOTHING && canvas.id[i] < WORN {
                    let near = cover[y / block * cells + x / block];
                    light[i] = light[i] * (1.0 - 0.55 * smooth(0.0, 0.8, near));
                }
            }
        }
    }

    /// Lays the clear parts over the picture: they mirror the surroundings, bend what is behind and darken it a little.
    pub fn lay_clear(&self, light: &mut [V3], canvas: &Canvas, worn: &Worn<'_>, material: &mut [u8]) {
        let Some(disguise) = worn.disguise else { return };
        let side = canvas.side;
        for part in worn.parts.iter().filter(|p| p.mesh.clear) {
            let placed: Vec<V3> = part.points.iter().map(|p| self.camera.project(*p)).collect();
            let mut seen: Vec<(f32, u32, [f32; 2])> = vec![(f32::INFINITY, NOTHING, [0.0; 2]); side * side];
            part.triangles(|id, c| {
                let p = c.map(|v| placed[v as usize]);
                triangle(p[0], p[1], p[2], side, side, |i, b1, b2, z| {
                    if z < canvas.z[i]
                        && z < seen[i].0
                        && disguise.craft.edge(part.number, part.place(c, [b1, b2])) > 0.0
                    {
                        seen[i] = (z, id, [b1, b2]);
                    }
                });
            });
            let behind = light.to_vec();
            let scale = self.camera.focal / self.camera.at.z.max(1.0);
            for (i, (_, id, b)) in seen.iter().enumerate().filter(|s| s.1.1 != NOTHING) {
                let c = part.corners(*id);
                let place = part.place(c, *b);
                let coat = disguise.craft.coat(part.number, place);
                let at = Part::blend(&part.points, c, *b);
                let to_eye = (self.camera.at - at).unit();
                let normal = (Part::blend(&part.normals, c, *b) + coat.bend).unit();
                let normal = if normal.dot(to_eye) < 0.0 { -normal } else { normal };
                let facing = normal.dot(to_eye).max(0.0);
                // Two surfaces reflect; steep ones much more.
                let fresnel = (0.085 + 0.9 * (1.0 - facing).powi(4)).min(0.9);
                let bent = [normal.x * -0.02 * scale, normal.y * 0.02 * scale];
                let source = {
                    let x = ((i % side) as f32 + bent[0]).clamp(0.0, side as f32 - 1.0) as usize;
                    let y = ((i / side) as f32 + bent[1]).clamp(0.0, side as f32 - 1.0) as usize;
                    behind[y * side + x]
                };
                let mirrored = self.mirrored(to_eye.reflect(normal), coat.rough);
                light[i] = source * coat.albedo * (1.0 - fresnel)
                    + mirrored * (fresnel * coat.gloss)
                    + Part::blend(&part.fill, c, *b) * coat.through;
                material[i] = 255;
            }
        }
    }
}
