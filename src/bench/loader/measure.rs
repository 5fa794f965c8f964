//! Rates, each measured by doing the same thing for a while on several threads.

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tch::Tensor;

use super::Memory;
use crate::data::augment::Recipe;
use crate::data::{FaceSet, Sampler, Split};
use crate::nets::native;
use crate::rng::Streams;

/// Live faces, and as many spoofs, of a batch.
pub const HALF: usize = 16;

/// As many faces of each class as a batch has and the set allows.
fn halves(set: &FaceSet) -> (usize, usize) {
    let (live, spoof) = set.count(Split::Train);
    (live.min(HALF), spoof.min(HALF))
}

/// Draws, and reads what is handed out if `read` says so; faces a second over all threads.
pub fn handed_out(clock: Clock, set: &FaceSet, threads: usize, read: bool) -> f64 {
    let sampler = Sampler::new(set, Split::Train, 0, "measurement");
    let (live, spoof) = halves(set);
    // Each thread draws other batches, as if each were a run's.
    clock.rate(threads, &|iteration| {
        let Ok(batch) = sampler.draw(iteration, live, spoof) else { return 0 };
        for &i in &batch {
            let Ok(face) = set.rgb_of(i) else { return 0 };
            if read {
                black_box(sum(&face));
            } else {
                black_box(face);
            }
        }
        batch.len()
    })
}

/// Draws, and does to every picture all that CDCN may do; faces a second over all threads.
pub fn augmented(clock: Clock, set: &FaceSet, threads: usize) -> f64 {
    let sampler = Sampler::new(set, Split::Train, 0, "measurement");
    let (live, spoof) = halves(set);
    let (recipe, streams) = (Recipe::cdcn(), Streams::new(0));
    clock.rate(threads, &|iteration| {
        let Ok(batch) = sampler.draw(iteration, live, spoof) else { return 0 };
        for (place, &i) in batch.iter().enumerate() {
            let plan = recipe.plan(&streams, "measurement", iteration, place);
            let Ok(face) = set.rgb_of(i) else { return 0 };
            black_box(plan.picture(&face, set.size));
        }
        batch.len()
    })
}

/// Draws and makes batches of numbers, with libtorch's threads; faces a second.
pub fn as_numbers(clock: Clock, set: &FaceSet, in_place: bool) -> f64 {
    let sampler = Sampler::new(set, Split::Train, 0, "measurement");
    let (live, spoof) = halves(set);
    let kept: Mutex<Option<Tensor>> = Mutex::new(None);
    clock.rate(1, &|iteration| {
        let Ok(batch) = sampler.draw(iteration, live, spoof) else { return 0 };
        let Ok(faces) = batch.iter().map(|&i| set.rgb_of(i)).collect::<Result<Vec<_>, _>>() else { return 0 };
        let faces: Vec<&[u8]> = faces.iter().map(AsRef::as_ref).collect();
        let Ok(mut kept) = kept.lock() else { return 0 };
        let made = black_box(native::pictures(&faces, set.size, kept.as_ref()));
        *kept = in_place.then_some(made);
        batch.len()
    })
}

/// How long rates are measured.
#[derive(Clone, Copy)]
pub struct Clock(pub Duration);

impl Clock {
    /// Things a second that `work` does on `threads` threads; it is told a number of its own each time and says how many
    /// it did. What it does in the first third is not counted: memory and files are warm then.
    fn rate(self, threads: usize, work: &(dyn Fn(u64) -> usize + Sync)) -> f64 {
        let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
        let during = |time: Duration| {
            let until = Instant::now() + time;
            std::thread::scope(|s| {
                for _ in 0..threads {
                    s.spawn(|| {
                        loop {
                            done.fetch_add(work(next.fetch_add(1, Ordering::Relaxed)) as u64, Ordering::Relaxed);
                            if Instant::now() >= until {
                                break;
                            }
                        }
                    });
                }
            });
        };
        during(self.0 / 3);
        done.store(0, Ordering::Relaxed);
        let began = Instant::now();
        during(self.0);
        done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
    }
}

/// Every byte, read as words.
fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().fold(0_u64, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word)));
    rest.iter().fold(words, |sum, b| sum.wrapping_add(u64::from(*b)))
}

pub fn memory(clock: Clock, threads: usize, side: usize) -> Memory {
    const BLOCK: usize = 128 << 20;
    let gb = |bytes: usize, rate: f64| bytes as f64 * rate / 1e9;
    let blocks: Vec<Vec<u8>> = (0..threads).map(|i| vec![i as u8 + 1; BLOCK]).collect();
    let block = |i: u64| &blocks[i as usize % threads];
    let read = clock.rate(threads, &|i| {
        black_box(sum(block(i)));
        1
    });
    let targets: Vec<Mutex<Vec<u8>>> = blocks.iter().map(|b| b.clone().into()).collect();
    let copy = clock.rate(threads, &|i| {
        if let Ok(mut to) = targets[(i as usize + 1) % threads].lock() {
            to.copy_from_slice(block(i));
            black_box(&mut *to);
        }
        1
    });
    drop((blocks, targets));
    // A batch is shared by all threads, as libtorch shares it.
    let values = 2 * HALF * 3 * side * side;
    let part = (values / threads).max(1);
    let fill = |batch: &mut [f32], value: f32| {
        std::thread::scope(|s| batch.chunks_mut(part).for_each(|c| drop(s.spawn(move || c.fill(value)))));
    };
    let batch = Mutex::new(vec![1.0_f32; values]);
    let write = clock.rate(1, &|i| {
        if let Ok(mut batch) = batch.lock() {
            fill(&mut batch, i as f32);
            black_box(&mut *batch);
        }
        1
    });
    Memory { read: gb(BLOCK, read), copy: gb(2 * BLOCK, copy), write: gb(values * 4, write) }
}
