"""The containers that every part of the formulation writes into: core, design hour, operation block, model.

Balances and costs are gathered as lists of expressions and closed in one place, so that a technology is one file.
The core offers *links* (`machines`, `pairs`, `size` … of something in a stage, and allocations to a day); an operation
block sees nothing else of it, so the same block stands inside the one big model and alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyomo.environ as pyo

from heatnet.formulation.case import Case

Expression = Any
"""A Pyomo expression or a number; Pyomo has no types."""

LinkKey = tuple[str, str]
"""What is linked and its id: ("machines", unit), ("modes", UNIT/MODE), ("pairs", line), ("size", store),
("load", node); by day ("budget", rule), ("floor", rule), ("net", store), ("low", store), ("high", store)."""

Bounds = tuple[float | None, float | None]


@dataclass
class Core:
    """Investment decisions of all stages, and what of them others lean on.

    `offers[link][year, day]` is the value that the block of that stage and day may lean on, `links[link]` its bounds.
    The other maps are by id and year: machines that are there, reserve included; machines in reserve; most heat and
    power that operating machines can make, MW; pairs of `PIPE/TYPE` and of a line; design load, MW.
    """

    case: Case
    block: Any
    offers: dict[LinkKey, dict[tuple[int, int], Expression]] = field(default_factory=lambda: defaultdict(dict))
    links: dict[LinkKey, Bounds] = field(default_factory=dict)
    standing: dict[tuple[str, int], Expression] = field(default_factory=dict)
    reserve: dict[tuple[str, int], Expression] = field(default_factory=dict)
    able_heat_mw: dict[tuple[str, int], Expression] = field(default_factory=dict)
    able_power_mw: dict[tuple[str, int], Expression] = field(default_factory=dict)
    pairs: dict[tuple[str, int], Expression] = field(default_factory=dict)
    lines: dict[tuple[str, int], Expression] = field(default_factory=dict)
    load_mw: dict[tuple[str, int], Expression] = field(default_factory=dict)
    costs: dict[tuple[str, int], list[Expression]] = field(default_factory=lambda: defaultdict(list))

    def offer(self, link: LinkKey, bounds: Bounds, year: int, value: Expression, day: int | None = None) -> None:
        """Set the value of a link in a stage, on all its days or on one. `bounds` are those of all stages."""
        self.links[link] = bounds
        for place in self.case.grid.days if day is None else (day,):
            self.offers[link][year, place] = value

    def links_of(self, year: int, day: int) -> dict[LinkKey, Bounds]:
        """The links of the block of a stage and day, with their bounds."""
        return {link: bounds for link, bounds in self.links.items() if (year, day) in self.offers[link]}

    def operating(self, unit: str, year: int) -> Expression:
        """Machines of a unit that operate in a stage."""
        return self.standing[unit, year] - self.reserve.get((unit, year), 0)

    def cost(self, term: str, year: int, value: Expression) -> None:
        """Add to a cost term of `docs/model.md`, million of the base year, in a stage."""
        self.costs[term, year].append(value)

    def restrict_additions(self, name: str, assets: Mapping[Any, Asset], in_place: Any) -> None:
        """Rows on what is added of each asset: never negative, none too early, no more in all than allowed.

        `in_place`: variable by asset and year. The rows stand in the block under `name`.
        """
        rows = pyo.ConstraintList()
        self.block.add_component(name, rows)
        for key, asset in assets.items():
            added = self.case.additions({year: in_place[key, year] for year in self.case.years}, asset.life_years)
            for year, value in added.items():
                early = asset.earliest_year is not None and year < asset.earliest_year
                rows.add(value == 0 if early else value >= 0)
            if asset.most is not None:
                rows.add(total(list(added.values())) <= asset.most)


@dataclass(frozen=True)
class Asset:
    """What may be added: at most `most` over all stages, not before `earliest_year`, each standing `life_years`."""

    most: float | None
    earliest_year: int | None
    life_years: int


@dataclass
class Balance:
    """Heat balances of the nodes at one or more times, MW: all that comes, less all that leaves, is 0.

    `node_heat` gathers what units at a node send out, for the limit of its heat station.
    """

    inflow: dict[tuple[str, int], list[Expression]] = field(default_factory=lambda: defaultdict(list))
    node_heat: dict[tuple[str, int], list[Expression]] = field(default_factory=lambda: defaultdict(list))

    def send(self, node: str, time: int, value: Expression) -> None:
        """Heat that units at a node send out, MW."""
        self.node_heat[node, time].append(value)
        self.inflow[node, time].append(value)

    def add(self, node: str, time: int, value: Expression) -> None:
        """Heat that comes to a node in another way (negative: leaves it), MW."""
        self.inflow[node, time].append(value)


@dataclass
class Operation:
    """One representative day of one stage, joined to the core by `block.link` only."""

    case: Case
    block: Any
    year: int
    day: int
    balance: Balance = field(default_factory=Balance)
    costs: dict[str, list[Expression]] = field(default_factory=lambda: defaultdict(list))

    @property
    def steps(self) -> range:
        """Numbers of the steps of the day."""
        return self.case.grid.steps

    def link(self, kind: str, name: str) -> Expression:
        """The block's own copy of a link."""
        return self.block.link[kind, name]

    @property
    def day_weight(self) -> float:
        """Value in the base year of 1 paid on this day, in million."""
        return self.case.grid.weight_days[self.day] * self.case.weight(self.year) / 1e6

    @property
    def step_weight(self) -> float:
        """Turns MW at a price per MWh in one step into million of the base year."""
        return self.day_weight * self.case.grid.step_hours

    def linked(self, kind: str, name: str) -> bool:
        """Whether the block has such a link."""
        return (kind, name) in self.block.link

    def price(self, series: str, step: int) -> float:
        """Mean of an hourly series over a step."""
        return float(self.case.grid.mean(series)[self.day, step])

    def cost(self, term: str, value: Expression) -> None:
        """Add to a cost term of `docs/model.md`, million of the base year."""
        self.costs[term].append(value)


@dataclass
class Model:
    """The one big model: core and blocks in one Pyomo model, links joined, objective closed."""

    case: Case
    pyomo: Any
    core: Core
    operations: Mapping[tuple[int, int], Operation]


def total(expressions: list[Expression]) -> Expression:
    """Sum of expressions, 0 for none."""
    return pyo.quicksum(expressions)
