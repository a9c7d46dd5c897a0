"""The options of an export as flags. Plain values are flags of their type; here is what else can be said in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from absl import flags

from exporter.errors import UsageError
from exporter.graph.input_types import parse_input_shape
from exporter.graph.side_inputs import parse_side_input_shapes
from exporter.graph.stored.options import parse_fixed, parse_input_shapes
from exporter.options.export_options import ExportOptions, export_option_list

_DEFAULTS = ExportOptions()


def define_option_flags(values: flags.FlagValues, names: Iterable[str]) -> None:
    """Defines a flag for each of these options of an export."""
    for name in names:
        option, default = export_option_list()[name], getattr(_DEFAULTS, name)
        if name in _WRITTEN_FORMS:
            form = _WRITTEN_FORMS[name]
            form.define(name, form.default, f"{option.help} {form.note}".strip(), flag_values=values)
        else:
            _DEFINERS[str(option.type)](name, default, option.help, flag_values=values)


def read_option_flags(values: flags.FlagValues, names: Iterable[str]) -> ExportOptions:
    """Reads the flags of these options.

    Raises:
        UsageError: one is not of its form.
    """
    read: dict[str, Any] = {}
    for name in names:
        value = values[name].value
        read[name] = _WRITTEN_FORMS[name].read(value) if name in _WRITTEN_FORMS else value
    if read.get("side_input_names") and not read.get("side_input_shapes"):
        read["side_input_shapes"] = [[]]  # one scalar: its shape is written as nothing
    return ExportOptions(**read)


def read_model_args(text: str) -> dict[str, Any]:
    """Reads ``--model_args``: inline YAML, or ``@file.yaml``.

    Raises:
        UsageError: no YAML, not a mapping with names as keys, or the file is not there.
    """
    import yaml

    if not text.strip():
        return {}
    try:
        content = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        arguments = yaml.safe_load(content)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UsageError(f"--model_args can't be read: {error}", "For example: --model_args '{num_classes: 10}'") from error
    if not isinstance(arguments, dict) or not all(isinstance(key, str) and key.isidentifier() for key in arguments):
        raise UsageError(f"--model_args must be a mapping of parameter names to values, found {arguments!r:.80}.",
                         "For example: --model_args '{num_classes: 10}'")
    return arguments


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


def _read_fixed(items: Sequence[str]) -> dict[str, Any]:
    return {name: value for text in items for name, value in parse_fixed(text).items()}


def _read_input_shape(items: Sequence[str]) -> Any:
    """One shape for the images of a model, or shapes by name for a stored graph."""
    if any("=" in item for item in items):
        return {name: list(shape) for name, shape in parse_input_shapes(items).items()}
    return list(parse_input_shape(items[-1])) if items else None


def _read_collection(name: str) -> str | None:
    return None if name in ("None", "") else name


@dataclass(frozen=True)
class _WrittenForm:
    """How an option is written as a flag, where that is not the value itself."""

    define: Callable[..., Any]
    default: Any
    read: Callable[[Any], Any]
    note: str = ""


_WRITTEN_FORMS = {
    "model_args": _WrittenForm(flags.DEFINE_string, "", read_model_args,
                               "As inline YAML ('{num_classes: 10}') or @file.yaml."),
    "tf1_root": _WrittenForm(flags.DEFINE_multi_string, [], list, "Repeatable."),
    "variable_map": _WrittenForm(flags.DEFINE_multi_string, [], read_variable_map, "As regex=>replacement; repeatable."),
    "fix": _WrittenForm(flags.DEFINE_multi_string, [], _read_fixed),
    "input_shape": _WrittenForm(flags.DEFINE_multi_string, [], _read_input_shape, "Repeatable."),
    "side_input_shapes": _WrittenForm(
        flags.DEFINE_string, "", lambda text: [list(shape) for shape in parse_side_input_shapes(text)] if text else [],
        "Separated by slashes: -1/-1,10"),
    "output_collection_name": _WrittenForm(flags.DEFINE_string, "inference_op", _read_collection),
}
_DEFINERS: dict[str, Callable[..., Any]] = {
    str(bool): flags.DEFINE_boolean, str(str): flags.DEFINE_string, str(str | None): flags.DEFINE_string,
    str(float): flags.DEFINE_float, str(float | None): flags.DEFINE_float, str(list[str]): flags.DEFINE_list,
}
