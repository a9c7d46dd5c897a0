"""Training, evaluation, losses and metrics of tf-slim, while eager execution is on outside the graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

INPUTS = np.eye(4, dtype=np.float32)[[0, 1, 2, 3] * 4]


def targets() -> Any:
    import tensorflow.compat.v1 as tf

    return tf.constant(INPUTS.sum(1, keepdims=True) * 2)


def predict(slim: Any, is_training: bool) -> Any:
    with slim.arg_scope([slim.batch_norm], is_training=is_training, decay=0.5):
        net = slim.fully_connected(INPUTS, 8, normalizer_fn=slim.batch_norm)
        return slim.fully_connected(net, 1, activation_fn=None)


def train(slim: Any, directory: Path, **options: Any) -> float:
    import tensorflow.compat.v1 as tf

    loss = slim.losses.mean_squared_error(predict(slim, is_training=True), targets())
    slim.summaries.add_scalar_summary(loss, "loss")
    train_op = slim.learning.create_train_op(
        slim.losses.get_total_loss(),
        tf.train.GradientDescentOptimizer(0.05),
        gradient_multipliers={"fully_connected/weights": 2.0},
        clip_gradient_norm=1.0,
        summarize_gradients=True,
    )
    return float(
        slim.learning.train(train_op, str(directory), number_of_steps=5, save_summaries_secs=1, **options)
    )


def test_training_saves_a_checkpoint_and_summaries(slim: Any, tmp_path: Path) -> None:
    import tensorflow.compat.v1 as tf

    assert np.isfinite(train(slim, tmp_path, save_interval_secs=1))
    moving_variance = tf.train.load_variable(
        str(tmp_path / "model.ckpt-5"), "fully_connected/BatchNorm/moving_variance"
    )
    assert moving_variance.min() < 1.0
    assert list(tmp_path.glob("events.out.tfevents.*"))


def test_training_writes_traces(slim: Any, tmp_path: Path) -> None:
    train(slim, tmp_path, trace_every_n_steps=2)
    traces = list(tmp_path.glob("tf_trace-*.json"))
    assert traces
    assert all(json.loads(trace.read_text())["traceEvents"] for trace in traces)


def test_evaluation_reads_the_trained_checkpoint(slim: Any, tmp_path: Path) -> None:
    import tensorflow.compat.v1 as tf

    train(slim, tmp_path)
    checkpoint = str(tmp_path / "model.ckpt-5")
    with tf.Graph().as_default():
        slim.get_or_create_global_step()
        outputs = predict(slim, is_training=False)
        values, updates = slim.metrics.aggregate_metric_map(
            {"error": slim.metrics.streaming_mean_squared_error(outputs, targets())}
        )
        error = slim.evaluation.evaluate_once(
            "",
            checkpoint,
            str(tmp_path / "eval"),
            num_evals=2,
            eval_op=list(updates.values()),
            final_op=values["error"],
        )
        slim.assign_from_checkpoint_fn(checkpoint, slim.get_variables_to_restore())
    assert np.isfinite(error)


def test_gradients_of_embeddings_are_scaled_and_clipped(slim: Any) -> None:
    """They are `IndexedSlices`, which the helpers of slim tell from tensors."""
    import tensorflow.compat.v1 as tf

    table = slim.variable("table", [4, 2], initializer=tf.ones_initializer())
    loss = tf.reduce_sum(tf.nn.embedding_lookup(table, [1, 3]))
    gradients = tf.train.GradientDescentOptimizer(1.0).compute_gradients(loss)
    [(scaled, _)] = slim.learning.multiply_gradients(gradients, {"table": 3.0})
    [(clipped, _)] = slim.learning.clip_gradient_norms([(scaled, table)], 1.0)
    assert isinstance(clipped, tf.IndexedSlices)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        np.testing.assert_allclose(session.run(scaled.values), np.full([2, 2], 3.0))
        np.testing.assert_allclose(np.linalg.norm(session.run(clipped.values)), 1.0, rtol=1e-6)


def test_every_optimizer_takes_a_step(slim: Any) -> None:
    import tensorflow.compat.v1 as tf

    step = tf.train.get_or_create_global_step()
    loss = slim.losses.mean_squared_error(predict(slim, is_training=True), targets())
    names = ["Adagrad", "Adam", "Ftrl", "Momentum", "RMSProp", "SGD"]
    train_ops = [
        slim.optimize_loss(loss, step, 0.01, name, clip_gradients=1.0, gradient_noise_scale=0.1, name=name)
        for name in names
    ]
    train_ops.append(slim.optimize_loss(loss, step, tf.constant(0.01), "SGD", name="TensorRate"))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for train_op in train_ops:
            assert np.isfinite(session.run(train_op))
        assert session.run(step) == len(train_ops)


def test_metrics_of_a_binary_classifier(slim: Any) -> None:
    import tensorflow.compat.v1 as tf

    labels, scores = tf.constant([0.0, 1.0, 1.0, 0.0]), tf.constant([0.1, 0.6, 0.9, 0.4])
    metrics = slim.metrics
    computed = [
        metrics.streaming_auc(scores, labels),
        metrics.f1_score(labels, scores),
        metrics.streaming_accuracy(tf.round(scores), labels),
        metrics.recall_at_precision(tf.cast(labels, tf.bool), scores, 0.5),
        metrics.streaming_dynamic_auc(tf.cast(labels, tf.int64), scores),
        metrics.auc_with_confidence_intervals(labels, scores),
    ]
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        session.run([update for _, update in computed])
        values = session.run([value for value, _ in computed])
    np.testing.assert_allclose(np.array(values[:3] + values[4:5], np.float64), 1.0, atol=1e-3)
    assert values[5].auc == 1.0


def test_histogram_auc_checks_its_input(slim: Any) -> None:
    import tensorflow.compat.v1 as tf

    auc, update = slim.metrics.auc_using_histogram(
        tf.constant([True, False]), tf.constant([0.9, 0.2]), [0.0, 1.0]
    )
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        session.run(update)
        assert session.run(auc) > 0.9


def test_metric_learning_losses(slim: Any) -> None:
    import tensorflow.compat.v1 as tf
    from tf_slim.losses import metric_learning

    embeddings = tf.nn.l2_normalize(tf.constant(INPUTS[:4] + 0.1), 1)
    labels = tf.constant([0, 0, 1, 1])
    losses = [
        metric_learning.triplet_semihard_loss(labels, embeddings),
        metric_learning.npairs_loss(labels, embeddings, embeddings),
        metric_learning.lifted_struct_loss(labels, embeddings),
    ]
    with tf.Session() as session:
        assert np.isfinite(session.run(losses)).all()


def test_the_session_graph_holds_the_update_ops_of_batch_norm(slim: Any) -> None:
    """`create_train_op` runs them before the loss, so that the moving averages move."""
    import tensorflow.compat.v1 as tf

    loss = slim.losses.mean_squared_error(predict(slim, is_training=True), targets())
    train_op = slim.learning.create_train_op(loss, tf.train.GradientDescentOptimizer(0.0))
    [moving_variance] = slim.get_variables_by_suffix("moving_variance")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        before = session.run(moving_variance)
        session.run(train_op)
        assert (session.run(moving_variance) < before).all()
