"""What verification makes of models that are random, degenerate, choosy about their input, or declare tolerances."""


import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import ModelError, UsageError, VerificationError
from exporter.export import export
from exporter.graph.building import GraphOptions
from exporter.graph.random_ops import random_ops_behind
from exporter.request import ExportRequest
from exporter.verification.options import VerificationOptions
from tests.checkpoints import write_checkpoint


def scale(images, **kwargs):
    return tf.reduce_mean(images, [1, 2]) * tf.get_variable("scale", [3], **kwargs)


def noisy(images):
    steady = scale(images)
    return {"steady": steady, "dropped": tf.nn.dropout(steady, rate=0.5)}


def degenerate(images):
    zero = scale(images) * 0.0
    return {"zero": zero, "constant": zero + 3.0}


def choosy(images):
    """Takes images of at least 150 rows."""
    with tf.control_dependencies([tf.Assert(tf.shape(images)[1] >= 150, ["too small"])]):
        return scale(tf.identity(images))


def refusing(images):
    with tf.control_dependencies([tf.Assert(tf.shape(images)[1] == 7, ["seven rows, please"])]):
        return scale(tf.identity(images))


def run_export(network, tmp_path, verifier, **options):
    checkpoint = write_checkpoint(lambda: scale, tmp_path / "model.ckpt")
    request = ExportRequest(network, checkpoint, tmp_path / "out", graph=GraphOptions("float_image_tensor"),
                            formats=("frozen_graph",), verification=VerificationOptions(**options))
    return export(request, verifier)


def test_random_ops_are_named_and_their_outputs_compared_by_shape(tmp_path, verifier):
    result = run_export(noisy, tmp_path, verifier)
    assert result.verification.status == "verified"
    assert set(result.verification.random_outputs) == {"dropped"}
    verdicts = {output.output: output.verdict for output in result.verification.artifacts[0].outputs}
    assert verdicts == {"steady": "equal", "dropped": "random"}
    assert any("random ops" in warning and "dropped" in warning for warning in result.warnings)


def test_degenerate_outputs_prove_little(tmp_path, verifier):
    result = run_export(degenerate, tmp_path, verifier)
    assert result.verification.status == "weakly verified"
    assert result.verification.weak_outputs == {"zero": "all zero", "constant": "constant"}
    assert any("Weakly verified" in warning for warning in result.warnings)


def test_inputs_that_the_model_itself_refuses_are_left_out(tmp_path, verifier):
    report = run_export(choosy, tmp_path, verifier).verification
    assert report.status == "verified"
    assert len(report.inputs) == 1
    assert "too small" in report.notes[0]


def test_a_model_that_takes_none_of_the_inputs_is_an_error_that_says_what_to_do(tmp_path, verifier):
    with pytest.raises(VerificationError, match="seven rows, please") as error:
        run_export(refusing, tmp_path, verifier)
    assert "--verification_inputs" in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_verifier_serves_on_after_an_error(tmp_path, verifier):
    with pytest.raises(VerificationError):
        run_export(refusing, tmp_path, verifier)
    assert run_export(choosy, tmp_path, verifier).verification.status == "verified"


def test_a_verification_process_that_dies_is_an_error(tmp_path):
    from exporter.verification.process import VerificationProcess

    with VerificationProcess() as verifier:
        verifier._process.kill()
        with pytest.raises(VerificationError, match="died"):
            run_export(choosy, tmp_path, verifier)
    assert not (tmp_path / "out").exists()


def test_random_ops_are_found_inside_functions_and_loops(graph):
    value = tf.while_loop(lambda i, _: i < 3, lambda i, x: (i + 1, x + tf.random.normal([])), (0, 0.0))[1]
    tf.identity(value, name="random")
    tf.constant(1.0, name="steady")
    assert set(random_ops_behind(graph.as_graph_def(), ["random", "steady"])) == {"random"}


def test_tolerances_come_from_the_options_before_the_model():
    class Model:
        verification = {"scores": {"rtol": 1e-2}}  # noqa: RUF012 (as users write it)

    from_model = VerificationOptions().tolerances(Model())
    assert from_model.of("frozen_graph", "scores").rtol == 1e-2
    assert from_model.of("frozen_graph", "classes").rtol == 0
    assert VerificationOptions(rtol=1e-5).tolerances(Model()).of("frozen_graph", "scores").rtol == 1e-5


def test_bad_tolerances_are_refused():
    with pytest.raises(UsageError, match="-1"):
        VerificationOptions(rtol=-1)

    class Model:
        verification = 1e-3

    with pytest.raises(ModelError, match="verification"):
        VerificationOptions().tolerances(Model())


