"""Which units a selection is met by, on the rich instance.

Sensitivity, one sentence per test:
- conditions: a condition that is not looked at, or looked at in the wrong table, changes the units found.
- limits: a bound that counts when it is met exactly, or a year that is blank and counts, changes them.
- power: the power of another mode or of the technology's own size, instead of that of the unit, changes them.
- any, all: conditions of one selection that are met one at a time, or selections that must all be met, change them.
- nothing: an empty list of selections or an empty selection that finds no unit would switch a rule off.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heatnet.instance import Instance, read
from heatnet.instance.records import Selection
from heatnet.instance.selection import selected
from instance.faults import edit

ALL = ["D1-air", "D1-gas", "P1-chp", "P1-next", "P1-old", "P1-oven"]


def found(instance: Instance, *selections: dict[str, Any]) -> list[str]:
    return [unit.id for unit in selected(instance, [Selection(**selection) for selection in selections])]


@pytest.mark.parametrize(
    ("conditions", "units"),
    [
        ({"kinds": ("boiler", "heat_pump")}, ["D1-air", "D1-gas"]),
        ({"technologies": ("oven", "air")}, ["D1-air", "P1-oven"]),
        ({"units": ("P1-old", "P1-next")}, ["P1-next", "P1-old"]),
        ({"nodes": ("D1",)}, ["D1-air", "D1-gas"]),
        ({"owners": ("City Power",)}, ["P1-chp", "P1-old"]),
        ({"fuels": ("gas", "refuse")}, ["D1-gas", "P1-oven"]),
        ({"retirement_due": True}, ["P1-old"]),
        ({"retirement_due": False}, ["D1-air", "D1-gas", "P1-chp", "P1-next", "P1-oven"]),
        ({"renewable": True}, ["D1-air", "P1-oven"]),
        ({"renewable": False}, ["D1-gas", "P1-chp", "P1-next", "P1-old"]),
        # Of 2005, 1990 and 2015; the others have no year.
        ({"commissioned_before": 2015}, ["P1-chp", "P1-old"]),
        ({"commissioned_before": 2016}, ["P1-chp", "P1-old", "P1-oven"]),
        # An oven of 20 MW makes 2 · 2 MW, a set 50 MW; boilers and air pumps make none.
        ({"power_below_mw": 4}, []),
        ({"power_below_mw": 4.1}, ["P1-oven"]),
        ({"power_below_mw": 50}, ["P1-oven"]),
        ({"power_below_mw": 50.1}, ["P1-chp", "P1-next", "P1-old", "P1-oven"]),
        ({}, ALL),
    ],
    ids=str,
)
def test_conditions(rich_instance: Instance, conditions: dict[str, Any], units: list[str]) -> None:
    """Each condition finds the units that it is true of, in the order of the table."""
    assert found(rich_instance, conditions) == units


def test_power_is_of_the_ordinary_mode(rich_folder: Path) -> None:
    """More power in a mode that needs a retrofit does not make a set a larger one."""
    edit(rich_folder, "capability.csv", "chp,E,rotor,80,35,140", "chp,E,rotor,80,90,140")
    assert found(read(rich_folder), {"power_below_mw": 50.1}) == ["P1-chp", "P1-next", "P1-old", "P1-oven"]


def test_all_conditions_of_any_selection(rich_instance: Instance) -> None:
    """A unit meets one selection whole; a unit that meets two is found once."""
    old = {"technologies": ("chp",), "commissioned_before": 2000}
    assert found(rich_instance, old) == ["P1-old"]
    assert found(rich_instance, old, {"nodes": ("D1",)}, {"units": ("P1-old",)}) == ["D1-air", "D1-gas", "P1-old"]


def test_no_selection(rich_instance: Instance) -> None:
    """Where there is no selection, all units are meant."""
    assert found(rich_instance) == ALL
