"""Python 2 modules, translated line by line."""

from __future__ import annotations

import builtins
import textwrap

import pytest

from exporter.tf1.surface.python2.builtin_functions import PYTHON2_BUILTINS
from exporter.tf1.surface.python2.renamed_builtins import OLD_BUILTINS
from exporter.tf1.surface.python2.source import old_tree
from exporter.tf1.surface.python2.translation import expand_tabs


def run(source, **names):
    """Runs a module's source as below a root, and returns its names."""
    old = old_tree(textwrap.dedent(source).encode(), "old.py")
    space = {**names, "__builtins__": {**vars(builtins), **OLD_BUILTINS, **(PYTHON2_BUILTINS if old.is_python2 else {})}}
    exec(compile(old.tree, "old.py", "exec", dont_inherit=True), space)
    return space


def test_statements_and_literals(capsys):
    space = run("""
        class Pair(object):
            def sum(self, (a, b)):
                return a + b
        import sys
        print "one", 2,
        print >>sys.stderr, "to stderr"
        try:
            raise ValueError, "bad"
        except (ValueError, KeyError), error:
            message = `str(error)`
        exec "z = 5"
        total = Pair().sum((0777, 10L)), 1 <> 2, ur"text", z
    """)
    assert capsys.readouterr() == ("one 2 ", "to stderr\n")
    assert (space["message"], space["total"]) == ("'bad'", (521, True, "text", 5))


def test_dictionaries_and_lists():
    space = run("""
        print "dictionaries"
        names = {"a": 1}
        pairs = [(key, value) for key, value in names.iteritems()], names.has_key("a"), names.keys()[0]
        lists = map(abs, [-1]) + filter(None, [0, 2]) + zip("a", "b") + range(2)
        class Numbers(object):
            def __nonzero__(self): return False
            def next(self): return 4
        truth = bool(Numbers()), next(Numbers())
    """)
    assert space["pairs"] == ([("a", 1)], True, "a")
    assert space["lists"] == [1, 2, ("a", "b"), 0, 1]
    assert space["truth"] == (False, 4)


def test_methods_that_dictionaries_lost_work_where_the_module_parses():
    space = run("""
        class Own:
            def iteritems(self): return "its own"
        found = list({"a": 1}.iteritems()), {"a": 1}.has_key("b"), list({1: 2}.itervalues()), Own().iteritems()
    """)
    assert space["found"] == ([("a", 1)], False, [2], "its own")


@pytest.mark.parametrize(("source", "quotients"), [
    ("print 1\nq = 7 / 2, -7 / 2, 7 / 2.0", (3, -4, 3.5)),
    ("from __future__ import division\nprint 1\nq = 7 / 2, -7 / 2, 7 / 2.0", (3.5, -3.5, 3.5)),
    ("print 1\nq = 9\nq /= 2", 4)])
def test_division_rounds_integers_down_unless_the_module_asks_otherwise(source, quotients):
    assert run(source)["q"] == quotients


@pytest.mark.parametrize(("evidence", "is_python2"), [
    ("xrange(3)", True), ("import cPickle", True), ("isinstance('x', basestring)", True), ("{}.has_key(1)", True),
    ("{}.iteritems()", True), ("", False), ("'xrange'", False), ("six = {}\nsix.get('iteritems')", False),
    ("class Own:\n    def iteritems(self): return []\nOwn().iteritems()", False),
    ("try:\n    xrange\nexcept NameError:\n    xrange = range", False),
    ("from functools import reduce\nreduce(max, [1])", False), ("import sys\nif sys.version_info[0] < 3: xrange(3)", False),
    ("from __future__ import division\nxrange(3)", False)])
def test_modules_that_parse_may_be_python_2_all_the_same(evidence, is_python2):
    source = f"{evidence}\nhalf = 7 / 2\n".replace("import cPickle", "\nif names:\n    import cPickle")
    assert run(source, names={}, cPickle=None)["half"] == (3 if is_python2 else 3.5)


def test_such_modules_have_lists_where_python_2_had_them():
    space = run("""
        numbers = {"a": 1}
        found = range(2) + map(abs, [-1]) + zip("a", "b"), numbers.keys()[0], [key for key in numbers.keys()], xrange(2)
        def values():
            return {1: 2}.values() + [sum(number for number in range(3))]
        last = values()
        class Own(object):
            def keys(self): return "its own"
        own = Own().keys()
    """)
    assert space["found"] == ([0, 1, 1, ("a", "b")], "a", ["a"], range(2))
    assert (space["last"], space["own"]) == ([2, 3], "its own")


def test_arrays_of_integers_are_divided_like_integers():
    numpy = pytest.importorskip("numpy")
    assert run("import numpy as np\nprint 1\nq = np.array([7, 8]) / 2")["q"].tolist() == [3, 4]
    assert run("import numpy as np\nprint 1\nq = np.array([7.0]) / 2")["q"].dtype == numpy.float64


def test_tabs_and_spaces_are_mixed_as_python_2_read_them():
    assert run("def f():\n\tif True:\n            return 1\n\treturn 2\nprint f()\n")["f"]() == 1
    assert expand_tabs('x = """\n\ty"""\n\tz\n') == 'x = """\n\ty"""\n        z\n'


def test_lines_keep_their_numbers():
    source = "def f((a, b)):\n    return a\n\ndef g((c, d), e):\n    return c\n\ndef fail():\n    return 1 / 0\nprint 'x'\n"
    space = run(source)
    with pytest.raises(ZeroDivisionError) as caught:
        space["fail"]()
    assert caught.traceback[1].lineno + 1 == 8
    assert str(caught.traceback[1].path) == "old.py"


def test_what_is_no_python_at_all_gives_pythons_own_error():
    with pytest.raises(SyntaxError) as caught:
        run("def f(:\n")
    assert caught.value.lineno == 1


def test_attributes_and_items_are_divided_as_names_are():
    space = run("""
        print "a network"
        class Network(object):
            def __init__(self):
                self.__units, self.calls = 7, 0
                self.__units /= 2
                self.units = self.__units
            def sizes(self):
                self.calls += 1
                return [9, 8]
        network = Network()
        network.sizes()[0] /= 2
        shape = {"height": 5}
        shape["height"] /= 2
        found = network.units, network.calls, shape["height"]
    """)
    assert space["found"] == (3, 1, 2)


def test_arrays_are_divided_in_place():
    space = run("""
        import numpy as np
        print "boxes"
        boxes = np.array([[2.0, 4.0], [6.0, 8.0]])
        counts = np.array([7, 9])
        same, same_counts = boxes, counts
        boxes[:, 0::2] /= 2
        boxes[..., 1] /= 4
        boxes /= 0.5
        counts /= 2
    """)
    assert (space["same"].tolist(), space["same_counts"].tolist()) == ([[2.0, 2.0], [6.0, 4.0]], [3, 4])


def test_halves_are_rounded_away_from_zero_in_python_2_only():
    numbers = "found = [round(0.5), round(2.5), round(-2.5), round(0.49999999999999994), round(2.675, 2), round(1250, -2)]\n"
    assert run(f"print 'Python 2'\n{numbers}")["found"] == [1.0, 3.0, -3.0, 0.0, 2.67, 1300.0]
    assert isinstance(run(f"n = xrange(3)\n{numbers}")["found"][1], float)
    assert run(numbers)["found"] == [round(0.5), round(2.5), round(-2.5), 0, 2.67, 1200]


def test_text_and_bytes():
    space = run(r"""
        print "text"
        found = [unicode("abc", "utf-8"), unicode("abc", errors="ignore"), "abc".decode("utf-8"), str(b"abc"), unicode(7),
                 u"\xe9".encode("utf-8").decode("utf-8"), "ab".encode("hex"), "6162".decode("hex"),
                 "a.b,".translate(None, ".,"), filter(str.isdigit, "a12"), isinstance(u"a", unicode), type(u"a") is unicode]
        class Named(object):
            def __unicode__(self): return u"\xe9"
            def __str__(self): return unicode(self).encode("utf-8")
        named = unicode(Named()), str(Named()), "%s" % Named()
    """)
    assert space["found"] == ["abc"] * 4 + ["7", "é", "6162", "ab", "ab", "12", True, True]
    assert space["named"] == ("é",) * 3


def test_sorting_and_comparing():
    space = run("""
        print "order"
        down = lambda a, b: cmp(b, a)
        first, second = [3, 1, 2], [3, 1, 2]
        first.sort(down)
        second.sort(cmp=down)
        found = [first, second, sorted([1, 3], cmp=down), sorted([1, 3], down), sorted(["b", "a"], key=str.lower)]
        mixed = [sorted(["a", None, 3]), max(None, 3), min([2, None]), None > 3, None < 0, cmp((1, None), (1, 2)), 1 < 2 < 3]
        class Version(object):
            def __init__(self, number): self.number = number
            def __cmp__(self, other): return cmp(self.number, other.number)
        versions = sorted([Version(2), Version(1)])[0].number, Version(1) == Version(1), len({Version(1): 0})
    """)
    assert space["found"] == [[3, 2, 1], [3, 2, 1], [3, 1], [3, 1], ["a", "b"]]
    assert space["mixed"] == [[None, 3, "a"], 3, None, False, True, -1, True]
    assert space["versions"] == (1, True, 1)


def test_values_that_python_2_could_not_compare_either_raise():
    space = run("print 'order'\ndef less(a, b): return a < b\n")
    with pytest.raises(TypeError):
        space["less"](object(), 1j)


def test_lists_where_python_2_made_them():
    space = run("""
        names = {"a": 1}
        for name in names.keys():
            del names[name]
        found = [map(None, [1, 2], [3, 4]), map(None, [1], [2, 3]), map(abs, (-1,)), filter(None, (0, 2)), names.keys()]
        iterator = {"a": 1}.iteritems()
        pairs = iterator.next(), list(iterator), (n for n in [5]).next(), xrange(10 ** 12)[-1]
    """)
    assert space["found"] == [[(1, 3), (2, 4)], [(1, 2), (None, 3)], [1], (2,), []]
    assert space["pairs"] == (("a", 1), [], 5, 10 ** 12 - 1)


def test_special_methods_of_classes():
    space = run("""
        class Shape(object):
            def __div__(self, other): return "divided"
            def __idiv__(self, other): return "in place"
            def __getslice__(self, start, stop): return start, stop
            def __getitem__(self, key): return key
            def __len__(self): return 5
        shape = Shape()
        found = shape / 2, shape[1:3], shape[-2:4], shape[1], shape[::2]
        shape /= 2
        print "done"
    """)
    assert space["found"] == ("divided", (1, 3), (3, 4), 1, slice(None, None, 2))
    assert space["shape"] == "in place"


def test_names_stay_behind():
    space = run("""
        def caught():
            try:
                raise ValueError, "first"
            except ValueError, error:
                try:
                    raise KeyError("a", "b")
                except KeyError, inner:
                    message = error.message, inner.message
            return str(error), inner.args, message
        def looped(rows):
            lengths = [len(row) for row in rows]
            pairs = [(row, column) for row in rows for column in row if column > 1]
            return lengths, pairs, row, column
        [index for index in range(3)]
        found = caught(), looped([[1, 2], [3]]), index
        print "done"
    """)
    assert space["found"] == (("first", ("a", "b"), ("first", "")),
                              ([2, 1], [([1, 2], 2), ([3], 3)], [3], 3), 2)


def test_variables_of_lists_that_are_used_nowhere_else_stay_inside():
    space = run("names = [[letter for letter in name] for name in ['ab']]\nprint names\n")
    assert {"letter", "name"}.isdisjoint(space)


def test_all_names_can_be_imported_inside_of_a_function():
    assert run("def area(radius):\n    from math import *\n    return floor(pi * radius)\nfound = area(1)\n")["found"] == 3


def test_methods_that_are_gone_work_in_python_3_too():
    space = run("""
        import array, threading, xml.etree.ElementTree as ElementTree
        import numpy as np
        image = np.zeros(3, np.uint8)
        image.itemset(1, 7)
        tree = ElementTree.fromstring("<a><b/><b/></a>")
        class Own:
            def tostring(self): return "its own"
        found = [image.tostring(), array.array("b", [1]).tostring(), len(tree.getchildren()),
                 len(list(tree.getiterator("b"))), threading.Thread().isAlive(), Own().tostring(), image.ptp(),
                 np.array([1], "<i2").newbyteorder().tolist()]
        half = 7 / 2, round(2.5)
    """)
    assert space["found"] == [b"\0\7\0", b"\1", 2, 2, False, "its own", 7, [256]]
    assert space["half"] == (3.5, 2)


def test_a_method_that_nobody_has_is_missing_under_its_own_name():
    with pytest.raises(AttributeError, match="no attribute 'tostring'"):
        run("(1).tostring()\n")


@pytest.mark.parametrize(("source", "line"), [
    ("print 'Python 2'\nlong_number = 10L\ndef f(:\n    pass\n", 3), ("print 'x'\nif 1:\n    y = 1\n  z = 2\n", 4),
    ("def f(:\n    pass\nprint 'x'\n", 1)])
def test_an_error_of_syntax_is_where_the_module_is_neither(source, line):
    with pytest.raises(SyntaxError) as caught:
        run(source)
    assert caught.value.lineno == line
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_input_gives_what_is_typed_as_a_value(monkeypatch):
    typed = iter(["3", "[1, 'a']", "os.getcwd()"])
    monkeypatch.setattr(builtins, "input", lambda prompt: next(typed))
    assert run("print 'asks'\nfound = [input('Size: '), input(), input()]\n")["found"] == [3, [1, "a"], "os.getcwd()"]


def test_it_is_said_which_line_makes_a_module_python_2(caplog):
    caplog.set_level("INFO", "exporter")
    run("size = 7\nhalf = 7 / 2\ncount = xrange(half)\n")
    (message,) = caplog.messages
    assert message.startswith("old.py, line 3, is taken as Python 2: / divides integers to integers")


def test_global_statements_may_come_late():
    """Python 2, and 3 until 3.5, warned of it only."""
    space = run("""
        count = 1
        global count

        def add(step=1):
            "Counts."
            total = [count for _ in range(1)][0]
            if step:
                global count
                count += step

            def inner():
                return count
            return total, inner()

        result = add(), add.__doc__, count
    """)
    assert space["result"] == ((1, 2), "Counts.", 2)


def test_text_can_be_decoded_in_modules_that_parse():
    """What Python 2 read as bytes is text already; bytes are decoded."""
    space = run("""
        class Own(object):
            def decode(self, boxes): return boxes + 1
        found = "caf\u00e9".decode("utf-8"), b"tea".decode("utf-8"), "6162".decode("hex"), Own().decode(1)
    """)
    assert space["found"] == ("caf\u00e9", "tea", "ab", 2)
    with pytest.raises(AttributeError, match="no attribute 'decode'"):
        run("(1).decode('utf-8')\n")


def test_arrays_of_one_value_are_numbers():
    """NumPy warned of it from 1.25 on, and refuses it since 2.4."""
    space = run("""
        import numpy as np
        value = np.array([[2.5]])
        float32 = float
        found = int(value), float(value), int(np.array([3])), float("1.5"), int("12", 8), float32(np.float32(0.5))
    """)
    assert space["found"] == (2, 2.5, 3, 1.5, 10, 0.5)
    with pytest.raises(TypeError, match="only"):
        run("import numpy as np\nint(np.ones(2))\n")
