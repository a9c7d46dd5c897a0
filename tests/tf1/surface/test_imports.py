"""What modules below a root get when they import TensorFlow, in all the ways that code of 2016 to 2019 does."""

from __future__ import annotations

import pytest

SAME_MODULE = {
    "plain.py": """
        import tensorflow as tf
        import tensorflow.compat.v1 as tf_v1
        import tensorflow.compat.v1.nn as nn
        from tensorflow.compat import v1
        import importlib
        import tensorflow

        def again():
            import tensorflow as tf
            return tf

        everywhere = [tf_v1, v1, tf.compat.v1, tensorflow, again(), importlib.import_module("tensorflow"),
                      __import__("tensorflow")]
        space = {}
        exec("import tensorflow as tf", space)
        print(all(module is tf for module in everywhere + [space["tf"]]), nn is tf.nn, nn.relu is tf.nn.relu)
    """}


def test_all_ways_to_tensorflow_lead_to_the_same_module(run):
    assert run("import plain", SAME_MODULE) == "True True True"


def test_it_has_the_shape_of_version_1(run):
    source = """
        import tensorflow as tf
        from tensorflow import flags
        print(tf.__version__, tf.VERSION, tf.placeholder.__name__, tf.app.flags is tf.flags is flags, tf.logging.INFO,
              tf.layers.Dense.__name__, tf.nn.rnn_cell.LSTMCell.__name__, tf.AUTO_REUSE, callable(tf.flags.DEFINE_string))
        batch, height = tf.placeholder(tf.float32, [None, 7]).shape
        print(batch.value, height.value, height / 2, 14 / height, int(height), height * 2, list(range(height))[-1])
    """
    assert run("import shape", {"shape.py": source}).splitlines() == [
        "1.15.5 1.15.5 placeholder True 20 Dense LSTMCell _ReuseMode.AUTO_REUSE True", "None 7 3 2 7 14 6"]


def test_the_old_homes_below_tensorflow_python(run):
    source = """
        import tensorflow as tf
        from tensorflow.python.framework import ops
        from tensorflow.python.ops import array_ops, control_flow_ops, rnn_cell_impl, variable_scope as vs
        from tensorflow.python.ops.rnn_cell_impl import _zero_state_tensors
        from tensorflow.python.layers import convolutional, base
        from tensorflow.python import pywrap_tensorflow
        from tensorflow.python.platform import gfile, tf_logging
        from tensorflow.python.keras.engine import base_layer
        from tensorflow.core.framework import graph_pb2
        import tensorflow.python.ops.nn_ops as nn_ops
        from tensorflow.python.framework import graph_util
        from tensorflow.python.util import nest
        from tensorflow.python.ops import gen_logging_ops, gen_nn_ops
        from tensorflow.python.estimator.inputs import numpy_io
        from tensorflow.python.estimator.export.export import ServingInputReceiver
        import keras

        @ops.RegisterShape("Unknown")
        def shape_of(operation): return []

        print(graph_util.convert_variables_to_constants is tf.graph_util.convert_variables_to_constants,
              nest.is_sequence((1, 2)), ops.Tensor is tf.Tensor,
              array_ops.stack is tf.stack, control_flow_ops.cond is tf.cond,
              rnn_cell_impl.LSTMCell is tf.nn.rnn_cell.LSTMCell, convolutional.Conv2D is tf.layers.Conv2D,
              issubclass(tf.layers.Dense, base.Layer), issubclass(tf.keras.layers.Dense, base_layer.Layer),
              pywrap_tensorflow.NewCheckpointReader is tf.train.NewCheckpointReader, gfile.GFile is tf.gfile.GFile,
              graph_pb2.GraphDef is tf.GraphDef, vs.variable is tf.Variable, keras.layers.Dense is tf.keras.layers.Dense,
              gen_logging_ops._scalar_summary is gen_logging_ops.scalar_summary,
              gen_nn_ops._relu_grad is nn_ops.gen_nn_ops.relu_grad,
              numpy_io.numpy_input_fn is tf.estimator.inputs.numpy_input_fn,
              ServingInputReceiver is tf.estimator.export.ServingInputReceiver)
    """
    assert {*run("import homes", {"homes.py": source}).split()} == {"True"}


def test_variables_and_control_flow_are_those_of_version_1(run):
    source = """
        import tensorflow as tf
        x = tf.placeholder(tf.float32, [2, 3])
        y = tf.layers.dense(x, 4)
        z = tf.cond(tf.reduce_sum(x) > 0, lambda: x, lambda: -x)
        print([variable.op.type for variable in tf.global_variables()], [v.name for v in tf.trainable_variables()],
              "Switch" in {op.type for op in tf.get_default_graph().get_operations()})
    """
    assert run("import graph", {"graph.py": source}) == (
        "['VariableV2', 'VariableV2'] ['dense/kernel:0', 'dense/bias:0'] True")


PACKAGE = {
    "net/__init__.py": "from .blocks import *\nfrom . import blocks\n",
    "net/blocks.py": "import tensorflow as tf\nfrom net import helpers\n__all__ = ['block']\nhidden = 1\n"
                     "def block(): return tf.__version__\n",
    "net/helpers.py": "from . import blocks\ndef version():\n    return blocks.block()\n",
    "loose/part.py": "import tensorflow as tf\nversion = tf.__version__\n",
    "main.py": """
        import net, net.helpers as helpers
        from loose import part
        import loose.part
        print(net.block(), helpers.version(), part.version, loose.part is part, hasattr(net, "hidden"))
    """}


def test_packages_with_relative_star_and_circular_imports_and_without_init(run):
    assert run("import main", PACKAGE) == "1.15.5 1.15.5 1.15.5 True False"


def test_star_imports_from_tensorflow(run):
    source = """
        from tensorflow.python.ops.nn_ops import *
        from tensorflow import *
        found = conv2d.__name__, placeholder.__name__, contrib.__name__
    """
    assert run("import star\nprint(*star.found)", {"star.py": source}) == "conv2d placeholder tensorflow.contrib"


def test_what_tools_expect_of_modules(run):
    source = '''
        import tensorflow as tf
        class Settings(object):
            """Some settings."""
            def __init__(self):
                self.size = 3
        def fail():
            return tf.no_such_symbol
        loads = globals().get("loads", 0) + 1
        if __name__ == "__main__":
            print("main")
    '''
    program = """
        import importlib, inspect, pickle, traceback, tools
        again = pickle.loads(pickle.dumps(tools.Settings()))
        print(type(again) is tools.Settings, inspect.getsource(tools.fail).strip().splitlines()[0], tools.__file__)
        importlib.reload(tools)
        print(tools.loads)
        try:
            tools.fail()
        except AttributeError as error:
            frame = traceback.extract_tb(error.__traceback__)[1]
            print(frame.filename == tools.__file__, frame.lineno, frame.line)
    """
    lines = run(program, {"tools.py": source}).splitlines()
    assert lines[0].startswith("True def fail():")
    assert lines[1:] == ["2", "True 8 return tf.no_such_symbol"]


def test_a_module_named_like_this_package_is_the_users(run):
    modules = {"exporter.py": "import tensorflow as tf\nwho = 'the user ' + tf.__version__\n",
               "tool.py": "import exporter\nfrom exporter import who\nprint(exporter.who == who, who)\n"}
    assert run("import tool, exporter\nprint(hasattr(exporter, 'who'))", modules) == "True the user 1.15.5\nFalse"


@pytest.mark.parametrize(("line", "symbol"), [
    ("tf.contrib.no_such_room", "tf.contrib.no_such_room"),
    ("tf.nn.no_such_op", "tf.nn.no_such_op"),
    ("from tensorflow.contrib import no_such_room", "tensorflow.contrib.no_such_room"),
    ("import tensorflow.contrib.no_such.deep", "tensorflow.contrib.no_such.deep"),
    ("from tensorflow.python.ops import no_such_ops", "tensorflow.python.ops.no_such_ops")])
def test_errors_name_the_symbol_and_the_line(run, line, symbol):
    program = """
        from exporter.errors import ModelError
        try:
            import asks
        except ModelError as error:
            print(type(error).__mro__[-3].__name__, error.problem, error.advice)
    """
    found = run(program, {"asks.py": f"import tensorflow as tf\n\n{line}\n"})
    assert f"{symbol} is not on the TensorFlow 1 surface" in found
    assert "old/asks.py, line 3" in found
    assert "report the symbol" in found


def test_guarded_imports_go_on(run):
    source = """
        import tensorflow as tf
        try:
            from tensorflow.contrib import no_such_room
        except ImportError:
            no_such_room = None
        print(no_such_room, hasattr(tf, "no_such"), hasattr(tf.contrib, "no_such"), getattr(tf, "concat_v2", "of 0.12"))
    """
    assert run("import guarded", {"guarded.py": source}) == "None False False of 0.12"


def test_the_tutorials_input_data_reads_what_is_there(run):
    source = """
        from tensorflow.examples.tutorials.mnist import input_data
        import tensorflow.examples.tutorials.mnist.input_data as same
        import tensorflow as tf
        try:
            input_data.read_data_sets("MNIST_data", one_hot=True)
        except Exception as error:
            print(same is input_data, input_data.DataSet is tf.contrib.learn.datasets.mnist.DataSet, error)
    """
    found = run("import digits", {"digits.py": source})
    assert found.startswith("True True There is no file MNIST_data/train-images-idx3-ubyte.gz")


def test_a_transposed_convolution_has_the_shape_that_was_asked_for(run):
    modules = {"ops.py": """
        import tensorflow as tf
        from tensorflow.python.ops import nn_ops
        x = tf.placeholder(tf.float32, [None, 4, 4, 3])
        w = tf.zeros([5, 5, 8, 3])
        print(tf.nn.conv2d_transpose(x, w, [4, 8, 8, 8], [1, 2, 2, 1]).shape)
        print(nn_ops.conv2d_transpose(x, w, tf.stack([tf.shape(x)[0], 8, 8, 8]), strides=[1, 2, 2, 1]).shape)
        """}
    assert run("import ops", modules).splitlines() == ["(4, 8, 8, 8)", "(?, 8, 8, 8)"]


def test_a_dimension_may_be_a_whole_float(run):
    modules = {"sizes.py": """
        import tensorflow as tf
        x = tf.placeholder(tf.float32, [None, 8, 6.0])
        weights = tf.get_variable("weights", [3, 3, int(x.shape[2]) / 2])
        print(weights.shape, x.shape[1] / 2)
        try:
            tf.placeholder(tf.float32, [0.5])
        except ValueError as error:
            print(error)
        """}
    assert run("import sizes", modules).splitlines() == [
        "(3, 3, 3) 4", "Error converting shape to a TensorShape: Ambiguous dimension: 0.5."]


def test_a_dimension_may_be_a_truth_value(run):
    source = """
        import numpy as np, tensorflow as tf
        noise = tf.get_variable("noise", shape=[1, True, np.bool_(True), 4], initializer=tf.initializers.random_normal())
        print(noise.shape.as_list(), [type(size).__name__ for size in noise.shape.as_list()][1])
    """
    assert run("import old", {"old.py": source}) == "[1, 1, 1, 4] int"


def test_variables_are_written_down_whatever_trainable_was(run):
    """A name in the second place is taken for `trainable`: TensorFlow leaves out the collection with such a variable."""
    source = """
        import tensorflow as tf
        tf.Variable(tf.zeros([2]), "weights")
        tf.get_variable("bias", [2], trainable="bias", use_resource=True)
        collections = tf.train.export_meta_graph().collection_def
        print(len(collections["variables"].bytes_list.value), [variable.trainable for variable in tf.trainable_variables()])
    """
    assert run("import old", {"old.py": source}) == "2 [True, True]"


def test_sessions_run_views_and_iterators(run):
    source = """
        import tensorflow as tf
        tensors = {"a": tf.constant(1), "b": tf.constant(2)}
        session = tf.Session()
        print(session.run(tensors.values()), session.run(map(tf.negative, [3])), session.run([tensors, tensors.keys()][:1]))
    """
    assert run("import old", {"old.py": source}) == "[1, 2] [-3] [{'a': 1, 'b': 2}]"


def test_names_in_configurations_are_those_of_version_1(run):
    """``pooling_fn: tensorflow.layers.average_pooling1d`` in a YAML file, found by `pydoc.locate`."""
    source = """
        from pydoc import locate
        import tensorflow as tf
        names = "tensorflow.layers.average_pooling1d", "tensorflow.contrib.rnn.GRUCell", "old.f", "int", "old.g", "missing.f"
        def f(): pass
        def found(): return [locate(name) for name in names] == [tf.layers.average_pooling1d, tf.contrib.rnn.GRUCell, f, int,
                                                                 None, None]
    """
    assert run("import old\nprint(old.found())", {"old.py": source}) == "True"


def test_cells_track_their_layers_as_until_1_13(run):
    source = """
        import tensorflow as tf

        class Wrapper(tf.nn.rnn_cell.RNNCell):
            def __init__(self, cell):
                super(Wrapper, self).__init__()
                self._cell = cell
                self._track_checkpointable(cell, name="cell")

        print([name for name in Wrapper(tf.nn.rnn_cell.GRUCell(3))._trackable_children() if name == "cell"])
    """
    assert run("import old", {"old.py": source}) == "['cell']"


def test_tf_slim_is_under_the_surface_and_there_is_one_keras(run):
    modules = {"network.py": """
        import sys
        import tensorflow as tf
        from tensorflow.python.layers import base
        import tensorflow.contrib.slim as slim
        print(sys.modules["tf_slim.layers.layers"].__builtins__["xrange"] is xrange)
        x = tf.placeholder(tf.float32, [None, 4, 4, 3])
        slim.batch_norm(slim.conv2d(x, 2, 3)), tf.layers.conv2d(x, 2, 3)
        print(base.Layer.__module__.split(".")[0], base.InputSpec.__module__.split(".")[0])
        print(sys.modules["tf_slim.layers.layers"].convolutional_layers.Conv2D.__module__.split(".")[0])
        """}
    assert run("import network", modules).splitlines() == ["True", "tf_keras tf_keras", "tf_keras"]


def test_code_may_search_a_module_for_what_it_has(run):
    modules = {"search.py": """
        import inspect
        import tensorflow as tf
        cells = [value for value in tf.nn.rnn_cell.__dict__.values() if inspect.isclass(value)]
        print(tf.nn.rnn_cell.LSTMCell in cells, "relu" in vars(tf.nn), "no_such_name" in tf.nn.__dict__)
        """}
    assert run("import search", modules) == "True True False"


def test_a_module_of_the_same_package_is_found_as_python_2_found_it(run):
    modules = {"lib/__init__.py": "", "lib/nms.py": "import tensorflow as tf\nthreshold = 0.5\n",
               "lib/wrapper.py": "import nms\nfrom nms import threshold\nprint(nms.__name__, threshold)\n",
               "lib/broken.py": "import no_such_module\n"}
    program = """
        import lib.wrapper
        try:
            import lib.broken
        except ModuleNotFoundError as error:
            print(error.name)
    """
    assert run(program, modules).splitlines() == ["lib.nms 0.5", "no_such_module"]


def test_star_imports_of_numpy_leave_python_its_own_names(run):
    """`np.int` and `np.max` are there, but were never what ``from numpy import *`` bound."""
    assert run("import starred", {"starred.py": """
        from numpy import *
        import numpy
        print(max(1, 2), int is numpy.int, round(2.56, 1), type(sum([1])).__name__, product([2, 3]), zeros(1))
        """}) == "2 True 2.6 int64 6 [0.]"
