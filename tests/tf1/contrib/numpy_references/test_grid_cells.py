"""LSTM cells over time and frequency, and over images, are the formulas of their papers.

A reference is one step: (inputs [batch, m], the parts of the state, variables) -> (output, the parts of the new state).
"""

from functools import partial

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import INPUTS, assert_steps, below, clip, join, sigmoid, split
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random
from tests.tf1.contrib.test_layer_numbers import convolve

tanh = np.tanh


def time_frequency(x, state, v, slices, limit=None):
    """TF-LSTM: Li et al. 2015, LSTM Time and Frequency Recurrence for ASR: each slice sees the output of the one below."""
    (state,) = state
    parts = split(state, 2 * len(slices))
    w_f, w_i, w_o = (v.get(f"W_{gate}_diag", 0.0) for gate in "FIO")
    lower, outputs, states = np.zeros_like(parts[0]), [], []
    for columns, c, h in zip(slices, parts[::2], parts[1::2], strict=True):
        i, j, f, o = split(join(x[:, columns], h, lower) @ v["W_0"] + v["B"], 4)
        c = clip(sigmoid(f + 1 + w_f * c) * c + sigmoid(i + w_i * c) * tanh(j), limit)
        lower = sigmoid(o + w_o * c) * tanh(c)
        outputs += [lower]
        states += [c, lower]
    return join(*outputs), [join(*states)]


def grid(x, state, v, blocks, limit=None, is_shared=False, is_coupled=False):
    """Sainath and Li 2016, Modeling Time-Frequency Patterns with LSTM vs. Convolutional Architectures for LVCSR.

    For each slice an LSTM over frequency (f) and one over time (t) see the inputs, the output of the slice below and that
    of the time before; peepholes see both cells. A block is a list of slices with weights of its own.
    """
    outputs, states, at = [], [], 0
    for block, slices in enumerate(blocks):
        c_f = h_f = np.zeros_like(state[0])
        for columns in slices:
            c_t, h_t = state[at:at + 2]
            at += 2
            gates = {way: gates_of(join(x[:, columns], h_t, h_f), v, "f" if is_shared else way, block, is_coupled)
                     for way in "ft"}
            old = {"f": c_f, "t": c_t}
            new = {}
            for way, (i, j, f, _) in gates.items():
                i = sigmoid(i + seen("I", way, old, v, block, is_shared))
                f = 1 - i if is_coupled else sigmoid(f + 1 + seen("F", way, old, v, block, is_shared))
                new[way] = clip(f * old[way] + i * tanh(j), limit)
            h = {way: sigmoid(o + seen("O", way, new, v, block, is_shared)) * tanh(new[way])
                 for way, (_, _, _, o) in gates.items()}
            c_f, h_f = new["f"], h["f"]
            outputs += [h["t"], h["f"]]
            states += [new["t"], h["t"]]
    return join(*outputs), states


def gates_of(x, v, way, block, is_coupled):
    gates = split(x @ v[f"W_{way}_{block}_0"] + v[f"B_{way}_{block}"], 3 if is_coupled else 4)
    return (*gates[:2], None, gates[2]) if is_coupled else gates


def seen(gate, way, cells, v, block, is_shared):
    """What peepholes add to a gate: the cells over frequency and over time, each with its weights."""
    way = {"f": "freq", "t": "time"}["f" if is_shared else way]
    return sum(v.get(f"W_{gate}_diag_{way}{of}_{block}", 0.0) * cells[of] for of in "ft")


def both_ways(x, state, v, blocks, **options):
    """Up and down the frequencies, with variables of each way."""
    middle = len(state) // 2
    up, up_state = grid(x, state[:middle], below("fwd", v), blocks, **options)
    down, down_state = grid(x, state[middle:], below("bwd", v), [slices[::-1] for slices in blocks], **options)
    return join(up, down), up_state + down_state


def convolution_lstm(x, state, v, forget=1.0, is_skipped=False):
    """Shi et al. 2015, arXiv:1506.04214, without peepholes; the inputs may be put beside the output."""
    c, h = state
    i, j, f, o = split(convolve(join(x, h), v["kernel"]) + v.get("biases", 0.0), 4)
    c = sigmoid(f + forget) * c + sigmoid(i) * tanh(j)
    h = sigmoid(o) * tanh(c)
    h = join(h, x) if is_skipped else h
    return h, [c, h]


def pairs(*starts):
    return [slice(start, start + 2) for start in starts]


NEIGHBOURS, OVERLAPPING = pairs(0, 2, 4), pairs(0, 1, 2, 3, 4)
CELLS = {
    "rnn.GridLSTMCell(4, feature_size=2, frequency_skip=2, num_frequency_blocks=[3])": partial(grid, blocks=[NEIGHBOURS]),
    "rnn.GridLSTMCell(4, True, cell_clip=0.3, feature_size=2, frequency_skip=1, num_frequency_blocks=[5])": partial(
        grid, blocks=[OVERLAPPING], limit=0.3),
    "rnn.GridLSTMCell(4, True, share_time_frequency_weights=True, feature_size=2, frequency_skip=2, "
    "num_frequency_blocks=[3])": partial(grid, blocks=[NEIGHBOURS], is_shared=True),
    "rnn.GridLSTMCell(4, True, feature_size=2, frequency_skip=2, num_frequency_blocks=[3], couple_input_forget_gates=True)":
        partial(grid, blocks=[NEIGHBOURS], is_coupled=True),
    "rnn.GridLSTMCell(4, feature_size=2, frequency_skip=2, num_frequency_blocks=[1, 2], start_freqindex_list=[0, 2], "
    "end_freqindex_list=[2, 6])": partial(grid, blocks=[pairs(0), pairs(2, 4)]),
    "rnn.BidirectionalGridLSTMCell(4, True, feature_size=2, frequency_skip=2, num_frequency_blocks=[3])": partial(
        both_ways, blocks=[NEIGHBOURS]),
}
IMAGES = {
    "rnn.Conv1DLSTMCell(input_shape=[5, 2], output_channels=3, kernel_shape=[3])": ((5, 2), convolution_lstm),
    "rnn.Conv2DLSTMCell(input_shape=[4, 5, 2], output_channels=3, kernel_shape=[3, 2], forget_bias=0.4)": (
        (4, 5, 2), partial(convolution_lstm, forget=0.4)),
    "rnn.Conv3DLSTMCell(input_shape=[2, 3, 2, 2], output_channels=2, kernel_shape=[1, 3, 2])": (
        (2, 3, 2, 2), convolution_lstm),
}


ONCE = {
    "rnn.TimeFreqLSTMCell(4, feature_size=2, frequency_skip=2), [6], [24]": partial(time_frequency, slices=NEIGHBOURS),
    "rnn.TimeFreqLSTMCell(4, True, cell_clip=0.3, feature_size=2, frequency_skip=1), [6], [40]": partial(
        time_frequency, slices=OVERLAPPING, limit=0.3),
    "rnn.ConvLSTMCell(1, [5, 2], 3, [3], use_bias=False, skip_connection=True), [5, 2], [5, 3], [5, 3]": partial(
        convolution_lstm, is_skipped=True),
}
"""A cell, the shapes of its inputs and of the parts of its state, which here is not the one that it would have by itself."""


@pytest.fixture(scope="module")
def computed(compute):
    images = [f"cell_over_time({cell}, *{shape})" for cell, (shape, _) in IMAGES.items()]
    return compute([f"cell_over_time({cell})" for cell in CELLS] + images + [f"cell_once({call})" for call in ONCE])


@pytest.mark.parametrize("cell", CELLS)
def test_cell_over_frequencies(computed, cell):
    found = computed[f"cell_over_time({cell})"]
    assert_steps(found.values, INPUTS, partial(CELLS[cell], v=found.below(2)))


@pytest.mark.parametrize("cell", IMAGES)
def test_cell_over_images(computed, cell):
    shape, reference = IMAGES[cell]
    found = computed[f"cell_over_time({cell}, *{shape})"]
    assert_steps(found.values, random(3, 3, *shape).swapaxes(0, 1), partial(reference, v=found.below(2)))


@pytest.mark.parametrize("call", ONCE)
def test_one_step(computed, call):
    found = computed[f"cell_once({call})"]
    inputs = random(3, 6) if "Freq" in call else random(3, 5, 2)
    assert_steps(found.values, [inputs], partial(ONCE[call], v=found.below(1)))
