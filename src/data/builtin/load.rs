//! From a protocol to faces in memory: makes the clips that are missing, cuts the faces out, puts them together.

use std::path::Path;

use image::ImageFormat;
use rayon::prelude::*;

use crate::data::protocol::Protocol;
use crate::data::{DepthOrigin, FaceInfo, FaceSet, Maps, Origin, Pixels, Split};

use super::crop::{cut, square};
use super::tree::{Stored, Tree};
use super::work::Work;
use super::{BuiltinError, Continue, Planned, Progress, Scale, clips_of};

/// Which faces are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Size of the benchmark.
    pub scale: Scale,
    /// Seed of its people and clips.
    pub seed: u64,
    /// Which clips, and which part of them each is.
    pub protocol: Protocol,
    /// Side of the faces in pixels.
    pub size: usize,
    /// Frames of each clip, spread evenly; 0 for all.
    pub frames: u32,
}

/// Pixels and names of one clip's faces.
struct Part {
    faces: Vec<FaceInfo>,
    rgb: Vec<u8>,
    depth: Vec<u8>,
    mask: Vec<u8>,
}

/// The faces of `wanted`: from the tree in the cache folder, where what is missing is made on `threads` threads (at
/// least one). The result does not depend on `threads`. `progress` is called from worker threads after every clip.
pub fn load(
    wanted: &Wanted,
    cache: &Path,
    threads: usize,
    progress: &(dyn Fn(Progress) -> Continue + Sync),
) -> Result<FaceSet, BuiltinError> {
    let sets = wanted.protocol.sets();
    let clips: Vec<Planned> = sets.iter().flat_map(|s| clips_of(*s, wanted.scale, wanted.seed)).collect();
    let infos: Vec<_> = clips.iter().map(|c| c.info.clone()).collect();
    let members = wanted.protocol.members(&infos)?;
    let jobs: Vec<(&Planned, Split)> =
        clips.iter().zip(&members.split).filter_map(|(c, s)| s.map(|s| (c, s))).collect();
    let tree = Tree::cached(cache, wanted.scale, wanted.seed);
    // Whoever opens it as a data set shall know.
    tree.claim()?;
    let each = wanted.scale.frames() as usize;
    let total = jobs.len() * each;
    let work = Work::new(total, progress);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?;
    let one = |(planned, split): &(&Planned, Split)| {
        work.go_on()?;
        let (stored, there) = tree.ensure(planned)?;
        work.count(each, there);
        faces(&tree, planned, &stored, *split, wanted)
    };
    // One clip a task: they are long, and their lengths differ.
    let parts: Vec<Result<Part, BuiltinError>> = pool.install(|| jobs.par_iter().with_max_len(1).map(one).collect());
    work.go_on()?;
    let mut faces = Vec::new();
    let (mut rgb, mut depth, mut mask) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let part = part?;
        faces.extend(part.faces);
        rgb.extend(part.rgb);
        depth.extend(part.depth);
        mask.extend(part.mask);
    }
    let (size, area) = (wanted.size, wanted.size * wanted.size);
    let maps = |bytes| Some(Maps { side: size, pixels: Pixels::owned(bytes, area) });
    let mut set = FaceSet {
        name: name(wanted),
        origin: Origin::Synthetic,
        size,
        faces,
        rgb: Pixels::owned(rgb, area * 3),
        depth: maps(depth),
        depth_origin: DepthOrigin::Exact,
        mask: maps(mask),
        fingerprint: String::new(),
        problems: Vec::new(),
    };
    set.fingerprint = set.compute_fingerprint();
    if members.held_out {
        let protocol = &wanted.protocol;
        set.problems.push(format!(
            "{protocol} has no part to choose thresholds on: a fifth of its training subjects are held out for that"
        ));
    }
    Ok(set)
}

/// What the set is called in reports.
fn name(wanted: &Wanted) -> String {
    let sets: Vec<&str> = wanted.protocol.sets().iter().map(|s| s.synthetic()).collect();
    format!("{} ({}), {}", sets.join("+"), wanted.scale.name(), wanted.protocol)
}

/// The face in frame `i` of a clip: `size * size` sRGB pixels.
pub fn face(stored: &Stored, i: usize, size: usize) -> Result<Vec<u8>, image::ImageError> {
    let picture = image::load_from_memory_with_format(&stored.video.frames[i], ImageFormat::Jpeg)?;
    let shape = (stored.video.width as usize, stored.video.height as usize);
    let picture = if stored.video.turned { picture.rotate180() } else { picture };
    Ok(cut(picture.into_rgb8().as_raw(), shape, 3, square(stored.truth.frames[i].face_box), size))
}

/// The chosen frames of one clip, cut out.
fn faces(tree: &Tree, planned: &Planned, stored: &Stored, split: Split, wanted: &Wanted) -> Result<Part, BuiltinError> {
    let (info, there) = (&planned.info, stored.video.frames.len());
    let count = if wanted.frames == 0 { there } else { there.min(wanted.frames as usize) };
    let (width, height) = (stored.video.width as usize, stored.video.height as usize);
    let mut part = Part { faces: Vec::new(), rgb: Vec::new(), depth: Vec::new(), mask: Vec::new() };
    for k in 0..count {
        let i = k * there / count;
        let square = square(stored.truth.frames[i].face_box);
        let map = |all: &[u8]| {
            let n = width * height;
            cut(&all[i * n..(i + 1) * n], (width, height), 1, square, wanted.size)
        };
        let rgb = face(stored, i, wanted.size)
            .map_err(|e| BuiltinError::Unreadable { path: tree.video_path(planned), reason: e.to_string() })?;
        part.rgb.extend(rgb);
        part.depth.extend(map(&stored.depth));
        part.mask.extend(map(&stored.mask));
        let clip = format!("{}/{}", info.set.synthetic(), info.path);
        part.faces.push(FaceInfo {
            key: format!("{clip}/{i:04}"),
            clip,
            domain: info.set.synthetic().to_owned(),
            label: info.label,
            species: info.species.clone(),
            subject: info.subject.clone(),
            camera: info.camera.clone(),
            session: info.session.clone(),
            split,
        });
    }
    Ok(part)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::data::protocol::Whole;

    fn tiny() -> Wanted {
        let protocol = Protocol::parse("msu_mfsd/1", 1, Whole::EveryVideo).unwrap();
        Wanted { scale: Scale::Tiny, seed: 4, protocol, size: 32, frames: 0 }
    }

    fn go(_: Progress) -> Continue {
        Continue::Yes
    }

    #[test]
    fn a_set_comes_back_from_its_files_and_what_is_damaged_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let stop = |p: Progress| if p.done >= 3 { Continue::Stop } else { Continue::Yes };
        assert!(matches!(load(&tiny(), folder.path(), 1, &stop), Err(BuiltinError::Stopped)));
        // What was finished before the stop is found.
        let most = AtomicUsize::new(0);
        let watch = |p: Progress| {
            most.fetch_max(p.found, Ordering::Relaxed);
            Continue::Yes
        };
        let first = load(&tiny(), folder.path(), 2, &watch).unwrap();
        assert!(most.load(Ordering::Relaxed) >= 3);
        let n = first.faces.len();
        let maps = first.mask.as_ref().map(|m| (m.pixels.len(), m.pixels.each()));
        assert_eq!((first.rgb.len(), first.rgb.each(), maps), (n, 32 * 32 * 3, Some((n, 32 * 32))));
        let again = load(&tiny(), folder.path(), 1, &watch).unwrap();
        assert_eq!((most.load(Ordering::Relaxed), &again), (n, &first));

        let tree = Tree::cached(folder.path(), Scale::Tiny, 4);
        let victim = &clips_of(crate::data::clip::SetName::MsuMfsd, Scale::Tiny, 4)[1];
        for path in [tree.video_path(victim), tree.truth_path(victim, "depth.png"), tree.truth_path(victim, "json")] {
            let good = std::fs::read(&path).unwrap();
            let mut bad = good.clone();
            let middle = bad.len() / 2;
            bad[middle] ^= 1;
            std::fs::write(&path, &bad[..=middle]).unwrap();
            most.store(0, Ordering::Relaxed);
            assert_eq!(load(&tiny(), folder.path(), 2, &watch).unwrap().fingerprint, first.fingerprint);
            assert_eq!(most.load(Ordering::Relaxed), n - 1, "{}", path.display());
            assert_eq!(std::fs::read(&path).unwrap(), good);
        }
    }

    #[test]
    fn two_builders_at_once_both_get_the_set() {
        let folder = tempfile::tempdir().unwrap();
        let build = || load(&tiny(), folder.path(), 1, &go).unwrap();
        let (a, b) = std::thread::scope(|s| {
            let other = s.spawn(build);
            (build(), other.join().unwrap())
        });
        assert_eq!(a, b);
        let left = std::fs::read_dir(folder.path().join("synth")).unwrap().count();
        assert_eq!(left, 1);
    }
}
