"""`tf.estimator` under the surface: a model function is trained, evaluated, used and exported."""

MODEL = """
    import os
    import numpy as np
    import tensorflow as tf

    INPUTS = np.random.RandomState(0).randn(200, 4).astype('float32')
    LABELS = np.argmax(INPUTS[:, :3], 1)

    def model_fn(features, labels, mode, params):
        hidden = tf.layers.dense(features['x'], params['units'], tf.nn.relu)
        logits = tf.layers.dense(hidden, 3)
        predictions = {'classes': tf.argmax(logits, 1), 'probabilities': tf.nn.softmax(logits)}
        if mode == tf.estimator.ModeKeys.PREDICT:
            return tf.estimator.EstimatorSpec(mode, predictions=predictions)
        loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
        train_op = tf.train.AdamOptimizer(0.05).minimize(loss, tf.train.get_global_step())
        metrics = {'accuracy': tf.metrics.accuracy(labels, predictions['classes'])}
        return tf.estimator.EstimatorSpec(mode, predictions, loss, train_op, metrics)

    def estimator():
        config = tf.estimator.RunConfig(tf_random_seed=1, save_checkpoints_steps=100)
        return tf.estimator.Estimator(model_fn, 'model', config, params={'units': 16})

    def batches(num_epochs=1, shuffle=False):
        return tf.estimator.inputs.numpy_input_fn({'x': INPUTS}, LABELS, 32, num_epochs, shuffle)
    """


def test_train_evaluate_predict_and_export(run):
    printed = run("import model; model.main()", {"model.py": MODEL + """
    def main():
        trained = estimator().train(batches(None, True), steps=150)
        print(sorted(name for name in os.listdir('model') if name.endswith('.index')))
        metrics = trained.evaluate(batches())
        print(sorted(metrics), metrics['global_step'], metrics['accuracy'] > 0.9, metrics['loss'] < 0.3)
        found = [row['classes'] for row in estimator().predict(batches(), predict_keys=['classes'])]
        print(len(found), np.mean(found == LABELS) == metrics['accuracy'])
        features = {'x': tf.placeholder(tf.float32, [None, 4], 'x')}
        receiver = tf.estimator.export.build_raw_serving_input_receiver_fn(features)
        folder = trained.export_savedmodel('exported', receiver)
        with tf.Session(graph=tf.Graph()) as session:
            signature = tf.saved_model.loader.load(session, ['serve'], folder.decode()).signature_def['serving_default']
            feeds = {signature.inputs['x'].name: INPUTS}
            print(session.run(signature.outputs['classes'].name, feeds).tolist() == np.array(found).tolist())
    """})
    assert printed.splitlines() == [
        "['model.ckpt-0.index', 'model.ckpt-100.index', 'model.ckpt-150.index']",
        "['accuracy', 'global_step', 'loss'] 150 True True", "200 True", "True"]


def test_training_goes_on_from_the_last_checkpoint(run):
    """The graph's variables have TensorFlow 1.15's names, the global step first."""
    assert run("import model; print(model.main())", {"model.py": MODEL + """
    def main():
        estimator().train(batches(), max_steps=3)
        again = estimator().train(lambda: tf.data.Dataset.from_tensors(({'x': INPUTS}, LABELS)), max_steps=4)
        names = [name for name in again.get_variable_names() if 'Adam' not in name and 'power' not in name]
        return int(again.get_variable_value('global_step')), names
    """}) == "(4, ['dense/bias', 'dense/kernel', 'dense_1/bias', 'dense_1/kernel', 'global_step'])"


def test_train_and_evaluate(run):
    assert run("import model; print(model.main())", {"model.py": MODEL + """
    def main():
        train = tf.estimator.TrainSpec(batches(None, True), max_steps=5)
        metrics, exports = tf.estimator.train_and_evaluate(estimator(), train, tf.estimator.EvalSpec(batches(), steps=2))
        return int(metrics['global_step']), exports
    """}) == "(5, [])"


def test_what_a_mode_needs(run):
    assert run("import spec", {"spec.py": """
        import tensorflow as tf
        for mode in (tf.estimator.ModeKeys.TRAIN, tf.estimator.ModeKeys.PREDICT, 'other'):
            try:
                tf.estimator.EstimatorSpec(mode, loss=tf.constant(1.0))
            except ValueError as error:
                print(error)
        """}).splitlines() == [
            "Missing train_op: an EstimatorSpec of the mode 'train' needs it.",
            "Missing predictions: an EstimatorSpec of the mode 'infer' needs it.",
            "The mode must be one of tf.estimator.ModeKeys, found 'other'."]


def test_ready_made_estimators_can_be_subclassed_and_are_refused_when_made(run):
    assert run("import classifier; print(classifier.refused())", {"classifier.py": """
        import tensorflow as tf

        class Mine(tf.estimator.DNNClassifier):
            pass

        def refused():
            try:
                Mine([10], [])
            except NotImplementedError as error:
                return error
        """}).startswith("tf.estimator.DNNClassifier is for training only and can't be used here")


def test_public_names(run):
    """`dir(tf.estimator)` of TensorFlow 1.15.5."""
    assert run("import names; print(names.missing())", {"names.py": """
        import tensorflow as tf
        NAMES = '''BaselineClassifier BaselineEstimator BaselineRegressor BestExporter BinaryClassHead BoostedTreesClassifier
            BoostedTreesEstimator BoostedTreesRegressor CheckpointSaverHook CheckpointSaverListener DNNClassifier
            DNNEstimator DNNLinearCombinedClassifier DNNLinearCombinedEstimator DNNLinearCombinedRegressor DNNRegressor
            Estimator EstimatorSpec EvalSpec Exporter FeedFnHook FinalExporter FinalOpsHook GlobalStepWaiterHook Head
            LatestExporter LinearClassifier LinearEstimator LinearRegressor LoggingTensorHook LogisticRegressionHead ModeKeys
            MultiClassHead MultiHead MultiLabelHead NanLossDuringTrainingError NanTensorHook PoissonRegressionHead
            ProfilerHook
            RegressionHead RunConfig SecondOrStepTimer SessionRunArgs SessionRunContext SessionRunHook SessionRunValues
            StepCounterHook StopAtStepHook SummarySaverHook TrainSpec VocabInfo WarmStartSettings add_metrics
            classifier_parse_example_spec experimental export inputs regressor_parse_example_spec tpu
            train_and_evaluate unknown'''
        def missing():
            return [name for name in NAMES.split() if not hasattr(tf.estimator, name)]
        """}) == "['unknown']"
