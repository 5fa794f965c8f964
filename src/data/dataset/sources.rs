//! A protocol laid over opened sets: which clip is for learning, for thresholds, for testing.

use crate::data::clip::ClipInfo;
use crate::data::protocol::Protocol;
use crate::data::{Origin, SourceClip, Split};

use super::verify::list_name;
use super::{DatasetError, Found, FoundClip};

/// The clips of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// Every clip of the protocol with its part, set by set. Domains are the sets' titles; of the built-in miniatures,
    /// the miniatures' names.
    pub clips: Vec<(SourceClip, Split)>,
    /// Whether the part for thresholds was held out from the training subjects, because the protocol has none.
    pub held_out: bool,
    /// Rendered if any of the sets is.
    pub origin: Origin,
    /// What a report must say: copies that are not whole, whatever was found wrong with the sets, held out subjects.
    pub problems: Vec<String>,
}

/// A protocol as it was published, over what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership<'a> {
    /// Every clip of the protocol with its part, set by set.
    pub clips: Vec<(&'a FoundClip, Split)>,
    /// Training clips that a run would hold out for thresholds, by place in `clips`; empty where the protocol has a part
    /// for them.
    pub held_out: Vec<usize>,
    /// As in [`Sources`].
    pub problems: Vec<String>,
}

/// The clips of `protocol` and their parts as a run has them: where the protocol has no part for thresholds, a fifth of
/// its training subjects is held out for that. An error if a set is missing or given twice, if somebody stands in two
/// parts, or if a part that every run needs is empty.
pub fn sources(found: &[Found], protocol: &Protocol) -> Result<Sources, DatasetError> {
    let clips = clips_of(found, protocol)?;
    let infos: Vec<ClipInfo> = clips.iter().map(|c| c.info.clone()).collect();
    let members = protocol.members(&infos)?;
    let mut problems = problems(found, protocol);
    if members.held_out {
        problems.push(format!(
            "{protocol} has no part to choose thresholds on: a fifth of its training subjects are held out for that."
        ));
    }
    let clips = clips.into_iter().zip(members.split).filter_map(|(c, s)| Some((c.source.clone(), s?))).collect();
    let sets = protocol.sets();
    let rendered = found.iter().any(|f| sets.contains(&f.set) && f.origin == Origin::Synthetic);
    let origin = if rendered { Origin::Synthetic } else { Origin::Real };
    Ok(Sources { clips, held_out: members.held_out, origin, problems })
}

/// The clips of `protocol` and their parts as published. A part may be empty here, and is told of.
pub fn membership<'a>(found: &'a [Found], protocol: &Protocol) -> Result<Membership<'a>, DatasetError> {
    let clips = clips_of(found, protocol)?;
    let infos: Vec<ClipInfo> = clips.iter().map(|c| c.info.clone()).collect();
    let published = protocol.published(&infos)?;
    let mut problems = problems(found, protocol);
    let mut run = None;
    match protocol.members(&infos) {
        Ok(members) => run = members.held_out.then_some(members.split),
        Err(e) => problems.push(format!("No run is possible with what is here: {e}.")),
    }
    let mut out = Membership { clips: Vec::new(), held_out: Vec::new(), problems };
    for (i, (clip, split)) in clips.into_iter().zip(published).enumerate() {
        let Some(split) = split else { continue };
        if run.as_ref().is_some_and(|run| run[i] == Some(Split::Dev)) {
            out.held_out.push(out.clips.len());
        }
        out.clips.push((clip, split));
    }
    Ok(out)
}

/// All clips of the sets that the protocol needs, in its order; whatever stands in the way of any protocol is an error.
fn clips_of<'a>(found: &'a [Found], protocol: &Protocol) -> Result<Vec<&'a FoundClip>, DatasetError> {
    let mut out = Vec::new();
    for set in protocol.sets() {
        let mut those = found.iter().filter(|f| f.set == set);
        let Some(of_set) = those.next() else {
            let titles: Vec<String> = found.iter().map(Found::title).collect();
            return Err(DatasetError::SetMissing { protocol: protocol.to_string(), set, given: titles.join(", ") });
        };
        let root = of_set.root.display().to_string();
        if let Some(other) = those.next() {
            return Err(DatasetError::SetTwice { set, first: root, second: other.root.display().to_string() });
        }
        if let Some(overlap) = of_set.overlaps.first() {
            return Err(DatasetError::Overlap { set, root, what: overlap.told(set) });
        }
        let there = |list: &&str| of_set.lists.iter().all(|path| list_name(path) != **list);
        let absent: Vec<String> = protocol.lists().into_iter().filter(there).map(|l| format!("{l}.txt")).collect();
        if !absent.is_empty() {
            let verb = if absent.len() == 1 { "was" } else { "were" };
            let lists = format!("{} {verb}", absent.join(", "));
            return Err(DatasetError::ListsMissing { protocol: protocol.to_string(), set, lists, root });
        }
        out.extend(&of_set.clips);
    }
    Ok(out)
}

/// What the opened sets have to say, the banner of a partial copy first.
fn problems(found: &[Found], protocol: &Protocol) -> Vec<String> {
    let sets = protocol.sets();
    let of = |f: &Found| f.banner().into_iter().chain(f.problems.clone()).collect::<Vec<_>>();
    found.iter().filter(|f| sets.contains(&f.set)).flat_map(of).collect()
}
