"""Publishing an export in an object store, where nothing can be renamed: the manifest comes last.

    .export_in_progress     written first, removed last: what lies here is ours, and may be replaced
    export_manifest.json    removed before anything is changed, written when all files are there

So a directory with a manifest is a whole export at every instant. Who reads one while it may be replaced reads the manifest
again at the end, and starts over where it is another.

Stores have no locks. Of two uploads to one address at the same time, the one that began first is told so when it is about
to write its manifest.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from exporter.errors import OutputError
from exporter.publish import MANIFEST_NAME
from exporter.storage.places import name_of, parent_of
from exporter.storage.remote_directory import RemoteDirectory

IN_PROGRESS_NAME = ".export_in_progress"


def check_destination(destination: str, overwrite: bool) -> None:
    """Refuses an address where publishing would lose something, or that can't be reached. Nothing is written.

    Args:
        destination: where the export is to appear.
        overwrite: whether an export that is there already may be replaced.

    Raises:
        OutputError: it is an export and ``overwrite`` is off, or holds anything that is no export; there is no such bucket,
            or access is denied.
        UsageError: the protocol is not known, or its library is not installed.
    """
    _checked_content(RemoteDirectory(destination, OutputError), overwrite)


def read_remote_manifest(destination: str) -> bytes | None:
    """Returns the content of an export's ``export_manifest.json``; None where there is no export.

    Raises:
        OutputError: the store can't be reached, or denies access.
        UsageError: the protocol is not known, or its library is not installed.
    """
    return _content(RemoteDirectory(destination, OutputError), MANIFEST_NAME)


def publish_export(local: Path, destination: str, overwrite: bool) -> None:
    """Uploads a finished export, in the place of one that is there.

    Args:
        local: the export's directory.
        destination: its address.
        overwrite: whether an export that is there already may be replaced. What an interrupted upload has left always is.

    Raises:
        OutputError: as of `check_destination`; or the transfer broke off, and no manifest is there. Another run replaces
            what it left.
        UsageError: the protocol is not known, or its library is not installed.
        ValueError: ``local`` has no manifest.
    """
    remote = RemoteDirectory(destination, OutputError)
    sizes = {file.relative_to(local).as_posix(): file.stat().st_size for file in local.rglob("*") if file.is_file()}
    if MANIFEST_NAME not in sizes:
        raise ValueError(f"{local} is no finished export: it has no {MANIFEST_NAME}")
    present = _checked_content(remote, overwrite)
    ours = _files_of_export(remote, present)
    mark = json.dumps({"upload": uuid.uuid4().hex, "files": sorted(ours | set(sizes))}, ensure_ascii=False).encode()
    remote.write(IN_PROGRESS_NAME, mark)
    remote.remove({MANIFEST_NAME} & set(present))
    remote.upload(local, [name for name in sizes if name != MANIFEST_NAME])
    remote.remove(sorted((ours & set(present)) - set(sizes) - {MANIFEST_NAME}))
    _check_upload(remote, sizes, mark)
    remote.upload(local, [MANIFEST_NAME])
    remote.remove([IN_PROGRESS_NAME])


def _checked_content(remote: RemoteDirectory, overwrite: bool) -> dict[str, int]:
    """Returns name -> size of what is at the destination, if it may be replaced."""
    present = remote.tree()
    if not present and name_of(remote.place) and remote.is_file():
        raise OutputError(f"{remote.place} is a file.", "Give an address where nothing is yet.")
    if MANIFEST_NAME in present:
        if not overwrite:
            raise OutputError(f"There is an export in {remote.place} already.",
                              "Replace it with --overwrite, or give another address.")
    elif present and IN_PROGRESS_NAME not in present:
        first = ", ".join(sorted(present)[:3])
        raise OutputError(f"{remote.place} is not empty ({first}) and holds no export (no {MANIFEST_NAME}).",
                          f"Give an address where nothing is yet, in {parent_of(remote.place)} for example.")
    return present


def _files_of_export(remote: RemoteDirectory, present: Iterable[str]) -> set[str]:
    """The files that an earlier export or upload has put there: no others are ever removed."""
    ours: set[str] = set()
    for name in {MANIFEST_NAME, IN_PROGRESS_NAME} & set(present):
        with suppress(ValueError, LookupError, TypeError, AttributeError, RecursionError):  # a damaged one lists nothing
            ours.update(_listed_files(json.loads(_content(remote, name) or b"")))
    return ours


def _content(remote: RemoteDirectory, name: str) -> bytes | None:
    try:
        return remote.read(name)
    except FileNotFoundError:
        return None


def _listed_files(content: Mapping[str, Any]) -> set[str]:
    """The files that a manifest or the mark of an upload lists."""
    if "files" in content:
        return set(content["files"])
    listed = {file["path"] for artifact in content["artifacts"] for file in artifact["files"]}
    return listed | ({content["report"]["path"]} if content.get("report") else set())


def _check_upload(remote: RemoteDirectory, sizes: Mapping[str, int], mark: bytes) -> None:
    """Raises OutputError unless the store has every file at its size, and no other upload has begun meanwhile."""
    if _content(remote, IN_PROGRESS_NAME) != mark:
        raise OutputError(f"Another export to {remote.place} is running, or has run meanwhile.",
                          "Give each export an address of its own.")
    found = remote.tree()
    for name, size in sizes.items():
        if name != MANIFEST_NAME and found.get(name) != size:
            is_there = f"has {found[name]:,} bytes" if name in found else "is not there"
            raise OutputError(f"The upload to {remote.place} failed: {name} {is_there}, {size:,} bytes were sent.",
                              "Run it again.")
