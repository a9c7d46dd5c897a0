from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from exporter.tf1.import_hooks import after_import, alias_package


@pytest.fixture(autouse=True)
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "modules", sys.modules.copy())
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def write_package(folder: Path, **modules: str) -> None:
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)


def test_an_action_waits_for_the_import_and_sees_the_finished_module(importable: Path) -> None:
    (importable / "late_module.py").write_text("first = 1\nlast = 2\n")
    seen: list[ModuleType] = []
    after_import("late_module", seen.append)
    assert seen == []

    module = importlib.import_module("late_module")

    assert seen == [module]
    assert seen[0].last == 2


def test_an_action_on_a_loaded_module_runs_at_once(importable: Path) -> None:
    (importable / "early_module.py").touch()
    module = importlib.import_module("early_module")
    seen: list[ModuleType] = []
    after_import("early_module", seen.append)
    assert seen == [module]


def test_every_action_of_a_module_runs_and_runs_again_when_it_is_reloaded(importable: Path) -> None:
    (importable / "popular_module.py").touch()
    calls: list[str] = []
    after_import("popular_module", lambda _: calls.append("first"))
    after_import("popular_module", lambda _: calls.append("second"))
    module = importlib.import_module("popular_module")
    assert calls == ["first", "second"]
    importlib.reload(module)
    assert calls == ["first", "second"] * 2


def test_looking_for_a_module_does_not_use_up_its_actions(importable: Path) -> None:
    (importable / "wanted_module.py").touch()
    seen: list[ModuleType] = []
    after_import("wanted_module", seen.append)
    assert importlib.util.find_spec("wanted_module") is not None
    assert seen == []
    module = importlib.import_module("wanted_module")
    assert seen == [module]


def test_a_module_that_does_not_exist_stays_an_import_error() -> None:
    after_import("no_such_module", lambda _: None)
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="no_such_module"):
            importlib.import_module("no_such_module")


def test_an_alias_is_the_real_package_and_has_the_real_modules(importable: Path) -> None:
    write_package(importable / "real_package", part="")
    alias_package("other_package", "real_package")

    alias = importlib.import_module("other_package.part")

    assert alias is importlib.import_module("real_package.part")
    assert alias.__name__ == "real_package.part"
    assert alias.__spec__ is not None
    assert alias.__spec__.name == "real_package.part"
    assert sys.modules["other_package"] is sys.modules["real_package"]


def test_an_alias_never_hides_a_package_that_exists(importable: Path) -> None:
    write_package(importable / "old_home", part="where = 'old'")
    write_package(importable / "new_home", part="where = 'new'")
    alias_package("old_home", "new_home")
    assert importlib.import_module("old_home.part").where == "old"


def test_declaring_an_alias_imports_nothing(importable: Path) -> None:
    write_package(importable / "unused_package")
    alias_package("unused_alias", "unused_package")
    assert "unused_package" not in sys.modules
