//! Pseudo depth: the mesh of a face drawn as a map, in place of what nobody measured. Called "mesh pseudo-depth"
//! wherever it shows.
//!
//! As PRNet's maps (the targets of CDCN, FAS-SGTD and RFMetaFAS), a map is scaled to each face: 255 at its nearest
//! landmark, 0 in the background. The farthest landmark has [`FARTHEST`] instead of 0, as in the built-in benchmark,
//! so that the face's rim is not lost in the background. The network's z is relative, so no map says how deep a face is.

use super::canonical::triangles;
use super::mesh::Mesh;

/// The value of the landmark that is farthest away.
pub const FARTHEST: f32 = 8.0;
/// Version of these rules, for identities of packs.
pub const VERSION: u32 = 1;

/// The depth of `mesh` as `size * size` bytes; `place` gives where a point of the picture lies in the crop, as fractions
/// of its side. Where triangles lie before each other, the nearest counts.
pub fn map(mesh: &Mesh, place: impl Fn([f32; 2]) -> [f32; 2], size: usize) -> Vec<u8> {
    let (near, far) = mesh.points.iter().fold((f32::MAX, f32::MIN), |(a, b), p| (a.min(p[2]), b.max(p[2])));
    let span = (far - near).max(f32::MIN_POSITIVE);
    let corner = |p: &[f32; 3]| {
        let [x, y] = place([p[0], p[1]]);
        let value = FARTHEST + (255.0 - FARTHEST) * (far - p[2]) / span;
        [x * size as f32, y * size as f32, value]
    };
    let corners: Vec<[f32; 3]> = mesh.points.iter().map(corner).collect();
    let mut out = vec![0.0_f32; size * size];
    for t in triangles() {
        draw(t.map(|i| corners[i]), size, &mut out);
    }
    out.into_iter().map(|v| (v + 0.5) as u8).collect()
}

/// Keeps the larger value at every pixel whose middle lies in the triangle.
fn draw([a, b, c]: [[f32; 3]; 3], size: usize, out: &mut [f32]) {
    let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    if area == 0.0 || !area.is_finite() {
        return;
    }
    let range = |i: usize| {
        let low = a[i].min(b[i]).min(c[i]).max(0.0) as usize;
        let high = a[i].max(b[i]).max(c[i]).clamp(0.0, size as f32).ceil() as usize;
        low..high.min(size)
    };
    for row in range(1) {
        for column in range(0) {
            let p = [column as f32 + 0.5, row as f32 + 0.5];
            let part =
                |q: [f32; 3], r: [f32; 3]| ((q[0] - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (q[1] - p[1])) / area;
            let (u, v, w) = (part(b, c), part(c, a), part(a, b));
            if u >= 0.0 && v >= 0.0 && w >= 0.0 {
                let value = u * a[2] + v * b[2] + w * c[2];
                let pixel = &mut out[row * size + column];
                *pixel = pixel.max(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::face::mesh::POINTS;

    /// All landmarks on a flat sheet, the nose's tip before it.
    fn sheet() -> Mesh {
        let points = (0..POINTS).map(|i| [i as f32 % 22.0, i as f32 / 22.0, 5.0]).collect();
        let mut mesh = Mesh { points, presence: 1.0 };
        mesh.points[1] = [11.0, 11.0, -5.0];
        mesh
    }

    #[test]
    fn a_triangle_is_drawn_where_it_is_and_straight_between_its_corners() {
        let mut out = vec![0.0; 64];
        draw([[0.0, 0.0, 10.0], [8.0, 0.0, 10.0], [0.0, 8.0, 90.0]], 8, &mut out);
        // Half of the square without its diagonal, rising by 10 a row.
        assert_eq!((out[0], out[7], out[6], out[8 * 6]), (15.0, 15.0, 15.0, 75.0));
        assert_eq!((out[63], out[8 * 7 + 1]), (0.0, 0.0));
        // A nearer one wins, a farther one does not; one without area is none.
        draw([[0.0, 0.0, 50.0], [2.0, 0.0, 50.0], [0.0, 2.0, 50.0]], 8, &mut out);
        draw([[0.0, 0.0, 1.0], [8.0, 0.0, 1.0], [0.0, 8.0, 1.0]], 8, &mut out);
        draw([[1.0, 1.0, 200.0]; 3], 8, &mut out);
        assert_eq!((out[0], out[3]), (50.0, 15.0));
    }

    #[test]
    fn near_is_bright_and_what_lies_outside_is_left_out() {
        let place = |p: [f32; 2]| [p[0] / 22.0, p[1] / 22.0];
        let depth = map(&sheet(), place, 32);
        let (most, least) = (depth.iter().max(), depth.iter().filter(|v| **v > 0).min());
        assert!(*most.unwrap() > 150 && *least.unwrap() == FARTHEST as u8, "{most:?} {least:?}");
        let away = map(&sheet(), |p| [p[0] / 22.0 + 3.0, p[1] / 22.0 - 7.0], 32);
        assert!(away.iter().all(|v| *v == 0));
    }
}
