"""PyPSA: units under commitment at one bus, and a fuel turned into power and heat in one snapshot.

Power of the one bus is heat of the one node. A snapshot is one hour, a MW a MW.

Unit commitment. One million is a million of the case's money. Each generator is a machine with hourly commitment, and
a fuel of its own at price 1: what it burns at a corner is what an hour there costs (marginal cost and stand-by cost).
The case's hours are the first of one day, the rest of the day carries what is before them, for the day is a ring.
There the demand is 0 and fuel costs nothing, but for prices that hold each generator to its past:
- `up_time_before`, `down_time_before`: in the last hours of the day a generator that was on is paid to run, one that
  was off is charged so much that it does not. Before that it must be off for an hour, so that every plan has the same
  number of starts outside the case's hours. What is paid, and those starts, are constants, the offset.
- Minimum times reach from the case's last hours into free ones, where they bind nothing.
- Shut-down cost: on a ring there are as many stops as starts, so it is charged at the start. A generator that is on
  in the case's last hour has not stopped there, but will before the day ends: it is paid that back in the hour after.
  (One that is off gains nothing by starting for that pay, for the start costs it.)
- heatnet may spill heat, the case may not. So every MWh made in the case's hours is charged `KEEP` times the dearest
  price more: the demand at that price is a constant in the offset, and what is spilt costs it. A plan that spills
  nothing even so is one of the case; that it does not is to be looked at (`Conversion.spills`).
- Generators whose past changes nothing (no minimum times, no start-up or shut-down cost) are free in the other hours.

Combined heat and power. Installed capacity of what runs in one snapshot is its power, so capital cost is paid by the
input. heatnet has no balance of power, it sells power at a price. The links that make power alone can make any amount
at one cost, so that is the price of power; the demand for power at that price is the offset. This is exact as long as
the power that comes with the heat is no more than the demand for power (checked).
"""

from __future__ import annotations

from dataclasses import dataclass
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
    identifier,
    machine,
    node,
    origin,
    price,
    rows,
)

UNIT = 1e6

KEEP = 100.0
"""What a MWh that is spilt costs, in terms of the dearest that is made."""

INPUT_SERIES = (
    *(f"generators-{name}" for name in ("p_max_pu", "p_min_pu", "marginal_cost", "stand_by_cost", "efficiency")),
    *(f"links-{name}" for name in ("p_max_pu", "p_min_pu", "marginal_cost", "efficiency", "efficiency2")),
)
"""Files of a network that say something of its input in every snapshot."""


def is_one(folder: Path, params: dict[str, Any]) -> bool:
    """Whether a folder is such a case."""
    return (folder / "network" / "snapshots.csv").exists() and (folder / "network" / "buses.csv").exists()


def convert(folder: Path, params: dict[str, Any]) -> Conversion:
    """Its instance."""
    network = folder / "network"
    _refuse(network)
    if (network / "links.csv").exists():
        return _heat_and_power(folder, network)
    return _commitment(folder, network)


def _refuse(network: Path) -> None:
    """What no conversion can do."""
    if (network / "investment_periods.csv").exists() or (network / "lines.csv").exists():
        raise MissingFeatureError(
            "lines whose flows follow Kirchhoff's voltage law, and capacities that are no whole machines."
        )
    if (network / "stores.csv").exists() or (network / "storage_units.csv").exists():
        raise MissingFeatureError(
            "units whose capacity is not a whole number of machines, and heat pumps that are fed by units of the "
            "instance: a balance of power."
        )
    for name in INPUT_SERIES:
        if (network / f"{name}.csv").exists():
            raise MissingFeatureError(f"limits, prices or efficiencies of committed units hour by hour ({name}.csv).")
    for row in rows(network, "snapshots.csv"):
        if row.number("objective", 1.0) != 1.0:
            raise MissingFeatureError("hours of one day with weights of their own.")


def _loads(network: Path) -> dict[str, list[float]]:
    """Demand of each bus by snapshot."""
    count = len(rows(network, "snapshots.csv"))
    series = rows(network, "loads-p_set.csv", optional=True)
    found: dict[str, list[float]] = {}
    for row in rows(network, "loads.csv"):
        name = row.text("name")
        values = [hour.number(name) for hour in series] if series and name in series[0] else None
        values = values or [row.number("p_set", 0.0)] * count
        if len(values) != count:
            raise PeerError(f"{network / 'loads-p_set.csv'}: has {len(values)} rows for {count} snapshots.")
        bus = found.setdefault(row.text("bus"), [0.0] * count)
        found[row["bus"]] = [a + b for a, b in zip(bus, values, strict=True)]
    return found


# --- unit commitment ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Generator:
    """A generator under commitment: costs of an hour at its least and at its full power, and its past."""

    name: str
    least_mw: float
    full_mw: float
    least_cost: float
    full_cost: float
    start_cost: float
    stop_cost: float
    min_up_h: int
    min_down_h: int
    up_before_h: int
    down_before_h: int
    committable: bool

    @classmethod
    def read(cls, row: Row, keep: float) -> Generator:
        """From a row of `generators.csv`, with `keep` on every MWh made; defaults are PyPSA's."""
        for column in row:
            if column.startswith("ramp_limit") and row[column]:
                raise MissingFeatureError("ramps in units of the output that start and end at the least part load.")
        if row.flag("p_nom_extendable"):
            raise MissingFeatureError("units whose capacity is not a whole number of machines.")
        size, marginal, idle = row.number("p_nom"), row.number("marginal_cost", 0.0), row.number("stand_by_cost", 0.0)
        least = size * row.number("p_min_pu", 0.0)
        full = size * row.number("p_max_pu", 1.0)
        return cls(
            name=identifier(row.text("name")),
            least_mw=least,
            full_mw=full,
            least_cost=(marginal + keep) * least + idle,
            full_cost=(marginal + keep) * full + idle,
            start_cost=row.number("start_up_cost", 0.0),
            stop_cost=row.number("shut_down_cost", 0.0),
            min_up_h=int(row.number("min_up_time", 0.0)),
            min_down_h=int(row.number("min_down_time", 0.0)),
            up_before_h=int(row.number("up_time_before", 1.0)),
            down_before_h=int(row.number("down_time_before", 0.0)),
            committable=row.flag("committable"),
        )

    @property
    def on_before(self) -> bool:
        """Whether it ran before the first hour."""
        return self.down_before_h == 0 and self.up_before_h > 0

    def past(self) -> list[bool]:
        """Whether it was on in each of the hours before the first, as far back as matters; empty where nothing does."""
        up, down = max(self.min_up_h, 1), max(self.min_down_h, 1)
        if not self.committable or (up == down == 1 and not self.start_cost and not self.stop_cost):
            return []
        if self.on_before:
            return [False] + [True] * min(self.up_before_h, up)
        if 0 < self.down_before_h < down:
            return [False] + [True] * up + [False] * self.down_before_h
        return [False] * down

    def factors(self, hours: int, much: float) -> list[float]:
        """Factor on its fuel's price in every hour of the day, the case's `hours` first."""
        past = self.past()
        free = DAY_H - hours - len(past)
        if past and free < max(self.min_up_h, 1) + max(self.min_down_h, 1):
            raise MissingFeatureError(f"{hours} hours with what is before them do not fit into the ring of one day.")
        if past and self.least_cost <= 0:
            raise MissingFeatureError(
                f"the state of {self.name} before the first hour is held by price, and it costs nothing."
            )
        after = [0.0] * free
        if self.stop_cost:
            after[0] = -self.stop_cost / self.full_cost
        held = [-much / self.full_cost if on else much / self.least_cost for on in past]
        return [1.0] * hours + after + held

    def constant(self, much: float) -> float:
        """What the day costs beside the case's hours, the same for every plan."""
        past = self.past()
        starts = 1 if any(past) else 0
        stops_less = starts - (1 if self.on_before else 0)
        return (starts * self.start_cost + stops_less * self.stop_cost if past else 0.0) - much * sum(past)


def _commitment(folder: Path, network: Path) -> Conversion:
    table = rows(network, "generators.csv")
    keep = KEEP * max(row.number("marginal_cost", 0.0) + row.number("stand_by_cost", 0.0) for row in table)
    generators = [Generator.read(row, keep) for row in table]
    loads = _loads(network)
    if len(rows(network, "buses.csv")) != 1 or len(loads) != 1:
        raise MissingFeatureError("several buses of power that are joined by something else than lines or links.")
    (bus, load), hours = next(iter(loads.items())), len(next(iter(loads.values())))
    if hours > DAY_H:
        raise MissingFeatureError("commitment over more than one day.")
    # More than any plan costs: nobody gains by leaving out demand or by denying the past.
    much = sum(hours * g.full_cost + (hours + 2) * (g.start_cost + g.stop_cost) for g in generators)
    at, most, source = identifier(bus), max(load), origin(folder)
    parts = [_committed(folder, generator, at) for generator in generators]
    instance = frame(
        folder,
        nodes=[node(folder, at, "plant")],
        demands=[demand(folder, at, most, "load_factor")],
        technologies=[technology for technology, _, _ in parts],
        capability=[corner for _, corners, _ in parts for corner in corners],
        units=[unit for _, _, unit in parts],
        fuels=[
            r.Fuel(id=g.name, price_cur_per_mwh=1, price_series=f"{g.name}_factor", co2_t_per_mwh=0, source=source)
            for g in generators
        ],
        series={"load_factor": hourly(load, 1, 1 / most)}
        | {f"{g.name}_factor": g.factors(hours, much) for g in generators},
        step_hours=1,
        unserved=price(much, UNIT, 1) / min(value for value in load if value > 0),
        shortfall=much / UNIT,
    )
    offset = -sum(g.constant(much) for g in generators) - keep * sum(load)
    return Conversion(instance, UNIT, offset, spills=False)


def _committed(folder: Path, g: Generator, at: str) -> tuple[r.Technology, list[r.Corner], r.Unit]:
    corners = {"least": (g.least_mw, 0.0, g.least_cost), "full": (g.full_mw, 0.0, g.full_cost)}
    if not g.committable:
        return machine(folder, g.name, at, corners, size_mw=g.full_mw, fuel=g.name)
    return machine(
        folder,
        g.name,
        at,
        corners,
        size_mw=g.full_mw,
        fuel=g.name,
        commitment="hourly",
        min_up_h=g.min_up_h,
        min_down_h=g.min_down_h,
        start_cur_per_mw=(g.start_cost + g.stop_cost) / g.full_mw * 1e6 / UNIT,
    )


# --- combined heat and power ---------------------------------------------------------------------------------


def _heat_and_power(folder: Path, network: Path) -> Conversion:
    if len(rows(network, "snapshots.csv")) != 1:
        raise MissingFeatureError("units whose capacity is not a whole number of machines, over several snapshots.")
    (fuel,) = _fuel(network)
    links = rows(network, "links.csv")
    if any(not link.flag("p_nom_extendable") or link.text("bus0") != fuel.text("bus") for link in links):
        raise MissingFeatureError("links of a given size, or that take something else than the one fuel.")
    alone = [link for link in links if not link.get("bus2")]
    joint = [link for link in links if link.get("bus2")]
    if not alone or len({link["bus1"] for link in links}) != 1 or len({link["bus2"] for link in joint}) != 1:
        raise MissingFeatureError(
            "a balance of power: here no link makes power alone at one bus, so power has no price."
        )
    power, heat = alone[0]["bus1"], identifier(joint[0]["bus2"])
    loads = {identifier(bus): values[0] for bus, values in _loads(network).items()}
    power_mw, heat_mw = loads[identifier(power)], loads[heat]

    def cost(link: Row) -> float:
        """What 1 MW of input costs over the snapshot."""
        return fuel.number("marginal_cost") + link.number("capital_cost") + link.number("marginal_cost", 0.0)

    worth = min(cost(link) / link.number("efficiency") for link in alone)
    parts = []
    for link in joint:
        to_power, to_heat = link.number("efficiency"), link.number("efficiency2")
        if heat_mw * to_power / to_heat > power_mw or cost(link) < worth * to_power:
            raise MissingFeatureError("a balance of power: here more power can come with the heat than is wanted.")
        size = heat_mw / to_heat
        name = identifier(link.text("name"))
        corner = (heat_mw, to_power * size, size)
        parts.append((link, machine(folder, name, heat, {"full": corner}, size_mw=corner[1], fuel=name)))
    at_most = power_mw / min(link.number("efficiency") for link in alone) + sum(
        heat_mw / link.number("efficiency2") for link in joint
    )
    if fuel.number("p_nom") < at_most:
        raise MissingFeatureError("a limit on a fuel in every step.")
    instance = frame(
        folder,
        nodes=[node(folder, heat, "plant")],
        demands=[demand(folder, heat, heat_mw)],
        technologies=[technology for _, (technology, _, _) in parts],
        capability=[corner for _, (_, corners, _) in parts for corner in corners],
        units=[unit for _, (_, _, unit) in parts],
        fuels=[
            r.Fuel(id=technology.id, price_cur_per_mwh=price(cost(link), 1), co2_t_per_mwh=0, source=origin(folder))
            for link, (technology, _, _) in parts
        ],
        wholesale=price(worth, 1),
        unserved=price(10 * max(cost(link) / link.number("efficiency2") for link in joint), 1),
        shortfall=10 * max(cost(link) / link.number("efficiency2") for link in joint),
    )
    return Conversion(instance, 1.0, worth * power_mw, spills=False)


def _fuel(network: Path) -> list[Row]:
    found = rows(network, "generators.csv")
    if len(found) != 1 or found[0].flag("p_nom_extendable"):
        raise MissingFeatureError(
            "units that are fed by units of the instance, other than from one fuel of a given limit."
        )
    return found
