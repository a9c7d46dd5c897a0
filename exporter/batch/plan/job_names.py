"""Names of jobs: what tells the jobs of one export apart, where its name does not."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
from typing import Any

LONGEST_NAME = 200

_LONGEST_LABEL, _DIGEST_LENGTH = 80, 6
_ODD = re.compile(r"[^A-Za-z0-9._-]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def value_label(key: str, value: Any) -> str:
    """Returns the label of a matrix's value. It tells nothing of the other values: they may come and go.

    Args:
        key: the option.
        value: text is its own label, a list of texts is joined by dashes; a boolean is written as its flag, a number after
            the key, nothing as a flag that is off; long lists, others and mappings as the key and a part of their SHA-256.
    """
    if isinstance(value, bool):
        return key if value else f"no{key}"
    if value is None or value in ("", []):
        return f"no{key}"
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value) and sum(map(len, value)) < _LONGEST_LABEL:
        return plain("-".join(value))
    if isinstance(value, int | float):
        return plain(f"{key}{value}")
    return key + hashlib.sha256(json.dumps(_canonical(value), sort_keys=True).encode()).hexdigest()[:_DIGEST_LENGTH]


def _canonical(value: Any) -> Any:
    """Returns a value whose keys are all texts, so that they can be sorted: numbers and texts stay apart."""
    if isinstance(value, dict):
        return {json.dumps(key): _canonical(entry) for key, entry in value.items()}
    return [_canonical(entry) for entry in value] if isinstance(value, list) else value


def directory_label(pattern: str, directory: str) -> str:
    """Returns what of a directory the wildcards of a pattern stand for: fold0, of runs/fold0 by runs/fold*.

    Args:
        pattern: of directories, or of checkpoints in them.
        directory: one that it finds.

    Returns:
        The parts from the first wildcard on, joined by dashes; empty where no directory is a matter of choice.
    """
    asked, found = pattern.replace(os.sep, "/").split("/"), directory.replace(os.sep, "/").split("/")
    if directory == pattern or not any(glob.has_magic(part) for part in asked[:len(found)]):
        return ""
    first = next(index for index, part in enumerate(asked) if glob.has_magic(part))
    after = 0 if "**" in asked else len(found) - 1 - max(
        index for index, part in enumerate(asked[:len(found)]) if glob.has_magic(part))
    return plain("-".join(found[first:len(found) - after]))


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
