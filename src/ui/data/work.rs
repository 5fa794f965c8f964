//! Doing what the data pane asks for, on a thread of its own: opening roots, reading clips, counting, writing, cutting.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::clips::{Clips, Whence};
use super::fit::{Group, fit};
use super::jobs::{DataDone, DataJob, Opening, PackTold, PackTrouble, protocol_config};
use super::look;
use super::{Cutting, MatrixKey, Opened, Over};
use crate::data::builtin::{self, Scale, Tree};
use crate::data::dataset::{self, DatasetError, Found, Report};
use crate::data::face::FaceCutter;
use crate::data::footage::Reader;
use crate::data::import::{self, Import, ImportError, Options, Sighted};
use crate::data::manifest::LiveIs;
use crate::data::pack::{self, Pack, PackError, PackProgress};
use crate::data::protocol::Matrix;
use crate::data::{Continue, SourceClip};
use crate::engine::{self, EngineError, PackJob, Packed, protocol_of};
use crate::session::Session;

/// Side of a preview's faces, in pixels.
pub const FACE: u32 = 128;
/// How often packing tells how far it is.
const PAUSE: Duration = Duration::from_millis(100);

/// What a thread keeps from one job to the next.
#[derive(Default)]
pub struct DataWorker {
    cutter: Option<(Cutting, FaceCutter)>,
    tree: Option<(Scale, u64, Tree)>,
    /// How packs write it down.
    identities: BTreeMap<Cutting, String>,
}

impl std::fmt::Debug for DataWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataWorker").finish_non_exhaustive()
    }
}

impl DataWorker {
    /// Does `job`; `tell` is told how far it is meanwhile.
    pub fn run(&mut self, job: DataJob, tell: &(dyn Fn(DataDone) + Sync)) -> DataDone {
        match job {
            DataJob::Open { root, path, pictures } => DataDone::Opened(root, Box::new(open(&path, pictures))),
            DataJob::Builtin { scale, seed } => {
                DataDone::Builtin(scale, seed, Arc::new(Clips::of_builtin(scale, seed)))
            }
            DataJob::Preview { root, import, choice } => {
                let clips = clips_of(&import, Some(choice));
                DataDone::Previewed(root, Arc::new(import.preview(Some(choice))), clips)
            }
            DataJob::Face { root, generation, place, thumbnail, cache } => {
                DataDone::Face(root, generation, place, thumbnail.load(FACE, &Reader::new(&cache)).map(Arc::new))
            }
            DataJob::Write { root, import, choice, out } => {
                let written = import.write_manifest(&out, choice).map(|w| (out, w.clips)).map_err(|e| e.to_string());
                DataDone::Written(root, written)
            }
            DataJob::Look { key, whence, builtin, cache } => {
                let look = match &whence {
                    Whence::Disk(clip) => match &key.cut {
                        Some(cut) => self.cutter(cut, &cache).and_then(|c| look::on_disk(clip, c, key.detect)),
                        None => Err("nobody said how it is cut".to_owned()),
                    },
                    Whence::Builtin(planned) => {
                        look::built_in(planned, self.tree(builtin, &cache), &Reader::new(&cache))
                    }
                };
                DataDone::Looked(key, look.map(Arc::new))
            }
            DataJob::Matrix { key, found } => {
                let matrix = matrix(&key, &found);
                DataDone::Matrix(key, matrix.map(Arc::new))
            }
            DataJob::Unusable { over, offers, found } => {
                let found: Vec<&Found> = found.iter().map(|r| &r.found).collect();
                DataDone::Unusable(
                    over,
                    match over {
                        Over::Builtin(scale) => builtin::unusable(scale, &offers),
                        Over::Disk(_) => dataset::unusable(&found, &offers),
                    },
                )
            }
            DataJob::Fit { data, version, found, cache } => {
                let how = Cutting::of(&data);
                let mut packed = |groups: &[Group<'_>]| self.packed(groups, &how, &cache);
                let fit = fit(&data, &found, &cache, &mut packed);
                DataDone::Fit(data, version, Box::new(fit))
            }
            DataJob::Packed { key, of: (title, folder), clips, cache } => {
                let disk = clips.rows.iter().filter_map(|r| match &r.whence {
                    Whence::Disk(clip) if r.part != "enroll" => Some(&**clip),
                    _ => None,
                });
                let all: Vec<&SourceClip> = disk.collect();
                let total = all.len();
                let packed = self.packed(&[(title, &folder, all)], &key.cut, &cache);
                DataDone::Packed(key, packed.map(|n| (n, total)))
            }
            DataJob::Pack { root, job, cache, stop } => {
                let last = std::sync::Mutex::new(None::<Instant>);
                let progress = |title: &str, p: &PackProgress| {
                    // Whoever holds the lock is telling something newer.
                    if let Ok(mut last) = last.try_lock()
                        && last.is_none_or(|at| at.elapsed() >= PAUSE)
                    {
                        *last = Some(Instant::now());
                        tell(DataDone::Packing(title.to_owned(), *p));
                    }
                    if stop.load(Ordering::Relaxed) { Continue::Stop } else { Continue::Yes }
                };
                DataDone::PackEnd(root, pack_all(&job, &cache, &progress))
            }
        }
    }

    fn cutter(&mut self, cut: &Cutting, cache: &Path) -> Result<&FaceCutter, String> {
        if self.cutter.as_ref().is_none_or(|(kept, _)| kept != cut) {
            self.cutter = Some((cut.clone(), look::cutter(cut, cache)?));
        }
        self.cutter.as_ref().map(|(_, cutter)| cutter).ok_or_else(String::new)
    }

    fn tree(&mut self, (scale, seed): (Scale, u64), cache: &Path) -> &Tree {
        match &mut self.tree {
            Some((s, n, _)) if (*s, *n) == (scale, seed) => {}
            tree => *tree = Some((scale, seed, Tree::cached(cache, scale, seed))),
        }
        let (_, _, tree) = self.tree.get_or_insert_with(|| (scale, seed, Tree::cached(cache, scale, seed)));
        tree
    }

    /// How many clips of the groups are in packs that a run would use.
    fn packed(&mut self, groups: &[Group<'_>], how: &Cutting, cache: &Path) -> Result<usize, String> {
        let identity = if let Some(identity) = self.identities.get(how) {
            identity.clone()
        } else {
            let identity = engine::cutter(&how.crop, how.finder.parse()?, how.frames, cache)
                .map_err(|e| e.to_string())?
                .identity();
            self.identities.insert(how.clone(), identity.clone());
            identity
        };
        let mut packed = 0;
        for (title, root, clips) in groups {
            // What cannot be opened is told when it is wanted.
            let Ok(pack) = pack::open(&pack::cached(cache, title, root, &identity)) else { continue };
            packed += clips.iter().filter(|clip| matches!(pack.outcome(&pack::clip_name(clip)), Some(Ok(_)))).count();
        }
        Ok(packed)
    }
}

/// What a folder or file is.
fn open(path: &Path, pictures: Option<PathBuf>) -> Opening {
    if Session::open(path).is_ok() {
        return Opening::Session;
    }
    let why = if path.is_dir() && pictures.is_none() {
        match dataset::open_all(path) {
            Ok(found) => return Opening::Sets(found.into_iter().map(opened).collect()),
            Err(e @ DatasetError::Root { .. }) => return Opening::Gone(e.to_string()),
            Err(e) => Some(e),
        }
    } else {
        None
    };
    match import::look(path, &Options { layout: None, pictures }) {
        Ok(Sighted::Import(import)) => {
            let import: Arc<Import> = Arc::from(import);
            let clips = clips_of(&import, None);
            let preview = Arc::new(import.preview(None));
            Opening::Import(import, preview, clips)
        }
        Ok(Sighted::Originals(_)) => Opening::Nothing(why.map_or_else(String::new, |e| e.to_string())),
        Err(e @ ImportError::Root { .. }) => Opening::Gone(e.to_string()),
        // Both have looked at it; videos are the data sets' business, pictures and lists are not.
        Err(e) => Opening::Nothing(match why {
            Some(why @ (DatasetError::NoVideos { .. } | DatasetError::Pictures { .. })) if holds_pictures(&e) => {
                drop(why);
                e.to_string()
            }
            Some(why) if !matches!(e, ImportError::Manifest(_) | ImportError::Nothing { .. }) => why.to_string(),
            _ => e.to_string(),
        }),
    }
}

/// Whether an import was refused although there are pictures or lists.
fn holds_pictures(error: &ImportError) -> bool {
    !matches!(error, ImportError::Unknown { files: 0, .. })
}

fn opened(found: Found) -> Opened {
    let clips = Arc::new(Clips::of_set(&found));
    Opened { report: Arc::new(Report::new(found)), clips }
}

/// The clips of an import, if it is known which are live.
fn clips_of(import: &Import, choice: Option<LiveIs>) -> Option<Arc<Clips>> {
    import.sources(choice).ok().map(|(clips, _)| Arc::new(Clips::of_import(&clips)))
}

fn matrix((over, choice): &MatrixKey, found: &[Arc<Report>]) -> Result<Matrix, String> {
    let protocol = protocol_of(&protocol_config(choice)).map_err(|e| e.to_string())?;
    match over {
        Over::Builtin(scale) => builtin::matrix(*scale, &protocol).map_err(|e| e.to_string()),
        Over::Disk(_) => {
            let found: Vec<&Found> = found.iter().map(|r| &r.found).collect();
            dataset::matrix(&found, &protocol).map_err(|e| e.to_string())
        }
    }
}

fn pack_all(
    job: &PackJob,
    cache: &Path,
    progress: &(dyn Fn(&str, &PackProgress) -> Continue + Sync),
) -> Result<PackTold, PackTrouble> {
    let Packed { packs, problems } = engine::pack_ahead(job, cache, progress).map_err(|e| match &e {
        EngineError::Stopped => PackTrouble::Stopped,
        EngineError::Pack(
            PackError::Stale { .. } | PackError::Identity { .. } | PackError::Damaged { .. } | PackError::Format { .. },
        ) => PackTrouble::Failed(e.to_string(), true),
        _ => PackTrouble::Failed(e.to_string(), false),
    })?;
    let mut told = PackTold { faces: 0, clips: 0, without_face: vec![], unreadable: vec![], problems };
    let mut seen = BTreeSet::new();
    for pack in packs.iter().filter(|p: &&Pack| seen.insert(p.folder.clone())) {
        for (about, stored) in pack.clips() {
            told.clips += 1;
            told.faces += stored.faces.len();
            if stored.faces.is_empty() {
                told.without_face.push(format!("{}/{}", about.domain, about.path));
            }
        }
        told.unreadable.extend(pack.failures().into_iter().map(|(clip, why)| (clip.to_owned(), why.to_owned())));
    }
    Ok(told)
}
