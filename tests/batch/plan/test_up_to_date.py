"""An export is left alone only while it is what is asked for; else every reason is named."""

import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from exporter.batch.job import Job
from exporter.batch.plan.up_to_date import NOT_THERE, UpToDateCheck
from exporter.errors import CheckpointError
from exporter.options.export_options import ExportOptions
from exporter.options.exporting import export_with_options
from tests.checkpoints import write_checkpoint
from tests.goldens import BatchNorm

MODEL = '''
import tests.goldens
class Model(tests.goldens.BatchNorm):
    pass
'''


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a model's file, a checkpoint and an export made of them by options."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "net_of_batch.py").write_text(MODEL)
    write_checkpoint(BatchNorm, folder / "model.ckpt-7")
    export_with_options(options_in(folder))
    return folder


def options_in(folder):
    return ExportOptions(model=f"{folder}/net_of_batch.py:Model", trained_checkpoint_prefix=str(folder / "model.ckpt-7"),
                         output_directory=str(folder / "export"), input_shape=[-1, 8, 8, 3], verify=False)


@pytest.fixture
def folder(made, tmp_path):
    """A copy of that folder."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


def change_manifest(folder, change):
    file = folder / "export" / "export_manifest.json"
    manifest = json.loads(file.read_text())
    change(manifest)
    file.write_text(json.dumps(manifest))


def reasons(folder, **changes):
    return UpToDateCheck().compare(Job("x", replace(options_in(folder), **changes))).reasons


def test_an_export_that_is_what_is_asked_for(folder):
    assert reasons(folder) == ()


def test_an_export_that_is_up_to_date_tells_its_size_and_proof(folder):
    manifest = json.loads((folder / "export" / "export_manifest.json").read_text())
    result = UpToDateCheck().compare(Job("x", options_in(folder))).result
    assert (result.status, result.verification, result.largest_difference) == ("up to date", "not verified", None)
    assert result.byte_size == sum(artifact["byte_size"] for artifact in manifest["artifacts"]) > 0


def test_places_and_how_to_handle_them_make_no_difference(folder):
    assert reasons(folder, overwrite=True, lock_timeout=3.0, fsync=False, keep_failed=True) == ()


def test_no_export_yet(folder):
    assert reasons(folder, output_directory=str(folder / "other")) == (NOT_THERE,)


def test_changed_options_are_named_with_their_values(folder):
    assert reasons(folder, use_moving_averages=True, formats=["frozen_graph"], input_shape=[1, 8, 8, 3]) == (
        'formats was [], now it is ["frozen_graph"]', "input_shape was [-1, 8, 8, 3], now it is [1, 8, 8, 3]",
        "use_moving_averages was false, now it is true")


def test_an_option_that_goes_back_to_its_default(folder):
    assert reasons(folder, verify=True) == ("verify was false, now it is true",)


def test_a_report_that_is_asked_for_now(folder):
    assert reasons(folder, report=True) == ("report was false, now it is true",)


def test_a_changed_source(folder):
    (folder / "net_of_batch.py").write_text(MODEL + "# changed")
    assert reasons(folder) == ("the source net_of_batch has changed",)


def test_a_source_that_is_gone(folder):
    (folder / "net_of_batch.py").unlink()
    assert reasons(folder)[0].startswith("the source net_of_batch is not there any more (it was /")


def test_in_a_copied_folder_the_copied_sources_count(made, folder):
    (folder / "net_of_batch.py").write_text(MODEL + "# changed")
    assert reasons(folder) == ("the source net_of_batch has changed",)
    assert reasons(made) == ()


def test_a_changed_checkpoint(folder):
    with open(folder / "model.ckpt-7.index", "ab") as file:
        file.write(b"x")
    assert reasons(folder) == ("the checkpoint model.ckpt-7 has changed",)


def test_another_checkpoint(folder):
    for file in folder.glob("model.ckpt-7.*"):
        shutil.copy(file, folder / file.name.replace("-7.", "-8."))
    assert reasons(folder, trained_checkpoint_prefix=str(folder / "model.ckpt-8")) == (
        "the checkpoint was model.ckpt-7, now it is model.ckpt-8",)


def test_a_checkpoint_that_is_gone_is_an_error_of_the_job(folder):
    for file in folder.glob("model.ckpt-7.*"):
        file.unlink()
    with pytest.raises(CheckpointError, match="There is no checkpoint"):
        reasons(folder)


@pytest.mark.parametrize("name", ["exporter", "tensorflow", "python"])
def test_another_version(folder, name):
    change_manifest(folder, lambda manifest: manifest["versions"].update({name: "0.0.1"}))
    assert len(reasons(folder)) == 1
    assert reasons(folder)[0].startswith(f"it was made with {name} 0.0.1, now it is ")


def test_a_changed_byte_of_an_artifact(folder):
    file = folder / "export" / "frozen_inference_graph.pb"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert reasons(folder) == ("the file frozen_inference_graph.pb has changed",)


def test_a_changed_byte_is_seen_though_the_time_of_change_is_set_back(folder):
    file = folder / "export" / "frozen_inference_graph.pb"
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert reasons(folder) == ("the file frozen_inference_graph.pb has changed",)


def test_files_that_were_only_touched_are_the_same(folder):
    os.utime(folder / "export" / "frozen_inference_graph.pb")
    assert reasons(folder) == ()


def test_a_missing_and_a_longer_file(folder):
    (folder / "export" / "saved_model" / "saved_model.pb").unlink()
    with open(folder / "export" / "model.ckpt.index", "ab") as file:
        file.write(b"x")
    assert set(reasons(folder)) == {"the file saved_model/saved_model.pb is missing",
                                    "the file model.ckpt.index has changed"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"origin": 3}', b"\xff", b'{"origin": {"options": {}}}'])
def test_a_damaged_manifest(folder, content):
    (folder / "export" / "export_manifest.json").write_bytes(content)
    assert reasons(folder) == ("its manifest is damaged",)


def test_an_export_of_python_code(folder):
    change_manifest(folder, lambda manifest: manifest["origin"].update(options=None))
    assert reasons(folder) == ("it was made by Python code, whose options are not known",)


def test_an_input_type_of_the_users_own_is_known_by_its_address(folder, monkeypatch):
    (folder / "types_of_batch.py").write_text(
        "from exporter.graph.input_types import DecodedImages\nclass Own(DecodedImages):\n    def __init__(self):\n"
        "        super().__init__('own_of_batch', 'uint8')\n")
    options = replace(options_in(folder), input_type=f"{folder}/types_of_batch.py:Own", output_directory=str(folder / "own"))
    export_with_options(options)
    assert UpToDateCheck().compare(Job("x", options)).reasons == ()
    with open(folder / "types_of_batch.py", "a") as file:
        file.write("# changed")
    assert UpToDateCheck().compare(Job("x", options)).reasons == ("the source types_of_batch has changed",)


@pytest.mark.parametrize("is_folder", [False, True])
def test_other_verification_inputs(folder, is_folder):
    inputs = folder / "inputs"
    if is_folder:
        inputs.mkdir()
        image = inputs / "a.png"
        Image.fromarray(np.zeros([8, 8, 3], np.uint8)).save(image)
    else:
        image = inputs = folder / "inputs.npy"
        np.save(image, np.zeros([1, 8, 8, 3], np.uint8))
    options = replace(options_in(folder), verify=True, verification_inputs=str(inputs), output_directory=str(folder / "own"))
    export_with_options(options)
    assert UpToDateCheck().compare(Job("x", options)).reasons == ()
    with open(image, "ab") as file:
        file.write(b"x")
    assert UpToDateCheck().compare(Job("x", options)).reasons == (f"the verification inputs {inputs.name} have changed",)


def test_all_reasons_at_once(folder):
    (folder / "net_of_batch.py").write_text("changed")
    (folder / "export" / "frozen_inference_graph.pb").unlink()
    assert len(reasons(folder, use_moving_averages=True)) == 3


def test_a_stored_graph_that_has_changed(made, tmp_path):
    shutil.copytree(made, tmp_path / "copy")
    graph = tmp_path / "copy" / "export" / "frozen_inference_graph.pb"
    options = ExportOptions(input_graph=str(graph), output_directory=str(tmp_path / "again"), verify=False)
    export_with_options(options)
    job = Job("x", options)
    assert UpToDateCheck().compare(job).reasons == ()
    with open(graph, "ab") as file:
        file.write(b"\n")
    assert UpToDateCheck().compare(job).reasons == ("the source frozen_inference_graph.pb has changed",)
