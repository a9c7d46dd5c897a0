"""An artifact that runs on a CPU, whatever data format its graph is in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from exporter.formats.format import LoadedArtifact
from exporter.formats.session import converting_layouts

# Each kernel has its own words: "The Conv2D op currently only supports the NHWC tensor format on the CPU", "Default
# AvgPoolingOp only supports NHWC on device type CPU", "Depthwise convolution on CPU is only supported for NHWC format", and
# NDHWC for volumes.
_LACKS_KERNEL = re.compile(r"only support\w* .*\bND?HWC")


class CpuArtifact(LoadedArtifact):
    """Loads an artifact; once more, with its layouts converted, when a run shows that its graph is in NCHW.

    Args:
        load: loads the artifact.
    """

    def __init__(self, load: Callable[[], LoadedArtifact]) -> None:
        self._load, self._artifact, self._is_converted = load, load(), False
        super().__init__(self._artifact.inputs, self._artifact.outputs, self._run_in_any_layout,
                         lambda: self._artifact.close())

    def _run_in_any_layout(self, feeds: Mapping[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
        try:
            return self._artifact(feeds)
        except Exception as error:
            if self._is_converted or not _LACKS_KERNEL.search(str(error)):
                raise
        self._artifact.close()
        with converting_layouts():
            self._artifact, self._is_converted = self._load(), True
        return self._artifact(feeds)
