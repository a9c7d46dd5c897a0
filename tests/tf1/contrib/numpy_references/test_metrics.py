"""Metrics of `tf.metrics` and `tf.contrib.metrics`, over two batches, are those of all rows at once.

An expression may name the arguments of `measured` in tensorflow_1/computing.py: `truth` 0 or 1, `scores` from 0 to 1,
`weights`, `classes` 0 to 3, `chosen` those that were predicted, `values` and `aims` any numbers, `logits` of 4 classes.
"""

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import assert_close
from tests.tf1.contrib.numpy_references.tensorflow_1.values import batches

DATA = {name: np.concatenate(parts) for name, parts in batches().items()}
TRUTH, SCORES, WEIGHTS, CLASSES, CHOSEN, VALUES, AIMS, LOGITS = DATA.values()
GUESS = SCORES > 0.5
RANKS = np.greater(LOGITS, LOGITS[np.arange(10), CLASSES][:, None]).sum(1)
"""How many classes come before the right one."""
CONFUSION = np.eye(4)[CLASSES].T @ np.eye(4)[CHOSEN]
"""[right class, chosen class]."""
THRESHOLDS = [0.3, 0.6]


def above(threshold):
    """What is said to be positive."""
    return np.greater(SCORES, threshold)


def counts(guess, weights=1.0):
    """True and false positives, false and true negatives."""
    right, wrong = TRUTH == 1, TRUTH == 0
    return [np.sum(weights * part) for part in (guess & right, guess & wrong, ~guess & right, ~guess & wrong)]


def precision(guess, weights=1.0):
    positives, false_positives, _, _ = counts(guess, weights)
    return positives / (positives + false_positives)


def recall(guess, weights=1.0):
    positives, _, false_negatives, _ = counts(guess, weights)
    return positives / (positives + false_negatives)


def specificity(guess):
    _, false_positives, _, negatives = counts(guess)
    return negatives / (negatives + false_positives)


def area_under_curve():
    """Hanley and McNeil 1982: how often a positive has a higher score than a negative."""
    return np.greater.outer(SCORES[TRUTH == 1], SCORES[TRUTH == 0]).mean()


def at_nearest(wanted, given, share):
    """One share at the first of 200 thresholds for which the other comes nearest to a number."""
    guesses = [above(threshold) for threshold in np.linspace(0, 1, 200) if above(threshold).any()]
    return wanted(min(guesses, key=lambda guess: round(abs(given(guess) - share), 5)))


def covariance(weights):
    """Of values and aims, over n - 1."""
    means = [np.average(numbers, weights=weights) for numbers in (VALUES, AIMS)]
    return (weights * (VALUES - means[0]) * (AIMS - means[1])).sum() / (weights.sum() - 1)


def kappa():
    """Cohen 1960: agreement beyond that by chance."""
    chance = CONFUSION.sum(0) @ CONFUSION.sum(1) / 100
    return (np.trace(CONFUSION) / 10 - chance) / (1 - chance)


def best_f1():
    """Van Rijsbergen 1979: the harmonic mean of precision and recall, at the best of 200 thresholds."""
    guesses = [above(threshold) for threshold in np.linspace(0, 1, 200)[:-1]]
    return max(2 / (1 / precision(guess) + 1 / recall(guess)) for guess in guesses if (guess & (TRUTH == 1)).any())


CORE = {
    "accuracy(truth, scores > 0.5)": np.mean(TRUTH == GUESS),
    "accuracy(truth, scores > 0.5, weights)": np.average(TRUTH == GUESS, weights=WEIGHTS),
    "auc(truth, scores)": area_under_curve(),
    "average_precision_at_k(classes[:, None], logits, 3)": np.mean(np.where(RANKS < 3, 1 / (RANKS + 1), 0)),
    "sparse_average_precision_at_k(classes[:, None], logits, 2)": np.mean(np.where(RANKS < 2, 1 / (RANKS + 1), 0)),
    "true_positives(truth, scores > 0.5)": counts(GUESS)[0],
    "false_positives(truth, scores > 0.5, weights)": counts(GUESS, WEIGHTS)[1],
    "false_negatives(truth, scores > 0.5)": counts(GUESS)[2],
    "true_negatives(truth, scores > 0.5)": counts(GUESS)[3],
    "true_positives_at_thresholds(truth, scores, [0.3, 0.6])": [counts(above(at))[0] for at in THRESHOLDS],
    "false_positives_at_thresholds(truth, scores, [0.3, 0.6])": [counts(above(at))[1] for at in THRESHOLDS],
    "false_negatives_at_thresholds(truth, scores, [0.3, 0.6])": [counts(above(at))[2] for at in THRESHOLDS],
    "true_negatives_at_thresholds(truth, scores, [0.3, 0.6])": [counts(above(at))[3] for at in THRESHOLDS],
    "mean(values)": VALUES.mean(),
    "mean(values, weights)": np.average(VALUES, weights=WEIGHTS),
    "mean_tensor(logits)": LOGITS.reshape(2, 5, 4).mean(0),
    "mean_absolute_error(aims, values)": abs(VALUES - AIMS).mean(),
    "mean_squared_error(aims, values, weights)": np.average((VALUES - AIMS) ** 2, weights=WEIGHTS),
    "root_mean_squared_error(aims, values)": np.sqrt(((VALUES - AIMS) ** 2).mean()),
    "mean_relative_error(aims, values, tf.abs(aims) + 1.0)": (abs(VALUES - AIMS) / (abs(AIMS) + 1)).mean(),
    "mean_cosine_distance(logits, logits * values[:, None], 1)": 1 - ((LOGITS ** 2).sum(1) * VALUES).mean(),
    "mean_iou(classes, chosen, 4)": np.mean(
        np.diag(CONFUSION) / (CONFUSION.sum(0) + CONFUSION.sum(1) - np.diag(CONFUSION))),
    "mean_per_class_accuracy(classes, chosen, 4)": np.mean(np.diag(CONFUSION) / CONFUSION.sum(1)),
    "percentage_below(values, 0.6)": np.mean(VALUES < 0.6),
    "precision(truth, scores > 0.5)": precision(GUESS),
    "precision(truth, scores > 0.5, weights)": precision(GUESS, WEIGHTS),
    "precision_at_k(classes[:, None], logits, 2)": np.mean(RANKS < 2) / 2,
    "precision_at_k(classes[:, None], logits, 2, class_id=1)":
        np.sum((RANKS < 2) & (CLASSES == 1)) / np.sum(np.greater(LOGITS, LOGITS[:, 1:2]).sum(1) < 2),
    "precision_at_top_k(classes[:, None], tf.nn.top_k(logits, 2).indices)": np.mean(RANKS < 2) / 2,
    "precision_at_thresholds(truth, scores, [0.3, 0.6])": [precision(above(at)) for at in THRESHOLDS],
    "recall(truth, scores > 0.5)": recall(GUESS),
    "recall(truth, scores > 0.5, weights)": recall(GUESS, WEIGHTS),
    "recall_at_k(classes[:, None], logits, 2)": np.mean(RANKS < 2),
    "recall_at_top_k(classes[:, None], tf.nn.top_k(logits, 2).indices)": np.mean(RANKS < 2),
    "recall_at_thresholds(truth, scores, [0.3, 0.6])": [recall(above(at)) for at in THRESHOLDS],
    "sensitivity_at_specificity(truth, scores, 0.7)": at_nearest(recall, specificity, 0.7),
    "specificity_at_sensitivity(truth, scores, 0.7)": at_nearest(specificity, recall, 0.7),
}
CONTRIB = {
    "streaming_accuracy(chosen, classes, weights)": np.average(CHOSEN == CLASSES, weights=WEIGHTS),
    "streaming_auc(scores, truth)": area_under_curve(),
    "streaming_precision(scores > 0.5, truth)": precision(GUESS),
    "streaming_recall(scores > 0.5, truth)": recall(GUESS),
    "streaming_false_positive_rate(scores > 0.5, truth)": 1 - specificity(GUESS),
    "streaming_false_negative_rate(scores > 0.5, truth)": 1 - recall(GUESS),
    "streaming_mean(values, weights)": np.average(VALUES, weights=WEIGHTS),
    "streaming_mean_iou(chosen, classes, 4)": np.mean(
        np.diag(CONFUSION) / (CONFUSION.sum(0) + CONFUSION.sum(1) - np.diag(CONFUSION))),
    "streaming_mean_absolute_error(values, aims)": abs(VALUES - AIMS).mean(),
    "streaming_mean_squared_error(values, aims)": ((VALUES - AIMS) ** 2).mean(),
    "streaming_root_mean_squared_error(values, aims)": np.sqrt(((VALUES - AIMS) ** 2).mean()),
    "streaming_covariance(values, aims)": covariance(np.ones(10)),
    "streaming_covariance(values, aims, weights)": covariance(WEIGHTS),
    "streaming_pearson_correlation(values, aims)": np.corrcoef(VALUES, AIMS)[0, 1],
    "streaming_percentage_less(values, 0.6)": np.mean(VALUES < 0.6),
    "streaming_recall_at_k(logits, classes, 2)": np.mean(RANKS < 2),
    "streaming_sparse_precision_at_k(logits, classes[:, None], 2)": np.mean(RANKS < 2) / 2,
    "streaming_sparse_recall_at_k(logits, classes[:, None], 2)": np.mean(RANKS < 2),
    "streaming_concat(values)": VALUES,
    "count(values)": 10,
    "count(values, weights)": WEIGHTS.sum(),
    "streaming_mean_tensor(logits)": LOGITS.reshape(2, 5, 4).mean(0),
    "streaming_mean_relative_error(values, aims, tf.abs(aims) + 1.0)": (abs(VALUES - AIMS) / (abs(AIMS) + 1)).mean(),
    "streaming_mean_cosine_distance(logits, logits * values[:, None], 1)": 1 - ((LOGITS ** 2).sum(1) * VALUES).mean(),
    "streaming_true_positives(scores > 0.5, truth)": counts(GUESS)[0],
    "streaming_false_positives(scores > 0.5, truth)": counts(GUESS)[1],
    "streaming_false_negatives(scores > 0.5, truth)": counts(GUESS)[2],
    "streaming_true_negatives(scores > 0.5, truth, weights)": counts(GUESS, WEIGHTS)[3],
    "streaming_true_positives_at_thresholds(scores, truth, [0.3, 0.6])": [counts(above(at))[0] for at in THRESHOLDS],
    "streaming_false_positives_at_thresholds(scores, truth, [0.3, 0.6])": [counts(above(at))[1] for at in THRESHOLDS],
    "streaming_false_negatives_at_thresholds(scores, truth, [0.3, 0.6])": [counts(above(at))[2] for at in THRESHOLDS],
    "streaming_true_negatives_at_thresholds(scores, truth, [0.3, 0.6])": [counts(above(at))[3] for at in THRESHOLDS],
    "streaming_false_positive_rate_at_thresholds(scores, truth, [0.3, 0.6])": [
        1 - specificity(above(at)) for at in THRESHOLDS],
    "streaming_false_negative_rate_at_thresholds(scores, truth, [0.3, 0.6])": [1 - recall(above(at)) for at in THRESHOLDS],
    "streaming_precision_at_thresholds(scores, truth, [0.3, 0.6])": [precision(above(at)) for at in THRESHOLDS],
    "streaming_recall_at_thresholds(scores, truth, [0.3, 0.6])": [recall(above(at)) for at in THRESHOLDS],
    "streaming_sensitivity_at_specificity(scores, truth, 0.7)": at_nearest(recall, specificity, 0.7),
    "streaming_specificity_at_sensitivity(scores, truth, 0.7)": at_nearest(specificity, recall, 0.7),
    "recall_at_precision(truth, scores, 0.55)": at_nearest(recall, precision, 0.55),
    "precision_at_recall(truth, scores, 0.55)": at_nearest(precision, recall, 0.55),
    "streaming_dynamic_auc(truth, scores)": area_under_curve(),
    "auc_using_histogram(truth > 0, scores, [0.0, 1.0])": area_under_curve(),
    "streaming_curve_points(truth, scores, num_thresholds=3)": [
        [1 - specificity(above(at)), recall(above(at))] for at in (-0.1, 0.5, 1.1)],
    "streaming_sparse_average_precision_at_k(logits, classes[:, None], 3)": np.mean(np.where(RANKS < 3, 1 / (RANKS + 1), 0)),
    "streaming_sparse_average_precision_at_top_k(tf.nn.top_k(logits, 3).indices, classes[:, None])": np.mean(
        np.where(RANKS < 3, 1 / (RANKS + 1), 0)),
    "streaming_sparse_precision_at_top_k(tf.nn.top_k(logits, 2).indices, classes[:, None])": np.mean(RANKS < 2) / 2,
    "sparse_recall_at_top_k(classes[:, None], tf.nn.top_k(logits, 2).indices)": np.mean(RANKS < 2),
    "cohen_kappa(classes, chosen, 4)": kappa(),
    "f1_score(truth, scores)": best_f1(),
}
FIELDS = {
    "field('auc', tf.contrib.metrics.auc_with_confidence_intervals(truth, scores))": area_under_curve(),
    "field('recall', tf.contrib.metrics.precision_recall_at_equal_thresholds(truth > 0, scores, num_thresholds=3))": [
        recall(above(at)) for at in (-0.1, 0.5, 1.1)],
}
"""Metrics that give a named tuple, one of its fields."""
METRICS = {**FIELDS, **{f"tf.metrics.{call}": value for call, value in CORE.items()},
           **{f"tf.contrib.metrics.{call}": value for call, value in CONTRIB.items()}}
ONE_BATCH = {
    "tf.confusion_matrix([0, 1, 2, 1], [0, 2, 2, 1])": [[1, 0, 0], [0, 1, 1], [0, 0, 1]],
    "tf.contrib.metrics.confusion_matrix([0, 1, 2, 1], [0, 2, 2, 1], 4)": [
        [1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]],
    "tf.contrib.metrics.accuracy(tf.constant([0, 1, 2, 1]), tf.constant([0, 2, 2, 1]))": 0.75,
    "tf.contrib.metrics.set_size(tf.contrib.metrics.set_union([[1, 2, 3], [4, 5, 6]], [[2, 3, 9], [1, 2, 3]]))": [4, 6],
    "tf.contrib.metrics.set_size(tf.contrib.metrics.set_difference([[1, 2, 3], [4, 5, 6]], [[2, 3, 9], [1, 2, 3]]))": [
        1, 3],
    "tf.contrib.metrics.set_size(tf.contrib.metrics.set_intersection([[1, 2, 3], [4, 5, 6]], [[2, 3, 9], [1, 2, 3]]))": [
        2, 0],
}


@pytest.fixture(scope="module")
def computed(compute):
    return compute([*(f"measured(lambda {', '.join(DATA)}: {call})" for call in METRICS), *ONE_BATCH])


@pytest.mark.parametrize("call", METRICS)
def test_metric(computed, call):
    assert_close(computed[f"measured(lambda {', '.join(DATA)}: {call})"].values, METRICS[call])


@pytest.mark.parametrize("call", ONE_BATCH)
def test_metric_of_one_batch(computed, call):
    assert_close(computed[call].values, ONE_BATCH[call])
