"""Recurrent cells, decoders and random fields give what TensorFlow 1.15.5 gives: the same variables, numbers and gradients.

`recurrent/*_cases.json` was written by TensorFlow 1.15.5 itself, by recurrent/recording.py.
"""

import json
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent / "recurrent"


@pytest.mark.parametrize("module", ["rnn_cases", "seq2seq_cases", "crf_cases", "legacy_cases", "subclass_cases"])
def test_figures_of_tensorflow_1_15_5(run, module):
    expected = json.loads((FOLDER / f"{module}.json").read_text())
    found = json.loads(run(f"""
        import json
        from recording import figures
        print(json.dumps(figures({module!r})))
        """, {}, f"sys.path.insert(0, {str(FOLDER)!r}); install_surface([Path({str(FOLDER)!r})])").splitlines()[-1])
    assert found.keys() == expected.keys()
    for case, there in expected.items():
        here = found[case]
        assert list(here["variables"].items()) == list(there["variables"].items()), case
        assert here["trainable"] == there["trainable"], case
        assert_same(here["outputs"], there["outputs"], case)
        assert_same(here.get("gradients", []), there.get("gradients", []), case)


def assert_same(found, expected, case):
    assert len(found) == len(expected), case
    for one, other in zip(found, expected, strict=True):
        assert (one is None) == (other is None), case
        if other is not None:
            assert one[0] == other[0], case
            np.testing.assert_allclose(one[1], other[1], rtol=1e-4, atol=2e-5, err_msg=case)
            np.testing.assert_allclose(one[2], other[2], rtol=2e-4, atol=1e-4, err_msg=case)
