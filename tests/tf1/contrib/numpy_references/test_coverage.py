"""Every public cell, layer, loss and metric of TensorFlow 1.15 is called by a test with a NumPy reference.

`recorded/public_names.json` has the names of TensorFlow 1.15.5; tests that say what is refused are elsewhere.
"""

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
NAMES = {module: names.split() for module, names in json.loads(
    (FOLDER.parent / "recorded/public_names.json").read_text()).items()}
CALLS = "\n".join(file.read_text() for file in [*FOLDER.glob("test_*.py"), FOLDER.parent / "cases/layer_numbers.py"])
BASES = {"RNNCell", "LayerRNNCell", "FusedRNNCell", "LSTMBlockWrapper"}
SAME = {"convolution1d": "conv1d", "convolution2d": "conv2d", "convolution3d": "conv3d",
        "convolution2d_in_plane": "conv2d_in_plane", "convolution2d_transpose": "conv2d_transpose",
        "convolution3d_transpose": "conv3d_transpose", "separable_convolution2d": "separable_conv2d", "GDN": "gdn",
        "RevBlock": "rev_block", "xavier_initializer_conv2d": "xavier_initializer"}
"""Other names -> those that are called."""


def is_called(name):
    return re.search(rf"\b{SAME.get(name, name)}\b\(", CALLS) is not None


WITHOUT_NUMBERS = {
    "rnn": "FusedRNNCell LSTMBlockWrapper LSTMStateTuple LayerRNNCell RNNCell best_effort_input_batch_size "
           "static_state_saving_rnn transpose_batch_time",
    "layers": "OPTIMIZER_CLS_NAMES OPTIMIZER_SUMMARIES SPARSE_FEATURE_CROSS_DEFAULT_HASH_KEY check_feature_columns "
              "create_feature_spec_for_parsing feature_column infer_real_valued_columns input_from_feature_columns "
              "joint_weighted_sum_from_feature_columns make_place_holder_tensors_for_base_features multi_class_target "
              "optimize_loss parse_feature_columns_from_examples parse_feature_columns_from_sequence_examples "
              "regression_target scattered_embedding_column sequence_input_from_feature_columns summaries "
              "summarize_activation summarize_activations summarize_collection summarize_tensor summarize_tensors "
              "transform_features weighted_sum_from_feature_columns",
    "losses": "add_loss get_losses get_regularization_losses get_total_loss metric_learning",
    "metrics": "aggregate_metric_map aggregate_metrics",
    "sparsemax": "",
    "resampler": "",
    "image": "bipartite_match connected_components single_image_random_dot_stereograms sparse_image_warp",
}
"""Base classes, helpers, training, summaries, and what is refused."""


@pytest.mark.parametrize("module", WITHOUT_NUMBERS)
def test_every_name_has_a_reference(module):
    assert {name for name in NAMES[module] if not is_called(name)} == set(WITHOUT_NUMBERS[module].split())
