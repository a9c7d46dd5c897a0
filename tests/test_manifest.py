"""``export_manifest.json``: what it says, that it is strict JSON of its schema, and reading it."""

import copy
import hashlib
import json
import math
import platform
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import tensorflow.compat.v1 as tf

import exporter
from exporter.errors import UsageError
from exporter.export import export
from exporter.graph.building import GraphOptions
from exporter.manifest import SCHEMA_FILE, SCHEMA_VERSION, as_json, manifest_content, read_manifest, write_manifest
from exporter.request import ExportRequest
from exporter.verification.comparison import OutputComparison
from exporter.verification.options import VerificationOptions
from exporter.verification.report import ArtifactVerification, VerificationReport
from exporter.weights.binding import WeightOptions
from tests.checkpoints import write_checkpoint
from tests.goldens import BatchNorm

SCHEMA = json.loads(SCHEMA_FILE.read_text())
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), np.uint8)


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def strictly(text):
    return json.loads(text, parse_constant=refuse)


def problems(manifest):
    return [f"{error.json_path}: {error.message}" for error in
            jsonschema.Draft202012Validator(SCHEMA).iter_errors(manifest)]


def export_from(folder, checkpoint):
    """Exports a model of a file, a checkpoint and inputs that lie in ``folder``; returns (result, manifest)."""
    (folder / "runs").mkdir(parents=True)
    for file in checkpoint.parent.glob("*.ckpt-7.*"):
        shutil.copy(file, folder / "runs")
    np.save(folder / "images.npy", IMAGES)
    result = export(ExportRequest(
        BatchNorm, folder / "runs" / checkpoint.name, folder / "export", {"is_training": False},
        f"{folder}/nets.py:BatchNorm", GraphOptions(input_shape=(-1, 8, 8, 3)), WeightOptions(use_moving_averages=True),
        verification=VerificationOptions(inputs=folder / "images.npy", atol=1e-6), report=True))
    return result, strictly((folder / "export" / "export_manifest.json").read_text())


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("trained") / "model.ckpt-7"
    write_checkpoint(BatchNorm(), prefix, moving_averages=True)
    return prefix


@pytest.fixture(scope="module")
def exported(tmp_path_factory, checkpoint):
    return export_from(tmp_path_factory.mktemp("first"), checkpoint)


@pytest.fixture(scope="module")
def result(exported):
    return exported[0]


@pytest.fixture
def manifest(exported):
    return copy.deepcopy(exported[1])


def test_the_schema_is_one_and_the_manifest_fits_it(manifest):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert manifest["schema_version"] == SCHEMA_VERSION
    assert problems(manifest) == []


def test_configuration_is_resolved(manifest):
    assert manifest["configuration"] == {
        "model": "nets.py:BatchNorm", "model_args": {"is_training": False}, "graph": None,
        "input_type": "image_tensor", "input_shape": [None, 8, 8, 3], "side_inputs": [], "output_names": [],
        "additional_output_tensor_names": [],
        "output_collection_name": "inference_op", "graph_hook_fn": None, "use_moving_averages": True, "variable_map": {},
        "formats": ["checkpoint", "frozen_graph", "saved_model"], "saved_model_variables": False,
        "verification": {"enabled": True, "inputs": "images.npy", "rtol": None, "atol": 1e-6}}


def test_checkpoint_has_its_prefix_step_and_digest(manifest, result, checkpoint):
    digest = hashlib.sha256(Path(f"{checkpoint}.index").read_bytes()).hexdigest()
    assert manifest["checkpoint"] == {"name": "model.ckpt-7", "version": "V2", "step": 1234, "sha256": digest,
                                      "values_read": {"direct": 6, "tensorflow": 0}}
    assert manifest["run"]["checkpoint"] == str(result.output_directory.parent / "runs" / "model.ckpt-7")


def test_versions_are_this_packages_tensorflows_pythons_and_the_graphs(manifest):
    assert manifest["versions"] == {
        "exporter": exporter.__version__, "tensorflow": tf.__version__, "python": platform.python_version(),
        "graph_producer": tf.version.GRAPH_DEF_VERSION}


def test_the_producer_is_that_of_the_written_graph(manifest, result):
    graph_def = tf.GraphDef.FromString((result.output_directory / "frozen_inference_graph.pb").read_bytes())
    assert graph_def.versions.producer == manifest["versions"]["graph_producer"]


def test_signature_has_names_types_and_shapes(manifest):
    assert manifest["signature"] == {
        "inputs": {"inputs": {"name": "image_tensor:0", "dtype": "uint8", "shape": [None, 8, 8, 3]}},
        "outputs": {"normalized": {"name": "normalized:0", "dtype": "float32", "shape": [None, 8, 8, 4]}}}


def test_coverage_has_names_and_their_counts(manifest):
    coverage = manifest["coverage"]
    trained = ["conv/BatchNorm/beta", "conv/BatchNorm/gamma", "conv/weights"]
    statistics = ["conv/BatchNorm/moving_mean", "conv/BatchNorm/moving_variance"]
    assert (coverage["averaged"], coverage["not_averaged"]) == (trained, statistics)
    assert coverage["unused"] == trained, "their raw values"
    assert coverage["counts"] == {"required": 5, "used": 6, "averaged": 3, "not_averaged": 2, "left_out": 0, "unused": 3,
                                  "unused_averages": 0, "initialized": 0}


def test_artifacts_have_path_size_and_digest_of_every_file(manifest, result):
    listed = {"export_manifest.json", "report.html"}
    for artifact in manifest["artifacts"]:
        assert artifact["byte_size"] == sum(file["byte_size"] for file in artifact["files"])
        for file in artifact["files"]:
            content = (result.output_directory / file["path"]).read_bytes()
            assert (file["byte_size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
            listed.add(file["path"])
    there = [path for path in result.output_directory.rglob("*") if path.is_file()]
    assert {path.relative_to(result.output_directory).as_posix() for path in there} == listed


def test_verification_has_every_figure(manifest):
    verification = manifest["verification"]
    assert (verification["status"], verification["inputs"]) == ("verified", ["arrays of images.npy"])
    assert [artifact["format"] for artifact in verification["artifacts"]] == ["checkpoint", "frozen_graph", "saved_model"]
    for artifact in verification["artifacts"]:
        [output] = artifact["outputs"]
        assert (output["output"], output["verdict"], output["max_abs"]) == ("normalized", "equal", 0.0)
        assert output["tolerance"] == {"rtol": 0.0, "atol": 1e-6}
    assert verification["fingerprints"]["normalized"][0]["shape"] == [2, 8, 8, 4]


def test_timings_have_every_phase(manifest):
    phases = ["open_checkpoint", "build_graph", "bind_weights", "write", "verify", "report"]
    assert list(manifest["run"]["timings"]) == phases


def test_all_but_the_run_is_the_same_from_and_in_other_directories(result, manifest, checkpoint, tmp_path):
    other, again = export_from(tmp_path / "elsewhere" / "deep", checkpoint)
    first_run, second_run = manifest.pop("run"), again.pop("run")
    assert manifest == again
    assert "elsewhere" not in json.dumps(again)
    for name in ("checkpoint", "model", "verification_inputs"):
        assert second_run[name] == first_run[name].replace(str(result.output_directory.parent),
                                                           str(other.output_directory.parent))
    pages = [(directory / "report.html").read_bytes() for directory in (result.output_directory, other.output_directory)]
    assert pages[0] == pages[1]


def rewritten(result, directory, **changes):
    """The manifest of another result, as it is written."""
    write_manifest(replace(result, **changes), directory)
    return strictly((directory / "export_manifest.json").read_text(encoding="utf-8"))


def test_numbers_that_json_has_not_are_written_as_text_and_read_as_numbers(result, tmp_path):
    comparison = OutputComparison("first", "close", max_abs=math.inf, mean_abs=math.nan, max_rel=-math.inf, expected="NaN")
    fingerprint = {"dtype": "float64", "shape": [2], "mean": math.inf, "magnitude": math.inf, "first": [1e308]}
    report = VerificationReport("verified", (ArtifactVerification("frozen_graph", outputs=(comparison,)),), ("images",),
                                {"mean": "NaN"}, fingerprints={"mean": [fingerprint]})
    written = rewritten(result, tmp_path, verification=report)
    assert problems(written) == []
    read = read_manifest(tmp_path)["verification"]
    [output] = read["artifacts"][0]["outputs"]
    assert (output["max_abs"], output["max_rel"], output["expected"]) == (math.inf, -math.inf, "NaN")
    assert math.isnan(output["mean_abs"])
    assert read["fingerprints"]["mean"][0]["magnitude"] == math.inf
    assert read["weak_outputs"] == {"mean": "NaN"}


def a_function():
    """Something that a model may take as an argument."""


@pytest.mark.parametrize(("value", "expected"), [
    (math.nan, "NaN"), (-math.inf, "-Infinity"), (np.float32(0.5), 0.5), (np.int64(3), 3), (np.bool_(True), True),
    (np.float32("inf"), "Infinity"), (np.arange(3), [0, 1, 2]), (np.array([np.nan]), ["NaN"]), ((1, (2,)), [1, [2]]),
    ({"b", "a"}, ["a", "b"]), ({1: {2.5: None}}, {"1": {"2.5": None}}), (Path("a/b"), "a/b"), (b"\xffa", "\\xffa"),
    (range(2), [0, 1]), (a_function, "tests.test_manifest:a_function"), (BatchNorm, "tests.goldens:BatchNorm"),
    (BatchNorm(), "tests.goldens:BatchNorm"), (10 ** 30, 10 ** 30)])
def test_model_args_of_every_kind_have_a_place_in_json(result, tmp_path, value, expected):
    written = rewritten(result, tmp_path, configuration={**result.configuration, "model_args": {"value": value}})
    assert written["configuration"]["model_args"] == {"value": expected}
    assert as_json(value) == as_json(value)


def test_names_in_every_script_and_names_that_are_no_text(result, tmp_path):
    name = 'café "模型"\n\udcff'
    written = rewritten(result, tmp_path, configuration={**result.configuration, "model": name})
    assert written["configuration"]["model"] == name
    assert 'café \\"模型\\"\\n\\udcff' in (tmp_path / "export_manifest.json").read_text(encoding="utf-8")


def test_a_v1_checkpoint_is_digested_whole(result, tmp_path):
    shards = []
    for number in range(2):
        shards.append(tmp_path / f"model-0000{number}-of-00002")
        shards[-1].write_bytes(bytes([number]))
    path = replace(result.checkpoint.path, version="V1", files=tuple(shards))
    content = manifest_content(replace(result, checkpoint=replace(result.checkpoint, path=path)))
    assert content["checkpoint"]["sha256"] == hashlib.sha256(b"\0\1").hexdigest()


def test_an_export_without_report_and_verification_fits_the_schema(result, tmp_path):
    written = rewritten(result, tmp_path, report=None, verification=VerificationReport("not verified"))
    assert problems(written) == []
    assert written["report"] is None


def nested(content, path=()):
    """The paths of all keys."""
    for key, value in content.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from nested(value, (*path, key))


def at(content, path):
    for key in path:
        content = content[key]
    return content


OPEN = ("model_args", "sources", "fingerprints", "timings", "inputs", "outputs", "variable_map", "weak_outputs",
        "random_outputs")


def test_every_field_is_required_and_no_other_is_allowed(manifest):
    for path in [path for path in nested(manifest) if not set(path[:-1]) & set(OPEN)]:
        changed = copy.deepcopy(manifest)
        del at(changed, path[:-1])[path[-1]]
        assert problems(changed), f"{path} may be missing"
        changed = copy.deepcopy(manifest)
        at(changed, path[:-1])["unknown"] = 1
        assert problems(changed), f"{path[:-1]} may hold anything"


@pytest.mark.parametrize(("path", "value"), [
    (("artifacts",), []), (("artifacts", 0, "files", 0, "sha256"), "abc"), (("artifacts", 0, "files", 0, "byte_size"), -1),
    (("artifacts", 0, "path"), "../model.ckpt"), (("artifacts", 0, "path"), "/model.ckpt"),
    (("artifacts", 0, "files", 0, "path"), "a/../../b"), (("artifacts", 0, "path"), "a/.."),
    (("checkpoint", "version"), "V3"), (("verification", "status"), "failed"), (("verification", "status"), "not verified"),
    (("verification", "artifacts", 0, "outputs", 0, "verdict"), "different"), (("run", "created"), "yesterday"),
    (("verification", "artifacts", 0, "outputs", 0, "max_abs"), "large"), (("signature", "outputs"), {}),
    (("report",), "report.html")])
def test_values_that_can_not_be_are_refused(manifest, path, value):
    at(manifest, path[:-1])[path[-1]] = value
    assert problems(manifest)


@pytest.mark.parametrize("name", ["model.ckpt", "saved_model/variables/variables.index", "..model", "a..b/c"])
def test_paths_within_the_export_are_taken(manifest, name):
    manifest["artifacts"][0]["path"] = name
    assert problems(manifest) == []


def test_reads_the_directory_or_the_file(result, manifest):
    assert read_manifest(result.output_directory) == manifest
    assert read_manifest(str(result.output_directory / "export_manifest.json")) == manifest


def test_a_directory_without_an_export_is_told(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "nowhere" / "export_manifest.json"):
        with pytest.raises(UsageError, match=r"There is no export in .*\nGive the directory of an export"):
            read_manifest(path)


@pytest.mark.parametrize(("content", "words"), [
    (b"", "can't be read"), (b"\xff\xfe", "can't be read"), (b"{", "can't be read"), (b'{"schema_version": NaN}', "NaN"),
    (b"[" * 100_000, "can't be read"), (b"[]", "is no manifest"), (b"{}", "is no manifest"), (b'"text"', "is no manifest"),
    (b'{"schema_version": "1"}', "is no manifest"), (b'{"schema_version": 0}', "is no manifest")])
def test_a_damaged_manifest_is_told(tmp_path, content, words):
    (tmp_path / "export_manifest.json").write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        read_manifest(tmp_path)
    assert "export anew" in caught.value.advice
    assert len(str(caught.value)) < 1000


def test_the_place_of_the_damage_is_told(tmp_path, manifest):
    manifest["checkpoint"]["step"] = "many"
    (tmp_path / "export_manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match=r"at \$\.checkpoint\.step: 'many' is not of type"):
        read_manifest(tmp_path)


def test_a_newer_manifest_asks_for_an_upgrade(tmp_path, manifest):
    manifest["schema_version"] = SCHEMA_VERSION + 1
    (tmp_path / "export_manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match=f"schema version {SCHEMA_VERSION + 1}.*reads up to {SCHEMA_VERSION}") as caught:
        read_manifest(tmp_path)
    assert "--upgrade" in caught.value.advice
