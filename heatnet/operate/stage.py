"""A stage of a plan as what it is run with: its machines, lines and stores fixed, its demand hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from heatnet.errors import UsageError
from heatnet.formulation.case import Case, Line, Machine
from heatnet.formulation.quantities import per_hour
from heatnet.instance import Instance
from heatnet.instance.instance import Array
from heatnet.instance.records import Contingency, Store, YearlyLimit
from heatnet.instance.selection import selected
from heatnet.instance.series import Hours
from heatnet.solution import Solution


@dataclass(frozen=True)
class Stage:
    """What stands in a stage of a plan, and the hours in a row that it is run for.

    `case` holds the stage alone on a grid `Hours`: `case.lines`, `case.machines`, `case.availability(machine)[0]` and
    `case.power[unit, corner][0]` (MW of a machine at a corner) are by hour, and so is `case.grid.mean(series)[0]`.
    What is in place: `machines` by unit (numbers that operate), `open_machines` by (unit, mode with a retrofit),
    `pairs` by line id, `size_mwh` by store, `load_mw` by node (design load after the demand side). A share of an
    element may be lost, so numbers of machines and pairs need not be whole. `reserve`: machines that operate only when
    an element is lost; pipes then lose nothing (`lossless`), and what is `guaranteed`, a share of the demand of each
    node, is served before the rest.
    By hour of the season, with one more for its end, what the plan has reached when the hour begins: `planned_mwh` the
    level of each seasonal store, `pace` the share of what each yearly limit counts in a season.
    """

    case: Case
    year: int
    machines: Mapping[str, float]
    open_machines: Mapping[tuple[str, str], float]
    pairs: Mapping[str, float]
    size_mwh: Mapping[str, float]
    load_mw: Mapping[str, float]
    planned_mwh: Mapping[str, Array]
    pace: Mapping[str, Array]
    reserve: Mapping[str, float] = field(default_factory=dict)
    lossless: bool = False
    guaranteed: Mapping[str, float] | None = None

    @classmethod
    def of(cls, instance: Instance, plan: Solution, year: int) -> Stage:
        """The stage of a plan over the whole season of an instance. Raises UsageError for a stage that it lacks."""
        known = [stage.year for stage in instance.stages]
        if year not in known:
            told = ", ".join(map(str, known))
            raise UsageError(f"--stage {year}: the plan has no such stage; it has {told}.")
        case = Case(alone(instance, year), Hours.of(alone(instance, year)))
        units, pipes, retrofits, stores, districts, seasonal = (
            frame[frame["stage"] == year]
            for frame in (plan.units, plan.pipes, plan.retrofits, plan.stores, plan.districts, plan.seasonal)
        )
        pairs = dict.fromkeys(case.lines, 0.0)
        for row in pipes.itertuples():
            name = f"{row.pipe}/{row.type}"
            line = next(one for one in case.variants[name] if one.regime.id == row.regime)
            pairs[line.id] = float(row.pairs)  # type: ignore[arg-type]
        size = {str(name): float(value) for name, value in zip(stores["store"], stores["size_mwh"], strict=True)}
        season = [mode for machine in case.machines.values() for mode in machine.seasonal]
        fitted = np.where(retrofits["mode"].isin(season), retrofits["season_machines"], retrofits["machines"])
        return cls(
            case,
            year,
            {str(u): float(n) for u, n in zip(units["unit"], units["machines"], strict=True)},
            {(str(u), str(k)): float(n) for u, k, n in zip(retrofits["unit"], retrofits["mode"], fitted, strict=True)},
            pairs,
            size,
            {str(n): float(mw) for n, mw in zip(districts["node"], districts["design_demand_mw"], strict=True)},
            {name: _planned(case, plan, year, name) for name in size if name in set(seasonal["store"])},
            {rule.id: _pace(case, plan, year, rule) for rule in case.instance.header.rules},  # type: ignore[arg-type]
            reserve={str(u): float(n) for u, n in zip(units["unit"], units["reserve_machines"], strict=True)},
        )

    # --- what stands, in order ---------------------------------------------------------------------------

    @cached_property
    def units(self) -> tuple[Machine, ...]:
        """Units of which machines operate."""
        return tuple(m for m in self.case.machines.values() if self.machines[m.id] > 0.0)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Lines of which pairs are in place."""
        return tuple(line for line in self.case.lines.values() if self.pairs[line.id] > 0.0)

    @cached_property
    def stores(self) -> tuple[Store, ...]:
        """Stores that hold something."""
        return tuple(store for store in self.case.instance.stores if self.size_mwh[store.id] > 0.0)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Nodes with a design load."""
        return tuple(node for node, load in self.load_mw.items() if load > 0.0)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Nodes with units that operate: only there heat can be spilled."""
        return tuple(sorted({m.unit.node for m in self.units}))

    @cached_property
    def limits(self) -> tuple[YearlyLimit, ...]:
        """The yearly limits of the stage."""
        return tuple(rule for rule in self.case.instance.header.rules if isinstance(rule, YearlyLimit))

    @property
    def hours(self) -> range:
        """Hours of the season, counted from its beginning."""
        assert isinstance(self.case.grid, Hours)
        return range(self.case.grid.first, self.case.grid.first + self.case.grid.number)

    def demand_mw(self, node: str) -> Array:
        """Heat demand of a node by hour, after the demand side."""
        demand: Array = self.load_mw[node] * self.case.grid.profile(node)[0]
        return demand

    def half_loss_mw(self) -> dict[str, float]:
        """Half the loss of every pair that ends at each node, MW."""
        found = dict.fromkeys(self.case.instance.node, 0.0)
        for line in () if self.lossless else self.lines:
            for node in (line.pipe.from_node, line.pipe.to_node):
                found[node] += 0.5 * line.loss_mw * self.pairs[line.id]
        return found

    # --- variants ----------------------------------------------------------------------------------------

    def over(self, first: int, number: int) -> Stage:
        """The stage over fewer hours of the season."""
        return replace(self, case=Case(self.case.instance, Hours.of(self.case.instance, first, number)))

    def without(self, contingency: Contingency) -> Stage:
        """What is left when an element is lost. As in the contingencies of the model, the reserve then operates."""
        left = 1.0 - contingency.lost_share
        unit = self.case.instance.units
        gone = {u.id for u in unit if u.id == contingency.unit or u.node == contingency.node}
        lines = {line.id for line in self.case.lines.values() if line.pipe.id == contingency.pipe}
        return replace(
            self,
            machines={
                u: (n + self.reserve.get(u, 0.0)) * (left if u in gone else 1.0) for u, n in self.machines.items()
            },
            open_machines={(u, k): n * (left if u in gone else 1.0) for (u, k), n in self.open_machines.items()},
            pairs={line: n * (left if line in lines else 1.0) for line, n in self.pairs.items()},
            reserve={},
            lossless=True,
            guaranteed={node: self.case.instance.guarantee_share(node) for node in self.load_mw},
        )


def alone(instance: Instance, year: int) -> Instance:
    """The instance with one stage and the yearly limits that hold in it; what a plan must keep over time goes."""
    header = instance.header
    limits = tuple(
        rule
        for rule in header.rules
        if rule.enabled and isinstance(rule, YearlyLimit) and (rule.from_year or year) <= year <= (rule.to_year or year)
    )
    stages = tuple(stage for stage in header.stages if stage.year == year)
    header = header.model_copy(update={"stages": stages, "rules": limits})
    return instance.replace(header=header, schedules={}, schedule=None, schedule_name=None)


def _planned(case: Case, plan: Solution, year: int, store: str) -> Array:
    """Level of a seasonal store before every hour of the season and at its end, straight from day to day."""
    rows = plan.seasonal[(plan.seasonal["stage"] == year) & (plan.seasonal["store"] == store)]
    begin = rows.sort_values("season_day")["level_mwh"].to_numpy(dtype=np.float64)
    kept = 1.0 - next(one for one in case.instance.stores if one.id == store).loss_share_per_h
    end = begin[0] / kept ** (24 * case.instance.off_season_days) if kept else 0.0
    return _by_hour(case, np.append(begin, end))


def _pace(case: Case, plan: Solution, year: int, rule: YearlyLimit) -> Array:
    """Share of a yearly limit that the plan has counted before every hour of the season, and at its end.

    That of the heat demand where the plan has nothing that the limit counts.
    """
    rows = plan.operation[(plan.operation["stage"] == year) & (plan.operation["kind"] == "unit")]
    chosen = {unit.id for unit in selected(case.instance, rule.select)}
    by_day = np.zeros(len(plan.days))
    for (unit, name), part in rows[rows["quantity"].str.startswith("corner_")].groupby(["id", "quantity"]):
        if unit in chosen:
            machine = case.machines[str(unit)]
            corner = machine.corners[str(name).removeprefix("corner_").removesuffix("_machines")]
            amount = per_hour(case, machine, corner, rule, year)
            by_day += amount * part.groupby("day")["value"].sum().reindex(plan.days["day"]).to_numpy()
    season = by_day[plan.calendar["day"].to_numpy()]
    if not season.sum() > 0.0:
        season = case.grid.load[0].reshape(-1, 24).sum(axis=1)
    return _by_hour(case, np.concatenate([[0.0], np.cumsum(season)]) / season.sum())


def _by_hour(case: Case, by_day: Array) -> Array:
    """Values at the beginnings of days and at the end, straight between; another season passes at the same pace."""
    hours = case.instance.series.hours
    place = np.arange(hours + 1) * (len(by_day) - 1) / hours
    return np.asarray(np.interp(place, np.arange(len(by_day)), by_day), dtype=np.float64)
