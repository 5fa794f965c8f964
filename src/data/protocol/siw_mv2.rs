//! SiW-Mv2's protocols. They are lists that its authors give beside the data; a clip knows the lists that name it.

use crate::data::clip::ClipInfo;
use crate::data::facts::SIW;
use crate::data::{Label, Split};

/// The lists of protocols I and II.
const TRAIN: [&str; 2] = ["trainlist_live", "trainlist_all"];
const TEST: [&str; 2] = ["testlist_live", "testlist_all"];
/// The lists of protocol III: learnt from the source domain, judged by it and by four others.
const SOURCE: &str = "train_a_pretrain";
const TARGETS: [&str; 5] = ["test_a_pretrain", "test_b_spoof", "test_c_race", "test_d_age", "test_e_ill"];

/// The lists that protocol `n` needs, without ending, in lower case.
pub fn lists(n: u8) -> Vec<&'static str> {
    match n {
        1 => [TRAIN, TEST].concat(),
        // The test's attacks are all clips of the held-out species.
        2 => vec![TRAIN[0], TRAIN[1], TEST[0]],
        _ => [SOURCE].into_iter().chain(TARGETS).collect(),
    }
}

/// All lists that any of them needs.
pub fn all_lists() -> Vec<&'static str> {
    [lists(1), lists(3)].concat()
}

pub fn title(n: u8) -> &'static str {
    match n {
        1 => "Protocol I: known species",
        2 => "Protocol II: one species held out",
        _ => "Protocol III: unseen domains",
    }
}

/// The part of `clip` in protocol `n`; a clip that lists have on both sides is for the test alone.
pub fn place(n: u8, fold: u32, clip: &ClipInfo) -> Option<Split> {
    let on = |lists: &[&str]| clip.lists.iter().any(|l| lists.contains(&l.as_str()));
    let pick = |train: bool, test: bool| match (train, test) {
        (_, true) => Some(Split::Test),
        (true, false) => Some(Split::Train),
        (false, false) => None,
    };
    match n {
        1 => pick(on(&TRAIN), on(&TEST)),
        2 if clip.label == Label::Live => pick(on(&TRAIN), on(&TEST)),
        2 => pick(on(&TRAIN), SIW.v2.get(fold as usize).is_some_and(|held_out| held_out.species == clip.species)),
        _ => pick(on(&[SOURCE]), on(&TARGETS)),
    }
}
