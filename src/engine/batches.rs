//! From bytes to tensors: batches of faces by index, augmented where that is asked for, normalised as
//! (x - 127.5) / 128, with their labels.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use super::EngineError;
use crate::config::{
    self, AugmentSet, AugmentStages, BilevelConfig, Disjoint, Network, RunConfig, Supervision, Teaching,
};
use crate::data::augment::{Plan, Recipe};
use crate::data::{Balance, FaceSet, Label, PixelsError, Sampler, Split, TooFewFaces};
use crate::methods::mt_fas::hypergradient::Batch;
use crate::nets::native;
use crate::rng::Streams;

/// The faces of a run and the streams that draw from them.
#[derive(Debug)]
pub struct Batches {
    /// All faces.
    pub faces: FaceSet,
    /// Those that teachers learn from, where they are others.
    for_teachers: Option<FaceSet>,
    device: Device,
    streams: Streams,
    recipe: Recipe,
    stages: AugmentStages,
    pretrain: Sampler,
    bilevel: Sampler,
    rival: Sampler,
    teacher_calibrate: Sampler,
    calibrate: Sampler,
    detector: Sampler,
    /// One for each domain of the training part, in the order of their names, where the detector learns across them.
    domains: Vec<OneDomain>,
}

/// Draws from one domain.
#[derive(Debug)]
struct OneDomain {
    name: String,
    sampler: Sampler,
    purpose: String,
}

/// Which stream of draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    /// Pretraining's batches.
    Pretrain,
    /// Algorithm 1's.
    Bilevel,
    /// A rival teacher's.
    Rival,
    /// The fixed batches that a teacher's statistics are averaged over; never augmented.
    TeacherCalibrate,
    /// Those that a detector's are averaged over; never augmented, as scores are not.
    Calibrate,
    /// The detector's.
    Detector,
    /// The detector's, from the domain of that number alone.
    Domain(usize),
}

impl Draw {
    /// Whether a teacher learns from it.
    fn is_teachers(self) -> bool {
        matches!(self, Self::Pretrain | Self::Bilevel | Self::Rival | Self::TeacherCalibrate)
    }
}

/// Maps that faces bring along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapOf {
    /// Facial depth, 0 on attacks.
    Depth,
    /// Where the attack's material is, 0 on live faces.
    Mask,
}

/// A batch before its pixels are touched.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Whose faces.
    which: Draw,
    /// Which faces.
    pub indices: Vec<usize>,
    /// What happens to each; empty where nothing does.
    pub plans: Vec<Plan>,
}

impl Drawn {
    /// Several draws of one kind as one: live faces of all, then their spoofs; half of each draw is live.
    pub fn join(parts: &[Self]) -> Option<Self> {
        let halves = |second: bool| {
            parts.iter().map(move |p| {
                let half = p.indices.len() / 2;
                if second { p.pick(half..p.indices.len()) } else { p.pick(0..half) }
            })
        };
        let mut all = Self { which: parts.first()?.which, indices: vec![], plans: vec![] };
        for part in halves(false).chain(halves(true)) {
            all.indices.extend(part.indices);
            all.plans.extend(part.plans);
        }
        Some(all)
    }

    /// The faces at `places` of this one.
    pub fn pick(&self, places: impl Iterator<Item = usize> + Clone) -> Self {
        Self {
            which: self.which,
            indices: places.clone().filter_map(|i| self.indices.get(i).copied()).collect(),
            plans: places.filter_map(|i| self.plans.get(i).cloned()).collect(),
        }
    }
}

/// The configuration's recipe.
fn recipe(config: &config::AugmentConfig) -> Recipe {
    match config.set {
        AugmentSet::Flips => Recipe::flips(),
        AugmentSet::Cdcn => Recipe::cdcn(),
        AugmentSet::Custom => Recipe {
            crops: config.crops.clone(),
            add: config.add,
            gamma: config.gamma,
            erase: config.erase,
            flip: config.flip,
            cutout: config.cutout,
        },
    }
}

/// A sampler for each domain of the training part, where the detector learns across them.
fn domains(faces: &FaceSet, config: &RunConfig) -> Vec<OneDomain> {
    if !config.detector.network.learns_across_domains() {
        return vec![];
    }
    let train = faces.faces.iter().filter(|f| f.split == Split::Train);
    let names: BTreeSet<&str> = train.map(|f| f.domain.as_str()).collect();
    let one = |name: &str| {
        let purpose = format!("detector training/{name}");
        let plain = Sampler::new(faces, Split::Train, config.seed, &purpose).with_setting("detector.batch");
        let sampler = plain.within(faces, name).spread(faces, Balance::Label, config.sampling.consecutive);
        OneDomain { name: name.to_owned(), sampler, purpose }
    };
    names.into_iter().map(one).collect()
}

/// What is said of data without a second domain.
pub fn one_domain(network: Network, of: &str) -> EngineError {
    EngineError::Refused(format!(
        "detector.network: {network} learns from one domain what does well on another, and the training part of {of} has one \
         domain alone; choose a protocol across sets, as mico/OCI-M, or a list with several domains"
    ))
}

impl Batches {
    /// Draws for a run with `config`, from the training part.
    pub fn new(faces: FaceSet, for_teachers: Option<FaceSet>, config: &RunConfig, device: Device) -> Self {
        let balance = match config.sampling.balance {
            config::Balance::Label => Balance::Label,
            config::Balance::LabelAndDomain => Balance::LabelAndDomain,
        };
        let sampler = |from: &FaceSet, purpose: &str, setting: &str| {
            let plain = Sampler::new(from, Split::Train, config.seed, purpose).with_setting(setting);
            plain.spread(from, balance, config.sampling.consecutive)
        };
        let teachers = for_teachers.as_ref().unwrap_or(&faces);
        Self {
            pretrain: sampler(teachers, "pretraining", "bilevel.m"),
            bilevel: sampler(teachers, "bi-level training", "bilevel.m and bilevel.n"),
            rival: sampler(teachers, "rival teacher", "rival.batch"),
            teacher_calibrate: sampler(teachers, "calibration", "bilevel.m"),
            calibrate: sampler(&faces, "calibration", "bilevel.m"),
            detector: sampler(&faces, "detector training", "detector.batch"),
            domains: domains(&faces, config),
            streams: Streams::new(config.seed),
            recipe: recipe(&config.augment),
            stages: config.augment.stages,
            faces,
            for_teachers,
            device,
        }
    }

    /// The faces that `drawn` was drawn from.
    pub fn faces_of(&self, drawn: &Drawn) -> &FaceSet {
        self.set(drawn.which)
    }

    fn set(&self, draw: Draw) -> &FaceSet {
        self.for_teachers.as_ref().filter(|_| draw.is_teachers()).unwrap_or(&self.faces)
    }

    /// Whether bi-level training can draw halves of `m` and `n` faces of each class.
    fn check_halves(&self, config: &RunConfig, m: usize, n: usize) -> Result<(), TooFewFaces> {
        if config.bilevel.disjoint == Disjoint::Clip && config.bilevel.iterations > 0 {
            let faces = &self.set(Draw::Bilevel).faces;
            self.bilevel.draw_apart(0, m, n, |i| &faces[i].clip)?;
        }
        self.bilevel.check(m + n, m + n)
    }

    /// M and N that the training part has faces for: the largest in the proportion of `config`, where those are too large
    /// and may shrink.
    pub fn shrunk(&self, config: &RunConfig) -> Option<(usize, usize)> {
        let BilevelConfig { m, n, shrink, .. } = config.bilevel;
        let in_a_row = config.sampling.consecutive.max(1);
        let meta = config.detector.supervision.teaching() == Teaching::Meta;
        let fits = |m: usize, n: usize| {
            (!meta || self.check_halves(config, m, n).is_ok()) && self.calibrate.check(m, m).is_ok()
        };
        if !shrink || fits(m, n) {
            return None;
        }
        let share = |part: usize, all: usize| (part * all / (m + n) / in_a_row * in_a_row).max(in_a_row);
        let smaller = |all: usize| (share(m, all), share(n, all));
        (2 * in_a_row..m + n).rev().map(smaller).find(|&(m, n)| fits(m, n))
    }

    /// Everything that keeps a stage's batches from being drawn; asked before a run starts.
    pub fn problems(&self, config: &RunConfig) -> Vec<EngineError> {
        let (m, n, half) = (config.bilevel.m, config.bilevel.n, config.detector.batch / 2);
        let teaching = config.detector.supervision.teaching();
        let mut checks = vec![];
        if teaching == Teaching::Meta {
            checks.extend([
                self.pretrain.check(config.pretrain_batch(), config.pretrain_batch()),
                self.check_halves(config, m, n),
            ]);
        }
        if matches!(teaching, Teaching::Rival(_)) {
            checks.push(self.rival.check(config.rival.batch / 2, config.rival.batch / 2));
        }
        let across = config.detector.network.learns_across_domains();
        if across {
            checks.extend(self.domains.iter().map(|d| d.sampler.check(half, half)));
        }
        // Statistics are averaged over batches of that size, whoever teaches.
        checks.extend([self.calibrate.check(m, m), self.detector.check(half, half)]);
        let mut all: Vec<EngineError> = vec![];
        if across && self.domains.len() < 2 && config.needs_other_domains() {
            all.push(one_domain(config.detector.network, &self.faces.name));
        }
        all.extend(checks.into_iter().filter_map(Result::err).map(EngineError::from));
        all.extend(self.lacks_targets(config));
        all
    }

    /// Why the faces do not bring the targets that the detector learns from.
    fn lacks_targets(&self, config: &RunConfig) -> Option<EngineError> {
        let (what, there, whence) = match config.detector.supervision {
            Supervision::Depth => (
                "depth maps",
                self.faces.depth.is_some(),
                "built-in faces have them, data sets and lists through a crop preset that makes them",
            ),
            Supervision::Mask => {
                ("masks of the attacks' material", self.faces.mask.is_some(), "built-in faces alone have them")
            }
            _ => return None,
        };
        (!there).then(|| {
            EngineError::Refused(format!(
                "detector.supervision: {} needs {what}, and {} brings none; {whence}",
                config.detector.supervision, self.faces.name
            ))
        })
    }

    /// Names of the domains that a detector learns across, in the order of their numbers.
    pub fn domains(&self) -> Vec<&str> {
        self.domains.iter().map(|d| d.name.as_str()).collect()
    }

    /// Draw number `iteration`: `live` live faces, then `spoof` spoofs.
    pub fn draw(&self, draw: Draw, iteration: u64, live: usize, spoof: usize) -> Result<Drawn, EngineError> {
        let indices = self.sampler(draw).0.draw(iteration, live, spoof)?;
        Ok(self.drawn(draw, iteration, indices))
    }

    /// A fixed batch of the dev part, which nothing is learnt from: as many faces of each class as there are, 16 at most; `None` without any.
    pub fn held_out(&self) -> Result<Option<Batch>, EngineError> {
        const MOST: usize = 16;
        let (live, spoof) = self.faces.count(Split::Dev);
        let count = live.min(spoof).min(MOST);
        if count == 0 {
            return Ok(None);
        }
        let indices = Sampler::new(&self.faces, Split::Dev, 0, "held-out batch").draw(0, count, count)?;
        self.batch(&Self::undrawn(&indices)).map(Some)
    }

    /// Faces `indices` of the run's own set, as they are.
    pub fn undrawn(indices: &[usize]) -> Drawn {
        Drawn { which: Draw::Detector, indices: indices.to_vec(), plans: vec![] }
    }

    /// The two halves of bi-level draw number `iteration`, of `m` and `n` faces a class: no face stands in both, or no clip.
    pub fn halves(&self, iteration: u64, m: usize, n: usize, apart: Disjoint) -> Result<(Drawn, Drawn), EngineError> {
        let drawn = match apart {
            Disjoint::Face => self.draw(Draw::Bilevel, iteration, m + n, m + n)?,
            Disjoint::Clip => {
                let faces = &self.set(Draw::Bilevel).faces;
                let indices = self.bilevel.draw_apart(iteration, m, n, |i| &faces[i].clip)?;
                self.drawn(Draw::Bilevel, iteration, indices)
            }
        };
        // Live faces come first, then as many spoofs.
        let train = drawn.pick((0..m).chain(m + n..m + n + m));
        let validation = drawn.pick((m..m + n).chain(m + n + m..2 * (m + n)));
        Ok((train, validation))
    }

    fn drawn(&self, draw: Draw, iteration: u64, indices: Vec<usize>) -> Drawn {
        let purpose = self.sampler(draw).1;
        let augmented = match self.stages {
            AugmentStages::None => false,
            AugmentStages::Detector => matches!(draw, Draw::Detector | Draw::Domain(_)),
            AugmentStages::All => !matches!(draw, Draw::Calibrate | Draw::TeacherCalibrate),
        };
        let plans = if augmented && !self.recipe.is_none() {
            (0..indices.len()).map(|place| self.recipe.plan(&self.streams, purpose, iteration, place)).collect()
        } else {
            Vec::new()
        };
        Drawn { which: draw, indices, plans }
    }

    /// Has the pixels of a later draw read from disk meanwhile, where they lie there.
    pub fn look_ahead(&self, draw: Draw, iteration: u64, live: usize, spoof: usize) {
        let faces = self.set(draw);
        if faces.rgb.is_in_files()
            && let Ok(indices) = self.sampler(draw).0.draw(iteration, live, spoof)
        {
            for i in indices {
                faces.rgb.will_need(i);
            }
        }
    }

    /// Who draws, and the name of the stream that its augmentation is drawn from.
    fn sampler(&self, draw: Draw) -> (&Sampler, &str) {
        match draw {
            Draw::Pretrain => (&self.pretrain, "pretraining"),
            Draw::Bilevel => (&self.bilevel, "bi-level training"),
            Draw::Rival => (&self.rival, "rival teacher"),
            Draw::TeacherCalibrate => (&self.teacher_calibrate, "calibration"),
            Draw::Calibrate => (&self.calibrate, "calibration"),
            Draw::Detector => (&self.detector, "detector training"),
            Draw::Domain(k) => {
                let one = &self.domains[k];
                (&one.sampler, &one.purpose)
            }
        }
    }

    /// The picture at `place` of `drawn` as networks see it.
    pub fn picture(&self, drawn: &Drawn, place: usize) -> Result<Cow<'_, [u8]>, EngineError> {
        let faces = self.faces_of(drawn);
        let pixels = faces.rgb_of(drawn.indices[place])?;
        Ok(match drawn.plans.get(place) {
            Some(plan) => Cow::Owned(plan.picture(&pixels, faces.size)),
            None => pixels,
        })
    }

    /// Pictures `indices`, as they are, as (n, 3, size, size), about -1..1.
    pub fn pictures(&self, indices: &[usize]) -> Result<Tensor, EngineError> {
        let pictures = indices.iter().map(|&i| self.faces.rgb_of(i)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.tensor(&pictures.iter().map(AsRef::as_ref).collect::<Vec<_>>()))
    }

    /// Pictures and labels of a draw.
    pub fn batch(&self, drawn: &Drawn) -> Result<Batch, EngineError> {
        let faces = &self.faces_of(drawn).faces;
        let labels: Vec<f32> = drawn.indices.iter().map(|&i| faces[i].label.value()).collect();
        let y = Tensor::from_slice(&labels).reshape([labels.len() as i64, 1, 1, 1]).to_device(self.device);
        let places = (0..labels.len()).into_par_iter();
        let pictures = places.map(|place| self.picture(drawn, place)).collect::<Result<Vec<_>, _>>()?;
        let slices: Vec<&[u8]> = pictures.iter().map(AsRef::as_ref).collect();
        Ok(Batch { x: self.tensor(&slices), y })
    }

    /// The maps that go with a draw, cropped and mirrored like their pictures, brought to `side` x `side` by averaging,
    /// 0..1, (n, 1, side, side); and, where some faces that should have one have none, (n, 1, 1, 1) with 0 for those.
    /// Depth is 0 on every attack, a mask on every live face.
    pub fn maps(&self, drawn: &Drawn, of: MapOf, side: i64) -> Result<(Tensor, Option<Tensor>), EngineError> {
        let faces = self.faces_of(drawn);
        let (maps, has_one) = match of {
            MapOf::Depth => (&faces.depth, Label::Live),
            MapOf::Mask => (&faces.mask, Label::Spoof),
        };
        let Some(maps) = maps else {
            return Err(EngineError::Refused(format!("{} has no such maps", faces.name)));
        };
        let from = maps.side;
        let zero = vec![0_u8; from * from];
        let (mut bytes, mut known) = (Vec::with_capacity(drawn.indices.len() * from * from), vec![]);
        for (place, &i) in drawn.indices.iter().enumerate() {
            let wanted = faces.faces[i].label == has_one;
            let map = if wanted { maps.pixels.get(i).map_err(PixelsError::from)? } else { None };
            known.push(f32::from(u8::from(map.is_some() || !wanted)));
            match (map, drawn.plans.get(place)) {
                (Some(map), Some(plan)) => bytes.extend(plan.map(&map, from)),
                (Some(map), None) => bytes.extend_from_slice(&map),
                (None, _) => bytes.extend_from_slice(&zero),
            }
        }
        let n = drawn.indices.len() as i64;
        let large = Tensor::from_slice(&bytes).reshape([n, 1, from as i64, from as i64]).to_device(self.device);
        let large = large.to_kind(Kind::Float) / 255.0;
        let small = if from as i64 >= side {
            large.adaptive_avg_pool2d([side, side])
        } else {
            large.upsample_bilinear2d([side, side], false, None, None)
        };
        let all = known.iter().all(|&k| k == 1.0);
        let known = Tensor::from_slice(&known).reshape([n, 1, 1, 1]).to_device(self.device);
        Ok((small, (!all).then_some(known)))
    }

    /// Bytes straight to normalised planes; for another device as bytes first, a quarter of what would have to travel.
    fn tensor(&self, pictures: &[&[u8]]) -> Tensor {
        let size = self.faces.size;
        if self.device == Device::Cpu {
            return native::pictures(pictures, size, None);
        }
        let shape = [pictures.len() as i64, size as i64, size as i64, 3];
        let x = Tensor::from_slice(&pictures.concat()).reshape(shape).to_device(self.device);
        ((x.to_kind(Kind::Float) - 127.5) / 128.0).permute([0, 3, 1, 2]).contiguous()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DepthOrigin, FaceInfo, Origin, Pixels};

    fn faces(size: usize, count: usize) -> FaceSet {
        let face = |i: usize| FaceInfo {
            key: i.to_string(),
            clip: i.to_string(),
            domain: String::new(),
            label: if i.is_multiple_of(2) { Label::Live } else { Label::Spoof },
            species: String::new(),
            subject: String::new(),
            camera: String::new(),
            session: String::new(),
            split: Split::Train,
        };
        let area = size * size * 3;
        let bytes = (0..count * area).map(|i| (i * 7 + i / 256) as u8).collect();
        FaceSet {
            name: "faces".to_owned(),
            origin: Origin::Real,
            size,
            faces: (0..count).map(face).collect(),
            rgb: Pixels::owned(bytes, area),
            depth: None,
            depth_origin: DepthOrigin::None,
            mask: None,
            fingerprint: String::new(),
            problems: vec![],
        }
    }

    #[test]
    fn pictures_are_what_libtorch_makes_of_the_bytes() {
        // Sides whose areas do and do not fill whole registers.
        for size in [1, 3, 8, 13, 40] {
            let batches = Batches::new(faces(size, 5), None, &RunConfig::default(), Device::Cpu);
            let indices = [3, 0, 3, 4];
            let bytes: Vec<u8> = indices.iter().flat_map(|&i| batches.faces.rgb_of(i).unwrap().into_owned()).collect();
            let x = Tensor::from_slice(&bytes).reshape([4, size as i64, size as i64, 3]);
            let plain = ((x.to_kind(Kind::Float) - 127.5) / 128.0).permute([0, 3, 1, 2]);
            let fused = batches.pictures(&indices).unwrap();
            assert_eq!(fused.size(), [4, 3, size as i64, size as i64]);
            assert!(fused.equal(&plain), "{size} x {size}");
        }
    }

    #[test]
    fn m_and_n_shrink_in_proportion_where_that_is_wanted() {
        let mut config = RunConfig::default();
        (config.bilevel.m, config.bilevel.n) = (16, 40);
        let batches = |count| Batches::new(faces(4, count), None, &RunConfig::default(), Device::Cpu);
        assert_eq!(batches(40).shrunk(&config), None, "the run is refused instead");
        config.bilevel.shrink = true;
        assert_eq!(batches(112).shrunk(&config), None, "56 faces of a class are enough");
        assert_eq!(batches(40).shrunk(&config), Some((5, 14)), "of 20 faces");
        assert_eq!(batches(4).shrunk(&config), Some((1, 1)), "of 2 faces");
        assert_eq!(batches(2).shrunk(&config), None, "one face cannot stand in both halves");
        // Calibration alone takes batches of M where no teacher is trained.
        config.detector.supervision = Supervision::BinaryMap;
        assert_eq!(batches(40).shrunk(&config), None);
        config.detector.supervision = Supervision::MetaTeacher;
        config.sampling.consecutive = 2;
        let spread = Batches::new(faces(4, 40), None, &config, Device::Cpu);
        assert_eq!(spread.shrunk(&config), None, "clips of one frame give no two in a row");
    }

    #[test]
    fn stages_that_shall_be_augmented_are_and_calibration_never_is() {
        let mut config = RunConfig::default();
        let draw = |config: &RunConfig, which: Draw| {
            let batches = Batches::new(faces(16, 40), None, config, Device::Cpu);
            let drawn = batches.draw(which, 3, 4, 4).unwrap();
            let plain = batches.pictures(&drawn.indices).unwrap();
            let batch = batches.batch(&drawn).unwrap();
            assert_eq!(batches.picture(&drawn, 1).unwrap().len(), 16 * 16 * 3);
            (drawn.indices.clone(), batch.x.equal(&plain))
        };
        let all = [Draw::Pretrain, Draw::Bilevel, Draw::Calibrate, Draw::Detector];
        let plain = all.map(|d| draw(&config, d));
        config.augment.set = AugmentSet::Cdcn;
        for (stages, expected) in [
            (AugmentStages::None, [true, true, true, true]),
            (AugmentStages::Detector, [true, true, true, false]),
            (AugmentStages::All, [false, false, true, false]),
        ] {
            config.augment.stages = stages;
            let now = all.map(|d| draw(&config, d));
            assert_eq!(now.clone().map(|(_, same)| same), expected, "{stages}");
            // The same faces as without.
            assert_eq!(now.map(|(indices, _)| indices), plain.clone().map(|(indices, _)| indices));
        }
    }
}
