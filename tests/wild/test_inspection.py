"""Real checkpoints from public repositories: each is shown, and what is broken is said."""

import json

import pytest

from exporter.commands.inspect_export import main
from tests.wild.entries import wild_entries, wild_root

ENTRIES = [pytest.param(entry, id=entry["id"]) for entry in wild_entries()]
DONE, CHECKPOINT_ERROR = 0, 4


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_checkpoint_is_shown(entry, capsys):
    prefix = wild_root() / entry["prefix"]
    code = main(["inspect_export", str(prefix), "--statistics", "--json"])
    printed = capsys.readouterr()
    if not entry.get("complete", True) or code == CHECKPOINT_ERROR:
        assert (code, "Traceback" in printed.err) == (CHECKPOINT_ERROR, False)
        return
    checkpoint = json.loads(printed.out)["checkpoint"]
    assert (code, checkpoint["version"]) == (DONE, entry["format"])
    assert bool(checkpoint["not_finite"]) == ("nonfinite-weights" in entry["tags"])
    assert bool(checkpoint["averaged_count"]) == ("ema-shadows" in entry["tags"])


@pytest.mark.parametrize("entry", ENTRIES)
def test_its_graph_is_shown(entry, capsys):
    meta = wild_root() / f"{entry['prefix']}.meta"
    assert main(["inspect_export", str(meta), "--json"]) == DONE, capsys.readouterr().err
    graph = json.loads(capsys.readouterr().out)["graph"]
    assert bool(graph["unknown"]) == ("unknown-ops" in entry["tags"])
    listed = {placeholder["name"] for placeholder in entry["placeholders"] if not placeholder["name"].startswith("save")}
    assert listed <= {f"{placeholder['name']}:0" for placeholder in graph["placeholders"]}
