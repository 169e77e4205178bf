"""What may be lost in the design hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from heatnet.check.facts.arrays import table

if TYPE_CHECKING:
    from heatnet.check.facts.lines import Lines
    from heatnet.check.facts.units import Units
    from heatnet.check.findings import Array
    from heatnet.instance import Instance
    from heatnet.instance.records import Contingency


@dataclass(frozen=True)
class Contingencies:
    """What each contingency leaves of units and lines: shares, with an axis of contingencies and one of things."""

    ids: list[str]
    units_left: Array
    lines_left: Array

    @classmethod
    def of(cls, instance: Instance, lines: Lines, units: Units) -> Contingencies:
        """The contingencies of an instance."""
        rows = instance.contingencies

        def left(row: Contingency, hit: list[bool]) -> list[float]:
            return [1.0 - row.lost_share if one else 1.0 for one in hit]

        names = [lines.pipe_ids[k] for k in lines.pipe]
        return cls(
            [row.id for row in rows],
            table(
                [left(row, [u.id == row.unit or u.node == row.node for u in units.rows]) for row in rows],
                len(units.ids),
            ),
            table([left(row, [name == row.pipe for name in names]) for row in rows], len(names)),
        )
