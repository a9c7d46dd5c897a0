"""Python 2 modules, translated line by line."""

from __future__ import annotations

import ast
import textwrap

import pytest

from exporter.tf1.surface.old_builtins import OLD_BUILTINS
from exporter.tf1.surface.python2 import compile_python2, expand_tabs
from exporter.tf1.surface.python2_idiom import may_be_python2, with_python2_idiom


def run(source):
    data = textwrap.dedent(source).encode()
    try:
        tree = ast.parse(data, "old.py")
    except SyntaxError as error:
        code = compile_python2(data, "old.py", error)
    else:
        code = compile(tree, "old.py", "exec")
        code = compile(with_python2_idiom(tree), "old.py", "exec") if may_be_python2(code) else code
    space = {**OLD_BUILTINS}
    exec(code, space)
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
    ("try:\n    xrange\nexcept NameError:\n    xrange = range", False),
    ("from functools import reduce\nreduce(max, [1])", False), ("import sys\nif sys.version_info[0] < 3: xrange(3)", False),
    ("from __future__ import division\nxrange(3)", False)])
def test_modules_that_parse_may_be_python_2_all_the_same(evidence, is_python2):
    names = {"cPickle": None}
    source = f"{evidence}\nhalf = 7 / 2\n".replace("import cPickle", "\nif names:\n    import cPickle")
    code = compile(with_python2_idiom(ast.parse(source)), "old.py", "exec")
    space = {**OLD_BUILTINS, "names": {}, "cPickle": names, "__builtins__": __builtins__}
    try:
        exec(code, space)
    except AttributeError:
        pytest.fail(source)
    assert space["half"] == (3 if is_python2 else 3.5)


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
