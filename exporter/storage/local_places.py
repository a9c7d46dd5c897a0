"""Where an export finds its files on this machine, wherever they really are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from exporter.errors import ExportError
from exporter.storage.checkpoints import find_checkpoint
from exporter.storage.downloads import download_graph, download_inputs
from exporter.storage.places import is_remote, join, local_path, name_by_origin, name_of, normalized, parent_of
from exporter.storage.publishing import check_destination, publish_export
from exporter.storage.staging import staging_directory


@dataclass(frozen=True)
class LocalPlaces:
    """Local paths of what an export reads and writes.

    Attributes:
        checkpoint: what `exporter.weights.checkpoint_path.resolve_checkpoint` takes; None where none was named.
        graph: the stored graph.
        inputs: what is verified with.
        output: where the export is to be written.
        origins: local path -> the address that it stands for.
    """

    checkpoint: str | None
    graph: str | None
    inputs: str | None
    output: str
    origins: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def local_places(checkpoint: str | None, graph: str | None, inputs: str | None, output: str,
                 overwrite: bool) -> Iterator[LocalPlaces]:
    """Yields local paths for one export: what is remote is downloaded first, a remote output is published at the end.

    Downloads, and an export on its way to a store, are in a staging directory below ``TMPDIR``, which is removed whatever
    happens. Paths pass as they are, and nothing of fsspec is imported for them.

    Args:
        checkpoint: prefix, file or directory; a path or an address, as are the next.
        graph: the stored graph; without ``checkpoint``, the values beside it are downloaded as well.
        inputs: what is verified with.
        output: where the export is to appear.
        overwrite: whether an export that is there already may be replaced.

    Raises:
        ExportError: what is remote is not there, can't be read or written, or breaks off; or what the block raises, in which
            local copies are called by their addresses.
    """
    given = [place for place in (checkpoint, graph, inputs, output) if place is not None]
    if not any(map(is_remote, given)):
        yield _local_copies(checkpoint, graph, inputs, output, Path())
        return
    if is_remote(output):
        check_destination(output, overwrite)
    with staging_directory() as staging:
        places = _local_copies(checkpoint, graph, inputs, output, staging)
        try:
            yield places
        except ExportError as error:
            name_by_origin(error, places.origins)
            raise
        if is_remote(output):
            publish_export(Path(places.output), output, overwrite)


def _local_copies(checkpoint: str | None, graph: str | None, inputs: str | None, output: str,
                  staging: Path) -> LocalPlaces:
    origins: dict[str, str] = {}

    def stands_for(copy: Path, address: str) -> str:
        origins[str(copy)] = normalized(address)
        return str(copy)

    with_values = checkpoint is None
    if checkpoint is not None and is_remote(checkpoint):
        found = find_checkpoint(checkpoint)
        checkpoint = stands_for(found.download(staging / "checkpoint"), found.prefix)
    if graph is not None and is_remote(graph):
        copy = download_graph(graph, staging / "graph", with_values)
        graph = stands_for(copy, join(parent_of(graph), copy.name))
    if inputs is not None and is_remote(inputs):
        inputs = stands_for(download_inputs(inputs, staging / "inputs"), inputs)
    if is_remote(output):
        output = stands_for(staging / "export" / (name_of(output) or "export"), output)
    return LocalPlaces(checkpoint and local_path(checkpoint), graph and local_path(graph), inputs and local_path(inputs),
                       local_path(output), origins)
