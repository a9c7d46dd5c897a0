"""Losses of `tf.losses`, `tf.contrib.losses`, `tf.nn`, and of sequences, written out for each element or pair."""

import itertools

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import assert_close, sigmoid, softmax
from tests.tf1.contrib.numpy_references.tensorflow_1.values import of_name, random

LOGITS, PREDICTED, LABELS = random(3, 4), sigmoid(random(3, 4)), (of_name("labels", [3, 4]) > 0) * 1.0
WEIGHTS, CLASSES, ONE_HOT = np.array([[2.0], [0.0], [0.5]]), np.array([2, 0, 3]), np.eye(4)[[2, 0, 3]]


def cross_entropy(logits, labels):
    return -(labels * np.log(softmax(logits))).sum(-1)


def binary(logits, labels):
    return -labels * np.log(sigmoid(logits)) - (1 - labels) * np.log(1 - sigmoid(logits))


def huber(difference, delta):
    """Huber 1964: a parabola, and lines beyond delta."""
    return np.where(abs(difference) <= delta, difference ** 2 / 2, delta * abs(difference) - delta ** 2 / 2)


def log_loss(labels, predicted, epsilon=1e-7):
    return -labels * np.log(predicted + epsilon) - (1 - labels) * np.log(1 - predicted + epsilon)


def pairwise(predicted, labels, pairs):
    """Eigen, Puhrsch and Fergus 2014, arXiv:1406.2283: how far the differences within a row are from the labels'.

    TensorFlow adds the rows up.
    """
    off = predicted - labels
    return np.array([np.mean([(row[i] - row[j]) ** 2 for i, j in pairs(range(4))]) for row in off])


def two_of(places):
    return itertools.combinations(places, 2)


def any_two(places):
    return itertools.product(places, repeat=2)


def weighted(losses, weights=WEIGHTS):
    """The weighted sum over the number of elements whose weight is not 0."""
    weights = np.broadcast_to(weights, losses.shape)
    return (losses * weights).sum() / np.count_nonzero(weights)


def smooth(one_hot, share):
    """Szegedy et al. 2015, arXiv:1512.00567, section 7."""
    return one_hot * (1 - share) + share / one_hot.shape[-1]


BY_WEIGHT, ROW_WEIGHT = "weights=[[2.0], [0.0], [0.5]]", "weights=[2.0, 0.0, 0.5]"
ELEMENTS = {
    "absolute_difference": ("labels(), predicted()", abs(PREDICTED - LABELS)),
    "mean_squared_error": ("labels(), predicted()", (PREDICTED - LABELS) ** 2),
    "hinge_loss": ("labels(), x(3, 4)", np.maximum(0, 1 - (2 * LABELS - 1) * LOGITS)),
    "log_loss": ("labels(), predicted()", log_loss(LABELS, PREDICTED)),
    "huber_loss": ("labels(), x(3, 4) * 3.0, delta=0.8", huber(LOGITS * 3 - LABELS, 0.8)),
    "sigmoid_cross_entropy": ("labels(), x(3, 4)", binary(LOGITS, LABELS)),
}
"""Loss of `tf.losses` -> its arguments, and the loss of each element."""
TF_LOSSES = {f"tf.losses.{name}({arguments})": losses.mean() for name, (arguments, losses) in ELEMENTS.items()}
TF_LOSSES |= {f"tf.losses.{name}({arguments}, {BY_WEIGHT})": weighted(losses)
              for name, (arguments, losses) in ELEMENTS.items()}
TF_LOSSES |= {
    "tf.losses.cosine_distance(labels(), x(3, 4), axis=1)": (1 - (LABELS * LOGITS).sum(1)).mean(),
    f"tf.losses.cosine_distance(labels(), x(3, 4), axis=1, {BY_WEIGHT})": weighted(1 - (LABELS * LOGITS).sum(1)[:, None]),
    "tf.losses.log_loss(labels(), predicted(), epsilon=0.1)": log_loss(LABELS, PREDICTED, 0.1).mean(),
    "tf.losses.mean_pairwise_squared_error(labels(), x(3, 4))": pairwise(LOGITS, LABELS, two_of).sum(),
    f"tf.losses.mean_pairwise_squared_error(labels(), x(3, 4), {BY_WEIGHT})":
        (pairwise(LOGITS, LABELS, two_of) * WEIGHTS[:, 0]).sum(),
    "tf.losses.sigmoid_cross_entropy(labels(), x(3, 4), label_smoothing=0.2)": binary(LOGITS, LABELS * 0.8 + 0.1).mean(),
    "tf.losses.softmax_cross_entropy(one_hot(), x(3, 4))": cross_entropy(LOGITS, ONE_HOT).mean(),
    f"tf.losses.softmax_cross_entropy(one_hot(), x(3, 4), {ROW_WEIGHT})": weighted(
        cross_entropy(LOGITS, ONE_HOT), WEIGHTS[:, 0]),
    "tf.losses.softmax_cross_entropy(one_hot(), x(3, 4), label_smoothing=0.2)": cross_entropy(
        LOGITS, smooth(ONE_HOT, 0.2)).mean(),
    "tf.losses.sparse_softmax_cross_entropy([2, 0, 3], x(3, 4))": cross_entropy(LOGITS, ONE_HOT).mean(),
    f"tf.losses.sparse_softmax_cross_entropy([2, 0, 3], x(3, 4), {ROW_WEIGHT})": weighted(
        cross_entropy(LOGITS, ONE_HOT), WEIGHTS[:, 0]),
    f"tf.losses.compute_weighted_loss(x(3, 4), {BY_WEIGHT}, reduction='none')": LOGITS * WEIGHTS,
    f"tf.losses.compute_weighted_loss(x(3, 4), {BY_WEIGHT}, reduction='weighted_sum')": (LOGITS * WEIGHTS).sum(),
    f"tf.losses.compute_weighted_loss(x(3, 4), {BY_WEIGHT}, reduction='weighted_mean')":
        (LOGITS * WEIGHTS).sum() / (4 * WEIGHTS.sum()),
    f"tf.losses.compute_weighted_loss(x(3, 4), {BY_WEIGHT}, reduction='weighted_sum_over_batch_size')":
        (LOGITS * WEIGHTS).sum() / 12,
}
CONTRIB_LOSSES = {
    "absolute_difference(predicted(), labels())": abs(PREDICTED - LABELS).mean(),
    f"absolute_difference(predicted(), labels(), {BY_WEIGHT})": weighted(abs(PREDICTED - LABELS)),
    "mean_squared_error(predicted(), labels())": ((PREDICTED - LABELS) ** 2).mean(),
    f"mean_squared_error(predicted(), labels(), {ROW_WEIGHT})": weighted((PREDICTED - LABELS) ** 2),
    "hinge_loss(x(3, 4), labels())": np.maximum(0, 1 - (2 * LABELS - 1) * LOGITS),
    "log_loss(predicted(), labels())": log_loss(LABELS, PREDICTED).mean(),
    "cosine_distance(x(3, 4), labels(), 1)": (1 - (LABELS * LOGITS).sum(1)).mean(),
    "mean_pairwise_squared_error(x(3, 4), labels())": pairwise(LOGITS, LABELS, any_two).sum(),
    "sigmoid_cross_entropy(x(3, 4), labels(), label_smoothing=0.2)": binary(LOGITS, LABELS * 0.8 + 0.1).mean(),
    "softmax_cross_entropy(x(3, 4), one_hot())": cross_entropy(LOGITS, ONE_HOT).mean(),
    f"softmax_cross_entropy(x(3, 4), one_hot(), label_smoothing=0.2, {ROW_WEIGHT})": weighted(
        cross_entropy(LOGITS, smooth(ONE_HOT, 0.2)), WEIGHTS[:, 0]),
    "sparse_softmax_cross_entropy(x(3, 4), [2, 0, 3])": cross_entropy(LOGITS, ONE_HOT).mean(),
    f"compute_weighted_loss(x(3, 4), {ROW_WEIGHT})": weighted(LOGITS),
}
SEQUENCES, WORDS = random(2, 3, 5), np.array([[1, 0, 4], [3, 3, 0]])
EACH, LASTING = cross_entropy(SEQUENCES, np.eye(5)[WORDS]), np.array([[1.0, 1.0, 0.5], [1.0, 0.0, 0.0]])
SEQUENCE_LOSSES = {
    "seq2seq.sequence_loss(x(2, 3, 5), words(), lasting())": (EACH * LASTING).sum() / LASTING.sum(),
    "seq2seq.sequence_loss(x(2, 3, 5), words(), lasting(), average_across_timesteps=False)":
        (EACH * LASTING).sum(0) / (LASTING.sum(0) + 1e-12),
    "seq2seq.sequence_loss(x(2, 3, 5), words(), lasting(), average_across_batch=False)":
        (EACH * LASTING).sum(1) / LASTING.sum(1),
    "seq2seq.sequence_loss(x(2, 3, 5), words(), lasting(), average_across_timesteps=False, average_across_batch=False)":
        EACH * LASTING,
    "legacy_seq2seq.sequence_loss_by_example(tf.unstack(x(2, 3, 5), axis=1), tf.unstack(words(), axis=1), "
    "tf.unstack(lasting(), axis=1))": (EACH * LASTING).sum(1) / LASTING.sum(1),
    "legacy_seq2seq.sequence_loss_by_example(tf.unstack(x(2, 3, 5), axis=1), tf.unstack(words(), axis=1), "
    "tf.unstack(lasting(), axis=1), average_across_timesteps=False)": (EACH * LASTING).sum(1),
    "legacy_seq2seq.sequence_loss(tf.unstack(x(2, 3, 5), axis=1), tf.unstack(words(), axis=1), "
    "tf.unstack(lasting(), axis=1))": ((EACH * LASTING).sum(1) / LASTING.sum(1)).mean(),
}


def connectionist(logits, words, blank):
    """Graves et al. 2006: the sum over all paths that are these words when repetitions and then blanks are left out."""
    shares, total = softmax(logits), 0.0
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        kept = [word for word, _ in itertools.groupby(path)]
        if [word for word in kept if word != blank] == words:
            total += np.prod([share[word] for share, word in zip(shares, path, strict=True)])
    return -np.log(total)


def sparsemax_loss(logits, chosen):
    """Martins and Astudillo 2016, arXiv:1602.02068, equation 22."""
    losses = []
    for row, place in zip(logits, chosen, strict=True):
        support = [k for k in range(1, 5) if 1 + k * np.sort(row)[::-1][k - 1] > np.sort(row)[::-1][:k].sum()][-1]
        inside = np.sort(row)[::-1][:support]
        threshold = (inside.sum() - 1) / support
        losses.append(-row[place] + ((inside ** 2 - threshold ** 2).sum() + 1) / 2)
    return np.array(losses)


EMBEDDINGS, IDENTITIES = random(6, 3), [0, 1, 0, 2, 1, 0]
DISTANCES = ((EMBEDDINGS[:, None] - EMBEDDINGS[None]) ** 2).sum(-1)
SAME = np.equal.outer(IDENTITIES, IDENTITIES)


def semi_hard(margin):
    """Schroff et al. 2015, arXiv:1503.03832: the nearest negative farther than the positive, or else the farthest."""
    losses = []
    for anchor, positive in zip(*np.nonzero(SAME & ~np.eye(6, dtype=bool)), strict=True):
        negatives = DISTANCES[anchor][~SAME[anchor]]
        farther = negatives[negatives > DISTANCES[anchor, positive]]
        negative = farther.min() if farther.size else negatives.max()
        losses.append(max(0.0, margin + DISTANCES[anchor, positive] - negative))
    return np.mean(losses)


def lifted(margin):
    """Song et al. 2015, arXiv:1511.06452, equation 4, with distances that are not squared."""
    distances, losses = np.sqrt(DISTANCES), []
    for i, j in itertools.combinations(range(6), 2):
        if SAME[i, j]:
            negatives = np.exp(margin - np.concatenate([distances[i][~SAME[i]], distances[j][~SAME[j]]])).sum()
            losses.append(max(0.0, np.log(negatives) + distances[i, j]) ** 2)
    return np.mean(losses) / 2


def pairs_of_n(anchors, positives, identities, strength):
    """Sohn 2016, Improved Deep Metric Learning with Multi-class N-pair Loss Objective, with the lengths held small."""
    same = np.equal.outer(identities, identities) * 1.0
    lengths = strength / 4 * ((anchors ** 2).sum(1).mean() + (positives ** 2).sum(1).mean())
    return cross_entropy(anchors @ positives.T, same / same.sum(1, keepdims=True)).mean() + lengths


def contrastive(margin):
    """Hadsell, Chopra and LeCun 2006."""
    distances = np.sqrt(((random(3, 4) - PREDICTED) ** 2).sum(1))
    return np.mean(np.array([1, 0, 1]) * distances ** 2 + np.array([0, 1, 0]) * np.maximum(0, margin - distances) ** 2)


METRIC = "tf.contrib.losses.metric_learning"
OTHERS = {
    "tf.nn.weighted_cross_entropy_with_logits(labels(), x(3, 4), 3.0)":
        -3 * LABELS * np.log(sigmoid(LOGITS)) - (1 - LABELS) * np.log(1 - sigmoid(LOGITS)),
    "tf.nn.l2_loss(x(3, 4))": (LOGITS ** 2).sum() / 2,
    "tf.nn.log_poisson_loss(predicted(), x(3, 4))": np.exp(LOGITS) - PREDICTED * LOGITS,
    "tf.nn.ctc_loss(tf.SparseTensor([[0, 0], [0, 1]], [1, 0], [1, 2]), x(1, 4, 3), [4], time_major=False)": np.array(
        [connectionist(random(1, 4, 3)[0], [1, 0], blank=2)]),
    "sparsemax_loss([1, 0, 3])": sparsemax_loss(LOGITS * 2, [1, 0, 3]),
    f"{METRIC}.triplet_semihard_loss([0, 1, 0, 2, 1, 0], x(6, 3), margin=0.5)": semi_hard(0.5),
    f"{METRIC}.lifted_struct_loss([0, 1, 0, 2, 1, 0], x(6, 3), margin=0.5)": lifted(0.5),
    f"{METRIC}.npairs_loss([0, 1, 0], x(3, 4), predicted(), reg_lambda=0.1)": pairs_of_n(LOGITS, PREDICTED, [0, 1, 0], 0.1),
    f"{METRIC}.contrastive_loss([1, 0, 1], x(3, 4), predicted(), margin=2.0)": contrastive(2.0),
}
LOSSES = {**TF_LOSSES, **{f"tf.contrib.losses.{call}": value for call, value in CONTRIB_LOSSES.items()}, **SEQUENCE_LOSSES,
          **OTHERS}


@pytest.fixture(scope="module")
def computed(compute):
    return compute(LOSSES)


@pytest.mark.parametrize("loss", LOSSES)
def test_loss(computed, loss):
    assert_close(computed[loss].values, LOSSES[loss])
