"""`keras` of 2016 to 2019 is tf-keras, under the names of its time."""

from __future__ import annotations

import pytest


def test_old_keras_and_the_estimators_package_are_those_of_the_surface(run):
    modules = {"homes.py": """
        from keras.layers.core import Dense
        from keras.layers.normalization import BatchNormalization
        from keras.utils.np_utils import to_categorical
        from keras.engine.topology import Layer
        import keras.backend.tensorflow_backend as KTF
        import tensorflow as tf
        from tensorflow.python.estimator.model_fn import EstimatorSpec
        from tensorflow_estimator.python.estimator import model_fn
        import tensorflow_estimator
        print(Dense is tf.keras.layers.Dense, BatchNormalization is tf.keras.layers.BatchNormalization)
        print(issubclass(Dense, Layer), to_categorical is tf.keras.utils.to_categorical, KTF.set_session.__name__)
        print(EstimatorSpec is tf.estimator.EstimatorSpec is model_fn.EstimatorSpec is tensorflow_estimator.EstimatorSpec)
        """}
    assert run("import homes", modules).splitlines() == ["True True", "True True set_session", "True"]


@pytest.mark.parametrize("line", [
    "import keras; assert keras.__version__.startswith('2.2.4')",
    "from keras.engine import Layer, InputSpec, Model, Input",
    "from keras.engine.topology import Input, get_source_inputs, preprocess_weights_for_loading",
    "from keras.engine.network import Network; from keras.engine.training import Model",
    "from keras.models import Input, Model, Sequential",
    "from keras.utils import multi_gpu_model, convert_all_kernels_in_model; from keras.utils.training_utils import "
    "multi_gpu_model",
    "from keras.applications.imagenet_utils import _obtain_input_shape; assert _obtain_input_shape.__name__",
    "from keras.applications.mobilenet import relu6, DepthwiseConv2D; assert int(K.eval(relu6(K.constant(9.0)))) == 6",
    "from keras.backend.common import normalize_data_format, epsilon; assert K.normalize_data_format('channels_last')",
    "K.set_image_dim_ordering('th'); assert (K.image_dim_ordering(), K.image_data_format()) == ('th', 'channels_first')",
    "assert K.tf is tf and K.tf.contrib.layers and K.tf.__version__ == '1.15.5'",
    "from keras.legacy import interfaces; from keras.legacy.interfaces import legacy_x as f; assert f(K) is K",
    "from keras.regularizers import l1l2; from keras.constraints import maxnorm; from keras.objectives import mse",
])
def test_the_names_of_keras_2_2(run, line):
    assert run("import old", {"old.py": f"from keras import backend as K\nimport tensorflow as tf\n{line}\nprint('there')"}
               ) == "there"
