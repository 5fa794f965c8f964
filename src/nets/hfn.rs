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

/// What the second of HFN's trunks sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Second {
    /// What an extractor makes of the picture, in the same graph.
    Learnt,
    /// A pattern that comes behind red, green and blue: pictures have six channels.
    Given,
    /// There is none, and nothing to fuse across streams: a control.
    Nothing,
}

/// What an HFN is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HfnShape {
    /// Filters of a trunk's first layer: 64 is ResNet-50. Fused levels are four times as wide.
    pub width: i64,
    /// What the second trunk sees.
    pub second: Second,
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
        Self { width, second: Second::Learnt, extractor, fusion, standardise }
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

/// What `f` makes of both streams, averaged as the authors' code does; of one alone as it is.
fn averaged(
    b: &mut GraphBuilder,
    name: &str,
    streams: usize,
    f: impl Fn(&mut GraphBuilder, usize) -> NodeId,
) -> NodeId {
    if streams == 1 {
        return f(b, 0);
    }
    let (rgb, pattern) = (f(b, 0), f(b, 1));
    b.mean(name, rgb, pattern)
}

/// C3, C4 and C5 of all trunks as one value of `wide` channels at an eighth of the side.
fn fuse(b: &mut GraphBuilder, levels: &[[NodeId; 3]], wide: i64, fusion: Fusion) -> NodeId {
    let streams = levels.len();
    // Level 1 is C5, as the hierarchies of Eq. 9 count.
    let lateral = |b: &mut GraphBuilder, stream: usize, level: usize| {
        b.conv(&format!("{}.lateral{level}", TRUNKS[stream]), levels[stream][3 - level], wide, 1, true)
    };
    let top = |b: &mut GraphBuilder, stream: usize, level: usize, x: NodeId| {
        b.conv(&format!("{}.top{level}", TRUNKS[stream]), x, wide, 3, true)
    };
    match fusion {
        Fusion::Hfm => {
            let mut p = averaged(b, "theta.p5", streams, |b, s| lateral(b, s, 1));
            for level in [2, 3] {
                let above = b.double(&format!("theta.up{level}"), p);
                let here = averaged(b, &format!("theta.level{level}"), streams, |b, s| lateral(b, s, level));
                let m = b.add(&format!("theta.m{level}"), above, here);
                p = averaged(b, &format!("theta.p{}", 6 - level), streams, |b, s| top(b, s, level - 1, m));
            }
            p
        }
        Fusion::HfmEq9 => {
            let summed = |b: &mut GraphBuilder, level: usize| {
                let rgb = lateral(b, 0, level);
                if streams == 1 {
                    return rgb;
                }
                let pattern = lateral(b, 1, level);
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
            for (stream, trunk) in TRUNKS.into_iter().enumerate().take(streams) {
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
/// (B, 1, S/8, S/8), 0 to 1, and P(spoof) (B, 1, 1, 1). The node [`PATTERN`] is what the second trunk sees, where there is
/// one, [`LOGITS`] the two logits.
pub fn graph(shape: HfnShape) -> Graph {
    let HfnShape { width: n, second, extractor: phi, fusion, standardise } = shape;
    let channels = if second == Second::Given { 6 } else { 3 };
    let wide = 4 * n;
    let mut b = Graph::builder(&format!("hfn{n}"), "HFN, Cai et al. 2022, Fig. 2", channels);
    b.eps(1e-5);
    b.initial(Initial::Uniform);
    let input = b.input();
    let (rgb, pattern) = match second {
        Second::Learnt => (input, Some(extractor(&mut b, input, phi))),
        Second::Given => (b.slice("rgb", input, 0, 3), Some(b.slice(PATTERN, input, 3, 3))),
        Second::Nothing => (input, None),
    };
    let pattern = pattern.map(|pattern| b.fixed("pattern.standard", pattern, MEAN, DEVIATION));
    let rgb = if standardise == Standardise::Both { b.fixed("rgb.standard", rgb, MEAN, DEVIATION) } else { rgb };

    b.initial(Initial::He);
    let seen = [Some(rgb), pattern].into_iter().flatten().zip(TRUNKS);
    let levels: Vec<[NodeId; 3]> = seen.map(|(x, name)| trunk(&mut b, name, x, n)).collect();
    b.initial(Initial::Uniform);
    let fused = fuse(&mut b, &levels, wide, fusion);
    let last = averaged(&mut b, "theta.p7", levels.len(), |b, stream| {
        let name = TRUNKS[stream];
        let x = b.conv_half(&format!("{name}.p6"), levels[stream][2], wide, 1, true);
        let x = b.relu(x);
        b.conv_half(&format!("{name}.p7"), x, wide, 1, true)
    });
    let parts = ["lateral1", "lateral2", "lateral3", "top1", "top2", "p6", "p7"];
    for part in parts.into_iter().filter(|_| levels.len() == 2) {
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

#[cfg(test)]
mod tests {
    use tch::{Device, Kind, Tensor};

    use super::super::{BnMode, ParamList};
    use super::*;
    use crate::rng::Streams;

    fn start(graph: &Graph) -> ParamList {
        graph.init(&mut Streams::new(2).stream("init", 0), Kind::Double, Device::Cpu)
    }

    fn pictures(count: i64, channels: i64, size: i64) -> Tensor {
        let n = count * channels * size * size;
        ((Tensor::arange(n, (Kind::Double, Device::Cpu)) * 0.7).sin() * 0.5 + 0.5)
            .reshape([count, channels, size, size])
    }

    fn count(graph: &Graph, wanted: impl Fn(&str) -> bool) -> i64 {
        graph.params().iter().filter(|p| wanted(&p.name)).map(|p| p.shape.iter().product::<i64>()).sum()
    }

    #[test]
    fn sizes_are_the_papers() {
        let graph = graph(HfnShape::new(64));
        // 62.13 million; 23.508 of them in each trunk.
        assert_eq!(graph.param_count(), 62_126_818);
        let trunk = |t: &str| {
            count(&graph, |n| {
                let rest = n.strip_prefix(t).and_then(|n| n.strip_prefix('.'));
                rest.is_some_and(|n| n.starts_with("layer") || n.starts_with("conv1") || n.starts_with("bn1"))
            })
        };
        assert_eq!(TRUNKS.map(trunk), [23_508_032; 2]);
        let of = |name: &str| count(&graph, |n| n.starts_with(name));
        assert_eq!(["phi.conv1", "phi.conv2", "phi.bn1", "phi.bn2"].map(of), [168, 165, 12, 6]);
        let gflop = graph.gflop_per_image(256);
        assert!((gflop - 26.2).abs() < 0.1, "{gflop}");
        // Parameters come Phi first.
        let names: Vec<bool> = graph.params().iter().map(|p| p.name.starts_with(PHI)).collect();
        assert!(names.is_sorted_by(|a, b| a >= b) && names[0]);
        assert!(graph.params().iter().all(|p| p.name.starts_with(PHI) || p.name.starts_with(THETA)));
        let side =
            |name: &str| graph.layers(256).iter().find(|r| r.name == name).map(|r| (r.channels, r.side)).unwrap();
        assert_eq!(side("theta.rgb.layer2.3.conv3"), (512, 32));
        assert_eq!(side("theta.pattern.layer4.2.conv3"), (2048, 8));
        assert_eq!((side("theta.rgb.p6"), side("theta.rgb.p7")), ((256, 4), (256, 2)));
    }

    /// Forward and backward over all is thrice forward, less the inputs' gradients; for the extractor alone one of HFN's
    /// streams is gone through backwards, without its kernels' gradients.
    #[test]
    fn what_does_not_learn_costs_less() {
        let graph = graph(HfnShape::new(8));
        let (forward, all) = (graph.gflop_per_image(64), graph.train_gflop_per_image(64));
        let phi = graph.partly_trained_gflop_per_image(64, |n| n.starts_with(PHI));
        let theta = graph.partly_trained_gflop_per_image(64, |n| n.starts_with(THETA));
        assert_eq!(graph.partly_trained_gflop_per_image(64, |_| false), forward);
        let of = |names: &[&str]| {
            let rows = graph.layers(64);
            let found = rows.iter().filter(|r| names.iter().any(|n| r.name.starts_with(n)));
            found.map(|r| r.gflop).sum::<f64>()
        };
        let stems = of(&["theta.rgb.conv1"]);
        assert!((all - (3.0 * forward - stems - of(&["phi.conv1"]))).abs() < 1e-9);
        // The second trunk's first layer gives no gradient to an extractor that does not learn.
        let extractor = of(&["phi."]);
        let expected = 3.0 * (forward - extractor) + extractor - stems - of(&["theta.pattern.conv1"]);
        assert!((theta - expected).abs() < 1e-9);
        let rgb = of(&["theta.rgb."]);
        // top1 and top2 of the picture's stream read what both streams gave.
        let shared = of(&["theta.rgb.top"]);
        let expected = 2.0 * forward - rgb + shared + extractor - of(&["phi.conv1"]);
        assert!((phi - expected).abs() < 1e-9, "{phi} {expected}");
        assert!(phi < 0.6 * all);
    }

    #[test]
    fn both_streams_start_alike_where_the_authors_do_and_apart_where_they_do_not() {
        let graph = graph(HfnShape::new(2));
        let params = start(&graph);
        let at = |name: &str| &params[graph.param(name).unwrap()];
        for part in ["lateral1", "lateral2", "lateral3", "top1", "top2", "p6", "p7"] {
            for kind in ["weight", "bias"] {
                let [rgb, pattern] = TRUNKS.map(|t| at(&format!("{t}.{part}.{kind}")));
                assert!(rgb.equal(pattern), "{part}.{kind}");
            }
        }
        let [rgb, pattern] = TRUNKS.map(|t| at(&format!("{t}.layer3.1.conv2.weight")));
        assert!(!rgb.equal(pattern));
        // He et al.'s deviation, and the map head's.
        let deviation = rgb.std(false).double_value(&[]) / (2.0_f64 / (9.0 * 8.0)).sqrt();
        assert!((deviation - 1.0).abs() < 0.1, "{deviation}");
        let head = at("theta.map.conv1.weight").std(false).double_value(&[]);
        assert!((head / 0.01 - 1.0).abs() < 0.15, "{head}");
        assert_eq!(at("theta.map.conv1.bias").abs().max().double_value(&[]), 0.0);
        let bound = at("theta.rgb.lateral1.weight").abs().max().double_value(&[]);
        assert!(bound <= 1.0 / 64.0_f64.sqrt() && bound > 0.9 / 64.0_f64.sqrt(), "{bound}");
    }

    /// Two streams that see the same and have learnt the same say what one says, where fusing is averaging.
    #[test]
    fn one_stream_is_two_equal_ones() {
        let shape = HfnShape { standardise: Standardise::Both, ..HfnShape::new(2) };
        let one = graph(HfnShape { second: Second::Nothing, ..shape });
        let two = graph(HfnShape { second: Second::Given, ..shape });
        let params = start(&one);
        let twin = |spec: &str| {
            let own = spec.replace(TRUNKS[1], TRUNKS[0]);
            params[one.param(&own).unwrap()].shallow_clone()
        };
        let both: Vec<Tensor> = two.params().iter().map(|p| twin(&p.name)).collect();
        let x = pictures(2, 3, 32);
        let said = one.forward_at(&params, &x, BnMode::Batch, &one.outputs());
        let same = two.forward_at(&both, &Tensor::cat(&[&x, &x], 1), BnMode::Batch, &two.outputs());
        for (a, b) in said.iter().zip(&same) {
            assert!((a - b).abs().max().double_value(&[]) < 1e-12);
        }
        assert!(one.find(PATTERN).is_none());
        assert_eq!(one.param_count(), count(&two, |n| !n.starts_with(TRUNKS[1])));
    }

    #[test]
    fn patterns_lie_between_0_and_1_and_small_pictures_will_do() {
        for &extractor in Extractor::ALL {
            let graph = graph(HfnShape { extractor, ..HfnShape::new(2) });
            let params = start(&graph);
            let nodes = [graph.outputs(), vec![graph.find(PATTERN).unwrap(), graph.find(LOGITS).unwrap()]].concat();
            for size in [32, 64, 96] {
                let values = graph.forward_at(&params, &pictures(2, 3, size), BnMode::Batch, &nodes);
                assert_eq!(values[0].size(), [2, 1, size / 8, size / 8], "{extractor}");
                assert_eq!((values[1].size(), values[3].size()), (vec![2, 1, 1, 1], vec![2, 2, 1, 1]));
                assert_eq!(values[2].size(), [2, 3, size, size]);
                for value in &values[..3] {
                    let range = [value.min(), value.max()].map(|v| v.double_value(&[]));
                    assert!(range[0] > 0.0 && range[1] < 1.0, "{extractor} {size}: {range:?}");
                }
                let spoof = values[3].softmax(1, Kind::Double).narrow(1, 1, 1);
                assert!((spoof - &values[1]).abs().max().double_value(&[]) < 1e-12, "the second logit is spoof's");
            }
            // Central difference convolutions have no bias.
            let (layers, central) = extractor.layers();
            let of_phi = graph.params().iter().filter(|p| p.name.starts_with(PHI)).count();
            assert_eq!(of_phi, layers * if central { 3 } else { 4 }, "{extractor}");
        }
    }

    /// The picture enters as it is, the pattern standardised; `both` standardises both. Seen where the trunks begin.
    #[test]
    fn the_pattern_alone_is_standardised_unless_both_are() {
        for standardise in [Standardise::Pattern, Standardise::Both] {
            let graph = graph(HfnShape { second: Second::Given, standardise, ..HfnShape::new(2) });
            let params = start(&graph);
            let x = pictures(2, 6, 32);
            let nodes: Vec<NodeId> = TRUNKS.iter().map(|t| graph.find(&format!("{t}.conv1")).unwrap()).collect();
            let values = graph.forward_at(&params, &x, BnMode::Batch, &nodes);
            let constant = |v: [f64; 3]| Tensor::from_slice(&v).reshape([1, 3, 1, 1]);
            for (stream, first) in [(0, 0), (1, 3)] {
                let plain = x.narrow(1, first, 3);
                let standard = (&plain - constant(MEAN)) / constant(DEVIATION);
                let seen = if stream == 1 || standardise == Standardise::Both { standard } else { plain };
                let weight = &params[graph.param(&format!("{}.conv1.weight", TRUNKS[stream])).unwrap()];
                let expected = seen.conv2d::<Tensor>(weight, None, [2, 2], [3, 3], [1, 1], 1);
                let distance = (&values[stream] - expected).abs().max().double_value(&[]);
                assert!(distance < 1e-12, "{standardise} {stream}: {distance}");
            }
        }
    }

    /// Every fusion from C3, C4 and C5 of both trunks to the map head's input, written down once more.
    #[test]
    fn fusions_are_their_formulae() {
        for &fusion in Fusion::ALL {
            let graph = graph(HfnShape { fusion, ..HfnShape::new(2) });
            let params = start(&graph);
            let node = |name: &str| graph.find(name).unwrap();
            let levels: Vec<NodeId> = TRUNKS
                .iter()
                .flat_map(|t| ["layer2.3", "layer3.5", "layer4.2"].map(|l| NodeId(node(&format!("{t}.{l}.add")).0 + 1)))
                .collect();
            let head = graph.nodes[node("theta.map.conv1").0].inputs[0];
            let nodes = [levels, vec![NodeId(head)]].concat();
            let mut values = graph.forward_at(&params, &pictures(2, 3, 64), BnMode::Batch, &nodes);
            let fused = values.pop().unwrap();
            let conv = |name: &str, x: &Tensor, padding: i64| {
                let [w, b] = ["weight", "bias"].map(|k| &params[graph.param(&format!("{name}.{k}")).unwrap()]);
                x.conv2d(w, Some(b), [1, 1], [padding, padding], [1, 1], 1)
            };
            let both = |part: &str, xs: [&Tensor; 2], padding: i64| {
                let [a, b] = [0, 1].map(|s| conv(&format!("{}.{part}", TRUNKS[s]), xs[s], padding));
                a + b
            };
            let double = |x: &Tensor| x.repeat_interleave_self_int(2, 2, None).repeat_interleave_self_int(2, 3, None);
            let level = |l: usize| [&values[3 - l], &values[6 - l]];
            let expected = match fusion {
                Fusion::Hfm => {
                    let p5 = both("lateral1", level(1), 0) / 2.0;
                    let m4 = double(&p5) + both("lateral2", level(2), 0) / 2.0;
                    let p4 = both("top1", [&m4, &m4], 1) / 2.0;
                    let m3 = double(&p4) + both("lateral3", level(3), 0) / 2.0;
                    both("top2", [&m3, &m3], 1) / 2.0
                }
                Fusion::HfmEq9 => {
                    let m1 = both("lateral1", level(1), 0);
                    let m2 = both("lateral2", level(2), 0) + double(&conv("theta.above2", &m1, 1));
                    both("lateral3", level(3), 0) + double(&conv("theta.above3", &m2, 1))
                }
                Fusion::Concat => {
                    let one = |s: usize, l: usize| conv(&format!("{}.lateral{l}", TRUNKS[s]), level(l)[s], 0);
                    let stream =
                        |s: usize| Tensor::cat(&[one(s, 3), double(&one(s, 2)), double(&double(&one(s, 1)))], 1);
                    conv("theta.fuse", &Tensor::cat(&[stream(0), stream(1)], 1), 0)
                }
            };
            let distance = (&fused - &expected).abs().max().double_value(&[]);
            assert!(fused.size() == [2, 8, 8, 8] && distance < 1e-12, "{fusion}: {distance}");
        }
    }
}
