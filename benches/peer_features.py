#!/usr/bin/env python3
"""Hand-made maps the way a researcher's script has them: numpy and scikit-image.

    python3 peer_features.py SIDE ROUNDS

It is the peer of `metafas features`. Shape from shading keeps the types of the program that Meta Pattern's authors publish:
pictures, the first depth and the light in float32, normals in float64; numpy promotes the rest. SIDE x SIDE pictures are
those of `picture`. Prints one JSON object: seconds a picture, best of ROUNDS, and sums of all bytes of every map.
"""
import json
import sys
import time

import numpy as np

try:
    from skimage.feature import local_binary_pattern
except ImportError:
    local_binary_pattern = None

# Bit 0 to 7, in rows and columns.
AROUND = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]


def nearest_codes(channel):
    """Local binary patterns of one channel, neighbours at whole pixels, 0 at the border."""
    h, w = channel.shape
    codes = np.zeros((h, w), dtype=np.uint8)
    if h < 3 or w < 3:
        return codes
    middle = channel[1:-1, 1:-1]
    for bit, (y, x) in enumerate(AROUND):
        neighbour = channel[1 + y : h - 1 + y, 1 + x : w - 1 + x]
        codes[1:-1, 1:-1] |= ((neighbour >= middle) << bit).astype(np.uint8)
    return codes


def bilinear_codes(channel):
    """scikit-image's local binary patterns of one channel."""
    return local_binary_pattern(channel, 8, 1).astype(np.uint8)


def uniform_codes(codes):
    """0 to 57 for codes with at most two changes around the circle, in order of value; 58 for the others."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    changes = np.sum(bits != np.roll(bits, 1, axis=1), axis=1)
    table = np.where(changes <= 2, np.cumsum(changes <= 2) - 1, 58)
    return table[codes].astype(np.uint8)


def slopes(z):
    """numpy.gradient, which an axis of one pixel does not have: there is no slope along it."""
    return [np.gradient(z, axis=a) if z.shape[a] > 1 else np.zeros_like(z) for a in (0, 1)]


def stretched(values):
    values = values.astype(np.float32)
    low, high = values.min(), values.max()
    if low != high:
        values = (values - low) / (high - low) * 255.0
    return np.round(values).astype(np.uint8)


def shading(channel):
    """Albedo, depth and reflectance of one channel: Tsai and Shah's shape from shading, five iterations."""
    image = channel.astype(np.float32)
    light = np.array([0.1, 0.1, 1.0])
    if image.max() == 0:
        return [np.zeros(image.shape, dtype=np.uint8)] * 3
    ps = qs = np.full(image.shape, 0.1, dtype=np.float32)
    z, s = np.zeros_like(image), np.ones_like(image)
    for _ in range(5):
        p, q = slopes(z)
        normals = np.dstack([-p, -q, np.ones(p.shape)])
        normals /= np.linalg.norm(normals, axis=2, keepdims=True)
        a = 1.0 + p * p + q * q
        b = 1.0 + ps * ps + qs * qs
        met = 1.0 + p * ps + q * qs
        reflectance = np.maximum(np.zeros(image.shape), met / (np.sqrt(a) * np.sqrt(b)))
        f = -(image / image.max() - reflectance)
        d = -((ps + qs) / (np.sqrt(a) * np.sqrt(b)) - (p + q) * met / (np.sqrt(a * a * a) * np.sqrt(b)))
        y = f + d * z
        k = s * d / (0.001 + s * d * d)
        z, s = z + k * (y - d * z), (1.0 - k * d) * s
        lit = np.abs(np.dot(normals, light))
        lit[lit == 0.0] = 1.0
        albedo = np.clip(image / lit, 1.0, 255.0)
    return [np.round(albedo).astype(np.uint8), stretched(z), stretched(reflectance / np.pi)]


def on_channels(function, rgb):
    """A map of every channel, stacked."""
    return np.stack([function(np.ascontiguousarray(rgb[:, :, c])) for c in range(3)], axis=2)


def three(rgb):
    """Albedo, depth and reflectance of a picture."""
    maps = [shading(np.ascontiguousarray(rgb[:, :, c])) for c in range(3)]
    return [np.stack([m[k] for m in maps], axis=2) for k in range(3)]


def picture(side):
    """The bench's picture: waves with grain, whole numbers alone, so that both sides make the same."""
    y, x = np.mgrid[:side, :side].astype(np.int64)
    planes = []
    for c in range(3):
        wave = np.abs((x * (3 + c) + y * 2) % 256 - 128) + np.abs((y * (5 - c) + x) % 200 - 100) // 2
        grain = ((x * 73856093) ^ (y * 19349663) ^ (c * 83492791)) % 17
        planes.append(np.clip(wave + grain, 0, 255))
    return np.stack(planes, axis=2).astype(np.uint8)


def best(function, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return min(times), result


def main():
    side, rounds = int(sys.argv[1]), int(sys.argv[2])
    rgb = picture(side)
    out = {"numpy": np.__version__}
    out["nearest_s"], codes = best(lambda: on_channels(nearest_codes, rgb), rounds)
    out["nearest_sum"] = int(codes.sum())
    out["shading_s"], maps = best(lambda: three(rgb), rounds)
    out["shading_sums"] = [int(m.sum()) for m in maps]
    if local_binary_pattern is not None:
        out["bilinear_s"], codes = best(lambda: on_channels(bilinear_codes, rgb), rounds)
        out["bilinear_sum"] = int(codes.sum())
    print(json.dumps(out))


if __name__ == "__main__":
    main()
