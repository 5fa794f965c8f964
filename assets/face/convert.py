"""Makes the files of this folder from the package @mediapipe/face_mesh 0.4.1657299874 (Apache-2.0).

    npm pack @mediapipe/face_mesh@0.4.1657299874
    pip install tflite==2.18.0 numpy safetensors
    python convert.py mediapipe-face_mesh-0.4.1657299874.tgz .

Weights are the package's own 16-bit numbers. A convolution's kernel is stored as out x in x rows x columns. Beside the
weights lies the list of operators: name, tensors read and written, then kernel, stride and padding (top, left, bottom,
right). Reshapes and concatenations at the end are left to whoever reads the outputs.
"""
import hashlib, json, sys, tarfile

import numpy as np
import tflite
from safetensors.numpy import save_file

PACKAGE = "c08a7e0742a326285da666cf81d77c8b6f3a181a2ee948cadaf166008e0d3bc7"
MEMBER = "package/face_mesh_solution_packed_assets.data"
# Where the files lie in it.
RANGES = {
    "face_landmark": (2495952, 3737848),
    "canonical_face.binarypb": (3737848, 3757224),
    "face_detection_short_range": (3757224, 3986256),
}
TYPES = {0: np.float32, 1: np.float16, 2: np.int32}
NAMES = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}


def constants(model, graph):
    out = {}
    for i in range(graph.TensorsLength()):
        tensor = graph.Tensors(i)
        data = model.Buffers(tensor.Buffer())
        if data.DataLength():
            shape = tensor.ShapeAsNumpy() if tensor.ShapeLength() else ()
            out[i] = np.frombuffer(data.DataAsNumpy().tobytes(), TYPES[tensor.Type()]).reshape(shape)
    return out


def convert(data):
    """Weights by name and the list of operators."""
    model = tflite.Model.GetRootAsModel(data, 0)
    graph = model.Subgraphs(0)
    const, weights, ops = constants(model, graph), {}, []
    shape = lambda i: [int(n) for n in graph.Tensors(i).ShapeAsNumpy()]
    for k in range(graph.OperatorsLength()):
        op = graph.Operators(k)
        code = model.OperatorCodes(op.OpcodeIndex())
        name = NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        read = [int(i) for i in op.InputsAsNumpy()]
        to = int(op.OutputsAsNumpy()[0])
        options = op.BuiltinOptions()

        def of(kind):
            one = kind()
            one.Init(options.Bytes, options.Pos)
            return one

        if name == "DEQUANTIZE":
            const[to] = const[read[0]]
        elif name in ("CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D"):
            kind = {"CONV_2D": tflite.Conv2DOptions, "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions}
            o = of(kind.get(name, tflite.Pool2DOptions))
            stride, same = (o.StrideH(), o.StrideW()), o.Padding() == 0
            assert stride[0] == stride[1]
            kernel = [o.FilterHeight(), o.FilterWidth()] if name == "MAX_POOL_2D" else list(const[read[1]].shape[1:3])
            size, size_out = shape(read[0])[1:3], shape(to)[1:3]
            pad = [max((b - 1) * stride[0] + n - a, 0) if same else 0 for a, b, n in zip(size, size_out, kernel)]
            pads = [pad[0] // 2, pad[1] // 2, pad[0] - pad[0] // 2, pad[1] - pad[1] // 2]
            if name != "MAX_POOL_2D":
                order = (0, 3, 1, 2) if name == "CONV_2D" else (3, 0, 1, 2)
                # Contiguous: save_file writes what lies in memory, whatever order a view gives it.
                weights[f"w{k}"] = np.ascontiguousarray(const[read[1]].transpose(order)).astype(np.float16)
                weights[f"b{k}"] = const[read[2]].astype(np.float16)
            ops.append([name, read[0], to, *[int(n) for n in kernel], int(stride[0]), [int(n) for n in pads]])
            act = o.FusedActivationFunction()
            assert act in (0, 1)
            if act == 1:
                ops.append(["RELU", to, to])
        elif name == "PRELU":
            weights[f"a{k}"] = np.ascontiguousarray(const[read[1]].reshape(-1, 1, 1)).astype(np.float16)
            ops.append([name, read[0], to])
        elif name == "RELU":
            ops.append([name, read[0], to])
        elif name == "ADD":
            act = of(tflite.AddOptions).FusedActivationFunction()
            assert act == 0
            ops.append([name, *read, to, act])
        elif name == "PAD":
            ops.append([name, read[0], to, const[read[1]][[0, 3, 1, 2]].tolist()])
        else:
            assert name in ("RESHAPE", "CONCATENATION"), name
    return weights, ops


def main(package, folder):
    assert hashlib.sha256(open(package, "rb").read()).hexdigest() == PACKAGE, "another package"
    data = tarfile.open(package).extractfile(MEMBER).read()
    for name, (start, end) in RANGES.items():
        part = data[start:end]
        if name.endswith(".binarypb"):
            open(f"{folder}/{name}", "wb").write(part)
            continue
        weights, ops = convert(part)
        save_file(weights, f"{folder}/{name}.safetensors")
        with open(f"{folder}/{name}.json", "w") as out:
            out.write("[\n" + ",\n".join(json.dumps(op) for op in ops) + "\n]\n")
    for name in sorted(RANGES):
        for end in [""] if name.endswith(".binarypb") else [".json", ".safetensors"]:
            content = open(f"{folder}/{name}{end}", "rb").read()
            print(hashlib.sha256(content).hexdigest(), f"{name}{end}")


main(*sys.argv[1:])
