"""The model of a few instances, number by number, against what it was when somebody last said that it was meant.

Sensitivity. Without each of these would go unnoticed:
- model: a row, coefficient, bound, right side, price or whole number that changes with a rewriting that should change
  none, where no optimum of the other tests happens to move.
- every part: a table of the instance, a kind of rule or a limited quantity that no fingerprint looks at.
- order and last digits: fingerprints that differ from machine to machine, and are written again without a look.
- small changes: a fingerprint that leaves out a kind of number.
- seed of hashes: a model, or a fingerprint, that depends on the order of a set; and a command that cannot be run.
- message: a difference that is not told by family, or without the way to take it over.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fingerprints.compare import ADVICE, difference, told
from fingerprints.model import CASES, fingerprint, matrix
from heatnet.instance import records
from solvers.matrix import Matrix

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def valley() -> Matrix:
    """The model of the valley."""
    return matrix("valley")


@pytest.mark.parametrize("name", CASES)
def test_model(name: str) -> None:
    """The model is that of its fingerprint."""
    if text := difference(name):
        pytest.fail(text, pytrace=False)


def test_every_part() -> None:
    """All tables, kinds of rules and devices of the header are in some model."""
    instances = [make() for make, _, _ in CASES.values()]
    assert [table for table in records.TABLES if not any(getattr(instance, table) for instance in instances)] == []
    rules = [rule for instance in instances for rule in instance.header.rules if rule.enabled]
    assert {rule.kind for rule in rules} == {"retired_share", "no_new", "yearly_limit"}
    assert any(instance.header.security for instance in instances)
    assert any(store.seasonal for instance in instances for store in instance.stores)
    assert any(pipe.delay_h for instance in instances for pipe in instance.pipes)
    assert any(len(zone.regimes) > 1 for instance in instances for zone in instance.zones)


def turned(model: Matrix) -> Matrix:
    """The same model with rows and columns in the opposite order, and all numbers off by two in the 16th digit."""
    sparse = model.sparse()[::-1, ::-1].tocsc()
    sparse.sort_indices()
    names = ("cost", "low", "up", "row_low", "row_up")
    numbers = {name: getattr(model, name)[::-1] * (1 + 2e-16) for name in names}
    integer, columns, rows = model.integer[::-1], model.columns[::-1], model.rows[::-1]
    return Matrix(
        **numbers,
        offset=model.offset,
        start=sparse.indptr,
        index=sparse.indices,
        value=sparse.data * (1 + 2e-16),
        integer=integer,
        columns=columns,
        rows=rows,
    )


def test_order_and_last_digits(valley: Matrix) -> None:
    """The order of rows and columns, and the last digits, do not show."""
    assert fingerprint(turned(valley)) == fingerprint(valley)


@pytest.mark.parametrize("part", ["cost", "low", "up", "row_low", "row_up", "value", "integer", "offset"])
def test_small_changes(valley: Matrix, part: str) -> None:
    """One number of any kind, changed by a part in 10⁹, shows."""
    before = getattr(valley, part)
    if part == "offset":
        after = before * (1 + 1e-9)
    else:
        after = before.copy()
        place = np.flatnonzero(np.isfinite(after) & (after != 0))[-1]
        after[place] = not after[place] if part == "integer" else after[place] * (1 + 1e-9)
    assert fingerprint(replace(valley, **{part: after})) != fingerprint(valley)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_seed_of_hashes(seed: str) -> None:
    """The command finds the same in a process with another seed of hashes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fingerprints"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    differences = "".join(map(difference, CASES))
    said = differences or "The models are those of the fingerprints."
    assert (done.returncode, done.stdout) == (int(bool(differences)), said + "\n"), done.stderr


def test_message(valley: Matrix) -> None:
    """A pipe's price is told in the line of its family and in the hash of all, in no other, with the way on."""
    cost = valley.cost.copy()
    (first, *_) = (k for k, column in enumerate(valley.columns) if column.name.startswith("core.new_pairs["))
    cost[first] += 1.0
    text = told("valley", fingerprint(valley), fingerprint(replace(valley, cost=cost)))
    lines = [line for line in text.splitlines() if line[0] in "-+" and line[:3] not in ("---", "+++")]
    assert [line.split()[0] for line in lines] == ["-sha256", "+sha256", "-core.new_pairs", "+core.new_pairs"]
    before, after = (float(line.split()[3]) for line in lines[2:])
    assert after - before == pytest.approx(1.0, abs=1e-6)
    assert text.endswith(ADVICE)
    assert "python -m tests.fingerprints --write" in ADVICE
