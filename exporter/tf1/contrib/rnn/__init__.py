"""`tf.contrib.rnn`: the public names of tensorflow/contrib/rnn/__init__.py of TensorFlow 1.15.

The common cells are those of `tf.nn.rnn_cell` (tf-keras), and the functions that run them those of TensorFlow itself.
"""

from __future__ import annotations

from tensorflow.python.ops.rnn import _best_effort_input_batch_size as best_effort_input_batch_size
from tensorflow.python.ops.rnn import _transpose_batch_time as transpose_batch_time
from tensorflow.python.ops.rnn import static_bidirectional_rnn, static_rnn, static_state_saving_rnn
from tf_keras.src.layers.rnn.legacy_cell_wrappers import DeviceWrapper, DropoutWrapper, ResidualWrapper
from tf_keras.src.layers.rnn.legacy_cells import (
    BasicLSTMCell,
    BasicRNNCell,
    GRUCell,
    LayerRNNCell,
    LSTMCell,
    LSTMStateTuple,
    MultiRNNCell,
    RNNCell,
)

from exporter.tf1.contrib.rnn.bidirectional import stack_bidirectional_dynamic_rnn, stack_bidirectional_rnn
from exporter.tf1.contrib.rnn.block_cells import (
    GRUBlockCell,
    GRUBlockCellV2,
    LSTMBlockCell,
    LSTMBlockFusedCell,
    LSTMBlockWrapper,
)
from exporter.tf1.contrib.rnn.convolution_cells import Conv1DLSTMCell, Conv2DLSTMCell, Conv3DLSTMCell, ConvLSTMCell
from exporter.tf1.contrib.rnn.fused_cells import FusedRNNCell, FusedRNNCellAdaptor, TimeReversedFusedRNN
from exporter.tf1.contrib.rnn.gated_cells import IntersectionRNNCell, NASCell, SRUCell, UGRNNCell
from exporter.tf1.contrib.rnn.grid_cells import BidirectionalGridLSTMCell, GridLSTMCell, TimeFreqLSTMCell
from exporter.tf1.contrib.rnn.independent_cells import IndRNNCell, IndyGRUCell, IndyLSTMCell
from exporter.tf1.contrib.rnn.layer_norm_cells import LayerNormBasicLSTMCell
from exporter.tf1.contrib.rnn.lstm_cells import CoupledInputForgetGateLSTMCell, GLSTMCell, PhasedLSTMCell
from exporter.tf1.contrib.rnn.projections import EmbeddingWrapper, InputProjectionWrapper, OutputProjectionWrapper
from exporter.tf1.contrib.rnn.wrappers import AttentionCellWrapper, CompiledWrapper, HighwayWrapper

__all__ = [
    "AttentionCellWrapper", "BasicLSTMCell", "BasicRNNCell", "BidirectionalGridLSTMCell", "CompiledWrapper",
    "Conv1DLSTMCell", "Conv2DLSTMCell", "Conv3DLSTMCell", "ConvLSTMCell", "CoupledInputForgetGateLSTMCell",
    "DeviceWrapper", "DropoutWrapper", "EmbeddingWrapper", "FusedRNNCell", "FusedRNNCellAdaptor", "GLSTMCell",
    "GRUBlockCell", "GRUBlockCellV2", "GRUCell", "GridLSTMCell", "HighwayWrapper", "IndRNNCell", "IndyGRUCell",
    "IndyLSTMCell", "InputProjectionWrapper", "IntersectionRNNCell", "LSTMBlockCell", "LSTMBlockFusedCell",
    "LSTMBlockWrapper", "LSTMCell", "LSTMStateTuple", "LayerNormBasicLSTMCell", "LayerRNNCell", "MultiRNNCell",
    "NASCell", "OutputProjectionWrapper", "PhasedLSTMCell", "RNNCell", "ResidualWrapper", "SRUCell", "TimeFreqLSTMCell",
    "TimeReversedFusedRNN", "UGRNNCell", "best_effort_input_batch_size", "stack_bidirectional_dynamic_rnn",
    "stack_bidirectional_rnn", "static_bidirectional_rnn", "static_rnn", "static_state_saving_rnn",
    "transpose_batch_time"]
