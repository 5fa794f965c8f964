//! A protocol over opened sets as a table, with what was published beside what is here; and which protocols cannot be
//! used with the sets that are here.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use crate::data::clip::{ClipInfo, SetName};
use crate::data::protocol::{Matrix, Member, Offer, Protocol, Whole};

use super::layout::layout_of;
use super::{DatasetError, Found, membership};

/// Clips of `protocol` in `found` by species and part; an error where the protocol cannot be laid over them at all.
pub fn matrix<F: Borrow<Found>>(found: &[F], protocol: &Protocol) -> Result<Matrix, DatasetError> {
    let members = membership(found, protocol)?;
    let sets = protocol.sets();
    let title = |set: SetName| found.iter().map(Borrow::borrow).find(|f| f.set == set).map(Found::title);
    let titles: BTreeMap<SetName, String> = sets.iter().filter_map(|s| Some((*s, title(*s)?))).collect();
    let title = |info: &ClipInfo| titles.get(&info.set).map_or("", String::as_str);
    let held_out: BTreeSet<usize> = members.held_out.iter().copied().collect();
    let counted = members.clips.iter().enumerate().map(|(i, (clip, split))| Member {
        set: title(&clip.info),
        info: &clip.info,
        split: *split,
        held_out: held_out.contains(&i),
    });
    let published: Vec<ClipInfo> = sets.iter().filter_map(|s| layout_of(*s)).flat_map(|l| (l.published)()).collect();
    let parts = protocol.published(&published)?;
    let those = published.iter().zip(parts).filter_map(|(info, split)| Some((title(info), info, split?)));
    let mut matrix = Matrix::count(counted, those);
    let infos: Vec<ClipInfo> = members.clips.iter().map(|(c, _)| c.info.clone()).collect();
    let run = protocol.members(&infos);
    matrix.blocked = run.as_ref().err().map(ToString::to_string);
    // Where nothing can be held out either, the run says so.
    matrix.holds_out = run.is_ok_and(|m| m.held_out);
    matrix.problems = members.problems;
    Ok(matrix)
}

/// The protocols among `offers` that no run can use with `found`, by name, each with the reason.
pub fn unusable<F: Borrow<Found>>(found: &[F], offers: &[Offer]) -> BTreeMap<String, String> {
    let reason = |offer: &Offer| match Protocol::parse(&offer.name, 1, Whole::EveryVideo) {
        Err(e) => Some(e.to_string()),
        Ok(protocol) => super::sources(found, &protocol).err().map(|e| e.to_string()),
    };
    offers.iter().filter_map(|offer| Some((offer.name.clone(), reason(offer)?))).collect()
}
