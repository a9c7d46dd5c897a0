"""Models in TensorFlow 1 code, as repositories of 2016 to 2019 have them, are exported as they are."""

import json
import textwrap

import numpy as np
import pytest

NETWORK = '''
    """A small classifier."""
    import tensorflow as tf

    slim = tf.contrib.slim


    def inference(images, keep_probability, phase_train, bottleneck_layer_size=8):
        batch_norm_params = {"is_training": phase_train, "updates_collections": None}
        with slim.arg_scope([slim.conv2d], normalizer_fn=slim.batch_norm, normalizer_params=batch_norm_params):
            for index in xrange(2):
                images = slim.conv2d(images, 4, [3, 3], stride=2, scope="conv%d" % index)
        side = images.shape[1] / 2
        pooled = slim.avg_pool2d(images, [int(side) * 2, int(side) * 2])
        flat = slim.dropout(slim.flatten(pooled), keep_probability, is_training=phase_train)
        return slim.fully_connected(flat, bottleneck_layer_size, activation_fn=None, scope="Bottleneck"), {"pooled": pooled}
    '''
TRAINING = '''
    import os, sys
    import tensorflow as tf
    from nets import network

    images = tf.placeholder(tf.float32, [None, 16, 16, 3])
    network.inference(images, 0.8, tf.placeholder(tf.bool, name="phase_train"))
    step = tf.train.get_or_create_global_step()
    saver = tf.train.Saver()
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        saver.save(sess, sys.argv[1], global_step=step)
        print "saved", sys.argv[1]
    '''
OTHERS = {
    "wrapper.py": "from nets.network import inference\n\n\ndef network(images):\n"
                  "    return {'embeddings': inference(images, 1.0, False)[0]}\n",
    "objects.py": "import numpy\nimport tensorflow as tf\n\nsettings = numpy.load('settings.npy').item()\n\n\n"
                  "def network(images):\n    return tf.reduce_mean(images, settings['axes'])\n",
    "pickled.py": "import cPickle\nfrom nets.network import inference\n\nsettings = cPickle.load(open('settings.pkl'))\n\n\n"
                  "def network(images):\n    return inference(images, settings['keep'], False)[0]\n",
    "compiled.py": "from nms.gpu_nms import gpu_nms\nfrom nets.network import inference\n\n\n"
                   "def network(images):\n    return inference(images, 1.0, False)[0]\n\n\n"
                   "def suppressed(images):\n    return gpu_nms(images)\n",
    "script.py": "import tensorflow as tf\nsess = tf.Session()\nsess.run(tf.placeholder(tf.float32, []))\n",
    "running.py": "import tensorflow as tf\nsess = tf.Session()\n\n\n"
                  "def network(images):\n    return tf.contrib.layers.flatten(images)\n",
    "missing.py": "import tensorflow as tf\n\n\ndef network(images):\n    return tf.contrib.rnn.NoSuchCell(3)(images)\n",
    "hidden.py": "import tensorflow\n\n\ndef network(images):\n    return getattr(tensorflow, 'to_float')(images)\n",
    "arguments.py": "import argparse\nfrom nets.network import inference\n\n\ndef arguments():\n"
                    "    parser = argparse.ArgumentParser()\n    parser.add_argument('--data', required=True)\n"
                    "    parser.add_argument('--keep', type=float, default=1.0)\n    return parser.parse_args()\n\n\n"
                    "def network(images):\n    return inference(images, arguments().keep, False)[0]\n",
    "stateful.py": "import tensorflow as tf\nfrom nets.network import inference\n\n"
                   "keep_prob = tf.placeholder(tf.float32, [], name='keep_prob')\nbuilt = []\n\n\n"
                   "def network(images):\n    assert not built, 'it is built once'\n    built.append(images)\n"
                   "    return inference(images, 1.0, False)[0] * keep_prob\n",
    "today.py": "import tensorflow as tf\n\n\ndef network(images):\n    assert tf.__version__.startswith('2.')\n"
                "    return tf.compat.v1.get_variable('conv0/biases', [4]) * tf.reduce_mean(images)\n",
    "exporter.py": "raise AssertionError('the exporter of the repository was imported')\n",
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory, run):
    """Someone's repository, with a checkpoint that its own training script has written, and a folder beside it."""
    root = tmp_path_factory.mktemp("old repositories")
    source = root / "face" / "src"
    (source / "nets").mkdir(parents=True)
    (source / "nets" / "network.py").write_text(textwrap.dedent(NETWORK))
    (source / "nets" / "__init__.py").touch()
    (source / "train.py").write_text(textwrap.dedent(TRAINING))
    for name, text in OTHERS.items():
        (source / name).write_text(text)
    (source / "settings.pkl").write_text("(dp0\nS'keep'\np1\nF1.0\ns.")
    np.save(source / "settings.npy", {"axes": [1, 2]}, allow_pickle=True)
    (source / "runs").mkdir()
    trained = run("run_tf1", "train.py", "runs/model.ckpt", cwd=source)
    assert (trained.returncode, trained.stdout) == (0, "saved runs/model.ckpt\n"), trained.stderr
    return source


@pytest.fixture
def export(run, repository, tmp_path):
    """Runs the command in the repository's folder, with what most exports here have in common."""
    def export(*arguments, cwd=repository, common=("--input_type", "float_image_tensor", "--input_shape", "-1,16,16,3")):
        return run("export_inference_graph", *common, "--trained_checkpoint_prefix", str(repository / "runs"),
                   "--output_directory", str(tmp_path / "export"), *arguments, cwd=cwd)
    return export


def manifest_in(folder):
    return json.loads((folder / "export_manifest.json").read_text())


def test_code_that_plainly_needs_it_is_exported_without_being_told(export, tmp_path):
    done = export("--model", "nets/network.py:inference", "--model_args", "{keep_probability: 1.0, phase_train: false}")
    assert done.returncode == 0, done.stderr
    assert "code        TensorFlow 1 (network.py, line 5: tf.contrib" in done.stdout
    assert "equal to the bit" in done.stdout
    manifest = manifest_in(tmp_path / "export")
    assert manifest["origin"]["tensorflow_1"].startswith("network.py, line 5: tf.contrib")
    assert {"conv0/BatchNorm/moving_mean", "Bottleneck/weights"} <= set(manifest["coverage"]["required"])
    assert manifest["signature"]["outputs"]["pooled"]["shape"] == [None, 1, 1, 4]


def test_a_phase_that_is_an_input(export, tmp_path):
    done = export("--model", "nets.network:inference", "--model_args", "{keep_probability: 1.0}",
                  "--side_input_names", "phase_train", "--side_input_types", "bool")
    assert done.returncode == 0, done.stderr
    assert "equal to the bit" in done.stdout
    assert "4 assignments to variables lie on the way" in done.stdout


def test_roots_are_on_the_import_path_before_the_current_directory(export, tmp_path, repository):
    (tmp_path / "wrapper.py").write_text("raise AssertionError('not this one')")
    done = export("--model", "wrapper:network", "--tf1_root", str(repository), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = manifest_in(tmp_path / "export")
    assert (manifest["origin"]["tensorflow_1"], manifest["origin"]["options"]["tf1_root"]) == ("--tf1_root", ["src"])
    assert set(manifest["origin"]["sources"]) == {"wrapper", "nets", "nets.network"}
    assert list(manifest["signature"]["outputs"]) == ["embeddings"]


def test_what_a_module_imports_is_looked_through_as_well(export):
    done = export("--model", "wrapper.py:network")
    assert done.returncode == 0, done.stderr
    assert "TensorFlow 1 (network.py, line 5" in done.stdout


def test_an_export_can_be_verified_again(export, run, repository, tmp_path):
    assert export("--model", "wrapper:network").returncode == 0
    again = run("verify_export", str(tmp_path / "export"), cwd=repository)
    assert again.returncode == 0, again.stderr


def test_code_of_today_is_left_alone(export):
    done = export("--model", "today.py:network")
    assert done.returncode == 4, "the checkpoint is another model's"
    assert "conv0/biases" in done.stderr
    assert "TensorFlow 1" not in done.stdout


def test_pickles_are_loaded_with_leave_only(export, repository):
    refused = export("--model", "pickled:network")
    assert refused.returncode == 2
    assert "would load a pickle" in refused.stderr
    assert "pickled.py, line 4" in refused.stderr
    assert "--allow_pickle" in refused.stderr
    assert export("--model", "pickled:network", "--allow_pickle").returncode == 0


def test_arrays_of_objects_are_pickles_too(export):
    """The code itself could be of today; who gives the option takes it for TensorFlow 1's."""
    refused = export("--model", "objects:network")
    assert refused.returncode == 3
    assert "--allow_pickle" in refused.stderr
    allowed = export("--model", "objects:network", "--allow_pickle", "--formats", "frozen_graph")
    assert allowed.returncode == 0, allowed.stderr
    assert "TensorFlow 1 (--allow_pickle)" in allowed.stdout


def test_missing_helpers_are_stubbed_by_name_only(export):
    refused = export("--model", "compiled:network")
    assert refused.returncode == 3
    assert "No module named 'nms'" in refused.stderr
    assert export("--model", "compiled:network", "--stub_modules", "nms,cython_bbox").returncode == 0


def test_a_stub_that_is_used_says_so(export, tmp_path):
    used = export("--model", "compiled:suppressed", "--stub_modules", "nms")
    assert used.returncode == 3
    assert "nms.gpu_nms.gpu_nms was used" in used.stderr
    assert "compiled.py, line 10" in used.stderr
    assert not (tmp_path / "export").exists()


def test_arguments_that_a_model_reads_while_it_is_built_are_not_the_exports(export):
    assert "verified" in export("--model", "arguments.py:network").stdout


def test_what_modules_make_when_they_are_imported_belongs_to_the_graph(export):
    result = export("--model", "stateful.py:network")
    assert result.returncode == 3
    assert "need values for the model's own placeholders: keep_prob.\nMake them inputs: --side_input_names" in result.stderr
    result = export("--model", "stateful.py:network", "--side_input_names", "keep_prob", "--side_input_types", "float32")
    assert "keep_prob                    float32 []" in result.stdout
    assert "verified" in result.stdout


def test_a_script_is_told_apart(export):
    refused = export("--model", "script:network")
    assert refused.returncode == 3
    assert "It is a script: its line 2 starts a session" in refused.stderr
    assert "run_tf1" in refused.stderr


def test_a_script_that_can_be_imported_is_warned_of(export):
    done = export("--model", "running:network", "--formats", "frozen_graph")
    assert done.returncode == 0, done.stderr
    assert "is a script, which begins when it is imported: running.py: line 2 starts a session." in done.stderr


def test_a_symbol_that_is_missing_is_named_with_the_line_that_asked(export):
    refused = export("--model", "missing.py:network")
    assert refused.returncode == 3
    assert "tf.contrib.rnn.NoSuchCell is not on the TensorFlow 1 surface" in refused.stderr
    assert "missing.py, line 5" in refused.stderr


def test_code_that_does_not_show_what_it_is_gets_the_advice_to_name_its_folder(export):
    refused = export("--model", "hidden.py:network")
    assert refused.returncode == 3
    assert "--tf1_root" in refused.stderr
    assert "TensorFlow 1 code" not in export("--model", "hidden.py:network", "--tf1_root", ".").stderr


@pytest.mark.parametrize(("arguments", "words"), [
    (["--model", "wrapper:network", "--tf1_root", "nowhere"], "--tf1_root nowhere is no directory"),
    (["--input_graph", "runs/model.ckpt-0.meta", "--tf1_root", "."], "--tf1_root is for the code of a model")])
def test_options_that_can_not_be_meant(run, repository, no_tensorflow, arguments, words):
    refused = run("export_inference_graph", *arguments, "--trained_checkpoint_prefix", "runs",
                  "--output_directory", "exports/bad", cwd=repository, python_path=no_tensorflow)
    assert refused.returncode == 2, refused.stderr
    assert words in refused.stderr


def test_a_batch_has_jobs_of_both_times(run, repository, tmp_path):
    (tmp_path / "batch.yaml").write_text(textwrap.dedent(f"""
        version: 1
        defaults:
          checkpoint: {repository}/runs
          input_type: float_image_tensor
          input_shape: [-1, 16, 16, 3]
          output_directory: "{{name}}"
        exports:
          - {{name: found, model: "{repository}/nets/network.py:inference",
             model_args: {{keep_probability: 1.0, phase_train: false}}}}
          - {{name: named, model: "wrapper:network", tf1_root: "{repository}"}}
          - {{name: listed, model: "wrapper:network", tf1_root: ["{repository}"]}}
        """))
    done = run("export_batch", "batch.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "batch_report.json").read_text())
    assert {job["name"]: job["status"] for job in report["jobs"]} == {
        "found": "exported", "named": "exported", "listed": "exported"}
    again = run("export_batch", "batch.yaml", cwd=tmp_path)
    assert again.stdout.count("up to date") >= 3
    (repository / "wrapper.py").write_text((repository / "wrapper.py").read_text() + "\n# changed\n")
    assert "the source wrapper has changed" in run("export_batch", "batch.yaml", "--dry_run", cwd=tmp_path).stdout


def test_a_training_checkpoint_is_evaluated(run, repository, tmp_path):
    from PIL import Image

    for label in ("a", "b"):
        (tmp_path / "images" / label).mkdir(parents=True)
        Image.new("RGB", (16, 16)).save(tmp_path / "images" / label / "1.png")
    done = run("evaluate_export", "runs", "--data", str(tmp_path / "images"), "--model", "nets.network:inference",
               "--model_args", "{keep_probability: 1.0, phase_train: false, bottleneck_layer_size: 2}",
               "--input_shape", "-1,16,16,3", "--tf1_root", ".", cwd=repository)
    assert done.returncode == 4, "the checkpoint has 8 classes"
    assert "Bottleneck" in done.stderr
