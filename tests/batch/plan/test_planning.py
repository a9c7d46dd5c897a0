"""From a config file to jobs."""

import gc
import subprocess
import sys

import pytest

from exporter.batch.plan.planning import plan_batch
from exporter.errors import UsageError
from exporter.options.export_options import ExportOptions
from tests.batch.config_texts import (
    MODEL,
    config_text,
    export_text,
    name_latest,
    names,
    plan,
    problem_of,
    problems_of,
    touch_checkpoints,
)

pytestmark = pytest.mark.usefixtures("workplace")


def outputs(planned):
    return [job.options.output_directory for job in planned.jobs]


def test_the_example_of_the_documentation():
    planned = plan(f"""
version: 1
defaults: {{input_type: image_tensor, formats: [checkpoint, frozen_graph, saved_model], use_moving_averages: true}}
exports:
  - name: digits-{{step}}
    model: {MODEL}
    model_args: {{num_classes: 10}}
    checkpoint: runs/digits
    output_directory: exports/{{name}}
    matrix: {{input_type: [image_tensor, encoded_image_string_tensor]}}
""")
    assert names(planned) == ["digits-2000-image_tensor", "digits-2000-encoded_image_string_tensor"]
    job = planned.jobs[1]
    assert job.options == ExportOptions(
        model=MODEL, model_args={"num_classes": 10}, trained_checkpoint_prefix="runs/digits/model.ckpt-2000",
        input_type="encoded_image_string_tensor", formats=["checkpoint", "frozen_graph", "saved_model"],
        use_moving_averages=True, output_directory="exports/digits-2000-encoded_image_string_tensor", overwrite=True)
    assert (job.step, job.checkpoint_size, job.reasons) == (2000, 8, ())
    assert planned.failed == {}


def test_an_export_that_is_there_is_replaced_unless_the_file_says_otherwise():
    assert plan(config_text()).jobs[0].options.overwrite
    assert not plan(config_text(defaults="{overwrite: false}")).jobs[0].options.overwrite


def test_the_most_particular_value_wins_and_mappings_are_replaced_whole():
    with open("base.yaml", "w", encoding="utf-8") as base:
        base.write("version: 1\ndefaults: {model_args: {a: 1, b: 2}, verify: false, fsync: false, lock_timeout: 1}\n")
    planned = plan(config_text(export_text(model_args="{c: 3}", matrix="{lock_timeout: [3, 4]}", lock_timeout="2"),
                               base="base.yaml", defaults="{fsync: true, model_args: {a: 9}}"))
    options = planned.jobs[1].options
    assert (options.model_args, options.verify, options.fsync, options.lock_timeout) == ({"c": 3}, False, True, 4)


def test_exports_of_a_base_come_first_and_take_the_defaults_of_the_file():
    with open("base.yaml", "w", encoding="utf-8") as base:
        base.write(config_text(export_text(name="first"), defaults="{verify: true}"))
    planned = plan(config_text(export_text(name="second"), base="base.yaml", defaults="{verify: false}"))
    assert [(job.name, job.options.verify) for job in planned.jobs] == [("first", False), ("second", False)]
    assert names(plan("version: 1\nbase: base.yaml\n")) == ["first"]


def test_a_base_is_relative_to_the_file_that_names_it(workplace):
    (workplace / "configs" / "parts").mkdir(parents=True)
    (workplace / "configs" / "parts" / "base.yaml").write_text("version: 1\ndefaults: {verify: false}\n")
    assert not plan(config_text(base="parts/base.yaml"), file="configs/batch.yaml").jobs[0].options.verify


def test_several_files_make_one_batch():
    plan(config_text(export_text(name="a"), defaults="{verify: false}"), file="a.yaml")
    plan(config_text(export_text(name="b")), file="b.yaml")
    planned = plan_batch(["a.yaml", "b.yaml"])
    assert [(job.name, job.options.verify) for job in planned.jobs] == [("a", False), ("b", True)]


def test_without_a_file_there_is_nothing_to_plan():
    with pytest.raises(UsageError, match="No config file"):
        plan_batch([])


def test_matrix_in_written_order_and_steps_ascending():
    matrix = "{fsync: [true, false], verify: [false]}"
    planned = plan(config_text(export_text(name="n", steps="[10000, 1000]", matrix=matrix)))
    assert names(planned) == [
        "n-1000-fsync-noverify", "n-10000-fsync-noverify", "n-1000-nofsync-noverify", "n-10000-nofsync-noverify"]
    assert not any(job.options.verify for job in planned.jobs)


def test_only_what_the_name_does_not_mention_becomes_a_suffix():
    matrix = "{input_type: [image_tensor, tf_example], verification_rtol: [0.1, 2]}"
    assert names(plan(config_text(export_text(name="\"{step}.{input_type}\"", steps="[1000, 2000]", matrix=matrix)))) == [
        "1000.image_tensor-verification_rtol0.1", "2000.image_tensor-verification_rtol0.1",
        "1000.image_tensor-verification_rtol2", "2000.image_tensor-verification_rtol2",
        "1000.tf_example-verification_rtol0.1", "2000.tf_example-verification_rtol0.1",
        "1000.tf_example-verification_rtol2", "2000.tf_example-verification_rtol2"]


def test_labels_of_text_and_of_lists():
    assert names(plan(config_text(export_text(matrix="{checkpoint: [runs/fold0, runs/fold1]}")))) == [
        "digits-runs_fold0", "digits-runs_fold1"]
    assert names(plan(config_text(export_text(matrix="{formats: [[checkpoint], [frozen_graph]]}")))) == [
        "digits-checkpoint", "digits-frozen_graph"]


@pytest.mark.parametrize(("option", "values"), [
    ("formats", ["[frozen_graph]", "[saved_model, checkpoint]"]), ("input_shape", ["[1, 28, 28, 3]", "null"]),
    ("model_args", ["{a: 1}", "{a: 2}", "{}"]), ("output_names", ["[]", "[a]"]), ("lock_timeout", ["1", "2"]),
])
def test_names_stay_when_more_values_of_the_matrix_come(option, values):
    known = set()
    for count in range(1, len(values) + 1):
        added = ", ".join(reversed(values[:count]))
        found = set(names(plan(config_text(export_text(matrix=f"{{{option}: [{added}]}}")))))
        assert known < found
        assert len(found) == count
        known = found


def test_directories_of_a_glob_are_called_by_what_they_differ_in():
    assert names(plan(config_text(export_text(checkpoint="runs/fold*")))) == ["digits-fold0", "digits-fold1"]
    assert names(plan(config_text(export_text(checkpoint="runs/*/model.ckpt-*", name="\"{step}\"")))) == [
        "1000-digits", "2000-digits", "10000-digits", "5-fold0", "7-fold1"]


def test_names_stay_when_more_checkpoints_come(workplace):
    one = [export_text(checkpoint="runs/fold0", steps="all"), export_text(name="every", checkpoint="runs/fold0",
                                                                         steps="{every: 5}"),
           export_text(name="glob", checkpoint="runs/fold[0]"), export_text(name="files", checkpoint="runs/fold0/model*")]
    before = names(plan(config_text(*one)))
    assert before == ["digits-5", "every-5", "glob-fold0", "files-5"]
    touch_checkpoints(workplace / "runs" / "fold0", "model.ckpt-10")
    name_latest(workplace / "runs" / "fold0", "model.ckpt-5")
    assert set(before) < set(names(plan(config_text(*one))))


def test_checkpoints_without_steps_are_called_by_their_names(workplace):
    touch_checkpoints(workplace / "runs" / "named", "best", "last")
    assert names(plan(config_text(export_text(checkpoint="runs/named", steps="all")))) == ["digits-best", "digits-last"]


def test_placeholders_everywhere_in_text(monkeypatch):
    monkeypatch.setenv("TARGET", "phone")
    monkeypatch.setenv("RUN", "digits")
    planned = plan(config_text(export_text(
        name="\"{step}-{env:TARGET}\"", output_directory="\"out/{use_moving_averages}/{name}/{{x}}\"",
        output_names="[\"a={name}\"]", matrix="{use_moving_averages: [true, false]}", checkpoint="runs/{env:RUN}")))
    assert outputs(planned) == ["out/true/2000-phone-use_moving_averages/{x}",
                                "out/false/2000-phone-nouse_moving_averages/{x}"]
    assert planned.jobs[0].options.output_names == ["a=2000-phone-use_moving_averages"]


def test_a_checkpoint_may_be_found_by_the_name():
    assert plan(config_text(export_text(name="fold1", checkpoint="\"runs/{name}\""))).jobs[0].step == 7
    problem = problem_of(config_text(export_text(name="\"{step}\"", checkpoint="\"runs/{name}\"")))
    assert problem.startswith("batch.yaml:5:17: exports[0].checkpoint: {step} is not known before")


def test_braces_of_regular_expressions_and_arguments_stay(monkeypatch):
    monkeypatch.setenv("DATA", "/data")
    planned = plan(config_text(export_text(
        variable_map=r"{'layer_\d{2}/{x}': 'a{'}", model_args="{format: '{name}-{{}}', places: ['{env:DATA}/x']}")))
    options = planned.jobs[0].options
    assert options.variable_map == {r"layer_\d{2}/{x}": "a{"}
    assert options.model_args == {"format": "{name}-{{}}", "places": ["/data/x"]}


def test_overrides_lie_over_the_file():
    text = config_text(export_text(name="a"), export_text(name="b.c", model_args="{x: 1}"),
                       defaults="{model_args: {y: 2}, verify: true}")
    planned = plan(text, "exports.0.model_args.x=5", "exports.b.c.input_type=tf_example", "defaults.verify=false",
                   "exports.a.matrix.fsync=[true, false]")
    options = [job.options for job in planned.jobs]
    assert names(planned) == ["a-fsync", "a-nofsync", "b.c"]
    assert [entry.model_args for entry in options] == [{"y": 2, "x": 5}, {"y": 2, "x": 5}, {"x": 1}]
    assert [entry.input_type for entry in options] == ["image_tensor", "image_tensor", "tf_example"]
    assert not any(entry.verify for entry in options)


def test_a_stored_graph_needs_no_checkpoint():
    planned = plan(config_text(export_text(model=None, checkpoint=None, input_graph="graphs/model.meta")))
    assert planned.jobs[0].options.trained_checkpoint_prefix is None
    assert (planned.jobs[0].step, planned.jobs[0].checkpoint_size) == (None, 0)


def test_a_missing_checkpoint_fails_its_own_job_only():
    planned = plan(config_text(export_text(name="\"{step}\"", steps="[1000, 1500]"), export_text(name="gone-{step}",
                                                                                               checkpoint="runs/gone")))
    assert names(planned) == ["1000", "1500", "gone-{step}"]
    assert set(planned.failed) == {"1500", "gone-{step}"}
    result = planned.failed["1500"]
    assert (planned.jobs[1].step, result.status, result.exit_code) == (1500, "failed", 4)
    assert result.problem == "There is no checkpoint of step 1500 in runs/digits."
    assert result.advice == "Steps there: 1000, 2000, 10000."
    assert planned.failed["gone-{step}"].problem == "There is no checkpoint 'runs/gone'."


def test_a_step_that_no_name_tells_fails_its_own_job_only(workplace):
    touch_checkpoints(workplace / "runs", "best")
    planned = plan(config_text(export_text(name="\"n-{step}\"", checkpoint="runs/best"), export_text()))
    assert names(planned) == ["n-{step}", "digits"]
    assert planned.failed["n-{step}"].problem == "The checkpoint runs/best has no step in its name, and {step} is asked for."


def test_steps_of_the_defaults_are_for_exports_of_directories():
    defaults = "{steps: [1000]}"
    text = config_text(export_text(name="a"), export_text(name="b", checkpoint="runs/digits/model.ckpt-2000"),
                       defaults=defaults)
    assert [job.step for job in plan(text).jobs] == [1000, 2000]
    text = config_text(export_text(checkpoint="runs/digits/model.ckpt-2000", steps="all"))
    assert problem_of(text).startswith("batch.yaml:7:12: exports[0].steps: given for one checkpoint, runs/digits/")


def test_names_are_unique_in_the_whole_batch():
    assert problem_of(config_text(export_text(), export_text(output_directory="elsewhere"))) == (
        "batch.yaml:7:11: exports[1].name: a second job is called 'digits'; the first is that of batch.yaml:3:11. "
        "Give each a name of its own.")
    assert len(plan(config_text(export_text(), export_text(name="Digits"))).jobs) == 2


@pytest.mark.parametrize(("name", "text"), [
    ("a/b", "has a slash"), ("..", "means a directory"), ("\"\"", "found an empty text"), ("\" \"", "is empty"),
    ("x" * 300, "has 300 bytes, expected at most 200"), ("\"a\\tb\"", "control characters"),
    ("\"{name}\"", "a part of itself"),
])
def test_names_that_can_not_be_directories(name, text):
    problem = problem_of(config_text(export_text(name=name, output_directory="exports/x")))
    assert problem.startswith("batch.yaml:3:11: exports[0].name: ")
    assert text in problem


@pytest.mark.parametrize(("first", "second", "relation"), [
    ("out/a", "out/a", "is also"), ("out/a", "./out/../out/a/", "is also"), ("out", "out/b", "lies in"),
    ("out/b/c", "out/b", "holds"), ("linked/x", "out/x", "is also"), ("s3://bucket/x", "s3://bucket/x/y", "lies in"),
])
def test_output_directories_that_collide(workplace, first, second, relation):
    (workplace / "out").mkdir()
    (workplace / "linked").symlink_to("out")
    problem = problem_of(config_text(export_text(name="a", output_directory=first),
                                     export_text(name="b", output_directory=second)))
    assert problem.startswith("batch.yaml:10:23: exports[1].output_directory: ")
    assert f"{second!r} of the job 'b' {relation} {first!r} of the job 'a'" in problem


def test_one_output_directory_for_several_jobs_of_an_export_is_told_once():
    assert problem_of(config_text(export_text(steps="all", output_directory="exports/digits"))) == (
        "batch.yaml:6:23: exports[0].output_directory: several jobs of this export write to 'exports/digits'. Write {name} "
        "into it.")


def test_output_directories_that_only_look_alike_do_not_collide():
    text = config_text(*(export_text(name=name, output_directory=f"out/{name}") for name in ("a", "a-b", "ab", "a.b")))
    assert len(plan(text).jobs) == 4


@pytest.mark.parametrize("directory", [".", "runs", "runs/digits"])
def test_an_output_directory_does_not_hold_what_is_read(directory):
    assert problem_of(config_text(export_text(output_directory=directory))) == (
        f"batch.yaml:6:23: exports[0].output_directory: {directory!r} holds runs/digits/model.ckpt-2000, which is read and "
        "would be replaced. Give another directory.")


def test_combinations_that_can_not_be_are_found_with_their_places():
    problems = problems_of(config_text(
        export_text(name="a", signature="x", input_type="image_tensr"),
        export_text(name="b", input_graph="g.meta"),
        export_text(name="c", model="SlimCNN"),
        export_text(name="d", checkpoint=None, matrix="{formats: [[checkpoint], [savedmodel]]}"),
        defaults="{lock_timeout: -1}"))
    starts = ["batch.yaml:2:26: defaults.lock_timeout: ", "batch.yaml:8:16: exports[0].signature: ",
              "batch.yaml:9:17: exports[0].input_type: ", "batch.yaml:14:18: exports[1].input_graph: model and input_graph",
              "batch.yaml:16:12: exports[2].model: ", "batch.yaml:19:5: exports[3].checkpoint: ",
              "batch.yaml:22:38: exports[3].matrix.formats[1]: "]
    assert [problem[:len(start)] for problem, start in zip(problems, starts, strict=True)] == starts
    assert "Did you mean image_tensor?" in problems[2]


def test_what_follows_from_a_mistake_is_not_told_as_well():
    text = config_text(export_text(model=None, modle=MODEL), defaults="{formats: saved_model}")
    assert problems_of(text) == [
        "batch.yaml:2:21: defaults.formats: found the text 'saved_model', expected a list. Write [saved_model].",
        "batch.yaml:7:5: exports[0].modle: unknown key. Did you mean model?"]


def test_a_batch_has_a_largest_size():
    many = f"[{', '.join(map(str, range(1, 1001)))}]"
    problem = problem_of(config_text(export_text(matrix=f"{{lock_timeout: {many}, verification_rtol: {many}}}")))
    assert "matrix: 1000000 combinations, expected at most 100000 jobs in all." in problem
    more = f"[{', '.join(map(str, range(1, 50_001)))}]"
    problem = problem_of(config_text(export_text(steps="all", matrix=f"{{lock_timeout: {more}}}")))
    assert "exports[0].name: its checkpoints make more than 100000 jobs in all." in problem


def test_planning_needs_no_tensorflow_and_leaves_garbage_collection_on():
    plan(config_text())
    code = ("import sys; from exporter.batch.plan.planning import plan_batch; plan_batch(['batch.yaml']); "
            "print('tensorflow' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={"PYTHONPATH": ":".join(sys.path)})
    assert done.stdout.strip() == "False"
    assert gc.isenabled()


def test_plans_are_the_same_every_time():
    text = config_text(export_text(steps="all", matrix="{fsync: [true, false]}"))
    assert plan(text) == plan(text)
