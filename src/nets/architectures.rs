//! The networks themselves: FAS-DR and its light form (one family of pyramids), and the ResNet-8 teacher. Each is a
//! few lines over the graph builder; sizes and counts are those of the papers and are tested below.

pub use crate::config::Network;

use super::graph::{Graph, GraphBuilder, NodeId};

impl Network {
    /// The graph for base width `width` (16 in the papers). `final_relu` holds for the detectors alone: a teacher's map
    /// must span (0, 2) and Light-16 ends linear in every role.
    pub fn graph(self, width: i64, final_relu: bool) -> Graph {
        match self {
            Self::Light => light(width),
            Self::FasDr => fas_dr(width, false, final_relu),
            Self::FasDrBig => fas_dr(width, true, final_relu),
            Self::Resnet8 => resnet8(width),
        }
    }
}

/// Low, middle and high features at the smallest size, one behind the other.
fn pyramid_top(b: &mut GraphBuilder, [low, middle, high]: [NodeId; 3]) -> NodeId {
    let low = b.avg_pool("low", low, 4);
    let middle = b.avg_pool("middle", middle, 2);
    b.concat("concat", &[low, middle, high])
}

/// FAS-DR-Light of width `n` (MT-FAS section 3.4.3, Fig. 4): conv-ReLU-BN then max pool, three times, features of the
/// three sizes concatenated, one more block, a linear map. (B, 3, S, S) -> (B, 1, S/8, S/8).
pub fn light(n: i64) -> Graph {
    let mut b = Graph::builder(&format!("light{n}"), "FAS-DR-Light, MT-FAS Fig. 4", 3);
    let mut x = b.input();
    let pools = [1, 2, 3].map(|i| {
        let y = b.conv_relu_bn(&format!("block{i}.conv"), x, n);
        x = b.max_pool2(&format!("pool{i}"), y);
        x
    });
    let x = pyramid_top(&mut b, pools);
    let x = b.conv_relu_bn("top.conv", x, n);
    b.conv("map", x, 1, 3, true);
    b.build()
}

/// FAS-DR of width `n` (MT-FAS section 4.3, Fig. 6; the network of the same authors' AIM-FAS). With `big`, one more
/// 3n -> 3n convolution in every block. (B, 3, S, S) -> (B, 1, S/8, S/8).
pub fn fas_dr(n: i64, big: bool, final_relu: bool) -> Graph {
    let name = format!("fas_dr{}{n}", if big { "_big" } else { "" });
    let mut b = Graph::builder(&name, "FAS-DR, MT-FAS Fig. 6", 3);
    let input = b.input();
    let mut x = b.conv_relu_bn("stem", input, n);
    let pools = [1, 2, 3].map(|i| {
        let middle: &[i64] = if big { &[3, 3] } else { &[3] };
        let widths = [&[2], middle, &[2]].concat();
        for (letter, w) in ['a', 'b', 'c', 'd'].into_iter().zip(widths) {
            x = b.conv_relu_bn(&format!("block{i}.conv{letter}"), x, w * n);
        }
        x = b.max_pool2(&format!("pool{i}"), x);
        x
    });
    let x = pyramid_top(&mut b, pools);
    let x = b.conv_relu_bn("top.conva", x, 2 * n);
    let x = b.conv_relu_bn("top.convb", x, n);
    let x = b.conv("map", x, 1, 3, true);
    if final_relu {
        b.relu(x);
    }
    b.build()
}

/// ResNet-8 with widths n, 2n, 4n, 8n (MT-FAS section 4.5.1, Fig. 8): conv-BN-ReLU-conv plus a 1x1 shortcut, BN, `ReLU`,
/// max pool after the first three blocks, a linear map. (B, 3, S, S) -> (B, 1, S/8, S/8).
pub fn resnet8(n: i64) -> Graph {
    let mut b = Graph::builder(&format!("resnet8_{n}"), "ResNet-8, MT-FAS Fig. 8", 3);
    let mut x = b.input();
    for i in 0..4 {
        let width = n << i;
        let block = format!("block{}", i + 1);
        let y = b.conv(&format!("{block}.conva"), x, width, 3, true);
        let y = b.batch_norm(&format!("{block}.bna"), y);
        let y = b.relu(y);
        let y = b.conv(&format!("{block}.convb"), y, width, 3, true);
        let shortcut = b.conv(&format!("{block}.shortcut"), x, width, 1, true);
        let y = b.add(&format!("{block}.add"), y, shortcut);
        let y = b.batch_norm(&format!("{block}.bnb"), y);
        x = b.relu(y);
        if i < 3 {
            x = b.max_pool2(&format!("pool{}", i + 1), x);
        }
    }
    b.conv("map", x, 1, 3, true);
    b.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_the_papers() {
        for (graph, params, gflop) in [
            (light(16), 12_289, 0.165_446),
            (fas_dr(16, false, true), 140_017, 5.8608),
            (fas_dr(32, false, true), 556_513, 23.33),
            (fas_dr(64, false, true), 2_218_945, 93.09),
            (fas_dr(16, true, true), 202_657, 9.4280),
            (resnet8(16), 306_673, 1.7765),
        ] {
            assert_eq!(graph.param_count(), params, "{}", graph.name);
            let got = graph.gflop_per_image(256);
            assert!((got - gflop).abs() < 6e-4 * gflop, "{}: {got} against {gflop}", graph.name);
            let table: i64 = graph.layers(256).iter().map(|r| r.params).sum();
            assert_eq!(table, params, "{}: the layer table adds up", graph.name);
            assert_eq!(graph.reduction(), 8);
        }
        let per_step = 16.0 * fas_dr(16, false, true).train_gflop_per_image(256);
        assert!((per_step - 280.41).abs() < 0.01, "Table 4's 280G: {per_step}");
        assert!((light(16).train_gflop_per_image(256) - 0.4397).abs() < 1e-4);
    }
}
