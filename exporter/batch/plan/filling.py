"""One combination of an export's matrix: its options, with all placeholders replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any

from exporter.batch.config.placeholders import (
    ONLY_ENVIRONMENT,
    VERBATIM,
    PlaceholderError,
    has_braces,
    placeholder_text,
    placeholders_in,
    substitute,
    substitute_environment,
    unknown_placeholder,
)
from exporter.batch.config.words import CHECKPOINT_KEY
from exporter.options.export_options import ExportOptions

UNKNOWN_STEP = "{step}"
_OF_BATCH = ("name", "steps", "matrix", CHECKPOINT_KEY)


class _LaterError(Exception):
    """A placeholder's text is known only when the checkpoint is."""


class Filling:
    """The options of one combination.

    Most placeholders are the same for all checkpoints of a combination, and are replaced once.

    Args:
        values: all that the export says, the matrix's values of this combination among it.
        matrix_keys: keys that the matrix gives, which can be placeholders.
        faulty: keys of which a problem is known already.
        report: is told of a key and of a placeholder in its value that can't be replaced.
    """

    def __init__(self, values: Mapping[str, Any], matrix_keys: tuple[str, ...], faulty: Set[str],
                 report: Callable[[str, str], None]) -> None:
        self.values = values
        self.faulty = set(faulty).difference(matrix_keys)
        self.needs_step = False
        self._matrix_keys, self._report = matrix_keys, report
        self._early: dict[str, Any] = {}
        self._late: list[str] = []
        for key, value in values.items():
            if key not in _OF_BATCH:
                self._fill_early(key, value)

    def _fill_early(self, key: str, value: Any) -> None:
        try:
            self._early[key] = self._filled(key, value, {})
        except _LaterError:
            self._late.append(key)
        except PlaceholderError as error:
            self._refuse(key, error)

    def _refuse(self, key: str, error: PlaceholderError) -> None:
        self.faulty.add(key)
        self._report(key, str(error))

    def checkpoint(self) -> str:
        """Returns the checkpoint's text; raises PlaceholderError where it asks for what only a checkpoint tells."""
        try:
            return self._substitute(self.values[CHECKPOINT_KEY], {"name": None}, ())
        except _LaterError:
            raise PlaceholderError("{step} is not known before the checkpoint is chosen. Give a directory or a glob "
                                   "here, and choose by steps.") from None

    def name(self, step: str) -> str:
        """Returns the export's name for a step; raises PlaceholderError where it can't be replaced."""
        return self._substitute(self.values.get("name", ""), {"step": step}, ("name",))

    def options(self, name: str, step: str) -> dict[str, Any]:
        """Returns the values of all options that are given, besides the checkpoint, for a job of this name and step."""
        values = dict(self._early)
        for key in self._late:
            if key not in self.faulty:
                try:
                    values[key] = self._filled(key, self.values[key], {"name": name, "step": step})
                except PlaceholderError as error:
                    self._refuse(key, error)
        return values

    def mentioned_in(self, text: str) -> set[str]:
        """Returns the placeholders of a text, and those of the values that stand for them."""
        names = placeholders_in(text)
        for name in names & {*self._matrix_keys, "input_type"}:
            value = self.values.get(name)
            names = names | placeholders_in(value) if isinstance(value, str) else names
        return names

    def _filled(self, key: str, value: Any, fixed: Mapping[str, str | None]) -> Any:
        """Returns an option's value with the placeholders of its texts replaced."""
        if key in VERBATIM:
            return value
        if key in ONLY_ENVIRONMENT:
            return substitute_environment(value)
        if isinstance(value, str):
            return self._substitute(value, fixed, (key,))
        if isinstance(value, list) and any(isinstance(entry, str) and has_braces(entry) for entry in value):
            return [self._substitute(entry, fixed, (key,)) if isinstance(entry, str) else entry for entry in value]
        return value

    def _substitute(self, text: str, fixed: Mapping[str, str | None], within: tuple[str, ...]) -> str:
        """Replaces placeholders.

        Args:
            text: what has them.
            fixed: texts of ``name`` and ``step``, as far as they are known; None for the name as it is written.
            within: keys whose values are being filled, which can't be a part of themselves.
        """
        return substitute(text, lambda name: self._text_of(name, fixed, within)) if has_braces(text) else text

    def _text_of(self, name: str, fixed: Mapping[str, str | None], within: tuple[str, ...]) -> str:
        if name in within:
            raise PlaceholderError(f"{{{name}}} is a part of itself. Write the text in its place.")
        if name == "step":
            self.needs_step = True
            if self.values.get(CHECKPOINT_KEY) is None:
                raise PlaceholderError("{step} is the checkpoint's, and the export names no checkpoint. Leave it away.")
        if name in ("name", "step"):
            text = fixed.get(name)
            if text is not None:
                return text
            if name in fixed:
                return self._substitute(self.values.get("name", ""), {}, (*within, "name"))
            raise _LaterError
        if name in self.faulty:
            return ""
        if name != "input_type" and name not in self._matrix_keys:
            raise unknown_placeholder(name, ["name", "step", "input_type", *self._matrix_keys])
        value = self.values.get(name, ExportOptions.input_type)
        if not isinstance(value, str | bool | int | float):
            raise PlaceholderError(f"{{{name}}} stands for a list or mapping. Use a key with text, numbers or booleans.")
        return self._substitute(value, fixed, (*within, name)) if isinstance(value, str) else placeholder_text(value)
