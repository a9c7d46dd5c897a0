"""Modules that read the command line, end the program, or need what is not installed, when they are imported."""

from __future__ import annotations

import pytest


def test_flags_and_argparse_at_module_level_see_an_empty_command_line(run):
    modules = {"settings.py": """
        import argparse, sys
        import tensorflow as tf
        tf.app.flags.DEFINE_integer("batch_size", 8, "Images at once.")
        FLAGS = tf.app.flags.FLAGS
        parser = argparse.ArgumentParser()
        parser.add_argument("--size", type=int, default=3)
        arguments = parser.parse_args()
        print(FLAGS.batch_size, arguments.size, len(sys.argv))
        """}
    assert run("sys.argv += ['--model', 'x']\nimport settings\nprint(sys.argv[1:])", modules) == "8 3 1\n['--model', 'x']"


def test_a_script_that_ends_the_program_is_told_apart(run):
    modules = {"script.py": "import sys\nif len(sys.argv) < 2:\n    print('Usage: script.py data')\n    sys.exit(2)\n"}
    program = """
        from exporter.errors import ModelError
        try:
            import script
        except ModelError as error:
            print(error)
    """
    found = run(program, modules)
    assert "old/script.py is a script: it ended the program in line 4 (exit code 2) while it was imported." in found
    assert "run_tf1 script.py" in found


SCRIPT = """
import argparse
import numpy as np
parser = argparse.ArgumentParser()
parser.add_argument("--mode", required=True, choices=["train", "test"])
parser.add_argument("--width", type=int, default=64)
parser.add_argument("folder")
options = parser.parse_args()

def width():
    return options.width, options.mode, dict(a=1).has_key("a")

def main():
    raise SystemExit("the program started")

main()
"""


def test_a_script_can_be_imported_for_what_it_defines(run):
    program = """
        import logging
        logging.basicConfig(stream=sys.stdout, format="%(message)s")
        sys.argv[1:] = ["--width", "3"]
        import script
        print(script.width(), sys.argv[1:])
    """
    message, result = run(program, {"script.py": SCRIPT}).splitlines()
    assert message.endswith("old/script.py, line 16: main() was not called, since the module is only imported.")
    assert result == "(64, None, True) ['--width', '3']"


def test_a_script_runs_where_it_is_one(run):
    install = "install_surface([Path('old').resolve()], keep_command_line=True)"
    program = "sys.argv[1:] = ['--mode', 'test', 'here']\ntry:\n    import script\nexcept SystemExit as end:\n    print(end)"
    assert run(program, {"script.py": SCRIPT}, install) == "the program started"


def test_arguments_are_still_required_when_the_code_runs(run):
    program = "import script\ntry:\n    script.parser.parse_args()\nexcept SystemExit as end:\n    print(end.code)"
    assert run(program, {"script.py": SCRIPT.replace("options = parser.parse_args()", "")}) == "2"


def test_scripts_make_numbers_of_arrays_with_one_value(run):
    modules = {"script.py": "import numpy as np\nprint(int(np.array([[3]])), float(np.ones(1)))\n"}
    assert run("import script", modules, "install_surface([Path('old').resolve()], keep_command_line=True)") == "3 1.0"


def test_a_folder_of_modules_comes_before_what_is_later_on_the_path(run):
    modules = {"models/network.py": "import tensorflow as tf\nversion = tf.__version__\n"}
    program = "Path('other/models').mkdir(parents=True)\nPath('other/models/__init__.py').write_text('')\n" \
              "sys.path.insert(1, os.path.abspath('other'))\nfrom models import network\nprint(network.version)"
    assert run(program, modules) == "1.15.5"


def test_a_root_may_hold_links_to_folders(run):
    program = """
        Path("elsewhere/site-packages").mkdir(parents=True)
        Path("elsewhere/net.py").write_text("import tensorflow as tf; version = tf.__version__")
        Path("elsewhere/site-packages/tool.py").write_text("import tensorflow as tf; version = tf.__version__")
        os.symlink(os.path.abspath("elsewhere"), "old/linked")
        sys.path.append("old/linked/site-packages")
        from linked import net
        import tool
        print(net.version, tool.version == net.version)
    """
    assert run(program, {"other.py": ""}) == "1.15.5 False"


def test_a_root_may_lie_above_an_environment(run):
    program = """
        import sysconfig
        from exporter.tf1.surface.installing import _SURFACE
        packages = sysconfig.get_paths()["purelib"]
        install_surface([Path(packages).parents[2]])
        import tf_slim
        print([_SURFACE.finder.is_below_root(f"{packages}/{file}") for file in ("tf_slim/layers/layers.py", "absl/app.py")])
        print([_SURFACE.finder.is_below_root(file) for file in (sysconfig.get_paths()["stdlib"] + "/json/decoder.py",)])
    """
    assert run(program, {}, "").splitlines() == ["[True, False]", "[False]"]


LOADED = {"elsewhere/settings.py": "import tensorflow as tf\nprint 'loaded', 7 / 2, tf.placeholder.__name__\nSIZE = 3\n"}


@pytest.mark.parametrize("load", [
    "import imp\nsettings = imp.load_source('settings', PATH)",
    "import imp\nsettings = imp.load_module('settings', *imp.find_module('settings', [os.path.dirname(PATH)]))",
    "import importlib.util\nspec = importlib.util.spec_from_file_location('settings', PATH)\n"
    "settings = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(settings)",
    "from importlib.util import spec_from_file_location, module_from_spec\nspec = spec_from_file_location('s', PATH)\n"
    "settings = module_from_spec(spec)\nspec.loader.exec_module(settings)",
    "from importlib.machinery import SourceFileLoader\nsettings = SourceFileLoader('settings', PATH).load_module()",
    "import runpy, types\nsettings = types.SimpleNamespace(**runpy.run_path(PATH))",
    "import types\nnames = {}\nexecfile(PATH, names)\nsettings = types.SimpleNamespace(**names)"])
@pytest.mark.parametrize("folder", ["old/elsewhere", "data"])
def test_files_that_code_loads_by_their_paths_are_below_the_root_too(run, load, folder):
    program = "from pathlib import Path\nPath('data').mkdir()\nfor file in Path('old/elsewhere').iterdir():\n" \
              "    Path('data', file.name).write_text(file.read_text())\nimport model\n"
    modules = {**LOADED, "model.py": f"import os\nPATH = os.path.abspath('{folder}/settings.py')\n{load}\n"
                                     "print(settings.SIZE)\n"}
    assert run(program, modules).splitlines() == ["loaded 3 placeholder", "3"]


def test_what_is_installed_is_loaded_by_its_path_as_it_is(run):
    program = """
        from pathlib import Path
        Path("lib/site-packages").mkdir(parents=True)
        Path("lib/site-packages/tool.py").write_text("import tensorflow as tf\\nprint(hasattr(tf, 'placeholder'), 7 / 2)\\n")
        import model
    """
    modules = {"model.py": "import imp\nimp.load_source('tool', 'lib/site-packages/tool.py')\n"
                           "try:\n    imp.find_module('no_such_tool')\nexcept ImportError as error:\n    print(error)\n"}
    assert run(program, modules).splitlines() == ["False 3.5", "No module named 'no_such_tool'"]


def test_an_error_of_syntax_shows_nothing_of_the_translation(run):
    modules = {"network.py": "print 'Python 2'\nSIZE = 10L\ndef f(:\n    pass\n"}
    program = "import traceback\ntry:\n    import network\nexcept SyntaxError:\n    traceback.print_exc(file=sys.stdout)\n"
    found = run(program, modules)
    assert 'network.py", line 3\n    def f(:' in found
    assert found.count("Traceback") == 1
    assert "python2.py" not in found
    assert "decimal literal" not in found


def test_modules_of_python_2_have_its_builtins_and_others_do_not(run):
    modules = {"py2.py": "print round(0.5), range(2), 7 / 2\n",
               "py3.py": "import numpy as np\nprint(round(0.5), range(2), 7 / 2, np.zeros(1, np.uint8).tostring())\n"}
    assert run("import py2, py3\nprint(round(0.5))", modules).splitlines() == [
        "1.0 [0, 1] 3", r"0 range(0, 2) 3.5 b'\x00'", "0"]


def test_modules_of_python_2_are_known_when_the_surface_is_installed_again(run):
    modules = {"py2.py": "print 'once'\n"}
    assert run("import py2\ninstall_surface([Path('old').resolve()])", modules) == "once"


LIBRARY = {"tools/_init_paths.py": "import os.path as osp, sys\n"
                                   "sys.path.insert(0, osp.join(osp.dirname(__file__), '..', '..', 'lib'))\n",
           "tools/train.py": "import _init_paths\nfrom nets import network\nprint(network.version)\n"}


def test_folders_that_code_puts_on_the_path_are_roots(run):
    program = """
        sys.path.insert(0, os.path.abspath("old/tools"))
        for name in ("lib/nets", "others", "lib/site-packages/installed"):
            Path(name).mkdir(parents=True)
        source = "import tensorflow as tf\\nversion = tf.__version__[:2]\\n"
        for name in ("lib/nets/network.py", "lib/nets/later.py", "others/plain.py", "lib/site-packages/installed/new.py"):
            Path(name).write_text(source)
        import train
        sys.path += ["others", "lib/site-packages"]
        from nets import later
        import plain
        from installed import new
        print(later.version, plain.version, new.version)
    """
    assert run(program, LIBRARY, "install_surface([Path('old/tools').resolve()])").splitlines() == ["1.", "1. 2. 2."]


@pytest.mark.parametrize(("importer", "quotient"), [
    ("print 'Python 2'\nfrom lib import sizes\n", "3"), ("import cPickle\nimport lib.sizes as sizes\n", "3"),
    ("try:\n    import cPickle\nexcept ImportError:\n    import pickle\nfrom lib import sizes\n", "3.5"),
    ("from lib import sizes\nn = xrange(3)\n", "3.5")])
def test_what_a_module_imports_that_no_python_3_could_import_is_python_2(run, importer, quotient):
    modules = {"model.py": importer + "print(sizes.half(7))\n", "lib/__init__.py": "",
               "lib/sizes.py": "from lib.halves import half\n", "lib/halves.py": "from . import modern\n"
               "def half(size):\n    assert modern.half(size) == size * 0.5\n    return size / 2\n",
               "lib/modern.py": "def half(size: int) -> float:\n    return size / 2\n"}
    assert run("import model", modules).splitlines()[-1] == quotient
