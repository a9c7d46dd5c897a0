"""Networks of `tf.keras.applications` have the classifiers of TensorFlow 1.15.5, whose names these are."""

CLASSIFIERS = {"ResNet50": "probs", "ResNet101V2": "probs", "MobileNetV2": "Logits", "DenseNet121": "fc1000",
               "MobileNet": "act_softmax", "VGG16": "predictions", "InceptionV3": "predictions"}
PROGRAM = """
    import os
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow.compat.v1 as tf
    from exporter.tf1.keras_application_names import mend_keras_application_names
    tf.disable_v2_behavior()
    mend_keras_application_names()
    mend_keras_application_names()
    for name in {names!r}:
        with tf.Graph().as_default():
            network = getattr(tf.keras.applications, name)(weights=None, input_shape=(96, 96, 3), classes=3)
            print(name, network.layers[-1].name, len({{variable.op.name for variable in network.weights}} ^
                                                     {{variable.op.name for variable in tf.global_variables()}}))
"""


def test_the_last_layer(fresh_python):
    lines = fresh_python(PROGRAM.format(names=list(CLASSIFIERS))).splitlines()
    assert lines == [f"{network} {classifier} 0" for network, classifier in CLASSIFIERS.items()]
