"""`tf.contrib` has what repositories need, ranked by how many of 74 public repositories of 2016 to 2019 need it.

The names are those of TensorFlow 1.15.5 (``dir()`` of each module; without the modules of Python and TensorFlow that
`from ... import *` let through). Each is there, as itself or as a stub that raises when it is used, or its absence is told.
"""

import json
from pathlib import Path

import pytest

PUBLIC_NAMES = {module: names.split() for module, names in json.loads(
    (Path(__file__).parent / "contrib" / "recorded" / "public_names.json").read_text()).items()}
REPOSITORIES_THAT_NEED = {"layers": 47, "slim": 29, "rnn": 16, "framework": 15, "data": 7, "seq2seq": 5, "training": 5,
                          "metrics": 5, "learn": 5, "image": 4, "tpu": 3, "quantize": 3, "crf": 3}

WORKING = """
layers.avg_pool2d layers.batch_norm layers.bias_add layers.conv2d layers.conv2d_transpose layers.convolution2d
layers.dropout layers.embed_sequence layers.embedding_lookup_unique layers.flatten layers.fully_connected layers.group_norm
layers.instance_norm layers.l1_regularizer layers.l2_regularizer layers.layer_norm layers.linear layers.max_pool2d
layers.maxout layers.one_hot_encoding layers.optimize_loss layers.repeat layers.safe_embedding_lookup_sparse
layers.separable_conv2d layers.softmax layers.spatial_softmax layers.stack layers.summarize_activation layers.unit_norm
layers.variance_scaling_initializer layers.xavier_initializer layers.xavier_initializer_conv2d layers.real_valued_column
slim.arg_scope slim.batch_norm slim.conv2d slim.dataset.Dataset slim.evaluation.evaluation_loop
slim.get_or_create_global_step slim.l2_regularizer slim.learning.train slim.losses.softmax_cross_entropy slim.nets.vgg.vgg_16
slim.tfexample_decoder.TFExampleDecoder slim.utils.convert_collection_to_dict slim.xavier_initializer
framework.add_arg_scope framework.arg_scope framework.assign_from_checkpoint_fn framework.get_or_create_global_step
framework.get_variables_to_restore framework.is_tensor framework.list_variables framework.load_variable
framework.nest.flatten framework.nest.map_structure framework.sort framework.init_from_checkpoint
data.map_and_batch data.shuffle_and_repeat data.batch_and_drop_remainder data.parallel_interleave data.group_by_window
training.HParams training.bucket_by_sequence_length training.create_train_op training.evaluate_once
metrics.streaming_accuracy metrics.streaming_mean_iou metrics.aggregate_metric_map metrics.set_intersection
metrics.confusion_matrix image.rotate image.transform image.translate image.dense_image_warp image.sparse_image_warp
learn.ModeKeys learn.RunConfig learn.preprocessing.VocabularyProcessor tpu.CrossShardOptimizer tpu.TPUEstimator
tpu.TPUEstimatorSpec tpu.RunConfig tpu.TPUConfig tpu.InputPipelineConfig tpu.bfloat16_scope
rnn.BasicLSTMCell rnn.DropoutWrapper rnn.GRUCell rnn.LSTMCell rnn.LSTMStateTuple rnn.LayerNormBasicLSTMCell
rnn.MultiRNNCell rnn.OutputProjectionWrapper rnn.stack_bidirectional_dynamic_rnn rnn.static_bidirectional_rnn rnn.static_rnn
seq2seq.AttentionWrapper seq2seq.BahdanauAttention seq2seq.BasicDecoder seq2seq.BeamSearchDecoder
seq2seq.GreedyEmbeddingHelper seq2seq.LuongAttention seq2seq.TrainingHelper seq2seq.dynamic_decode seq2seq.gather_tree
seq2seq.sequence_loss seq2seq.tile_batch crf.crf_decode crf.crf_log_likelihood crf.viterbi_decode
losses.metric_learning.triplet_semihard_loss lookup.index_table_from_tensor lookup.HashTable nn.alpha_dropout
opt.AdamWOptimizer opt.MovingAverageOptimizer distributions.MultivariateNormalDiag distributions.Normal
util.make_tensor_proto resampler.resampler sparsemax.sparsemax signal.stft summary.scalar
"""
STAND_INS = {
    "quantize.create_training_graph": "TrainingOnlyError", "quantize.create_eval_graph": "TrainingOnlyError",
    "learn.Experiment": "TrainingOnlyError", "learn.learn_runner.run": "TrainingOnlyError",
    "cudnn_rnn.CudnnLSTMSaveable": "MissingKernelError", "tensorrt.create_inference_graph": "MissingKernelError",
    "layers.input_from_feature_columns": "UnwrittenSymbolError"}

REFUSALS = {"TrainingOnlyError", "MissingKernelError", "UnwrittenSymbolError"}

PROGRAM = """
import json, sys
from functools import reduce
from pathlib import Path
from exporter.tf1.contrib.missing import MissingSymbolError, StandInError
from exporter.tf1.surface import install_surface, surface_builtins

install_surface([Path({root!r})])
names = {{"__builtins__": surface_builtins(), "__name__": "asking"}}
exec("import tensorflow as tf", names)
contrib = names["tf"].contrib

def state(symbol):
    try:
        value = reduce(getattr, symbol.split("."), contrib)
    except MissingSymbolError as error:
        return "missing" if str(error).startswith("tf.contrib." + symbol + " ") else str(error)
    if not str(getattr(value, "__doc__", "")).startswith("Stands in for"):
        return "there"
    try:
        value()
    except StandInError as error:
        reason = symbol.split(".")[-1] + " " + error.because
        return type(error).__name__ if reason in str(error) else str(error)

print(json.dumps({{symbol: state(symbol) for symbol in {symbols!r}}}))
"""


@pytest.fixture
def states(fresh_python, tmp_path):
    def find(symbols):
        return json.loads(fresh_python(PROGRAM.format(root=str(tmp_path), symbols=list(symbols))).splitlines()[-1])

    return find


def test_what_repositories_need_most_is_there_whole(states):
    symbols = [f"{module}.{name}" for module in REPOSITORIES_THAT_NEED for name in PUBLIC_NAMES[module]]
    found = states(symbols)
    assert {symbol: state for symbol, state in found.items() if state not in {"there", *REFUSALS}} == {}


def test_the_ranks_are_in_order():
    assert list(REPOSITORIES_THAT_NEED.values()) == sorted(REPOSITORIES_THAT_NEED.values(), reverse=True)


def test_models_can_use_what_they_need(states):
    assert {symbol: state for symbol, state in states(WORKING.split()).items() if state != "there"} == {}


def test_what_models_can_not_use_can_be_imported_and_tells_its_name_and_why_when_it_is_used(states):
    assert states(STAND_INS) == STAND_INS


def test_every_other_name_is_there_or_tells_that_it_is_not(states):
    rest = [f"{module}.{name}" for module in PUBLIC_NAMES.keys() - REPOSITORIES_THAT_NEED for name in PUBLIC_NAMES[module]]
    assert set(states(rest).values()) <= {"there", "missing", *REFUSALS}


def test_a_module_that_is_not_there_tells_so(states):
    found = states(["labeled_tensor.Axis", "no_such_module"])
    assert found["labeled_tensor.Axis"].startswith("tf.contrib.labeled_tensor is not on the TensorFlow 1 surface (asked for")
    assert found["no_such_module"] == "missing"
