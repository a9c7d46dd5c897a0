"""The modules behind `tf.contrib.rnn` (`python.ops.core_rnn_cell`, `rnn_cell`, …) of TensorFlow 1.0 to 1.15, in one.

Cells moved between these modules from one version to the next, so each of them has all that any had: what `tf.contrib.rnn`
and `tf.nn.rnn_cell` have, cells without a public name, and the private names that code imports all the same.
"""

from __future__ import annotations

import sys
from typing import Any

from tensorflow.python.ops import rnn
from tf_keras.src.layers.rnn import legacy_cells

from exporter.tf1.contrib import rnn as contrib_rnn
from exporter.tf1.contrib.rnn.convolution_cells import _conv
from exporter.tf1.contrib.rnn.gated_cells import CFNCell, MinimalRNNCell
from exporter.tf1.contrib.rnn.layer_norm_cells import LayerNormLSTMCell, WeightNormLSTMCell
from exporter.tf1.contrib.rnn.lstm_cells import sharded_variable as _get_concat_variable
from exporter.tf1.contrib.rnn.projections import _Linear, _linear

_PRIVATE = ("_check_rnn_cell_input_dtypes", "_check_supported_dtypes", "_concat", "_hasattr", "_zero_state_tensors")
_OF_RNN = ("_best_effort_input_batch_size", "_infer_state_dtype", "_reverse_seq", "_rnn_step", "_transpose_batch_time",
           "bidirectional_dynamic_rnn", "dynamic_rnn", "raw_rnn")

core_rnn_cell = sys.modules[__name__]


def _like_rnncell(cell: Any) -> bool:
    """Whether an object has what a cell has; code that was copied out of TensorFlow 1.0 to 1.6 asks for it."""
    return callable(cell) and all(hasattr(cell, name) for name in ("output_size", "state_size", "zero_state"))


globals().update({name: getattr(contrib_rnn, name) for name in contrib_rnn.__all__})
globals().update({name: getattr(legacy_cells, name) for name in _PRIVATE if hasattr(legacy_cells, name)})
globals().update({name: getattr(rnn, name) for name in _OF_RNN})

__all__ = [*contrib_rnn.__all__, "CFNCell", "LayerNormLSTMCell", "MinimalRNNCell", "WeightNormLSTMCell", "_Linear", "_conv",
           "_get_concat_variable", "_like_rnncell", "_linear", "core_rnn_cell"]
