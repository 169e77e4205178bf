"""What a suite asks for, run by run: instances read or generated, and hashed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import heatnet
from heatnet import generate
from heatnet.bench.setting import sources_sha256
from heatnet.bench.suite import City, Entry, Street

Tell = Callable[[str], None]
"""Called with sentences for whoever watches."""


@dataclass(frozen=True)
class Job:
    """A run to be made: what the suite says, the instance with its hash under the schedule, and the seed."""

    entry: Entry
    instance: Path | None
    sha256: str | None
    seed: int

    @property
    def arguments(self) -> tuple[str, ...]:
        """Options of `heatnet solve`, but for those that name folders."""
        entry = self.entry
        told = {
            "--schedule": entry.schedule,
            "--solver": entry.solver,
            "--days": entry.days,
            "--step-hours": entry.step_hours,
            "--gap": entry.gap,
            "--threads": entry.threads,
            "--seed": self.seed,
            "--time-limit": entry.time_limit_s,
        }
        return tuple(word for name, value in told.items() if value is not None for word in (name, str(value)))


def default_cache() -> Path:
    """Where generated instances are kept for the next suite."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "heatnet" / "instances"


def jobs(entries: tuple[Entry, ...], suite: Path, cache: Path, tell: Tell) -> Iterator[Job]:
    """The runs of entries, their instances seen from the folder `suite` or generated into `cache`.

    Raises InstanceError for one that is not valid, UsageError for a schedule that it does not have.
    """
    known: dict[Path, heatnet.Instance] = {}
    for entry in entries:
        folder = suite / entry.instance if entry.instance is not None else None
        asked = entry.city or entry.street
        if asked is not None:
            folder = _generated(asked, cache, tell)
        sha256 = None
        if folder is not None:
            if folder not in known:
                known[folder] = heatnet.read(folder)
            sha256 = known[folder].with_schedule(entry.schedule).sha256
        for repeat in range(entry.repeats):
            yield Job(entry, folder, sha256, entry.seed + repeat)


def _generated(asked: City | Street, cache: Path, tell: Tell) -> Path:
    """The folder of a generated instance; made where the cache has none of this generator and these arguments."""
    kind = type(asked).__name__.lower()
    made_by = sources_sha256([Path(generate.__file__).parent])
    versions = [importlib.metadata.version(name) for name in ("numpy", "scipy")]
    arguments = asked.model_dump()
    digest = hashlib.sha256(json.dumps([arguments, made_by, versions]).encode()).hexdigest()[:12]
    size = asked.nodes if isinstance(asked, City) else asked.pipes
    folder = cache / f"{kind}-{size}-{digest}"
    if not folder.exists():
        tell(f"generates a {kind} of {size} {'nodes' if isinstance(asked, City) else 'pipes'}")
        made = generate.city(**arguments) if isinstance(asked, City) else generate.street(**arguments)
        with generate.reserved(folder, force=True) as hidden:
            generate.save(made, hidden)
    return folder
