"""The command ``export_inference_graph``, run as a process."""

import json

import pytest

from exporter.commands.export_inference_graph import main

ARTIFACTS = {"checkpoint", "export_manifest.json", "frozen_inference_graph.pb", "model.ckpt.data-00000-of-00001",
             "model.ckpt.index", "model.ckpt.meta", "saved_model"}


def names_in(folder):
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def exported(run, workplace):
    """One export with moving averages, and what it printed."""
    completed = run("export_inference_graph", "--input_type", "image_tensor", "--model", "paint:Brightness",
                    "--model_args", "{channels: 3}", "--input_shape", "-1,4,4,3", "--trained_checkpoint_prefix", "runs",
                    "--output_directory", "exports/paint", "--use_moving_averages")
    return workplace / "exports" / "paint", completed


def test_writes_the_three_artifacts(exported):
    folder, completed = exported
    assert completed.returncode == 0, completed.stderr
    assert names_in(folder) == ARTIFACTS
    assert names_in(folder.parent) == {"paint"}, "no staging directory is left"


def test_prints_what_it_did_and_nothing_on_stderr(exported):
    _, completed = exported
    assert "runs/model.ckpt-7 (latest by runs/checkpoint), step 1234" in completed.stdout
    assert "1 of 1 variables averaged" in completed.stdout
    assert "frozen_inference_graph.pb" in completed.stdout
    assert "uint8 [?, 4, 4, 3]" in completed.stdout
    assert "evaluate_export exports/paint" in completed.stdout
    assert completed.stderr == ""


def test_the_manifest_says_the_same(exported):
    folder, _ = exported
    manifest = json.loads((folder / "export_manifest.json").read_text())
    assert manifest["checkpoint"]["step"] == 1234
    assert manifest["coverage"]["averaged"] == ["brightness/weights"]
    assert [artifact["format"] for artifact in manifest["artifacts"]] == ["checkpoint", "frozen_graph", "saved_model"]
    for artifact in manifest["artifacts"]:
        for file in artifact["files"]:
            assert (folder / file["path"]).stat().st_size == file["byte_size"]


def test_refuses_an_existing_export_and_replaces_it_with_overwrite(run, exported):
    folder, _ = exported
    arguments = ["export_inference_graph", "--model", "paint.py:Brightness", "--trained_checkpoint_prefix", "runs",
                 "--output_directory", "exports/paint", "--formats", "frozen_graph"]
    refused = run(*arguments)
    assert refused.returncode == 6
    assert "--overwrite" in refused.stderr
    assert names_in(folder) == ARTIFACTS
    replaced = run(*arguments, "--overwrite")
    assert replaced.returncode == 0, replaced.stderr
    assert names_in(folder) == {"frozen_inference_graph.pb", "export_manifest.json"}
    assert names_in(folder.parent) == {"paint"}


GOOD = {"--model": "paint:Brightness", "--trained_checkpoint_prefix": "runs", "--output_directory": "exports/bad"}


@pytest.mark.parametrize(("flags", "code", "words"), [
    ({"--model": None}, 2, ["--model is missing"]),
    ({"--input_type": "image_tenser"}, 2, ["'image_tenser'", "Did you mean image_tensor?"]),
    ({"--input_shape": "-1,28,28"}, 2, ["3 dimensions", "-1,28,28,3"]),
    ({"--input_shape": "a,b"}, 2, ["'a,b'"]),
    ({"--inputtype": "image_tensor"}, 2, ["inputtype", "input_type"]),
    ({"--model_args": "{num_classes: [}"}, 2, ["--model_args"]),
    ({"--formats": "frozen_grap"}, 2, ["'frozen_grap'", "Did you mean frozen_graph?"]),
    ({"--side_input_names": "gain"}, 2, ["1 side input names"]),
    ({"--variable_map": "a"}, 2, ["regex=>replacement"]),
    ({"--model": "paint"}, 2, ["package.module:Attribute"]),
    ({"--model": "pant:Brightness"}, 3, ["no module 'pant'"]),
    ({"--model": "missing.py:Brightness"}, 3, ["no file 'missing.py'"]),
    ({"--trained_checkpoint_prefix": "runs/model.ckpt-8"}, 4, ["model.ckpt-8", "model.ckpt-7"]),
    ({"--output_directory": "runs"}, 6, ["not empty"]),
])
def test_what_can_be_seen_without_tensorflow_is_refused_at_once(run, workplace, no_tensorflow, flags, code, words):
    arguments = [part for pair in {**GOOD, **flags}.items() if pair[1] is not None for part in pair]
    before = names_in(workplace)
    completed = run("export_inference_graph", *arguments, python_path=no_tensorflow)
    assert completed.returncode == code, completed.stderr
    assert all(word in completed.stderr for word in words), completed.stderr
    assert "Traceback" not in completed.stderr
    assert names_in(workplace) == before


@pytest.mark.parametrize(("flags", "code", "words"), [
    ({"--model": "paint:Brightnes"}, 3, ["'Brightnes'", "Did you mean Brightness?"]),
    ({"--model": "paint:raises"}, 3, ["RuntimeError: out of paint"]),
    ({"--model_args": "{chanels: 3}"}, 3, ["chanels", "channels"]),
    ({"--model_args": "{channels: 4}", "--input_shape": "-1,4,4,4"}, 4, ["brightness/weights", "[4]", "[3]"]),
    ({"--output_names": "meen"}, 2, ["'meen'", "Did you mean mean?"]),
    ({"--additional_output_tensor_names": "weighted_pixel"}, 5, ["'weighted_pixel'", "weighted_pixels"]),
])
def test_what_the_model_shows_is_refused_with_one_message(workplace, monkeypatch, capsys, flags, code, words):
    monkeypatch.chdir(workplace)
    before = names_in(workplace)
    assert main(["export", *(part for pair in {**GOOD, **flags}.items() for part in pair)]) == code
    message = capsys.readouterr().err
    assert all(word in message for word in words), message
    assert "Traceback" not in message
    assert names_in(workplace) == before


def test_debug_shows_the_stack_trace(run):
    completed = run("export_inference_graph", "--model", "paint:raises", "--trained_checkpoint_prefix", "runs",
                    "--output_directory", "exports/bad", "--debug")
    assert completed.returncode == 3
    assert 'raise RuntimeError("out of paint")' in completed.stderr


def test_help_needs_no_tensorflow(run, no_tensorflow):
    completed = run("export_inference_graph", "--help", python_path=no_tensorflow)
    assert completed.returncode == 0
    assert "--trained_checkpoint_prefix" in completed.stdout


def test_side_inputs_outputs_and_text_graph(run, workplace):
    completed = run("export_inference_graph", "--model", "paint:Brightness", "--trained_checkpoint_prefix",
                    "runs/model.ckpt-7.index", "--output_directory", "exports/gain", "--input_shape=None,4,4,3",
                    "--side_input_names", "gain", "--side_input_shapes", "", "--side_input_types", "tf.float32",
                    "--output_names", "mean=brightness", "--additional_output_tensor_names", "weighted_pixels:0",
                    "--write_inference_graph")
    assert completed.returncode == 0, completed.stderr
    signature = json.loads((workplace / "exports/gain/export_manifest.json").read_text())["signature"]
    assert set(signature["inputs"]) == {"inputs", "gain"}
    assert set(signature["outputs"]) == {"brightness", "weighted_pixels"}
    assert "warning" in completed.stdout, "the checkpoint has moving averages that were not asked for"
    assert "--use_moving_averages" in completed.stdout
    assert (workplace / "exports/gain/inference_graph.pbtxt").read_text().startswith("node {")
