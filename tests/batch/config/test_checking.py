"""Mistakes in config files: all at once, each with its place and what to do."""

import pickle
import time

import pytest

from exporter.batch.config.problems import ConfigError
from exporter.batch.plan.planning import plan_batch
from exporter.errors import UsageError
from tests.batch.config_texts import config_text, export_text, plan, problem_of, problems_of

pytestmark = pytest.mark.usefixtures("workplace")


def test_all_problems_at_once_in_the_order_of_the_file():
    assert problems_of("""version: 1
defaults:
  use_moving_averages: yes please
exports:
  - name: a
    input_tpye: x
    model: m:M
    checkpoint: runs/digits
    output_directory: exports/{nme}
  - model: m:M
    checkpoint: runs/digits
    output_directory: exports/b
    steps: 1000
  - 5
export: x
""") == [
        "batch.yaml:3:24: defaults.use_moving_averages: found the text 'yes please', expected true or false.",
        "batch.yaml:6:5: exports[0].input_tpye: unknown key. Did you mean input_type?",
        "batch.yaml:9:23: exports[0].output_directory: unknown placeholder {nme}. Did you mean name? Write {{ and }} for "
        "braces.",
        "batch.yaml:10:5: exports[1].name: missing. Give the export a name.",
        "batch.yaml:13:12: exports[1].steps: found the number 1000, expected all, latest, a list of steps such as [1000, "
        "2000], or a mapping such as {every: 5000}. Write [1000].",
        "batch.yaml:14:5: exports[2]: found the number 5, expected a mapping.",
        "batch.yaml:15:1: export: unknown key. Did you mean exports?"]


def test_the_error_is_one_of_usage_and_lists_its_problems():
    with pytest.raises(ConfigError) as caught:
        plan("version: 1\n")
    assert isinstance(caught.value, UsageError)
    assert caught.value.exit_code == 2
    assert str(caught.value) == ("Found 1 problem; nothing was run.\n"
                                 "batch.yaml:1:1: exports: missing. List what is to be exported.")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_no_more_than_fifty_are_shown():
    with pytest.raises(ConfigError) as caught:
        plan("version: 1\nexports:\n" + "  - 5\n" * 70)
    lines = str(caught.value).splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("Found 70 problems; nothing was run.", "and 20 more", 52)


def test_very_many_problems_take_no_longer_than_they_must():
    exports = "".join(f"  - {{name: n{number}, stepss: 1, model: 3}}\n" for number in range(3000))
    started = time.monotonic()
    assert len(problems_of("version: 1\nexports:\n" + exports)) > 6000
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(("text", "problem"), [
    ("exports: [5]\n", "batch.yaml:1:1: version: missing. Write version: 1."),
    ("version: 2\n", "batch.yaml:1:10: version: found the number 2, expected 1. The file was written for a newer version"),
    ("version: '1'\n", "batch.yaml:1:10: version: found the text '1', expected 1. Write version: 1."),
    ("version: true\n", "batch.yaml:1:10: version: found true, expected 1."),
    ("version: 1.0\n", "batch.yaml:1:10: version: found the number 1.0, expected 1."),
    ("version: 1\nexports: {}\n", "batch.yaml:2:10: exports: found an empty mapping, expected a list."),
    ("version: 1\nexports: []\n", "batch.yaml:2:10: exports: found an empty list, expected at least one value."),
    ("version: 1\nexports:\n", "batch.yaml:2:9: exports: found nothing, expected a list."),
    ("version: 1\ndefaults:\nexports: [5]\n", "batch.yaml:2:10: defaults: found nothing, expected a mapping."),
    ("version: 1\nmatrix: {}\n", "batch.yaml:2:1: matrix: unknown key here. It belongs to defaults or to one of the"),
    ("version: 1\ndefaults: {name: a}\n", "batch.yaml:2:12: defaults.name: unknown key here. Give each of the exports a"),
    ("version: 1\n? [a]\n: b\n", "batch.yaml:2:3: ['?']: a list or mapping can't be a key."),
])
def test_the_top_of_a_file(text, problem):
    assert any(entry.startswith(problem) for entry in problems_of(text))


@pytest.mark.parametrize(("keys", "problem"), [
    ({"steps": "[]"}, "12: exports[0].steps: found an empty list, expected all, latest, a list of steps such as"),
    ({"steps": "{every: 0}"}, "20: exports[0].steps.every: found the number 0, expected a number of at least 1."),
    ({"steps": "{evry: 5}"}, "13: exports[0].steps.evry: unknown key. Did you mean every?"),
    ({"steps": "lates"}, "12: exports[0].steps: found the text 'lates', expected all, latest, a list"),
    ({"steps": "[1, -2]"}, "16: exports[0].steps[1]: found the number -2, expected a number of at least 0."),
    ({"steps": "[1, 1]"}, "16: exports[0].steps[1]: found the number 1 a second time. Remove it."),
    ({"matrix": "{formats: []}"}, "23: exports[0].matrix.formats: found an empty list, expected at least one value."),
    ({"matrix": "{fromats: [[checkpoint]]}"}, "14: exports[0].matrix.fromats: unknown key. Did you mean formats?"),
    ({"matrix": "{steps: [all]}"}, "14: exports[0].matrix.steps: a matrix has options only."),
    ({"matrix": "{fsync: [true, 1]}"}, "28: exports[0].matrix.fsync[1]: found the number 1, expected true or false."),
    ({"matrix": "{fsync: [true, true]}"}, "28: exports[0].matrix.fsync[1]: found true a second time. Remove it."),
    ({"matrix": "{fsync: true}"}, "21: exports[0].matrix.fsync: found true, expected a list."),
    ({"input_shape": "[1, x]"}, "22: exports[0].input_shape[1]: found the text 'x', expected a whole number."),
    ({"input_shape": "-1,28,28,3"}, "18: exports[0].input_shape: found the text '-1,28,28,3', expected a list such as [-1, "
     "28, 28, 3], or a mapping from names to such lists. Write [-1, 28, 28, 3]."),
    ({"formats": "checkpoint,saved_model"}, "14: exports[0].formats: found the text 'checkpoint,saved_model', expected a "
     "list. Write [checkpoint, saved_model]."),
    ({"variable_map": "'^a=>b'"}, "19: exports[0].variable_map: found the text '^a=>b', expected a mapping. Write "
     "{\"^a\": \"b\"}."),
    ({"fix": "keep=1.0"}, "10: exports[0].fix: found the text 'keep=1.0', expected a mapping. Write {\"keep\": 1.0}."),
    ({"verification_rtol": "1e-5"}, "24: exports[0].verification_rtol: found 1e-5, which is text in YAML 1.1 and the number "
     "1.0e-5 in YAML 1.2. Write 1.0e-5; for text, write it in quotes."),
    ({"verification_rtol": "'1e-5'"}, "24: exports[0].verification_rtol: found the text '1e-5', expected a number. Numbers "
     "with an exponent need a point in YAML: 1.0e-5."),
    ({"formats": "[]"}, "14: exports[0].formats: found an empty list, expected at least one value. Leave it away for the "
     "default."),
    ({"formats": "[checkpoint, checkpoint]"}, "27: exports[0].formats[1]: found the text 'checkpoint' a second time."),
    ({"matrix": "{formats: [[checkpoint, checkpoint]]}"}, "37: exports[0].matrix.formats[0][1]: found the text "
     "'checkpoint' a second time."),
    ({"input_shape": "[]"}, "18: exports[0].input_shape: found an empty list, expected a list such as [-1, 28, 28, 3], or"),
    ({"matrix": "{input_shape: [[]]}"}, "28: exports[0].matrix.input_shape[0]: found an empty list, expected a list"),
    ({"variable_map": r"{'(w)': '\3'}"}, r"19: exports[0].variable_map: The variable map's replacement '\\3' of '(w)' can't "
     "be used: invalid group reference 3"),
    ({"variable_map": "{'(': ''}"}, "19: exports[0].variable_map: The variable map's '(' is no regular expression: missing "
     "), unterminated subpattern at position 0. For example: variable_map: {'^tower_0/': ''}"),
    ({"input_shape": "[0, 1]"}, "18: exports[0].input_shape: The input shape '0,1' is not a list of positive numbers, with "
     "-1 or None where free. For example: input_shape: [null, 28, 28, 3]"),
    ({"verify": "'false'"}, "13: exports[0].verify: found the text 'false', expected true or false. Leave the quotes away."),
    ({"verify": "0"}, "13: exports[0].verify: found the number 0, expected true or false."),
    ({"formats": "[1]"}, "15: exports[0].formats[0]: found the number 1, expected text. Write it in quotes, if it is text."),
    ({"trained_checkpoint_prefix": "x"}, "5: exports[0].trained_checkpoint_prefix: given beside checkpoint, which means"),
    ({"output_names": "[\"{x}\"]"}, "19: exports[0].output_names: unknown placeholder {x}. There are: {name}, {step}, "),
    ({"output_names": "[\"{\"]"}, "19: exports[0].output_names: found a single {. Write {{ for a brace."),
    ({"output_names": "[\"{env:HOMEE_X}\"]"}, "19: exports[0].output_names: the environment variable 'HOMEE_X' is not set."),
    ({"verification_inputs": "~/x"}, "26: exports[0].verification_inputs: found a path that begins with ~, which nothing"),
])
def test_mistakes_in_an_export(keys, problem):
    assert problem_of(config_text(export_text(**keys))).startswith(f"batch.yaml:7:{problem}")


def test_a_mistake_in_the_defaults_is_told_once():
    exports = [export_text(name=f"n{number}") for number in range(20)]
    assert problem_of(config_text(*exports, defaults="{input_type: image}")).startswith(
        "batch.yaml:2:24: defaults.input_type: Unknown input type: 'image'.")
    assert problem_of(config_text(*exports, defaults="{verify: 1}")).startswith("batch.yaml:2:20: defaults.verify: found")


def test_mistakes_in_a_base_are_told_with_its_name():
    with open("base.yaml", "w", encoding="utf-8") as base:
        base.write("version: 1\ndefaults: {verfy: false, formats: [chekpoint]}\nbase: other.yaml\n")
    assert [problem[:42] for problem in problems_of(config_text(base="base.yaml"))] == [
        "base.yaml:2:12: defaults.verfy: unknown ke", "base.yaml:2:35: defaults.formats: Unknown ",
        "base.yaml:3:1: base: base.yaml is a base i"]
    assert problem_of(config_text(base="gone.yaml")).startswith("batch.yaml:2:7: base: there is no file 'gone.yaml'.")


def test_mistakes_of_all_files_at_once():
    for name in ("a", "b"):
        with open(f"{name}.yaml", "w", encoding="utf-8") as file:
            file.write("version: 1\nexport: []\n")
    with pytest.raises(ConfigError) as caught:
        plan_batch(["b.yaml", "a.yaml", "gone.yaml"])
    assert [str(problem.place) for problem in caught.value.problems] == [
        "b.yaml:1:1", "b.yaml:2:1", "a.yaml:1:1", "a.yaml:2:1", "gone.yaml"]
