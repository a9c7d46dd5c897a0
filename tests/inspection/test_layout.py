"""Boxes in layers, without overlaps."""

import random
from itertools import combinations

import pytest

from exporter.inspection.layout import lay_out


def overlaps(layout, widths):
    rows = {}
    for node in widths:
        rows.setdefault(layout.layers[node], []).append((layout.centers[node] - widths[node] / 2,
                                                         layout.centers[node] + widths[node] / 2))
    return [pair for row in rows.values() for pair in combinations(sorted(row), 2) if pair[0][1] > pair[1][0]]


def test_a_chain_is_straight():
    layout = lay_out({"a": 50.0, "b": 150.0, "c": 20.0}, [("a", "b"), ("b", "c")])
    assert layout.layers == {"a": 0, "b": 1, "c": 2}
    assert len({round(center, 3) for center in layout.centers.values()}) == 1
    assert layout.width == 150


def test_a_long_edge_bends_around_what_is_between():
    widths = {"a": 50.0, "b": 50.0, "c": 50.0}
    layout = lay_out(widths, [("a", "b"), ("b", "c"), ("a", "c")])
    [(x, layer)] = layout.bends["a", "c"]
    assert layer == 1
    assert abs(x - layout.centers["b"]) > 25


def test_cycles_and_loose_ends_are_laid_out():
    layout = lay_out(dict.fromkeys("abcd", 10.0), [("a", "b"), ("b", "c"), ("c", "a"), ("d", "c")])
    assert [layout.layers[name] for name in "abcd"] == [0, 1, 2, 1]
    assert len(layout.bends["c", "a"]) == 1
    assert lay_out({"alone": 10.0}, []).width == 10


@pytest.mark.parametrize("seed", range(8))
def test_nothing_overlaps_and_it_is_the_same_each_time(seed):
    numbers = random.Random(seed)
    widths = {f"n{index}": numbers.uniform(20, 200) for index in range(40)}
    edges = list({(f"n{first}", f"n{second}"): None for first, second in
                  (sorted(numbers.sample(range(40), 2)) for _ in range(70))})
    layout = lay_out(widths, edges)
    assert overlaps(layout, widths) == []
    assert all(layout.layers[source] < layout.layers[target] for source, target in edges)
    assert all(layout.centers[node] - width / 2 > -1e-6 for node, width in widths.items())
    assert layout == lay_out(widths, edges)
