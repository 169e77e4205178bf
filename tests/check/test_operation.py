"""The judge on the operation: rows, corners, commitment, lines, stores and balances, by hand on the hamlet.

Sensitivity. Without each of these would go unnoticed:
- each row of BREAKS: that its law does not look at what the change breaks.
- pump power: a curve that is not straight between its points.
"""

from __future__ import annotations

import pandas as pd
import pytest

from check.hamlet import Answer, hamlet
from check.sheet import Breaks, Change, assert_broken_alone, laws
from heatnet.check import check
from heatnet.instance import Instance
from heatnet.physics.pipes import capacity_mw, pump_curve

breaks = Breaks()


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The hamlet."""
    return hamlet()


@breaks("operation.rows")
def a_row_missing(a: Answer) -> None:
    a.values = a.values.drop((2022, 7, 6, "unit", "spare", "heat_mw"))


@breaks("operation.rows")
def a_row_twice(a: Answer) -> None:
    a.values = pd.concat([a.values, a.values.iloc[:1]])


@breaks("operation.rows")
def a_row_without_number(a: Answer) -> None:
    a.one(2022, 7, 6, "unit", "spare", fuel_mw=float("nan"))


@breaks("operation.rows")
def an_infinite_number(a: Answer) -> None:
    a.one(2022, 7, 6, "unit", "spare", heat_mw=float("inf"))


@breaks("operation.rows")
def a_quantity_that_is_none(a: Answer) -> None:
    a.one(2022, 7, 6, "unit", "spare", steam_mw=1.0)


@breaks("operation.rows")
def starts_of_a_unit_that_is_not_hourly(a: Answer) -> None:
    a.one(2022, 7, 6, "unit", "spare", starts=0.0)


@breaks("operation.rows")
def unserved_heat_where_there_is_no_demand(a: Answer) -> None:
    a.one(2022, 7, 6, "node", "C", unserved_mw=1.0)


@breaks("operation.rows")
def an_hour_within_a_step(a: Answer) -> None:
    a.one(2022, 7, 7, "unit", "spare", heat_mw=1.0)


@breaks("operation.rows")
def a_day_that_is_none(a: Answer) -> None:
    a.one(2022, 8, 6, "unit", "spare", heat_mw=1.0)


@breaks("operation.corners")
def a_corner_below_zero(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "boil", corner_zero_machines=-0.1, machines_on=0.5)


@breaks("operation.corners")
def machines_that_are_at_no_corner(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "boil", machines_on=0.7)


@breaks("operation.corners")
def heat_that_no_corner_makes(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "boil", heat_mw=18.01)
    a.one(2020, 9, 0, "node", "B", spill_mw=0.01)


@breaks("operation.corners")
def power_that_no_corner_makes(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "chp", power_mw=45.1)


@breaks("operation.corners")
def fuel_that_no_corner_burns(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "chp", fuel_mw=124.0)


@breaks("operation.on")
def more_machines_on_than_there_are(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "boil", corner_zero_machines=1.5, machines_on=2.1)


@breaks("operation.on")
def half_a_machine_on(a: Answer) -> None:
    a.chp(2020, 7, 12, 0.0, 0.5)


@breaks("operation.on")
def a_day_of_a_daily_machine_in_parts(a: Answer) -> None:
    a.one(2022, 7, 18, "unit", "hp", corner_min_machines=1, machines_on=1, heat_mw=4, power_mw=-2)
    a.one(2022, 7, 18, "node", "B", spill_mw=4)


@breaks("operation.on")
def half_a_daily_machine(a: Answer) -> None:
    a.put(2022, 7, "unit", "hp", corner_min_machines=[0.5] * 4, machines_on=[0.5] * 4, heat_mw=[2] * 4)
    a.put(2022, 7, "unit", "hp", power_mw=[-1] * 4)
    a.put(2022, 7, "node", "B", spill_mw=[3.6, 3.6, 2, 2])


@breaks("operation.starts")
def a_start_not_told(a: Answer) -> None:
    a.one(2020, 7, 0, "unit", "chp", starts=0.0)


@breaks("operation.starts")
def starts_below_zero(a: Answer) -> None:
    a.one(2020, 7, 18, "unit", "chp", starts=-0.5)


@breaks("operation.starts")
def starts_below_zero_where_a_machine_stops(a: Answer) -> None:
    a.one(2020, 7, 12, "unit", "chp", starts=-0.5)


@breaks("operation.min_up")
def a_run_too_short(a: Answer) -> None:
    a.chp(2022, 7, 6, 0, 0)
    a.boil(2022, 7, 6, 28.4)  # 27 + 0.7 + 0.7 to A
    a.one(2022, 7, 6, "node", "B", spill_mw=0)
    a.one(2022, 7, 6, "pipe", "ab/big", flow_mw=-0.7)
    a.one(2022, 7, 6, "pipe", "ab2/big", flow_mw=0)


@breaks("operation.min_down")
def a_rest_too_short(a: Answer) -> None:
    a.chp(2022, 9, 12, 0, 0)
    a.boil(2022, 9, 12, 42.4)  # 48 + 0.7 + 0.7 to A - 7
    a.one(2022, 9, 12, "pipe", "ab/big", flow_mw=-0.7)
    a.one(2022, 9, 12, "pipe", "ab2/big", flow_mw=0)
    a.one(2022, 9, 18, "unit", "chp", starts=1)


@breaks("operation.station")
def more_heat_than_the_station(a: Answer) -> None:
    a.boil(2020, 9, 0, 20.5, "spare")
    a.one(2020, 9, 0, "node", "C", spill_mw=20.5)


@breaks("operation.line_capacity")
def more_flow_than_the_line(a: Answer) -> None:
    a.one(2022, 9, 0, "pipe", "ab/big", flow_mw=240, pump_mw=9)
    a.one(2022, 9, 0, "pipe", "ab2/big", flow_mw=19.3 - 200, pump_mw=9)


@breaks("operation.pump")
def water_that_flows_by_itself(a: Answer) -> None:
    a.one(2022, 9, 0, "pipe", "ab/big", pump_mw=0)


@breaks("operation.store_level")
def heat_from_nowhere_in_the_store(a: Answer) -> None:
    a.one(2022, 9, 12, "store", "tank", level_mwh=1.0)


@breaks("operation.store_size")
def a_store_too_full(a: Answer) -> None:
    # 40 = 40 / 64 + 6 · 0.5 · 13.125
    a.put(2022, 9, "store", "tank", level_mwh=[40] * 4, charge_mw=[13.125] * 4)
    for hour, heat in zip(a.hours, (3.4, 3.4, 12.4, 12.4), strict=True):
        a.boil(2022, 9, hour, heat + 13.125)


@breaks("operation.store_size")
def a_store_below_empty(a: Answer) -> None:
    # -4 = -4 / 64 - 6 · 0.65625
    a.put(2022, 9, "store", "tank", level_mwh=[-4] * 4, discharge_mw=[0.65625] * 4)
    a.put(2022, 9, "node", "B", spill_mw=[0.65625] * 4)


@breaks("operation.store_power")
def a_store_too_fast(a: Answer) -> None:
    a.one(2022, 9, 0, "store", "tank", charge_mw=15.1, discharge_mw=7.55)
    a.boil(2022, 9, 0, 3.4 + 7.55)


@breaks("operation.store_power")
def a_store_run_backwards(a: Answer) -> None:
    a.one(2022, 9, 0, "store", "tank", charge_mw=-1, discharge_mw=-0.5)
    a.boil(2022, 9, 0, 2.9)


@breaks("operation.balance")
def heat_that_is_lost(a: Answer) -> None:
    a.one(2022, 9, 0, "node", "B", spill_mw=0.001)


@breaks("operation.unserved")
def unserved_below_zero(a: Answer) -> None:
    a.one(2022, 9, 0, "node", "B", unserved_mw=-1)
    a.boil(2022, 9, 0, 4.4)
    a.set("districts", (2022, "B"), unserved_mwh=-6.0)


@breaks("operation.unserved")
def unserved_above_the_demand(a: Answer) -> None:
    a.one(2022, 7, 12, "node", "B", unserved_mw=19)
    a.boil(2022, 7, 12, 0.4)
    a.set("districts", (2022, "B"), unserved_mwh=19 * 12.0)


@breaks("operation.spill")
def spill_below_zero(a: Answer) -> None:
    a.one(2022, 9, 0, "node", "B", spill_mw=-1)
    a.boil(2022, 9, 0, 2.4)


@pytest.mark.parametrize(("law", "change"), breaks.rows)
def test_each_law_is_seen_when_broken_alone(instance: Instance, law: str, change: Change) -> None:
    """One change, one law."""
    assert_broken_alone(instance, Answer(), law, change)


@pytest.mark.parametrize(("less", "expected"), [(0.0, set()), (1e-3, {"operation.pump"})])
def test_pump_power_is_straight_between_the_points_of_the_curve(
    instance: Instance, less: float, expected: set[str]
) -> None:
    flow = 0.625 * capacity_mw(500, 2, 110, 50)  # half way between the points at 50 and 75 %
    curve = pump_curve(500, 2, 0.1)
    answer = Answer()
    answer.one(2022, 9, 0, "pipe", "ab/big", flow_mw=flow, pump_mw=10 * (curve[1] + curve[2]) / 2 - less)
    answer.one(2022, 9, 0, "pipe", "ab2/big", flow_mw=59.3 - flow)
    assert laws(check(instance, answer.solution)) == expected
