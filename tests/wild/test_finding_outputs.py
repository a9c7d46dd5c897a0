"""Real checkpoints from public repositories: the outputs are found where none are named."""

import pytest

from exporter.errors import GraphError
from exporter.graph.output_search.candidates import MOST_WINNERS, choose_outputs
from exporter.graph.stored.loading import load_stored_graph
from tests.wild.entries import wild_entries, wild_root

ENTRIES = [entry for entry in wild_entries() if entry.get("ground_truth")]
LEAST_RIGHT = 30
MOST_OTHERS = 1  # beside the ground truth: an actor's critic, probabilities beside the class

pytestmark = pytest.mark.skipif(not ENTRIES, reason="there are no wild checkpoints here")


def outputs_found(entry):
    try:
        return {output.name for output in choose_outputs(load_stored_graph(wild_root() / f"{entry['prefix']}.meta"))}
    except GraphError:
        return set()


def is_right(entry):
    """Tells whether what the repository's own code fetches is found; a random sample need not be."""
    truth = {output["tensor"].removesuffix(":0") for output in entry["ground_truth"]["outputs"] if output["tested_result"]}
    found = outputs_found(entry)
    return truth <= found and len(found - truth) <= MOST_OTHERS


def test_the_right_outputs_are_found_with_none_named():
    wrong = [entry["id"] for entry in ENTRIES if not is_right(entry)]
    assert len(ENTRIES) - len(wrong) >= LEAST_RIGHT, f"wrong: {wrong}"


@pytest.mark.parametrize("entry", wild_entries(), ids=lambda entry: entry["id"])
def test_no_graph_is_too_odd(entry):
    assert len(outputs_found(entry)) <= MOST_WINNERS
