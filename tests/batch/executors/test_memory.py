"""How much memory jobs take, and how much there is, below the limits of containers too."""

import psutil

from exporter.batch.executors import memory
from exporter.batch.executors.memory import available_memory, cgroup_memory, estimate
from tests.batch.executors import jobs

MB, GB = 1 << 20, 1 << 30


def make_group(folder, limit, used, cache, names=("memory.max", "memory.current", "inactive_file")):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\n{names[2]} {cache}\n")


def test_an_estimate_covers_what_was_measured():
    """Checkpoint and measured peak, verified and not: small CNN, ResNet-50, VGG-16."""
    for size, verified, unverified in ((14, 155, 33), (97, 766, 58), (527, 3749, 36)):
        assert verified * MB <= estimate(jobs.job("", size * MB)) <= 1.5 * verified * MB
        assert unverified * MB <= estimate(jobs.job("", size * MB, verify=False)) <= estimate(jobs.job("", size * MB))


def test_limits_of_control_groups_count_with_what_is_used_below_them(tmp_path):
    (tmp_path / "own").write_text("0::/slurm/job_7\n")
    make_group(tmp_path / "cgroup" / "slurm", 9 * GB, 4 * GB, 1 * GB)
    make_group(tmp_path / "cgroup" / "slurm" / "job_7", "max", 3 * GB, 0)
    assert cgroup_memory(tmp_path / "cgroup", tmp_path / "own") == [6 * GB]


def test_so_do_those_of_version_1(tmp_path):
    (tmp_path / "own").write_text("5:cpu:/docker/1\n4:memory:/docker/1\n0::/\n")
    make_group(tmp_path / "memory" / "docker" / "1", 2 * GB, 1 * GB, 0,
               ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"))
    assert cgroup_memory(tmp_path, tmp_path / "own") == [1 * GB]


def test_a_container_sees_its_limit_at_the_root(tmp_path):
    (tmp_path / "own").write_text("0::/a/path/of/the/host\n")
    make_group(tmp_path / "cgroup", 2 * GB, 1 * GB, 0)
    assert cgroup_memory(tmp_path / "cgroup", tmp_path / "own") == [1 * GB]


def test_the_smaller_of_machine_and_limit_counts(tmp_path, monkeypatch):
    assert 0 < available_memory() <= psutil.virtual_memory().total
    monkeypatch.setattr(memory, "cgroup_memory", list)
    assert available_memory() > 0
    monkeypatch.setattr(memory, "cgroup_memory", lambda: [17])
    assert available_memory() == 17


def test_systems_without_control_groups_have_no_such_limits(tmp_path):
    assert cgroup_memory(tmp_path, tmp_path / "missing") == []
