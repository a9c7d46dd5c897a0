"""Cells over sequences of different lengths, in both directions, and in layers."""

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import assert_close, below, join
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random
from tests.tf1.contrib.numpy_references.test_gated_cells import gru
from tests.tf1.contrib.numpy_references.test_lstm_cells import lstm

SEQUENCES, LENGTHS = random(3, 4, 5), [4, 2, 1]
SHORT = "[4, 2, 1]"


def over_time(cell, v, sequences=SEQUENCES, lengths=LENGTHS, is_reversed=False):
    """Runs a cell over each sequence alone, from a state of zeros, forward or from its end to its start.

    Returns the outputs, 0 behind the end of a sequence, and the parts of the state at the end.
    """
    units = 4
    outputs, ends = np.zeros((*sequences.shape[:2], units)), []
    for row, length in enumerate(lengths):
        state = [np.zeros((1, units))] * (2 if cell is lstm else 1)
        for time in range(length)[::-1 if is_reversed else 1]:
            outputs[row, time], state = cell(sequences[row, time:time + 1], state, v)
        ends.append(state)
    return outputs, [np.concatenate(parts) for parts in zip(*ends, strict=True)]


def both_ways(cell, forward, backward, sequences=SEQUENCES, lengths=LENGTHS):
    """Schuster and Paliwal 1997: the outputs of both directions side by side, and both states."""
    ahead, end = over_time(cell, forward, sequences, lengths)
    back, start = over_time(cell, backward, sequences, lengths, is_reversed=True)
    return join(ahead, back), [*end, *start]


def layers_both_ways(v, scope="stack_bidirectional_rnn/cell_{}/bidirectional_rnn/{}/gru_cell"):
    """Each layer runs on both outputs of the one below."""
    outputs, first = both_ways(gru, *(below(scope.format(0, way), v) for way in ("fw", "bw")))
    outputs, second = both_ways(gru, *(below(scope.format(1, way), v) for way in ("fw", "bw")), outputs)
    return outputs, [first[0], second[0], first[1], second[1]]


RUNS = {
    f"tf.nn.dynamic_rnn(rnn.GRUCell(4), sequences(), {SHORT}, dtype=tf.float32)": lambda v: over_time(
        gru, below("rnn/gru_cell", v)),
    f"tf.nn.dynamic_rnn(rnn.LSTMBlockCell(4), sequences(), {SHORT}, dtype=tf.float32)": lambda v: over_time(
        lstm, below("rnn/lstm_cell", v)),
    f"listed(tf.nn.static_rnn(rnn.GRUCell(4), moments(), dtype=tf.float32, sequence_length=tf.constant({SHORT})))":
        lambda v: over_time(gru, below("rnn/gru_cell", v)),
    f"turned(rnn.LSTMBlockFusedCell(4)(turned(sequences()), dtype=tf.float32, sequence_length=tf.constant({SHORT})))":
        lambda v: over_time(lstm, below("lstm_fused_cell", v)),
    "turned(rnn.LSTMBlockFusedCell(4)(turned(sequences()), dtype=tf.float32))": lambda v: over_time(
        lstm, below("lstm_fused_cell", v), lengths=[4, 4, 4]),
    "turned(rnn.TimeReversedFusedRNN(rnn.LSTMBlockFusedCell(4))(turned(sequences()), dtype=tf.float32, "
    f"sequence_length=tf.constant({SHORT})))": lambda v: over_time(lstm, below("lstm_fused_cell", v), is_reversed=True),
    "turned(rnn.TimeReversedFusedRNN(rnn.LSTMBlockFusedCell(4))(turned(sequences()), dtype=tf.float32))":
        lambda v: over_time(lstm, below("lstm_fused_cell", v), lengths=[4, 4, 4], is_reversed=True),
    "turned(rnn.FusedRNNCellAdaptor(rnn.BasicLSTMCell(4), use_dynamic_rnn=True)(turned(sequences()), dtype=tf.float32, "
    f"sequence_length={SHORT}))": lambda v: over_time(lstm, below("rnn/basic_lstm_cell", v)),
    "turned(rnn.FusedRNNCellAdaptor(rnn.GRUCell(4))(turned(sequences()), dtype=tf.float32))": lambda v: over_time(
        gru, below("rnn/gru_cell", v), lengths=[4, 4, 4]),
    f"joined(tf.nn.bidirectional_dynamic_rnn(rnn.LSTMCell(4), rnn.LSTMCell(4), sequences(), {SHORT}, dtype=tf.float32))":
        lambda v: both_ways(lstm, *(below(f"bidirectional_rnn/{way}/lstm_cell", v) for way in ("fw", "bw"))),
    "listed(tf.nn.static_bidirectional_rnn(rnn.GRUCell(4), rnn.GRUCell(4), moments(), dtype=tf.float32, "
    f"sequence_length=tf.constant({SHORT})))": lambda v: both_ways(
        gru, *(below(f"bidirectional_rnn/{way}/gru_cell", v) for way in ("fw", "bw"))),
    "rnn.stack_bidirectional_dynamic_rnn([rnn.GRUCell(4), rnn.GRUCell(4)], [rnn.GRUCell(4), rnn.GRUCell(4)], sequences(), "
    f"dtype=tf.float32, sequence_length=tf.constant({SHORT}))": layers_both_ways,
    "listed(rnn.stack_bidirectional_rnn([rnn.GRUCell(4), rnn.GRUCell(4)], [rnn.GRUCell(4), rnn.GRUCell(4)], moments(), "
    f"dtype=tf.float32, sequence_length=tf.constant({SHORT})))": lambda v: layers_both_ways(
        v, "stack_bidirectional_rnn/cell_{}/{}/gru_cell"),
}


@pytest.fixture(scope="module")
def computed(compute):
    return compute(f"flat({run})" for run in RUNS)


@pytest.mark.parametrize("run", RUNS)
def test_run(computed, run):
    found = computed[f"flat({run})"]
    outputs, state = RUNS[run](found.variables)
    assert_close(found.values[0], outputs)
    for end, expected in zip(found.values[1:], state, strict=True):
        assert_close(end, expected)
