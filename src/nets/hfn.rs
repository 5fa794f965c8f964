//! The hierarchical fusion network of Meta Pattern (Cai et al., IEEE TIFS 2022, section III-B): two ResNet-50 trunks, one
//! for the picture and one for a pattern of it, fused level by level; and in front of it, where the pattern is learnt, the
//! extractor that makes it (Fig. 3). Both are one graph: parameters called `phi.…` are the extractor's, then come
//! `theta.…`, HFN's. How they are trained stands in `methods::meta_pattern`.

use super::builder::GraphBuilder;
use super::graph::{Graph, Initial, NodeId};
use crate::config::{Extractor, Fusion, Standardise};

/// What the names of the extractor's parameters begin with.
pub const PHI: &str = "phi.";
/// What the names of HFN's parameters begin with.
pub const THETA: &str = "theta.";
/// The two trunks: that of the picture, that of the pattern.
pub const TRUNKS: [&str; 2] = ["theta.rgb", "theta.pattern"];
/// The node that gives the pattern, 0 to 1, as large as the picture.
pub const PATTERN: &str = "pattern";
/// The node that gives two logits a picture, of live and of spoof.
pub const LOGITS: &str = "theta.class";

/// ImageNet's mean and deviation of red, green and blue, 0 to 1.
const MEAN: [f64; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f64; 3] = [0.229, 0.224, 0.225];
/// How much of a kernel's sum central difference convolutions take from its centre.
const CENTRE: f64 = 0.7;
/// Bottlenecks of ResNet-50's four stages.
const BLOCKS: [usize; 4] = [3, 4, 6, 3];

/// What an HFN is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HfnShape {
    /// Filters of a trunk's first layer: 64 is ResNet-50. Fused levels are four times as wide.
    pub width: i64,
    /// Channels of the picture: 3 where the pattern is learnt, 6 where it comes behind red, green and blue.
    pub channels: i64,
    /// What makes the pattern, where it is learnt.
    pub extractor: Extractor,
    /// How the streams are brought together.
    pub fusion: Fusion,
    /// Which streams are standardised.
    pub standardise: Standardise,
}

impl HfnShape {
    /// The paper's, of `width` 64.
    pub fn new(width: i64) -> Self {
        let (extractor, fusion, standardise) = (Extractor::Conv2, Fusion::Hfm, Standardise::Pattern);
        Self { width, channels: 3, extractor, fusion, standardise }
    }
}

/// The extractor Phi (Fig. 3): convolutions of 3x3, the inner ones of six filters with BN and `ReLU`, the last of three
/// with BN and a sigmoid. (B, 3, S, S) -> (B, 3, S, S), 0 to 1. Fig. 8's one and three convolutions are not drawn in the
/// paper; here the middle one is left out, or repeated.
fn extractor(b: &mut GraphBuilder, x: NodeId, which: Extractor) -> NodeId {
    let (layers, central) = which.layers();
    let mut x = x;
    for i in 1..=layers {
        let (name, out) = (format!("{PHI}conv{i}"), if i == layers { 3 } else { 6 });
        let y = if central { b.cdc(&name, x, out, CENTRE) } else { b.conv(&name, x, out, 3, true) };
        let y = b.batch_norm(&format!("{PHI}bn{i}"), y);
        x = if i == layers { b.sigmoid(PATTERN, y) } else { b.relu(y) };
    }
    x
}

/// A bottleneck of ResNet: 1x1, 3x3 (at every other pixel with `half`), 1x1 of four times `planes`, beside the identity or
/// a 1x1 convolution where shapes differ. Names are torchvision's, but for BN's scale and shift.
fn bottleneck(b: &mut GraphBuilder, name: &str, x: NodeId, planes: i64, half: bool, widens: bool) -> NodeId {
    let y = b.conv(&format!("{name}.conv1"), x, planes, 1, false);
    let y = b.batch_norm(&format!("{name}.bn1"), y);
    let y = b.relu(y);
    let second = format!("{name}.conv2");
    let y = if half { b.conv_every_other(&second, y, planes, 3) } else { b.conv(&second, y, planes, 3, false) };
    let y = b.batch_norm(&format!("{name}.bn2"), y);
    let y = b.relu(y);
    let y = b.conv(&format!("{name}.conv3"), y, 4 * planes, 1, false);
    let y = b.batch_norm(&format!("{name}.bn3"), y);
    let beside = if widens {
        let shortcut = format!("{name}.downsample.0");
        let s = if half {
            b.conv_every_other(&shortcut, x, 4 * planes, 1)
        } else {
            b.conv(&shortcut, x, 4 * planes, 1, false)
        };
        b.batch_norm(&format!("{name}.downsample.1"), s)
    } else {
        x
    };
    let y = b.add(&format!("{name}.add"), y, beside);
    b.relu(y)
}

/// A ResNet-50 without its last layer (He et al. 2016; the 3x3 convolution takes every other pixel, as torchvision's does);
/// gives C3, C4 and C5: 8n, 16n and 32n channels at an eighth, a sixteenth and a thirty-second of the side.
fn trunk(b: &mut GraphBuilder, name: &str, x: NodeId, n: i64) -> [NodeId; 3] {
    let x = b.conv_every_other(&format!("{name}.conv1"), x, n, 7);
    let x = b.batch_norm(&format!("{name}.bn1"), x);
    let x = b.relu(x);
    let mut x = b.max_pool3(&format!("{name}.maxpool"), x);
    let mut levels = [x; 4];
    for (stage, blocks) in BLOCKS.into_iter().enumerate() {
        for block in 0..blocks {
            let layer = format!("{name}.layer{}.{block}", stage + 1);
            x = bottleneck(b, &layer, x, n << stage, block == 0 && stage > 0, block == 0);
        }
        levels[stage] = x;
    }
    let [_, c3, c4, c5] = levels;
    [c3, c4, c5]
}

/// What `f` makes of both streams, averaged as the authors' code does.
fn averaged(b: &mut GraphBuilder, name: &str, f: impl Fn(&mut GraphBuilder, usize) -> NodeId) -> NodeId {
    let (rgb, pattern) = (f(b, 0), f(b, 1));
    b.mean(name, rgb, pattern)
}

/// C3, C4 and C5 of both trunks as one value of `wide` channels at an eighth of the side.
fn fuse(b: &mut GraphBuilder, levels: [[NodeId; 3]; 2], wide: i64, fusion: Fusion) -> NodeId {
    // Level 1 is C5, as the hierarchies of Eq. 9 count.
    let lateral = |b: &mut GraphBuilder, stream: usize, level: usize| {
        b.conv(&format!("{}.lateral{level}", TRUNKS[stream]), levels[stream][3 - level], wide, 1, true)
    };
    let top = |b: &mut GraphBuilder, stream: usize, level: usize, x: NodeId| {
        b.conv(&format!("{}.top{level}", TRUNKS[stream]), x, wide, 3, true)
    };
    match fusion {
        Fusion::Hfm => {
            let mut p = averaged(b, "theta.p5", |b, s| lateral(b, s, 1));
            for level in [2, 3] {
                let above = b.double(&format!("theta.up{level}"), p);
                let here = averaged(b, &format!("theta.level{level}"), |b, s| lateral(b, s, level));
                let m = b.add(&format!("theta.m{level}"), above, here);
                p = averaged(b, &format!("theta.p{}", 6 - level), |b, s| top(b, s, level - 1, m));
            }
            p
        }
        Fusion::HfmEq9 => {
            let summed = |b: &mut GraphBuilder, level: usize| {
                let (rgb, pattern) = (lateral(b, 0, level), lateral(b, 1, level));
                b.add(&format!("theta.level{level}"), rgb, pattern)
            };
            let mut m = summed(b, 1);
            for level in [2, 3] {
                let above = b.conv(&format!("theta.above{level}"), m, wide, 3, true);
                let above = b.double(&format!("theta.up{level}"), above);
                let here = summed(b, level);
                m = b.add(&format!("theta.m{level}"), here, above);
            }
            m
        }
        Fusion::Concat => {
            let mut all = vec![];
            for (stream, trunk) in TRUNKS.into_iter().enumerate() {
                for level in [3, 2, 1] {
                    let mut x = lateral(b, stream, level);
                    for times in 0..3 - level {
                        x = b.double(&format!("{trunk}.up{level}.{times}"), x);
                    }
                    all.push(x);
                }
            }
            let x = b.concat("theta.levels", &all);
            b.conv("theta.fuse", x, wide, 1, true)
        }
    }
}

/// HFN with what makes its pattern, for pictures of 0 to 1 whose side is a multiple of 32. Outputs: the map
/// (B, 1, S/8, S/8), 0 to 1, and P(spoof) (B, 1, 1, 1). The node [`PATTERN`] is what the second trunk sees, [`LOGITS`] the
/// two logits.
pub fn graph(shape: HfnShape) -> Graph {
    let HfnShape { width: n, channels, extractor: phi, fusion, standardise } = shape;
    let wide = 4 * n;
    let mut b = Graph::builder(&format!("hfn{n}"), "HFN, Cai et al. 2022, Fig. 2", channels);
    b.eps(1e-5);
    b.initial(Initial::Uniform);
    let input = b.input();
    let (rgb, pattern) = if channels == 3 {
        (input, extractor(&mut b, input, phi))
    } else {
        (b.slice("rgb", input, 0, 3), b.slice(PATTERN, input, 3, 3))
    };
    let pattern = b.fixed("pattern.standard", pattern, MEAN, DEVIATION);
    let rgb = if standardise == Standardise::Both { b.fixed("rgb.standard", rgb, MEAN, DEVIATION) } else { rgb };

    b.initial(Initial::He);
    let levels = [trunk(&mut b, TRUNKS[0], rgb, n), trunk(&mut b, TRUNKS[1], pattern, n)];
    b.initial(Initial::Uniform);
    let fused = fuse(&mut b, levels, wide, fusion);
    let last = averaged(&mut b, "theta.p7", |b, stream| {
        let name = TRUNKS[stream];
        let x = b.conv_half(&format!("{name}.p6"), levels[stream][2], wide, 1, true);
        let x = b.relu(x);
        b.conv_half(&format!("{name}.p7"), x, wide, 1, true)
    });
    for part in ["lateral1", "lateral2", "lateral3", "top1", "top2", "p6", "p7"] {
        let [first, twin] = TRUNKS.map(|trunk| format!("{trunk}.{part}."));
        b.twins(&first, &twin);
    }
    let x = b.global_mean("theta.mean", last);
    let logits = b.conv(LOGITS, x, 2, 1, true);
    let shares = b.softmax("theta.shares", logits);
    let spoof = b.slice("score", shares, 1, 1);

    b.initial(Initial::Narrow);
    let x = b.conv("theta.map.conv1", fused, wide / 2, 3, true);
    let x = b.relu(x);
    let x = b.conv("theta.map.conv2", x, 1, 1, true);
    let map = b.sigmoid("map", x);
    b.outputs(&[map, spoof]);
    b.build()
}
