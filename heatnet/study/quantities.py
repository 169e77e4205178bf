"""What a front caps and an alternative bends, by the words of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from heatnet.errors import UsageError
from heatnet.formulation.case import Case
from heatnet.formulation.elastic import season_quantity
from heatnet.formulation.model import Model, total
from heatnet.instance import Instance
from heatnet.instance.context import suggestion
from heatnet.instance.records import Selection, YearlyLimit
from heatnet.instance.selection import selected
from heatnet.solution import Solution

EMISSIONS = {"co2": "co2_t", "so2": "so2_t", "nox": "nox_t", "pm": "pm_t"}


def yearly(instance: Instance, word: str) -> YearlyLimit:
    """The quantity of a season that a word names, as a limit without figures: an emission, or fuel.

    A fuel is named by its id, or several by what their ids have in common (`coal`). Raises UsageError for another word.
    """
    if word in EMISSIONS:
        return YearlyLimit(id=f"study-{word}", kind="yearly_limit", quantity=EMISSIONS[word], source=SOURCE)  # type: ignore[arg-type]
    fuels = [word] if word in instance.fuel else [fuel for fuel in instance.fuel if word and word in fuel]
    if not fuels:
        known = [*EMISSIONS, *instance.fuel]
        hint = suggestion(word, known)
        raise UsageError(f"--of {word}: is no emission or fuel; there are {', '.join(known)}{hint}")
    return YearlyLimit(
        id=f"study-{word}",
        kind="yearly_limit",
        quantity="fuel_mwh",
        select=(Selection(fuels=tuple(fuels)),),
        source=SOURCE,
    )


SOURCE = "assumed: set by a study"


def capped(instance: Instance, limit: YearlyLimit, most: float) -> Instance:
    """The instance with a yearly limit more, in every stage."""
    rules = (*instance.header.rules, limit.model_copy(update={"most": most}))
    return instance.replace(header=instance.header.model_copy(update={"rules": rules}))


@dataclass(frozen=True)
class Bend:
    """A quantity of a plan in one stage: `kind` is machines, technology, pipe, or the word of a yearly one."""

    kind: str
    id: str
    stage: int
    unit: str

    @classmethod
    def parse(cls, instance: Instance, text: str) -> Bend:
        """From `machines:UNIT`, `technology:ID`, `pipe:ID`, an emission or a fuel; `@YEAR`: a stage, else the last.

        Raises UsageError for what the instance does not have.
        """
        words, _, year = text.partition("@")
        stages = [stage.year for stage in instance.stages]
        if year and (not year.isdigit() or int(year) not in stages):
            raise UsageError(f"--of {text}: {year} is not a stage; there are {', '.join(map(str, stages))}.")
        stage = int(year) if year else stages[-1]
        kind, colon, name = words.partition(":")
        if not colon:
            limit = yearly(instance, words)
            return cls(words, "", stage, "MWh" if limit.quantity == "fuel_mwh" else "t")
        known = {
            "machines": [unit.id for unit in instance.units],
            "technology": list(instance.technology),
            "pipe": [pipe.id for pipe in instance.pipes],
        }
        if kind not in known:
            raise UsageError(
                f"--of {text}: must begin with machines:, technology: or pipe:, or name an emission or fuel."
            )
        if name not in known[kind]:
            raise UsageError(f"--of {text}: there is no {name} among the {kind} ids{suggestion(name, known[kind])}")
        return cls(kind, name, stage, "machines" if kind == "machines" else "MW")

    def expression(self, model: Model) -> Any:
        """The quantity in terms of the model's variables.

        Machines that operate; the size (`size_mw`) of those of a technology; the capacity of a pipe's pairs in place.
        """
        case, core = model.case, model.core
        if self.kind == "machines":
            return core.operating(self.id, self.stage)
        if self.kind == "technology":
            units = [m.unit for m in case.machines.values() if m.technology.id == self.id]
            return total([unit.size_mw * core.operating(unit.id, self.stage) for unit in units])
        if self.kind == "pipe":
            lines = [line for line in case.lines.values() if line.pipe.id == self.id]
            return total([line.capacity_mw * core.lines[line.id, self.stage] for line in lines])
        return season_quantity(model, yearly(case.instance, self.kind), self.stage)

    def value(self, case: Case, solution: Solution) -> float:
        """The quantity of a plan."""
        instance = case.instance
        if self.kind in ("machines", "technology"):
            machines = solution.units[solution.units["stage"] == self.stage].set_index("unit")["machines"]
            if self.kind == "machines":
                return float(machines[self.id])
            return float(sum(u.size_mw * machines[u.id] for u in instance.units if u.technology == self.id))
        if self.kind == "pipe":
            pipes = solution.pipes[(solution.pipes["stage"] == self.stage) & (solution.pipes["pipe"] == self.id)]
            capacity = {(line.name, line.regime.id): line.capacity_mw for line in case.lines.values()}
            rows = zip(*(pipes[name] for name in ("type", "regime", "pairs")), strict=True)
            return sum(int(n) * capacity[f"{self.id}/{kind}", str(regime)] for kind, regime, n in rows)
        return float(by_stage(instance, solution, yearly(instance, self.kind)).get(self.stage, 0.0))


def attained(instance: Instance, solution: Solution, limit: YearlyLimit) -> float:
    """The most of a yearly quantity in any stage of a plan, in its unit."""
    return max([float(value) for value in by_stage(instance, solution, limit)], default=0.0)


def by_stage(instance: Instance, solution: Solution, limit: YearlyLimit) -> pd.Series[float]:
    """A yearly quantity of a plan by stage, in its unit."""
    units = _selected(instance, limit)
    rows = solution.operation[
        (solution.operation["kind"] == "unit")
        & (solution.operation["quantity"] == "fuel_mw")
        & solution.operation["id"].isin(units)
    ]
    weight = solution.days.set_index("day")["weight_days"]
    amount = rows["value"] * solution.step_hours * rows["day"].map(weight) * rows["id"].map(units)
    return amount.groupby(rows["stage"]).sum()


def _selected(instance: Instance, limit: YearlyLimit) -> dict[str, float]:
    """Units that count, and what a MWh of their fuel counts."""
    found = {}
    for unit in selected(instance, limit.select):
        technology = instance.technology[unit.technology]
        co2 = instance.fuel[technology.fuel].co2_t_per_mwh if technology.fuel else 0.0
        found[unit.id] = {
            "fuel_mwh": 1.0,
            "co2_t": co2,
            "so2_t": technology.so2_g_per_mwh / 1e6,
            "nox_t": technology.nox_g_per_mwh / 1e6,
            "pm_t": technology.pm_g_per_mwh / 1e6,
        }[limit.quantity]
    return found
