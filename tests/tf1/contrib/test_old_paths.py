"""Imports from inside of `tf.contrib`, as repositories wrote them."""


IMPORTS = """
from tensorflow.contrib.framework.python.ops import add_arg_scope, arg_scope, variables
from tensorflow.contrib.framework.python.ops.arg_scope import add_arg_scope as decorator
from tensorflow.contrib.framework.python.ops.variables import get_or_create_global_step, model_variable
from tensorflow.contrib.framework.python.framework import checkpoint_utils, tensor_util
from tensorflow.contrib.layers.python import layers as tf_layers
from tensorflow.contrib.layers.python.layers import batch_norm, encoders, feature_column, initializers, layers, utils
from tensorflow.contrib.layers.python.layers import regularizers, embedding_ops, normalization, optimizers, summaries
from tensorflow.contrib.layers.python.layers.layers import _build_variable_getter, _add_variable_to_collections, batch_norm
from tensorflow.contrib.layers.python.layers.initializers import variance_scaling_initializer, xavier_initializer
from tensorflow.contrib.layers.python.layers.regularizers import l2_regularizer
from tensorflow.contrib.layers.python.layers.utils import collect_named_outputs, convert_collection_to_dict, smart_cond
from tensorflow.contrib.slim import nets, arg_scope, fully_connected
from tensorflow.contrib.slim.nets import alexnet, inception, overfeat, resnet_utils, resnet_v1, resnet_v2, vgg
from tensorflow.contrib.slim.python.slim import evaluation, learning, model_analyzer, queues, summaries
from tensorflow.contrib.slim.python.slim.data import data_decoder, data_provider, dataset, dataset_data_provider
from tensorflow.contrib.slim.python.slim.data import parallel_reader, prefetch_queue, tfexample_decoder
from tensorflow.contrib.slim.python.slim.learning import train_step, multiply_gradients
from tensorflow.contrib.slim.python.slim.nets import inception_v1, inception_v3, resnet_v1, vgg
from tensorflow.contrib.slim.python.slim.nets.inception_v3 import inception_v3_arg_scope, inception_v3_base
from tensorflow.contrib.slim.python.slim.nets.resnet_v1 import resnet_v1_block
from tensorflow.contrib.losses.python.losses import loss_ops
from tensorflow.contrib.losses.python.metric_learning import metric_loss_ops
from tensorflow.contrib.losses.python.metric_learning.metric_loss_ops import pairwise_distance, triplet_semihard_loss
from tensorflow.contrib.metrics.python.ops import confusion_matrix_ops, metric_ops, set_ops
from tensorflow.contrib.metrics.python.ops.metric_ops import streaming_mean
from tensorflow.contrib.image.python.ops import image_ops
from tensorflow.contrib.training.python.training import evaluation, hparam, training
from tensorflow.contrib.training.python.training.hparam import HParams, parse_values
from tensorflow.contrib.learn.python.learn import learn_runner, run_config
from tensorflow.contrib.learn.python.learn.datasets import base, load_dataset, mnist
from tensorflow.contrib.learn.python.learn.datasets.mnist import DataSet, read_data_sets
from tensorflow.contrib.learn.python.learn.estimators import model_fn as model_fn_lib
from tensorflow.contrib.learn.python.learn.estimators.run_config import RunConfig
from tensorflow.contrib.learn.python.learn.preprocessing import VocabularyProcessor
from tensorflow.contrib.learn.python.learn.utils import saved_model_export_utils
from tensorflow.contrib.lookup.lookup_ops import a_table_that_never_was
from tensorflow.contrib.lookup import lookup_ops
from tensorflow.contrib.tpu.python.tpu import tpu_config, tpu_function, tpu_optimizer
from tensorflow.contrib.cluster_resolver import TPUClusterResolver
from tensorflow.contrib.compiler import jit, xla
from tensorflow.contrib.eager.python import tfe
from tensorflow.contrib.data.python.ops import batching, dataset_ops, grouping, interleave_ops
from tensorflow.contrib.saved_model.python.saved_model import reader
from tensorflow.contrib.seq2seq.python.ops import helper
from tensorflow.contrib.summary import summary_ops
from tensorflow.contrib.tensorboard.plugins import projector
from tensorflow.contrib.tfprof import model_analyzer
from tensorflow.contrib.quantize.python import quantize_graph
from tensorflow.contrib.layers.python.layers.feature_column import a_column_that_never_was
from tensorflow.contrib.slim.python.slim.nets import a_net_that_never_was
import tensorflow.contrib.slim as slim
import tensorflow.contrib.layers as layers
import tensorflow.contrib.tensorrt as trt
import tensorflow.contrib.graph_editor as ge
import tensorflow.contrib.keras as keras
from tensorflow.contrib.keras.initializers import glorot_uniform
from tensorflow.contrib.keras.layers import Dense
from tensorflow.contrib.keras.python.keras.layers import Conv2D
from tensorflow.contrib.keras.api.keras.models import Sequential
from tensorflow.contrib.estimator import TowerOptimizer, multi_class_head
from tensorflow.contrib.distributions import Categorical, MultivariateNormalDiag
""".strip().splitlines()




def test_old_paths(run):
    found = run(f"""
        import asking
        for line in {IMPORTS!r}:
            print(asking.outcome(line))
        """, {"asking.py": """
        def outcome(line):
            try:
                exec(line, {'__builtins__': __builtins__, '__name__': __name__})
            except ImportError as error:
                return str(error).splitlines()[0].partition(' is not')[0]
            return 'there'
        """}).splitlines()
    assert dict(zip(IMPORTS, found, strict=True)) == {
        line: "there" if "never_was" not in line else line.split()[1] + "." + line.split()[-1] for line in IMPORTS}
