//! Tests of worn attacks in whole frames: what is covered, what moves, what never changes.

use super::super::*;

const SIZE: usize = 96;

fn clip(presentation: Presentation, person: u32, seed: u64) -> Clip {
    let attacker = if presentation.is_live() { person } else { person + 1 };
    Clip {
        person,
        attacker,
        presentation,
        device: 0,
        session: (seed % 3) as u8,
        hand: false,
        talking: false,
        glasses: None,
        upside_down: false,
        seed,
    }
}

/// Part of the mask's pixels that are set in the box of half width `half` about a point.
fn covered(frame: &Frame, at: [f32; 2], half: f32) -> f32 {
    let (mut n, mut set) = (0.0, 0.0);
    for y in 0..frame.height {
        for x in 0..frame.width {
            if (x as f32 + 0.5 - at[0]).abs() < half && (y as f32 + 0.5 - at[1]).abs() < half {
                n += 1.0;
                set += f32::from(frame.mask[y * frame.width + x]) / 255.0;
            }
        }
    }
    set / f32::max(n, 1.0)
}

fn middle(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [(a[0] + b[0]) * 0.5, (a[1] + b[1]) * 0.5]
}

/// Part of the face's box that the mask covers, and part of the mask that lies well outside of it.
fn extent(frame: &Frame) -> (f32, f32) {
    let [x0, y0, w, h] = frame.face_box;
    let (mut inside, mut outside, mut set) = (0.0, 0.0, 0.0);
    for (i, m) in frame.mask.iter().enumerate().filter(|m| *m.1 > 0) {
        let (x, y) = ((i % frame.width) as f32, (i / frame.width) as f32);
        set += f32::from(*m) / 255.0;
        let in_box = |more: f32| {
            x >= x0 - more * w && x <= x0 + (1.0 + more) * w && y >= y0 - more * h && y <= y0 + (1.0 + more) * h
        };
        inside += f32::from(u8::from(in_box(0.0)));
        outside += f32::from(u8::from(!in_box(0.3)));
    }
    (inside / (w * h), outside / f32::max(set, 1.0))
}

#[test]
fn pieces_cover_the_features_they_are_made_for() {
    let renderer = Renderer::new().unwrap();
    for seed in 0..4 {
        let frame =
            |p: Partial| renderer.open(3, &clip(Presentation::Partial(p), seed as u32, seed), SIZE).frame(0.0, 0);
        for partial in [Partial::FunnyEye, Partial::PaperGlasses, Partial::PaperEye] {
            let f = frame(partial);
            let [right, left, _, a, b] = f.landmarks;
            assert!(covered(&f, right, 1.5) > 0.9 && covered(&f, left, 1.5) > 0.9, "{partial:?} {seed}");
            assert!(covered(&f, middle(a, b), 1.5) < 0.4, "{partial:?} {seed} covers the mouth");
        }
        let f = frame(Partial::PaperMouth);
        let [right, left, _, a, b] = f.landmarks;
        assert!(covered(&f, middle(a, b), 1.5) > 0.9, "{seed}");
        assert!(covered(&f, right, 2.0) + covered(&f, left, 2.0) == 0.0, "{seed} covers the eyes");
    }
}

#[test]
fn masks_and_paint_cover_as_much_of_the_face_as_they_should() {
    let renderer = Renderer::new().unwrap();
    let cases = [
        (Presentation::Live, (0.0, 0.0)),
        (Presentation::Mask(Mask::Half), (0.10, 0.75)),
        (Presentation::Mask(Mask::Silicone), (0.75, 1.0)),
        (Presentation::Mask(Mask::Transparent), (0.45, 1.0)),
        (Presentation::Mask(Mask::Paper), (0.45, 1.0)),
        (Presentation::Mask(Mask::Mannequin), (0.75, 1.0)),
        (Presentation::Makeup(Makeup::Obfuscation), (0.12, 1.0)),
        (Presentation::Makeup(Makeup::Impersonation), (0.3, 1.0)),
        (Presentation::Makeup(Makeup::Cosmetic), (0.04, 1.0)),
    ];
    for (presentation, (least, most)) in cases {
        for seed in 0..4 {
            let frame = renderer.open(3, &clip(presentation, seed as u32, 40 + seed), SIZE).frame(0.0, 0);
            let (inside, outside) = extent(&frame);
            assert!((least..=most).contains(&inside), "{presentation:?} {seed}: {inside}");
            let whole_head = matches!(presentation, Presentation::Mask(Mask::Silicone | Mask::Mannequin));
            assert!(whole_head || outside < 0.12, "{presentation:?} {seed}: {outside} of it outside the face");
            assert!(presentation.is_live() || frame.depth.iter().all(|d| *d == 0));
        }
    }
}

#[test]
fn a_display_head_does_not_move_and_a_masked_one_does() {
    let renderer = Renderer::new().unwrap();
    let apart = |mask: Mask| {
        let take = renderer.open(3, &clip(Presentation::Mask(mask), 1, 9), SIZE);
        let (a, b) = (take.frame(0.0, 0), take.frame(2.0, 0));
        a.rgb.iter().zip(&b.rgb).filter(|(x, y)| x != y).count()
    };
    assert_eq!(apart(Mask::Mannequin), 0);
    assert!(apart(Mask::Half) > 100);
}

#[test]
fn a_disguise_is_the_same_every_time_and_another_for_every_seed() {
    let (one, other) = (Renderer::new().unwrap(), Renderer::new().unwrap());
    for presentation in [Presentation::Mask(Mask::Paper), Presentation::Makeup(Makeup::Obfuscation)] {
        let frame = |r: &Renderer, seed: u64| r.open(3, &clip(presentation, 2, seed), 64).frame(0.4, 3);
        assert_eq!(frame(&one, 5), frame(&other, 5));
        assert!(frame(&one, 5).mask != frame(&one, 6).mask);
    }
}
