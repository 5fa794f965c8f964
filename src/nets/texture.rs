//! Colour texture (Boulkenafet, Komulainen and Hadid, TIFS 2016): how often each uniform local binary pattern stands in
//! the channels of HSV and YCbCr. Nothing of it is learnt. All comparisons are of whole numbers, so that the patterns of
//! a picture are the same on every device.

use tch::{Kind, Tensor};

/// Hue, saturation, value, luma, blue and red difference.
const CHANNELS: i64 = 6;
/// The 58 uniform patterns of eight neighbours, and one bin for all others.
const BINS: i64 = 59;
/// Values of a picture.
pub(super) const FEATURES: i64 = CHANNELS * BINS;
/// 1 + sqrt(2): how much more than its two neighbours together a corner counts for the point between them on the circle
/// of radius 1. No sum of such whole numbers as occur comes nearer to zero than single precision can tell.
const CORNER: f64 = 2.414_213_562_373_095;

/// The channels of pictures (b, 3 or more, h, w), RGB first, normalised (x - 127.5)/128: whole numbers 0 to 255,
/// (b, 6, h, w). A full turn of hue is 255, grey has hue 0; luma and differences are those of JPEG files.
fn channels(x: &Tensor) -> Tensor {
    let rgb = (x.narrow(1, 0, 3).to_kind(Kind::Float) * 128.0 + 127.5).round().clamp(0.0, 255.0);
    let [r, g, b] = [0, 1, 2].map(|c| rgb.narrow(1, c, 1));
    // Numerators and divisors are whole and below 2^24, so that these quotients, rounded down, are exact.
    let rounded = |above: &Tensor, below: &Tensor| ((above * 2.0 + below) / (below * 2.0)).floor();
    let mixed = |[of_r, of_g, of_b]: [f64; 3]| {
        let thousandths = &r * of_r + &g * of_g + &b * of_b;
        ((thousandths + 500.0) / 1000.0).floor()
    };
    let over: &[i64] = &[1];
    let value = rgb.amax(over, true);
    let range = &value - rgb.amin(over, true);
    let some = range.where_self(&range.gt(0.0), &range.ones_like());
    let sixths = ((&b - &r) + &some * 2.0).where_self(&g.eq_tensor(&value), &((&r - &g) + &some * 4.0));
    let from_red = &g - &b;
    let from_red = from_red.where_self(&from_red.ge(0.0), &(&from_red + &some * 6.0));
    let sixths = from_red.where_self(&r.eq_tensor(&value), &sixths);
    let hue = rounded(&(sixths * 42.5), &some).where_self(&range.gt(0.0), &range.zeros_like());
    let saturation = rounded(&(&range * 255.0), &value.clamp_min(1.0));
    let luma = mixed([299.0, 587.0, 114.0]);
    let blue = (mixed([-169.0, -331.0, 500.0]) + 128.0).clamp(0.0, 255.0);
    let red = (mixed([500.0, -419.0, -81.0]) + 128.0).clamp(0.0, 255.0);
    Tensor::cat(&[hue, saturation, value, luma, blue, red], 1)
}

/// Local binary patterns of whole numbers (b, c, h, w): (b, c, h - 2, w - 2), 0 to 255. Bit k is set where the channel at
/// angle k / 8 of a turn, counted from the right upwards, is no smaller than in the middle; between pixels it is bilinear.
fn patterns(x: &Tensor) -> Tensor {
    let (h, w) = (x.size()[2] - 2, x.size()[3] - 2);
    let at = |row: i64, column: i64| x.narrow(2, row, h).narrow(3, column, w);
    let middle = at(1, 1);
    let sides = [(1, 2), (0, 1), (1, 0), (2, 1)].map(|(row, column)| at(row, column) - &middle);
    let corners = [(0, 2), (0, 0), (2, 0), (2, 2)].map(|(row, column)| at(row, column) - &middle);
    let mut code = middle.zeros_like();
    for (k, corner) in corners.iter().enumerate() {
        let side = &sides[k];
        let between = side + &sides[(k + 1) % 4] + corner * CORNER;
        for (bit, point) in [(2 * k, side), (2 * k + 1, &between)] {
            code += point.ge(0.0).to_kind(Kind::Float) * f64::from(1_u32 << bit);
        }
    }
    code.to_kind(Kind::Int64)
}

/// The bin of every pattern: uniform ones, with at most two changes around the circle, in their order, then one for all.
fn bins() -> [i64; 256] {
    let mut next = 0;
    std::array::from_fn(|code| {
        let code = code as u8;
        let uniform = (code ^ code.rotate_left(1)).count_ones() <= 2;
        next += i64::from(uniform);
        if uniform { next - 1 } else { BINS - 1 }
    })
}

/// Shares of the patterns in every channel of normalised pictures (b, 3 or more, h, w), RGB first: (b, 354, 1, 1), channel
/// by channel, each channel's 59 shares summing to 1.
pub(super) fn shares(x: &Tensor) -> Tensor {
    tch::no_grad(|| {
        let (batch, device) = (x.size()[0], x.device());
        let codes = patterns(&channels(x));
        let pixels = codes.size()[2] * codes.size()[3];
        let bin = Tensor::from_slice(&bins()).to_device(device).index_select(0, &codes.flatten(0, -1));
        let rows = Tensor::arange(batch * CHANNELS, (Kind::Int64, device)).view([-1, 1]) * BINS;
        let places = (bin.view([-1, pixels]) + rows).flatten(0, -1);
        let counts = places.bincount::<Tensor>(None, batch * FEATURES);
        (counts.to_kind(x.kind()) / pixels as f64).view([batch, FEATURES, 1, 1])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(pixels: &[[u8; 3]], w: i64) -> Tensor {
        let values: Vec<f32> = pixels.iter().flatten().map(|&v| (f32::from(v) - 127.5) / 128.0).collect();
        Tensor::from_slice(&values).reshape([1, -1, w, 3]).permute([0, 3, 1, 2])
    }

    fn numbers(t: &Tensor) -> Vec<i64> {
        Vec::try_from(t.to_kind(Kind::Int64).contiguous().flatten(0, -1)).unwrap()
    }

    /// Hue, saturation and value of scikit-image's `rgb2hsv` in 255ths, rounded; the others of Pillow's `YCbCr`.
    #[test]
    fn channels_are_the_libraries() {
        let pixels: [([u8; 3], [i64; 6]); 9] = [
            ([255, 0, 0], [0, 255, 255, 76, 84, 255]),
            ([0, 255, 0], [85, 255, 255, 149, 43, 21]),
            ([0, 0, 255], [170, 255, 255, 29, 255, 107]),
            ([128, 128, 128], [0, 0, 128, 128, 128, 128]),
            ([0, 0, 0], [0, 0, 0, 0, 128, 128]),
            ([200, 120, 40], [21, 204, 200, 134, 74, 174]),
            ([40, 30, 90], [177, 170, 90, 39, 156, 128]),
            ([255, 255, 255], [0, 0, 255, 255, 128, 128]),
            ([250, 10, 130], [234, 245, 250, 95, 147, 238]),
        ];
        for (rgb, wanted) in pixels {
            let got = numbers(&channels(&picture(&[rgb], 1)));
            assert_eq!(got[..3], wanted[..3], "{rgb:?}");
            // Weights of three digits, rounded at their end alone: a level off at most.
            assert!(got[3..].iter().zip(&wanted[3..]).all(|(a, b)| (a - b).abs() <= 1), "{rgb:?}: {got:?}");
        }
    }

    /// scikit-image 0.26, `local_binary_pattern(image, 8, 1)`, without its border.
    #[test]
    fn patterns_are_the_librarys() {
        let value = |i: i64, j: i64| ((37 * i * i + 101 * j + 59 * i * j) % 256) as f32;
        let image: Vec<f32> = (0..81).map(|k| value(k / 9, k % 9)).collect();
        let expected = [
            [0, 60, 255, 2, 255, 0, 124],
            [22, 252, 250, 255, 0, 244, 248],
            [205, 225, 33, 129, 71, 1, 1],
            [129, 0, 191, 71, 0, 255, 175],
            [255, 100, 255, 0, 191, 0, 247],
            [0, 16, 26, 30, 255, 4, 26],
            [239, 239, 239, 239, 235, 239, 239],
        ];
        assert_eq!(numbers(&patterns(&Tensor::from_slice(&image).reshape([1, 1, 9, 9]))), expected.concat());
        // A flat surface: all neighbours are as high as the middle, those between pixels too.
        for level in 0..256 {
            let flat = Tensor::full([1, 1, 3, 3], i64::from(level), (Kind::Float, tch::Device::Cpu));
            assert_eq!(numbers(&patterns(&flat)), [255]);
        }
    }

    /// The patterns that scikit-image's method `nri_uniform` tells apart from all others.
    #[test]
    fn bins_are_the_uniform_patterns() {
        let uniform = [
            0, 1, 2, 3, 4, 6, 7, 8, 12, 14, 15, 16, 24, 28, 30, 31, 32, 48, 56, 60, 62, 63, 64, 96, 112, 120, 124, 126,
            127, 128, 129, 131, 135, 143, 159, 191, 192, 193, 195, 199, 207, 223, 224, 225, 227, 231, 239, 240, 241,
            243, 247, 248, 249, 251, 252, 253, 254, 255,
        ];
        let bins = bins();
        assert_eq!(uniform.map(|code| bins[code]), std::array::from_fn::<i64, 58, _>(|k| k as i64));
        assert!((0..256).filter(|code| !uniform.contains(code)).all(|code| bins[code] == 58));
    }

    #[test]
    fn shares_are_counts_of_one_picture_and_channel() {
        let noise: Vec<[u8; 3]> = (0..2 * 12 * 10_u32)
            .map(|k| [k * k % 251, k * 67 % 241, (k * 31 + k * k * 7) % 239].map(|v| v as u8))
            .collect();
        let both = picture(&noise, 10).reshape([1, 3, 2, 12, 10]).permute([0, 2, 1, 3, 4]).reshape([2, 3, 12, 10]);
        let all = shares(&both);
        assert_eq!(all.size(), [2, FEATURES, 1, 1]);
        let sums = all.view([12, BINS]).sum_dim_intlist([1_i64].as_slice(), false, Kind::Double);
        assert!((sums - 1.0).abs().max().double_value(&[]) < 1e-6);
        for i in 0..2 {
            assert!(shares(&both.narrow(0, i, 1)).equal(&all.narrow(0, i, 1)), "other pictures do not matter");
        }
        // Counted one by one.
        let codes = numbers(&patterns(&channels(&both.narrow(0, 1, 1))));
        let bin = bins();
        let of_luma = codes[3 * 80..4 * 80].iter().filter(|&&code| bin[code as usize] == 58).count();
        assert!((all.double_value(&[1, 3 * BINS + 58, 0, 0]) - of_luma as f64 / 80.0).abs() < 1e-7);
    }
}
