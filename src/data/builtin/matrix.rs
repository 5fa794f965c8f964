//! Protocols of the built-in benchmark as tables. Everything that it has is always there, so there is nothing to miss.

use std::collections::BTreeMap;

use crate::data::Split;
use crate::data::clip::{ClipInfo, SetName};
use crate::data::protocol::{Matrix, Member, Offer, Protocol, ProtocolError, Whole};

use super::{Scale, clips_of};

/// Clips of `protocol` at `scale` by species and part. The seed changes no count.
pub fn matrix(scale: Scale, protocol: &Protocol) -> Result<Matrix, ProtocolError> {
    let clips: Vec<ClipInfo> =
        protocol.sets().into_iter().flat_map(|s| clips_of(s, scale, 0)).map(|p| p.info).collect();
    let published = protocol.published(&clips)?;
    let run = protocol.members(&clips);
    let held = |i: usize| run.as_ref().is_ok_and(|m| m.held_out && m.split[i] == Some(Split::Dev));
    let mut members = Vec::with_capacity(clips.len());
    for (i, (info, split)) in clips.iter().zip(published).enumerate() {
        members.extend(split.map(|split| Member { set: info.set.synthetic(), info, split, held_out: held(i) }));
    }
    let mut matrix = Matrix::count(members, []);
    matrix.blocked = run.as_ref().err().map(ToString::to_string);
    matrix.holds_out = run.is_ok_and(|m| m.held_out);
    Ok(matrix)
}

/// The protocols among `offers` that no run can use at `scale`, by name, each with the reason: small scales have nobody
/// for a part of some.
pub fn unusable(scale: Scale, offers: &[Offer]) -> BTreeMap<String, String> {
    let sets: BTreeMap<SetName, Vec<ClipInfo>> = SetName::BUILT_IN
        .into_iter()
        .map(|set| (set, clips_of(set, scale, 0).into_iter().map(|p| p.info).collect()))
        .collect();
    let reason = |offer: &Offer| {
        let protocol = match Protocol::parse(&offer.name, 1, Whole::EveryVideo) {
            Err(e) => return Some(e.to_string()),
            Ok(protocol) => protocol,
        };
        let clips: Vec<ClipInfo> = protocol.sets().iter().filter_map(|s| sets.get(s)).flatten().cloned().collect();
        protocol.members(&clips).err().map(|e| e.to_string())
    };
    offers.iter().filter_map(|offer| Some((offer.name.clone(), reason(offer)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Label;
    use crate::data::builtin::summary;

    #[test]
    fn the_table_has_what_the_summary_counts() {
        for name in ["oulu_npu/1", "oulu_npu/4", "mico/OCI-M", "siw_m/3", "casia_fasd/7"] {
            let protocol = Protocol::parse(name, 1, Whole::EveryVideo).unwrap();
            let (matrix, summary) = (matrix(Scale::Mini, &protocol).unwrap(), summary(Scale::Mini, &protocol).unwrap());
            assert_eq!(matrix.holds_out, summary.held_out, "{name}");
            for (class, label) in [(0, Label::Live), (1, Label::Spoof)] {
                let held = matrix.total_held_out(Some(label));
                let [train, dev, test] = matrix.total(Some(label)).map(|c| c.found);
                let of_run = if summary.held_out { [train - held, held, test] } else { [train, dev, test] };
                assert_eq!(of_run, summary.clips.map(|c| c[class]), "{name}");
            }
            assert!(matrix.in_two_parts().is_empty() && matrix.blocked.is_none(), "{name}");
        }
    }

    #[test]
    fn protocols_without_people_for_a_part_say_why() {
        let offers = super::super::offers();
        assert!(unusable(Scale::Full, &offers).is_empty());
        let tiny = unusable(Scale::Tiny, &offers);
        assert!(tiny.contains_key("msu_mfsd/bob") && !tiny.contains_key("oulu_npu/1"), "{tiny:?}");
        for (name, reason) in tiny {
            assert!(reason.contains(&name) && reason.contains("clips to"), "{name}: {reason}");
        }
    }
}
