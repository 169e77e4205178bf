"""Shares of the design loads that occur at once, and a plan that they fit: solved and counted in turn.

How many consumers lie behind a pipe depends on the plan, and the plan on the shares that they give the pipes. So the
consumers are counted in the plan of one round, and their shares are those of the next.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from heatnet.errors import UsageError
from heatnet.instance import Instance
from heatnet.physics.load import simultaneity
from heatnet.solution import Solution
from heatnet.solve import COST_TOLERANCE, Result
from heatnet.study.points import FIGURES, Study, figures, table

Shares = Mapping[tuple[str, str], float]
"""By table (`pipes`, `units`) and id; 1 where nothing is said."""

TOLERANCE = 0.005
"""Shares that differ by no more are the same."""

NOTHING_MW = 1e-6
"""Flows up to this are none."""

COLUMNS = (
    "round",
    *FIGURES,
    "difference_mcur",
    "difference_share",
    "largest_change_share",
    "too_small",
    "pipe_km",
    "seconds",
)
"""`difference_…`: the cost less that of round 1, in million and as a share of it. `pipe_km`: of pairs in place at last.

`largest_change_share`: the most by which a share counted on the plan differs from that which it was solved with;
`too_small`: at how many pipes and units it is larger.
"""

TOO_SMALL = ("table", "id", "diversity_share", "counted_share")


@dataclass(frozen=True)
class Diversity:
    """`rounds`: a row each. `ending`: why there are no more, a sentence. `last`: the result of the last of them.

    `too_small`: pipes and units that the last plan has with a smaller share than is counted on it.
    """

    rounds: pd.DataFrame
    ending: str
    too_small: pd.DataFrame
    last: Result

    @property
    def verdict(self) -> str:
        """Whether the last plan is sized for what is counted on it, a sentence."""
        if self.last.answer.solution is None:
            return "The last round has no plan."
        if self.too_small.empty:
            return f"No share of the last plan is smaller than that counted on it (to {TOLERANCE:g}).{self._cheaper()}"
        worst = self.too_small.iloc[0]
        number = len(self.too_small)
        return (
            f"The last plan is sized for a smaller share than is counted on it at {number} place"
            f"{'s' if number > 1 else ''}, most at {worst['id']} in {worst['table']}.csv: "
            f"{worst['diversity_share']:.3f}, counted {worst['counted_share']:.3f}."
        )

    def _cheaper(self) -> str:
        """A sentence on an earlier plan that is sized for what is counted on it too, and costs less; or nothing."""
        cost = self.rounds.iloc[:, COLUMNS.index("cost_mcur")].to_numpy(dtype=np.float64)
        best = int(np.argmin(np.where(self.rounds["too_small"] == 0, cost, np.inf)))
        if cost[best] >= cost[-1] - COST_TOLERANCE * abs(cost[-1]):
            return ""
        return f" Nor is one of the plan of round {best + 1}, which costs less."

    @property
    def operation(self) -> str:
        """What operation asks for at once, which no share changes, a sentence."""
        instance, grid = self.last.instance, self.last.grid
        year = instance.stages[-1].year
        load = {node: instance.design_heat_mw(node, year) for node in instance.demand_nodes}
        most = np.max(sum(load[node] * grid.profile(node) for node in load)) / max(sum(load.values()), NOTHING_MW)
        return (
            f"Operation asks for up to {most:.1%} of the design loads at once, whatever the shares; "
            "pipes are no smaller than for that."
        )


def diversity(instance: Instance, rounds: int, study: Study) -> Diversity:
    """Solve and count in turn until no share changes, each round from the plan before.

    Where the shares come back to those of an earlier round, the largest of all rounds between are taken, and from then
    on they only rise, so that it ends. Raises UsageError for less than one round.
    """
    if rounds < 1:
        raise UsageError(f"--rounds {rounds}: must be 1 or more.")
    shares, seen = given(instance), list[Shares]()
    found: list[tuple[Result, float, float, float]] = []
    counts: Shares = {}
    repeated, ending = "", f"The {rounds} rounds are used up."
    for number in range(1, rounds + 1):
        began = time.perf_counter()
        before = found[-1][0].answer.solution if found else None
        result = study.point(f"round-{number}", with_shares(instance, shares), before)
        if result is None and not found:
            raise KeyboardInterrupt
        if result is None or result.answer.solution is None:
            ending = f"{'Interrupted in round' if study.stopped else 'No plan was found in round'} {number}."
            found += [] if result is None else [(result, np.nan, np.nan, time.perf_counter() - began)]
            break
        counts = counted(result.instance, result.answer.solution)
        change, small = largest_change(shares, counts), smaller(shares, counts)
        found.append((result, change, len(small), time.perf_counter() - began))
        if change <= TOLERANCE:
            ending = f"The shares of round {number} are those counted on its plan (to {TOLERANCE:g})."
            break
        if repeated and not small:
            ending = repeated
            break
        if study.stopped:
            ending = f"Interrupted in round {number}."
            break
        if number == rounds:
            break
        seen.append(shares)
        again = [k for k, earlier in enumerate(seen[:-1]) if largest_change(earlier, counts) <= TOLERANCE]
        if repeated:
            shares = larger(shares, {**shares, **counts})
        elif again:
            first = again[-1] + 1
            repeated = f"Rounds {first} to {number} would repeat; then the largest shares of them were taken."
            for earlier in seen[first - 1 :]:
                shares = larger(shares, earlier)
        else:
            shares = counts
    last = found[-1][0]
    worst = smaller(given(last.instance), counts) if last.answer.solution is not None else []
    return Diversity(_table(found, instance), ending, pd.DataFrame(worst, columns=list(TOO_SMALL)), last)


# --- shares --------------------------------------------------------------------------------------------------


def given(instance: Instance) -> Shares:
    """The shares of an instance."""
    rows = [("pipes", pipe.id, pipe.diversity_share) for pipe in instance.pipes]
    rows += [("units", unit.id, unit.diversity_share) for unit in instance.units]
    return {(name, row): share for name, row, share in rows}


def with_shares(instance: Instance, shares: Shares) -> Instance:
    """The instance with shares in the stead of its own."""
    pipes, units = instance.pipes, instance.units
    return instance.replace(
        pipes=tuple(row.model_copy(update={"diversity_share": shares.get(("pipes", row.id), 1.0)}) for row in pipes),
        units=tuple(row.model_copy(update={"diversity_share": shares.get(("units", row.id), 1.0)}) for row in units),
    )


def larger(one: Shares, other: Shares) -> Shares:
    """The larger of two shares everywhere."""
    return {key: max(one.get(key, 1.0), other.get(key, 1.0)) for key in {**one, **other}}


def largest_change(one: Shares, other: Shares) -> float:
    """The most by which two shares of the same differ."""
    return max((abs(one.get(key, 1.0) - other.get(key, 1.0)) for key in {**one, **other}), default=0.0)


def smaller(used: Shares, counts: Shares) -> list[tuple[str, str, float, float]]:
    """Rows of `TOO_SMALL`, the worst first: of what serves consumers, the shares below those counted."""
    rows = [(*key, used.get(key, 1.0), share) for key, share in counts.items()]
    return sorted((row for row in rows if row[3] > row[2] + TOLERANCE), key=lambda row: row[2] - row[3])


# --- counting ------------------------------------------------------------------------------------------------


def counted(instance: Instance, solution: Solution) -> Shares:
    """Shares of the pipes and units behind which consumers lie: the largest of all stages."""
    found: dict[tuple[str, str], float] = {}
    for stage in instance.stages:
        for key, consumers in consumers_behind(instance, solution, stage.year).items():
            if consumers > 0.0:
                found[key] = max(found.get(key, 0.0), simultaneity(consumers))
    return found


def consumers_behind(instance: Instance, solution: Solution, year: int) -> dict[tuple[str, str], float]:
    """Consumers behind every pipe and unit, from the flow of the design hour of a stage.

    What comes to a node mixes there. F(e) being the heat in pipe e, T(v) all that comes to node v, by pipes and from
    its own units, and k(v) the consumers of v, as far as their design load is served:

        n(e) = N(v) · F(e) / T(v) for a pipe e into v, and N(v) = k(v) + Σ n(e) over the pipes e out of v.

    So a consumer counts for a pipe by the share of its heat that comes through it; on a tree, fully. Heat that runs
    round in a ring serves nobody and is taken off before. Behind a unit are all consumers of its connected part of the
    network, pipes with pairs in place.
    """
    served = _served(instance, solution, year)
    laid = solution.pipes[solution.pipes["stage"] == year].groupby("pipe")[["design_flow_mw", "pairs"]].sum()
    made = solution.units[solution.units["stage"] == year].set_index("unit")["design_heat_mw"]
    flow = {str(pipe): float(mw) for pipe, mw in laid["design_flow_mw"].items()}
    ways = nx.MultiDiGraph()
    ways.add_nodes_from(instance.node)
    for pipe in instance.pipes:
        ends = (pipe.from_node, pipe.to_node) if flow[pipe.id] > 0 else (pipe.to_node, pipe.from_node)
        if abs(flow[pipe.id]) > NOTHING_MW:
            ways.add_edge(*ends, key=pipe.id, mw=abs(flow[pipe.id]))
    _take_off_rings(ways)
    come = {node: sum(mw for _, _, mw in ways.in_edges(node, data="mw")) for node in ways}
    for unit in instance.units:
        come[unit.node] += float(made[unit.id])
    found: dict[tuple[str, str], float] = {}
    for node in reversed(list(nx.topological_sort(ways))):
        behind = served.get(node, 0.0) + sum(found["pipes", pipe] for _, _, pipe in ways.out_edges(node, keys=True))
        for _, _, pipe, mw in ways.in_edges(node, keys=True, data="mw"):
            found["pipes", pipe] = behind * mw / come[node]
    joined = nx.Graph()
    joined.add_nodes_from(instance.node)
    joined.add_edges_from((pipe.from_node, pipe.to_node) for pipe in instance.pipes if laid["pairs"][pipe.id] > 0)
    for part in nx.connected_components(joined):
        everybody = sum(served.get(node, 0.0) for node in part)
        found |= {("units", unit.id): everybody for unit in instance.units if unit.node in part}
    return found


def _served(instance: Instance, solution: Solution, year: int) -> dict[str, float]:
    """Consumers by node, as far as their design load is served."""
    rows = solution.districts[solution.districts["stage"] == year]
    found = {}
    for node, load, short in zip(rows["node"], rows["design_demand_mw"], rows["design_shortfall_mw"], strict=True):
        if load > NOTHING_MW:
            found[str(node)] = instance.consumers(str(node), year) * max(1.0 - float(short) / float(load), 0.0)
    return found


def _take_off_rings(ways: nx.MultiDiGraph) -> None:
    """Takes off heat that runs round in rings, until there are none."""
    while True:
        try:
            ring = nx.find_cycle(ways)
        except nx.NetworkXNoCycle:
            return
        least = min(ways.edges[way]["mw"] for way in ring)
        for way in ring:
            ways.edges[way]["mw"] -= least
            if ways.edges[way]["mw"] <= NOTHING_MW:
                ways.remove_edge(*way)


# --- the table -----------------------------------------------------------------------------------------------


def _table(found: list[tuple[Result, float, float, float]], instance: Instance) -> pd.DataFrame:
    rows: list[tuple[object, ...]] = []
    first = figures(found[0][0])[1]
    for number, (result, *measured, seconds) in enumerate(found, start=1):
        told = figures(result)
        more = told[1] - first
        rows.append((number, *told, more, more / abs(first) if first else np.nan, *measured, _pipe_km(result), seconds))
    return table(rows, COLUMNS, instance.header.currency)


def _pipe_km(result: Result) -> float:
    """Kilometres of pairs in place in the last stage."""
    if result.answer.solution is None:
        return np.nan
    pipes = result.answer.solution.pipes
    last = pipes[pipes["stage"] == result.instance.stages[-1].year]
    length = {pipe.id: pipe.length_km for pipe in result.instance.pipes}
    return float((last["pairs"] * last["pipe"].map(length)).sum())
