"""Makes mtcnn.safetensors from the weights in the package facenet-pytorch, without PyTorch.

    pip download --no-deps facenet-pytorch==2.6.0
    pip install numpy safetensors
    python mtcnn_from_facenet.py facenet_pytorch-2.6.0-py3-none-any.whl mtcnn.safetensors

The package is under the MIT licence; whether its authors may give the weights away under it is disputed (they were
trained on WIDER FACE and CelebA), so decide for yourself what you use them for.
"""
import io, pickle, struct, sys, zipfile
from collections import OrderedDict

import numpy as np
from safetensors.numpy import save_file

TYPES = {"FloatStorage": np.float32, "DoubleStorage": np.float64, "LongStorage": np.int64}


class Storage:
    def __init__(self, kind):
        self.kind = kind


class Tensor:
    def __init__(self, storage, offset, size, stride):
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride


def load(stream):
    """A file of torch.save before version 1.6: three headers, a pickle of the tensors, then the storages' bytes."""
    for _ in range(3):
        pickle.load(stream)
    storages = {}

    class Reader(pickle.Unpickler):
        def find_class(self, module, name):
            if name == "_rebuild_tensor_v2":
                return lambda storage, offset, size, stride, *_: Tensor(storage, offset, size, stride)
            if name == "_rebuild_parameter":
                return lambda tensor, *_: tensor
            if name == "OrderedDict":
                return OrderedDict
            if name in TYPES:
                return name
            raise ValueError(f"{module}.{name} has no business in a file of weights")

        def persistent_load(self, key):
            _, kind, name, *_ = key
            return storages.setdefault(name, Storage(kind))

    tensors = Reader(stream).load()
    data = {}
    for name in pickle.load(stream):
        (count,) = struct.unpack("<q", stream.read(8))
        kind = TYPES[storages[name].kind]
        data[storages[name]] = np.frombuffer(stream.read(count * np.dtype(kind).itemsize), kind)
    for name, tensor in tensors.items():
        flat = data[tensor.storage][tensor.offset :]
        strides = [s * flat.itemsize for s in tensor.stride]
        view = np.lib.stride_tricks.as_strided(flat, tensor.size, strides)
        yield name, np.ascontiguousarray(view.astype(np.float32))


def main(wheel, out):
    with zipfile.ZipFile(wheel) as archive:
        weights = {}
        for net in ("pnet", "rnet", "onet"):
            stream = io.BytesIO(archive.read(f"facenet_pytorch/data/{net}.pt"))
            weights.update((f"{net}.{name}", tensor) for name, tensor in load(stream))
    save_file(weights, out)
    print(f"{out}: {sum(w.size for w in weights.values())} numbers")


main(*sys.argv[1:])
