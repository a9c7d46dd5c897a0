"""`tf.contrib`, as far as it is there: slim, layers, framework; what is not there says so."""

CLASSIFIER = """
    import tensorflow as tf
    import tensorflow.contrib.slim as slim
    from tensorflow.contrib.framework import arg_scope, get_or_create_global_step
    from tensorflow.contrib.layers import xavier_initializer
    from tensorflow.contrib.layers.python.layers import utils
    from tensorflow.contrib.framework.python.ops.variables import get_variables_to_restore

    def net(images, is_training):
        with arg_scope([slim.conv2d, tf.contrib.layers.fully_connected], weights_initializer=xavier_initializer(),
                       weights_regularizer=slim.l2_regularizer(1e-4)):
            with slim.arg_scope([slim.batch_norm], is_training=is_training):
                net = slim.conv2d(images, 4, [3, 3], normalizer_fn=slim.batch_norm, scope='conv')
            net = slim.flatten(slim.max_pool2d(net, [2, 2], scope='pool'))
            return tf.contrib.layers.fully_connected(net, 10, activation_fn=None, scope='logits')
"""


def test_a_slim_classifier_and_its_variables(run):
    assert run("""
        import classifier
        import tensorflow.compat.v1 as tf
        with tf.Graph().as_default(), tf.Session() as session:
            logits = classifier.net(tf.zeros([2, 8, 8, 3]), False)
            classifier.get_or_create_global_step()
            session.run(tf.global_variables_initializer())
            print(session.run(logits).shape, [variable.op.name for variable in classifier.get_variables_to_restore()])
        """, {"classifier.py": CLASSIFIER}) == (
        "(2, 10) ['conv/weights', 'conv/BatchNorm/beta', 'conv/BatchNorm/moving_mean', 'conv/BatchNorm/moving_variance', "
        "'logits/weights', 'logits/biases', 'global_step']")


def test_a_name_that_is_not_there_is_told_with_the_line_that_asked(run):
    assert run("""
        try:
            import columns
        except AttributeError as error:
            print(error)
        """, {"columns.py": "import tensorflow as tf\n\nprint(tf.contrib.layers.no_such_layer('x'))\n"}).startswith(
        "tf.contrib.layers.no_such_layer is not on the TensorFlow 1 surface (asked for by ")


def test_networks_of_slim(run):
    assert run("""
        import nets
        print(sorted(nets.NETS))
        """, {"nets.py": """
            from tensorflow.contrib.slim.nets import resnet_v1, vgg
            from tensorflow.contrib.slim.python.slim.nets import inception_v3
            NETS = [resnet_v1.resnet_v1_50.__name__, vgg.vgg_16.__name__, inception_v3.inception_v3.__name__]
            """}) == "['inception_v3', 'resnet_v1_50', 'vgg_16']"


def test_what_is_absent_below_python_is_no_module(run):
    modules = {"private.py": """
        import tensorflow as tf
        from tensorflow.contrib.layers.python.layers import layers, utils
        from tensorflow.contrib.layers.python import ops
        print(hasattr(layers, "no_such_layer"), layers.fully_connected is tf.contrib.layers.fully_connected)
        try:
            from tensorflow.contrib.layers.python.layers.layers import no_such_layer
        except ImportError as error:
            print(error)
        """}
    found = run("import private", modules).splitlines()
    assert found[0] == "False True"
    assert found[1].startswith("tensorflow.contrib.layers.python.layers.layers.no_such_layer is not on the TensorFlow 1")
