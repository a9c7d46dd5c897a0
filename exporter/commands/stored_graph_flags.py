"""The flags of every command that takes a stored graph: where to cut it, what to fix, which values to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from absl import flags

from exporter.errors import UsageError
from exporter.graph.stored.options import StoredGraphOptions, parse_fixed, parse_input_shapes

_INPUT_SHAPE = ("Shape of an input, -1 or None where free: -1,28,28,3 for the images of a model, name=-1,32,32,3 for an "
                "input of a stored graph; repeatable. By default the model's own default_input_shape, else any size with 3 "
                "channels; for a stored graph its own.")


def define_stored_graph_flags(values: flags.FlagValues) -> None:
    """Defines ``--input_names``, ``--fix``, ``--input_shape`` and what else concerns the graph alone."""
    flags.DEFINE_list("input_names", [], "Tensors of the stored graph that become inputs, wherever they are: x,scope/op:1. "
                      "By default its placeholders, and what the input pipeline gives.", flag_values=values)
    flags.DEFINE_multi_string("fix", [], "Tensors of the stored graph that always have one value: keep_prob=1.0,"
                              "is_training=False. Conditionals that they decide are folded.", flag_values=values)
    flags.DEFINE_multi_string("input_shape", [], _INPUT_SHAPE, flag_values=values)
    flags.DEFINE_boolean("rewrite_batch_norm", False, "Let batch normalizations that were stored in training mode use their "
                         "moving statistics.", flag_values=values)
    flags.DEFINE_list("saved_model_tags", [], "Tag set of the SavedModel's graph; by default serve.", flag_values=values)


def define_variable_map_flag(values: flags.FlagValues) -> None:
    """Defines ``--variable_map``."""
    flags.DEFINE_multi_string(
        "variable_map", [], "regex=>replacement, from a variable's name to the checkpoint's key; repeatable, the first that "
        "matches is applied", flag_values=values)


def stored_graph_options(options: flags.FlagValues, graph: str, output_node_names: Sequence[str],
                         signature: str | None = None) -> StoredGraphOptions:
    """Reads the flags.

    Raises:
        UsageError: one is not of its form.
    """
    fixed: dict[str, Any] = {}
    for text in options.fix:
        fixed.update(parse_fixed(text))
    return StoredGraphOptions(
        graph, tuple(options.input_names), tuple(output_node_names), fixed, parse_input_shapes(options.input_shape),
        rewrite_batch_norm=options.rewrite_batch_norm, saved_model_tags=tuple(options.saved_model_tags) or None,
        signature=signature)


def read_variable_map(items: Sequence[str]) -> dict[str, str]:
    """Reads ``--variable_map``.

    Raises:
        UsageError: an item is not of its form.
    """
    variable_map = {}
    for item in items:
        pattern, separator, replacement = item.partition("=>")
        if not separator or not pattern:
            raise UsageError(f"--variable_map {item!r} is not of the form regex=>replacement.",
                             "For example: --variable_map '^tower_0/=>'")
        variable_map[pattern] = replacement
    return variable_map
