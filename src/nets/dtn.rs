//! The deep tree network (Liu et al., CVPR 2019): a binary tree of convolutions whose eight leaves each give a map and a
//! class value. The tree is evaluated whole; which leaf counts for a picture is decided by the routes, which are no part
//! of the graph: a route looks at the features of its node along a learnt direction, and `methods::dtn` follows it.

use super::architectures::NetShape;
use super::builder::GraphBuilder;
use super::graph::{Graph, Initial, NodeId};

/// Routing nodes of the tree: one, two, four.
pub const ROUTES: usize = 7;
/// Leaves of the tree.
pub const LEAVES: usize = 8;

/// How many strided convolutions a route at node `i` has before its pool.
fn depth_of(i: usize) -> u32 {
    match i {
        0 => 3,
        1 | 2 => 2,
        _ => 1,
    }
}

fn conv_bn_leaky(b: &mut GraphBuilder, name: &str, x: NodeId, out: i64, half: bool) -> NodeId {
    let y = if half { b.conv_half(name, x, out, 0, false) } else { b.conv(name, x, out, 3, false) };
    let y = b.batch_norm(&format!("{name}.bn"), y);
    b.leaky_relu(y)
}

/// Two residual blocks.
fn residual(b: &mut GraphBuilder, name: &str, mut x: NodeId, n: i64) -> NodeId {
    for block in ["a", "b"] {
        let y = conv_bn_leaky(b, &format!("{name}.{block}.conv1"), x, n, false);
        let y = b.conv(&format!("{name}.{block}.conv2"), y, n, 3, false);
        let y = b.batch_norm(&format!("{name}.{block}.conv2.bn"), y);
        let y = b.add(&format!("{name}.{block}.add"), x, y);
        x = b.leaky_relu(y);
    }
    x
}

/// DTN of width n, 32 in the paper, for pictures of side `shape.size`, at least 64. Outputs: eight maps (B, 1, S/8, S/8),
/// eight class values (B, 1, 1, 1), seven features (B, n, S/32, S/32). The parameters `route0.direction` and so on are
/// the routes' directions. The class branch has no dropout: it counts for a thousandth of the loss and scores nothing.
pub fn graph(shape: NetShape) -> Graph {
    let (n, size) = (shape.width, shape.size);
    let mut b = Graph::builder(&format!("dtn{n}"), "DTN, Liu et al. 2019, Fig. 3", shape.channels);
    b.initial(Initial::Normal);
    let input = b.input();
    let x = b.conv("stem", input, n, 5, false);
    let x = b.leaky_relu(x);
    let (mut nodes, mut features) = (vec![], vec![]);
    for i in 0..ROUTES {
        let from = if i == 0 { x } else { nodes[(i - 1) / 2] };
        let y = residual(&mut b, &format!("node{i}"), from, n);
        nodes.push(b.max_pool3_same(&format!("node{i}.pool"), y));
    }
    for (i, &node) in nodes.iter().enumerate() {
        let mut y = node;
        for k in 0..depth_of(i) {
            y = conv_bn_leaky(&mut b, &format!("route{i}.conv{k}"), y, n, true);
        }
        features.push(b.avg_pool3_same(&format!("route{i}.feature"), y));
        b.direction(&format!("route{i}.direction"), n * (size / 32).pow(2));
    }
    let (mut maps, mut classes) = (vec![], vec![]);
    for i in 0..LEAVES {
        let node = nodes[3 + i / 2];
        let y = residual(&mut b, &format!("leaf{i}.map"), node, n);
        let y = b.conv(&format!("leaf{i}.map.conv"), y, 1, 3, false);
        maps.push(b.sigmoid(&format!("leaf{i}.map.out"), y));
        let mut y = node;
        for (k, out) in [n, n, 2 * n].into_iter().enumerate() {
            y = conv_bn_leaky(&mut b, &format!("leaf{i}.class.conv{k}"), y, out, true);
        }
        let y = b.conv_whole(&format!("leaf{i}.class.whole"), y, 4 * n, (size / 64).max(1), false);
        let y = b.batch_norm(&format!("leaf{i}.class.whole.bn"), y);
        let y = b.leaky_relu(y);
        let y = b.conv(&format!("leaf{i}.class.dense"), y, 8 * n, 1, false);
        let y = b.batch_norm(&format!("leaf{i}.class.dense.bn"), y);
        let y = b.leaky_relu(y);
        classes.push(b.conv(&format!("leaf{i}.class.out"), y, 1, 1, false));
    }
    b.outputs(&[maps, classes, features].concat());
    b.build()
}
