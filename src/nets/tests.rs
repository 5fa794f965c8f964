//! Operators against their definitions.

use tch::{Device, Kind, Tensor};

use super::*;
use crate::rng::Streams;

fn random(shape: &[i64], name: &str) -> Tensor {
    let mut rng = Streams::new(5).stream(name, 0);
    let count: i64 = shape.iter().product();
    let values: Vec<f64> = (0..count).map(|_| crate::rng::normal(&mut rng)).collect();
    Tensor::from_slice(&values).reshape(shape)
}

fn distance(a: &Tensor, b: &Tensor) -> f64 {
    (a - b).abs().max().double_value(&[])
}

fn one_operator(add: impl Fn(&mut GraphBuilder, NodeId) -> NodeId, channels: i64) -> Graph {
    let mut b = Graph::builder("one", "a test", channels);
    let x = b.input();
    add(&mut b, x);
    b.build()
}

#[test]
fn central_difference_convolutions_are_their_two_convolution_form() {
    let net = one_operator(|b, x| b.cdc("conv", x, 4, 0.7), 3);
    let (x, w) = (random(&[2, 3, 9, 9], "x"), random(&[4, 3, 3, 3], "w"));
    let plain = x.conv2d::<Tensor>(&w, None, [1, 1], [1, 1], [1, 1], 1);
    let sums = w.sum_dim_intlist([2_i64, 3].as_slice(), true, None::<Kind>);
    let twice = plain - x.conv2d::<Tensor>(&sums, None, [1, 1], [0, 0], [1, 1], 1) * 0.7;
    // Borders too: the second form pads nothing.
    assert!(distance(&net.forward(&[w], &x, BnMode::Batch), &twice) < 1e-12);
}

#[test]
fn bilinear_reductions_are_means_of_the_middle() {
    let x = random(&[2, 3, 8, 8], "x");
    for k in [2, 4] {
        let net = one_operator(|b, x| b.shrink("shrink", x, k), 3);
        let middle = x.reshape([2, 3, 8 / k, k, 8 / k, k]).narrow(3, k / 2 - 1, 2).narrow(5, k / 2 - 1, 2);
        let means = middle.mean_dim([3_i64, 5].as_slice(), false, None::<Kind>);
        assert!(distance(&net.forward(&[], &x, BnMode::Batch), &means) < 1e-12);
    }
}

#[test]
fn overlapping_pools_hang_over_the_side_they_should() {
    let x = Tensor::arange(16, (Kind::Double, Device::Cpu)).reshape([1, 1, 4, 4]);
    let values =
        |net: &Graph, x: &Tensor| Vec::<f64>::try_from(net.forward(&[], x, BnMode::Batch).flatten(0, -1)).unwrap();
    let torch = one_operator(|b, x| b.max_pool3("pool", x), 1);
    assert_eq!(values(&torch, &x), [5.0, 7.0, 13.0, 15.0]);
    let same = one_operator(|b, x| b.max_pool3_same("pool", x), 1);
    assert_eq!(values(&same, &(&x * -1.0)), [0.0, -2.0, -8.0, -10.0]);
    // The mean of what lies inside: nine, six, six and four values.
    let mean = one_operator(|b, x| b.avg_pool3_same("pool", x), 1);
    assert_eq!(values(&mean, &x), [5.0, 6.5, 11.0, 12.5]);
}

#[test]
fn strided_convolutions_pad_as_their_authors_do() {
    let x = random(&[1, 1, 6, 6], "x");
    let w = random(&[1, 1, 3, 3], "w");
    let at = |before: i64| {
        let net = one_operator(|b, x| b.conv_half("conv", x, 1, before, false), 1);
        net.forward(&[w.shallow_clone()], &x, BnMode::Batch)
    };
    let around = x.conv2d::<Tensor>(&w, None, [2, 2], [1, 1], [1, 1], 1);
    assert!(distance(&at(1), &around) < 1e-12);
    // TensorFlow's SAME: the first window starts at the first pixel.
    let first = (x.narrow(2, 0, 3).narrow(3, 0, 3) * &w).sum(Kind::Double).double_value(&[]);
    assert!((at(0).double_value(&[0, 0, 0, 0]) - first).abs() < 1e-12);
    assert_eq!(at(0).size(), [1, 1, 3, 3]);
}

#[test]
fn attention_weighs_what_the_head_reads_and_not_what_the_next_block_does() {
    let net = cdcn_pp(NetShape::new(4));
    let params = net.init(&mut Streams::new(1).stream("init", 0), Kind::Double, Device::Cpu);
    let x = random(&[2, 3, 32, 32], "x");
    let node = |name: &str| net.find(name).unwrap();
    let nodes = ["pool1", "block1.weight", "block1.attended", "pool2"].map(node);
    let [pooled, weight, attended, next] =
        <[Tensor; 4]>::try_from(net.forward_at(&params, &x, BnMode::Batch, &nodes)).unwrap();
    assert_eq!(weight.size(), [2, 1, 16, 16]);
    assert!(distance(&attended, &(&pooled * &weight)) < 1e-12);
    // Another attention, the same second block.
    let mut other = copy_all(&params);
    let at = net.param("block1.attention.weight").unwrap();
    other[at] = &other[at] + 1.0;
    let again = net.forward_at(&other, &x, BnMode::Batch, &[node("pool2"), node("block1.attended")]);
    assert!(distance(&again[0], &next) < 1e-12 && distance(&again[1], &attended) > 1e-3);
}

#[test]
fn every_network_gives_maps_of_an_eighth_and_what_else_it_promises() {
    for &network in Network::ALL {
        for size in [64, 96] {
            let net = network.graph(NetShape { size, ..NetShape::new(2) });
            let params = net.init(&mut Streams::new(2).stream("init", 0), Kind::Float, Device::Cpu);
            let x = random(&[3, 3, size, size], "x").to_kind(Kind::Float);
            let values = net.forward_at(&params, &x, BnMode::Batch, &net.outputs());
            let side = if network.has_map() { size / 8 } else { 1 };
            assert_eq!(values[0].size(), [3, 1, side, side], "{network}");
            let others = match network {
                Network::FasDrBc | Network::RfMetaFas | Network::Hfn => 1,
                Network::Dtn => 7 + dtn::LEAVES + dtn::ROUTES,
                _ => 0,
            };
            assert_eq!(values.len(), 1 + others, "{network}");
            if network == Network::Dtn {
                assert_eq!(values[8].size(), [3, 1, 1, 1]);
                assert_eq!(values[16].size(), [3, 2, size / 32, size / 32]);
            }
            // Running statistics: a picture's output depends on it alone.
            let (_, stats) = net.observe(&params, &x);
            let all = net.forward(&params, &x, BnMode::Running(&stats));
            let first = net.forward(&params, &x.narrow(0, 0, 1), BnMode::Running(&stats));
            let scale = all.abs().max().double_value(&[]).max(1.0);
            let error = distance(&all.narrow(0, 0, 1), &first) / scale;
            assert!(error < 1e-4, "{network}: {error}");
        }
    }
}

/// 2 sigma(g) has to span (0, 2): a map that a `ReLU` has cut spans half of it.
#[test]
fn maps_of_teachers_end_linear() {
    for network in Network::ALL.iter().filter(|n| n.can_teach()) {
        let lowest = |final_relu: bool| {
            let net = network.graph(NetShape { final_relu, size: 64, ..NetShape::new(2) });
            let params = net.init(&mut Streams::new(2).stream("init", 0), Kind::Double, Device::Cpu);
            net.forward(&params, &random(&[4, 3, 64, 64], "x"), BnMode::Batch).min().double_value(&[])
        };
        assert!(lowest(false) < 0.0, "{network}");
        if !matches!(network, Network::Light | Network::Resnet8) {
            assert!(lowest(true) >= 0.0, "{network}");
        }
    }
}
