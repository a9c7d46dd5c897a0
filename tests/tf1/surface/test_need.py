"""Whether a file needs the surface is read from its source."""

from __future__ import annotations

import pytest

from exporter.tf1.surface import needs_surface, runs_at_import


@pytest.mark.parametrize(("source", "reason"), [
    ("import tensorflow as tf\nslim = tf.contrib.slim\n", "line 2: tf.contrib, a name of TensorFlow 1"),
    ("import os\nimport tensorflow.contrib.slim as slim\n", "line 2: tensorflow.contrib.slim"),
    ("from tensorflow.contrib import layers\n", "line 1: tensorflow.contrib.layers"),
    ("import tensorflow as t\ndef f():\n  return t.placeholder(t.int8)\n", "line 3: t.placeholder, a name of TensorFlow 1"),
    ("import tensorflow\nx = tensorflow.nn.rnn_cell.LSTMCell\n", "line 2: tensorflow.nn.rnn_cell, a name of TensorFlow 1"),
    ("import tensorflow as tf\nprint 'x'\n", "line 2: Python 2 syntax"),
    ("import cPickle as pickle\n", "line 1: cPickle, a module of Python 2"),
    ("from tensorflow.examples.tutorials import mnist\n", "line 1: tensorflow.examples.tutorials.mnist"),
    ("from tensorflow import flags\n", "line 1: tensorflow.flags, a name of TensorFlow 1"),
    ("from tensorflow.nn import rnn_cell\n", "line 1: tensorflow.nn.rnn_cell, a name of TensorFlow 1"),
    ("import tensorflow\ntensorflow.placeholder\n", "line 2: tensorflow.placeholder, a name of TensorFlow 1"),
    ("import tensorflow.contrib.slim as slim\n", "line 1: tensorflow.contrib.slim"),
    ("from tensorflow.python.ops import seq2seq\n", "line 1: tensorflow.python.ops.seq2seq"),
    ("for i in xrange(3):\n    pass\n", "line 1: xrange, a builtin of Python 2"),
    ("import numpy as np\nx = np.zeros(3, np.int)\n", "line 2: np.int, a name of NumPy before 1.24"),
    ("import tensorflow.compat.v1 as tf\nslim = tf.contrib.slim\n", "line 2: tf.contrib.slim, a name of TensorFlow 1"),
    ("from tensorflow import compat\ncompat.v1.contrib\n", "line 2: compat.v1.contrib, a name of TensorFlow 1"),
    ("import tensorflow as tf\ntf.reduce_mean(x, reduction_indices=[1])\n",
     "line 2: tf.reduce_mean(reduction_indices=...), an argument of TensorFlow 1"),
    ("import tensorflow as tf\ntf.nn.dropout(x, keep_prob=0.5)\n",
     "line 2: tf.nn.dropout(keep_prob=...), an argument of TensorFlow 1"),
    ("it = dataset.batch(2).make_one_shot_iterator()\n",
     "line 1: make_one_shot_iterator, a method of datasets of TensorFlow 1"),
    ("for key in table.iteritems():\n    pass\n", "line 1: iteritems, a method of Python 2"),
    ("import tensorflow as tf\ntf.graph_util.convert_variables_to_constants\n",
     "line 2: tf.graph_util.convert_variables_to_constants, a name of TensorFlow 1"),
    ("from tensorflow.keras import backend as K\nK.get_session()\n", "line 2: K.get_session, a name of TensorFlow 1"),
    ("from scipy.misc import imread\n", "line 1: scipy.misc.imread, which SciPy had until 1.2"),
    ("import sys\nsys.maxint\n", "line 2: sys.maxint, a name of Python 2"),
    ("import tensorflow as tf\ntry:\n    tf.app.run()\nfinally:\n    pass\n", "line 3: tf.app, a name of TensorFlow 1")])
def test_reasons_are_given_in_words(tmp_path, source, reason):
    (tmp_path / "model.py").write_text(source)
    assert needs_surface(tmp_path / "model.py") == reason


@pytest.mark.parametrize("source", [
    "import tensorflow as tf\ndef f(x):\n    return tf.nn.relu(tf.reduce_mean(x))\n",
    "import tensorflow.compat.v1 as tf\nx = tf.placeholder(tf.float32)\n",
    "import tensorflow as tf\ntf = tf.compat.v1\n",
    "import tensorflow.compat.v1 as tf, tf_slim as slim\n",
    "class Model:\n    placeholder = 1\n",
    "try:\n    from tensorflow.contrib import slim\nexcept ImportError:\n    import tf_slim as slim\n",
    "try:\n    import tensorflow.compat.v1 as tf\nexcept ImportError:\n    import tensorflow as tf\ntf.placeholder\n",
    "import tensorflow as tf\ntry:\n    tf.placeholder\nexcept AttributeError:\n    pass\n",
    "import tensorflow as tf\nif hasattr(tf, 'placeholder'):\n    tf.placeholder(tf.int8)\n",
    "import tensorflow as tf\nif tf.__version__ < '2':\n    tf.contrib\nelse:\n    tf.keras\n",
    "import tensorflow as tf\nx = tf.contrib.slim if hasattr(tf, 'contrib') else None\n",
    "import tensorflow as tf\ntf = tf.compat.v1\ntf.placeholder(tf.int8)\n",
    "try:\n    xrange\nexcept NameError:\n    xrange = range\nxrange(3)\n",
    "from six.moves import *\nxrange(3)\n",
    "from six.moves import xrange\nxrange(3)\n",
    "def f(tf):\n    return tf.placeholder\n",
    "import six\nfor key in six.iteritems(table):\n    pass\n",
    "import tensorflow as tf\ntf.raw_ops.ArgMax(input=x, dimension=0)\ntf.compat.v1.data.make_one_shot_iterator(d)\n",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tensorflow.contrib import slim\n",
    "def f(:\n",
    ""])
def test_other_files_need_nothing(tmp_path, source):
    (tmp_path / "model.py").write_text(source)
    assert needs_surface(tmp_path / "model.py") is None


@pytest.mark.parametrize("content", [b"# -*- coding: klingon -*-\nprint 1\n", "größe = 1".encode("latin-1")])
def test_text_of_no_known_encoding_is_no_python_2(tmp_path, content):
    (tmp_path / "model.py").write_bytes(content)
    assert needs_surface(tmp_path / "model.py") is None


def test_a_file_that_cannot_be_read_needs_nothing(tmp_path):
    (tmp_path / "binary.py").write_bytes(b"\0\1\2")
    assert (needs_surface(tmp_path / "binary.py"), needs_surface(tmp_path / "missing.py")) == (None, None)


@pytest.mark.parametrize(("source", "what"), [
    ("import tensorflow as tf\nsess = tf.Session()\n", "line 2 starts a session"),
    ("for i in range(3):\n    sess.run(train)\n", "line 2 runs a session"),
    ("args = parser.parse_args()\n", "line 1 reads the command line"),
    ("import subprocess\nsubprocess.run(['ls'])\n", None),
    ("import sys\nname = sys.argv[1]\n", "line 2 reads the command line"),
    ("import tensorflow as tf\ntf.app.run()\n", "line 2 starts the program"),
    ("data = input_data.read_data_sets('MNIST')\n", "line 1 reads training data"),
    ("if __name__ == '__main__':\n    tf.app.run()\n", None),
    ("def main():\n    tf.Session().run(x)\n", None)])
def test_scripts_are_told_from_modules(tmp_path, source, what):
    (tmp_path / "script.py").write_text(source)
    assert runs_at_import(tmp_path / "script.py") == what
