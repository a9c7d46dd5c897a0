"""How much memory a job takes at its peak, and how much there is."""

from __future__ import annotations

from pathlib import Path

import psutil

from exporter.batch.job import Job

_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")

# Measured, job and verification process together beyond the server's pages, in MB (checkpoint: verified, not verified):
# small CNN (14): 155, 33; ResNet-50 (97): 766, 58; VGG-16 (527): 3,749, 36. Artifacts are written in pieces, but a stored
# graph, or one that is optimized, takes its weights into memory.
_BASE = 120 << 20
_COPIES, _VERIFIED_COPIES = 1.0, 7.0


def estimate(job: Job) -> int:
    """Returns the bytes that a job is going to take at its peak, with its verification process."""
    copies = _VERIFIED_COPIES if job.options.verify else _COPIES
    return _BASE + int(copies * job.checkpoint_size)


def available_memory() -> int:
    """Returns the bytes that this machine, or the container or batch system's limit, has left for more processes."""
    return min([int(psutil.virtual_memory().available), *cgroup_memory()])


def cgroup_memory(root: Path = _CGROUPS, own: Path = _OWN_CGROUP) -> list[int]:
    """Returns the bytes that are left below each limit on this process' control groups, of either version (Linux).

    Args:
        root: where the groups are mounted.
        own: lists the groups of this process.
    """
    left = []
    for line in own.read_text().splitlines() if own.is_file() else ():
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            mount = root / controllers
            group = mount / path.lstrip("/")
            left += [_left(folder, mount) for folder in {group, *group.parents, mount} if folder.is_relative_to(mount)]
    return [size for size in left if size is not None]


def _left(folder: Path, mount: Path) -> int | None:
    """What is below the limit of one group: its cache of files is given back where memory is needed."""
    names = ("memory.max", "memory.current", "inactive_file") if mount.name != "memory" else (
        "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    try:
        limit, used = (int((folder / name).read_text()) for name in names[:2])
        fields = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # there is no such group, or it has no limit ("max")
        return None
    return max(0, limit - used + int(fields.get(names[2], 0)))
