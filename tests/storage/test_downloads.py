"""Downloading stored graphs and inputs."""

import pytest

from exporter.errors import GraphError, UsageError
from exporter.storage.downloads import download_directory, download_file, download_graph, download_inputs


def below(directory):
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def test_one_file(memory, tmp_path):
    memory.pipe({"/data/a b.npy": b"npy", "/data/a b.npy2": b""})
    assert download_file("memory://data/a b.npy", tmp_path).read_bytes() == b"npy"
    assert below(tmp_path) == ["a b.npy"]


def test_a_directory_with_all_below_it(memory, tmp_path):
    memory.pipe({"/m/net/saved_model.pb": b"pb", "/m/net/variables/variables.index": b"i", "/m/net2/x": b""})
    assert download_directory("memory://m/net/", tmp_path) == tmp_path / "net"
    assert below(tmp_path) == ["net/saved_model.pb", "net/variables/variables.index"]


@pytest.mark.parametrize("download", [download_file, download_directory, download_inputs])
def test_what_is_not_there(memory, tmp_path, download):
    memory.pipe({"/data/ab": b""})
    with pytest.raises(UsageError, match="memory://data/a"):
        download("memory://data/a", tmp_path)


def test_inputs_are_a_file_or_a_folder_that_is_not_too_large(memory, tmp_path):
    memory.pipe({f"/images/{number}.png": b"png" for number in range(1000)})
    assert len(below(download_inputs("memory://images", tmp_path))) == 1000
    memory.pipe({"/images/more.png": b"png"})
    assert download_inputs("memory://images/more.png", tmp_path / "one") == tmp_path / "one" / "more.png"
    with pytest.raises(UsageError, match="holds 1,001 files; 1,000 are allowed"):
        download_inputs("memory://images", tmp_path)


@pytest.fixture
def graphs(memory):
    values = {f"/runs/{prefix}{suffix}": b"x" for prefix in ("net", "net-1") for suffix in (
        ".meta", ".index", ".data-00000-of-00001")}
    memory.pipe({**values, "/runs/frozen.pb": b"pb", "/runs/v1": b"v1", "/runs/v1.meta": b"m", "/runs/alone.meta": b"m",
                 "/runs/saved/saved_model.pb": b"pb", "/runs/saved/variables/variables.index": b"i"})
    return "memory://runs"


@pytest.mark.parametrize(("name", "with_values", "result", "files"), [
    ("net.meta", False, "net.meta", ["net.meta"]),
    ("net.meta", True, "net.meta", ["net.data-00000-of-00001", "net.index", "net.meta"]),
    ("net", True, "net.meta", ["net.data-00000-of-00001", "net.index", "net.meta"]),
    ("v1", True, "v1.meta", ["v1", "v1.meta"]), ("v1", False, "v1.meta", ["v1.meta"]),
    ("alone.meta", True, "alone.meta", ["alone.meta"]), ("frozen.pb", True, "frozen.pb", ["frozen.pb"]),
    ("saved", False, "saved", ["saved/saved_model.pb", "saved/variables/variables.index"]),
    ("saved/saved_model.pb", False, "saved/saved_model.pb", ["saved/saved_model.pb", "saved/variables/variables.index"])])
def test_graphs_with_the_values_that_are_needed(graphs, tmp_path, name, with_values, result, files):
    assert download_graph(f"{graphs}/{name}", tmp_path, with_values) == tmp_path / result
    assert below(tmp_path) == files


@pytest.mark.parametrize("name", ["nowhere", "nowhere.meta", ""])
def test_what_is_no_graph(graphs, tmp_path, name):
    with pytest.raises(GraphError, match="There is no graph memory://runs"):
        download_graph(f"{graphs}/{name}", tmp_path, True)
