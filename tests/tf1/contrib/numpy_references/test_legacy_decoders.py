"""The decoders of `tf.contrib.legacy_seq2seq`, which are a GRU cell of 4 units here, over lists of three steps."""

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import INPUTS, assert_close, below, join, softmax
from tests.tf1.contrib.numpy_references.tensorflow_1.values import of_name, random
from tests.tf1.contrib.numpy_references.test_gated_cells import gru

STATE, MEMORY = of_name("state", [3, 4]), random(3, 5, 2)
WORDS = np.array([[1, 4, 2], [0, 3, 2], [5, 1, 1]])
"""`word_steps()`: [step, batch]."""


def attended(query, v, heads):
    """Vinyals et al. 2014, arXiv:1412.7449: v * tanh(W memory + U query), for each head."""
    contexts = []
    for head in range(heads):
        mapped = query @ v[f"Attention_{head}/kernel"] + v[f"Attention_{head}/bias"]
        scores = np.tanh(MEMORY @ v[f"AttnW_{head}"][0, 0] + mapped[:, None]) @ v[f"AttnV_{head}"]
        contexts.append(np.einsum("bp,bpd->bd", softmax(scores), MEMORY))
    return contexts


def attention_decoder(inputs, v, heads=1, start=None, next_input=None):
    """The cell sees a map of the input and what the step before attended to; the output is a map of both again."""
    h, outputs = STATE, []
    contexts = [np.zeros((3, 2))] * heads if start is None else attended(start, v, heads)
    for x in inputs:
        x = next_input(outputs[-1]) if outputs and next_input else x
        output, (h,) = gru(join(x, *contexts) @ v["kernel"] + v["bias"], [h], below("gru_cell", v))
        contexts = attended(h, v, heads)
        projection = below("AttnOutputProjection", v)
        outputs.append(join(output, *contexts) @ projection["kernel"] + projection["bias"])
    return np.stack(outputs, 1)


def decoder(inputs, v, next_input=None):
    h, outputs = STATE, []
    for x in inputs:
        x = next_input(outputs[-1]) if outputs and next_input else x
        output, (h,) = gru(x, [h], below("gru_cell", v))
        outputs.append(output)
    return np.stack(outputs, 1)


def best_word(embedding, weights=None, biases=0.0):
    """The embedding of the word with the largest score."""
    return lambda output: embedding[(output if weights is None else output @ weights + biases).argmax(1)]


def of_words(v):
    scope = below("embedding_attention_decoder", v)
    return attention_decoder(scope["embedding"][WORDS], below("attention_decoder", scope))


def of_previous_words(v):
    scope = below("embedding_attention_decoder", v)
    return attention_decoder(scope["embedding"][WORDS], below("attention_decoder", scope),
                             next_input=best_word(scope["embedding"], random(4, 6), random(6)))


def of_words_without_attention(v, next_input=None):
    scope = below("embedding_rnn_decoder", v)
    return decoder(scope["embedding"][WORDS], below("rnn_decoder", scope), next_input and next_input(scope["embedding"]))


def basic(v):
    h, outputs = np.zeros((3, 4)), []
    for scope in ("basic_rnn_seq2seq/rnn", "basic_rnn_seq2seq/rnn_decoder"):
        outputs = []
        for x in INPUTS:
            output, (h,) = gru(x, [h], below(f"{scope}/gru_cell", v))
            outputs.append(output)
    return np.stack(outputs, 1)


DECODERS = {
    "rnn_decoder(steps(), state(), rnn.GRUCell(4))": lambda v: decoder(INPUTS, below("rnn_decoder", v)),
    "rnn_decoder(steps(), state(), rnn.GRUCell(4), lambda before, step: tf.concat([before, before[:, :2]], 1))": lambda v:
        decoder(INPUTS, below("rnn_decoder", v), lambda output: join(output, output[:, :2])),
    "basic_rnn_seq2seq(steps(), steps(), rnn.GRUCell(4))": basic,
    "attention_decoder(steps(), state(), x(3, 5, 2), rnn.GRUCell(4))": lambda v: attention_decoder(
        INPUTS, below("attention_decoder", v)),
    "attention_decoder(steps(), state(), x(3, 5, 2), rnn.GRUCell(4), output_size=3, num_heads=2)": lambda v:
        attention_decoder(INPUTS, below("attention_decoder", v), heads=2),
    "attention_decoder(steps(), state(), x(3, 5, 2), rnn.GRUCell(4), initial_state_attention=True)": lambda v:
        attention_decoder(INPUTS, below("attention_decoder", v), start=STATE),
    "embedding_rnn_decoder(word_steps(), state(), rnn.GRUCell(4), 6, 3)": of_words_without_attention,
    "embedding_rnn_decoder(word_steps(), state(), rnn.GRUCell(4), 6, 3, feed_previous=True, "
    "output_projection=(x(4, 6), x(6)))": lambda v: of_words_without_attention(
        v, lambda embedding: best_word(embedding, random(4, 6), random(6))),
    "embedding_attention_decoder(word_steps(), state(), x(3, 5, 2), rnn.GRUCell(4), 6, 3)": of_words,
    "embedding_attention_decoder(word_steps(), state(), x(3, 5, 2), rnn.GRUCell(4), 6, 3, feed_previous=True, "
    "output_projection=(x(4, 6), x(6)))": of_previous_words,
}


@pytest.fixture(scope="module")
def computed(compute):
    return compute(f"decoded(legacy_seq2seq.{call})" for call in DECODERS)


@pytest.mark.parametrize("call", DECODERS)
def test_decoder(computed, call):
    found = computed[f"decoded(legacy_seq2seq.{call})"]
    assert_close(found.values, DECODERS[call](found.variables))
