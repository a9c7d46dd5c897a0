"""The wheel, installed in another directory, does what the checkout does."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.checkpoints import write_checkpoint

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from a copy of the files that git tracks or would."""
    source = tmp_path_factory.mktemp("source")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    for package in ("exporter", "models"):
        for file in (ROOT / package).rglob("*"):
            if file.suffix in (".py", ".typed", ".json", ".html", ".svg"):
                target = source / file.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source)],
                   check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder that holds the installed wheel and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(wheel)],
                   check=True)
    return folder


def test_the_wheel_holds_packages_types_and_commands_alone(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "exporter/py.typed" in names
    assert "models/slim_cnn.py" in names
    top_level = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert top_level == {"exporter", "models"}
    entry_points = next(name for name in names if name.endswith("entry_points.txt"))
    assert "export_inference_graph" in zipfile.ZipFile(wheel).read(entry_points).decode()


def test_the_installed_command_exports_the_shipped_model(installed, tmp_path):
    from models.slim_cnn import SlimCNN

    class Digits(SlimCNN):
        default_input_shape = (None, 8, 8, 3)

    write_checkpoint(Digits(), tmp_path / "model.ckpt")
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    completed = subprocess.run(
        [sys.executable, str(installed / "bin" / "export_inference_graph"), "--model", "models.slim_cnn:SlimCNN",
         "--input_shape", "-1,8,8,3", "--trained_checkpoint_prefix", "model.ckpt", "--output_directory", "export"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    assert (tmp_path / "export" / "saved_model" / "saved_model.pb").is_file()
    where = subprocess.run([sys.executable, "-c", "import exporter; print(exporter.__file__)"], cwd=tmp_path,
                           env=environment, capture_output=True, text=True, check=True).stdout
    assert where.startswith(str(installed))
