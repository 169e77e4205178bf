"""What a measurement was taken of and on: the code with its commit, the versions beneath it, the machine."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

import heatnet
from heatnet.solve import versions


@dataclass(frozen=True)
class Setting:
    """The same for all runs of one call. `commit` is None where the code is not of a repository.

    `code_sha256` is of the source files of heatnet and of its strategies: the same code, the same figures, whatever
    else a commit changed.
    """

    commit: str | None
    dirty: bool
    code_sha256: str
    versions: dict[str, str]
    machine: dict[str, str | int]

    @classmethod
    def here(cls) -> Setting:
        """That of this process."""
        package = Path(heatnet.__file__).parent
        tracked = _git(package, "ls-files", "--error-unmatch", "__init__.py")  # not one that lies in somebody's .venv
        commit = _git(package, "rev-parse", "HEAD") if tracked else ""
        dirty = bool(commit and _git(package.parent, "status", "--porcelain", "--", "heatnet", "solvers", "instances"))
        return cls(commit or None, dirty, sources_sha256(_packages()), versions(), _machine())

    @property
    def sentence(self) -> str:
        """Commit, machine and versions, for the head of a page."""
        commit = (self.commit or "unknown")[:9] + (" with changes" if self.dirty else "")
        machine, names = self.machine, ", ".join(f"{name} {version}" for name, version in self.versions.items())
        memory = float(machine["memory_mb"]) / 1000
        hardware = f"{machine['cores']} cores ({machine['processor']}), {memory:.0f} GB, {machine['system']}"
        return f"commit {commit}, {hardware}; {names}."


def sources_sha256(folders: Iterable[Path]) -> str:
    """Hash of the sources and tables in some folders: their names and their bytes."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".csv")):
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _packages() -> list[Path]:
    found = [Path(heatnet.__file__).parent]
    spec = importlib.util.find_spec("solvers")
    return found + [Path(place) for place in (spec and spec.submodule_search_locations) or ()]


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    except OSError:  # no git
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _machine() -> dict[str, str | int]:
    return {
        "system": platform.system(),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_mb": round(psutil.virtual_memory().total / 1e6),
    }


def _processor() -> str:
    """The name that Linux tells; elsewhere the architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
