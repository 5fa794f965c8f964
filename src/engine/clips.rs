//! Faces out of clips on disk: data sets under a protocol, or a list of clips, packed where that has not been done yet,
//! brought together, with an account of what was there and what was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::EngineError;
use super::setup::{Report, protocol_of};
use crate::config::{DataConfig, DataSource, FaceFinder, RunConfig};
use crate::data::builtin::is_synthetic;
use crate::data::dataset::{self, Found};
use crate::data::face::{CutSettings, FaceCutter, FinderKind, Preset};
use crate::data::pack::{self, Loaded, Pack, PackError, PackProgress, Part, Wanted};
use crate::data::{Continue, Cutter, FaceSet, Label, Origin, Part as ClipPart, SourceClip, Split, manifest};
use crate::session::{ClipSources, FacelessClip};

/// Clips of one folder with their parts.
struct Group {
    /// What it is called in the cache folder.
    title: String,
    /// The set's folder, or that of the list.
    root: PathBuf,
    clips: Vec<(SourceClip, Split)>,
}

/// What a run needs of the disk.
struct Asked {
    name: String,
    origin: Origin,
    groups: Vec<Group>,
    sets: Vec<String>,
    partial: Vec<String>,
    problems: Vec<String>,
}

/// The faces of `config.data`, which names data sets or a list, cut by `cutter`.
pub fn load(
    config: &RunConfig,
    cutter: &dyn Cutter,
    cache: &Path,
    report: Report<'_>,
) -> Result<(FaceSet, ClipSources), EngineError> {
    let data = &config.data;
    let (wanted, there) = (data.size, cutter.side());
    // Before hours are spent on cutting.
    if wanted > there {
        return Err(PackError::TooLarge { wanted, there }.into());
    }
    report("looking for clips", 0, 0);
    let asked = match data.source {
        DataSource::Manifest => listed(data)?,
        _ => of_sets(data)?,
    };
    let threads = config.compute.threads;
    let mut packs = Vec::with_capacity(asked.groups.len());
    for Group { title, root, clips } in &asked.groups {
        let folder = if data.pack.trim().is_empty() {
            pack::cached(cache, title, root, &cutter.identity())
        } else {
            PathBuf::from(&data.pack)
        };
        let clips: Vec<SourceClip> = clips.iter().map(|(clip, _)| clip.clone()).collect();
        let wanted = Wanted { folder: &folder, root, clips: &clips, cutter, rebuild: false, threads };
        packs.push(pack::build(&wanted, &|p| tell(report, title, p))?);
    }
    let parts: Vec<Part<'_>> = packs
        .iter()
        .zip(&asked.groups)
        .map(|(pack, group): (&Pack, &Group)| Part { pack, clips: &group.clips })
        .collect();
    let smaller = |p: &PackProgress| {
        let what = format!("making faces of {} x {} pixels", data.size, data.size);
        go_on(report(&what, p.done as u64, p.total as u64))
    };
    let loaded = pack::face_set(asked.name, asked.origin, &parts, data.size, threads, &smaller)?;
    let Loaded { mut set, unreadable, without_face } = loaded;
    set.problems.splice(0..0, asked.problems);
    let sources = ClipSources {
        sets: asked.sets,
        partial: asked.partial,
        cutter: cutter.identity(),
        asked: asked.groups.iter().map(|g| g.clips.len()).sum(),
        unreadable: unreadable.len(),
        without_face: without_face.len(),
        faceless: without_face.into_iter().map(faceless).collect(),
    };
    Ok((set, sources))
}

fn faceless(clip: pack::Faceless) -> FacelessClip {
    let pack::Faceless { clip, label, species, subject, split } = clip;
    let live = label == Label::Live;
    let species = if live { String::new() } else { species };
    FacelessClip { clip, split: split.to_string(), live, species, subject }
}

fn go_on(yes: bool) -> Continue {
    if yes { Continue::Yes } else { Continue::Stop }
}

fn tell(report: Report<'_>, title: &str, p: &PackProgress) -> Continue {
    let what = format!(
        "{} of {title}{}",
        if p.waiting { "waiting for another program to cut faces" } else { "cutting faces" },
        pace(p)
    );
    go_on(report(&what, p.done as u64, p.total as u64))
}

/// How fast faces are cut and how long it will take, in words.
pub fn pace(p: &PackProgress) -> String {
    match p.seconds_left {
        Some(left) if !p.waiting && p.done < p.total => {
            let left = if left < 90.0 { format!("{left:.0} s") } else { format!("{:.0} min", left / 60.0) };
            format!(" ({:.0} faces a second, about {left} left)", p.faces_per_second)
        }
        _ => String::new(),
    }
}

fn of_sets(data: &DataConfig) -> Result<Asked, EngineError> {
    let protocol = protocol_of(data)?;
    let mut found: Vec<Found> = Vec::new();
    for root in &data.roots {
        found.extend(dataset::open_all(Path::new(root))?);
    }
    let sources = dataset::sources(&found, &protocol)?;
    let needed = protocol.sets();
    let used: Vec<&Found> = needed.iter().filter_map(|set| found.iter().find(|f| f.set == *set)).collect();
    let mut by_domain: BTreeMap<String, Vec<(SourceClip, Split)>> = BTreeMap::new();
    for clip in sources.clips {
        by_domain.entry(clip.0.domain.clone()).or_default().push(clip);
    }
    let of = |f: &&Found| {
        let domain = f.clips.first().map(|c| c.source.domain.as_str()).unwrap_or_default();
        Group {
            title: f.set.name().to_owned(),
            root: f.root.clone(),
            clips: by_domain.remove(domain).unwrap_or_default(),
        }
    };
    let groups: Vec<Group> = used.iter().map(of).collect();
    let made = used.iter().filter(|f| f.origin == Origin::Synthetic).count();
    let mut problems = sources.problems;
    if made > 0 && made < used.len() {
        problems.push("Some of these sets are rendered: no number of this run is a result on real data.".to_owned());
    }
    let title = |f: &Found| match f.origin {
        Origin::Synthetic => f.set.synthetic().to_owned(),
        Origin::Real => f.title(),
    };
    let names: Vec<String> = used.iter().map(|f| title(f)).collect();
    let count = |f: &&Found| {
        let (here, all) = f.share();
        format!("{}: {here} of {all} clips", title(f))
    };
    Ok(Asked {
        name: format!("{}, {protocol}", names.join("+")),
        origin: sources.origin,
        groups,
        sets: used.iter().map(count).collect(),
        partial: used.iter().filter_map(|f| f.banner()).collect(),
        problems,
    })
}

/// What a list is called.
fn title_of(list: &Path) -> String {
    list.file_stem().map_or_else(|| "list".to_owned(), |s| s.to_string_lossy().into_owned())
}

/// Where a list lies.
fn folder_of(list: &Path) -> PathBuf {
    let folder = list.parent().map(Path::to_path_buf).unwrap_or_default();
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder }
}

fn listed(data: &DataConfig) -> Result<Asked, EngineError> {
    let path = Path::new(&data.root);
    let (clips, problems) = manifest::sources(path)?;
    let (root, name) = (folder_of(path), title_of(path));
    // A list may lie anywhere; what counts is where its clips are.
    let folders: BTreeSet<&Path> =
        clips.iter().filter_map(|(clip, _)| pack::first_file(clip)?.parent()).chain([root.as_path()]).collect();
    let origin = if folders.into_iter().any(is_synthetic) { Origin::Synthetic } else { Origin::Real };
    let sets = vec![format!("{name}: {} clips", clips.len())];
    let group = Group { title: name.clone(), root, clips };
    Ok(Asked { name, origin, groups: vec![group], sets, partial: Vec::new(), problems })
}

/// What `metafas data pack` packs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackJob {
    /// Folders of data sets, or lists of clips.
    pub roots: Vec<PathBuf>,
    /// The pack's folder, for all of them; `None`: where a run looks for the pack of each.
    pub out: Option<PathBuf>,
    /// Name of the preset for cutting.
    pub crop: String,
    /// Who finds faces.
    pub finder: FaceFinder,
    /// Frames of each clip; 0: as many as the preset has.
    pub frames: u32,
    /// Whether what is stale is packed anew.
    pub rebuild: bool,
    /// Threads, at least one.
    pub threads: usize,
}

/// The clips of a set with its title and folder.
pub type SetClips = (String, PathBuf, Vec<SourceClip>);

/// Every clip of a root but for enrolment, which no protocol scores, set by set; and what of a list was passed over.
pub fn clips_in(root: &Path) -> Result<(Vec<SetClips>, Vec<String>), EngineError> {
    if root.is_file() {
        let (clips, problems) = manifest::sources(root)?;
        return Ok((vec![(title_of(root), folder_of(root), clips.into_iter().map(|c| c.0).collect())], problems));
    }
    let of = |f: Found| {
        let scored = f.clips.into_iter().filter(|c| c.info.part != ClipPart::Enroll);
        (f.set.name().to_owned(), f.root, scored.map(|c| c.source).collect())
    };
    Ok((dataset::open_all(root)?.into_iter().map(of).collect(), vec![]))
}

/// What [`pack_ahead`] made.
#[derive(Debug)]
pub struct Packed {
    /// A pack a set.
    pub packs: Vec<Pack>,
    /// What was passed over when the lists were read.
    pub problems: Vec<String>,
}

/// Packs every clip of the roots; a pack a set, told of by its name meanwhile.
pub fn pack_ahead(
    job: &PackJob,
    cache: &Path,
    tell: &(dyn Fn(&str, &PackProgress) -> Continue + Sync),
) -> Result<Packed, EngineError> {
    let cutter = cutter(&job.crop, job.finder, job.frames, cache)?;
    let (mut groups, mut problems) = (Vec::new(), Vec::new());
    for root in &job.roots {
        let (found, passed_over) = clips_in(root)?;
        groups.extend(found);
        problems.extend(passed_over);
    }
    let mut packs = Vec::new();
    for (title, root, clips) in &groups {
        let folder = job.out.clone().unwrap_or_else(|| pack::cached(cache, title, root, &cutter.identity()));
        let PackJob { rebuild, threads, .. } = *job;
        let wanted = Wanted { folder: &folder, root, clips, cutter: &*cutter, rebuild, threads };
        packs.push(pack::build(&wanted, &|p| tell(title, p))?);
    }
    Ok(Packed { packs, problems })
}

/// Who cuts faces as preset `crop` has it, `frames` of each clip (0: as many as the preset has); `cache` holds what is
/// remembered of clips, and perhaps an ffmpeg and weights.
pub fn cutter(crop: &str, finder: FaceFinder, frames: u32, cache: &Path) -> Result<Box<dyn Cutter>, EngineError> {
    let refused = |why: String| EngineError::Refused(format!("data.crop: {why}"));
    let preset = Preset::parse(crop).map_err(refused)?;
    let mut settings = CutSettings::from(preset);
    settings.finder = match finder {
        FaceFinder::MediaPipe => FinderKind::MediaPipe,
        FaceFinder::Mtcnn => FinderKind::Mtcnn,
    };
    if frames > 0 {
        settings.frames = preset.so_many(frames);
    }
    Ok(Box::new(FaceCutter::new(settings, cache).map_err(EngineError::Refused)?))
}
