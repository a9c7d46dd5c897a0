"""Attributes that Keras 2.0 to 2.2 kept on tensors: networks of that time read their number of channels there."""

from tests.tf1.surface.conftest import run, server

__all__ = ["run", "server"]

MEND = """
from exporter.tf1.keras_tensor_attributes import mend_keras_tensor_attributes
mend_keras_tensor_attributes()
"""


def test_a_block_reads_the_shape_of_its_input(run):
    assert run(f"{MEND}import block; print(block.shapes())", {"block.py": """
    import tensorflow as tf
    from keras.layers import Conv2D, Input, Lambda
    from keras.models import Model

    def shapes():
        images = Input((8, 8, 3))
        x = Conv2D(2 * images._keras_shape[-1], 3, strides=2)(images)
        try:
            tf.placeholder(tf.float32)._keras_shape
        except AttributeError as error:
            return x._keras_shape, str(error)
    """}) == "((None, 3, 3, 6), 'Placeholder:0 has no _keras_shape: its number of dimensions is not known.')"


def test_a_layer_sets_them_on_its_output(run):
    assert run(f"{MEND}import attention; print(attention.values())", {"attention.py": """
    import tensorflow as tf
    from keras import backend as K
    from keras.layers import Input, Layer

    class Attention(Layer):
        def call(self, x):
            scores = K.softmax(x)
            scores._uses_learning_phase = x._uses_learning_phase
            scores._keras_shape = (None, 5)
            return scores

    def values():
        x = Input((None,))
        y = Attention()(x)
        before = y._uses_learning_phase
        y._uses_learning_phase = True
        return before, y._uses_learning_phase, x._uses_learning_phase, y._keras_shape, x._keras_shape
    """}) == "(False, True, False, (None, 5), (None, None))"
