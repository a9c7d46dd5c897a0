"""The layers of `tf.contrib.cudnn_rnn`, in the formulas of cuDNN's documentation (`cudnnRNNMode_t`).

Their variables are those that TensorFlow 1.15 saves (tensorflow/contrib/cudnn_rnn/python/ops/cudnn_rnn_ops.py).
"""

from functools import partial

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import assert_close, below, join, relu
from tests.tf1.contrib.numpy_references.tensorflow_1.values import of_name, random
from tests.tf1.contrib.numpy_references.test_gated_cells import cudnn_gru, simple
from tests.tf1.contrib.numpy_references.test_lstm_cells import lstm

INPUTS = random(4, 3, 5)
"""[time, batch, m]."""


def over_time(cell, inputs, state, v, lengths=(4, 4, 4), is_reversed=False):
    """The outputs of one direction, 0 behind a sequence's end, and the state at its end."""
    outputs, ends = np.zeros((4, 3, 4)), []
    for row, length in enumerate(lengths):
        now = [part[row:row + 1] for part in state]
        for time in range(length)[::-1 if is_reversed else 1]:
            outputs[time, row], now = cell(inputs[time, row:row + 1], now, v)
        ends.append(now)
    return outputs, [np.concatenate(parts) for parts in zip(*ends, strict=True)]


def layers(cell, kind, v, count=1, is_bidirectional=False, starts=None, parts=1, lengths=(4, 4, 4)):
    """Layer upon layer. Returns the outputs, and each part of the states at the end [layers * directions, batch, 4]."""
    outputs, ends = INPUTS, []
    for number in range(count):
        scopes = [f"rnn/multi_rnn_cell/cell_{number}/{kind}"] if not is_bidirectional else [
            f"stack_bidirectional_rnn/cell_{number}/bidirectional_rnn/{way}/{kind}" for way in ("fw", "bw")]
        both = []
        for direction, scope in enumerate(scopes):
            place = number * len(scopes) + direction
            start = [np.zeros((3, 4))] * parts if starts is None else [part[place] for part in starts]
            output, end = over_time(cell, outputs, start, below(scope, v), lengths, is_reversed=direction == 1)
            both.append(output)
            ends.append(end)
        outputs = join(*both)
    return outputs, [np.stack(part) for part in zip(*ends, strict=True)]


def lstm_layers(v, starts=None, **options):
    """No forget bias is added. The states are given and returned as h, c."""
    cell = partial(lstm, forget=0.0)
    starts = None if starts is None else starts[::-1]
    outputs, (c, h) = layers(cell, "cudnn_compatible_lstm_cell", v, starts=starts, parts=2, **options)
    return outputs, [h, c]


def simple_layers(v, activation):
    return layers(partial(simple, activation=activation), "basic_rnn_cell", v)


gru_layers = partial(layers, cudnn_gru, "cudnn_compatible_gru_cell")
H, C, FOUR = of_name("h", [2, 3, 4]), of_name("c", [2, 3, 4]), of_name("h", [4, 3, 4])
LAYERS = {
    "CudnnLSTM(1, 4)(x(4, 3, 5))": lstm_layers,
    "CudnnLSTM(2, 4)(x(4, 3, 5), (named('h', 2, 3, 4), named('c', 2, 3, 4)), training=False)": lambda v: lstm_layers(
        v, (H, C), count=2),
    "CudnnLSTM(1, 4, direction='bidirectional', dropout=0.5)(x(4, 3, 5), (named('h', 2, 3, 4), named('c', 2, 3, 4)))":
        lambda v: lstm_layers(v, (H, C), is_bidirectional=True),
    "CudnnLSTM(2, 4, direction='bidirectional')(x(4, 3, 5), sequence_lengths=tf.constant([4, 2, 1]))": lambda v:
        lstm_layers(v, count=2, is_bidirectional=True, lengths=[4, 2, 1]),
    "CudnnGRU(1, 4)(x(4, 3, 5))": gru_layers,
    "CudnnGRU(2, 4, direction='bidirectional')(x(4, 3, 5), (named('h', 4, 3, 4),))": lambda v: gru_layers(
        v, 2, True, starts=(FOUR,)),
    "CudnnGRU(2, 4)(x(4, 3, 5), (named('h', 2, 3, 4),))": lambda v: gru_layers(v, 2, starts=(H,)),
    "CudnnRNNTanh(1, 4)(x(4, 3, 5))": partial(simple_layers, activation=np.tanh),
    "CudnnRNNRelu(1, 4)(x(4, 3, 5))": partial(simple_layers, activation=relu),
}


@pytest.fixture(scope="module")
def computed(compute):
    return compute(f"flat(tf.contrib.cudnn_rnn.{call})" for call in LAYERS)


@pytest.mark.parametrize("call", LAYERS)
def test_layers(computed, call):
    found = computed[f"flat(tf.contrib.cudnn_rnn.{call})"]
    outputs, states = LAYERS[call](found.below(1))
    assert_close(found.values[0], outputs)
    for end, expected in zip(found.values[1:], states, strict=True):
        assert_close(end, expected)
