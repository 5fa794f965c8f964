//! A folder that clips are added to until all that are asked for are there: which are, which are stale, and how the
//! missing ones are made, by many threads and one builder at a time.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use rayon::prelude::*;

use super::PackError;
use super::files::{Finished, Header, Lock, Writer, clear, describe, segment_path};
use super::index::{Entry, Index, Outcome};
use super::progress::{Count, Teller};
use super::stamp::Stamp;
use crate::data::SourceClip;
use crate::panics;

/// How often one who waits for another builder looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// A clip that is asked for.
pub struct Job<'a> {
    /// Its unique name.
    pub clip: String,
    /// What it is made from, as that is now.
    pub stamp: Stamp,
    /// The clip on disk, whose changes are a person's matter; without one, what is out of date is made anew unasked.
    pub source: Option<&'a SourceClip>,
}

enum State {
    There,
    Missing,
    Failed,
    Stale(String),
}

/// Lengths of segment files, looked up once.
#[derive(Default)]
struct Lengths(BTreeMap<u32, u64>);

impl Lengths {
    /// Whether the bytes of `entry` lie within their file.
    fn hold(&mut self, folder: &Path, segment: u32, end: Option<u64>) -> bool {
        let length = || fs::metadata(segment_path(folder, segment)).map_or(0, |m| m.len());
        end.is_some_and(|end| end <= *self.0.entry(segment).or_insert_with(length))
    }
}

impl Job<'_> {
    fn state(&self, entry: Option<&Entry>, folder: &Path, side: usize, lengths: &mut Lengths) -> State {
        let Some(entry) = entry else { return State::Missing };
        let stored = match &entry.outcome {
            Outcome::Failed(_) => return State::Failed,
            Outcome::Cut(stored) => stored,
        };
        let end = stored.at.checked_add(stored.length);
        if !stored.is_whole(side) || stored.length > 0 && !lengths.hold(folder, stored.segment, end) {
            return State::Missing;
        }
        match self.source {
            Some(clip) => entry.stamp.difference(&self.stamp, clip).map_or(State::There, State::Stale),
            None if entry.stamp == self.stamp => State::There,
            None => State::Missing,
        }
    }
}

/// Which jobs are left, and what is wrong with the rest.
struct Left {
    /// Places in the list of jobs.
    jobs: Vec<usize>,
    /// Whether only clips are left that have failed before.
    failed_alone: bool,
}

fn left(folder: &Path, index: &Index, jobs: &[Job<'_>], side: usize, rebuild: bool) -> Result<Left, PackError> {
    let mut lengths = Lengths::default();
    let (mut out, mut stale) = (Left { jobs: Vec::new(), failed_alone: true }, Vec::new());
    for (i, job) in jobs.iter().enumerate() {
        match job.state(index.entries.get(&job.clip), folder, side, &mut lengths) {
            State::There => continue,
            State::Failed => {}
            State::Missing => out.failed_alone = false,
            State::Stale(why) => {
                stale.push(why);
                out.failed_alone = false;
            }
        }
        out.jobs.push(i);
    }
    if rebuild || stale.is_empty() {
        return Ok(out);
    }
    let more = stale.len() - 1;
    Err(PackError::Stale { folder: folder.to_owned(), first: stale.swap_remove(0), more })
}

/// Whether the folder's description fits; `None` where there is none yet.
fn header(folder: &Path, wanted: &Header) -> Result<Option<()>, PackError> {
    match Header::read(folder)? {
        Some(there) => there.fits(wanted, folder).map(Some),
        None => Ok(None),
    }
}

/// Errors that a rebuild mends.
fn mendable(error: &PackError) -> bool {
    matches!(error, PackError::Damaged { .. } | PackError::Format { .. } | PackError::Identity { .. })
}

/// Makes what is missing of `jobs` in `folder` and gives the index, in which every job has a line. `make` is called with
/// places in the list, from many threads.
pub fn ensure(
    folder: &Path,
    wanted: &Header,
    jobs: &[Job<'_>],
    rebuild: bool,
    threads: usize,
    make: &(dyn Fn(usize) -> Finished + Sync),
    tell: Teller<'_>,
) -> Result<Index, PackError> {
    let described = match header(folder, wanted) {
        Err(e) if rebuild && mendable(&e) => None,
        other => other?,
    };
    if described.is_some() {
        let index = Index::read(folder)?;
        if left(folder, &index, jobs, wanted.side, rebuild)?.jobs.is_empty() {
            Count::new(jobs.len(), jobs.len(), tell).say(jobs.len(), false);
            return Ok(index);
        }
    }
    let lock = match Lock::open(folder) {
        Ok(lock) => lock,
        // Whoever may only read a pack can still use what is in it.
        Err(e) => {
            let index = Index::read(folder)?;
            return if left(folder, &index, jobs, wanted.side, rebuild)?.failed_alone { Ok(index) } else { Err(e) };
        }
    };
    wait(&lock, folder, jobs, tell)?;
    match header(folder, wanted) {
        Err(e) if rebuild && mendable(&e) => clear(folder)?,
        other => drop(other?),
    }
    describe(folder, wanted)?;
    let index = Index::read(folder)?;
    let left = left(folder, &index, jobs, wanted.side, rebuild)?.jobs;
    let count = Count::new(jobs.len(), jobs.len() - left.len(), tell);
    work(folder, &index, &left, jobs, threads, make, &count)?;
    count.outcome()?;
    Index::read(folder)
}

/// Takes the lock; tells how far its holder is meanwhile.
fn wait(lock: &Lock, folder: &Path, jobs: &[Job<'_>], tell: Teller<'_>) -> Result<(), PackError> {
    let count = Count::new(jobs.len(), 0, tell);
    while !lock.try_take(folder)? {
        let index = Index::read(folder)?;
        let done = jobs.iter().filter(|j| index.entries.get(&j.clip).is_some_and(|e| e.stamp == j.stamp)).count();
        count.say(done, true);
        if !count.goes_on() {
            return Err(PackError::Stopped);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}

fn work(
    folder: &Path,
    index: &Index,
    left: &[usize],
    jobs: &[Job<'_>],
    threads: usize,
    make: &(dyn Fn(usize) -> Finished + Sync),
    count: &Count<'_>,
) -> Result<(), PackError> {
    let writer = Mutex::new(Writer::new(folder, index)?);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?;
    let one = |&i: &usize| {
        if !count.goes_on() {
            return;
        }
        let job = &jobs[i];
        let finished = catch_unwind(AssertUnwindSafe(|| make(i))).unwrap_or_else(|payload| failed(job, &*payload));
        let faces = match &finished.entry.outcome {
            Outcome::Cut(stored) => Some(stored.faces.len()),
            Outcome::Failed(_) => None,
        };
        // What failed as before need not be written again.
        let known = faces.is_none() && index.entries.get(&job.clip) == Some(&finished.entry);
        // A thread that died while it wrote has ended the work; nobody adds to what it left.
        let added = writer.lock().map(|mut w| if known { Ok(()) } else { w.add(finished) });
        match added {
            Ok(Ok(())) => count.clip(faces),
            Ok(Err(error)) => count.fail(error),
            Err(_) => count.fail(PackError::Stopped),
        }
    };
    // One clip a task: they are long, and their lengths differ.
    pool.install(|| left.par_iter().with_max_len(1).for_each(one));
    // What was finished before a stop stays.
    writer.into_inner().map_or(Ok(()), Writer::close)
}

/// A clip whose cutter panicked, as libtorch does.
fn failed(job: &Job<'_>, payload: &(dyn std::any::Any + Send)) -> Finished {
    let why = panics::cause(payload).sentence();
    let outcome = Outcome::Failed(format!("cutting faces out of {} failed: {why}", job.clip));
    Finished {
        entry: Entry { clip: job.clip.clone(), stamp: job.stamp.clone(), about: None, outcome },
        bytes: Vec::new(),
    }
}
