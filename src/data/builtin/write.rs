//! Writing the whole benchmark out: every clip of every set with its maps, the sets' lists, a sheet of pictures a set
//! and a page that says what all of it is.

use rayon::prelude::*;

use crate::data::clip::SetName;
use crate::synth::GENERATOR_VERSION;

use super::keep::keep;
use super::work::Work;
use super::{BuiltinError, Continue, Planned, Progress, Tree, clips_of, lists, sheet};

/// Makes everything that is missing of `sets` in `tree` on `threads` threads; `progress` is called from them after every
/// clip.
pub fn write(
    tree: &Tree,
    sets: &[SetName],
    threads: usize,
    progress: &(dyn Fn(Progress) -> Continue + Sync),
) -> Result<(), BuiltinError> {
    let each = tree.scale().frames() as usize;
    let plans: Vec<(SetName, Vec<Planned>)> =
        sets.iter().map(|s| (*s, clips_of(*s, tree.scale(), tree.seed()))).collect();
    let total = plans.iter().map(|p| p.1.len()).sum::<usize>() * each;
    tree.claim()?;
    let work = Work::new(total, progress);
    let one = |planned: &Planned| {
        work.go_on()?;
        let (stored, there) = tree.ensure(planned)?;
        if let Some((path, text)) = lists::of_clip(&planned.info, &stored.truth) {
            keep(&tree.set_root(planned.info.set).join(path), text.as_bytes())?;
        }
        work.count(each, there);
        Ok(())
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?;
    for (set, clips) in &plans {
        let results: Vec<Result<(), BuiltinError>> =
            pool.install(|| clips.par_iter().with_max_len(1).map(one).collect());
        work.go_on()?;
        results.into_iter().collect::<Result<(), _>>()?;
        for (path, text) in lists::of_set(*set, tree.scale(), clips) {
            keep(&tree.set_root(*set).join(path), text.as_bytes())?;
        }
        let path = tree.root().join(format!("{}.jpg", set.synthetic()));
        keep(&path, &sheet::jpeg(tree, *set, clips)?)?;
    }
    keep(&tree.root().join("README.txt"), readme(tree, &plans).as_bytes())
}

fn readme(tree: &Tree, plans: &[(SetName, Vec<Planned>)]) -> String {
    let mut text = format!(
        "Synthetic faces and presentation attacks, rendered by MetaFAS Workbench {} (generator {GENERATOR_VERSION}).\n\
         Nobody shown here exists. Scale {}, seed {}. These files may be used without any restriction (CC0).\n\n",
        env!("CARGO_PKG_VERSION"),
        tree.scale().name(),
        tree.seed()
    );
    for (set, clips) in plans {
        let live = clips.iter().filter(|c| c.clip.presentation.is_live()).count();
        let attacks = clips.len() - live;
        let line = [set.synthetic(), ": laid out like ", set.title(), "; ", &live.to_string(), " live clips, "];
        text.extend(line);
        text.extend([&attacks.to_string(), " attacks\n"]);
    }
    text += "\ntruth/<set>/<path>.json         how each clip was made, landmarks and face boxes\n\
             truth/<set>/<path>.depth.png    facial depth, 255 nearest, 0 background and attacks; frames one under the other\n\
             truth/<set>/<path>.mask.png     255 where the attack's material is\n\
             truth/<set>/<path>.normals.png  127.5 (n + 1): right, up, towards the camera; 0 unknown\n\
             truth/<set>/<path>.albedo.png   reflectance as sRGB; 0 unknown\n\
             <set>.jpg                       one picture of each kind\n";
    text
}
