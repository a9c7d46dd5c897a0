"""Layers with masks; their names and numbers are compared with TensorFlow 1.15.5 in test_same_as_1_15.py."""


def test_masked_weights_are_zero_and_regularized(run):
    assert run("import old_net; print(old_net.values())", {"old_net.py": """
    import tensorflow as tf
    pruning = tf.contrib.model_pruning

    def values():
        output = pruning.masked_fully_connected(
            tf.ones([1, 3]), 2, activation_fn=None, weights_initializer=tf.ones_initializer(),
            weights_regularizer=tf.contrib.layers.l2_regularizer(0.5))
        [mask], [loss] = pruning.get_masks(), tf.losses.get_regularization_losses()
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            session.run(mask.assign([[0, 1], [0, 1], [1, 1]]))
            return session.run([output, loss, pruning.get_weight_sparsity()])
    """}) == "[array([[1., 3.]], dtype=float32), 1.5, [0.33333334]]"


def test_sequences_have_no_masked_convolution(run):
    assert "not supported for input with rank 3" in run("import old_net; print(old_net.refusal())", {"old_net.py": """
    import tensorflow as tf

    def refusal():
        try:
            tf.contrib.model_pruning.masked_conv2d(tf.ones([1, 3, 2]), 4, 3)
        except ValueError as error:
            return error
    """})
