"""Training graphs: slots of optimizers, moving averages, losses and metrics."""

import tensorflow as tf
from describing import case_table, images, vectors, wave

slim = tf.contrib.slim
metrics = tf.contrib.metrics
losses = tf.contrib.losses

CASES, case = case_table()


def small_net():
    return slim.fully_connected(vectors(), 2, scope='fc')


@case
def optimizers():
    loss = tf.reduce_sum(small_net())
    for optimizer in (tf.train.AdamOptimizer(), tf.train.MomentumOptimizer(0.1, 0.9), tf.train.RMSPropOptimizer(0.1),
                      tf.train.AdagradOptimizer(0.1), tf.train.FtrlOptimizer(0.1), tf.train.AdadeltaOptimizer()):
        optimizer.minimize(loss)
    return loss


@case
def create_train_op():
    slim.losses.softmax_cross_entropy(slim.batch_norm(small_net()), tf.one_hot([0, 1, 1], 2))
    total = slim.losses.get_total_loss()
    return slim.learning.create_train_op(total, tf.train.GradientDescentOptimizer(0.1), clip_gradient_norm=1.0)


@case
def moving_averages():
    small_net()
    slim.batch_norm(images(), scope='bn')
    average = tf.train.ExponentialMovingAverage(0.99, tf.train.get_or_create_global_step())
    average.apply(tf.trainable_variables() + tf.moving_average_variables())
    return tf.constant(0.0)


@case
def learning_rates():
    step = tf.train.get_or_create_global_step()
    return (tf.train.exponential_decay(0.1, step, 10, 0.5, staircase=True), tf.train.polynomial_decay(0.1, step, 10),
            tf.train.piecewise_constant(step, [5, 10], [0.1, 0.01, 0.001]), tf.train.cosine_decay(0.1, step, 10))


@case
def old_losses():
    logits, labels = tf.constant(wave(3, 4)), tf.one_hot([0, 3, 1], 4)
    return (losses.softmax_cross_entropy(logits, labels, label_smoothing=0.1), losses.sigmoid_cross_entropy(logits, labels),
            losses.sparse_softmax_cross_entropy(logits, tf.constant([0, 3, 1])), losses.mean_squared_error(logits, labels),
            losses.absolute_difference(logits, labels, weights=0.5), losses.log_loss(tf.abs(logits), labels),
            losses.hinge_loss(logits, labels), losses.cosine_distance(logits, labels, 1),
            losses.mean_pairwise_squared_error(logits, labels), losses.get_total_loss())


@case
def metric_learning():
    embeddings, labels = tf.constant(wave(6, 3)), tf.constant([0, 0, 1, 1, 2, 2])
    learning = losses.metric_learning
    return (learning.triplet_semihard_loss(labels, embeddings), learning.npairs_loss(labels, embeddings, embeddings[::-1]),
            learning.lifted_struct_loss(labels, embeddings),
            learning.contrastive_loss(tf.constant([0, 1, 1]), embeddings[:3], embeddings[3:]))


@case
def streaming_metrics():
    values, labels = tf.constant([0, 1, 1, 2]), tf.constant([0, 1, 2, 2])
    pairs = [metrics.streaming_accuracy(values, labels), metrics.streaming_mean(tf.constant([1.0, 2.0])),
             metrics.streaming_mean_iou(values, labels, 3), metrics.streaming_precision(values > 0, labels > 0),
             metrics.streaming_recall(values > 0, labels > 0), metrics.streaming_auc(tf.constant([0.1, 0.8]), [False, True]),
             metrics.streaming_mean_squared_error(tf.constant([1.0]), tf.constant([2.0])),
             metrics.streaming_recall_at_k(tf.constant(wave(4, 3)), labels, 1), metrics.streaming_pearson_correlation(
                 tf.constant(wave(5)), tf.constant(wave(5) * 2.0))]
    return [update for _, update in pairs]


@case
def core_metrics():
    values, labels = tf.constant([0, 1, 1, 2]), tf.constant([0, 1, 2, 2])
    pairs = [tf.metrics.accuracy(labels, values), tf.metrics.mean_iou(labels, values, 3), tf.metrics.auc(
        tf.constant([False, True]), tf.constant([0.1, 0.8]))]
    return [update for _, update in pairs]


@case
def metrics_without_state():
    values, labels = tf.constant([0, 1, 1, 2]), tf.constant([0, 1, 2, 2])
    return (metrics.accuracy(values, labels), metrics.confusion_matrix(labels, values),
            metrics.set_size(metrics.set_intersection(tf.constant([[1, 2]]), tf.constant([[2, 3]]))))


@case
def averaged_metrics():
    values, labels = tf.constant([0, 1, 1, 2]), tf.constant([0, 1, 2, 2])
    names, updates = metrics.aggregate_metric_map({
        'accuracy': metrics.streaming_accuracy(values, labels), 'mean': metrics.streaming_mean(tf.constant([1.0, 2.0]))})
    return [updates[name] for name in sorted(names)]
