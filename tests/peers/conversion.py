"""What the readers of all families share: files with one-sentence errors, the frame of an instance, and what comes out.

Units. A case counts money in a unit of its own (EUR, or nothing named) and heat or power in kW or MW. An instance
keeps the case's unit of power where heatnet says MW (a kW of the case stands as 1 MW), of length where it says m, and
its million stands for `Conversion.unit` units of the case's money, so that heatnet's smallest step of money, a
millionth of its million, is far below the tolerance of the reference. The currency is XTS, the code that ISO 4217
keeps for tests.

Time. Every instance has one stage of one year, no interest and lives of one year: an annuity is 1, and capital stands
in the cost as it is. The season is as many days as the case needs, all of them represented, at the design
temperature: the load factor is 1, and a demand is its design load times its shape. A case of one time step has one
day in one step of 24 hours; a yearly amount per MW of the case becomes a price per MWh by dividing by 24 (`price`).
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.instance import Instance, Series
from heatnet.instance import records as r
from heatnet.instance.records.base import LARGEST
from heatnet.physics import pipes

YEAR = 2025
DAY_H = 24

REGIME = r.Regime(
    id="ordinary", supply_c=110, return_c=50, ground_c=10, source="assumed: any regime, pipes are sized to fit it"
)

INNER_DIAMETER_MM = 10_000
"""The widest pipe of an instance: water is so slow in it that friction takes next to nothing of the heat."""


class PeerError(Exception):
    """A folder that cannot be read as a case: one sentence that names the place."""


class MissingFeatureError(PeerError):
    """A case that heatnet cannot express: one sentence that names what is missing."""


@dataclass(frozen=True)
class Conversion:
    """An instance, and how its cost is read as that of the case.

    `unit`: units of the case's money to one million of the instance. `offset`: what the case counts and the instance
    does not, in the case's money. `lower_bound`: the instance never costs more than the case, but may cost less.
    `spills`: whether the case may make too much heat; where not, a plan that spills in an hour with demand is not one
    of the case.
    """

    instance: Instance
    unit: float = 1.0
    offset: float = 0.0
    lower_bound: bool = False
    spills: bool = True

    def cost(self, mcur: float) -> float:
        """A cost of the instance, in million, as the case counts it."""
        return mcur * self.unit + self.offset

    @property
    def formula(self) -> str:
        """The same in words."""
        relation = "at most the case's cost" if self.lower_bound else "the case's cost"
        return f"{self.unit:g} × cost in million + {self.offset:.12g} = {relation}"


# --- files -------------------------------------------------------------------------------------------------


class Row(dict[str, str]):
    """A line of a CSV file that knows its place."""

    place: str = ""

    def text(self, column: str) -> str:
        """The text in a column. Raises PeerError where the file has none."""
        if column not in self:
            raise PeerError(f"{self.place}: has no column `{column}`.")
        return self[column]

    def number(self, column: str, default: float | None = None) -> float:
        """The number in a column; `default`, where one is given, for a blank or a column that is not there."""
        text = self.get(column, "") if default is not None else self.text(column)
        if not text and default is not None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise PeerError(f"{self.place}: `{text}` in {column} is no number.")
        return value

    def flag(self, column: str) -> bool:
        """Whether a column says true; false where it is not there."""
        return self.get(column, "").lower() in ("true", "1", "1.0")


def rows(folder: Path, name: str, *, optional: bool = False) -> list[Row]:
    """The lines of a CSV file; none where an optional file is not there."""
    path = folder / name
    if optional and not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            found = [Row(line) for line in csv.DictReader(file, restval="")]
    except (OSError, UnicodeDecodeError) as error:
        raise PeerError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    for number, row in enumerate(found, start=2):
        row.place = f"{path}, line {number}"
    return found


def setting(params: dict[str, Any], folder: Path, *names: str) -> Any:
    """A value of `params.json` by its names from the outside in."""
    value: Any = params
    for name in names:
        if not isinstance(value, dict) or name not in value:
            raise PeerError(f"{folder / 'params.json'}: has no `{'.'.join(names)}`.")
        value = value[name]
    return value


def identifier(text: str) -> str:
    """A name of the case as an id."""
    return re.sub(r"[^\w.+-]", "-", text).lstrip("_-.+") or "x"


# --- the frame of an instance ------------------------------------------------------------------------------


def price(amount: float, unit: float, hours: float = DAY_H) -> float:
    """Price per MWh that makes 1 MW over `hours` hours cost `amount` of the case's money."""
    return amount / hours * 1e6 / unit


def frame(
    folder: Path,
    *,
    nodes: Iterable[r.Node],
    demands: Iterable[r.Demand],
    technologies: Iterable[r.Technology],
    capability: Iterable[r.Corner],
    units: Iterable[r.Unit],
    pipe_types: Iterable[r.PipeType] = (),
    pipes: Iterable[r.Pipe] = (),
    fuels: Iterable[r.Fuel] = (),
    connections: Iterable[r.Connection] = (),
    rules: Sequence[r.Rule] = (),
    days: int = 1,
    step_hours: int = DAY_H,
    wholesale: Sequence[float] | float = 0.0,
    retail: float = 0.0,
    series: Mapping[str, Sequence[float]] | None = None,
    unserved: float,
    shortfall: float,
) -> Instance:
    """An instance with the header of all cases.

    `wholesale`, `retail`: prices per MWh, `series`: more hourly columns. `unserved`: price per MWh, `shortfall`:
    million per MW and year; both must be more than it can ever save to leave a consumer out.
    """
    source = origin(folder)
    name = identifier(folder.resolve().name)
    hours = days * DAY_H
    header = r.Header(
        schema_version=1,
        name=name,
        title=f"{name}, a published case",
        currency="XTS",
        base_year=YEAR,
        stages=(r.Stage(year=YEAR, span_years=1, source=source),),
        season=r.Season(
            start="01-01", design_outdoor_c=-10, indoor_c=20, load_floor_share=0, inertia_h=1, source=source
        ),
        economics=r.Economics(
            discount_rate_share=0,
            unserved_cur_per_mwh=min(unserved, LARGEST),
            shortfall_mcur_per_mw_year=min(shortfall, LARGEST),
            source=source,
        ),
        regimes=(REGIME,),
        rules=tuple(rules),
        solve=r.SolveDefaults.model_validate({"days": days, "step_hours": step_hours, "gap": 1e-8}),
    )
    columns: dict[str, Any] = {
        "outdoor_c": np.full(hours, -10.0),
        "power_wholesale_cur_per_mwh": np.broadcast_to(np.asarray(wholesale, dtype=float), hours),
        "power_retail_cur_per_mwh": np.full(hours, retail),
    }
    return Instance(
        header=header,
        zones=(),
        nodes=tuple(nodes),
        pipe_types=tuple(pipe_types),
        pipes=tuple(pipes),
        fuels=tuple(fuels),
        technologies=tuple(technologies),
        capability=tuple(capability),
        retrofits=(),
        units=tuple(units),
        stores=(),
        demands=tuple(demands),
        envelopes=(),
        connections=tuple(connections),
        contingencies=(),
        series=Series({**columns, **(series or {})}),
    )


def origin(folder: Path) -> str:
    """The source that every row of a case names."""
    return f"derived: from the published case {folder.resolve().name}"


def node(folder: Path, name: str, kind: str, lat: float = 0.0, lon: float = 0.0) -> r.Node:
    """A node. Places are for maps only; metres are shown a hundred kilometres to the degree."""
    return r.Node.model_validate(
        {"id": name, "kind": kind, "lat_deg": lat / 1e5, "lon_deg": lon / 1e5, "source": origin(folder)}
    )


def demand(folder: Path, name: str, most_mw: float, shape: str | None = None) -> r.Demand:
    """Design load of a node, and the column that follows it hour by hour."""
    return r.Demand(node=name, year=YEAR, area_mm2=1, peak_w_per_m2=most_mw, shape_series=shape, source=origin(folder))


def hourly(values: Sequence[float], days: int, scale: float = 1.0) -> list[float]:
    """A column of the season: the case's hours times `scale`, then 0 to the end of the last day."""
    return [value * scale for value in values] + [0.0] * (days * DAY_H - len(values))


def pipe_type(
    folder: Path, name: str, capacity_mw: float, loss_mw_per_km: float, capex_mcur_per_km: float
) -> r.PipeType:
    """A type of a given capacity and loss of a pair: the velocity and U that give them in the regime."""
    of_unit_velocity = pipes.capacity_mw(INNER_DIAMETER_MM, 1, REGIME.supply_c, REGIME.return_c)
    of_unit_u = pipes.loss_mw_per_km(1, REGIME.supply_c, REGIME.return_c, REGIME.ground_c)
    return r.PipeType(
        id=name,
        inner_diameter_mm=INNER_DIAMETER_MM,
        velocity_max_m_per_s=capacity_mw / of_unit_velocity,
        roughness_mm=0.01,
        heat_transfer_w_per_m_k=loss_mw_per_km / of_unit_u,
        capex_mcur_per_km=capex_mcur_per_km,
        fixed_share_per_year=0,
        life_years=1,
        source=origin(folder),
    )


def machine(
    folder: Path,
    name: str,
    at: str,
    corners: dict[str, tuple[float, float, float]],
    *,
    size_mw: float,
    **columns: Any,
) -> tuple[r.Technology, list[r.Corner], r.Unit]:
    """One machine that is there and stays, with a technology of its own; corners are (heat, power, fuel) in MW."""
    source = origin(folder)
    technology = {"id": name, "kind": "boiler", "size_mw": size_mw, "life_years": 1, "source": source} | columns
    unit = {"id": name, "node": at, "technology": name, "size_mw": size_mw, "count": 1, "may_retire": False}
    return (
        r.Technology.model_validate(technology),
        [
            r.Corner(technology=name, corner=corner, heat_mw=heat, power_mw=power, fuel_mw=fuel, source=source)
            for corner, (heat, power, fuel) in corners.items()
        ],
        r.Unit.model_validate(unit | {"source": source}),
    )
