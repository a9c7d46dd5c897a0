"""Layers without a name are called as in TensorFlow 1.15.5, whose `to_snake_case` gave these names."""

import pytest

from exporter.tf1.keras_layer_names import to_snake_case

NAMES = {
    "Conv2DTranspose": "conv2d_transpose", "ConvLSTM2D": "conv_lst_m2d", "CuDNNLSTM": "cu_dnnlstm", "BN2D": "b_n2d",
    "ConvBNReLU": "conv_bn_re_lu", "MyLayer2DX": "my_layer2dx", "LSTM2": "lst_m2",
    "HTTPLayer": "http_layer", "A1B2": "a1_b2",
    "ResNet50V2": "res_net50v2", "DenseNet121Block": "dense_net121block", "_Private": "private__private",
    "GRUCell": "gru_cell", "CBAM2dBlock": "cba_m2d_block", "X3DNet": "x3d_net", "SE2Net": "s_e2net",
}
PROGRAM = """
    import os
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow.compat.v1 as tf
    from exporter.tf1.keras_layer_names import mend_keras_layer_names
    tf.disable_v2_behavior()
    mend_keras_layer_names()
    import tf_keras.src.legacy_tf_layers.base

    class BN2D(tf_keras.src.legacy_tf_layers.base.Layer):
        def build(self, shape):
            self.add_weight("gamma", [3])
        def call(self, inputs):
            return inputs

    BN2D()(tf.ones([2, 3]))
    tf.keras.layers.ConvLSTM2D(2, 3, kernel_initializer="he_normal")(tf.ones([1, 2, 8, 8, 3]))
    print(*[variable.op.name for variable in tf.global_variables()])
"""


@pytest.mark.parametrize(("class_name", "name"), NAMES.items())
def test_the_rule(class_name, name):
    assert to_snake_case(class_name) == name


def test_variables(fresh_python):
    assert fresh_python(PROGRAM).split() == ["b_n2d/gamma", "conv_lst_m2d/kernel", "conv_lst_m2d/recurrent_kernel",
                                             "conv_lst_m2d/bias"]
