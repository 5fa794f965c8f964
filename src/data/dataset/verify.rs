//! List files that lie beside a set, against what the names of its clips say. A difference is told, never an error: the
//! published rules are what counts. Only SiW-Mv2's lists are more than a check, for its protocols are nothing else.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::clip::{ClipInfo, Part, SetName};
use crate::data::protocol::{Protocol, Whole, all_lists};
use crate::data::{Label, Split};

use super::layout::Candidate;
use super::lists::{self, Read};
use super::name::{Name, number};
use super::tree::{File, Tree, shown};
use super::{Found, msu, oulu, part_name, replay, siw_m};

/// Compares all lists in the set's folder; adds to `found` what was read and what differs.
pub fn lists(tree: &Tree, candidate: &Candidate, found: &mut Found) {
    let set = found.set;
    let here = found.clips.iter().map(|c| c.info.path.clone()).collect();
    let mut all = Check { tree, candidate, here, rules: BTreeMap::new(), found };
    for file in tree.texts.iter().filter(|f| candidate.holds(f)) {
        let Some(name) = file.name().filter(|n| n.ending == "txt") else { continue };
        match set {
            SetName::OuluNpu => all.oulu(file, &name),
            SetName::MsuMfsd => all.msu(file, &name),
            SetName::ReplayAttack => all.replay(file, &name),
            SetName::SiwMv2 => all.siw_mv2(file, &name),
            SetName::CasiaFasd | SetName::RoseYoutu | SetName::SiwM => {}
        }
    }
    if set == SetName::SiwMv2 {
        told_twice(found);
    }
}

struct Check<'a> {
    tree: &'a Tree,
    candidate: &'a Candidate,
    /// Published paths of the clips that are there.
    here: BTreeSet<String>,
    /// Members of protocols that lists were compared with, by name and fold.
    rules: BTreeMap<(String, u32), Vec<(Split, ClipInfo)>>,
    found: &'a mut Found,
}

impl Check<'_> {
    /// The list's text; what it cannot be read for is told.
    fn text(&mut self, file: &File) -> Option<String> {
        let path = self.shown(file);
        match lists::text(&self.tree.base.join(&file.path)) {
            Ok(text) => {
                self.found.lists.push(path);
                Some(text)
            }
            Err(why) => {
                self.found.problems.push(format!("The list {path} {why}."));
                None
            }
        }
    }

    /// The path from the set's folder.
    fn shown(&self, file: &File) -> String {
        file.path.strip_prefix(&self.candidate.root).map_or_else(|_| file.shown(), shown)
    }

    /// Tells how a list differs from the rule, if it does.
    fn tell<T>(&mut self, file: &File, read: &Read<T>, mut differences: Vec<String>) {
        if let Some(first) = &read.first_unread {
            differences.push(some(read.unread, "line that says nothing", "lines that say nothing", first));
        }
        if !differences.is_empty() {
            let (path, differences) = (self.shown(file), differences.join(", "));
            self.found
                .problems
                .push(format!("{path} differs from what is published: {differences}. It is not followed."));
        }
    }

    /// The published members of a protocol's part.
    fn rule(&mut self, protocol: &str, fold: u32, split: Split) -> Vec<&ClipInfo> {
        let key = (protocol.to_owned(), fold);
        let all = self.rules.entry(key).or_insert_with(|| {
            let clips = (self.candidate.layout.published)();
            let members = Protocol::parse(protocol, fold, Whole::EveryVideo).and_then(|p| p.published(&clips));
            members.map_or_else(
                |_| Vec::new(),
                |m| clips.into_iter().zip(m).filter_map(|(clip, split)| Some((split?, clip))).collect(),
            )
        });
        all.iter().filter(|(s, _)| *s == split).map(|(_, clip)| clip).collect()
    }

    /// What the list has and the rule has not, and the other way round where the clip is there.
    fn members(&mut self, listed: &BTreeSet<String>, rule: &BTreeSet<String>) -> Vec<String> {
        let many: Vec<&String> = listed.difference(rule).collect();
        let few: Vec<&String> = rule.difference(listed).filter(|path| self.here.contains(*path)).collect();
        let tell = |all: &[&String], one, more| all.first().map(|first| some(all.len(), one, more, first));
        [tell(&many, "clip too many", "clips too many"), tell(&few, "clip missing", "clips missing")]
            .into_iter()
            .flatten()
            .collect()
    }

    /// `Protocol_3/Train_1.txt`, at any depth.
    fn oulu(&mut self, file: &File, name: &Name) {
        let Some((protocol, split, fold)) = oulu_list(name) else { return };
        let Some(text) = self.text(file) else { return };
        let read = lists::oulu(&text);
        let rule: BTreeSet<String> =
            self.rule(&format!("oulu_npu/{protocol}"), fold, split).iter().map(|i| i.path.clone()).collect();
        let listed: BTreeSet<String> = read.entries.iter().map(|(_, clip)| clip.info().path).collect();
        let mut differences = self.members(&listed, &rule);
        // Attacks are told apart in test lists alone; the other lists say -1 for all of them.
        let wrong = |(label, clip): &&(i8, oulu::Clip)| match (*label, clip.file) {
            (1, file) => file != 1,
            (_, 1) => true,
            (-1, file) => split == Split::Test && file > 3,
            (_, file) => file < 4,
        };
        let wrong: Vec<_> = read.entries.iter().filter(wrong).collect();
        if let Some((label, clip)) = wrong.first() {
            let first = format!("{} as {label:+}", clip.stem());
            differences.push(some(wrong.len(), "label against the name", "labels against the names", &first));
        }
        self.tell(file, &read, differences);
    }

    fn msu(&mut self, file: &File, name: &Name) {
        let part = match name.stem {
            "train_sub_list" => Part::Train,
            "test_sub_list" => Part::Test,
            _ => return,
        };
        let Some(text) = self.text(file) else { return };
        let read = lists::clients(&text);
        let clips = (self.candidate.layout.published)();
        let paths_of = |wanted: &dyn Fn(&ClipInfo) -> bool| -> BTreeSet<String> {
            clips.iter().filter(|i| wanted(i)).map(|i| i.subject.clone()).collect()
        };
        let listed: BTreeSet<String> = read.entries.iter().map(|c| format!("M{c:02}")).collect();
        let rule = paths_of(&|i| i.part == part);
        let here = paths_of(&|i| i.part == part && self.here.contains(&i.path));
        let other = read.entries.iter().filter(|c| msu::part(**c).is_some_and(|p| p != part)).count();
        let differences = if other * 2 > read.entries.len() {
            vec!["it is the other part's list".to_owned()]
        } else {
            let many: Vec<&String> = listed.difference(&rule).collect();
            let few: Vec<&String> = here.difference(&listed).collect();
            let tell = |all: &[&String], one, more| all.first().map(|first| some(all.len(), one, more, first));
            let told =
                [tell(&many, "client too many", "clients too many"), tell(&few, "client missing", "clients missing")];
            told.into_iter().flatten().collect()
        };
        self.tell(file, &read, differences);
    }

    fn replay(&mut self, file: &File, name: &Name) {
        if name.stem == "clients" {
            let Some(text) = self.text(file) else { return };
            let read = lists::clients_by_part(&text);
            let wrong: Vec<_> =
                read.entries.iter().filter(|(client, part)| replay::part(*client) != Some(*part)).collect();
            let tell = |(client, part): &&(u32, Part)| {
                let first = format!("{client:03} as {}", part_name(SetName::ReplayAttack, *part));
                some(wrong.len(), "client in another part", "clients in other parts", &first)
            };
            let differences = wrong.first().map(tell).into_iter().collect();
            self.tell(file, &read, differences);
            return;
        }
        let Some((protocol, split, label)) = replay_list(name.stem) else { return };
        let Some(text) = self.text(file) else { return };
        let read = lists::paths(&text);
        let rule: BTreeSet<String> = self
            .rule(&format!("replay_attack/{protocol}"), 1, split)
            .iter()
            .filter(|i| i.label == label)
            .map(|i| i.path.clone())
            .collect();
        let known = |path: &String| {
            let path = format!("{path}.mov");
            Name::new(&path).and_then(|n| replay::read(&n)).map_or(path, |r| r.info.path)
        };
        let listed = read.entries.iter().map(known).collect();
        let differences = self.members(&listed, &rule);
        self.tell(file, &read, differences);
    }

    /// Lists of stems, some of them repeated; each clip remembers which lists name it, and how often.
    fn siw_mv2(&mut self, file: &File, name: &Name) {
        let known = all_lists().into_iter().find(|l| *l == name.stem);
        let earlier = |l: &&str| self.found.lists.iter().any(|seen| list_name(seen) == **l);
        let Some(list) = known.filter(|l| !earlier(l)) else { return };
        let Some(text) = self.text(file) else { return };
        let canonical = |s: String| siw_m::listed_stem(&s).unwrap_or(s);
        let entries = lists::paths(&text).entries.into_iter().map(canonical).collect();
        let mut stems = lists::counted(entries);
        for clip in &mut self.found.clips {
            if let Some(times) = stems.remove(stem(&clip.info)) {
                clip.info.lists.extend(std::iter::repeat_n(list.to_owned(), times));
            }
        }
        if let Some(first) = stems.keys().next() {
            let told = some(stems.len(), "clip that is not there", "clips that are not there", first);
            let path = self.shown(file);
            self.found.problems.push(format!("{path} names {told}."));
        }
    }
}

/// The file's name without folders and ending, in lower case.
pub fn list_name(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |n| n.0).to_ascii_lowercase()
}

fn stem(info: &ClipInfo) -> &str {
    let name = info.path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |n| n.0)
}

/// A clip on a training and on a test list of one protocol is for testing alone.
fn told_twice(found: &mut Found) {
    let source = "train_a_pretrain";
    let targets = all_lists().into_iter().filter(|l| l.starts_with("test_")).map(|test| (source, test));
    let pairs = [("trainlist_live", "testlist_live"), ("trainlist_all", "testlist_all")].into_iter().chain(targets);
    for (train, test) in pairs {
        let on = |info: &ClipInfo, list: &str| info.lists.iter().any(|l| l == list);
        let infos = found.clips.iter().map(|c| &c.info);
        let both: Vec<&str> = infos.filter(|i| on(i, train) && on(i, test)).map(stem).collect();
        if let Some(first) = both.first() {
            let told = some(both.len(), "clip", "clips", first);
            found.problems.push(format!("On both {train} and {test}: {told}; kept for testing alone."));
        }
    }
}

/// `3 clips too many (the first is a)`.
fn some(n: usize, one: &str, more: &str, first: &str) -> String {
    if n == 1 { format!("1 {one} ({first})") } else { format!("{n} {more} (the first is {first})") }
}

/// Protocol, part and fold of a list of OULU-NPU; folds are 1 where there are none.
fn oulu_list(name: &Name) -> Option<(u32, Split, u32)> {
    let protocol = number(name.folders.last()?.strip_prefix("protocol_")?, 1..=1).filter(|n| (1..=4).contains(n))?;
    let (part, fold) = name.stem.split_once('_').map_or((name.stem, None), |(p, f)| (p, Some(f)));
    let split = match part {
        "train" => Split::Train,
        "dev" => Split::Dev,
        "test" => Split::Test,
        _ => return None,
    };
    match (protocol, fold) {
        (1 | 2, None) => Some((protocol, split, 1)),
        (3 | 4, Some(fold)) => Some((protocol, split, number(fold, 1..=1).filter(|n| (1..=6).contains(n))?)),
        _ => None,
    }
}

/// Protocol, part and class of a list of Replay-Attack.
fn replay_list(stem: &str) -> Option<(&str, Split, Label)> {
    let (rest, part) = stem.rsplit_once('-')?;
    let split = match part {
        "train" => Split::Train,
        "devel" => Split::Dev,
        "test" => Split::Test,
        _ => return None,
    };
    let (class, rest) = rest.split_once('-').unwrap_or((rest, ""));
    let protocol = rest.strip_suffix("-allsupports");
    match (class, rest) {
        ("real", "") => Some(("grandtest", split, Label::Live)),
        ("real", _) => Some((protocol?, split, Label::Live)),
        ("attack", _) => Some((protocol?, split, Label::Spoof)),
        _ => None,
    }
}
