//! HSV behind RGB: what DTN, Auxiliary(Depth) and `RFMetaFAS` see of a picture.

use tch::{Kind, Tensor};

/// Normalised RGB pictures, back from 0 to 1.
pub fn plain(x: &Tensor) -> Tensor {
    (x * 128.0 + 127.5) / 255.0
}

/// The same with hue, saturation and value behind, each from 0 to 1.
pub fn plain_with_hsv(x: &Tensor) -> Tensor {
    let rgb = plain(x);
    let hsv = hsv(&rgb).to_kind(Kind::Float);
    Tensor::cat(&[rgb, hsv], 1)
}

/// Normalised RGB pictures (b, 3, h, w), (x - 127.5)/128, with hue, saturation and value behind, each from -1 to 1. Hue
/// is the angle's share of the circle; grey has hue 0.
pub fn with_hsv(x: &Tensor) -> Tensor {
    let hsv = hsv(&plain(x)) * 2.0 - 1.0;
    Tensor::cat(&[x, &hsv.to_kind(Kind::Float)], 1)
}

/// Hue, saturation and value of RGB from 0 to 1.
fn hsv(rgb: &Tensor) -> Tensor {
    let [r, g, b] = [0, 1, 2].map(|c| rgb.narrow(1, c, 1));
    let over: &[i64] = &[1];
    let value = rgb.amax(over, true);
    let range = &value - rgb.amin(over, true);
    let some = range.gt(0.0);
    let safe = range.where_self(&some, &range.ones_like());
    let sixths = ((&b - &r) / &safe + 2.0).where_self(&g.eq_tensor(&value), &((&r - &g) / &safe + 4.0));
    let sixths = ((&g - &b) / &safe).where_self(&r.eq_tensor(&value), &sixths);
    let hue = (sixths / 6.0).remainder(1.0).where_self(&some, &range.zeros_like());
    let bright = value.where_self(&value.gt(0.0), &value.ones_like());
    let saturation = &range / bright;
    Tensor::cat(&[hue, saturation, value], 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of Python's colorsys.
    #[test]
    fn hsv_is_the_librarys() {
        let pixels: [[f32; 3]; 7] = [
            [255.0, 0.0, 0.0],
            [0.0, 255.0, 0.0],
            [0.0, 0.0, 255.0],
            [128.0, 128.0, 128.0],
            [0.0, 0.0, 0.0],
            [200.0, 120.0, 40.0],
            [40.0, 30.0, 90.0],
        ];
        let expected: [[f32; 3]; 7] = [
            [0.0, 1.0, 1.0],
            [1.0 / 3.0, 1.0, 1.0],
            [2.0 / 3.0, 1.0, 1.0],
            [0.0, 0.0, 128.0 / 255.0],
            [0.0, 0.0, 0.0],
            [1.0 / 12.0, 0.8, 200.0 / 255.0],
            [0.694_444_4, 2.0 / 3.0, 90.0 / 255.0],
        ];
        for (pixel, hsv) in pixels.iter().zip(&expected) {
            let x = (Tensor::from_slice(pixel).reshape([1, 3, 1, 1]) - 127.5) / 128.0;
            let all: Vec<f32> = Vec::try_from(with_hsv(&x).flatten(0, -1)).unwrap();
            for (got, want) in all[3..].iter().zip(hsv) {
                assert!((got - (want * 2.0 - 1.0)).abs() < 1e-5, "{pixel:?}: {all:?}");
            }
            let all: Vec<f32> = Vec::try_from(plain_with_hsv(&x).flatten(0, -1)).unwrap();
            for (got, want) in all.iter().zip(pixel.map(|v| v / 255.0).iter().chain(hsv)) {
                assert!((got - want).abs() < 1e-5, "{pixel:?}: {all:?}");
            }
        }
    }
}
