//! Binary CNN: a plain classifier of pictures that learns from the label alone, after Yang, Lei and Li ("Learn convolutional
//! neural network for face anti-spoofing", 2014), whose attention `RFMetaFAS` Fig. 6 sets against its own. How attention is
//! computed stands in `methods::detector`.

use super::architectures::NetShape;
use super::builder::GraphBuilder;
use super::graph::{Graph, Initial, NodeId};

/// Its value before the sigmoid.
pub const LOGIT: &str = "linear";
/// Its last convolution, normalised; its `ReLU` is what it averages.
pub const LAST: &str = "conv5.bn";

/// conv -> BN -> `ReLU`, no bias.
fn conv_bn_relu(b: &mut GraphBuilder, name: &str, x: NodeId, out: i64) -> NodeId {
    let y = b.conv(name, x, out, 3, false);
    let y = b.batch_norm(&format!("{name}.bn"), y);
    b.relu(y)
}

/// Binary CNN of width n, 64 at full size. (B, 3, S, S) -> P(spoof), (B, 1, 1, 1); what stands before its sigmoid is called
/// [`LOGIT`].
///
/// The original has five convolutions and three fully connected layers, and `RFMetaFAS` calls its attention that of global
/// average pooling (Zhou et al., CVPR 2016), which takes a mean and one linear layer in place of those three: weighed by that
/// layer, the last features say where the value comes from. So here: as many convolutions as the original has, with VGG's
/// 3x3 kernels and its widths n, 2n, 4n, 8n, 8n, batch norm behind each, max pools behind the first four alone, so that the
/// last features keep a sixteenth of the side, as in Zhou et al.; a mean, a linear layer. Kernels start as VGG's do.
pub fn binary_cnn(shape: NetShape) -> Graph {
    let n = shape.width;
    let source = "Binary CNN after Yang et al. 2014, with a mean for attention";
    let mut b = Graph::builder(&format!("binary_cnn{n}"), source, shape.channels);
    b.eps(1e-5);
    b.initial(Initial::He);
    let mut x = b.input();
    for (i, width) in [(1, n), (2, 2 * n), (3, 4 * n), (4, 8 * n)] {
        x = conv_bn_relu(&mut b, &format!("conv{i}"), x, width);
        x = b.max_pool2(&format!("pool{i}"), x);
    }
    let x = conv_bn_relu(&mut b, "conv5", x, 8 * n);
    let x = b.global_mean("mean", x);
    b.initial(Initial::Narrow);
    let x = b.conv(LOGIT, x, 1, 1, true);
    b.sigmoid("score", x);
    b.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Layer by layer: channels, side at 256 pixels, kernel with both values of its batch norms, multiply-adds twice.
    #[test]
    fn its_layers_are_as_large_as_they_are_by_hand() {
        let net = binary_cnn(NetShape::new(64));
        let layers = net.layers(256);
        let convs: Vec<_> = layers.iter().filter(|row| row.kind.starts_with("conv")).collect();
        let by_hand = [
            ("conv1", 64, 256, 3 * 64 * 9 + 2 * 64, 3 * 64 * 9 * 65_536),
            ("conv2", 128, 128, 64 * 128 * 9 + 2 * 128, 64 * 128 * 9 * 16_384),
            ("conv3", 256, 64, 128 * 256 * 9 + 2 * 256, 128 * 256 * 9 * 4_096),
            ("conv4", 512, 32, 256 * 512 * 9 + 2 * 512, 256 * 512 * 9 * 1_024),
            ("conv5", 512, 16, 512 * 512 * 9 + 2 * 512, 512 * 512 * 9 * 256),
            ("linear", 1, 1, 512 + 1, 512),
        ];
        assert_eq!(convs.len(), by_hand.len());
        for (row, (name, channels, side, params, multiplied)) in convs.iter().zip(by_hand) {
            assert_eq!((row.name.as_str(), row.channels, row.side, row.params), (name, channels, side, params));
            assert!((row.gflop - 2e-9 * f64::from(multiplied)).abs() < 1e-12, "{name}: {}", row.gflop);
        }
        assert_eq!(net.param_count(), 3_912_769);
        assert!((net.gflop_per_image(256) - 8.682_210).abs() < 1e-6, "{}", net.gflop_per_image(256));
        assert!([LAST, LOGIT].iter().all(|name| net.find(name).is_some()));
        // One channel more, and the width, are as elsewhere.
        let six = binary_cnn(NetShape { channels: 6, ..NetShape::new(16) });
        assert_eq!(six.param_count(), 9 * (6 * 16 + 16 * 32 + 32 * 64 + 64 * 128 + 128 * 128) + 2 * 368 + 129);
    }
}
