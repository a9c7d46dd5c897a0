"""``--set``: what can be set, and what is wrong with an argument."""

import pytest

from tests.batch.config_texts import config_text, export_text, plan, problem_of

pytestmark = pytest.mark.usefixtures("workplace")


def options(*overrides, **keys):
    return plan(config_text(export_text(**keys)), *overrides).jobs[0].options


def test_values_are_yaml():
    assert options("exports.0.verify=off").verify is False
    assert options("exports.0.verification_rtol=0.5").verification_rtol == 0.5
    assert options("exports.0.input_shape=[1, 28, 28, 3]").input_shape == [1, 28, 28, 3]
    assert options("exports.0.output_names=['a=b']").output_names == ["a=b"]
    assert options("exports.0.output_collection_name=").output_collection_name == ""


def test_parts_of_mappings_and_lists():
    assert options("exports.0.formats.1=checkpoint", formats="[frozen_graph, x]").formats == ["frozen_graph", "checkpoint"]
    assert options("exports.0.model_args.a.b=1", "exports.0.model_args.a.c=2").model_args == {"a": {"b": 1, "c": 2}}


def test_a_later_one_wins_and_mends_what_the_file_has_wrong():
    assert options("exports.0.verify=1", "exports.0.verify=false", verify="wrong").verify is False


@pytest.mark.parametrize(("argument", "problem"), [
    ("exports", "--set exports: has no =. Write for example"),
    ("exports.0=3", "--set exports.0=3: names an export and no key of it."),
    ("version=1", "--set version=1: the path begins with 'version', expected exports or defaults and a key."),
    ("export.0.x=1", "--set export.0.x=1: the path begins with 'export', expected exports or defaults and a key. Did you "
     "mean exports?"),
    ("exports.7.x=1", "--set exports.7.x=1: there is no export 7: there are 1, counted from 0."),
    ("exports.digit.x=1", "--set exports.digit.x=1: there is no export 'digit'. Did you mean digits?"),
    ("exports.zzz.x=1", "--set exports.zzz.x=1: there is no export 'zzz'. There are: digits."),
    ("exports.0..x=1", "--set exports.0..x=1: the path has an empty key."),
    ("exports.0.name.x=1", "--set exports.0.name.x=1: leads into the text 'digits'. Give the whole value."),
    ("exports.0.formats.0=x", "--set exports.0.formats.0=x: leads to position 0 in nothing. Give the whole list."),
    ("exports.0.verify=[", "--set exports.0.verify=[: not YAML: "),
    ("exports.0.name=!!python/name:x y", "--set exports.0.name=!!python/name:x y: the tag !!python/name:x can't be used."),
    ("exports.0.inputtype=x", "--set exports.0.inputtype=x: exports[0].inputtype: unknown key. Did you mean input_type?"),
    ("exports.0.name=no", "--set exports.0.name=no: exports[0].name: found false (YAML reads no as that), expected text."),
    ("defaults.input_type=x", "--set defaults.input_type=x: defaults.input_type: Unknown input type: 'x'."),
    ("exports.0.model_args.a=1:30", "--set exports.0.model_args.a=1:30: found 1:30, which is the number 90 in YAML 1.1"),
    ("exports.0.model_args.a=y", "--set exports.0.model_args.a=y: found y, which is true in YAML 1.1 and text in YAML 1.2."),
    ("exports.0.fix.a=1", "--set exports.0.fix.a=1: exports[0].fix: fix is for stored graphs, and a model is exported."),
    ("exports.0.matrix.input_type=[x]", "--set exports.0.matrix.input_type=[x]: exports[0].matrix.input_type[0]: Unknown"),
    ("exports.0.output_directory=runs", "--set exports.0.output_directory=runs: exports[0].output_directory: 'runs' holds "),
])
def test_mistakes_are_told_with_the_argument(argument, problem):
    assert problem_of(config_text(), argument).startswith(problem)


def test_exports_are_counted_through_all_files():
    with open("base.yaml", "w", encoding="utf-8") as base:
        base.write(config_text(export_text(name="first")))
    text = config_text(export_text(name="second"), base="base.yaml")
    for argument in ("exports.1.nme=x", "exports.second.nme=x"):
        assert problem_of(text, argument).startswith(f"--set {argument}: exports[1].nme: unknown key. Did you mean name?")
    for argument, path in (("exports.1.fix.a=1", "exports[1].fix"), ("exports.0.fix.a=1", "exports[0].fix")):
        assert problem_of(text, argument).startswith(f"--set {argument}: {path}: fix is for stored graphs")


def test_a_part_that_is_set_beside_what_the_file_says_is_told_in_the_file():
    assert problem_of(config_text(export_text(fix="{b: 2}")), "exports.0.fix.a=1").startswith(
        "batch.yaml:7:10: exports[0].fix: fix is for stored graphs")


def test_numbers_are_keys_within_a_models_arguments():
    assert options("exports.0.model_args.classes={0: cat}").model_args == {"classes": {0: "cat"}}
