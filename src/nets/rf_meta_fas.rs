//! The network of `RFMetaFAS` (Shao, Lan and Yuen, AAAI 2020, Fig. 3; supplement, Table 2): a feature extractor F, a depth
//! estimator D and a meta learner M. All three are one graph, so that whatever holds for detectors holds for it; M alone is
//! a graph too, since an inner step asks what M says with other parameters. How they learn stands in `methods::rf_meta`.

use super::architectures::NetShape;
use super::builder::GraphBuilder;
use super::graph::{Graph, Initial, NodeId};

/// Where names of F's, D's and M's parameters and norms begin; they stand in this order.
pub const PARTS: [&str; 3] = ["f.", "d.", "m."];
/// F's features that M reads, an eighth of the picture's side.
pub const FEATURES: &str = "f.block3.pool";
/// M's value before the sigmoid.
pub const LOGIT: &str = "m.linear";
/// M's last convolution, normalised; its `ReLU` is what M averages.
pub const LAST: &str = "m.conv3.bn";

const SOURCE: &str = "RFMetaFAS, Shao et al. 2020, supplement, Table 2";

fn start(name: &str, channels: i64) -> GraphBuilder {
    let mut b = Graph::builder(name, SOURCE, channels);
    b.eps(1e-5);
    b.initial(Initial::XavierNormal);
    b
}

/// conv -> BN -> `ReLU`, with bias.
fn conv_bn_relu(b: &mut GraphBuilder, name: &str, x: NodeId, out: i64) -> NodeId {
    let y = b.conv(name, x, out, 3, true);
    let y = b.batch_norm(&format!("{name}.bn"), y);
    b.relu(y)
}

/// M on features `x` of 2n channels: three convolutions to 2n, 4n and 8n, a pool behind the first two, a mean, a linear layer.
/// Gives P(spoof); the value before its sigmoid is called [`LOGIT`].
fn add_meta_learner(b: &mut GraphBuilder, mut x: NodeId, n: i64) -> NodeId {
    for (i, width) in [(1, 2 * n), (2, 4 * n), (3, 8 * n)] {
        x = conv_bn_relu(b, &format!("m.conv{i}"), x, width);
        if i < 3 {
            x = b.max_pool2(&format!("m.pool{i}"), x);
        }
    }
    let x = b.global_mean("m.mean", x);
    let x = b.conv(LOGIT, x, 1, 1, true);
    b.sigmoid("score", x)
}

/// M alone, on features of 2 `n` channels. Its parameters are the last of [`rf_meta_fas`], in the same order.
pub fn meta_learner(n: i64) -> Graph {
    let mut b = start(&format!("rf_meta_learner{n}"), 2 * n);
    let features = b.input();
    add_meta_learner(&mut b, features, n);
    b.build()
}

/// F, D and M of width n, 64 in the paper. (B, 6, S, S) -> D's map (B, 1, S/8, S/8) and M's P(spoof) (B, 1, 1, 1). D reads
/// the pools of all three of F's blocks, M the last. D's map ends in batch norm and `ReLU`.
pub fn rf_meta_fas(shape: NetShape) -> Graph {
    let n = shape.width;
    let mut b = start(&format!("rf_meta_fas{n}"), shape.channels);
    let input = b.input();
    let mut x = conv_bn_relu(&mut b, "f.stem", input, n);
    let pools = [1, 2, 3].map(|i| {
        for (letter, width) in [('a', 2 * n), ('b', 49 * n / 16), ('c', 2 * n)] {
            x = conv_bn_relu(&mut b, &format!("f.block{i}.conv{letter}"), x, width);
        }
        x = b.max_pool2(&format!("f.block{i}.pool"), x);
        x
    });
    let low = b.avg_pool("f.low", pools[0], 4);
    let middle = b.avg_pool("f.middle", pools[1], 2);
    let mut map = b.concat("f.concat", &[low, middle, pools[2]]);
    for (letter, width) in [('a', 2 * n), ('b', n)] {
        map = conv_bn_relu(&mut b, &format!("d.conv{letter}"), map, width);
    }
    map = b.conv("d.map", map, 1, 3, true);
    map = b.batch_norm("d.map.bn", map);
    if shape.final_relu {
        map = b.relu(map);
    }
    let score = add_meta_learner(&mut b, pools[2], n);
    b.outputs(&[map, score]);
    b.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counts of the published code: F and D together, M alone.
    #[test]
    fn parts_are_as_large_as_published() {
        let whole = rf_meta_fas(NetShape { channels: 6, ..NetShape::new(64) });
        let m = meta_learner(64);
        let (millions, gflop) =
            (whole.param_count() - m.param_count(), whole.gflop_per_image(256) - m.gflop_per_image(32));
        assert!((millions as f64 / 1e6 - 2.248).abs() < 5e-4, "{millions}");
        assert!((gflop - 94.9).abs() < 0.06, "{gflop}");
        assert!((m.param_count() as f64 / 1e6 - 1.625).abs() < 5e-4, "{}", m.param_count());
        assert!((m.gflop_per_image(32) - 0.604).abs() < 5e-4, "{}", m.gflop_per_image(32));
    }

    #[test]
    fn the_meta_learner_is_the_end_of_the_whole() {
        let (whole, m) = (rf_meta_fas(NetShape::new(4)), meta_learner(4));
        let first = whole.params().len() - m.params().len();
        assert_eq!(&whole.params()[first..], m.params());
        assert_eq!(&whole.norms()[whole.norms().len() - m.norms().len()..], m.norms());
        let part = |name: &str| PARTS.iter().position(|p| name.starts_with(p)).unwrap();
        assert!(whole.params().is_sorted_by_key(|p| part(&p.name)), "F, D, M");
        assert!([FEATURES, LOGIT, LAST].iter().all(|name| whole.find(name).is_some()));
    }
}
