"""oemof.solph: three cases, told apart by their parameters. A time step is an hour of the season; a MW is its unit.

Extraction turbine and fixed-ratio plant (`variable_chp`). Heat and power are both wanted, too much of either costs
nothing. heatnet balances heat and sells power at a price.
- Extraction: with all power in condensation it makes power at gas_price / eta_full. That is the price of power in
  every hour where the power that must come with the heat is no more than what is wanted (checked); the demand for
  power at that price is the offset.
- Fixed ratio: both products follow the fuel. The demand that needs more fuel in an hour decides, the other is in
  excess. So the node's demand is fuel: what the larger of both needs, and the machine makes fuel of fuel.

Combined cycle plant with a slack (`generic_chp`). The machine's corners are those of the polygon of P and Q that the
case's rows leave with Y = 1. `hourly` commitment without minimum times is the case's Y. The price is on power made,
so wholesale is −price_el. heatnet may spill heat, the case may not, and here spilling pays, because more heat makes
less power. So every MWh of heat is charged more, of the machine and of the slack: demand at that price is a constant,
the offset, and what is spilt costs it, more than a MWh of it can save. The slack is a machine without limit.

Dispatch with a store (`storage_invest_tuple`). Power is heat. Wind and sun are machines whose share to be had follows
a column of the season, as the derating by a source temperature does (below 1, by 1 per kelvin: share = column). Gas
is a boiler at cost_per_el with a yearly limit on fuel. heatnet has no price on what goes through a store; in this
case it is so high that the store can save nothing (checked), so there is none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from heatnet.instance import records as r
from peers.conversion import (
    DAY_H,
    Conversion,
    MissingFeatureError,
    PeerError,
    Row,
    demand,
    frame,
    hourly,
    machine,
    node,
    origin,
    price,
    rows,
    setting,
)

UNIT = 1e6

MARKS = ("extraction_chp", "heat_slack_cost_per_mwh", "wind_capacity")
"""A parameter that each case has alone."""


def is_one(folder: Path, params: dict[str, Any]) -> bool:
    """Whether a folder is such a case."""
    return any(mark in params for mark in MARKS) and (folder / "timeseries.csv").exists()


def convert(folder: Path, params: dict[str, Any]) -> Conversion:
    """Its instance: one million is a million of the case's money."""
    series = rows(folder, "timeseries.csv")
    if not series:
        raise PeerError(f"{folder / 'timeseries.csv'}: has no rows.")
    if "extraction_chp" in params:
        return _two_plants(folder, params, series)
    if "wind_capacity" in params:
        return _dispatch(folder, params, series)
    return _with_slack(folder, params, series)


def _days(series: Sequence[Row]) -> int:
    return math.ceil(len(series) / DAY_H)


# --- extraction turbine and fixed ratio ----------------------------------------------------------------------


def _two_plants(folder: Path, params: dict[str, Any], series: Sequence[Row]) -> Conversion:
    days = _days(series)
    gas = setting(params, folder, "gas_price")
    extraction = setting(params, folder, "extraction_chp")
    power_out, heat_out = extraction["eta_el_max_extraction"], extraction["eta_th_max_extraction"]
    condensing = extraction["eta_el_full_condensation"]
    power = [row.number("demand_el") for row in series]
    heat = [row.number("demand_heat") for row in series]
    if any(q * power_out / heat_out > p for q, p in zip(heat, power, strict=True)):
        raise MissingFeatureError("a balance of power: here more power can come with the heat than is wanted.")
    worth = gas / condensing
    fixed_power = setting(params, folder, "fixed_chp", "eta_el")
    fixed_heat = setting(params, folder, "fixed_chp", "eta_th")
    fuel = [max(p / fixed_power, q / fixed_heat) for p, q in zip(power, heat, strict=True)]
    size = max(heat) / heat_out
    corners = {
        "condensing": (0.0, size * condensing, size),
        "extracting": (size * heat_out, size * power_out, size),
    }
    parts = [
        machine(folder, "extraction", "one", corners, size_mw=size * condensing, fuel="gas", kind="extraction"),
        machine(folder, "fixed", "two", {"full": (max(fuel), 0.0, max(fuel))}, size_mw=max(fuel), fuel="gas"),
    ]
    instance = frame(
        folder,
        nodes=[node(folder, "one", "plant"), node(folder, "two", "plant")],
        demands=[demand(folder, "one", max(heat), "heat_factor"), demand(folder, "two", max(fuel), "fuel_factor")],
        technologies=[technology for technology, _, _ in parts],
        capability=[corner for _, corners, _ in parts for corner in corners],
        units=[unit for _, _, unit in parts],
        fuels=[r.Fuel(id="gas", price_cur_per_mwh=price(gas, UNIT, 1), co2_t_per_mwh=0, source=origin(folder))],
        series={
            "heat_factor": hourly(heat, days, 1 / max(heat)),
            "fuel_factor": hourly(fuel, days, 1 / max(fuel)),
        },
        wholesale=hourly([price(worth, UNIT, 1)] * len(series), days),
        days=days,
        step_hours=1,
        unserved=price(100 * gas, UNIT, 1),
        shortfall=100 * gas / UNIT,
    )
    return Conversion(instance, UNIT, worth * sum(power))


# --- combined cycle with a slack -----------------------------------------------------------------------------

Point = tuple[float, float]


def region(plant: dict[str, float]) -> dict[str, tuple[float, float, float]]:
    """Corners (heat, power, fuel) of the plant while it runs, MW.

    With Q = heat, P = power, W = P + beta · Q the power without extraction: fuel H = a0 + a1 · W, W between its limits,
    P + Q + share of H in the flue gas + Q_CW_min ≤ H, Q and P not below 0.
    """
    low, high = plant["P_min_woDH"], plant["P_max_woDH"]
    least, most = low / plant["Eta_el_min_woDH"], high / plant["Eta_el_max_woDH"]
    a1 = (most - least) / (high - low)
    a0 = least - a1 * low
    beta, kept = plant["beta"], 1 - plant["H_L_FG_share_max"]
    # Half-planes x · Q + y · P ≤ z.
    sides = [
        (-beta, -1.0, -low),
        (beta, 1.0, high),
        (1 - kept * a1 * beta, 1 - kept * a1, kept * a0 - plant["Q_CW_min"]),
        (-1.0, 0.0, 0.0),
        (0.0, -1.0, 0.0),
    ]
    found: list[Point] = []
    for (x1, y1, z1), (x2, y2, z2) in combinations(sides, 2):
        by = x1 * y2 - x2 * y1
        if abs(by) < 1e-12:
            continue
        q, p = (z1 * y2 - z2 * y1) / by, (x1 * z2 - x2 * z1) / by
        inside = all(x * q + y * p <= z + 1e-9 * max(1.0, abs(z)) for x, y, z in sides)
        if inside and not any(math.dist((q, p), other) < 1e-9 for other in found):
            found.append((q, p))
    return {f"corner-{k}": (max(q, 0.0), max(p, 0.0), a0 + a1 * (p + beta * q)) for k, (q, p) in enumerate(found)}


PLANT = ("Eta_el_max_woDH", "P_max_woDH", "Eta_el_min_woDH", "P_min_woDH", "beta", "Q_CW_min", "H_L_FG_share_max")


def _with_slack(folder: Path, params: dict[str, Any], series: Sequence[Row]) -> Conversion:
    if params.get("back_pressure") or params.get("gas_price"):
        raise MissingFeatureError(
            "a back-pressure plant, or a gas price, of the combined cycle case: never met in a case."
        )
    days = _days(series)
    plant = {name: series[0].number(name) for name in PLANT}
    if any(row.number(name) != plant[name] for row in series for name in PLANT):
        raise MissingFeatureError("corner points of a technology that change from hour to hour.")
    wanted = [row.number("demand_th_mw") for row in series]
    per_power = [row.number("price_el") for row in series]
    slack = setting(params, folder, "heat_slack_cost_per_mwh")
    keep = 2 * max(plant["beta"], 1.0) * max(map(abs, per_power))
    corners = region(plant)
    size = max(power for _, power, _ in corners.values())
    parts = [
        machine(
            folder,
            "plant",
            "town",
            corners,
            size_mw=size,
            fuel="gas",
            kind="extraction",
            commitment="hourly",
            variable_heat_cur_per_mwh=price(keep, UNIT, 1),
        ),
        machine(
            folder,
            "slack",
            "town",
            {"full": (max(wanted), 0.0, 0.0)},
            size_mw=max(wanted),
            variable_heat_cur_per_mwh=price(slack + keep, UNIT, 1),
        ),
    ]
    instance = frame(
        folder,
        nodes=[node(folder, "town", "plant")],
        demands=[demand(folder, "town", max(wanted), "load_factor")],
        technologies=[technology for technology, _, _ in parts],
        capability=[corner for _, corners, _ in parts for corner in corners],
        units=[unit for _, _, unit in parts],
        fuels=[r.Fuel(id="gas", price_cur_per_mwh=0, co2_t_per_mwh=0, source=origin(folder))],
        series={"load_factor": hourly(wanted, days, 1 / max(wanted))},
        wholesale=hourly([-price(value, UNIT, 1) for value in per_power], days),
        days=days,
        step_hours=1,
        unserved=price(10 * (slack + keep), UNIT, 1),
        shortfall=10 * (slack + keep) / UNIT,
    )
    return Conversion(instance, UNIT, -keep * sum(wanted), spills=False)


# --- dispatch with a store -----------------------------------------------------------------------------------


def _dispatch(folder: Path, params: dict[str, Any], series: Sequence[Row]) -> Conversion:
    days = _days(series)
    eta, cost = setting(params, folder, "gas_plant", "eta"), setting(params, folder, "gas_plant", "cost_per_el")
    store = setting(params, folder, "storage")
    if store["cost_in"] + store["cost_out"] < cost:
        raise MissingFeatureError("a price on what goes into and out of a store.")
    if store["initial"]:
        raise MissingFeatureError("a store that begins with something in it.")
    wanted = [row.number("demand_el") for row in series]
    most = max(wanted)
    gas = setting(params, folder, "gas_flow_max")
    parts = [
        machine(
            folder,
            "gas-plant",
            "town",
            {"full": (gas * eta, 0.0, gas)},
            size_mw=gas * eta,
            fuel="gas",
            variable_heat_cur_per_mwh=price(cost, UNIT, 1),
        )
    ]
    columns = {"load_factor": hourly(wanted, days, 1 / most)}
    for name in ("wind", "pv"):
        share = [row.number(name) for row in series]
        if not all(0 <= value <= 1 for value in share):
            raise PeerError(f"{folder / 'timeseries.csv'}: {name} must be from 0 to 1.")
        columns[f"{name}_c"] = hourly(share, days)
        size = setting(params, folder, f"{name}_capacity")
        parts.append(
            machine(
                folder,
                name,
                "town",
                {"full": (size, 0.0, 0.0)},
                size_mw=size,
                source_series=f"{name}_c",
                derate_below_c=1.0,
                derate_share_per_k=1.0,
            )
        )
    limit = r.YearlyLimit(
        id="gas",
        kind="yearly_limit",
        quantity="fuel_mwh",
        select=(r.Selection(units=("gas-plant",)),),
        most=setting(params, folder, "gas_energy_max"),
        source=origin(folder),
    )
    instance = frame(
        folder,
        nodes=[node(folder, "town", "plant")],
        demands=[demand(folder, "town", most, "load_factor")],
        technologies=[technology for technology, _, _ in parts],
        capability=[corner for _, corners, _ in parts for corner in corners],
        units=[unit for _, _, unit in parts],
        fuels=[r.Fuel(id="gas", price_cur_per_mwh=0, co2_t_per_mwh=0, source=origin(folder))],
        rules=[limit],
        series=columns,
        days=days,
        step_hours=1,
        unserved=price(100 * cost, UNIT, 1),
        shortfall=100 * cost / UNIT,
    )
    return Conversion(instance, UNIT)
