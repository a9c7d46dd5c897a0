"""The nets of tf-slim have the variables which the published TensorFlow 1 checkpoints hold."""

from __future__ import annotations

import importlib
import zlib
from typing import Any

import pytest

# net, module, variables, values in them, CRC-32 of their sorted names and shapes: from TensorFlow 1.15.5
NETS = [
    ("alexnet_v2", "alexnet", 16, 46247882, 0xA3D9E6B4),
    ("inception_v1", "inception", 230, 5617434, 0xB3BAD106),
    ("inception_v2", "inception", 277, 10183362, 0x5BA5A095),
    ("inception_v3", "inception", 388, 24389556, 0x4BA52592),
    ("overfeat", "overfeat", 16, 141648394, 0x7141AD88),
    ("resnet_v1_50", "resnet_v1", 267, 23581642, 0xE19F4BA3),
    ("resnet_v1_101", "resnet_v1", 522, 42625994, 0x09BD1624),
    ("resnet_v2_50", "resnet_v2", 272, 23585290, 0x955C7DE4),
    ("resnet_v2_101", "resnet_v2", 544, 42647050, 0x16D442FF),
    ("vgg_a", "vgg", 22, 128807306, 0x9F610F38),
    ("vgg_16", "vgg", 32, 134301514, 0x6AEAA3E6),
    ("vgg_19", "vgg", 38, 139611210, 0x40EF4E5E),
]
ARG_SCOPES = {"resnet_v1": "resnet_arg_scope", "resnet_v2": "resnet_arg_scope", "vgg": "vgg_arg_scope"}
IMAGE_SIZES = {"overfeat": 231, "inception_v3": 299}


@pytest.mark.parametrize(
    ("name", "module", "count", "values", "checksum"), NETS, ids=[net[0] for net in NETS]
)
def test_a_net_has_the_variables_of_tensorflow_1(
    slim: Any, name: str, module: str, count: int, values: int, checksum: int
) -> None:
    import tensorflow.compat.v1 as tf

    nets = importlib.import_module(f"tf_slim.nets.{module}")
    size = IMAGE_SIZES.get(name, 224)
    with slim.arg_scope(getattr(nets, ARG_SCOPES.get(module, f"{name}_arg_scope"))()):
        logits, _ = getattr(nets, name)(tf.zeros([1, size, size, 3]), 10, is_training=False)

    variables = tf.global_variables()
    lines = sorted(f"{variable.op.name} {variable.shape.as_list()}" for variable in variables)
    assert logits.shape.num_elements() == 10
    assert len(variables) == count
    assert sum(variable.shape.num_elements() for variable in variables) == values
    assert zlib.crc32("\n".join(lines).encode()) == checksum
