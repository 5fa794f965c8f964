"""Where the golden numbers in src/data/face come from.

    python golden.py litert FOLDER    the two networks of MediaPipe, run by LiteRT from the original files in FOLDER
    python golden.py picture FOLDER   face.jpg from picture to landmarks, run by LiteRT, pictures read by OpenCV
    python golden.py mtcnn            the three networks of MTCNN with weights from a formula, in plain NumPy

pip install numpy ai-edge-litert opencv-python-headless; the original files are the ranges that assets/face/convert.py
cuts out. face.jpg is a frame of the built-in benchmark; nobody is shown.
"""
import sys

import numpy as np


def pattern(side):
    y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing="ij")
    return ((x * x * 3 + y * y * 5 + x * y * 7 + c * 31) % 251 / 250).astype(np.float32)


def run(folder, name, x):
    from ai_edge_litert.interpreter import Interpreter

    i = Interpreter(f"{folder}/{name}.tflite")
    i.allocate_tensors()
    i.set_tensor(i.get_input_details()[0]["index"], x[None].astype(np.float32))
    i.invoke()
    return [i.get_tensor(o["index"]) for o in i.get_output_details()]


def litert(folder):
    for name, x in (("face_detection_short_range", pattern(128) * 2 - 1), ("face_landmark", pattern(192))):
        for v in run(folder, name, x):
            print(name, list(v.shape), v.ravel()[:6], v.ravel()[-6:])


def picture(folder):
    import cv2

    image = cv2.cvtColor(cv2.imread(sys.path[0] + "/face.jpg"), cv2.COLOR_BGR2RGB)
    height, width = image.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, 3), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = image
    small = cv2.resize(square, (128, 128), interpolation=cv2.INTER_AREA).astype(np.float32)
    out = sorted(run(folder, "face_detection_short_range", small / 127.5 - 1), key=lambda v: v.shape[-1])
    scores, numbers = 1 / (1 + np.exp(-out[0].ravel())), out[1][0] / 128
    anchors = [((x + 0.5) / n, (y + 0.5) / n) for n, k in ((16, 2), (8, 6)) for y in range(n) for x in range(n) for _ in range(k)]
    # One face in the picture: all that is sure enough is of it.
    sure = np.flatnonzero(scores > 0.5)
    boxes = numbers[sure].copy()
    boxes[:, :2] += np.array(anchors)[sure]
    boxes[:, 4:] += np.tile(np.array(anchors)[sure], 6)
    mean = (boxes * scores[sure, None]).sum(axis=0) / scores[sure].sum() * side
    mean[[0, 4, 6]] -= left
    mean[[1, 5, 7]] -= top
    x, y, w, h = mean[:4]
    print("score", scores.max(), "box", mean[:4] - [w / 2, h / 2, 0, 0], "eyes", mean[4:8])
    # The middle and the eyes' line to the square of the mesh.
    angle = np.arctan2(mean[7] - mean[5], mean[6] - mean[4])
    step = 1.5 * max(w, h) / 192
    a, b = step * np.cos(angle), step * np.sin(angle)
    there = np.array([[a, -b, x - 96 * (a - b)], [b, a, y - 96 * (a + b)]])
    seen = cv2.warpAffine(image, there, (192, 192), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    out = sorted((v.ravel() for v in run(folder, "face_landmark", seen / 255)), key=len)
    points = out[1].reshape(-1, 3)
    xy = points[:, :2] @ there[:, :2].T + there[:, 2]
    print("presence", 1 / (1 + np.exp(-out[0][0])))
    for i in (1, 10, 33, 61, 152, 263, 291):
        print(i, xy[i], points[i, 2] * step)


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
{"litert": litert, "picture": picture, "mtcnn": mtcnn}[sys.argv[1]](*sys.argv[2:])
