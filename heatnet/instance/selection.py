"""Which units a rule of the instance speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from heatnet.instance.records import Corner, Selection, Technology, Unit

if TYPE_CHECKING:
    from heatnet.instance.instance import Tables


def selected(tables: Tables, selections: Sequence[Selection]) -> tuple[Unit, ...]:
    """The units that meet any of `selections`, in the order of the table; all units where there is no selection."""
    technologies = {row.id: row for row in tables.technologies}

    def meets_any(unit: Unit) -> bool:
        technology = technologies[unit.technology]
        power = power_mw(unit, technology, tables.capability)
        return any(_meets(unit, technology, power, selection) for selection in selections)

    return tuple(unit for unit in tables.units if not selections or meets_any(unit))


def power_mw(unit: Unit, technology: Technology, capability: Sequence[Corner]) -> float:
    """The most power that a machine of `unit` makes in the ordinary mode, MW; not above 0 where it makes none."""
    powers = [row.power_mw for row in capability if row.technology == technology.id and row.mode is None]
    return max(powers) * (unit.size_mw / technology.size_mw)


def _meets(unit: Unit, technology: Technology, power: float, selection: Selection) -> bool:
    """Whether a unit meets every condition of a selection."""
    commissioned, before = unit.commissioned_year, selection.commissioned_before
    return (
        (not selection.kinds or technology.kind in selection.kinds)
        and (not selection.technologies or technology.id in selection.technologies)
        and (not selection.units or unit.id in selection.units)
        and (not selection.nodes or unit.node in selection.nodes)
        and (not selection.owners or unit.owner in selection.owners)
        and (not selection.fuels or technology.fuel in selection.fuels)
        and (selection.power_below_mw is None or 0.0 < power < selection.power_below_mw)
        and (before is None or (commissioned is not None and commissioned < before))
        and (selection.retirement_due is None or unit.retirement_due == selection.retirement_due)
        and (selection.renewable is None or technology.renewable == selection.renewable)
    )
