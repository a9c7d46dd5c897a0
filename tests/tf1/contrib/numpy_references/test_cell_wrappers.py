"""What cells around a cell add to it, and how cells run over sequences.

A reference is one step: (inputs [batch, m], the parts of the state, variables) -> (output, the parts of the new state).
"""

from functools import partial

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import (
    INPUTS,
    assert_close,
    assert_steps,
    below,
    join,
    relu,
    sigmoid,
    softmax,
)
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random
from tests.tf1.contrib.numpy_references.test_gated_cells import gru
from tests.tf1.contrib.numpy_references.test_lstm_cells import lstm

tanh = np.tanh


def stacked(x, state, v):
    """Each cell's output is the next one's input."""
    x, first = lstm(x, state[:2], below("multi_rnn_cell/cell_0/basic_lstm_cell", v))
    x, second = gru(x, state[2:], below("multi_rnn_cell/cell_1/gru_cell", v))
    return x, first + second


def stacked_side_by_side(x, state, v):
    states = np.split(state[0], [4], axis=1)
    x, first = gru(x, states[:1], below("multi_rnn_cell/cell_0/gru_cell", v))
    x, second = gru(x, states[1:], below("multi_rnn_cell/cell_1/gru_cell", v))
    return x, [join(*first, *second)]


def plain(x, state, v):
    return gru(x, state, below("gru_cell", v))


def residual(x, state, v, combine=np.add):
    """He et al. 2015, arXiv:1512.03385."""
    output, state = plain(x, state, v)
    return combine(x, output), state


def highway(x, state, v):
    """Srivastava et al. 2015, arXiv:1505.00387: c = 1 - t, or c and t each with weights."""
    output, state = plain(x, state, v)
    carry = sigmoid(x @ v["carry_w"] + v["carry_b"])
    transform = sigmoid(x @ v["transform_w"] + v["transform_b"]) if "transform_w" in v else 1 - carry
    return carry * x + transform * output, state


def of_projected_inputs(x, state, v, activation=lambda x: x):
    v = below("input_projection_wrapper", v)
    return plain(activation(x @ v["kernel"] + v["bias"]), state, v)


def with_projected_output(x, state, v, activation=lambda x: x):
    v = below("output_projection_wrapper", v)
    output, state = plain(x, state, v)
    return activation(output @ v["kernel"] + v["bias"]), state


def of_embedded(ids, state, v):
    v = below("embedding_wrapper", v)
    return plain(v["embedding"][ids[:, 0]], state, v)


def attending(x, state, v, cell, size):
    """Bahdanau et al. 2014, arXiv:1409.0473, over the last two outputs of the cell itself, [batch, 2 * size]."""
    v = below("attention_cell_wrapper", v)
    *state, attention, past = state
    past = past.reshape(len(x), 2, size)
    output, state = cell(join(x, attention) @ v["kernel"] + v["bias"], state, v)
    query = join(*state) @ v["attention/kernel"] + v["attention/bias"]
    scores = tanh(past @ v["attention/attn_w"][0, 0] + query[:, None]) @ v["attention/attn_v"]
    attention = (softmax(scores)[..., None] * past).sum(1)
    output = join(output, attention) @ v["attn_output_projection/kernel"] + v["attn_output_projection/bias"]
    return output, [*state, attention, np.stack([past[:, 1], output], 1).reshape(len(x), -1)]


def lstm_below(x, state, v):
    return lstm(x, state, below("basic_lstm_cell", v))


WRAPPERS = {
    "rnn.MultiRNNCell([rnn.BasicLSTMCell(4), rnn.GRUCell(3)])": stacked,
    "rnn.MultiRNNCell([rnn.GRUCell(4), rnn.GRUCell(3)], state_is_tuple=False)": stacked_side_by_side,
    "rnn.ResidualWrapper(rnn.GRUCell(6))": residual,
    "rnn.ResidualWrapper(rnn.GRUCell(6), residual_fn=lambda x, y: x * y)": partial(residual, combine=np.multiply),
    "rnn.DeviceWrapper(rnn.GRUCell(4), '/cpu:0')": plain,
    "rnn.DropoutWrapper(rnn.GRUCell(4), 1.0, 1.0, 1.0)": plain,
    "rnn.CompiledWrapper(rnn.GRUCell(4))": plain,
    "rnn.HighwayWrapper(rnn.GRUCell(6))": highway,
    "rnn.HighwayWrapper(rnn.GRUCell(6), couple_carry_transform_gates=False)": highway,
    "rnn.InputProjectionWrapper(rnn.GRUCell(4), 5)": of_projected_inputs,
    "rnn.InputProjectionWrapper(rnn.GRUCell(4), 5, tf.nn.relu)": partial(of_projected_inputs, activation=relu),
    "rnn.OutputProjectionWrapper(rnn.GRUCell(4), 5)": with_projected_output,
    "rnn.OutputProjectionWrapper(rnn.GRUCell(4), 5, tf.nn.relu)": partial(with_projected_output, activation=relu),
    "rnn.AttentionCellWrapper(rnn.GRUCell(4), attn_length=2)": partial(attending, cell=plain, size=4),
    "rnn.AttentionCellWrapper(rnn.BasicLSTMCell(4), attn_length=2, attn_size=3, attn_vec_size=5, input_size=7)": partial(
        attending, cell=lstm_below, size=3),
}
IDS = np.array([[[1], [2], [0]], [[6], [0], [3]], [[4], [5], [2]]])
EMBEDDED = f"over_time(rnn.EmbeddingWrapper(rnn.GRUCell(4), 7, 5), tf.constant({IDS.tolist()}))"
DROPPED = {
    "input": "cell_over_time(rnn.DropoutWrapper(PassingCell(), input_keep_prob=0.5, seed=3))",
    "output": "cell_over_time(rnn.DropoutWrapper(PassingCell(), output_keep_prob=0.5, seed=3))",
    "state": "cell_over_time(rnn.DropoutWrapper(PassingCell(), state_keep_prob=0.5, seed=3))",
    "same at all times": "cell_over_time(rnn.DropoutWrapper(PassingCell(), output_keep_prob=0.5, seed=3, "
                         "variational_recurrent=True, dtype=tf.float32))",
}


@pytest.fixture(scope="module")
def computed(compute):
    return compute([*(f"cell_over_time({cell})" for cell in WRAPPERS), EMBEDDED, *DROPPED.values()])


@pytest.mark.parametrize("cell", WRAPPERS)
def test_wrapper(computed, cell):
    found = computed[f"cell_over_time({cell})"]
    assert_steps(found.values, INPUTS, partial(WRAPPERS[cell], v=found.below(1)))


def test_wrapper_of_ids(computed):
    found = computed[EMBEDDED]
    assert_steps(found.values, IDS.swapaxes(0, 1), partial(of_embedded, v=found.below(1)))


@pytest.mark.parametrize("part", ["input", "output", "same at all times"])
def test_dropout_keeps_or_drops(computed, part):
    """About half of the values are 0, the others twice what they were (Srivastava et al. 2014)."""
    outputs = computed[DROPPED[part]].values["outputs"]
    kept = outputs != 0
    assert_close(outputs, kept * random(3, 3, 6) * 2)
    assert 0.25 < kept.mean() < 0.75
    assert all(np.array_equal(kept[:, 0], kept[:, time]) for time in range(3)) == (part == "same at all times")


def test_dropout_of_the_state(computed):
    """The state, which the cell passes on, is dropped or doubled at each step; the outputs stay."""
    found = computed[DROPPED["state"]].values
    kept = found["end"][0] != 0
    assert_close(found["outputs"], random(3, 3, 6))
    assert_close(found["end"][0], kept * found["start"][0] * 8)
    assert 0 < kept.mean() < 0.5
