"""Config files with random damage are planned, or refused by a list of problems; nothing else comes of them."""

import random

import pytest

from exporter.batch.config.problems import ConfigError
from tests.batch.config_texts import config_text, export_text, plan

PIECES = ["{", "}", "[", "]", ":", " ", "\n", "- ", "&a ", "*a", "<<: ", "~", "no", "1e3", "2020-01-01", "!!set ", "'", '"',
          "\t", "exports", "defaults", "matrix", "steps", "every", "5", "true", "# ", "|", "? ", "{env:X}", "..", "/",
          "{input_type}"]
TEXT = config_text(
    export_text(name="\"a-{step}\"", steps="all", matrix="{input_type: [image_tensor, tf_example], fsync: [true, false]}"),
    export_text(name="b", steps="{every: 500}", input_shape="[1, 28, 28, 3]", variable_map="{a: b}", lock_timeout="0.1"),
    export_text(name="c", checkpoint="runs/fold*", model_args="{a: {b: [1, 2]}}", formats="[checkpoint, saved_model]"),
    defaults="{verify: false, steps: latest, model_args: {x: 1}}")


def damaged(text, generator):
    """Returns a text with a few random pieces put in, cut out, or lines copied."""
    for _ in range(generator.randint(1, 6)):
        position, choice = generator.randrange(len(text)), generator.random()
        if choice < 0.4:
            text = text[:position] + generator.choice(PIECES) + text[position:]
        elif choice < 0.7:
            text = text[:position] + text[position + generator.randint(1, 12):]
        else:
            lines = text.split("\n")
            lines[generator.randrange(len(lines))] = generator.choice(lines)
            text = "\n".join(lines)
    return text


@pytest.mark.parametrize("seed", range(20))
def test_damaged_files(workplace, seed):
    generator, refused = random.Random(seed), []
    for _ in range(25):
        try:
            plan(damaged(TEXT, generator))
        except ConfigError as error:
            refused.append(len(error.problems))
    assert len(refused) > 10
    assert min(refused) > 0
