//! What HFN sees of a picture: red, green and blue from 0 to 1, and behind them a pattern made by hand, where it is none
//! that the network makes itself.

use tch::{Device, Kind, Tensor};

use crate::config::Pattern;
use crate::features::{ColorLbp, HandMade};

/// The maps behind `pattern`; a Meta Pattern has none, as the network makes it.
fn hand_made(pattern: Pattern) -> Option<HandMade> {
    match pattern {
        Pattern::Mp | Pattern::Nothing => None,
        Pattern::ColorLbp => Some(HandMade::ColorLbp),
        Pattern::Albedo => Some(HandMade::Albedo),
        Pattern::Depth => Some(HandMade::Depth),
        Pattern::Reflectance => Some(HandMade::Reflectance),
    }
}

/// Normalised RGB pictures (b, 3, h, w), (x - 127.5)/128, from 0 to 1; with the map of each behind it where `pattern` is
/// made by hand, from 0 to 1 too: (b, 3 or 6, h, w).
pub fn beside(x: &Tensor, pattern: Pattern) -> Tensor {
    tch::no_grad(|| {
        // Whole numbers, exactly: they came from bytes, and 128 is a power of two.
        let bytes = x * 128.0 + 127.5;
        match hand_made(pattern) {
            None => bytes / 255.0,
            Some(map) => Tensor::cat(&[&bytes, &maps(&bytes, map)], 1) / 255.0,
        }
    })
}

/// The maps of pictures (b, 3, h, w), 0 to 255.
fn maps(bytes: &Tensor, map: HandMade) -> Tensor {
    let size = bytes.size();
    let (h, w) = (size[2] as usize, size[3] as usize);
    let rows = bytes.round().clamp(0.0, 255.0).to_kind(Kind::Uint8).permute([0, 2, 3, 1]).contiguous();
    let rows = rows.to_device(Device::Cpu).flatten(0, -1);
    let mut all = vec![0_u8; rows.numel()];
    rows.copy_data(&mut all, rows.numel());
    let pictures: Vec<&[u8]> = all.chunks_exact(3 * h * w).collect();
    #[expect(clippy::expect_used, reason = "every piece is a picture of h x w pixels of three bytes")]
    let made = map.maps(&pictures, (w, h), ColorLbp::default()).expect("pictures");
    let made = Tensor::from_slice(&made.concat()).reshape([size[0], size[2], size[3], 3]);
    made.permute([0, 3, 1, 2]).to_kind(bytes.kind()).to_device(bytes.device())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pictures of 8 x 6 pixels, as bytes and as networks get them.
    fn pictures() -> (Vec<Vec<u8>>, Tensor) {
        let bytes: Vec<Vec<u8>> =
            (0..2).map(|k| (0..8 * 6 * 3).map(|i| ((i * 37 + k * 11 + i * i / 7) % 256) as u8).collect()).collect();
        let x = Tensor::from_slice(&bytes.concat()).reshape([2, 6, 8, 3]).permute([0, 3, 1, 2]);
        (bytes, (x.to_kind(Kind::Float) - 127.5) / 128.0)
    }

    fn bytes_of(x: &Tensor) -> Vec<u8> {
        let rows: Tensor = x.permute([0, 2, 3, 1]).contiguous().flatten(0, -1) * 255.0;
        Vec::<f32>::try_from(rows).unwrap().into_iter().map(|v| v.round() as u8).collect()
    }

    #[test]
    fn patterns_stand_behind_the_picture_and_are_those_of_the_maps() {
        let (bytes, x) = pictures();
        let seen = beside(&x, Pattern::Mp);
        assert_eq!((seen.size(), bytes_of(&seen)), (vec![2, 3, 6, 8], bytes.concat()));
        assert!(seen.min().double_value(&[]) >= 0.0 && seen.max().double_value(&[]) <= 1.0);
        assert!(seen.equal(&beside(&x, Pattern::Nothing)));
        for (&pattern, map) in Pattern::ALL.iter().filter_map(|p| Some((p, hand_made(*p)?))) {
            let seen = beside(&x, pattern);
            assert_eq!((seen.size(), bytes_of(&seen.narrow(1, 0, 3))), (vec![2, 6, 6, 8], bytes.concat()));
            assert_eq!(map.name(), pattern.name());
            let expected: Vec<u8> =
                bytes.iter().flat_map(|b| map.map(b, (8, 6), ColorLbp::default()).unwrap()).collect();
            assert_eq!(bytes_of(&seen.narrow(1, 3, 3)), expected, "{pattern}");
        }
    }
}
