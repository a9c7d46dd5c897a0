"""Each recurrent cell but the LSTM cells is the formula of its paper, with TensorFlow 1's order of gates and weights.

A reference is one step: (inputs [batch, m], the parts of the state, variables) -> (output, the parts of the new state).
"""

from functools import partial

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import INPUTS, assert_steps, join, relu, sigmoid, split

tanh = np.tanh


def simple(x, state, v, activation=tanh):
    """Elman 1990."""
    (h,) = state
    h = activation(join(x, h) @ v["kernel"] + v["bias"])
    return h, [h]


def gru(x, state, v, names=("gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias"), activation=tanh):
    """Cho et al. 2014, arXiv:1406.1078."""
    (h,) = state
    gates, gates_bias, candidate, candidate_bias = (v[name] for name in names)
    r, u = split(sigmoid(join(x, h) @ gates + gates_bias), 2)
    h = u * h + (1 - u) * activation(join(x, r * h) @ candidate + candidate_bias)
    return h, [h]


def cudnn_gru(x, state, v):
    """The reset gate comes behind the product, as in cuDNN's documentation of cudnnRNNMode_t (CUDNN_GRU)."""
    (h,) = state
    r, u = split(sigmoid(join(x, h) @ v["gates/kernel"] + v["gates/bias"]), 2)
    of_x = x @ v["candidate/input_projection/kernel"] + v["candidate/input_projection/bias"]
    of_h = h @ v["candidate/hidden_projection/kernel"] + v["candidate/hidden_projection/bias"]
    h = (1 - u) * tanh(of_x + r * of_h) + u * h
    return h, [h]


def update_gate(x, state, v, forget=1.0):
    """UGRNN: Collins et al. 2016, arXiv:1611.09913."""
    (h,) = state
    g, c = split(join(x, h) @ v["kernel"] + v["bias"], 2)
    g = sigmoid(g + forget)
    h = g * h + (1 - g) * tanh(c)
    return h, [h]


def intersection(x, state, v, forget=1.0):
    """+RNN of the same paper: a gated way in depth (y) beside that in time (h)."""
    (h,) = state
    if "in_projection/kernel" in v:
        x = x @ v["in_projection/kernel"] + v["in_projection/bias"]
    g_h, c_h, g_y, c_y = split(join(x, h) @ v["kernel"] + v["bias"], 4)
    g_h, g_y = sigmoid(g_h + forget), sigmoid(g_y + forget)
    h = g_h * h + (1 - g_h) * tanh(c_h)
    return g_y * x + (1 - g_y) * relu(c_y), [h]


def nas(x, state, v):
    """Zoph and Le 2016, arXiv:1611.01578, the cell of figure 8 (right), whose leaves join inputs and output."""
    c, h = state
    a = split(x @ v["kernel"], 8)
    b = split(h @ v["recurrent_kernel"] + v.get("bias", 0.0), 8)
    leaves = [sigmoid(a[0] + b[0]), relu(a[1] + b[1]), sigmoid(a[2] + b[2]), relu(a[3] * b[3]),
              tanh(a[4] + b[4]), sigmoid(a[5] + b[5]), tanh(a[6] + b[6]), sigmoid(a[7] + b[7])]
    first, second = tanh(leaves[0] * leaves[1]), tanh(leaves[2] + leaves[3])
    third, fourth = tanh(leaves[4] * leaves[5]), sigmoid(leaves[6] + leaves[7])
    c = tanh(first + c) * second
    h = tanh(c * tanh(third + fourth))
    h = h @ v["projection_weights"] if "projection_weights" in v else h
    return h, [c, h]


def simple_unit(x, state, v):
    """SRU: Lei et al. 2017, arXiv:1709.02755; the highway has weights of its own."""
    (c,) = state
    new, f, r, highway = split(x @ v["kernel"], 4)
    b_f, b_r = split(v["bias"], 2)
    f, r = sigmoid(f + b_f), sigmoid(r + b_r)
    c = f * c + (1 - f) * new
    return r * tanh(c) + (1 - r) * highway, [c]


def independent(x, state, v):
    """IndRNN: Li et al. 2018, arXiv:1803.04831: a unit sees its own past only."""
    (h,) = state
    h = tanh(x @ v["kernel_w"] + v["kernel_u"] * h + v["bias"])
    return h, [h]


def independent_gru(x, state, v):
    (h,) = state
    u_r, u_u = split(v["gates/kernel_u"], 2)
    r, u = split(x @ v["gates/kernel_w"] + v["gates/bias"], 2)
    r, u = sigmoid(r + u_r * h), sigmoid(u + u_u * h)
    h = u * h + (1 - u) * tanh(x @ v["candidate/kernel"] + v["candidate/kernel_u"] * r * h + v["candidate/bias"])
    return h, [h]


def independent_lstm(x, state, v, forget):
    """Gonnet and Deselaers 2019, arXiv:1903.08023."""
    c, h = state
    gates = zip(split(x @ v["kernel_w"] + v["bias"], 4), split(v["kernel_u"], 4), strict=True)
    i, j, f, o = (of_x + u * h for of_x, u in gates)
    c = sigmoid(f + forget) * c + sigmoid(i) * tanh(j)
    h = sigmoid(o) * tanh(c)
    return h, [c, h]


def minimal(x, state, v):
    """Chen 2017, arXiv:1711.06788."""
    (h,) = state
    of_x, of_both = np.split(v["kernel"], [x.shape[1]])
    z = tanh(x @ of_x)
    u = sigmoid(join(z, h) @ of_both + v["bias"])
    h = u * h + (1 - u) * z
    return h, [h]


def chaos_free(x, state, v):
    """Laurent and von Brecht 2016, arXiv:1612.06212; the gate of the inputs is turned round in TensorFlow."""
    (h,) = state
    w_f, w_i, w = split(v["kernel"], 3)
    u_f, u_i = split(v["recurrent_kernel"], 2)
    b_f, b_i = split(v["bias"], 2)
    h = sigmoid(x @ w_f + h @ u_f + b_f) * tanh(h) + (1 - sigmoid(x @ w_i + h @ u_i + b_i)) * tanh(x @ w)
    return h, [h]


CELLS = {
    "rnn.BasicRNNCell(4)": simple,
    "rnn.BasicRNNCell(4, activation=tf.nn.relu)": partial(simple, activation=relu),
    "rnn.GRUCell(4)": gru,
    "rnn.GRUCell(4, activation=tf.nn.relu)": partial(gru, activation=relu),
    "rnn.GRUBlockCell(4)": partial(gru, names=("w_ru", "b_ru", "w_c", "b_c")),
    "rnn.GRUBlockCellV2(4)": gru,
    "tf.contrib.cudnn_rnn.CudnnCompatibleGRUCell(4)": cudnn_gru,
    "rnn.UGRNNCell(4)": update_gate,
    "rnn.UGRNNCell(4, forget_bias=0.2)": partial(update_gate, forget=0.2),
    "rnn.IntersectionRNNCell(6)": intersection,
    "rnn.IntersectionRNNCell(4, num_in_proj=4, forget_bias=0.2)": partial(intersection, forget=0.2),
    "rnn.NASCell(4)": nas,
    "rnn.NASCell(4, num_proj=3, use_bias=True)": nas,
    "rnn.SRUCell(4)": simple_unit,
    "rnn.IndRNNCell(4)": independent,
    "rnn.IndyGRUCell(4)": independent_gru,
    "rnn.IndyLSTMCell(4, forget_bias=0.4)": partial(independent_lstm, forget=0.4),
    "rnn_cell.MinimalRNNCell(4)": minimal,
    "rnn_cell.CFNCell(4)": chaos_free,
}


@pytest.fixture(scope="module")
def computed(compute):
    return compute(f"cell_over_time({cell})" for cell in CELLS)


@pytest.mark.parametrize("cell", CELLS)
def test_cell(computed, cell):
    found = computed[f"cell_over_time({cell})"]
    assert_steps(found.values, INPUTS, partial(CELLS[cell], v=found.below(2)))
