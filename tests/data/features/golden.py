"""Where the golden maps of tests/features.rs come from: small pictures and what numpy and scikit-image make of them.

    python golden.py      writes *.png beside itself

Each file holds a picture and below it, equally large, its maps: ColorLBP nearest, bilinear, nearest uniform, bilinear
uniform, albedo, depth, reflectance. Made with numpy 2.4.6, scikit-image 0.26.0 and Pillow 13.0.0 by the code of
benches/peer_features.py, which knows nothing of the program's own.
"""
import pathlib
import sys

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "benches"))
import peer_features as peer  # noqa: E402


def pictures():
    rng = np.random.default_rng(20240229)
    yield "noise", rng.integers(0, 256, (17, 24, 3))
    walk = rng.normal(0, 5, (33, 40, 3)).cumsum(axis=0).cumsum(axis=1) / 3
    yield "smooth", np.clip(120 + walk, 0, 255)
    yield "few_levels", rng.choice([0, 127, 128, 255], (21, 21, 3))
    flat = rng.integers(90, 110, (9, 7, 3))
    flat[:, :, 0], flat[:, :, 1] = 0, 77
    yield "black_and_flat", flat
    y, x = np.mgrid[:16, :16]
    yield "checks", np.stack([((y // 2 + x // 3) % 2) * 160 + 40, ((y + x) % 2) * 255, (x % 2) * 30 + 1], axis=2)
    yield "ramp", np.stack([y * 16 + x, x * 15, 255 - y * 9], axis=2)
    yield "dark", rng.integers(0, 4, (12, 12, 3))
    yield "two_by_two", rng.integers(0, 256, (2, 2, 3))
    yield "two_rows", rng.integers(0, 256, (2, 9, 3))
    yield "one_column", rng.integers(0, 256, (8, 1, 3))
    yield "three_by_three", rng.integers(0, 256, (3, 3, 3))
    yield "wide", rng.integers(40, 200, (5, 150, 3))


for name, values in pictures():
    rgb = np.ascontiguousarray(values.astype(np.uint8))
    nearest, bilinear = (peer.on_channels(f, rgb) for f in (peer.nearest_codes, peer.bilinear_codes))
    maps = [nearest, bilinear, peer.uniform_codes(nearest), peer.uniform_codes(bilinear), *peer.three(rgb)]
    Image.fromarray(np.concatenate([rgb, *maps])).save(HERE / f"{name}.png")
