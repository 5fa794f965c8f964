//! Which part each clip of a manifest belongs to: as the file says, else by a hash. Nobody stands in two parts.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::folder::{hash_share, split_of_share};
use crate::data::{Label, Split};

use super::Listed;

/// Of how many training subjects one is held out where a file has splits but no dev part.
const HOLD_OUT: usize = 5;

/// What is said of a file or folder without a dev part.
pub(in crate::data) const HELD_OUT: &str =
    "There is no dev part to choose thresholds on: a fifth of the training subjects are held out for that.";

/// The part of each clip; what a person should know goes to `problems`. The error is every subject in two parts.
pub(super) fn settle(clips: &[Listed], problems: &mut Vec<String>) -> Result<Vec<Split>, Vec<String>> {
    let given = clips.iter().any(|c| c.split.is_some());
    let nameless = clips.iter().filter(|c| c.clip.subject.is_empty()).count();
    let mut out: Vec<Split> = if given {
        let stray = clips.iter().filter(|c| c.split.is_none()).count();
        if stray > 0 {
            problems
                .push(format!("Clips without a split where others have one: {stray}; they were taken for training."));
        }
        clips.iter().map(|c| c.split.unwrap_or(Split::Train)).collect()
    } else {
        let warning = match nameless {
            0 => "No subject stands in two parts.",
            n if n == clips.len() => "No subjects are named, so the same person may stand in several parts.",
            _ => "Some clips name no subject, so the same person may stand in several parts.",
        };
        problems.push(format!("There is no split: clips were split 70/15/15 by a hash of their subjects. {warning}"));
        let alone = clips.iter().filter(|c| c.alone && c.clip.subject.is_empty()).count();
        if alone > 0 {
            problems.push(format!(
                "Pictures that name neither a clip nor a subject: {alone}; pictures of one video may stand in several \
                 parts, so name its clip in column clip."
            ));
        }
        let parts = shared_out(clips.iter().map(|c| (who(c), c.clip.label)));
        clips.iter().map(|c| parts.get(&who(c)).copied().unwrap_or(Split::Train)).collect()
    };
    overlaps(clips, &out)?;
    if given && !out.contains(&Split::Dev) && out.contains(&Split::Train) {
        let chosen = held_out(clips, &out);
        for (clip, split) in clips.iter().zip(&mut out) {
            if *split == Split::Train && chosen.contains(&who(clip)) {
                *split = Split::Dev;
            }
        }
        problems.push(HELD_OUT.to_owned());
    }
    if given && nameless == clips.len() {
        problems.push("No subjects are named, so whether a person stands in two parts cannot be checked.".to_owned());
    }
    lacking(clips, &out, problems);
    Ok(out)
}

/// Whose clips stay together: the subject's, or where it is not known the clip alone.
fn who(listed: &Listed) -> String {
    let clip = &listed.clip;
    if clip.subject.is_empty() { format!("{}/{}", clip.domain, clip.path) } else { clip.subject.clone() }
}

fn overlaps(clips: &[Listed], split: &[Split]) -> Result<(), Vec<String>> {
    let mut first: BTreeMap<&str, (Split, u64)> = BTreeMap::new();
    let mut faults = BTreeMap::new();
    for (listed, &split) in clips.iter().zip(split) {
        let subject = listed.clip.subject.as_str();
        if subject.is_empty() {
            continue;
        }
        let (was, line) = *first.entry(subject).or_insert((split, listed.line));
        if was != split {
            faults.entry(subject).or_insert_with(|| {
                format!(
                    "line {}: subject {subject} stands in {split} here and in {was} on line {line}, so results would be \
                     worthless; give each person one split, and two persons two names",
                    listed.line
                )
            });
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into_values().collect()) }
}

/// Every fifth of the training subjects, by domain and by whether they are ever seen live, in the order of their names.
fn held_out(clips: &[Listed], split: &[Split]) -> BTreeSet<String> {
    let train = clips.iter().zip(split).filter(|(_, s)| **s == Split::Train);
    a_fifth(train.map(|(c, _)| (who(c), c.clip.domain.as_str(), c.clip.label == Label::Live)))
}

/// Every fifth of those named, each with a domain and whether this clip is live.
pub(in crate::data) fn a_fifth<'c>(train: impl Iterator<Item = (String, &'c str, bool)>) -> BTreeSet<String> {
    let mut groups: BTreeMap<String, (&str, bool)> = BTreeMap::new();
    for (subject, domain, live) in train {
        let group = groups.entry(subject).or_insert((domain, live));
        // One who is seen live counts with the live ones.
        group.1 |= live;
    }
    let mut of: BTreeMap<(&str, bool), Vec<String>> = BTreeMap::new();
    for (subject, group) in groups {
        of.entry(group).or_default().push(subject);
    }
    of.into_values()
        .flat_map(|subjects| {
            // Of two or three the last is held out; one alone stays for learning.
            let first = if subjects.len() < 2 { 1 } else { (HOLD_OUT / 2).min(subjects.len() - 1) };
            subjects.into_iter().skip(first).step_by(HOLD_OUT)
        })
        .collect()
}

/// 70/15/15 of those named, each with the class of one of its clips. A hash decides, so that adding others moves nothing; where that leaves
/// a part without live clips or without attacks, those who are seen live, those who attack and those who do both are shared out apart,
/// in the order of their hashes.
pub(in crate::data) fn shared_out(clips: impl Iterator<Item = (String, Label)>) -> BTreeMap<String, Split> {
    let mut classes: BTreeMap<String, [bool; 2]> = BTreeMap::new();
    for (who, label) in clips {
        classes.entry(who).or_default()[usize::from(label == Label::Spoof)] = true;
    }
    let by_hash: BTreeMap<String, Split> =
        classes.keys().map(|who| (who.clone(), split_of_share(hash_share(who)))).collect();
    let has =
        |part: Split, class: usize| classes.iter().any(|(who, has)| has[class] && by_hash.get(who) == Some(&part));
    if [Split::Train, Split::Dev, Split::Test].into_iter().all(|part| has(part, 0) && has(part, 1)) {
        return by_hash;
    }
    let mut strata: BTreeMap<[bool; 2], Vec<String>> = BTreeMap::new();
    for (who, has) in classes {
        strata.entry(has).or_default().push(who);
    }
    let mut all = BTreeMap::new();
    for mut members in strata.into_values() {
        members.sort_by(|a, b| hash_share(a).total_cmp(&hash_share(b)).then_with(|| a.cmp(b)));
        let count = members.len();
        // Of three or more each part has one; of two the second is tested on.
        let held = if count < 3 { 0 } else { ((count as f64 * 0.15).round() as usize).max(1) };
        let test = if count == 2 { 1 } else { held };
        for (place, who) in members.into_iter().enumerate() {
            let part = match count - place {
                left if left <= test => Split::Test,
                left if left <= test + held => Split::Dev,
                _ => Split::Train,
            };
            all.insert(who, part);
        }
    }
    all
}

/// Says which parts lack a class.
fn lacking(clips: &[Listed], split: &[Split], problems: &mut Vec<String>) {
    for (part, use_) in [
        (Split::Train, "nothing can be learnt from it"),
        (Split::Dev, "no threshold can be chosen on it"),
        (Split::Test, "no results can be reported on it"),
    ] {
        let count = |label| clips.iter().zip(split).filter(|(c, s)| **s == part && c.clip.label == label).count();
        let lacks = match (count(Label::Live), count(Label::Spoof)) {
            (0, 0) => "is empty".to_owned(),
            (0, n) => format!("has {n} attack but no live clips"),
            (n, 0) => format!("has {n} live but no attack clips"),
            _ => continue,
        };
        problems.push(format!("The {part} part {lacks}, so {use_}."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Footage, SourceClip, Turn};

    fn listed(path: &str, subject: &str, label: Label, split: Option<Split>) -> Listed {
        let clip = SourceClip {
            domain: String::new(),
            path: path.to_owned(),
            label,
            species: String::new(),
            subject: subject.to_owned(),
            camera: String::new(),
            session: String::new(),
            footage: Footage::Pictures(vec![]),
            marks: None,
            turn_if_unmarked: Turn::None,
            cropped: true,
            depth: vec![],
        };
        Listed { clip, split, line: 7, alone: false }
    }

    fn of(people: u32, split: impl Fn(u32) -> Option<Split>, subject: impl Fn(u32) -> String) -> Vec<Listed> {
        let clips = |i| [Label::Live, Label::Spoof].map(|l| listed(&format!("{i}/{l:?}"), &subject(i), l, split(i)));
        (0..people).flat_map(clips).collect()
    }

    #[test]
    fn a_small_set_gets_both_classes_in_every_part() {
        let people = |count: usize, label| (0..count).map(move |i| (format!("{label:?} {i}"), label));
        for (live, attacks) in [(3, 3), (12, 13), (3, 40), (200, 5)] {
            let all: Vec<_> = people(live, Label::Live).chain(people(attacks, Label::Spoof)).collect();
            let parts = shared_out(all.iter().cloned());
            for part in [Split::Train, Split::Dev, Split::Test] {
                for label in [Label::Live, Label::Spoof] {
                    assert!(
                        all.iter().any(|(who, l)| *l == label && parts[who] == part),
                        "{live} {attacks} {part} {label:?}"
                    );
                }
            }
        }
        // Where the hash alone does, it decides.
        let many: Vec<_> = people(500, Label::Live).chain(people(500, Label::Spoof)).collect();
        assert!(shared_out(many.into_iter()).iter().all(|(who, part)| *part == split_of_share(hash_share(who))));
    }

    #[test]
    fn without_splits_people_stay_together() {
        let clips = of(200, |_| None, |i| format!("p{i}"));
        let mut problems = vec![];
        let split = settle(&clips, &mut problems).unwrap();
        assert!(split.chunks(2).all(|pair| pair[0] == pair[1]));
        let share = |s| split.iter().filter(|x| **x == s).count();
        assert!((240..320).contains(&share(Split::Train)) && share(Split::Dev) > 30 && share(Split::Test) > 30);
        assert!(
            problems.len() == 1 && problems[0].contains("70/15/15") && problems[0].contains("No subject stands in")
        );
        let clips = of(200, |_| None, |i| if i == 0 { "p".to_owned() } else { String::new() });
        problems.clear();
        settle(&clips, &mut problems).unwrap();
        assert!(problems[0].contains("Some clips name no subject"), "{problems:?}");
    }

    #[test]
    fn the_split_of_a_clip_does_not_depend_on_the_others() {
        let all = of(60, |_| None, |_| String::new());
        let (whole, half) = (settle(&all, &mut vec![]).unwrap(), settle(&all[60..], &mut vec![]).unwrap());
        assert_eq!(whole[60..], half);
    }

    #[test]
    fn a_person_in_two_parts_is_a_fault_with_both_lines() {
        let part = |i| Some(if i < 5 { Split::Train } else { Split::Test });
        let faults = settle(&of(10, part, |i| format!("p{}", i % 9)), &mut vec![]).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].starts_with("line 7: subject p0 stands in test here and in train on line 7"), "{faults:?}");
    }

    #[test]
    fn where_there_is_no_dev_part_a_fifth_is_held_out_and_strays_are_told() {
        let part = |i| (i != 3).then_some(if i < 10 { Split::Train } else { Split::Test });
        let mut problems = vec![];
        let split = settle(&of(15, part, |i| format!("p{i:02}")), &mut problems).unwrap();
        let count = |s| split.iter().filter(|x| **x == s).count();
        assert_eq!((count(Split::Train), count(Split::Dev), count(Split::Test)), (16, 4, 10));
        let said = |text: &str| problems.iter().any(|p| p.contains(text));
        assert!(said("others have one: 2;") && said("held out") && problems.len() == 2, "{problems:?}");
    }

    #[test]
    fn parts_that_lack_a_class_are_told() {
        let clips =
            [listed("a", "", Label::Live, Some(Split::Train)), listed("b", "", Label::Spoof, Some(Split::Test))];
        let mut problems = vec![];
        settle(&clips, &mut problems).unwrap();
        let said = |text: &str| problems.iter().any(|p| p.contains(text));
        assert!(said("train part has 1 live but no attack") && said("test part has 1 attack but no live"));
        assert!(said("dev part is empty") && said("cannot be checked"), "{problems:?}");
    }
}
