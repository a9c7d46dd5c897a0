"""Layers, networks, training graphs and small modules are those of TensorFlow 1.15.5: by their variables' names, shapes,
types and collections, by their outputs' names and shapes, and by numbers.

The cases are in the folder `cases`, what TensorFlow 1.15.5 made of them in `recorded`; cases/describing.py tells how it was
recorded.
"""

import json
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent
RENAMED_OPERATIONS = {
    "bow_encoder", "scale_gradient_and_dense_to_sparse",  # built of other operations of TensorFlow today
    "batch_norm_of_sequences_and_volumes",  # volumes are normalized by the fused operation today
    "keras_layers", "keras_recurrent_layers", "tf_layers_conv2d",  # other name scopes around the last operation
    "metrics_without_state"}
OWN_CODE = ("small_modules", "distributions", "optimizers", "cudnn_cells", "model_pruning")
"""Their operations have names of our own; the numbers are compared."""


@pytest.mark.parametrize("module", [
    "slim_layers", "slim_normalization", "slim_less_common", "tf_layers", "nets", "training_graphs", *OWN_CODE])
def test_same_as_tensorflow_1_15(run, tmp_path, module):
    recorded = json.loads((FOLDER / "recorded" / f"{module}.json").read_text())
    run(f"""
        import json
        import describing
        Path('descriptions.json').write_text(json.dumps(describing.descriptions({module!r})))
        """, {}, f"sys.path.insert(0, {str(FOLDER / 'cases')!r}); install_surface([Path({str(FOLDER / 'cases')!r})])")
    ours = json.loads((tmp_path / "descriptions.json").read_text())
    assert ours.keys() == recorded.keys()
    for case, expected in recorded.items():
        found = ours[case]
        assert found["variables"] == expected["variables"], case
        assert found["collections"] == expected["collections"], case
        is_renamed = module in OWN_CODE or case in RENAMED_OPERATIONS
        assert without_names(found["outputs"], is_renamed) == without_names(expected["outputs"], is_renamed), case
        for one, other in zip(found.get("numbers", []), expected.get("numbers", []), strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-5, err_msg=case)


def without_names(outputs, is_renamed):
    """Leaves names out, and sizes: today's TensorFlow knows some that 1.15 didn't."""
    return [len(shape or ()) for _, shape in outputs] if is_renamed else outputs
