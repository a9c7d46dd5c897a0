"""Where the real checkpoints are, and what their index says of them; both are empty where there are none."""

import os
from pathlib import Path

import yaml

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "wild"


def wild_root():
    """The folder of the checkpoints: ``WILD_CHECKPOINTS``, or beside the project."""
    return Path(os.environ.get("WILD_CHECKPOINTS") or _BESIDE)


def wild_entries():
    """The entries of its index."""
    index = wild_root() / "index.yaml"
    return yaml.safe_load(index.read_text())["entries"] if index.is_file() else []
