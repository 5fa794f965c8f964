//! Catmull-Clark subdivision of a quad mesh whose connections never change: they are worked out once, then any number
//! of shapes pass through. Also normals.

use std::collections::HashMap;

use super::math::V3;

/// One step of subdivision.
#[derive(Debug, Clone)]
pub struct Subdivision {
    /// The coarse quads.
    pub coarse: Vec<[u32; 4]>,
    /// The fine quads.
    pub quads: Vec<[u32; 4]>,
    points: usize,
    edges: Vec<[u32; 2]>,
    /// The two faces beside each edge; the same one twice on a border.
    beside: Vec<[u32; 2]>,
    valence: Vec<f32>,
    border: Vec<bool>,
}

impl Subdivision {
    /// Works out the connections of `coarse` over `points` points.
    pub fn new(coarse: Vec<[u32; 4]>, points: usize) -> Self {
        let mut number: HashMap<[u32; 2], u32> = HashMap::new();
        let (mut edges, mut beside) = (Vec::new(), Vec::new());
        let mut around = Vec::with_capacity(coarse.len());
        for (f, quad) in coarse.iter().enumerate() {
            let mut own = [0_u32; 4];
            for k in 0..4 {
                let (a, b) = (quad[k], quad[(k + 1) % 4]);
                let key = [a.min(b), a.max(b)];
                let e = *number.entry(key).or_insert_with(|| {
                    edges.push(key);
                    beside.push([f as u32, u32::MAX]);
                    edges.len() as u32 - 1
                });
                if beside[e as usize][0] != f as u32 {
                    beside[e as usize][1] = f as u32;
                }
                own[k] = e;
            }
            around.push(own);
        }
        let mut valence = vec![0.0; points];
        coarse.iter().flatten().for_each(|v| valence[*v as usize] += 1.0);
        let mut border = vec![false; points];
        for (edge, faces) in edges.iter().zip(&mut beside) {
            if faces[1] == u32::MAX {
                faces[1] = faces[0];
                for v in edge {
                    border[*v as usize] = true;
                }
            }
        }
        let (first_edge, first_face) = (points as u32, (points + edges.len()) as u32);
        let mut quads = Vec::with_capacity(coarse.len() * 4);
        for (f, (quad, own)) in coarse.iter().zip(&around).enumerate() {
            for k in 0..4 {
                quads.push([quad[k], first_edge + own[k], first_face + f as u32, first_edge + own[(k + 3) % 4]]);
            }
        }
        Self { coarse, quads, points, edges, beside, valence, border }
    }

    /// Points of the fine mesh.
    pub fn len(&self) -> usize {
        self.points + self.edges.len() + self.coarse.len()
    }

    /// The fine positions of a coarse shape.
    pub fn smooth(&self, shape: &[V3]) -> Vec<V3> {
        let centres = self.centres(shape);
        let mut out = Vec::with_capacity(self.len());
        let mut faces = vec![V3::ZERO; self.points];
        for (quad, c) in self.coarse.iter().zip(&centres) {
            for v in quad {
                faces[*v as usize] += *c;
            }
        }
        let mut rims = vec![V3::ZERO; self.points];
        for [a, b] in &self.edges {
            let (a, b) = (*a as usize, *b as usize);
            let sum = shape[a] + shape[b];
            rims[a] += sum;
            rims[b] += sum;
        }
        for i in 0..self.points {
            let n = self.valence[i];
            // Catmull and Clark: mean of face points, twice the mean of edge middles (a sum of both ends), the point.
            out.push(if self.border[i] || n < 3.0 {
                shape[i]
            } else {
                (faces[i] * (1.0 / n) + rims[i] * (1.0 / n) + shape[i] * (n - 3.0)) * (1.0 / n)
            });
        }
        for ([a, b], [f, g]) in self.edges.iter().zip(&self.beside) {
            let middle = (shape[*a as usize] + shape[*b as usize]) * 0.5;
            out.push(if f == g {
                middle
            } else {
                (middle + (centres[*f as usize] + centres[*g as usize]) * 0.5) * 0.5
            });
        }
        out.extend(centres);
        out
    }

    /// Values at the coarse points, interpolated straight.
    pub fn spread(&self, values: &[V3]) -> Vec<V3> {
        let mut out = Vec::with_capacity(self.len());
        out.extend_from_slice(&values[..self.points]);
        out.extend(self.edges.iter().map(|[a, b]| (values[*a as usize] + values[*b as usize]) * 0.5));
        out.extend(self.centres(values));
        out
    }

    fn centres(&self, shape: &[V3]) -> Vec<V3> {
        let at = |v: u32| shape[v as usize];
        self.coarse.iter().map(|q| (at(q[0]) + at(q[1]) + at(q[2]) + at(q[3])) * 0.25).collect()
    }
}

/// Unit normals at all `points`, weighted by area.
pub fn normals(points: &[V3], quads: &[[u32; 4]]) -> Vec<V3> {
    let mut out = vec![V3::ZERO; points.len()];
    for q in quads {
        let at = |k: usize| points[q[k] as usize];
        let n = (at(2) - at(0)).cross(at(3) - at(1));
        for v in q {
            out[*v as usize] += n;
        }
    }
    for n in &mut out {
        *n = n.unit();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::math::v3;

    #[test]
    fn a_cube_becomes_rounder_and_stays_closed() {
        let corners: Vec<V3> = (0..8)
            .map(|i| v3((i & 1) as f32 * 2.0 - 1.0, (i >> 1 & 1) as f32 * 2.0 - 1.0, (i >> 2 & 1) as f32 * 2.0 - 1.0))
            .collect();
        let quads = vec![[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let cube = Subdivision::new(quads, 8);
        let fine = cube.smooth(&corners);
        assert_eq!((fine.len(), cube.quads.len(), cube.len()), (26, 24, 26));
        // The known result: corners move to 5/9 of their place, edge points to 3/4, face points stay at 1.
        assert!((fine[7] - V3::splat(5.0 / 9.0)).length() < 1e-5, "{:?}", fine[7]);
        assert!(fine[8..20].iter().all(|p| (p.length() - 0.75 * 2.0_f32.sqrt()).abs() < 1e-5));
        let n = normals(&fine, &cube.quads);
        assert!(n.iter().zip(&fine).all(|(n, p)| n.dot(p.unit()) > 0.9));
    }
}
