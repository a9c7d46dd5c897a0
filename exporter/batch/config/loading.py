"""Config files to the entries of their exports: bases, overrides and the schema."""

from __future__ import annotations

import os
from collections.abc import Sequence

from exporter.batch.config.checking import check
from exporter.batch.config.document import Document, read_document
from exporter.batch.config.entries import Entry, read_layer, unknown_layer
from exporter.batch.config.overrides import apply_overrides
from exporter.batch.config.problems import Problems
from exporter.errors import UsageError


def load_entries(paths: Sequence[str], overrides: Sequence[str], problems: Problems) -> list[Entry]:
    """Reads config files.

    Args:
        paths: the files.
        overrides: the arguments of ``--set``.
        problems: is told everything that is wrong in the files.

    Returns:
        The exports in the order of the files, those of a base before those of the file that names it.

    Raises:
        UsageError: there are no paths.
    """
    if not paths:
        raise UsageError("No config file is given.", "Name one or several YAML files.")
    groups = [_with_base(path, problems) for path in paths]
    documents = [document for group in groups for document in group]
    apply_overrides(overrides, documents, problems)
    for document in documents:
        check(document, problems)
    for group in groups:
        _check_has_exports(group, problems)
    return [entry for group in groups for entry in _entries(group)]


def _with_base(path: str, problems: Problems) -> list[Document]:
    """Reads a file and its base; the base comes first."""
    document = read_document(path, problems)
    if document is None:
        return []
    base_path = document.values.get("base")
    if not isinstance(base_path, str) or not base_path:
        return [document]
    file = os.path.normpath(os.path.join(os.path.dirname(path), base_path))
    if not os.path.isfile(file):
        document.mark_faulty(("base",))
        problems.add(document.problem(("base",), f"there is no file {file!r}. A base is relative to the file that names "
                                      "it."))
        return [document]
    base = read_document(file, problems)
    if base is None:
        document.mark_faulty(("base",))
        return [document]
    if "base" in base.values:
        base.mark_faulty(("base",))
        problems.add(base.problem(("base",), f"{file} is a base itself (of {path}), and a base has no base. Write its "
                                  "values into one of the two.", of_key=True))
    return [base, document]


def _check_has_exports(group: list[Document], problems: Problems) -> None:
    has_lost_base = any(document.is_faulty(("base",)) for document in group)
    if group and not has_lost_base and not any("exports" in document.values for document in group):
        problems.add(group[-1].problem(("exports",), "missing. List what is to be exported."))


def _entries(group: list[Document]) -> list[Entry]:
    path = ("defaults",)
    defaults = [read_layer(document, path) or unknown_layer(document, path) for document in group
                if "defaults" in document.values]
    entries = []
    for document in group:
        exports = document.values.get("exports")
        for index in range(len(exports) if isinstance(exports, list) else 0):
            own = read_layer(document, ("exports", index))
            if own is not None:
                entries.append(Entry((*defaults, own)))
    return entries
