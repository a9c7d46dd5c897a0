"""`tf.contrib.tfprof`."""


def test_parameters_are_counted(run):
    found = run("""
        import counting
        print(counting.parameters())
        """, {"counting.py": """
        import tensorflow as tf
        analyzer = tf.contrib.tfprof.model_analyzer

        def parameters():
            with tf.Graph().as_default() as graph:
                tf.contrib.slim.fully_connected(tf.zeros([1, 3]), 2)
                return analyzer.print_model_analysis(
                    graph, tfprof_options=analyzer.TRAINABLE_VARS_PARAMS_STAT_OPTIONS).total_parameters
        """})
    assert found.splitlines()[-1] == "8"
