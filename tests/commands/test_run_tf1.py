"""``run_tf1`` runs scripts of TensorFlow 1 as their users ran them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TRAINING = """
    import argparse, os, sys
    import numpy as np
    import tensorflow as tf
    from nets import tiny

    flags = tf.app.flags
    flags.DEFINE_string("logdir", None, "Where the checkpoints go.")
    flags.DEFINE_integer("steps", 3, "Training steps.")
    FLAGS = flags.FLAGS

    def main(_):
        images = tf.placeholder(tf.float32, [None, 4], name="images")
        loss = tf.reduce_mean(tf.square(tiny.network(images)))
        step = tf.train.get_or_create_global_step()
        train = tf.train.AdamOptimizer(0.01).minimize(loss, global_step=step)
        saver = tf.train.Saver()
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            for _ in xrange(FLAGS.steps):
                sess.run(train, {images: np.ones([2, 4], np.float32)})
            saver.save(sess, os.path.join(FLAGS.logdir, "model.ckpt"), global_step=step)
            print "step", sess.run(step)

    if __name__ == "__main__":
        tf.app.run()
"""
NETWORK = """
    import tensorflow as tf

    def network(images):
        return tf.layers.dense(images, int(images.shape[1]) / 2, name="head")
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "old project" / "nets").mkdir(parents=True)
    (tmp_path / "old project" / "train.py").write_text(textwrap.dedent(TRAINING))
    (tmp_path / "old project" / "nets" / "tiny.py").write_text(textwrap.dedent(NETWORK))
    return tmp_path


def run_tf1(folder, *arguments):
    command = [sys.executable, str(ROOT / "scripts" / "run_tf1.py"), *map(str, arguments)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def script(project, source, name="script.py"):
    (project / name).write_text(textwrap.dedent(source))
    return name


def test_a_training_script_trains_and_saves_names_of_version_1(project):
    finished = run_tf1(project, "old project/train.py", "--logdir", "run", "--steps=2")
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "step 2\n", "")
    import tensorflow.compat.v1 as tf

    names = {name for name, _ in tf.train.list_variables(str(project / "run" / "model.ckpt-2"))}
    assert {"head/kernel", "head/bias", "global_step", "head/kernel/Adam"} <= names
    assert sorted(path.name for path in project.iterdir()) == ["old project", "run"]


def test_the_command_line_the_folder_and_main_are_the_scripts_own(project):
    name = script(project, """
        import sys, os, __main__
        print(sys.argv, sys.path[0] == os.path.dirname(os.path.abspath(__file__)), __name__, __main__.marked)
        """.replace("import sys", "marked = 'main'\n        import sys"))
    finished = run_tf1(project, "--allow_pickle", name, "--help", "--tf1_root=x", "file")
    assert finished.stdout == "['script.py', '--help', '--tf1_root=x', 'file'] True __main__ main\n"


def test_the_scripts_own_log_is_shown(project):
    source = """
        import tensorflow as tf
        tf.to_float(3)
        tf.logging.warn("few images")
        tf.logging.info("not shown by default")
        """
    assert run_tf1(project, script(project, source)).stderr.splitlines() == ["WARNING:tensorflow:few images"]


@pytest.mark.parametrize(("source", "code", "message"), [
    ("import sys; sys.exit(7)", 7, ""), ("exit('no data')", 1, "no data\n"), ("import sys; sys.exit()", 0, "")])
def test_the_exit_code_is_the_scripts(project, source, code, message):
    finished = run_tf1(project, script(project, source))
    assert (finished.returncode, finished.stderr) == (code, message)


def test_an_exception_is_shown_as_python_shows_it(project):
    finished = run_tf1(project, script(project, "def f():\n    return {}['key']\nf()\n"))
    assert finished.returncode == 1
    lines = finished.stderr.splitlines()
    assert (lines[0], lines[-1]) == ("Traceback (most recent call last):", "KeyError: 'key'")
    assert [line.split(", ")[1] for line in lines if line.startswith("  File")] == ["line 3", "line 2"]


def test_a_further_root_is_importable_and_sees_version_1(project):
    (project / "shared").mkdir()
    (project / "shared" / "extra.py").write_text("import tensorflow as tf\nversion = tf.__version__\n")
    name = script(project, "import extra\nprint extra.version")
    assert run_tf1(project, "--tf1_root", "shared", name).stdout == "1.15.5\n"


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "No script is named."), (["missing.py"], "There is no script missing.py."),
    (["--no_such_flag", "train.py"], "Unknown command line flag 'no_such_flag'"),
    (["--tf1_root", "nowhere", "train.py"], "nowhere of the TensorFlow 1 code is no directory")])
def test_mistakes_in_our_command_line(project, arguments, message):
    finished = run_tf1(project / "old project", *arguments)
    assert finished.returncode == 2
    assert message in finished.stderr


def test_help_answers_without_tensorflow(project, no_tensorflow):
    environment = {**os.environ, "PYTHONPATH": str(no_tensorflow)}
    finished = subprocess.run([sys.executable, str(ROOT / "scripts" / "run_tf1.py"), "--help"], env=environment,
                              capture_output=True, text=True, check=False)
    assert finished.returncode == 0
    assert "run_tf1 train.py --learning_rate 0.01" in finished.stdout


def test_a_module_of_a_package_is_run_as_python_does(project):
    package = project / "translate"
    (package / "tools").mkdir(parents=True)
    for name, text in {"__init__.py": "", "tools/__init__.py": "", "vocabulary.py": "SIZE = 3\n",
                       "__main__.py": "from .vocabulary import SIZE\nprint 'package', SIZE\n",
                       "tools/count.py": "import sys\nfrom ..vocabulary import SIZE\n"
                                         "if __name__ == '__main__':\n    print SIZE, sys.argv[1:], __package__\n"}.items():
        (package / name).write_text(text)
    assert run_tf1(project, "-m", "translate.tools.count", "--help", "x").stdout == "3 ['--help', 'x'] translate.tools\n"
    assert run_tf1(project, "-m", "translate").stdout == "package 3\n"


@pytest.mark.parametrize("words", [["-m"], ["-m", "no_such_package.module"], ["-m", "nets"]])
def test_a_module_that_is_not_there(project, words):
    refused = run_tf1(project, *words)
    assert refused.returncode == 2
    assert "run_tf1 -m package.module" in refused.stderr


def test_a_pickle_that_is_refused_has_its_own_exit_code(project):
    finished = run_tf1(project, script(project, "import pickle\npickle.loads(pickle.dumps(1))\n"))
    assert finished.returncode == 2
    assert "--allow_pickle" in finished.stderr


def test_debug_tells_which_modules_are_taken_as_python_2(project):
    name = script(project, "for i in xrange(1):\n    print(i / 2)\n")
    assert "script.py, line 1, is taken as Python 2" in run_tf1(project, "--debug", name).stderr
    assert run_tf1(project, name).stderr == ""
