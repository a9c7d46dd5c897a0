"""Placeholders in text."""

import pytest

from exporter.batch.config.placeholders import PlaceholderError, placeholders_in, substitute, substitute_environment

WORDS = {"name": "digits", "step": "1000"}


@pytest.mark.parametrize(("text", "expected"), [
    ("plain", "plain"), ("{name}-{step}", "digits-1000"), ("{{name}}", "{name}"), ("{{{name}}}", "{digits}"), ("}}{{", "}{"),
    ("{env:TARGET}", "{phone}"),
])
def test_text(monkeypatch, text, expected):
    monkeypatch.setenv("TARGET", "{phone}")
    assert substitute(text, WORDS.__getitem__) == expected


@pytest.mark.parametrize("text", ["{", "}", "{name", "a}b", "{{}", "{na{me}"])
def test_single_braces(text):
    with pytest.raises(PlaceholderError, match="Write"):
        substitute(text, WORDS.__getitem__)


def test_variables_that_are_not_set(monkeypatch):
    monkeypatch.setenv("TARGET", "phone")
    monkeypatch.delenv("TARGTE", raising=False)
    with pytest.raises(PlaceholderError, match=r"'TARGTE' is not set\. Did you mean TARGET\?"):
        substitute("{env:TARGTE}", WORDS.__getitem__)


def test_only_the_environment_deep_in_values(monkeypatch):
    monkeypatch.setenv("TARGET", "phone")
    value = {"a": ["{env:TARGET}/{name}", 3, None], "{env:TARGET}": r"\d{2}"}
    assert substitute_environment(value) == {"a": ["phone/{name}", 3, None], "{env:TARGET}": r"\d{2}"}


def test_names_in_a_text():
    assert placeholders_in("{a}-{{b}}-{env:C}") == {"a", "env:C"}
