"""Each attention mechanism, and the wrapper that gives a cell one, are the formulas of their papers.

The cell is a GRU cell of 4 units, the memory [batch, 5 places, 3 columns].
"""

from functools import partial

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import INPUTS, assert_close, assert_steps, below, join, sigmoid, softmax
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random
from tests.tf1.contrib.numpy_references.test_gated_cells import gru

MEMORY, LENGTHS = random(3, 5, 3), np.array([5, 2, 3])
WITHIN = np.arange(5) < LENGTHS[:, None]
"""[batch, places]: what is before the end of each sequence."""


def bahdanau(query, keys, v):
    """Bahdanau et al. 2014, arXiv:1409.0473: v * tanh(W query + keys)."""
    return np.tanh(keys + (query @ v["query_layer/kernel"])[:, None]) @ v["attention_v"]


def bahdanau_normalized(query, keys, v):
    """With weight normalization (Salimans and Kingma 2016, arXiv:1602.07868): v has the length g, and there is a bias."""
    direction = v["attention_v"] / np.linalg.norm(v["attention_v"])
    return v["attention_g"] * np.tanh(keys + (query @ v["query_layer/kernel"])[:, None] + v["attention_b"]) @ direction


def luong(query, keys, v):
    """Luong et al. 2015, arXiv:1508.04025, the score "general": query * W memory; times g where it is scaled."""
    return np.einsum("bu,bpu->bp", query, keys) * v.get("attention_g", 1.0)


def softly(scores, before, v):
    return softmax(scores)


def hardmax(scores, before, v):
    return np.eye(5)[scores.argmax(-1)]


def squashed(scores, before, v):
    return sigmoid(scores)


def monotonic(scores, before, v):
    """Raffel et al. 2017, arXiv:1704.00784, equation 9: place j is reached from a place before, and stopped at with p_j."""
    p, weights, reached = sigmoid(scores + v["attention_score_bias"]), np.zeros_like(scores), 0.0
    for place in range(5):
        reached = before[:, place] + (1 - p[:, place - 1]) * reached
        weights[:, place] = p[:, place] * reached
    return weights


def monotonic_hard(scores, before, v):
    """The same paper, algorithm 1: the first place that is stopped at, from the one before on; behind the last, none."""
    stops, weights = scores + v["attention_score_bias"] > 0, np.zeros_like(scores)
    for row in range(len(scores)):
        here = [place for place in range(5) if before[row, :place + 1].any() and stops[row, place]]
        weights[row, here[:1]] = 1
    return weights


def weigh(query, before, v, memory, score, probability, within=None, masked=-np.inf, name=""):
    """The weights of the places of a memory for a query."""
    scores = score(query, memory @ v["memory_layer/kernel"], {**v, **below(name, v)})
    return probability(scores if within is None else np.where(within, scores, masked), before, below(name, v))


def attending(x, state, v, memory=MEMORY, **mechanism):
    """One step: the cell sees the last attention; the attention is a layer on its output and what it attends to."""
    h, attention, before = state
    wrapper = {**below("attention_wrapper", v), "memory_layer/kernel": v["memory_layer/kernel"]}
    output, (h,) = gru(join(x, attention), [h], below("gru_cell", wrapper))
    within = mechanism.get("within")
    memory = memory if within is None else memory * within[..., None]
    weights = weigh(output, before, wrapper, memory, **mechanism)
    attention = join(output, np.einsum("bp,bpd->bd", weights, memory)) @ wrapper["attention_layer/kernel"]
    return attention, [h, attention, weights]


ADDITIVE, MULTIPLICATIVE = {"name": "bahdanau_attention"}, {"name": "luong_attention"}
MECHANISMS = {
    "BahdanauAttention(6, memory())": {"score": bahdanau, "probability": softly, **ADDITIVE},
    "BahdanauAttention(6, memory(), lengths())": {"score": bahdanau, "probability": softly, "within": WITHIN, **ADDITIVE},
    "BahdanauAttention(6, memory(), lengths(), normalize=True)": {
        "score": bahdanau_normalized, "probability": softly, "within": WITHIN, **ADDITIVE},
    "BahdanauAttention(6, memory(), probability_fn=seq2seq.hardmax)": {
        "score": bahdanau, "probability": hardmax, **ADDITIVE},
    "BahdanauAttention(6, memory(), lengths(), probability_fn=tf.nn.sigmoid, score_mask_value=-2.0)": {
        "score": bahdanau, "probability": squashed, "within": WITHIN, "masked": -2.0, **ADDITIVE},
    "LuongAttention(4, memory())": {"score": luong, "probability": softly, **MULTIPLICATIVE},
    "LuongAttention(4, memory(), lengths())": {"score": luong, "probability": softly, "within": WITHIN, **MULTIPLICATIVE},
    "LuongAttention(4, memory(), lengths(), scale=True)": {
        "score": luong, "probability": softly, "within": WITHIN, **MULTIPLICATIVE},
}
for mode, probability in {"parallel": monotonic, "recursive": monotonic, "hard": monotonic_hard}.items():
    additive = {"probability": probability, "name": "bahdanau_monotonic_attention"}
    multiplicative = {"probability": probability, "name": "luong_monotonic_attention"}
    MECHANISMS.update({
        f"BahdanauMonotonicAttention(6, memory(), mode='{mode}')": {"score": bahdanau, **additive},
        f"BahdanauMonotonicAttention(6, memory(), lengths(), normalize=True, mode='{mode}')": {
            "score": bahdanau_normalized, "within": WITHIN, **additive},
        f"LuongMonotonicAttention(4, memory(), mode='{mode}')": {"score": luong, **multiplicative},
        f"LuongMonotonicAttention(4, memory(), lengths(), scale=True, mode='{mode}')": {
            "score": luong, "within": WITHIN, **multiplicative},
    })


def luong_weights(output, v, memory=MEMORY, **mechanism):
    return weigh(output, None, v, memory, score=luong, probability=softly, name="luong_attention", **mechanism)


def wrapped(x, state, v, inputs=join, attend=lambda output, context, v: context, is_output_of_cell=False):
    """One step of a wrapper around Luong's attention, by what the cell sees, and what is made of the context."""
    h, attention, _ = state
    output, (h,) = gru(inputs(x, attention), [h], below("attention_wrapper/gru_cell", v))
    weights = luong_weights(output, v)
    attention = attend(output, np.einsum("bp,bpd->bd", weights, MEMORY), below("attention_wrapper", v))
    return output if is_output_of_cell else attention, [h, attention, weights]


def layer(output, context, v):
    return np.tanh(join(output, context) @ v["attention_layer/kernel"] + v["attention_layer/bias"])


def two_mechanisms(x, state, v):
    """Each has its memory, its layer and its share of the attention."""
    h, attention, *_ = state
    output, (h,) = gru(join(x, attention), [h], below("attention_wrapper/gru_cell", v))
    first, v = luong_weights(output, v), below("attention_wrapper", v) | {"memory_layer/kernel": v["memory_layer_1/kernel"]}
    memory = MEMORY * WITHIN[..., None]
    second = weigh(output, None, v, memory, bahdanau, softly, WITHIN, name="bahdanau_attention")
    attention = join(join(output, np.einsum("bp,bpd->bd", first, MEMORY)) @ v["attention_layer/kernel"],
                     join(output, np.einsum("bp,bpd->bd", second, memory)) @ v["attention_layer_1/kernel"])
    return attention, [h, attention, first, second]


def first_place(x, state, v):
    """A function in place of a mechanism's own attention: always the first place."""
    h, attention, _ = state
    _, (h,) = gru(join(x, attention), [h], below("attention_wrapper/gru_cell", v))
    return MEMORY[:, 0], [h, MEMORY[:, 0], np.eye(5)[[0, 0, 0]]]


PLAIN = "seq2seq.LuongAttention(4, memory())"
WRAPPERS = {
    f"attend({PLAIN})": wrapped,
    f"attend({PLAIN}, output_attention=False)": partial(wrapped, is_output_of_cell=True),
    f"attend({PLAIN}, cell_input_fn=lambda inputs, attention: inputs * 2.0)": partial(
        wrapped, inputs=lambda x, attention: x * 2),
    f"attend({PLAIN}, attention_layer=tf.layers.Dense(2, tf.tanh, name='attention_layer'))": partial(
        wrapped, attend=layer),
    f"attend([{PLAIN}, seq2seq.BahdanauAttention(6, memory(), lengths())], attention_layer_size=[3, 2])": two_mechanisms,
    f"attend({PLAIN}, attention_fn=first_place)": first_place,
}


@pytest.fixture(scope="module")
def computed(compute):
    return compute([*(f"attend(seq2seq.{call}, attention_layer_size=2)" for call in MECHANISMS), *WRAPPERS])


@pytest.mark.parametrize("call", MECHANISMS)
def test_mechanism(computed, call):
    """Also the weights of each step, which the wrapper keeps."""
    found = computed[f"attend(seq2seq.{call}, attention_layer_size=2)"]
    step = partial(attending, v=found.variables, **MECHANISMS[call])
    assert_steps(found.values, INPUTS, step)
    state = found.values["start"]
    for time, x in enumerate(INPUTS):
        _, state = step(x, state)
        assert_close(found.values["history"][0][time], state[-1])


@pytest.mark.parametrize("call", WRAPPERS)
def test_wrapper(computed, call):
    found = computed[call]
    assert_steps(found.values, INPUTS, partial(WRAPPERS[call], v=found.variables))
