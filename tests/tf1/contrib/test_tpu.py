"""`tf.contrib.tpu` without TPUs, as BERT and others of its time used it."""

MODEL = """
    import numpy as np
    import tensorflow as tf

    tpu = tf.contrib.tpu

    def model_fn(features, labels, mode, params):
        logits = tf.layers.dense(features['x'], 2)
        if mode == tf.estimator.ModeKeys.PREDICT:
            return tpu.TPUEstimatorSpec(mode, predictions={'logits': logits, 'size': tf.fill([4], params['batch_size'])})
        loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        if params['use_tpu']:
            optimizer = tpu.CrossShardOptimizer(optimizer)
        step = optimizer.minimize(loss, tf.train.get_global_step())
        metrics = lambda labels, logits: {'accuracy': tf.metrics.accuracy(labels, tf.argmax(logits, 1))}
        return tpu.TPUEstimatorSpec(mode, loss=loss, train_op=step, eval_metrics=(metrics, [labels, logits]),
                                    scaffold_fn=tf.train.Scaffold)

    def input_fn(params):
        x = np.linspace(-1, 1, 8).reshape(8, 1).astype(np.float32)
        data = tf.data.Dataset.from_tensor_slices(({'x': x}, (x[:, 0] > 0).astype(np.int64)))
        return data.apply(tf.contrib.data.map_and_batch(lambda x, y: (x, y), params['batch_size'], drop_remainder=True))

    def run():
        config = tpu.RunConfig(
            model_dir='model', save_checkpoints_steps=2,
            tpu_config=tpu.TPUConfig(iterations_per_loop=10, num_shards=8,
                                     per_host_input_for_training=tpu.InputPipelineConfig.PER_HOST_V2))
        estimator = tpu.TPUEstimator(model_fn=model_fn, config=config, params={'use_tpu': False}, use_tpu=False,
                                     train_batch_size=2, eval_batch_size=8, predict_batch_size=4)
        estimator.train(input_fn, max_steps=3)
        print(sorted(estimator.evaluate(input_fn, steps=1)))
        rows = list(estimator.predict(input_fn))
        return len(rows), rows[0]['logits'].shape, int(rows[0]['size']), config.tpu_config.num_shards
"""


def test_an_estimator_trains_evaluates_and_predicts(run):
    lines = run("""
        import model
        print(model.run())
        """, {"model.py": MODEL}).splitlines()
    assert lines[-2:] == ["['accuracy', 'global_step', 'loss']", "(8, (2,), 4, 8)"]


def test_a_specification_becomes_a_plain_one(run):
    assert run("""
        import plain
        print(*plain.fields())
        """, {"plain.py": """
        import tensorflow as tf

        def fields():
            with tf.Graph().as_default():
                spec = tf.contrib.tpu.TPUEstimatorSpec('eval', loss=tf.constant(1.0), eval_metrics=(
                    lambda loss: {'mean': tf.metrics.mean(loss)}, {'loss': tf.constant(1.0)})).as_estimator_spec()
                return type(spec).__name__, sorted(spec.eval_metric_ops), spec.mode
        """}) == "EstimatorSpec ['mean'] eval"


def test_scopes_and_functions(run):
    assert run("""
        import scopes
        print(scopes.names())
        """, {"scopes.py": """
        import tensorflow as tf

        def names():
            with tf.Graph().as_default():
                with tf.contrib.tpu.bfloat16_scope():
                    x = tf.get_variable('x', [2], tf.bfloat16)
                return x.dtype.name, [variable.dtype.base_dtype.name for variable in tf.global_variables()]
        """}) == "('bfloat16', ['float32'])"
