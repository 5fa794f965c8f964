//! How long the built-in frames take on one core: the first frame of a clip with everything it is made from, and each
//! later one; by kind of presentation and size. `cargo xtask bench synth`.
#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
#![expect(clippy::expect_used, reason = "a bench that cannot go on ends with the reason")]

use std::time::Instant;

use metafas::synth::{Clip, Makeup, Mask, Partial, Presentation, PrintForm, Renderer};

/// Clips timed of each kind.
const CLIPS: u32 = 24;
/// Later frames timed of each clip.
const LATER: u32 = 2;

fn main() {
    let renderer = Renderer::new().expect("the renderer's assets are embedded");
    let kinds = [
        ("live", Presentation::Live),
        ("print", Presentation::Print { printer: 0, form: PrintForm::Flat }),
        ("cut print", Presentation::Print { printer: 2, form: PrintForm::CutEyes }),
        ("replay", Presentation::Replay { display: 0, video: true }),
        ("half mask", Presentation::Mask(Mask::Half)),
        ("make-up", Presentation::Makeup(Makeup::Obfuscation)),
        ("paper glasses", Presentation::Partial(Partial::PaperGlasses)),
    ];
    println!("medians over {CLIPS} clips, one thread");
    println!("{:>14} {:>6} {:>12} {:>12} {:>18}", "kind", "size", "first, ms", "later, ms", "frames a second");
    for size in [128, 384] {
        for (name, presentation) in kinds {
            let (mut first, mut later) = (Vec::new(), Vec::new());
            for i in 0..CLIPS {
                let clip = Clip {
                    person: i,
                    attacker: if presentation.is_live() { i } else { 1_000 + i },
                    presentation,
                    device: (i % 6) as u8,
                    session: (i % 3) as u8,
                    hand: true,
                    talking: false,
                    glasses: None,
                    upside_down: false,
                    seed: u64::from(i),
                };
                let begin = Instant::now();
                let take = renderer.open(0, &clip, size);
                std::hint::black_box(take.frame(0.0, 0));
                first.push(begin.elapsed().as_secs_f64() * 1e3);
                for n in 1..=LATER {
                    let begin = Instant::now();
                    std::hint::black_box(take.frame(n as f32 * 0.2, n));
                    later.push(begin.elapsed().as_secs_f64() * 1e3);
                }
            }
            let (first, later) = (median(first), median(later));
            println!("{name:>14} {size:>6} {first:>12.1} {later:>12.1} {:>18.1}", 1e3 / later);
        }
    }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
