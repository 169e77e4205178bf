"""The fingerprint of a model: a hash of all its numbers, and a table by family that says where a change is.

Written of a model are its columns (name, bounds, whole or not, cost) and its rows (family, right sides, coefficients by
the names of their columns), sorted, numbers to twelve digits. Rows go without their index, as some are numbered as they
come; columns that are numbered so are named by the rows that they stand in. So neither the order of parts nor what a
machine does to the last digits shows.
"""

from __future__ import annotations

import hashlib
import math
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import numpy as np
from check.town import town
from check.valley import valley
from conftest import TUTORIAL, tiny
from instance.conftest import FILES

from heatnet.formulation.build import build
from heatnet.formulation.model import Model
from heatnet.instance import Instance, read
from heatnet.instance.series import TimeGrid
from solvers.matrix import Matrix, compile_model

FOLDER = Path(__file__).parent
ROWS = ("constraints", "rows", "nonzeros", "sum of coefficients", "sum of right sides", "hash")
COLUMNS = ("variables", "columns", "integers", "sum of objective", "sum of bounds", "hash")


def rich() -> Instance:
    """The instance with every table and column in use."""
    with tempfile.TemporaryDirectory() as place:
        folder = tiny(Path(place))
        for name, text in FILES.items():
            (folder / name).write_text(text, encoding="utf-8")
        return read(folder)


CASES: dict[str, tuple[Callable[[], Instance], int, int]] = {
    "tutorial": (lambda: read(TUTORIAL), 1, 24),
    "town": (town, 2, 12),  # heat pumps, availability, conversions, pollutants, firm power, contingencies
    "valley": (valley, 2, 12),  # modes, reserve, groups, ramps, regimes, delay, pit, envelopes, connections
    "rich": (rich, 2, 6),  # all of that at once, with limits
}
"""Instances, and the number of days and hours of a step that their models have."""


@cache
def model(name: str) -> Model:
    """The model of a case, kept: rows and columns lose their names with it."""
    make, days, step_hours = CASES[name]
    return build(TimeGrid.choose(make(), days, step_hours))


def matrix(name: str) -> Matrix:
    """The model of a case as arrays."""
    compiled = compile_model(model(name).pyomo)
    assert compiled is not None
    return compiled


def fingerprint(of: Matrix) -> str:
    """The text of a fingerprint: the hash of all, then a line for each family of constraints and of variables."""
    names = _names(of)
    rows, columns, by_row = defaultdict(list), defaultdict(list), defaultdict(list)
    for (family, low, up), terms in _rows(of):
        parts = sorted(f"{value!r} {names[column]}" for value, column in terms)
        rows[family].append(" ".join([family, *_told(low, up), *parts]))
        right = up if math.isinf(low) else low
        by_row[family].append((len(terms), math.fsum(value for value, _ in terms), right))
    by_column = defaultdict(list)
    for name, low, up, whole, cost in zip(names, of.low, of.up, of.integer, of.cost, strict=True):
        columns[_family(name)].append(" ".join([name, *_told(low, up, cost), str(bool(whole))]))
        bounds = math.fsum(_rounded(value) for value in (low, up) if np.isfinite(value))
        by_column[_family(name)].append((int(whole), _rounded(cost), bounds))
    offset = _told(of.offset)
    whole_text = [line for lines in (*rows.values(), *columns.values()) for line in lines] + offset
    table = [("sha256", _hash(whole_text, 64)), ("constant of the objective", *offset)]
    for heading, lines, numbers in ((ROWS, rows, by_row), (COLUMNS, columns, by_column)):
        table += [(), heading]
        for family in sorted(lines):
            count, one, other = (math.fsum(part) for part in zip(*numbers[family], strict=True))
            sums = (f"{count:.0f}", *(f"{round(value, 9):.9g}" for value in (one, other)))
            table.append((family, str(len(lines[family])), *sums, _hash(lines[family], 12)))
    return "".join(_line(cells) for cells in table)


def _rows(of: Matrix) -> Iterable[tuple[tuple[str, float, float], list[tuple[float, int]]]]:
    """Family, lower and upper side of each row, and its coefficients with their columns."""
    by_row = of.sparse().tocsr()
    for row, (low, up) in enumerate(zip(of.row_low, of.row_up, strict=True)):
        own = slice(by_row.indptr[row], by_row.indptr[row + 1])
        terms = zip(map(_rounded, by_row.data[own]), by_row.indices[own].tolist(), strict=True)
        yield (_family(of.rows[row].name), _rounded(low), _rounded(up)), list(terms)


def _names(of: Matrix) -> list[str]:
    """Names of the columns; for those numbered as they come, their family and a hash of their rows' other parts."""
    names = [column.name for column in of.columns]
    numbered = {k for k, name in enumerate(names) if re.search(r"\[\d+\]$", name)}
    signs = defaultdict(list)
    for head, terms in _rows(of):
        others = sorted(f"{value!r} {names[k]}" for value, k in terms if k not in numbered)
        for value, column in terms:
            signs[column].append(f"{value!r} of {head} {others}")
    return [f"{_family(name)}#{_hash(signs[k], 12)}" if k in numbered else name for k, name in enumerate(names)]


def _family(name: str) -> str:
    """`operation[2025,0].hull[chp,1]` → `operation.hull`, and `core.in_season#5f`, of `_names`, → `core.in_season`."""
    return re.sub(r"\[[^\]]*\]|#.*", "", name)


def _rounded(value: float) -> float:
    return float(f"{value:.12g}") + 0.0  # -0.0 is 0.0


def _told(*values: float) -> list[str]:
    return [repr(_rounded(value)) for value in values]


def _hash(lines: Iterable[str], digits: int) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:digits]


def _line(cells: tuple[str, ...]) -> str:
    first, *others = cells or ("",)
    return f"{first:<34}{''.join(f'{cell:>21}' for cell in others)}".rstrip() + "\n"
