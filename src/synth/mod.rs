//! The built-in faces.

mod assets;
mod eyes;
mod figure;
mod hair;
mod head;
mod identity;
mod light;
mod math;
mod noise;
mod raster;
mod scene;
mod skin;
mod subdivide;

use thiserror::Error;

/// Errors
#[derive(Debug, Error)]
pub enum SynthError {
    /// The packed head model is damaged.
    #[error("the built-in head model is damaged: {reason}")]
    HeadModel {
        /// What was found.
        reason: String,
    },
    /// An environment map cannot be read.
    #[error("the built-in environment map {name} cannot be read: {reason}")]
    Environment {
        /// Its name.
        name: &'static str,
        /// What was found.
        reason: String,
    },
}

/// test
pub fn try_sheet(side: usize, first: u64, n: u64) -> Vec<Vec<u8>> {
    use math::V3;
    let t = std::time::Instant::now();
    let model = head::HeadModel::read(assets::HEAD_MODEL).unwrap();
    let anatomy = figure::Anatomy::new(&model).unwrap();
    println!("model {:?}", t.elapsed());
    let envs: Vec<_> = assets::ENVIRONMENTS.iter().map(|(n, b)| light::Environment::read(n, b).unwrap()).collect();
    println!("envs {:?}", t.elapsed());
    (first..first + n)
        .map(|i| {
            let t = std::time::Instant::now();
            let who = identity::Identity::draw(&model, crate::rng::Streams::new(1), i);
            let a = (i as f32 * 1.7).sin();
            let moment = figure::Moment {
                units: vec![("eyeBlinkLeft", 0.05), ("eyeBlinkRight", 0.05), ("mouthSmileLeft", 0.2), ("mouthSmileRight", 0.2)],
                pose: [a * 0.3, 0.0, 0.02],
                gaze: [-a * 0.2, 0.0],
            };
            let lighting = light::Lighting::new(&envs[i as usize % envs.len()], i as f32 * 2.1, 2);
            let cast = scene::Cast { model: &model, anatomy: &anatomy, who: &who, moment: &moment, light: &lighting };
            let block = 2;
            let view = scene::View { side: side * block, block, eyes: [0.5, 0.40], face: 0.46, distance: 7.0 };
            let shot = scene::draw(cast, &view);
            let mut mean = 0.0;
            for y in side / 2..side * 3 / 2 {
                for x in side / 2..side * 3 / 2 {
                    mean += shot.picture.light[y * side * 2 + x].luminance();
                }
            }
            let gain = 0.20 / (mean / (side * side) as f32);
            let mut out = Vec::new();
            for y in 0..side {
                for x in 0..side {
                    let mut s = V3::ZERO;
                    for k in 0..4 {
                        s += shot.picture.light[(y * 2 + k / 2) * side * 2 + x * 2 + k % 2].map(|a| (a * gain).min(1.5)) * 0.25;
                    }
                    let s = s.map(|x| x * (1.0 + x / 6.0) / (1.0 + 0.6 * x));
                    for c in [s.x, s.y, s.z] {
                        out.push((math::srgb(c.min(1.0)) * 255.0) as u8);
                    }
                }
            }
            println!("{i} {:?} {:?} {} age {:.0} mel {:.2} anc {:.1?} female {} beard {:.2}", t.elapsed(), who.hair, envs[i as usize % envs.len()].name, who.age, who.melanin, who.ancestry, who.female, who.beard);
            out
        })
        .collect()
}
