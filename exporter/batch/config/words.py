"""Words for users of config files: key paths, values that were found, names that may have been meant, flags as keys."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from exporter.options.export_options import export_option_list

KeyPath = tuple[Any, ...]
"""Keys and list positions from a document's root."""

PREFIX_OPTION, CHECKPOINT_KEY = "trained_checkpoint_prefix", "checkpoint"

_FLAG = re.compile(r"--(\w+)(=?)")
_PLAIN_KEY = re.compile(r"[\w-]+")
_LONGEST = 60


def yaml_words(text: str) -> str:
    """Returns a message about flags as one about the keys of a config file: ``--noverify`` is ``verify: false`` there.

    Shapes, lists and mappings as flags have them become YAML's: ``--input_shape -1,28`` is ``input_shape: [null, 28]``.
    """
    for form, as_yaml in _WRITTEN_FORMS:
        text = form.sub(as_yaml, text)
    return _FLAG.sub(_as_key, text.replace("See --help for all flags.", "See --print_schema for all keys."))


def _shape(text: str) -> str:
    """Returns ``-1,28`` as ``[null, 28]``."""
    return f"[{', '.join('null' if size == '-1' else size for size in text.split(','))}]"


def _fixed(assignments: str) -> str:
    """Returns ``a=1.0,b=False`` as ``{a: 1.0, b: false}``."""
    return f"{{{assignments.replace('=', ': ').replace(',', ', ').replace('True', 'true').replace('False', 'false')}}}"


_WRITTEN_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"--side_input_shapes (-?\d[\d,/-]*)"),
     lambda match: f"--side_input_shapes=[{', '.join(map(_shape, match[1].split('/')))}]"),
    (re.compile(r"\b(\w+)=(-1(?:,\d+)+)"), lambda match: f"{{{match[1]}: {_shape(match[2])}}}"),
    (re.compile(r"(?<=[ (])-1(?:,\d+)+"), lambda match: _shape(match[0])),
    (re.compile(r"\b\w+=[\w.]+(?:,\w+=[\w.]*\w)+"), lambda match: _fixed(match[0])),
    (re.compile(r"--variable_map '([^']*)=>([^']*)'"), lambda match: f"--variable_map={{'{match[1]}': '{match[2]}'}}"),
    (re.compile(r"(--\w+|:) ([a-z][\w/:]*(?:,[a-z][\w/:]*)+)"),
     lambda match: f"{match[1]} [{match[2].replace(',', ', ')}]"),
    (re.compile(r"(--\w+) (?=\[)"), lambda match: f"{match[1]}="),
    (re.compile(r"(?<=\]) (?=--)"), lambda match: ", "),
)


def _as_key(flag: re.Match[str]) -> str:
    name, options = flag[1], export_option_list()
    if name == PREFIX_OPTION:
        name = CHECKPOINT_KEY
    if name in options or name == CHECKPOINT_KEY:
        return f"{name}: " if flag[2] else name
    return f"{name[2:]}: false" if name.startswith("no") and name[2:] in options else flag[0]


def key_path_text(path: KeyPath) -> str:
    """Returns a path as a user would write it: ``exports[1].model_args.width``."""
    text = "".join(_key_text(key) for key in path)
    return text.removeprefix(".")


def _key_text(key: Any) -> str:
    if isinstance(key, str):
        return f".{key}" if _PLAIN_KEY.fullmatch(key) else f"[{key!r}]"
    return f"[{key}]"


def found(value: Any) -> str:
    """Returns what a value is, for "found ...": the text 'abc', the number 3, a list."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text {shortened(value)}" if value else "an empty text"
    if isinstance(value, int | float):
        text = str(value)
        return f"the number {text}" if len(text) <= _LONGEST else f"a number of {len(text)} digits"
    kind = "mapping" if isinstance(value, dict) else "list"
    return f"a {kind}" if value else f"an empty {kind}"


def shortened(text: str) -> str:
    """Returns a text in quotes, its end left away where it is long."""
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Returns `` Did you mean x?``, or nothing where no known word is near."""
    nearest = nearest_of(word, tuple(known))
    return f" Did you mean {nearest}?" if nearest else ""


@lru_cache(maxsize=1000)
def nearest_of(word: str, known: tuple[str, ...]) -> str:
    """Returns the known word that is most like ``word``, or ""."""
    lower = {name.lower(): name for name in known}
    matches = difflib.get_close_matches(word.lower(), lower, 1)
    return lower[matches[0]] if matches else ""
