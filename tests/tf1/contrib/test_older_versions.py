"""What TensorFlow 1.0 to 1.14 had, and 1.15 no longer; repositories of 2017 stand on it."""

import pytest


def test_linear_operators_by_their_old_names(run):
    """A lower triangle of ones masks the future in the transformers of 2017."""
    assert run("import old_net; print(old_net.mask())", {"old_net.py": """
    import tensorflow as tf
    def mask():
        triangle = tf.contrib.linalg.LinearOperatorTriL(tf.ones([3, 3])).to_dense()
        assert tf.contrib.linalg.LinearOperatorDiag is tf.linalg.LinearOperatorDiag
        with tf.Session() as session:
            return session.run(triangle).tolist()
    """}) == "[[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]"


def test_a_copy_of_dynamic_rnn_asks_whether_a_cell_is_like_a_cell(run):
    assert run("import old_net; print(old_net.answers())", {"old_net.py": """
    import tensorflow as tf
    from tensorflow.python.ops import rnn_cell_impl
    def answers():
        return [rnn_cell_impl._like_rnncell(thing) for thing in (tf.nn.rnn_cell.GRUCell(3), tf.nn.relu, 3)]
    """}) == "[True, False, False]"


@pytest.mark.parametrize("function", ["basic_rnn_seq2seq", "embedding_rnn_seq2seq", "embedding_attention_seq2seq"])
def test_buckets_share_one_cell_and_its_variables(run, function):
    """Chatbots of 2016 and 2017 build each bucket, and the decoder that is fed with its own words, with the same cell.

    TensorFlow 1.0 copied the cell for the encoder each time. From 1.2 to 1.15 that failed, since cells had variables.
    """
    assert run("import old_net; print(*old_net.variables())", {"old_net.py": f"""
    import numpy as np
    import tensorflow as tf
    seq2seq = tf.contrib.legacy_seq2seq

    def network(cell, is_trained):
        if '{function}' == 'basic_rnn_seq2seq':
            inputs = [tf.ones([2, 4]), tf.zeros([2, 4])]
            return seq2seq.basic_rnn_seq2seq(inputs, inputs, cell)[0]
        words = [tf.constant([1, 3]), tf.constant([0, 6])]
        return seq2seq.{function}(words, words, cell, 7, 7, 4, feed_previous=not is_trained)[0]

    def variables():
        keep = tf.placeholder_with_default(1.0, [])
        dropped = tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.GRUCell(3), output_keep_prob=keep)
        cell = tf.nn.rnn_cell.MultiRNNCell([dropped])
        outputs = [network(cell, True)]
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            outputs += [network(cell, True), network(cell, False)]
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            first, again, from_own_words = session.run(outputs)
        assert np.array_equal(first, again) and np.array_equal(first[0], from_own_words[0]) and np.any(first)
        names = [variable.op.name for variable in tf.global_variables()]
        return sorted(name.split('gru_cell/')[1] for name in names if 'gru_cell' in name)
    """}).split() == ["candidate/bias"] * 2 + ["candidate/kernel"] * 2 + ["gates/bias"] * 2 + ["gates/kernel"] * 2


def test_the_projector_gets_its_configuration(run):
    """The text is that which TensorBoard's own projector module writes."""
    assert run("import old_net; print(old_net.written())", {"old_net.py": """
    import tensorflow as tf
    from tensorflow.contrib.tensorboard.plugins import projector
    def written():
        config = projector.ProjectorConfig()
        embedding = config.embeddings.add()
        embedding.tensor_name = 'embedding:0'
        embedding.metadata_path = 'words.tsv'
        embedding.sprite.single_image_dim.extend([28, 28])
        projector.visualize_embeddings(tf.summary.FileWriter('log'), config)
        return open('log/projector_config.pbtxt').read().split()
    """}) == str(["embeddings", "{", "tensor_name:", '"embedding:0"', "metadata_path:", '"words.tsv"', "sprite", "{",
                  "single_image_dim:", "28", "single_image_dim:", "28", "}", "}"])
