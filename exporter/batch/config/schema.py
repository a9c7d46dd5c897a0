"""The schema of a config file, made from the options of an export; and the same as JSON Schema for editors."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

import typing_extensions
from pydantic import ConfigDict, Field, TypeAdapter

from exporter.batch.config.words import CHECKPOINT_KEY, PREFIX_OPTION, yaml_words
from exporter.formats.format import format_names
from exporter.graph.input_types import input_type_names
from exporter.options.export_options import export_option_list

VERSION = 1

_STEPS_HELP = ("Which checkpoints of the directory or glob: all, latest, a list of steps, or every: N for the steps that N "
               "divides. By default the latest of a directory, and all that a glob over checkpoints matches.")
_CHECKPOINT_HELP = ("The checkpoint: a directory, a prefix, or a glob over directories (runs/fold*) or checkpoints "
                    "(runs/*/model.ckpt-*). Another word for trained_checkpoint_prefix.")
_NAME_HELP = ("What the export is called, in lists and as {name}. May have {step}, {input_type}, {env:VARIABLE} and keys "
              "of the matrix; what it does not mention of matrix, steps and globs is appended.")
_MATRIX_HELP = "From an option to a list of its values: one export for each combination."

_UNIQUE: dict[str, Any] = {"uniqueItems": True}
_NOT_NEGATIVE: dict[str, Any] = {"json_schema_extra": {"minimum": 0}}  # for editors; here, the option's own check tells
_FURTHER: dict[str, dict[str, Any]] = {
    "formats": {"min_length": 1, "json_schema_extra": _UNIQUE},
    "lock_timeout": _NOT_NEGATIVE, "verification_rtol": _NOT_NEGATIVE, "verification_atol": _NOT_NEGATIVE,
}

StepChoice = str | list[int] | dict[str, int]
"""What ``steps`` may be: all, latest, a list of steps, or {every: N}."""


def _mapping_type(name: str, keys: dict[str, Any]) -> Any:
    """Returns the type of a mapping with these keys, all optional but those that are Required; others are refused."""
    make: Any = typing_extensions.TypedDict
    mapping = make(name, keys, total=False)
    mapping.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    return mapping


@cache
def option_types() -> dict[str, Any]:
    """Returns the type of every option and of ``checkpoint``, by key."""
    types = {name: Annotated[option.type, Field(description=yaml_words(option.help), **_FURTHER.get(name, {}))]
             for name, option in export_option_list().items()}
    checkpoint = Annotated[Annotated[str, Field(min_length=1)] | None, Field(description=_CHECKPOINT_HELP)]
    return {CHECKPOINT_KEY: checkpoint, **types, PREFIX_OPTION: checkpoint}


def _export_keys() -> dict[str, Any]:
    """Returns the types of what an export may have besides its name."""
    every: Any = _mapping_type("Every", {"every": typing_extensions.Required[Annotated[int, Field(gt=0)]]})
    step_list = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1, json_schema_extra=_UNIQUE)]
    steps = Annotated[Literal["all", "latest"] | step_list | every, Field(
        description=_STEPS_HELP, examples=["all", "latest", [1000, 2000], {"every": 5000}])]
    matrix: Any = _mapping_type("Matrix", {key: Annotated[list[kind], Field(min_length=1)]  # type: ignore[valid-type]
                                      for key, kind in option_types().items()})
    return {**option_types(), "steps": steps, "matrix": Annotated[matrix, Field(description=_MATRIX_HELP)]}


@cache
def file_schema() -> TypeAdapter[Any]:
    """Returns what checks the values of a whole file."""
    name = Annotated[str, Field(description=_NAME_HELP, min_length=1)]
    export: Any = _mapping_type("Export", {"name": typing_extensions.Required[name], **_export_keys()})
    file = _mapping_type("File", {
        "version": typing_extensions.Required[Annotated[Literal[1], Field(description="Version of this format: 1.")]],
        "base": Annotated[str, Field(description="Another file, relative to this one: its defaults lie below this file's, "
                                                 "its exports come first.", min_length=1)],
        "defaults": Annotated[_mapping_type("Defaults", _export_keys()), Field(
            description="What all exports have that say nothing else.")],
        "exports": Annotated[list[export], Field(description="What to export.", min_length=1)]})
    return TypeAdapter(file)


@cache
def _export_key_names() -> tuple[str, ...]:
    return (*option_types(), "steps", "matrix")


def keys_at(path: tuple[Any, ...]) -> tuple[str, ...]:
    """Returns the keys that a mapping of a file may have, by its path."""
    keys = _export_key_names()
    if not path:
        return ("version", "base", "defaults", "exports")
    if path[-1] == "matrix":
        return tuple(option_types())
    if path[-1] == "steps":
        return ("every",)
    return keys if path == ("defaults",) else ("name", *keys)


def json_schema() -> dict[str, Any]:
    """Returns the schema of a config file as JSON Schema (draft 2020-12), for editors."""
    schema: dict[str, Any] = file_schema().json_schema()
    definitions: dict[str, Any] = schema.pop("$defs")
    for definition in (schema, *definitions.values()):
        definition.pop("title", None)
        for entry in definition["properties"].values():
            entry.pop("title", None)
    for name in ("Export", "Defaults", "Matrix"):
        properties = definitions[name]["properties"]
        for option in ("input_type", "formats", "input_shape"):
            target = properties[option]["items"] if name == "Matrix" else properties[option]
            target.update(_shapes(target) if option == "input_shape" else _suggested(option, target))
    del schema["additionalProperties"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Batch of exports",
            "description": "Exports of TensorFlow checkpoints, for export_batch.", **schema, "additionalProperties": False,
            "anyOf": [{"required": [key]} for key in ("exports", "base", "defaults")], "$defs": definitions}


def _shapes(entry: dict[str, Any]) -> dict[str, Any]:
    """Returns the type of shapes with the sizes that there are: those of a model's images are positive, or free."""
    of_images = {"type": "array", "minItems": 1, "items": {"anyOf": [
        {"type": "integer", "minimum": 1}, {"const": -1}, {"type": "null"}]}}
    by_name = {"type": "object", "additionalProperties": {"type": "array", "items": {"anyOf": [
        {"type": "integer", "minimum": -1}, {"type": "null"}]}}}
    return {"anyOf": [of_images, by_name, *(kind for kind in entry["anyOf"] if kind["type"] == "null")]}


def _suggested(option: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Returns the type with its known words for an editor to offer; placeholders are allowed too."""
    names = input_type_names() if option == "input_type" else format_names()
    other = "[:{]" if option == "input_type" else "[{]"
    words = {"anyOf": [{"enum": list(names)}, {"type": "string", "pattern": other}]}
    if entry["type"] == "array":
        return {"items": words}
    entry.pop("type")
    return words
