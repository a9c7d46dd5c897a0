"""Each LSTM cell is the formula of its paper, with the order of gates and weights that TensorFlow 1 gave it.

A reference is one step: (inputs [batch, m], the parts of the state, variables) -> (output, the parts of the new state).
"""

from functools import partial

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import INPUTS, assert_steps, clip, join, normalized, relu, sigmoid, split
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random

tanh = np.tanh


def lstm(x, state, v, forget=1.0, limit=None, projection_limit=None, activation=tanh):
    """Hochreiter and Schmidhuber 1997; peepholes: Gers and Schmidhuber 2000; projection: Sak et al. 2014 (1402.1128)."""
    c, h = state
    i, j, f, o = split(join(x, h) @ v["kernel"] + v["bias"], 4)
    return lstm_of_gates(i, j, f, o, c, v, forget, limit, projection_limit, activation)


def lstm_of_gates(i, j, f, o, c, v, forget, limit=None, projection_limit=None, activation=tanh):
    w_i, w_f, w_o = (v.get(f"w_{gate}_diag", 0.0) for gate in "ifo")
    c = sigmoid(f + forget + w_f * c) * c + sigmoid(i + w_i * c) * activation(j)
    c = clip(c, limit)
    h = sigmoid(o + w_o * c) * activation(c)
    if "projection/kernel" in v:
        h = clip(h @ v["projection/kernel"], projection_limit)
    return h, [c, h]


def side_by_side(cell, columns, x, state, v):
    """A cell whose state is one matrix: c and h side by side."""
    c, h = np.split(state[0], [columns], axis=1)
    output, state = cell(x, [c, h], v)
    return output, [join(*state)]


def sharded(cell, x, state, v):
    """A cell whose kernel is kept in two variables, rows below rows."""
    rows = {"kernel": np.concatenate([v["kernel/part_0"], v["kernel/part_1"]]),
            "projection/kernel": np.concatenate([v["projection/kernel/part_0"], v["projection/kernel/part_1"]])}
    return cell(x, state, {**v, **rows})


def scaled(x, v, scope):
    return normalized(x, v[f"{scope}/gamma"], v[f"{scope}/beta"])


def layer_norm_lstm(x, state, v, forget=1.0):
    """Ba et al. 2016, arXiv:1607.06450: each gate and the state are normalized, there is no bias."""
    c, h = state
    gates = zip(split(join(x, h) @ v["kernel"], 4), ("input", "transform", "forget", "output"), strict=True)
    i, j, f, o = (scaled(gate, v, scope) for gate, scope in gates)
    w_i, w_f, w_o = (v.get(f"w_{gate}_diag", 0.0) for gate in "ifo")
    c = scaled(sigmoid(f + forget + w_f * c) * c + sigmoid(i + w_i * c) * tanh(j), v, "state")
    h = sigmoid(o + w_o * c) * tanh(c)
    h = h @ v["projection/kernel"] if "projection/kernel" in v else h
    return h, [c, h]


def columns_of_length(kernel, lengths):
    return kernel / np.linalg.norm(kernel, axis=0) * lengths


def in_own_scope(v):
    """This cell's variables are in a scope `wn_lstm_cell` within the one of its name."""
    return {name.removeprefix("wn_lstm_cell/"): value for name, value in v.items()}


def weight_norm_lstm(x, state, v, **options):
    """Salimans and Kingma 2016, arXiv:1602.07868: for inputs and outputs apart, each column has a length of its own."""
    v = in_own_scope(v)
    of_x, of_h = np.split(v["kernel"], [x.shape[1]])
    kernel = np.concatenate([columns_of_length(of_x, v["norm_0"]), columns_of_length(of_h, v["norm_1"])])
    projection = columns_of_length(v["projection/kernel"], v["projection/norm_0"])
    return lstm(x, state, {**v, "kernel": kernel, "projection/kernel": projection}, **options)


def coupled(x, state, v, forget=1.0, limit=None):
    """Greff et al. 2015, arXiv:1503.04069: the input gate is what the forget gate leaves."""
    c, h = state
    j, f, o = split(join(x, h) @ v["W_0"] + v["B"], 3)
    f = sigmoid(f + forget + v.get("W_F_diag", 0.0) * c)
    c = f * c + (1 - f) * tanh(j)
    h = sigmoid(o + v.get("W_O_diag", 0.0) * c) * tanh(c)
    h = clip(h @ v["W_P_0"], limit) if "W_P_0" in v else h
    return h, [c, h]


def coupled_norm(x, state, v):
    """The same with the normalization of `layer_norm_lstm`."""
    c, h = state
    j, f, o = (scaled(gate, v, scope) for gate, scope in zip(
        split(join(x, h) @ v["W_0"], 3), ("transform", "forget", "output"), strict=True))
    f = sigmoid(f + 1)
    c = scaled(f * c + (1 - f) * tanh(j), v, "state")
    h = sigmoid(o) * tanh(c)
    return h, [c, h]


def grouped_lstm(x, state, v, groups=2, forget=1.0):
    """Kuchaiev and Ginsburg 2017, arXiv:1703.10722: each group of columns has an LSTM's gates of its own."""
    c, h = state
    parts = [split(join(a, b) @ v[f"group{group}/kernel"], 4)
             for group, (a, b) in enumerate(zip(split(x, groups), split(h, groups), strict=True))]
    i, j, f, o = (join(*gate) + v[f"bias_{name}"] for name, gate in zip("ijfo", zip(*parts, strict=True), strict=True))
    return lstm_of_gates(i, j, f, o, c, v, forget)


def phased_lstm(inputs, state, v, leak=0.001, peepholes=False):
    """Neil, Pfeiffer and Liu 2016, arXiv:1610.09513: a gate that time opens; here peepholes are whole matrices."""
    time, x = inputs
    c, h = state
    seen = join(x, h, c) if peepholes else join(x, h)
    i, f = split(sigmoid(seen @ v["mask_gates/kernel"] + v["mask_gates/bias"]), 2)
    proposed = f * c + i * tanh(join(x, h) @ v["new_input/kernel"] + v["new_input/bias"])
    seen = join(x, h, proposed) if peepholes else join(x, h)
    o = sigmoid(seen @ v["output_gate/kernel"] + v["output_gate/bias"])
    phase, on = (time - v["phase"]) % v["period"] / v["period"], v["ratio_on"]
    k = np.where(phase < on / 2, 2 * phase / on, np.where(phase < on, 2 - 2 * phase / on, leak * phase))
    c, h = k * proposed + (1 - k) * c, k * o * tanh(proposed) + (1 - k) * h
    return h, [c, h]


CELLS = {
    "rnn.BasicLSTMCell(4)": lstm,
    "rnn.BasicLSTMCell(4, forget_bias=0.3, activation=tf.nn.relu)": partial(lstm, forget=0.3, activation=relu),
    "rnn.BasicLSTMCell(4, state_is_tuple=False)": partial(side_by_side, lstm, 4),
    "rnn.LSTMCell(4)": lstm,
    "rnn.LSTMCell(4, use_peepholes=True, cell_clip=0.3)": partial(lstm, limit=0.3),
    "rnn.LSTMCell(4, num_proj=3, use_peepholes=True)": lstm,
    "rnn.LSTMCell(4, num_proj=3, proj_clip=0.2, forget_bias=0.5)": partial(lstm, forget=0.5, projection_limit=0.2),
    "rnn.LSTMCell(4, num_proj=4, num_unit_shards=2, num_proj_shards=2)": partial(sharded, lstm),
    "rnn.LSTMBlockCell(4)": lstm,
    "rnn.LSTMBlockCell(4, use_peephole=True, cell_clip=0.3, forget_bias=0.5)": partial(lstm, forget=0.5, limit=0.3),
    "tf.contrib.cudnn_rnn.CudnnCompatibleLSTMCell(4)": partial(lstm, forget=0.0),
    "rnn.LayerNormBasicLSTMCell(4)": layer_norm_lstm,
    "rnn.LayerNormBasicLSTMCell(4, forget_bias=0.3)": partial(layer_norm_lstm, forget=0.3),
    "rnn.LayerNormBasicLSTMCell(4, layer_norm=False)": lstm,
    "rnn_cell.LayerNormLSTMCell(4, layer_norm=True, use_peepholes=True, num_proj=3)": layer_norm_lstm,
    "rnn_cell.LayerNormLSTMCell(4, cell_clip=0.3)": partial(lstm, limit=0.3),
    "rnn_cell.WeightNormLSTMCell(4, num_proj=3, use_peepholes=True)": weight_norm_lstm,
    "rnn_cell.WeightNormLSTMCell(4, norm=False, cell_clip=0.3)": lambda x, state, v: lstm(
        x, state, in_own_scope(v), limit=0.3),
    "rnn.CoupledInputForgetGateLSTMCell(4)": coupled,
    "rnn.CoupledInputForgetGateLSTMCell(4, use_peepholes=True, num_proj=3, proj_clip=0.3)": partial(coupled, limit=0.3),
    "rnn.CoupledInputForgetGateLSTMCell(4, state_is_tuple=False)": partial(side_by_side, coupled, 4),
    "rnn.CoupledInputForgetGateLSTMCell(4, layer_norm=True)": coupled_norm,
    "rnn.GLSTMCell(4, number_of_groups=2)": grouped_lstm,
    "rnn.GLSTMCell(6, number_of_groups=3, num_proj=3, forget_bias=0.4)": partial(grouped_lstm, groups=3, forget=0.4),
}
PHASED = {
    "rnn.PhasedLSTMCell(4)": phased_lstm,
    "rnn.PhasedLSTMCell(4, use_peepholes=True, leak=0.2)": partial(phased_lstm, leak=0.2, peepholes=True),
}


@pytest.fixture(scope="module")
def computed(compute):
    return compute([f"cell_over_time({cell})" for cell in CELLS] + [f"cell_over_events({cell})" for cell in PHASED])


@pytest.mark.parametrize("cell", CELLS)
def test_lstm_cell(computed, cell):
    found = computed[f"cell_over_time({cell})"]
    assert_steps(found.values, INPUTS, partial(CELLS[cell], v=found.below(2)))


@pytest.mark.parametrize("cell", PHASED)
def test_cell_of_events_at_times(computed, cell):
    found = computed[f"cell_over_events({cell})"]
    times = np.abs(random(3, 3, 1)).swapaxes(0, 1) * 9
    assert_steps(found.values, zip(times, INPUTS, strict=True), partial(PHASED[cell], v=found.below(2)))
