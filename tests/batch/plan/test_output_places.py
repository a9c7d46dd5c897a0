"""Places that get into each other's way."""

import pytest

from exporter.batch.plan.output_places import Conflict, Places, conflicts


def found(outputs, inputs=()):
    return list(conflicts(outputs, inputs))


def test_equal_places():
    assert found(["/a", "/b", "/a", "/a"]) == [Conflict(0, 2, True, False), Conflict(0, 3, True, False)]


def test_nested_places_name_the_nearest_around():
    assert found(["/a/b/c", "/a", "/a/b"]) == [Conflict(1, 2, False, False), Conflict(2, 0, False, False)]


def test_names_that_begin_alike_are_not_nested():
    assert found(["/a", "/ab", "/a-b", "/a.b", "/a b", "/b/a"]) == []


def test_what_is_read_may_lie_beside_but_not_within():
    assert found(["/a", "/b/c"], ["/b", "/a/x", "/b/c"]) == [Conflict(0, 1, False, True), Conflict(1, 2, True, True)]
    assert found([], ["/a", "/a/b"]) == []


def test_the_root_holds_everything():
    assert found(["/", "/a"]) == [Conflict(0, 1, False, False)]


@pytest.mark.parametrize("spelling", ["real/x", "./real/x", "real/x/", "real//x", "link/x", "real/y/../x", "real/alias"])
def test_every_spelling_of_a_place_is_one(tmp_path, monkeypatch, spelling):
    (tmp_path / "real" / "y").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "alias").symlink_to("x")
    monkeypatch.chdir(tmp_path)
    assert Places().real(spelling) == str(tmp_path.resolve() / "real" / "x")


@pytest.mark.parametrize(("place", "real"), [
    (".", ""), ("..", ".."), ("sub/..", ""), ("file:///x/y", "/x/y"), ("S3://bucket/a/", "s3://bucket/a"),
])
def test_special_places(tmp_path, monkeypatch, place, real):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    expected = real if real.startswith(("/", "s3")) else str((tmp_path / real).resolve())
    assert Places().real(place) == expected
