"""Stand-ins for modules that are not installed, by name."""

from __future__ import annotations

import pytest

STUBBED = {"detect.py": """
    from lib.nms.gpu_nms import gpu_nms
    import pycocotools.mask as mask
    class Tool(mask.Base): pass
    def detect(): return gpu_nms([1])
    """, "lib/nms/other.py": ""}


def test_missing_modules_are_stubbed_by_name(run):
    program = """
        import detect
        try:
            detect.detect()
        except Exception as error:
            print(error)
    """
    found = run(program, STUBBED, "install_surface([Path('old')], stub_modules=['gpu_nms', 'pycocotools'])")
    assert found.startswith("lib.nms.gpu_nms.gpu_nms was used (asked for by ")
    assert "line 5), but its module is a stand-in: it is not installed." in found


def test_classes_of_stand_ins_can_be_bases_and_decorators(run):
    """`sklearn` is imported for ``class Network(BaseEstimator)``, which adds nothing to the graph."""
    modules = {"network.py": """
        import abc
        import profiling
        from sklearn.base import BaseEstimator, TransformerMixin

        class Network(BaseEstimator, TransformerMixin):
            def __init__(self, size):
                super(Network, self).__init__(size=size)
                self.size = size

        class Options(profiling.base.Options, dict):
            def __init__(self, **values):
                profiling.base.Options.__init__(self, values)
                dict.__init__(self, **values)

        class Core(profiling.Core, metaclass=abc.ABCMeta):
            @abc.abstractmethod
            def build(self): pass

        @profiling.timed
        def width():
            return Network(5).size + Options(a=3)["a"]

        print(width(), hasattr(Network, "fit"), hasattr(Network(1), "fit"), issubclass(Network, BaseEstimator))
        """}
    found = run("import network", modules, "install_surface([Path('old')], stub_modules=['sklearn', 'profiling'])")
    assert found == "8 False False True"


def test_stand_ins_may_be_called_while_a_module_is_imported(run):
    modules = {"network.py": """
        import gym, inflect
        def register(name): gym.envs.register(id=name, entry_point="network:Game")
        register("game")
        words = inflect.engine()
        words.classical(all=True)
        def spell(number): return words.number_to_words(number)
        """}
    program = """
        import network
        try:
            network.spell(3)
        except Exception as error:
            print(str(error)[:60])
    """
    found = run(program, modules, "install_surface([Path('old')], stub_modules=['gym', 'inflect'])")
    assert found.startswith("inflect.engine().number_to_words was used (asked for by ")


def test_stand_ins_are_for_the_code_below_the_roots_only(run):
    assert run("""
        try:
            import gpu_nms
            print("stubbed")
        except ImportError:
            import helpers
            print(helpers.gpu_nms.__name__)
        """, {"helpers.py": "import gpu_nms\n"},
        install="install_surface([Path('old').resolve()], stub_modules=['gpu_nms'])") == "gpu_nms"


def test_a_package_that_the_surface_adds_names_to_can_be_stubbed(run):
    """SciPy is stubbed where it is not installed."""
    assert run("import sparse", {"sparse.py": "import scipy.sparse as sparse, scipy.io\nprint(sparse.__name__)\n"},
               "install_surface([Path('old').resolve()], stub_modules=['scipy'])") == "scipy.sparse"


def test_nothing_is_stubbed_by_default(run):
    assert run("try:\n    import detect\nexcept ModuleNotFoundError as error:\n    print(error)", STUBBED) == (
        "No module named 'lib.nms.gpu_nms'")


def test_an_installed_module_is_never_stubbed(run):
    program = "import json_user"
    modules = {"json_user.py": "import json\nprint(json.dumps([1]))\n"}
    assert run(program, modules, "install_surface([Path('old')], stub_modules=['json'])") == "[1]"


def test_what_the_surface_has_itself_is_never_stubbed(run):
    modules = {"config.py": "import cPickle\nfrom easydict import EasyDict\nprint(EasyDict(a=3).a, cPickle.__name__)\n"}
    found = run("import config", modules, "install_surface([Path('old')], stub_modules=['easydict', 'cPickle'])")
    assert found == "3 pickle"


def test_stand_ins_of_training_symbols_can_be_subclassed():
    from exporter.errors import ModelError
    from exporter.tf1.contrib.missing import training_only

    estimator = training_only("tf.contrib.tpu.TPUEstimator")
    mine = type("Mine", (estimator,), {})
    with pytest.raises(ModelError, match=r"tf.contrib.tpu.TPUEstimator is for training only .*test_stubs.py, line"):
        mine(3)
    assert (estimator.__name__, estimator.__module__) == ("TPUEstimator", "tf.contrib.tpu")


def test_wrappers_of_swig_can_be_imported_without_their_library(run):
    modules = {"wrapper.py": "import _paf\nclass Peak:\n    pass\nPeak_swigregister = _paf.Peak_swigregister\n"
                             "Peak_swigregister(Peak)\nTHRESHOLD = _paf.cvar.THRESHOLD\n"}
    assert run("import wrapper\nprint(wrapper.Peak.__name__)", modules,
               "install_surface([Path('old')], stub_modules=['_paf'])") == "Peak"


def test_a_wrapper_whose_library_is_missing_is_stubbed_by_its_name(run):
    modules = {"lib/__init__.py": "", "lib/cython_nms.py": "raise ImportError('cython_nms.so: cannot open')\n",
               "model.py": "from lib.cython_nms import nms\nfrom tensorboard.plugins import projector\n"}
    program = "import model\ntry:\n    model.nms(1)\nexcept Exception as error:\n    print(error)"
    found = run(program, modules, "install_surface([Path('old').resolve()], stub_modules=['cython_nms'])")
    assert found.startswith("lib.cython_nms.nms was used")


def test_what_an_installed_module_lacks_is_not_stubbed(run):
    modules = {"model.py": "try:\n    from json import no_such_name\nexcept ImportError:\n    print('not there')\n"}
    assert run("import model", modules, "install_surface([Path('old').resolve()], stub_modules=['json'])") == "not there"
