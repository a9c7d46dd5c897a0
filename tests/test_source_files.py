"""Which files an export's code is in: the model's modules and what they import, and nothing that is installed."""

import importlib
import sys

import pytest

from exporter.source_files import find_source, source_files

MODULES = {
    "nets/__init__.py": "",
    "nets/model.py": "import json\nimport numpy\nfrom nets import layers\nfrom .constants import WIDTH\n"
                     "import nets.blocks.deep\nclass Model:\n    def predict(self):\n        from nets.late import f\n"
                     "        return f\n",
    "nets/layers.py": "from exporter import errors\n",
    "nets/constants.py": "WIDTH = 3\n",
    "nets/late.py": "f = 1\n",
    "nets/unused.py": "",
    "nets/blocks/__init__.py": "from . import shallow\n",
    "nets/blocks/shallow.py": "",
    "nets/blocks/deep.py": "from ..layers import errors\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of modules, importable for the test alone."""
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in ("nets", "python2")]:
        del sys.modules[name]


def test_the_modules_that_a_model_imports(folder):
    model = importlib.import_module("nets.model").Model
    importlib.import_module("nets.unused")
    assert source_files([model]) == {
        name: (folder / file).resolve() for name, file in {
            "nets": "nets/__init__.py", "nets.blocks": "nets/blocks/__init__.py", "nets.blocks.deep": "nets/blocks/deep.py",
            "nets.blocks.shallow": "nets/blocks/shallow.py", "nets.constants": "nets/constants.py",
            "nets.layers": "nets/layers.py", "nets.model": "nets/model.py"}.items()}


def test_imports_inside_functions_count_once_they_have_run(folder):
    model = importlib.import_module("nets.model").Model
    assert "nets.late" not in source_files([model])
    model().predict()
    assert "nets.late" in source_files([model()])


def test_objects_of_installed_packages_have_no_sources_but_those_of_their_own_package():
    import yaml

    assert source_files([dict, 3]) == {}
    assert {name.partition(".")[0] for name in source_files([yaml.SafeLoader])} == {"yaml"}


def test_a_file_that_this_python_can_not_parse_counts_itself(folder):
    importlib.import_module("nets.constants")
    (folder / "nets" / "constants.py").write_text("print 'python 2'\n")
    assert list(source_files([type("Model", (), {"__module__": "nets.constants"})])) == ["nets", "nets.constants"]


@pytest.mark.parametrize(("name", "file"), [
    ("nets", "nets/__init__.py"), ("nets.model", "nets/model.py"), ("nets.blocks", "nets/blocks/__init__.py"),
    ("nets.blocks.deep", "nets/blocks/deep.py"), ("nets.gone", None), ("no_such_package.model", None)])
def test_where_a_module_would_come_from(folder, name, file):
    assert find_source(name, [str(folder)]) == (None if file is None else folder / file)
    assert find_source(name, []) == (None if file is None else folder / file)
    assert "nets" not in sys.modules


def test_folders_come_before_pythons_own_path(folder, tmp_path):
    (tmp_path / "other" / "nets").mkdir(parents=True)
    (tmp_path / "other" / "nets" / "__init__.py").write_text("")
    assert find_source("nets", [str(tmp_path / "other")]) == tmp_path / "other" / "nets" / "__init__.py"
