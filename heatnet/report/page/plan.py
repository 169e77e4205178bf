"""What the page tells of: a result with the judge's figures, and the frames that follow from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from heatnet.check import CheckReport
from heatnet.errors import RunError
from heatnet.instance import Instance
from heatnet.instance.records import Unit
from heatnet.report.page.style import Source, sources
from heatnet.solution import Solution

STORE = "store"
"""Source of the heat that comes out of stores, beside the kinds of technology."""


@dataclass(frozen=True)
class Subject:
    """A result as the page tells it: `summary` is `result.json`, `certificate` is `certificate.json`.

    `plan` is None where the solver found none. `faults` are sentences of judging the result again, now. `water` is
    `hydraulics.csv`, None where no stage was simulated.
    """

    instance: Instance
    summary: Mapping[str, Any]
    plan: Plan | None
    faults: tuple[str, ...]
    certificate: Mapping[str, Any] | None
    water: pd.DataFrame | None = None

    @classmethod
    def of(
        cls,
        instance: Instance,
        summary: Mapping[str, Any],
        solution: Solution | None,
        report: CheckReport | None,
        faults: tuple[str, ...],
        certificate: Mapping[str, Any] | None,
        water: pd.DataFrame | None = None,
    ) -> Subject:
        """What a result folder holds; `report` is that of judging it again, None where there is no plan.

        Raises RunError for a plan that breaks laws: its figures may not even fit together.
        """
        if solution is None or report is None:
            return cls(instance, summary, None, faults, certificate)
        if report.violated:
            number = len(report.violations)
            raise RunError(f"the plan breaks {number} laws, so no page is made of it; `heatnet check` tells which.")
        return cls(instance, summary, Plan(instance, solution, report), faults, certificate, water)


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, a column each an attribute; what a column holds is told in `heatnet.solution.COLUMNS`."""
    return iter(frame.itertuples(index=False))


def spans(instance: Instance) -> dict[int, str]:
    """How the stages are called by first year: 2026–27."""
    return {
        s.year: str(s.year) if s.span_years == 1 else f"{s.year}–{str(s.year + s.span_years - 1)[2:]}"
        for s in instance.stages
    }


def at(frame: pd.DataFrame, row: object, column: object) -> float:
    """A number of a frame by the labels of its row and column."""
    value: Any = frame.at[row, column]
    return float(value)


def read_certificate(path: Path) -> dict[str, Any] | None:
    """The content of `certificate.json`; None where it is not there, or is none (which judging the result tells)."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        claims = [
            {key: claim[key] for key in ("by", "status", "cost", "bound", "seconds")} for claim in document["claims"]
        ]
        return {"claims": claims, "contradictions": [str(text) for text in document["contradictions"]]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True)
class Plan:
    """A plan and what follows from it."""

    instance: Instance
    solution: Solution
    report: CheckReport

    @cached_property
    def years(self) -> list[int]:
        """First years of the stages."""
        return [stage.year for stage in self.instance.stages]

    @cached_property
    def spans(self) -> dict[int, str]:
        """How a stage is called: 2026–27."""
        return spans(self.instance)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The source that each technology is shown as."""
        return sources(self.instance)

    @cached_property
    def unit(self) -> dict[str, Unit]:
        """Unit by id."""
        return {unit.id: unit for unit in self.instance.units}

    @cached_property
    def source_of(self) -> dict[str, Source]:
        """The source that each unit is shown as."""
        return {unit.id: self.sources[unit.technology] for unit in self.instance.units}

    @cached_property
    def weight_days(self) -> dict[int, float]:
        """Days of the season that each representative day stands for."""
        return dict(zip(self.solution.days["day"], self.solution.days["weight_days"], strict=True))

    @cached_property
    def heat(self) -> pd.DataFrame:
        """Heat that sources and stores send out: stage, day, hour (of a step), source, heat_mw."""
        rows = self.operation("unit", "heat_mw")
        made = rows.assign(source=rows["id"].map({name: source.key for name, source in self.source_of.items()}))
        stored = self.operation("store", "discharge_mw").assign(source=STORE)
        together = pd.concat([made, stored])
        keys = ["stage", "day", "hour", "source"]
        return together.groupby(keys)["value"].sum().rename("heat_mw").reset_index()

    @cached_property
    def balance(self) -> pd.DataFrame:
        """The whole network by stage, day and hour: unserved_mw, spill_mw, charge_mw, and needed_mw.

        `needed_mw` is what districts and losses take: heat sent out less what is stored and spilled, plus what is
        missing.
        """
        keys = ["stage", "day", "hour"]
        parts = {
            quantity: self.operation(kind, quantity).groupby(keys)["value"].sum()
            for kind, quantity in (("node", "unserved_mw"), ("node", "spill_mw"), ("store", "charge_mw"))
        }
        frame = pd.DataFrame({"sent_mw": self.heat.groupby(keys)["heat_mw"].sum(), **parts}).fillna(0.0)
        frame["needed_mw"] = frame["sent_mw"] + frame["unserved_mw"] - frame["spill_mw"] - frame["charge_mw"]
        return frame.reset_index()

    @cached_property
    def season_gwh(self) -> pd.DataFrame:
        """Heat of a season in GWh: a row per source, a column per stage, the largest first."""
        energy = self.heat["heat_mw"] * self.heat["day"].map(self.weight_days) * self.solution.step_hours / 1000.0
        table = energy.groupby([self.heat["source"], self.heat["stage"]]).sum().unstack("stage").fillna(0.0)
        table = table.drop(index=STORE, errors="ignore")
        return table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]

    @cached_property
    def changes(self) -> pd.DataFrame:
        """What happens to units: stage, unit, what (closes, reserve, back, built), machines, heat_mw (of them all)."""
        units = self.solution.units.sort_values("stage", kind="stable")
        before: dict[str, int] = {}
        rows = []
        for row in rows_of(units):
            unit = str(row.unit)
            moved = int(row.reserve_machines) - before.get(unit, 0)
            # Machines that leave the reserve for good are told as closing, not as coming back.
            back = max(-moved - int(row.retired_machines), 0)
            counts = {"closes": row.retired_machines, "reserve": max(moved, 0), "back": back, "built": row.new_machines}
            for what, number in counts.items():
                if number:
                    rows.append((row.stage, unit, what, int(number), int(number) * self.instance.machine_heat_mw[unit]))
            before[unit] = int(row.reserve_machines)
        return pd.DataFrame(rows, columns=["stage", "unit", "what", "machines", "heat_mw"])

    def operation(self, kind: str, quantity: str) -> pd.DataFrame:
        """Rows of the operation of one kind and quantity."""
        frame = self.solution.operation
        return frame[(frame["kind"] == kind) & (frame["quantity"] == quantity)]
