"""The numbers that layers are given, and those of their variables: the same for TensorFlow and for NumPy."""

import zlib

import numpy as np


def random(*shape):
    """Returns float32 numbers between -1 and 1, none like the other, that depend on the shape only."""
    return of_name('inputs', shape)


def of_name(name, shape):
    """Returns float32 numbers between -1 and 1 that depend on the name and the shape."""
    return np.random.RandomState(zlib.crc32(name.encode())).uniform(-1, 1, tuple(shape)).astype(np.float32)


def of_variable(name, shape):
    """Returns a variable's numbers; those that only make sense above 0 are between 0.5 and 1.5."""
    numbers = of_name(name, shape)
    if name.endswith('ratio_on'):
        return abs(numbers)
    positive = ('gamma', 'variance', 'stddev', 'norm_0', 'norm_1', 'period', 'temperature', 'reparam', 'attention_g')
    return numbers / 2 + 1 if name.split('/')[-1].endswith(positive) else numbers


def batches():
    """Returns what metrics are computed of, in two batches of 5 rows: name -> arrays."""
    logits = of_name('scores of classes', [10, 4])
    data = [
        ('truth', (of_name('truth', [10]) > 0).astype(np.int64)), ('scores', of_name('scores', [10]) / 2 + 0.5),
        ('weights', of_name('weights', [10]) + 1), ('classes', np.arange(10) * 3 % 4), ('chosen', logits.argmax(1)),
        ('values', of_name('values', [10])), ('aims', of_name('aims', [10])), ('logits', logits)]
    return {name: np.split(numbers, 2) for name, numbers in data}
