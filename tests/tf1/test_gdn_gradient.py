from __future__ import annotations

from collections.abc import Callable


def test_gdn_has_a_gradient(fresh_python: Callable[[str], str]) -> None:
    """The layer is x / sqrt(beta + gamma x²), with beta = 1 and gamma = 0.1 at first: 1.1^-0.5 for x = 1."""
    program = """
        from exporter.tf1.gdn_gradient import mend_gdn_gradient
        mend_gdn_gradient()
        import tensorflow.compat.v1 as tf
        from tf_slim import layers
        with tf.Graph().as_default(), tf.Session() as session:
            outputs = layers.gdn(tf.ones([1, 2, 2, 1]))
            gradients = tf.gradients(tf.reduce_mean(outputs), tf.trainable_variables())
            session.run(tf.global_variables_initializer())
            # beta and gamma are the squares of the variables, less a pedestal
            for tensor in (outputs[0, 0, 0, 0], gradients[0][0], gradients[1][0, 0]):
                print(round(float(session.run(tensor)), 4))
    """
    output, beta_gradient, gamma_gradient = map(float, fresh_python(program).split())
    derivative = -0.5 * 1.1**-1.5
    assert output == round(1.1**-0.5, 4)
    assert beta_gradient == round(derivative * 2 * 1.0, 4)
    assert gamma_gradient == round(derivative * 2 * 0.1**0.5, 4)


def test_a_gradient_that_is_registered_already_is_kept(fresh_python: Callable[[str], str]) -> None:
    program = """
        from tensorflow.python.framework import ops
        ops.RegisterGradient("GDNLowerBound")(lambda op, gradient: None)
        import tf_slim
        from exporter.tf1.gdn_gradient import mend_gdn_gradient
        mend_gdn_gradient()
        print("no conflict")
    """
    assert fresh_python(program) == "no conflict"
