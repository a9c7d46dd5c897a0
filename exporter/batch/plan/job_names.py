"""Names of jobs: what tells the jobs of one export apart, where its name does not."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

LONGEST_NAME = 200

_ODD = re.compile(r"[^A-Za-z0-9._-]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def value_label(key: str, index: int, value: Any) -> str:
    """Returns the label of a matrix's value.

    Args:
        key: the option.
        index: the value's position in the option's list.
        value: text is its own label; a boolean is written as its flag, a number after the key; others by position.
    """
    if isinstance(value, bool):
        return key if value else f"no{key}"
    if isinstance(value, str):
        return plain(value)
    return plain(f"{key}{value}") if isinstance(value, int | float) else f"{key}{index}"


def directory_labels(directories: Sequence[str]) -> dict[str, str]:
    """Returns for each directory the part of its path that the others do not share, on one line: fold0, fold1."""
    parts = {directory: directory.replace(os.sep, "/").split("/") for directory in directories}
    before = _shared(list(parts.values()))
    after = _shared([part[before:][::-1] for part in parts.values()])
    return {directory: plain("-".join(part[before:len(part) - after])) for directory, part in parts.items()}


def _shared(lists: list[list[str]]) -> int:
    """Returns how many parts all lists begin with."""
    count = 0
    for entries in zip(*lists, strict=False):
        if len(set(entries)) > 1:
            break
        count += 1
    return count


def plain(text: str) -> str:
    """Returns a text as a part of a name: letters, digits, ``.``, ``_`` and ``-``."""
    return _ODD.sub("_", text)


def name_problem(name: str) -> str:
    """Returns what is wrong with a job's name, which may become a directory's; "" where nothing is."""
    if not name.strip():
        return "the name is empty. Give the export a name."
    if name in (os.curdir, os.pardir):
        return f"the name {name!r} means a directory that is there already. Give another name."
    if "/" in name or "\\" in name:
        return f"the name {name!r:.90} has a slash. Leave it away: directories belong into output_directory."
    if _CONTROL.search(name):
        return f"the name {name!r:.90} has control characters. Leave them away."
    if len(name.encode(errors="replace")) > LONGEST_NAME:
        return f"the name {name[:40]!r}... has {len(name.encode(errors='replace'))} bytes, expected at most {LONGEST_NAME}."
    return ""
