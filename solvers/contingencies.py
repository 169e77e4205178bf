"""Few contingencies bind: the rows of the others stay out of the problem until a plan breaks one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from heatnet.formulation.extract import contingency_parts
from heatnet.formulation.model import Core
from solvers.highs import Session
from solvers.matrix import Array, Matrix

MISSING_MW = 1e-6
"""From here on a contingency is broken."""


@dataclass
class Contingencies:
    """The contingencies of a matrix, numbered by contingency and stage.

    `of_row`, `of_column`: number of the contingency that a row or a column is of, or −1; those of the `stages` of one
    loss follow each other. Those in `active` have their rows in the problem.
    """

    matrix: Matrix
    stages: int
    of_row: npt.NDArray[np.int32]
    of_column: npt.NDArray[np.int32]
    active: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, core: Core, matrix: Matrix) -> Contingencies:
        """Those of a matrix that a core is in, all left out."""
        return cls(
            matrix, len(core.case.years), contingency_parts(core, matrix.rows), contingency_parts(core, matrix.columns)
        )

    @property
    def left_out(self) -> set[int]:
        """Those whose rows are not in the problem."""
        return set(self.of_row[self.of_row >= 0].tolist()) - self.active

    def problem(self) -> Matrix:
        """The matrix without the rows of those left out: a relaxation."""
        return self.matrix.without_rows(np.isin(self.of_row, list(self.left_out)))

    def rows(self, numbers: Iterable[int]) -> tuple[csr_array, Array, Array]:
        """The rows of some of them with their least and largest values."""
        chosen = np.isin(self.of_row, list(numbers))
        return self.matrix.sparse().tocsr()[chosen], self.matrix.row_low[chosen], self.matrix.row_up[chosen]

    def broken(self, x: Array) -> set[int]:
        """Those that a point of the whole matrix pays for, and that are not in the problem."""
        pays = (self.of_column >= 0) & (self.matrix.cost > 0.0) & (x > MISSING_MW)
        return set(self.of_column[pays].tolist()) - self.active

    def paid_in(self, matrix: Matrix, session: Session) -> set[int]:
        """Those left out that the best point of a restriction pays for; it has the rows of all of them."""
        found = session.solve("contingencies", matrix, kind="neither")
        return self.broken(found.x) if found.x is not None else set()

    def in_all_stages(self, numbers: Iterable[int]) -> set[int]:
        """Some, and the same losses in all other stages."""
        return {number - number % self.stages + stage for number in numbers for stage in range(self.stages)}

    def activate(self, numbers: Iterable[int]) -> set[int]:
        """Put some into the problem; those that are new there."""
        new = set(numbers) - self.active
        self.active |= new
        return new
