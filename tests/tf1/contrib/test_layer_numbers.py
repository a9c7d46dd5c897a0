"""The numbers of each kind of layer are those of NumPy."""

import itertools
import json

import numpy as np
import pytest

from tests.tf1.contrib.test_same_as_1_15 import FOLDER


def wave(*shape):
    return np.sin(np.arange(np.prod(shape)) * 0.7 + 0.3).reshape(shape)


def images(height=6, width=6, channels=3):
    return wave(2, height, width, channels)


VECTORS, SEQUENCES, VOLUMES = wave(3, 4), wave(2, 7, 3), wave(2, 4, 4, 4, 2)


def relu(x):
    return np.maximum(x, 0)


def windows(x, size, stride, same, rate=1, fill=0.0):
    """Yields (place in the window, what it meets at every place of the output, [batch, ..., channels])."""
    rank = x.ndim - 2
    size, stride = ([value] * rank if np.isscalar(value) else list(value) for value in (size, stride))
    span = [(extent - 1) * rate + 1 for extent in size]
    lengths = x.shape[1:-1]
    if same:
        counts = [-(-length // step) for length, step in zip(lengths, stride, strict=True)]
        total = [max((count - 1) * step + extent - length, 0)
                 for count, step, extent, length in zip(counts, stride, span, lengths, strict=True)]
        x = np.pad(x, [(0, 0), *((pad // 2, pad - pad // 2) for pad in total), (0, 0)], constant_values=fill)
    counts = [(length - extent) // step + 1 for length, extent, step in zip(x.shape[1:-1], span, stride, strict=True)]
    for place in itertools.product(*map(range, size)):
        cut = [slice(at * rate, at * rate + count * step, step)
               for at, count, step in zip(place, counts, stride, strict=True)]
        yield place, x[(slice(None), *cut)][(slice(None), *(slice(count) for count in counts))]


def convolve(x, weights, stride=1, same=True, rate=1):
    return sum(part @ weights[place] for place, part in windows(x, weights.shape[:-2], stride, same, rate))


def depthwise(x, weights, stride=1, same=True):
    parts = sum(part[..., :, None] * weights[place] for place, part in windows(x, weights.shape[:2], stride, same))
    return parts.reshape(*parts.shape[:-2], -1)


def transpose(x, weights, stride, same):
    """The gradient of a convolution; weights [height, width, out, in]."""
    size = weights.shape[0]
    whole = np.zeros((len(x), *((length - 1) * stride + size for length in x.shape[1:3]), weights.shape[2]))
    for row, column in itertools.product(range(x.shape[1]), range(x.shape[2])):
        part = np.einsum("bi,hwoi->bhwo", x[:, row, column], weights)
        whole[:, row * stride:row * stride + size, column * stride:column * stride + size] += part
    if not same:
        return whole
    first = max(size - stride, 0) // 2
    return whole[:, first:first + x.shape[1] * stride, first:first + x.shape[2] * stride]


def pool(x, size, stride, same, function):
    if function is np.mean and same:
        sums = sum(part for _, part in windows(x, size, stride, same))
        return sums / sum(part for _, part in windows(np.ones_like(x), size, stride, same))
    return function([part for _, part in windows(x, size, stride, same, fill=-np.inf)], axis=0)


def normalize(x, axes, epsilon, beta=0.0, gamma=1.0):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon) * gamma + beta


def softmax(x, axis=-1):
    powers = np.exp(x - x.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


def spatial_softmax(x, temperature):
    batch, height, width, channels = x.shape
    share = softmax((x / temperature).reshape(batch, -1, channels), axis=1)
    rows, columns = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    means = [np.einsum("bpc,p->bc", share, place.ravel()) for place in (rows, columns)]
    return np.stack(means, -1).reshape(batch, -1)


def gdn(x, v):
    """Ballé et al., 2015; beta and gamma are kept as square roots, above a bound."""
    pedestal = 2.0 ** -36
    gamma = np.maximum(v["reparam_gamma"], 2.0 ** -18) ** 2 - pedestal
    beta = np.maximum(v["reparam_beta"], np.sqrt(1e-6 + pedestal)) ** 2 - pedestal
    return x / np.sqrt(x ** 2 @ gamma + beta)


def moving(x, v, epsilon):
    scale = v.get("gamma", 1.0) / np.sqrt(v["moving_variance"] + epsilon)
    return (x - v["moving_mean"]) * scale + v["beta"]


def grouped(x, v):
    split = x.reshape(2, 4, 4, 2, 2)
    return normalize(split, (1, 2, 4), 1e-6).reshape(x.shape) * v["gamma"] + v["beta"]


IDS = np.array([[1, 2, 0], [3, 3, 1]])
X = images()
EXPECTED = {
    "conv2d": lambda v: relu(convolve(X, v["weights"]) + v["biases"]),
    "conv2d_strided": lambda v: convolve(images(7, 6), v["weights"], [2, 1], same=False) + v["biases"],
    "conv2d_atrous": lambda v: convolve(images(8, 8), v["weights"], rate=2) + v["biases"],
    "conv1d": lambda v: convolve(SEQUENCES, v["weights"]) + v["biases"],
    "conv3d": lambda v: convolve(VOLUMES, v["weights"], 2) + v["biases"],
    "conv2d_transpose": lambda v: transpose(images(3, 4), v["weights"], 2, same=True) + v["biases"],
    "conv2d_transpose_valid": lambda v: transpose(images(3, 4), v["weights"], 2, same=False) + v["biases"],
    "separable_conv2d": lambda v: depthwise(X, v["depthwise_weights"]) @ v["pointwise_weights"][0, 0] + v["biases"],
    "depthwise": lambda v: depthwise(X, v["depthwise_weights"], 2) + v["biases"],
    "conv2d_in_plane": lambda v: sum(p * v["weights"][at].ravel() for at, p in windows(X, [3, 1], 1, True)) + v["biases"],
    "fully_connected": lambda v: relu(VECTORS @ v["weights"] + v["biases"]),
    "bias_add": lambda v: X + v["biases"],
    "batch_norm": lambda v: moving(X, v, 0.001),
    "batch_norm_training": lambda v: normalize(X, (0, 1, 2), 0.001, v["beta"], v["gamma"]),
    "batch_norm_of_vectors": lambda v: normalize(VECTORS, 0, 0.001),
    "layer_norm": lambda v: normalize(X, (1, 2, 3), 1e-12, v["beta"], v["gamma"]),
    "instance_norm": lambda v: normalize(X, (1, 2), 1e-6, v["beta"], v["gamma"]),
    "group_norm": lambda v: grouped(images(4, 4, 4), v),
    "unit_norm": lambda v: X / np.sqrt((X ** 2).sum(-1, keepdims=True) + 1e-7),
    "gdn": lambda v: gdn(X, v),
    "max_pool2d": lambda v: pool(images(7, 6), 3, 2, False, np.max),
    "max_pool2d_same": lambda v: pool(images(7, 6), 3, 2, True, np.max),
    "avg_pool2d": lambda v: pool(images(7, 6), [2, 3], 2, False, np.mean),
    "avg_pool2d_same": lambda v: pool(images(7, 6), 3, 2, True, np.mean),
    "max_pool3d": lambda v: pool(VOLUMES, 2, 2, False, np.max),
    "maxout": lambda v: wave(3, 6).reshape(3, 3, 2).max(-1),
    "spatial_softmax": lambda v: spatial_softmax(images(3, 4), v["temperature"]),
    "softmax": lambda v: softmax(VECTORS),
    "embed_sequence": lambda v: v["embeddings"][IDS],
    "bow_encoder": lambda v: np.stack([v["embeddings"][[1, 2]].mean(0), v["embeddings"][[3, 3, 1]].mean(0)]),
    "flatten": lambda v: X.reshape(2, -1),
    "one_hot_encoding": lambda v: np.eye(3)[[2, 0]],
    "tf_dense": lambda v: SEQUENCES @ v["kernel"] + v["bias"],
    "tf_conv2d": lambda v: convolve(X, v["kernel"], same=False) + v["bias"],
    "tf_conv2d_transpose": lambda v: transpose(images(3, 4), v["kernel"], 2, same=True) + v["bias"],
    "tf_separable_conv2d": lambda v: depthwise(X, v["depthwise_kernel"]) @ v["pointwise_kernel"][0, 0] + v["bias"],
    "tf_batch_normalization": lambda v: moving(X, v, 0.001),
    "tf_batch_normalization_training": lambda v: normalize(X, (0, 1, 2), 0.001, v["beta"], v["gamma"]),
    "tf_max_pooling2d": lambda v: pool(images(7, 6), 3, 2, False, np.max),
    "l2_regularizer": lambda v: 0.5 * (wave(3, 2) ** 2).sum() / 2,
    "l1_regularizer": lambda v: 0.5 * np.abs(wave(3, 2)).sum(),
}


@pytest.fixture(scope="module")
def outputs(server, tmp_path_factory):
    """The outputs and variables of all layers, computed in one process under the surface."""
    folder = tmp_path_factory.mktemp("layers")
    program, cases = folder / "program.py", str(FOLDER / "cases")
    program.write_text(
        f"import sys\nfrom pathlib import Path\nfrom exporter.tf1.surface import install_surface\n"
        f"sys.path.insert(0, {cases!r})\ninstall_surface([Path({cases!r})])\n"
        f"import layer_numbers\nlayer_numbers.compute({str(folder / 'outputs.npz')!r})\n")
    server.stdin.write(json.dumps({"program": str(program), "output": str(folder / "output")}) + "\n")
    server.stdin.flush()
    assert server.stdout.readline().strip() == "0", (folder / "output.errors").read_text()
    with np.load(folder / "outputs.npz") as arrays:
        return dict(arrays)


@pytest.mark.parametrize("layer", EXPECTED)
def test_numbers_are_those_of_numpy(outputs, layer):
    variables = {name.split("/")[1]: value for name, value in outputs.items() if name.startswith(f"{layer}/")}
    expected = EXPECTED[layer](variables)
    assert outputs[layer].shape == np.shape(expected)
    np.testing.assert_allclose(outputs[layer], expected, rtol=2e-5, atol=2e-5)


def test_every_layer_has_its_reference(outputs):
    assert {name for name in outputs if "/" not in name} == set(EXPECTED)
