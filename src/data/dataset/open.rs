//! From a folder to an opened set: every video gets its published name, box and eye files are put to their clips, what
//! is missing or too many is noted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::{Footage, Marks, Origin, SourceClip, Turn, builtin};

use super::layout::{Candidate, Layout, layouts, recognise, recognise_all};
use super::naming::Naming;
use super::tree::{File, Tree, shown};
use super::{DatasetError, Found, FoundClip, msu, verify};

/// Folders that lie beside the clips' own.
const BESIDE: [&str; 2] = ["face-locations", "protocols"];

/// The set in `root`, which may also be the folder above the set's or a part of it. `as_` says which set it must be;
/// of SiW-M the names alone say which version. Reads names and small lists, no video.
pub fn open(root: &Path, as_: Option<SetName>) -> Result<Found, DatasetError> {
    let tree = Tree::of(root).map_err(|source| DatasetError::Root { root: root.display().to_string(), source })?;
    let inside = recognise(&tree, as_);
    if let Some((tree, candidate)) = around(root, &inside, as_) {
        let (set, base) = (candidate.layout.set, tree.base.display());
        let remark = format!("{} is a part of {set}; the set around it, {base}, was opened.", root.display());
        return Ok(read(&tree, &candidate, vec![remark]));
    }
    Ok(read(&tree, &inside?, Vec::new()))
}

/// All sets in `root`: the one, where [`open`] finds one, or several that lie side by side.
pub fn open_all(root: &Path) -> Result<Vec<Found>, DatasetError> {
    match open(root, None) {
        Err(DatasetError::Several { .. }) => {
            let tree =
                Tree::of(root).map_err(|source| DatasetError::Root { root: root.display().to_string(), source })?;
            Ok(recognise_all(&tree, None)?.iter().map(|candidate| read(&tree, candidate, Vec::new())).collect())
        }
        one => Ok(vec![one?]),
    }
}

/// Where `root` is a folder of a set's own: the set around it, if that has more. Only folders with names of the set's
/// own are looked into.
fn around(root: &Path, inside: &Result<Candidate, DatasetError>, as_: Option<SetName>) -> Option<(Tree, Candidate)> {
    let real = root.canonicalize().ok()?;
    let (parent, folder) = (real.parent()?, real.file_name()?);
    let name = folder.to_string_lossy().to_ascii_lowercase();
    let fits = |layout: &Layout| match inside {
        // A set that begins below the root is whole already.
        Ok(c) => c.layout.set == layout.set && c.root.as_os_str().is_empty(),
        Err(_) => as_.is_none_or(|set| set == layout.set),
    };
    layouts().into_iter().filter(|l| (l.own)(&name) && fits(l)).find_map(|layout| {
        let wanted = |folder: &str| (layout.own)(folder) || BESIDE.contains(&folder);
        let tree = Tree::of_some(parent, wanted).ok()?;
        let candidate = recognise(&tree, Some(layout.set)).ok()?;
        let (clips, set) = inside.as_ref().map_or((0, layout.set), |c| (c.clips, c.layout.set));
        // The root itself must belong to it, and around it must be the set and little else.
        let of_root = |f: &&File| f.path.starts_with(folder) && f.name().is_some_and(|n| (layout.read)(&n).is_some());
        let belongs = tree.videos.iter().any(|f| of_root(&f)) && candidate.root.as_os_str().is_empty();
        let more = candidate.clips > clips || candidate.layout.set != set;
        (belongs && more && candidate.clips * 2 >= candidate.videos).then_some((tree, candidate))
    })
}

/// All that is known of the set, in the order in which a person would want to read of it.
fn read(tree: &Tree, candidate: &Candidate, mut problems: Vec<String>) -> Found {
    let layout = &candidate.layout;
    let below = |file: &&File| file.path.strip_prefix(&candidate.root).map_or_else(|_| file.shown(), shown);
    let naming = Naming::of(tree.videos.iter().filter(|f| candidate.holds(f)), layout);
    let published: Vec<ClipInfo> = (layout.published)();
    let listed: BTreeSet<&str> = published.iter().map(|i| i.path.as_str()).collect();
    let is_listed = |path: &str| listed.is_empty() || listed.contains(path);
    let wanted = published.iter().filter(|i| i.part != Part::Enroll && !naming.clips.contains_key(&i.path));
    let mut missing: Vec<String> = wanted.map(|i| i.path.clone()).collect();
    missing.sort();

    let unlisted: Vec<&File> = naming.clips.iter().filter(|(p, _)| !is_listed(p)).map(|(_, v)| v.file).collect();
    problems.extend(tree.problems.iter().cloned());
    let title = layout.set.title();
    let of = |files: &[&File]| files.first().map(|first| (files.len(), below(first)));
    problems.extend(of(&naming.strange).map(|(n, first)| match n {
        1 => format!("{first} is not named like a clip of {title}; it is left out."),
        n => format!("{n} videos are not named like clips of {title}; they are left out. The first is {first}."),
    }));
    problems.extend(of(&naming.copies).map(|(n, first)| match n {
        1 => format!("{first} is a second copy of a clip; it is left out."),
        n => format!("{n} videos are second copies of clips; they are left out. The first is {first}."),
    }));
    problems.extend(of(&unlisted).map(|(n, first)| match n {
        1 => format!("{first} is named like a clip of {title} but is none of the published ones; it is used."),
        n => format!(
            "{n} clips are named like those of {title} but are none of the published ones; they are used. The first is \
             {first}."
        ),
    }));
    problems.extend(of(&naming.misplaced).map(|(n, first)| {
        format!(
            "Clips in the folder of another part than their names say: {n}, the first is {first}. Names are believed."
        )
    }));
    problems.extend(of(&naming.astray).map(|(n, first)| {
        format!("Clips in another person's folder than their names say: {n}, the first is {first}. Names are believed.")
    }));
    for overlap in &naming.overlaps {
        let told = overlap.told(layout.set);
        problems.push(format!("The set has {told}; no protocol can be used until one of them is taken away."));
    }
    let mut extra: Vec<String> =
        [&naming.strange, &naming.copies, &unlisted].into_iter().flatten().map(below).collect();
    extra.sort();

    let root = tree.folder(&candidate.root);
    let note = rendered(&root, layout.set);
    if let Some(note) = &note {
        problems.insert(0, format!("These are rendered faces in {title}'s layout ({note}), not {title} itself."));
    }
    // Rendered clips have the domain that they have when they are made in memory.
    let domain = if note.is_some() { layout.set.synthetic() } else { title };
    let mut marks = marks(tree, candidate);
    let clip = |(path, video): (String, super::naming::Video)| {
        let source = source(domain, &video.info, tree.base.join(&video.file.path), marks.remove(&path));
        FoundClip { listed: is_listed(&path), info: video.info, source }
    };
    let mut found = Found {
        set: layout.set,
        root,
        origin: if note.is_some() { Origin::Synthetic } else { Origin::Real },
        clips: naming.clips.into_iter().map(clip).collect(),
        missing,
        extra,
        overlaps: naming.overlaps,
        lists: Vec::new(),
        problems,
    };
    verify::lists(tree, candidate, &mut found);
    found
}

/// Which built-in benchmark the folder is of, if it is the miniature of `set` in one.
fn rendered(root: &Path, set: SetName) -> Option<String> {
    let real = root.canonicalize().ok()?;
    let name = real.file_name()?.to_string_lossy();
    builtin::Tree::noted(real.parent()?).filter(|_| !name.is_empty() && name == set.synthetic())
}

/// Box and eye files by the published path of their clip; where there are two, the first.
fn marks(tree: &Tree, candidate: &Candidate) -> BTreeMap<String, Marks> {
    let (ending, kind): (&str, fn(PathBuf) -> Marks) = match candidate.layout.set {
        SetName::OuluNpu => ("txt", Marks::OuluEyes),
        SetName::CasiaFasd => ("face", Marks::CasiaBoxes),
        SetName::ReplayAttack => ("face", Marks::ReplayBoxes),
        SetName::MsuMfsd => ("face", Marks::MsuBoxes),
        SetName::RoseYoutu | SetName::SiwM | SetName::SiwMv2 => return BTreeMap::new(),
    };
    let mut out = BTreeMap::new();
    for file in tree.texts.iter().filter(|f| candidate.holds(f)) {
        let reading = file.name().filter(|n| n.ending == ending).and_then(|n| (candidate.layout.read)(&n));
        if let Some(reading) = reading {
            out.entry(reading.info.path).or_insert_with(|| kind(tree.base.join(&file.path)));
        }
    }
    out
}

fn source(domain: &str, info: &ClipInfo, video: PathBuf, marks: Option<Marks>) -> SourceClip {
    let turned = info.set == SetName::MsuMfsd && msu::upside_down(info);
    SourceClip {
        domain: domain.to_owned(),
        path: info.path.clone(),
        label: info.label,
        species: info.species.clone(),
        subject: info.subject.clone(),
        camera: info.camera.clone(),
        session: info.session.clone(),
        footage: Footage::Video(video),
        marks,
        turn_if_unmarked: if turned { Turn::Half } else { Turn::None },
        cropped: false,
        depth: Vec::new(),
    }
}
