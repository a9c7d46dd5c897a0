"""Texts that are no YAML, too much YAML, or YAML that means something else than it seems to."""

import pytest

from exporter.batch.config import nodes
from exporter.batch.config.nodes import TextError, compose
from exporter.batch.config.problems import ConfigError
from exporter.batch.plan.planning import plan_batch
from tests.batch.config_texts import config_text, export_text, names, plan, problem_of, problems_of

STORED_GRAPH = {"model": None, "input_graph": "g.meta"}

pytestmark = pytest.mark.usefixtures("workplace")


@pytest.mark.parametrize(("text", "problem"), [
    ("", "batch.yaml: the file is empty."), ("# nothing\n", "batch.yaml: the file is empty."),
    ("- a\n", "batch.yaml:1:1: found a list, expected a mapping"), ("word", "batch.yaml:1:1: found the text 'word'"),
    (b"version: 1\n\xff\xfe", "batch.yaml:2:1: not UTF-8."), (b"a: \x00", "batch.yaml:1:4: the control character '\\x00'."),
    ("a:\n\t- b", "batch.yaml:2:1: not YAML: "), ("a: [1,\n 2", "batch.yaml:3:1: not YAML: while parsing a flow "
                                                                   "sequence that begins in line 1: did not find"),
    ("a: b: c", "batch.yaml:1:5: not YAML: mapping values"), ("version: 1\n---\nversion: 1", "batch.yaml:2:1: not YAML: "),
    ("a: *b", "batch.yaml:1:4: not YAML: found undefined alias"), ("a: &a [*a]", "batch.yaml:1:4: an alias to something"),
    ("a: 'x", "batch.yaml:1:6: not YAML: while scanning a quoted scalar: found unexpected end"),
])
def test_a_text_that_can_not_be_used(text, problem):
    assert problem_of(text).startswith(problem)


def test_tabs_several_documents_and_unquoted_placeholders_have_advice():
    assert "Indent with spaces" in problem_of("a:\n\t- b")
    assert "Write one document per file" in problem_of("version: 1\n---\nversion: 1")
    assert "A value that begins with a placeholder needs quotes" in problem_of(config_text(export_text(name="{step}-x")))
    assert problem_of(config_text(export_text(output_directory="{name}"))).endswith(
        "found a mapping, expected text. Write it in quotes, if a placeholder is meant: \"{name}\".")


@pytest.mark.parametrize(("path", "problem"), [
    ("gone.yaml", "gone.yaml: there is no such file. Check the path."),
    ("none/gone.yaml", "none/gone.yaml: there is no such file, and no directory none."),
    ("runs", "runs: a directory. Give a YAML file."), ("/dev/null", "/dev/null: not a file. Give a YAML file."),
    ("a\0b", "a\0b: not a path: embedded null byte."),
])
def test_a_path_without_a_file(path, problem):
    with pytest.raises(ConfigError) as caught:
        plan_batch([path])
    assert [str(entry) for entry in caught.value.problems] == [problem]


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000, "[" * 101 + "]" * 101])
def test_deep_texts_do_not_crash(text):
    assert "nested more than 100 deep." in problem_of(text)


def test_deep_aliases():
    levels = "\n".join(f"- &l{number} [*l{number - 1}]" for number in range(1, 200))
    assert "nested more than 100 deep, aliases written out." in problem_of(f"- &l0 [x]\n{levels}\n")


def test_alias_bombs_are_refused_at_once():
    bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"l{number}: &l{number} [{', '.join([f'*l{number - 1}'] * 9)}]\n" for number in range(1, 40))
    assert problem_of(bomb) == "batch.yaml:7:5: more than 1000000 values, aliases written out."


def test_files_with_too_many_values_are_refused(monkeypatch):
    monkeypatch.setattr(nodes, "MOST_NODES", 1000)
    with pytest.raises(TextError, match="more than 1000 values"):
        compose(f"[{'a,' * 2000}]")


def test_files_that_are_too_large_are_refused():
    assert problem_of("#" * ((16 << 20) + 1)) == "batch.yaml: larger than 16 MiB. Divide the file into several."


def test_ten_megabytes_are_read():
    export = export_text(model_args=f"{{text: {'x' * 10_000}}}")
    assert len(plan(config_text(*(export.replace("digits\n", f"d{number}\n", 1) for number in range(1000)))).jobs) == 1000


@pytest.mark.parametrize("tag", ["!!python/name:os.system x", "!!python/object/apply:os.system [ls]", "!mine x",
                                 "!!binary aGk=", "!!set {a}", "!!omap [a: 1]"])
def test_only_plain_values_come_out_of_a_file(tag):
    problem = problem_of(config_text(export_text(model_args=f"{{x: {tag}}}")))
    assert problem.startswith("batch.yaml:7:21: exports[0].model_args.x: the tag !")
    assert "can't be used" in problem


@pytest.mark.parametrize(("value", "found"), [
    ("no", "found false (YAML reads no as that), expected text. Write it in quotes, if it is text."),
    ("true", "found true, expected text. Write it in quotes, if it is text."),
    ("010", "found 010, which is the number 8 in YAML 1.1 and the number 10 in YAML 1.2. Write 8 or 10; for text, write it "
     "in quotes."),
    ("0x1F", "found the number 31 (YAML reads 0x1F as that), expected text. Write it in quotes, if it is text."),
    ("2020-01-01", "found a date (YAML reads 2020-01-01 as that), which is never expected. Write it in quotes."),
    ("", "found nothing, expected text."), ("~", "found nothing (YAML reads ~ as that), expected text."),
    ("[a]", "found a list, expected text."),
])
def test_words_that_yaml_takes_for_something_else(value, found):
    column = 11 if value else 10
    assert problem_of(config_text(export_text(name=value))) == f"batch.yaml:3:{column}: exports[0].name: {found}"


@pytest.mark.parametrize("value", ["'0o10'", "'1e3'", "y", "'no'", "\"010\"", "1.2.3", "yes-1"])
def test_words_that_are_text(value):
    assert names(plan(config_text(export_text(name=value)))) == [value.strip("'\"")]


@pytest.mark.parametrize("option", ["model_args", "fix"])
@pytest.mark.parametrize(("value", "old", "new", "ways"), [
    ("010", "the number 8", "the number 10", "8 or 10"), ("08", "text", "the number 8", "8"),
    ("1:30", "the number 90", "text", "90"), ("12:30:45", "the number 45045", "text", "45045"),
    ("1:30.5", "the number 90.5", "text", "90.5"), ("1_000", "the number 1000", "text", "1000"),
    ("1_0.5", "the number 10.5", "text", "10.5"), ("0b11", "the number 3", "text", "3"),
    ("-0x1F", "the number -31", "text", "-31"), ("0o17", "text", "the number 15", "15"),
    ("1e3", "text", "the number 1.0e+3", "1.0e+3"), ("1.5E3", "text", "the number 1.5e+3", "1.5e+3"),
    ("-2.5e10", "text", "the number -2.5e+10", "-2.5e+10"), ("-.5", "text", "the number -0.5", "-0.5"),
    ("off", "false", "text", "false"), ("Yes", "true", "text", "true"), ("y", "true", "text", "true"),
    ("N", "false", "text", "false"),
])
def test_what_two_versions_of_yaml_read_differently_is_refused(option, value, old, new, ways):
    assert problem_of(config_text(export_text(**STORED_GRAPH, **{option: f"{{x: [{value}]}}"}))) == (
        f"batch.yaml:7:{len(option) + 12}: exports[0].{option}.x[0]: found {value}, which is {old} in YAML 1.1 and {new} in "
        f"YAML 1.2. Write {ways}; for text, write it in quotes.")


def test_what_all_versions_of_yaml_read_alike():
    args = "{a: 1.0e+3, b: 0x1F, c: 007, d: .5, e: -.inf, f: ~, g: True, h: '010', i: \"off\", j: 1.2.3, n: +3, y: 1.}"
    (job,) = plan(config_text(export_text(model_args=args))).jobs
    assert job.options.model_args == {"a": 1000.0, "b": 31, "c": 7, "d": 0.5, "e": float("-inf"), "f": None, "g": True,
                                      "h": "010", "i": "off", "j": "1.2.3", "n": 3, "y": 1.0}


def test_booleans_are_known_by_their_type_and_y_is_a_name_where_text_is_expected():
    (job,) = plan(config_text(export_text(verify="off", output_names="[y, n]"))).jobs
    assert (job.options.verify, job.options.output_names) == (False, ["y", "n"])


@pytest.mark.parametrize("value", ["{x: {010: a}}", "{x: {no: a}}", "{1e3: a}"])
def test_keys_that_two_versions_of_yaml_read_differently(value):
    assert "in YAML 1.1 and" in problem_of(config_text(export_text(model_args=value)))


def test_explicit_tags_do_not_change_that():
    assert "010, which is the number 8 in YAML 1.1" in problem_of(config_text(export_text(model_args="{x: !!int '010'}")))
    assert "'abc' can't be read as int." in problem_of(config_text(export_text(model_args="{x: !!int abc}")))
    assert plan(config_text(export_text(model_args="{x: !!float 3}"))).jobs[0].options.model_args == {"x": 3.0}


LONG_NUMBERS = ["1" * 5000, "1" + ":30" * 4000, "1" + ":30" * 4000 + ".5", "0x" + "f" * 5000, "0" * 5000, "1" * 5000 + ".0",
                "!!int 1" + ":30" * 4000]


@pytest.mark.parametrize("number", LONG_NUMBERS, ids=[f"{number[:8]}...{number[-2:]}" for number in LONG_NUMBERS])
@pytest.mark.parametrize(("option", "form"), [("model_args", "{{a: {}}}"), ("lock_timeout", "{}"), ("steps", "[{}]")])
def test_very_long_numbers_are_refused_and_never_shown(option, form, number):
    problem = problem_of(config_text(export_text(**{option: form.format(number)})))
    assert "found a number of " in problem
    assert len(problem) < 250


@pytest.mark.parametrize(("number", "found"), [
    ("1" + ":30" * 100, "which is a number in YAML 1.1 and text in YAML 1.2. Write a plain number; for text"),
    ("0" + "1" * 100, "which is a number in YAML 1.1 and a number in YAML 1.2. Write a plain number; for text"),
    ("1" * 5000 + "e5", "which is text in YAML 1.1 and a number in YAML 1.2. Write a plain number; for text"),
    ("1" * 900, "found a number of 900 digits, expected"),
], ids=["base 60", "octal", "exponent", "digits"])
def test_long_numbers_are_not_shown_whole(number, found):
    problem = problem_of(config_text(export_text(verify=number)))
    assert found in problem
    assert len(problem) < 300


def test_keys_that_are_no_text():
    assert problem_of(config_text(export_text(no="x"))) == (
        "batch.yaml:7:5: exports[0].no: found false as a key (YAML reads no as that), expected text. Write it in quotes.")


def test_numbers_are_keys_within_a_models_arguments():
    (job,) = plan(config_text(export_text(model_args="{classes: {0: cat, 1: dog}}"))).jobs
    assert job.options.model_args == {"classes": {0: "cat", 1: "dog"}}
    assert "found the number 0 as a key" in problem_of(config_text(export_text(model_args="{0: cat}")))


def test_duplicate_keys_are_told_at_the_second():
    problems = problems_of(config_text(export_text(name="a\n    name: b")) + "version: 1\n")
    assert problems == ["batch.yaml:4:5: exports[0].name: given twice. Remove one of the two.",
                        "batch.yaml:8:1: version: given twice. Remove one of the two."]


def test_merge_keys_and_aliases():
    (first, second) = plan("""
version: 1
defaults: &defaults {verify: false, model_args: &args {a: 1, b: 2}}
exports:
  - &first
    <<: *defaults
    name: a
    model: models.slim_cnn:SlimCNN
    checkpoint: runs/digits
    output_directory: exports/{name}
  - <<: [{name: b, fsync: false}, *first]
    model_args: {<<: *args, b: 3}
""").jobs
    assert [(job.name, job.options.verify, job.options.fsync) for job in (first, second)] == [
        ("a", False, True), ("b", False, False)]
    assert (first.options.model_args, second.options.model_args) == ({"a": 1, "b": 2}, {"a": 1, "b": 3})


def test_problems_of_merged_values_are_where_they_are_written():
    text = "version: 1\ndefaults: &d {verify: 3}\nexports:\n  - <<: *d\n    name: a\n    <<: x\n"
    assert problems_of(text)[:2] == ["batch.yaml:2:23: defaults.verify: found the number 3, expected true or false.",
                                     "batch.yaml:2:23: exports[0].verify: found the number 3, expected true or false."]


def test_a_byte_order_mark_and_windows_lines():
    assert names(plan(b"\xef\xbb\xbf" + config_text().replace("\n", "\r\n").encode())) == ["digits"]


def test_a_mistake_with_the_whole_defaults_or_a_whole_export_has_no_others_follow():
    assert problem_of(config_text(export_text(model=None), defaults="{model: a:B}\ndefaults: {verify: false}")) == (
        "batch.yaml:3:1: defaults: given twice. Remove one of the two.")
    assert problem_of(config_text("  - !!set {name, x}\n")) == (
        "batch.yaml:3:5: exports[0]: the tag !!set can't be used. Write plain text, numbers, lists and mappings.")
