"""What will keep a job from running, as far as it can be seen beforehand, without TensorFlow."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from exporter.batch.job import Job
from exporter.errors import OutputError, UsageError
from exporter.graph.stored.loading import graph_file
from exporter.options.export_options import ExportOptions
from exporter.options.loading import code_arguments
from exporter.publish import MANIFEST_NAME, check_output_directory, check_parents
from exporter.python_object import check_spec
from exporter.storage.places import is_remote, local_path
from exporter.tensorflow_1_code import find_tensorflow_1_code

_MOST_NAMED = 5


class ObstacleCheck:
    """Looks for a job's model, graph, inputs and output. What jobs share is looked at once."""

    def __init__(self) -> None:
        self._check_spec = cache(check_spec)
        self._find_code = cache(find_tensorflow_1_code)
        self._check_inputs = cache(_check_inputs)
        self._check_parents = cache(lambda parent: check_parents(Path(parent, "export")))

    def check(self, job: Job) -> None:
        """Raises ExportError where a job can't run."""
        options = job.options
        if options.model:
            self._find_code(*code_arguments(options))
            self._check_spec(options.model, "model", tuple(options.tf1_roots))
        if options.input_graph and not is_remote(options.input_graph):
            graph_file(Path(local_path(options.input_graph)))
        if options.verification_inputs and not is_remote(options.verification_inputs):
            self._check_inputs(local_path(options.verification_inputs))
        if options.output_directory and not is_remote(options.output_directory):
            self._check_output(options, local_path(options.output_directory))

    def _check_output(self, options: ExportOptions, directory: str) -> None:
        if not os.path.lexists(directory):
            self._check_parents(os.path.dirname(os.path.abspath(directory)))
            return
        check_output_directory(Path(directory), options.overwrite)
        foreign = foreign_files(Path(directory))
        if foreign:
            more = f" and {len(foreign) - _MOST_NAMED} more" if len(foreign) > _MOST_NAMED else ""
            raise OutputError(f"The export in {directory} is to be replaced, and holds files that are not its own: "
                              f"{', '.join(foreign[:_MOST_NAMED])}{more}.", "Move them away, or give another directory.")


def foreign_files(directory: Path) -> list[str]:
    """Returns the files in an export's directory that its manifest does not list; none where that can't be told."""
    try:
        manifest: Any = json.loads((directory / MANIFEST_NAME).read_bytes())
        own = {file["path"] for artifact in manifest["artifacts"] for file in artifact["files"]}
        own |= {MANIFEST_NAME, manifest["report"]["path"] if manifest["report"] else MANIFEST_NAME}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return []
    return sorted({file.relative_to(directory).as_posix() for file in directory.rglob("*") if not file.is_dir()} - own)


def _check_inputs(path: str) -> None:
    if not os.path.exists(path):
        raise UsageError(f"verification_inputs {path} does not exist.",
                         "Give a folder of images, a .npy, a .npz or a TFRecord.")
