//! The networks themselves: FAS-DR with its light form and its form with a classifying branch (one family of
//! pyramids), the ResNet-8 teacher, CDCN and CDCN++, the network of Auxiliary(Depth), and colour texture, which is no
//! network but fits the form. Binary CNN, DTN, RFMetaFAS and HFN have files of their own.
//! Each is a few lines over the graph builder; sizes and counts are those of the papers and are tested below.

pub use crate::config::Network;

use super::binary_cnn::{self, binary_cnn};
use super::builder::GraphBuilder;
use super::dtn;
use super::graph::{Graph, Initial, NodeId};
use super::hfn::{self, HfnShape, Second};
use super::rf_meta_fas::{self, rf_meta_fas};

/// What a network is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetShape {
    /// Base width: filters of its first layer.
    pub width: i64,
    /// Channels of the picture: 3, or 6 with HSV behind RGB.
    pub channels: i64,
    /// Side of the picture in pixels. DTN alone depends on it.
    pub size: i64,
    /// Whether the map of FAS-DR, CDCN and their kin ends in a `ReLU`. It holds for detectors alone: a teacher's map
    /// must span (0, 2). Light and ResNet-8 end linear in every role, DTN in a sigmoid.
    pub final_relu: bool,
}

impl NetShape {
    /// RGB pictures of 256 pixels, as a detector.
    pub fn new(width: i64) -> Self {
        Self { width, channels: 3, size: 256, final_relu: true }
    }
}

impl Network {
    /// Filters of the first layer in the papers.
    pub fn paper_width(self) -> i64 {
        match self {
            Self::Light | Self::FasDr | Self::FasDrBig | Self::FasDrBc | Self::Resnet8 => 16,
            Self::Cdcn | Self::CdcnPp | Self::Auxiliary | Self::BinaryCnn | Self::RfMetaFas | Self::Hfn => 64,
            Self::Dtn => 32,
            // Nothing of it has a width.
            Self::ColorTexture => 1,
        }
    }

    /// Channels of the pictures it reads in the papers.
    pub fn paper_channels(self) -> i64 {
        if matches!(self, Self::Auxiliary | Self::RfMetaFas) { 6 } else { 3 }
    }

    /// Names of the last features, before their `ReLU`, and of the linear layer that reads their means, where a network ends
    /// so: what attention is made of.
    pub fn mean_head(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::BinaryCnn => Some((binary_cnn::LAST, binary_cnn::LOGIT)),
            Self::RfMetaFas => Some((rf_meta_fas::LAST, rf_meta_fas::LOGIT)),
            _ => None,
        }
    }

    /// The graph of a network of `shape`.
    pub fn graph(self, shape: NetShape) -> Graph {
        match self {
            Self::Light => light(shape.channels, shape.width),
            Self::FasDr => fas_dr(shape, false),
            Self::FasDrBig => fas_dr(shape, true),
            Self::FasDrBc => fas_dr_bc(shape),
            Self::Resnet8 => resnet8(shape.channels, shape.width),
            Self::Cdcn => cdcn(shape),
            Self::CdcnPp => cdcn_pp(shape),
            Self::Auxiliary => auxiliary(shape),
            Self::Dtn => dtn::graph(shape),
            Self::ColorTexture => color_texture(shape.channels),
            Self::BinaryCnn => binary_cnn(shape),
            Self::RfMetaFas => rf_meta_fas(shape),
            Self::Hfn => {
                let second = if shape.channels == 6 { Second::Given } else { Second::Learnt };
                hfn::graph(HfnShape { second, ..HfnShape::new(shape.width) })
            }
        }
    }
}

/// Low, middle and high features at the smallest size, one behind the other.
fn pyramid_top(b: &mut GraphBuilder, [low, middle, high]: [NodeId; 3]) -> NodeId {
    let low = b.avg_pool("low", low, 4);
    let middle = b.avg_pool("middle", middle, 2);
    b.concat("concat", &[low, middle, high])
}

/// FAS-DR-Light of width `n` (MT-FAS section 3.4.5, Fig. 4): conv-ReLU-BN then max pool, three times, features of the
/// three sizes concatenated, one more block, a linear map. (B, 3, S, S) -> (B, 1, S/8, S/8).
pub fn light(channels: i64, n: i64) -> Graph {
    let mut b = Graph::builder(&format!("light{n}"), "FAS-DR-Light, MT-FAS Fig. 4", channels);
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

/// FAS-DR of width n (MT-FAS section 4.2.1, Fig. 6; the network of the same authors' AIM-FAS). With `big`, one more
/// 3n -> 3n convolution in every block. (B, 3, S, S) -> (B, 1, S/8, S/8).
pub fn fas_dr(shape: NetShape, big: bool) -> Graph {
    let name = format!("fas_dr{}{}", if big { "_big" } else { "" }, shape.width);
    let mut b = Graph::builder(&name, "FAS-DR, MT-FAS Fig. 6", shape.channels);
    fas_dr_trunk(&mut b, shape, big);
    b.build()
}

/// Adds FAS-DR; gives its concatenated features and its map.
fn fas_dr_trunk(b: &mut GraphBuilder, shape: NetShape, big: bool) -> (NodeId, NodeId) {
    let n = shape.width;
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
    let features = pyramid_top(b, pools);
    let x = b.conv_relu_bn("top.conva", features, 2 * n);
    let x = b.conv_relu_bn("top.convb", x, n);
    let x = b.conv("map", x, 1, 3, true);
    (features, if shape.final_relu { b.relu(x) } else { x })
}

/// FAS-DR-BC (MT-FAS section 4.2.3, Fig. 6 with its dashed box): FAS-DR and, on its concatenated features, two
/// convolutions at every other pixel, a global average and a linear layer that give P(spoof). The paper does not say how
/// many filters the branch has; 2n here. (B, 3, S, S) -> (B, 1, S/8, S/8) and (B, 1, 1, 1).
pub fn fas_dr_bc(shape: NetShape) -> Graph {
    let n = shape.width;
    let mut b = Graph::builder(&format!("fas_dr_bc{n}"), "FAS-DR-BC, MT-FAS Fig. 6", shape.channels);
    let (mut x, map) = fas_dr_trunk(&mut b, shape, false);
    for name in ["branch.conva", "branch.convb"] {
        x = b.conv_half(name, x, 2 * n, 1, true);
        x = b.relu(x);
        x = b.batch_norm(&format!("{name}.bn"), x);
    }
    let x = b.global_mean("branch.mean", x);
    let x = b.conv("branch.linear", x, 1, 1, true);
    let score = b.sigmoid("score", x);
    b.outputs(&[map, score]);
    b.build()
}

/// ResNet-8 with widths n, 2n, 4n, 8n (MT-FAS section 4.4.5, Fig. 8): conv-BN-ReLU-conv plus a 1x1 shortcut, BN, `ReLU`,
/// max pool after the first three blocks, a linear map. (B, 3, S, S) -> (B, 1, S/8, S/8).
pub fn resnet8(channels: i64, n: i64) -> Graph {
    let mut b = Graph::builder(&format!("resnet8_{n}"), "ResNet-8, MT-FAS Fig. 8", channels);
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

/// How much of a kernel's sum CDCN takes from its centre.
const THETA: f64 = 0.7;

/// conv -> BN -> `ReLU` without bias, the order of CDCN.
fn cdc_bn_relu(b: &mut GraphBuilder, name: &str, x: NodeId, out: i64, theta: f64) -> NodeId {
    let y = b.cdc(name, x, out, theta);
    let y = b.batch_norm(&format!("{name}.bn"), y);
    b.relu(y)
}

/// Three blocks of three convolutions and a pool, their outputs brought to one size, a head of three: the skeleton of
/// the depth networks of Liu et al. 2018 and of CDCN.
fn depth_net(name: &str, source: &str, shape: NetShape, theta: f64) -> Graph {
    let n = shape.width;
    let mut b = Graph::builder(&format!("{name}{n}"), source, shape.channels);
    b.eps(1e-5);
    b.initial(Initial::Uniform);
    let input = b.input();
    let mut x = cdc_bn_relu(&mut b, "stem", input, n, theta);
    let blocks = [1, 2, 3].map(|i| {
        for (letter, w) in [('a', 2 * n), ('b', 49 * n / 16), ('c', 2 * n)] {
            x = cdc_bn_relu(&mut b, &format!("block{i}.conv{letter}"), x, w, theta);
        }
        x = b.max_pool3(&format!("pool{i}"), x);
        x
    });
    let x = shrunk(&mut b, blocks);
    let x = cdc_bn_relu(&mut b, "head.conva", x, 2 * n, theta);
    let x = cdc_bn_relu(&mut b, "head.convb", x, n, theta);
    let x = b.cdc("map", x, 1, theta);
    if shape.final_relu {
        b.relu(x);
    }
    b.build()
}

/// Outputs of three blocks at the size of the last, one behind the other.
fn shrunk(b: &mut GraphBuilder, [low, middle, high]: [NodeId; 3]) -> NodeId {
    let low = b.shrink("low", low, 4);
    let middle = b.shrink("middle", middle, 2);
    b.concat("concat", &[low, middle, high])
}

/// CDCN, of width 64 in the paper (Yu et al., CVPR 2020, section 3.2). (B, 3, S, S) -> (B, 1, S/8, S/8).
pub fn cdcn(shape: NetShape) -> Graph {
    depth_net("cdcn", "CDCN, Yu et al. 2020, Table 1", shape, THETA)
}

/// The network of Auxiliary(Depth only) (Liu et al., CVPR 2018), as CDCN's authors rebuilt it: CDCN with plain
/// convolutions. The original has exponential linear units. (B, 6, S, S) -> (B, 1, S/8, S/8).
pub fn auxiliary(shape: NetShape) -> Graph {
    depth_net("auxiliary", "Auxiliary(Depth), Liu et al. 2018", shape, 0.0)
}

/// CDCN++, of width 64 in the paper (Yu et al., CVPR 2020, section 3.3, Fig. 5): searched widths, and attention over
/// space on what the head reads. (B, 3, S, S) -> (B, 1, S/8, S/8).
pub fn cdcn_pp(shape: NetShape) -> Graph {
    let n = shape.width;
    let mut b = Graph::builder(&format!("cdcn_pp{n}"), "CDCN++, Yu et al. 2020, Fig. 5", shape.channels);
    b.eps(1e-5);
    b.initial(Initial::Uniform);
    let wide = |ratio: i64| 2 * n * ratio / 10;
    let base = 2 * n;
    let widths: [&[i64]; 3] = [&[base, wide(16), base], &[wide(12), base, wide(14), base], &[base, wide(12), base]];
    let input = b.input();
    let mut x = cdc_bn_relu(&mut b, "stem", input, n, THETA);
    let mut blocks = [x; 3];
    for (i, (widths, kernel)) in widths.into_iter().zip([7, 5, 3]).enumerate() {
        let block = format!("block{}", i + 1);
        for (letter, &w) in ['a', 'b', 'c', 'd'].into_iter().zip(widths) {
            x = cdc_bn_relu(&mut b, &format!("{block}.conv{letter}"), x, w, THETA);
        }
        x = b.max_pool3(&format!("pool{}", i + 1), x);
        // What is attended goes to the head alone; the next block reads the whole.
        let stats = b.channel_stats(&format!("{block}.stats"), x);
        let weight = b.conv(&format!("{block}.attention"), stats, 1, kernel, false);
        let weight = b.sigmoid(&format!("{block}.weight"), weight);
        blocks[i] = b.scale(&format!("{block}.attended"), x, weight);
    }
    let x = shrunk(&mut b, blocks);
    let x = cdc_bn_relu(&mut b, "head.conv", x, 2 * n, THETA);
    let x = b.cdc("map", x, 1, THETA);
    if shape.final_relu {
        b.relu(x);
    }
    b.build()
}

/// What Boulkenafet, Komulainen and Hadid (TIFS 2016) see of a picture, and a linear classifier of it: shares of the
/// uniform patterns LBP(8, 1) in the channels of HSV and YCbCr, 354 values, standardised; one weight each and a bias. Its
/// value is 0 on the margin of live faces and 1 on that of spoofs. (B, 3, S, S) -> (B, 1, 1, 1).
pub fn color_texture(channels: i64) -> Graph {
    let mut b = Graph::builder("color_texture", "Color Texture, Boulkenafet et al. 2016", channels);
    // Shares vary by thousandths. A spread of 0.03 % of the pixels counts as none.
    b.eps(1e-7);
    b.initial(Initial::Zero);
    let input = b.input();
    let x = b.texture("texture", input);
    let x = b.standardise("texture.standard", x);
    b.conv("svm", x, 1, 1, true);
    b.build()
}

#[cfg(test)]
mod tests {
    use super::super::graph::ParamRole;
    use super::*;

    #[test]
    fn counts_are_the_papers() {
        let detector = |width, big| fas_dr(NetShape::new(width), big);
        for (graph, params, gflop) in [
            (light(3, 16), 12_289, 0.165_446),
            (detector(16, false), 140_017, 5.8608),
            (detector(32, false), 556_513, 23.33),
            (detector(64, false), 2_218_945, 93.09),
            (detector(16, true), 202_657, 9.4280),
            (resnet8(3, 16), 306_673, 1.7765),
        ] {
            assert_eq!(graph.param_count(), params, "{}", graph.name);
            let got = graph.gflop_per_image(256);
            assert!((got - gflop).abs() < 6e-4 * gflop, "{}: {got} against {gflop}", graph.name);
        }
        // Published to three or four digits. CDCN++ counts 166 values of its attention, CDCN no bias.
        for (graph, millions, gflop) in
            [(cdcn(NetShape::new(64)), 2.245, 94.7), (cdcn_pp(NetShape::new(64)), 2.257, 101.6)]
        {
            let got = graph.param_count() as f64 / 1e6;
            assert!((got - millions).abs() < 5e-4, "{}: {got}", graph.name);
            let got = graph.gflop_per_image(256);
            assert!((got - gflop).abs() < 0.06, "{}: {got}", graph.name);
        }
        assert_eq!(color_texture(3).param_count(), 6 * 59 + 1);
        let attention: i64 = cdcn_pp(NetShape::new(64))
            .layers(256)
            .iter()
            .filter(|r| r.name.ends_with("attention"))
            .map(|r| r.params)
            .sum();
        assert_eq!(attention, 166);
        let per_step = 16.0 * detector(16, false).train_gflop_per_image(256);
        assert!((per_step - 280.41).abs() < 0.01, "Table 4's 280G: {per_step}");
        assert!((light(3, 16).train_gflop_per_image(256) - 0.4397).abs() < 1e-4);
    }

    #[test]
    fn layer_tables_add_up_and_maps_are_an_eighth() {
        for network in Network::ALL {
            let graph = network.graph(NetShape::new(network.paper_width()));
            let table: i64 = graph.layers(256).iter().map(|r| r.params).sum();
            let directions: i64 =
                graph.params().iter().filter(|p| p.role == ParamRole::Direction).map(|p| p.shape[0]).sum();
            assert_eq!(table + directions, graph.param_count(), "{network}");
            assert_eq!(graph.map_side(256), if network.has_map() { 32 } else { 1 }, "{network}");
        }
        for network in Network::ALL {
            let graph = network.graph(NetShape::new(4));
            assert_eq!(graph.is_by_hand(), network.can_teach(), "{network} has the derivatives that a teacher needs");
            assert_eq!(network.mean_head().is_some(), network.has_attention(), "{network}");
            let found = network.mean_head().is_none_or(|(last, linear)| {
                graph.find(last).is_some() && graph.param(&format!("{linear}.weight")).is_some()
            });
            assert!(found, "{network} has the parts that attention is made of");
        }
    }
}
