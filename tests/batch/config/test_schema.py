"""The JSON Schema says what the loader says."""

import jsonschema
import pytest
import yaml

from exporter.batch.config.problems import ConfigError
from exporter.batch.config.schema import json_schema
from exporter.options.export_options import export_option_list
from tests.batch.config_texts import config_text, export_text, plan


def is_valid(text):
    return jsonschema.Draft202012Validator(json_schema()).is_valid(yaml.safe_load(text))


def is_loaded(text):
    try:
        plan(text)
    except ConfigError:
        return False
    return True


def test_it_is_a_schema_of_its_draft():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["version"]
    assert schema["$defs"]["Export"]["required"] == ["name"]


@pytest.mark.parametrize("definition", ["Export", "Defaults", "Matrix"])
def test_every_option_is_described(definition):
    properties = json_schema()["$defs"][definition]["properties"]
    assert set(export_option_list()) < set(properties)
    assert json_schema()["$defs"][definition]["additionalProperties"] is False
    entries = properties.values() if definition != "Matrix" else [entry["items"] for entry in properties.values()]
    assert all(entry.get("description") for entry in entries)
    assert not any("--" in entry["description"] for entry in entries)


def test_editors_can_offer_words():
    properties = json_schema()["$defs"]["Export"]["properties"]
    assert "tf_example" in properties["input_type"]["anyOf"][0]["enum"]
    assert "frozen_graph" in properties["formats"]["items"]["anyOf"][0]["enum"]
    assert properties["steps"]["examples"] == ["all", "latest", [1000, 2000], {"every": 5000}]


@pytest.mark.parametrize("keys", [
    {}, {"steps": "all"}, {"steps": "[1000]"}, {"steps": "{every: 1000}"}, {"matrix": "{}"},
    {"matrix": "{input_type: [image_tensor, \"{env:HOME}:x\"], formats: [[checkpoint]], lock_timeout: [1, 2.5]}"},
    {"input_shape": "[-1, null, 28, 3]"}, {"output_collection_name": "null"}, {"signature": "null"},
    {"variable_map": "{a: b}", "model_args": "{a: {1: [x]}}"}, {"formats": "[checkpoint]", "verification_rtol": "1"},
    {"input_type": "package.module:Type"}, {"output_directory": "\"{env:HOME}/{name}\""},
    {"checkpoint": None, "trained_checkpoint_prefix": "runs/digits"}, {"side_input_names": "[]", "overwrite": "false"},
    {"model": None, "checkpoint": "null", "input_graph": "g.meta", "input_shape": "{x: [1, null], y: []}",
     "fix": "{a: true}"},
])
def test_what_is_loaded_is_valid(workplace, keys):
    text = config_text(export_text(**keys), defaults="{model_args: {}, verify: true}")
    assert is_loaded(text)
    assert is_valid(text)


@pytest.mark.parametrize("text", [
    config_text(export_text(x="1")), config_text(defaults="{x: 1}"), config_text(defaults="{name: a}"), config_text(x="1"),
    config_text(export_text(matrix="{x: [1]}")), config_text(export_text(matrix="{steps: [all]}")),
    config_text(export_text(steps="{evry: 1}")), config_text(export_text(steps="5")), config_text(export_text(steps="[]")),
    config_text(export_text(steps="{every: 0}")), config_text(export_text(steps="lates")),
    config_text(export_text(input_type="image")), config_text(export_text(formats="[chekpoint]")),
    config_text(export_text(verify="1")), config_text(export_text(name="5")), config_text(export_text(name="")),
    config_text(export_text(formats="checkpoint")), config_text(export_text(verification_rtol="1e-5")),
    config_text(export_text(steps="[1, 1]")), config_text(export_text(lock_timeout="-1")),
    config_text(export_text(verification_atol="-0.5")), config_text(export_text(formats="[]")),
    config_text(export_text(formats="[checkpoint, checkpoint]")), config_text(export_text(matrix="{formats: [[]]}")),
    config_text(export_text(input_shape="[]")), config_text(export_text(input_shape="[0]")),
    config_text(export_text(input_shape="[-2, 1, 1, 1]")), config_text(export_text(matrix="{input_shape: [[0]]}")),
    config_text(export_text(input_shape="{x: [-2]}", model=None, input_graph="g.meta")),
    "version: 2\nexports: [{name: a}]\n", "version: true\nexports: [{name: a}]\n", "exports: [{name: a}]\n", "version: 1\n",
    "version: 1\nexports: []\n", "version: 1\nexports: [{model: a}]\n", "[]\n",
])
def test_what_is_not_valid_is_not_loaded(workplace, text):
    assert not is_valid(text)
    assert not is_loaded(text)
