"""A directory in an object store: what is in it, and moving files to and fro."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from exporter.errors import ExportError, OutputError
from exporter.storage.filesystem import open_filesystem, storage_errors
from exporter.storage.places import bucket_of, join, normalized

_AT_A_TIME = 4
_Result = TypeVar("_Result")


class RemoteDirectory:
    """Files are named relative to the directory, with ``/`` between the parts.

    Args:
        place: the directory's address.
        error: the class of what is raised where the store can't be reached, denies access, or breaks off.

    Raises:
        UsageError: the protocol is not known, or its library is not installed.
    """

    def __init__(self, place: str, error: type[ExportError]) -> None:
        self.place = normalized(place)
        self._error = error
        self._files, self._path = open_filesystem(place)

    def entries(self) -> dict[str, int]:
        """Returns name -> size in bytes of the files directly in it.

        Raises:
            FileNotFoundError: there is no such directory; stores have none without files.
        """
        def list_entries() -> list[Mapping[str, Any]]:
            """What the store lists; nothing where there is no directory."""
            self._files.invalidate_cache()  # another process may have written since
            try:
                entries = self._files.ls(self._path, detail=True)
            except (FileNotFoundError, NotADirectoryError):
                self._check_bucket()
                return []
            return [entry for entry in entries if entry["name"] != self._path]  # a file lists itself

        entries = self._do(list_entries, "listed")
        if not entries:
            raise FileNotFoundError(f"There is no directory {self.place}.")
        return self._relative(entries)

    def tree(self) -> dict[str, int]:
        """Returns name -> size in bytes of all files in it and below; empty where there is none."""
        def find() -> dict[str, int]:
            """What the store finds below; nothing where there is no directory."""
            self._files.invalidate_cache()
            try:
                found = self._relative(self._files.find(self._path, detail=True).values())
            except FileNotFoundError:
                found = {}
            if not found:
                self._check_bucket()
            return found

        return self._do(find, "listed")

    def is_file(self) -> bool:
        """Tells whether the address is that of a file."""
        def ask() -> bool:
            self._files.invalidate_cache()
            return bool(self._files.isfile(self._path))

        return self._do(ask, "read")

    def read(self, name: str) -> bytes:
        """Returns the content of a file; raises FileNotFoundError where there is none."""
        with storage_errors(join(self.place, name), "read", self._error):
            try:
                return bytes(self._files.cat_file(self._path_of(name)))
            except FileNotFoundError as error:
                missing = error
        raise FileNotFoundError(f"There is no file {join(self.place, name)}.") from missing

    def write(self, name: str, content: bytes) -> None:
        """Writes a small file."""
        with storage_errors(join(self.place, name), "written", self._error):
            self._make_parents([name])
            self._files.pipe_file(self._path_of(name), content)

    def remove(self, names: Iterable[str]) -> None:
        """Removes files, one after the other."""
        for name in names:
            with storage_errors(join(self.place, name), "removed", self._error):
                self._files.rm_file(self._path_of(name))

    def upload(self, local: Path, names: Iterable[str]) -> None:
        """Uploads files of a local directory, several at a time."""
        def send(name: str) -> None:
            """Uploads one file."""
            with storage_errors(join(self.place, name), "uploaded", self._error):
                self._files.put_file(str(local / name), self._path_of(name))

        chosen = list(names)
        with storage_errors(self.place, "written", self._error):
            self._make_parents(chosen)
        _several_at_a_time(send, chosen)

    def download(self, sizes: Mapping[str, int], local: Path) -> None:
        """Downloads files into a local directory, several at a time; each appears there when it is complete.

        Args:
            sizes: name -> size in bytes, as it was listed.
            local: the directory; is created.

        Raises:
            OutputError: the local disk has too little space.
        """
        _check_space(self.place, local, sum(sizes.values()))

        def receive(name: str) -> None:
            """Downloads one file beside its place, and puts it there when it is complete."""
            target = local / name
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.partial")
            with storage_errors(join(self.place, name), "downloaded", self._error):
                self._files.get_file(self._path_of(name), str(partial))
                self._check_size(name, sizes[name], partial.stat().st_size)
                os.replace(partial, target)

        _several_at_a_time(receive, sizes)

    def _check_size(self, name: str, expected: int, found: int) -> None:
        if found != expected:
            raise self._error(f"{join(self.place, name)} has {expected:,} bytes, of which {found:,} arrived.",
                              "Is it being written? Run it again when it is complete.")

    def _check_bucket(self) -> None:
        """Tells a bucket that is not there from a directory without files; lets pass what it may not ask."""
        bucket = bucket_of(self.place)
        if bucket is None:
            return
        try:
            self._files.info(open_filesystem(bucket)[1])
        except FileNotFoundError:
            raise self._error(f"There is no bucket {bucket}.", "Check its name; create it first where it is new.") from None
        except PermissionError:
            return

    def _relative(self, entries: Iterable[Mapping[str, Any]]) -> dict[str, int]:
        """Name -> size of the files; without the empty objects that some programs make for a directory."""
        beginning = f"{self._path}/" if self._path else ""
        return {str(entry["name"]).removeprefix(beginning): int(entry["size"] or 0) for entry in entries
                if entry["type"] == "file" and entry["name"].startswith(beginning)
                and not entry["name"].endswith("/")}

    def _path_of(self, name: str) -> str:
        return f"{self._path}/{name}"

    def _make_parents(self, names: Iterable[str]) -> None:
        """Creates directories in stores that have real ones (SFTP, HDFS); buckets have none."""
        if bucket_of(self.place) is None:
            for parent in sorted({self._path_of(name).rpartition("/")[0] for name in names}):
                self._files.makedirs(parent, exist_ok=True)

    def _do(self, action: Callable[[], _Result], words: str) -> _Result:
        with storage_errors(self.place, words, self._error):
            return action()


def _several_at_a_time(action: Callable[[str], None], names: Iterable[str]) -> None:
    """Runs an action for each name in threads; after the first error nothing more is begun."""
    with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="transfer") as pool:
        futures = [pool.submit(action, name) for name in names]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _check_space(place: str, local: Path, byte_size: int) -> None:
    local.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(local).free
    if free < byte_size:
        raise OutputError(f"The files to download from {place} have {byte_size:,} bytes; {local} has {free:,} bytes free.",
                          "Free some space, or name a directory on a larger disk by TMPDIR.")
