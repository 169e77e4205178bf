"""The file of runs: appended to by one process, and read whatever a kill left of it.

Sensitivity:
- round trip: a field that is not written, or not read, would come back as its default.
- cut: a file that ends in the middle of a line would be refused, or lose a run; what comes next would stick to it.
- end of line: a whole last line without its end would be lost, or joined to the next.
- damaged: a line in the middle that is no run would end the reading, or be dropped in silence.
- foreign: a file of something else would be cut to nothing.
- locked: two suites would write into one file.
- latest: an earlier run with the same seed, or one that was not started, would count.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from heatnet.bench import records
from heatnet.bench.records import Run
from heatnet.errors import UsageError

BEGUN = datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC)


def a_run(**changes: Any) -> Run:
    """A run of some city that ended well, with changes."""
    fields: dict[str, Any] = {
        "suite": "Suite",
        "name": "one",
        "begun": BEGUN,
        "commit": "c0ffee",
        "dirty": False,
        "code_sha256": "ab" * 32,
        "versions": {"python": "3.11"},
        "machine": {"system": "Linux", "processor": "P", "cores": 2, "memory_mb": 8000},
        "instance": "city",
        "instance_sha256": "cd" * 32,
        "schedule": None,
        "solver": "monolithic",
        "options": {"solver": "auto"},
        "options_sha256": "ef" * 32,
        "threads": 2,
        "seed": 0,
        "time_cap_s": 60.0,
        "memory_cap_mb": 1000.0,
        "status": "optimal",
        "wall_s": 2.5,
        "seconds": {"solve": 1.0, "total": 2.0},
        "peak_rss_mb": 100.0,
        "days": 1,
        "step_hours": 24,
        "cost": 10.0,
        "bound": 10.0,
        "gap": 0.0,
        "trace": ((0.5, None, 8.0), (1.0, 10.0, 10.0)),
    }
    return Run(**{**fields, **changes})


def written(path: Path, *runs: Run) -> Path:
    """A file with runs."""
    with records.opened(path) as journal:
        for run in runs:
            journal.append(run)
    return path


def test_round_trip(tmp_path: Path) -> None:
    runs = (a_run(), a_run(seed=1, status="time_cap", cost=None, reason="killed after 60 s"))
    assert records.read(written(tmp_path / "runs.jsonl", *runs)) == records.Records(runs)


@pytest.mark.parametrize("left", [5, 100, 700])
def test_cut_line(tmp_path: Path, left: int) -> None:
    path = written(tmp_path / "runs.jsonl", a_run(), a_run(seed=1))
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:left])
    found = records.read(path)
    assert found.runs == (a_run(),)
    assert found.faults == (f"{path}: its last line is cut and left out; runs kept: 1.",)
    with records.opened(path) as journal:
        assert journal.faults == found.faults
        journal.append(a_run(seed=2))
    assert records.read(path) == records.Records((a_run(), a_run(seed=2)))


def test_whole_line_without_its_end(tmp_path: Path) -> None:
    path = written(tmp_path / "runs.jsonl", a_run())
    path.write_bytes(path.read_bytes().rstrip())
    written(path, a_run(seed=1))
    assert records.read(path) == records.Records((a_run(), a_run(seed=1)))


def test_damaged_line(tmp_path: Path) -> None:
    path = written(tmp_path / "runs.jsonl", a_run(), a_run(seed=1))
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + b'{"suite": 3}\n' + second)
    assert records.read(path) == records.Records(
        (a_run(), a_run(seed=1)), (f"{path}: line 2 is no run and is left out.",)
    )


@pytest.mark.parametrize("content", [b"id,name\n1,one\n", b"\x89PNG\r\n\x1a\n", b"notes"])
def test_foreign_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    for use in (records.read, lambda file: records.opened(file).__enter__()):
        with pytest.raises(UsageError, match=r"holds no runs of `heatnet bench run`"):
            use(path)
    assert path.read_bytes() == content


def test_locked(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    with records.opened(path), pytest.raises(UsageError, match="another `heatnet bench run` writes it"):
        written(path, a_run())
    assert path.read_bytes() == b""
    written(path, a_run())
    assert records.read(path).runs == (a_run(),)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        records.read(tmp_path / "none.jsonl")


def test_latest() -> None:
    """Of two runs with seed 0 the last, beside that with seed 1; what was skipped is none."""
    runs = [a_run(cost=11.0), a_run(seed=1), a_run(), a_run(seed=2, status="skipped"), a_run(options_sha256="0")]
    assert records.latest(runs) == {
        runs[0].identity: [a_run(), a_run(seed=1)],
        runs[-1].identity: [runs[-1]],
    }


def test_times_of_the_trace() -> None:
    """The first plan comes after 1 s, with the proof of any gap."""
    assert a_run().first_plan_s == 1.0
    assert a_run().gap_after_s(0.0) == 1.0
    assert a_run(trace=((0.5, None, 8.0),)).first_plan_s is None
    assert a_run(trace=((0.5, 10.0, 9.0), (2.0, 10.0, 9.6))).gap_after_s(0.05) == 2.0
