"""All names of the recurrent modules of `tf.contrib` of TensorFlow 1.15.5 are there, and are no stand-ins."""

import json
from pathlib import Path

import pytest

NAMES = json.loads((Path(__file__).parent / "recorded" / "public_names.json").read_text())


@pytest.mark.parametrize("module", ["rnn", "seq2seq", "crf", "legacy_seq2seq"])
def test_all_names_work(run, module):
    assert run("import names; print(names.lacking())", {"names.py": f"""
        from tensorflow.contrib import {module}
        def lacking():
            return [name for name in {NAMES[module].split()} if not hasattr({module}, name)
                    or (getattr({module}, name).__doc__ or "").startswith("Stands in")]
        """}) == "[]"
