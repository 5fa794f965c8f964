"""Where the golden numbers in src/data/face come from.

    python golden.py litert FOLDER    the two networks of MediaPipe, run by LiteRT from the original files in FOLDER
    python golden.py mtcnn            the three networks of MTCNN with weights from a formula, in plain NumPy

pip install numpy ai-edge-litert; the original files are the ranges that assets/face/convert.py cuts out.
"""
import sys

import numpy as np


def pattern(side):
    y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing="ij")
    return ((x * x * 3 + y * y * 5 + x * y * 7 + c * 31) % 251 / 250).astype(np.float32)


def litert(folder):
    from ai_edge_litert.interpreter import Interpreter

    for name, x in (("face_detection_short_range", pattern(128) * 2 - 1), ("face_landmark", pattern(192))):
        i = Interpreter(f"{folder}/{name}.tflite")
        i.allocate_tensors()
        i.set_tensor(i.get_input_details()[0]["index"], x[None])
        i.invoke()
        for o in i.get_output_details():
            v = i.get_tensor(o["index"]).ravel()
            print(name, list(o["shape"]), v[:6], v[-6:])


def weights(name, shape):
    """Another sine for every tensor; small enough that no layer runs off."""
    n = int(np.prod(shape))
    seed = sum(map(ord, name)) % 97
    fan = max(1, int(np.prod(shape[1:])))
    return (np.sin(np.arange(n) * 0.7 + seed) * (2.0 / fan) ** 0.5).reshape(shape)


def conv(x, net, name, out, k):
    w, b = weights(f"{net}.{name}.weight", (out, x.shape[0], k, k)), weights(f"{net}.{name}.bias", (out,)) * 0.1
    win = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))
    return np.einsum("crskl,ockl->ors", win, w) + b[:, None, None]


def prelu(x, net, k):
    a = weights(f"{net}.prelu{k}.weight", (x.shape[0],)) * 0.1
    return np.where(x > 0, x, x * a.reshape((-1,) + (1,) * (x.ndim - 1)))


def pool(x, k):
    """Stride 2; windows that hang over the border count, as Caffe has it."""
    size = [-(-(n - k) // 2) + 1 for n in x.shape[1:]]
    out = np.empty((x.shape[0], *size))
    for r in range(size[0]):
        for c in range(size[1]):
            out[:, r, c] = x[:, 2 * r : 2 * r + k, 2 * c : 2 * c + k].max(axis=(1, 2))
    return out


def dense(x, net, name, out):
    return weights(f"{net}.{name}.weight", (out, x.size)) @ x + weights(f"{net}.{name}.bias", (out,)) * 0.1


def softmax(x):
    e = np.exp(x - x.max(axis=0))
    return e / e.sum(axis=0)


def flat(x):
    """Columns, rows, channels."""
    return x.transpose(2, 1, 0).ravel()


def mtcnn():
    seen = lambda side: (pattern(side) * 2 - 1).transpose(2, 0, 1).astype(np.float64)
    n = "pnet"
    x = prelu(conv(seen(17), n, "conv1", 10, 3), n, 1)
    x = prelu(conv(pool(x, 2), n, "conv2", 16, 3), n, 2)
    x = prelu(conv(x, n, "conv3", 32, 3), n, 3)
    print(n, softmax(conv(x, n, "conv4_1", 2, 1))[1].ravel(), conv(x, n, "conv4_2", 4, 1).ravel()[:6])
    n = "rnet"
    x = prelu(conv(seen(24), n, "conv1", 28, 3), n, 1)
    x = prelu(conv(pool(x, 3), n, "conv2", 48, 3), n, 2)
    x = prelu(conv(pool(x, 3), n, "conv3", 64, 2), n, 3)
    x = prelu(dense(flat(x), n, "dense4", 128), n, 4)
    print(n, softmax(dense(x, n, "dense5_1", 2)), dense(x, n, "dense5_2", 4))
    n = "onet"
    x = prelu(conv(seen(48), n, "conv1", 32, 3), n, 1)
    x = prelu(conv(pool(x, 3), n, "conv2", 64, 3), n, 2)
    x = prelu(conv(pool(x, 3), n, "conv3", 64, 3), n, 3)
    x = prelu(conv(pool(x, 2), n, "conv4", 128, 2), n, 4)
    x = prelu(dense(flat(x), n, "dense5", 256), n, 5)
    print(n, softmax(dense(x, n, "dense6_1", 2)), dense(x, n, "dense6_2", 4), dense(x, n, "dense6_3", 10))


np.set_printoptions(precision=8, suppress=True, linewidth=200)
{"litert": litert, "mtcnn": mtcnn}[sys.argv[1]](*sys.argv[2:])
