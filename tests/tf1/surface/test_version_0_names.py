"""Code of 2015 and 2016, before TensorFlow 1.0, by the names and the argument orders of its time."""

from __future__ import annotations

import pytest

from exporter.tf1.surface import needs_surface

HEAD = """
    import numpy as np
    import tensorflow as tf
    from tensorflow.models.rnn import rnn, rnn_cell, seq2seq
    from tensorflow.python.ops import array_ops, math_ops
    x = np.float32([[1, -2], [3, 4]])
    a = tf.constant(x)
    def value(tensor): return tf.Session().run(tensor).tolist()
    """

VALUES = {
    "tf.concat(1, [a, a])": [[1, -2, 1, -2], [3, 4, 3, 4]],
    "tf.concat(concat_dim=0, values=[a, a])": [[1, -2], [3, 4], [1, -2], [3, 4]],
    "tf.concat([a, a], 1)": [[1, -2, 1, -2], [3, 4, 3, 4]],
    "tf.concat(values=[a, a], axis=1)": [[1, -2, 1, -2], [3, 4, 3, 4]],
    "array_ops.concat(0, [a, a])": [[1, -2], [3, 4], [1, -2], [3, 4]],
    "tf.split(1, 2, a)[1]": [[-2], [4]],
    "tf.split(split_dim=0, num_split=2, value=a)[1]": [[3, 4]],
    "array_ops.split(1, 2, a)[0]": [[1], [3]],
    "tf.split(a, 2, 1)[0]": [[1], [3]],
    "tf.split(a, [1, 1], axis=1)[1]": [[-2], [4]],
    "tf.pack([1, 2])": [1, 2],
    "tf.unpack(a)[1]": [3, 4],
    "tf.mul(a, a)": [[1, 4], [9, 16]],
    "tf.sub(a, 1)": [[0, -3], [2, 3]],
    "math_ops.neg(a)": [[-1, 2], [-3, -4]],
    "tf.select(a > 0, a, tf.zeros_like(a))": [[1, 0], [3, 4]],
    "tf.inv(a)": [[1, -0.5], [1 / 3, 0.25]],
    "tf.batch_matmul(a, a, adj_y=True)": [[5, -5], [-5, 25]],
    "tf.batch_matrix_transpose(a)": [[1, 3], [-2, 4]],
    "tf.reverse(a, [False, True])": [[-2, 1], [4, 3]],
    "tf.reverse(a, dims=[True, False])": [[3, 4], [1, -2]],
    "tf.reverse(a, [0])": [[3, 4], [1, -2]],
    "tf.listdiff([1, 2, 3], [2])[0]": [1, 3],
    "tf.shape(tf.image.resize_images(tf.ones([1, 4, 4, 3]), 8, 6))": [1, 8, 6, 3],
    "tf.shape(tf.image.resize_images(tf.ones([1, 4, 4, 3]), [8, 6]))": [1, 8, 6, 3],
    "tf.nn.rnn_cell.linear(tf.zeros([1, 2]), 3, True).shape[1]": 3,
}


@pytest.mark.parametrize("expression", VALUES)
def test_names_and_argument_orders(run, expression):
    source = f"""{HEAD}
    found = {expression}
    print(found if isinstance(found, tf.Dimension) else value(found))
    """
    expected = VALUES[expression]
    found = eval(run("import old", {"old.py": source}))
    assert found == (pytest.approx(expected) if isinstance(expected, int) else [pytest.approx(row) for row in expected])


LOSSES = """
    labels = tf.constant([0, 1])
    print(np.allclose(value(tf.nn.softmax_cross_entropy_with_logits(a, tf.nn.softmax(a))),
                      value(tf.nn.softmax_cross_entropy_with_logits(logits=a, labels=tf.nn.softmax(a)))))
    print(np.allclose(value(tf.nn.sparse_softmax_cross_entropy_with_logits(a, labels, "loss")),
                      np.log(np.exp(x).sum(1)) - x[[0, 1], [0, 1]]))
    sigmoid = tf.nn.sigmoid_cross_entropy_with_logits
    for loss in (sigmoid(a, a / 2), sigmoid(a, targets=a / 2), sigmoid(labels=a / 2, logits=a)):
        print(np.allclose(value(loss), np.log1p(np.exp(x)) - x * x / 2, atol=1e-5))
    sequence = tf.SparseTensor([[0, 0]], [1], [1, 1])
    logits = tf.ones([3, 1, 4])
    print(value(tf.nn.ctc_loss(logits, sequence, [3])) == value(tf.nn.ctc_loss(sequence, logits, [3])))
    classes = tf.constant([[0], [1]])
    weights, biases = tf.ones([5, 2]), tf.zeros([5])
    print(tf.nn.nce_loss(weights, biases, a, classes, 2, 5).shape == tf.nn.nce_loss(weights, biases, classes, a, 2, 5).shape)
    """


def test_losses_took_the_logits_first(run):
    assert run("import old", {"old.py": HEAD + LOSSES}).split() == ["True"] * 7


def test_recurrent_networks_and_summaries(run):
    source = f"""{HEAD}
    cell = rnn_cell.GRUCell(3)
    outputs, state = tf.nn.rnn(cell, [a, a], dtype=tf.float32)
    print(len(outputs), seq2seq.rnn_decoder is tf.nn.seq2seq.rnn_decoder is tf.contrib.legacy_seq2seq.rnn_decoder,
          rnn.rnn is tf.nn.rnn)
    tf.scalar_summary("size", tf.reduce_sum(a))
    writer = tf.train.SummaryWriter("logs", tf.get_default_graph().as_graph_def())
    print(len(tf.Session().run(tf.merge_all_summaries())) > 0)
    """
    assert run("import old", {"old.py": source}).split() == ["2", "True", "True", "True"]


def test_modules_of_that_time_are_told(tmp_path):
    old = tmp_path / "old.py"
    old.write_text("import tensorflow as tf\n\ndef f(x): return tf.mul(x, x)\n")
    assert needs_surface(old) == "line 3: tf.mul, a name of TensorFlow 0"
