//! The eyeball's colour and shape of its surface: sclera with veins, iris, pupil, the cornea's bulge. Light is added
//! elsewhere.

use super::identity::Identity;
use super::math::{V3, bell, mix, smooth, v3};
use super::noise::noise;

/// Angle of the iris' rim from the gaze, in radians.
const IRIS: f32 = 0.475;

/// Albedo and the normal that reflections see, for the unit direction `d` from the eye's centre to the surface.
pub fn look(d: V3, gaze: V3, pupil: f32, who: &Identity) -> (V3, V3) {
    let angle = d.dot(gaze).clamp(-1.0, 1.0).acos();
    let side = gaze.cross(v3(0.0, 1.0, 0.0)).unit();
    let around = d.dot(gaze.cross(side)).atan2(d.dot(side));
    let (s, c) = around.sin_cos();
    let veins = noise(d * v3(14.0, 30.0, 14.0), who.salt(71)) * smooth(0.6, 1.3, angle);
    let edge = smooth(0.55, 1.25, angle);
    let sclera = v3(0.52, 0.49, 0.47).mix(v3(0.46, 0.31, 0.27), 0.6 * edge) * (1.0 + 0.2 * veins);
    let fibres = 1.0
        + 0.7 * noise(v3(c * 9.0, s * 9.0, angle * 5.0), who.salt(72))
        + 0.4 * noise(v3(c * 22.0, s * 22.0, angle * 9.0), who.salt(73));
    let ring = bell((angle - 0.27) / 0.07);
    let limbus = smooth(0.36, IRIS, angle);
    let iris = who.iris * (fibres * mix(1.0, 0.25, limbus) * (1.0 + 0.5 * ring)) + v3(0.004, 0.003, 0.002);
    let iris = iris.mix(V3::splat(0.003), smooth(pupil + 0.03, pupil - 0.02, angle));
    let albedo = sclera.mix(iris, smooth(IRIS + 0.035, IRIS - 0.03, angle));
    let bulge = smooth(IRIS + 0.12, IRIS - 0.08, angle);
    let normal = (d - gaze * (0.30 * bulge)).unit();
    (albedo, normal)
}
