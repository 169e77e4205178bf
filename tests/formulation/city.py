"""A tiny city in code, and the questions that the tests put to its optimum.

What is not said costs nothing and does nothing: a season of 125 equal days (3000 hours) at the design temperature,
one stage of one year, no interest, power for nothing. Hence `H`: 1 MW all season at 1 a MWh costs H million.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from heatnet.instance import Instance, Series
from heatnet.instance import records as r
from heatnet.solve import Limits, Result, solve

DAYS = 125
"""Days of the default season."""

H = 24 * DAYS / 1e6
"""Million for 1 MW all season at a price of 1 per MWh: 0.003."""

SOURCE = "assumed: test"
SPREAD_C = 60.0
"""Supply less return of the regime, °C (110 and 50)."""

WARMTH_C = 140.0
"""Supply and return above the ground (10 °C), added up, °C."""

Row = Mapping[str, Any]

SMALL_AND_BIG: tuple[Row, ...] = (
    {"id": "small", "capacity_mw": 15, "inner_diameter_mm": 250, "capex_mcur_per_km": 0.5}
    | {"loss_mw_per_km": 0.03, "fixed_share_per_year": 0.01},
    {"id": "big", "capacity_mw": 40, "capex_mcur_per_km": 0.9, "loss_mw_per_km": 0.05},
)
"""Two pipe types for generated cities: a thin one with upkeep, a thick one without."""


def city(
    *,
    nodes: Iterable[str | Row] = ("A",),
    types: Iterable[Row] = (),
    pipes: Iterable[Row] = (),
    fuels: Mapping[str, float | Row] | None = None,
    technologies: Iterable[Row] = (),
    units: Iterable[Row] = (),
    stores: Iterable[Row] = (),
    demands: Mapping[str, float | Mapping[int, float | tuple[float, float]]],
    shapes: Mapping[str, str] | None = None,
    stages: Iterable[Row] = ({"year": 2025},),
    base_year: int = 2025,
    rate: float = 0.0,
    unserved: float = 10_000.0,
    shortfall: float = 50.0,
    outdoor: Sequence[float] = (-10.0,) * DAYS,
    season: Row | None = None,
    wholesale: float | Sequence[float] = 0.0,
    retail: float | Sequence[float] = 0.0,
    factors: Mapping[str, Sequence[float]] | None = None,
    rules: Iterable[Row] = (),
    retirements: Iterable[Row] | None = None,
    contingencies: Iterable[Row] = (),
    zones: Iterable[Row] = (),
    regimes: Iterable[Row] = (),
    retrofits: Iterable[Row] = (),
    envelopes: Iterable[Row] = (),
    connections: Iterable[Row] = (),
    guarantee: float | None = None,
) -> Instance:
    """An instance from rows with defaults.

    `types`: with `capacity_mw` and `loss_mw_per_km` of a pair. `technologies`: with `corners`, name to (heat, power,
    fuel) or (heat, power, fuel, mode). `fuels`: price, or a row. `demands`: MW, MW by year, or (area, index) by year.
    `outdoor`: °C by day. Prices and `factors`: one value for all hours, or one for each part of a day.
    `retirements`: a schedule applied. `regimes`: beside `hot` (110/50 °C), which pipes without a zone are run in.
    """
    header = r.Header(
        schema_version=1,
        name="city",
        title="City",
        currency="EUR",
        base_year=base_year,
        stages=tuple(r.Stage(**{"span_years": 1, "source": SOURCE, **row}) for row in stages),
        season=r.Season(
            **{"start": "11-15", "design_outdoor_c": -10.0, "indoor_c": 20.0, "load_floor_share": 0.0, "inertia_h": 1}
            | {"off_season_days": 0}
            | {"source": SOURCE, **(season or {})}
        ),
        economics=r.Economics(
            discount_rate_share=rate,
            unserved_cur_per_mwh=unserved,
            shortfall_mcur_per_mw_year=shortfall,
            source=SOURCE,
        ),
        security=None if guarantee is None else r.Security(guarantee_share=guarantee, source=SOURCE),
        regimes=(
            r.Regime(id="hot", supply_c=110, return_c=50, ground_c=10, source=SOURCE),
            *(r.Regime(**{"source": SOURCE, **row}) for row in regimes),
        ),
        rules=tuple(_rule(row) for row in rules),
        solve=r.SolveDefaults(days=1),
    )
    technologies = list(technologies)
    size = {row["id"]: row["size_mw"] for row in technologies}
    days = len(outdoor)
    columns = {"power_wholesale_cur_per_mwh": wholesale, "power_retail_cur_per_mwh": retail, **(factors or {})}
    schedule = r.Schedule(title="Fixed", retirements=tuple(retirements), source=SOURCE) if retirements else None
    return Instance(
        header=header,
        zones=tuple(r.Zone(**{"source": SOURCE, **row}) for row in zones),
        nodes=tuple(_node(row) for row in nodes),
        pipe_types=tuple(_type(row) for row in types),
        pipes=tuple(_pipe(row) for row in pipes),
        fuels=tuple(_fuel(name, row) for name, row in (fuels or {}).items()),
        technologies=tuple(_technology(row) for row in technologies),
        capability=tuple(
            _corner(row["id"], name, *values) for row in technologies for name, values in row["corners"].items()
        ),
        retrofits=tuple(
            r.Retrofit(**{"capex_mcur_per_mw": 0.0, "life_years": 20, "source": SOURCE, **row}) for row in retrofits
        ),
        units=tuple(
            r.Unit(**{"name": row["id"], "node": "A", "size_mw": size[row["technology"]], "source": SOURCE, **row})
            for row in units
        ),
        stores=tuple(
            r.Store(**{"name": row["id"], "node": "A", "life_years": 20, "source": SOURCE, **row}) for row in stores
        ),
        demands=tuple(row for node, load in demands.items() for row in _demands(node, load, (shapes or {}).get(node))),
        envelopes=tuple(
            r.Envelope(**{"capex_mcur_per_mm2": 0.0, "life_years": 30, "source": SOURCE, **row}) for row in envelopes
        ),
        connections=tuple(
            r.Connection(**{"heat_price_cur_per_mwh": 0.0, "source": SOURCE, **row}) for row in connections
        ),
        contingencies=tuple(r.Contingency(**{"source": SOURCE, **row}) for row in contingencies),
        series=Series(
            {"outdoor_c": [value for value in outdoor for _ in range(24)]}
            | {name: _hours(values) * days for name, values in columns.items()}
        ),
        schedules={"fixed": schedule} if schedule else {},
    ).with_schedule("fixed" if schedule else None)


def boiler(name: str, price: float, *, size: float = 100.0, **changes: Any) -> dict[str, Any]:
    """A boiler of efficiency 1 and its fuel cost as a variable cost: heat at `price` per MWh and nothing else."""
    return {
        "id": name,
        "kind": "boiler",
        "size_mw": size,
        "variable_heat_cur_per_mwh": price,
        "corners": {"full": (size, 0.0, 0.0)},
        **changes,
    }


def _node(row: str | Row) -> r.Node:
    row = {"id": row} if isinstance(row, str) else row
    return r.Node(**{"name": row["id"], "kind": "district", "lat_deg": 50.0, "lon_deg": 10.0, "source": SOURCE, **row})


def _type(row: Row) -> r.PipeType:
    """Capacity 958 · π d² / 4 · v · 4.2 · ΔT / 1000 MW and loss U · 140 / 1000 MW/km, solved for v and U."""
    row = {"inner_diameter_mm": 400.0, "capex_mcur_per_km": 0.0, "loss_mw_per_km": 0.0, **row}
    area = math.pi / 4 * (row["inner_diameter_mm"] / 1000) ** 2
    speed = row["capacity_mw"] / (958.0 * area * 4.2 * SPREAD_C / 1000)
    own = {name: value for name, value in row.items() if name not in ("capacity_mw", "loss_mw_per_km")}
    return r.PipeType(
        **{"roughness_mm": 0.2, "fixed_share_per_year": 0.0, "life_years": 40, "source": SOURCE, **own},
        velocity_max_m_per_s=speed,
        heat_transfer_w_per_m_k=row["loss_mw_per_km"] * 1000 / WARMTH_C,
    )


def _pipe(row: Row) -> r.Pipe:
    own = {} if "zone" in row else {"regime": "hot"}
    return r.Pipe(**{**own, "length_km": 10.0, "source": SOURCE, **row})


def _corner(technology: str, name: str, heat: float, power: float, fuel: float, mode: str | None = None) -> r.Corner:
    return r.Corner(
        technology=technology, corner=name, mode=mode, heat_mw=heat, power_mw=power, fuel_mw=fuel, source=SOURCE
    )


def _rule(row: Row) -> r.RetiredShare | r.NoNew | r.YearlyLimit:
    kinds = {"retired_share": r.RetiredShare, "no_new": r.NoNew, "yearly_limit": r.YearlyLimit}
    row = {"kind": "retired_share", "source": SOURCE, **row}
    return kinds[row["kind"]](**row)


def _fuel(name: str, row: float | Row) -> r.Fuel:
    row = row if isinstance(row, Mapping) else {"price_cur_per_mwh": row}
    return r.Fuel(**{"id": name, "name": name, "co2_t_per_mwh": 0.0, "source": SOURCE, **row})


def _technology(row: Row) -> r.Technology:
    own = {name: value for name, value in row.items() if name != "corners"}
    return r.Technology(**{"name": row["id"], "life_years": 20, "source": SOURCE, **own})


def _demands(node: str, load: Any, shape: str | None) -> Iterable[r.Demand]:
    for year, value in load.items() if isinstance(load, Mapping) else ((2025, load),):
        area, peak = value if isinstance(value, tuple) else (value, 1.0)
        yield r.Demand(node=node, year=year, area_mm2=area, peak_w_per_m2=peak, shape_series=shape, source=SOURCE)


def _hours(values: float | Sequence[float]) -> list[float]:
    """The 24 hours of a day from one value, or from one for each of its equal parts."""
    parts = [values] if isinstance(values, (int, float)) else list(values)
    return [float(value) for value in parts for _ in range(24 // len(parts))]


# --- questions to the optimum --------------------------------------------------------------------------------


def optimum(
    instance: Instance, cost: float | None = None, *, step_hours: int = 24, days: int = 1, solver: str = "auto"
) -> Result:
    """Solve to a gap of 0; the answer must be optimal, free of violations and, where given, of this cost."""
    limits = Limits(gap=0.0, threads=1)
    result = solve(instance, solver=solver, days=days, step_hours=step_hours, limits=limits)
    assert result.report is not None, result.answer.stop_reason
    assert result.report.violations.empty, result.report.violations.to_string()
    assert result.status == "optimal", (result.answer.stop_reason, result.answer.cost, result.answer.bound)
    if cost is not None:
        assert result.answer.cost == pytest.approx(cost, rel=1e-6, abs=1e-9)
        assert result.report.cost == pytest.approx(cost, rel=1e-6, abs=1e-9)
    return result


def plan(result: Result, table: str, name: str, column: str) -> list[Any]:
    """A column of a frame of the plan for one id, over the stages.

    `name`: PIPE/TYPE in `pipes`, UNIT/MODE in `retrofits`, NODE/MEASURE in `envelopes`, else the id.
    """
    assert result.answer.solution is not None
    frame = getattr(result.answer.solution, table)
    keys = {
        "pipes": ["pipe", "type"],
        "units": ["unit"],
        "retrofits": ["unit", "mode"],
        "stores": ["store"],
        "regimes": ["zone"],
        "districts": ["node"],
        "envelopes": ["node", "measure"],
    }[table]
    rows = frame[keys].agg("/".join, axis=1) == name
    values: list[Any] = frame[rows].sort_values("stage")[column].tolist()
    assert values, f"{name} is not in {table}"
    return values


def operation(result: Result, kind: str, name: str, quantity: str) -> list[float]:
    """A quantity over all stages, days and steps."""
    assert result.answer.solution is not None
    frame = result.answer.solution.operation
    rows = frame[(frame["kind"] == kind) & (frame["id"] == name) & (frame["quantity"] == quantity)]
    values: list[float] = rows.sort_values(["stage", "day", "hour"])["value"].tolist()
    assert values, f"{kind} {name} has no {quantity}"
    return values


def terms(result: Result) -> dict[str, float]:
    """Cost terms over all stages as the checker counts them, without those that are 0."""
    assert result.report is not None
    costs = result.report.costs.groupby("term")["value_mcur"].sum()
    return {str(name): float(value) for name, value in costs.items() if abs(value) > 1e-9}
