"""The frames of a comparison (docs/compare.md): a table of contents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from heatnet.compare import changes, missing, money, overview, security, supply
from heatnet.compare.schedules import FREE
from heatnet.compare.sides import Found, Side
from heatnet.instance.records import file_name

OF_A_PLAN: Mapping[str, Callable[[Found], pd.DataFrame]] = {
    "costs": money.costs,
    "unit_costs": money.unit_costs,
    "emissions": supply.emissions,
    "fuels": supply.fuels,
    "heat": supply.heat,
    "renewable": supply.renewable,
    "limits": supply.limits,
    "design": security.design,
    "districts": security.districts,
    "security": security.security,
    "changes": changes.changes,
    "investments": money.investments,
    "stranded": money.stranded,
}
"""What every schedule with a plan is told by."""

NAMES = ("schedules", "missing", *OF_A_PLAN, "differences", "prices")
"""The frames by name; each is a file of the comparison."""


def frames(sides: Sequence[Side], reference: str) -> dict[str, pd.DataFrame]:
    """All frames, with the currency in the names of their columns."""
    plans = {side.name: side.found for side in sides if side.found is not None}
    found = {"missing": _stacked({side.name: missing.missing(side) for side in sides})}
    for name, of in OF_A_PLAN.items():
        found[name] = _stacked({side: of(plan) for side, plan in plans.items()})
    found["differences"] = less(found["costs"], reference, "difference_mcur")
    found["prices"] = less(found["costs"], FREE, "price_mcur")
    found["schedules"] = overview.schedules(sides, found, reference)
    currency = sides[0].instance.header.currency
    return {name: found[name].rename(columns=lambda text: file_name(text, currency)) for name in NAMES}


def _stacked(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The frames of the schedules one below the other, the schedule in front; no columns but it without any plan."""
    named = [part.assign(schedule=name)[["schedule", *part.columns]] for name, part in parts.items()]
    kept = [part for part in named if len(part)] or named[:1]  # an empty part has no types to go by
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame({"schedule": pd.Series(dtype="str")})


def less(costs: pd.DataFrame, reference: str, column: str) -> pd.DataFrame:
    """Costs less those of a schedule, term by term and stage by stage; without rows where that one has no plan."""
    keys = ["stage", "term"]
    of_reference = costs[costs["schedule"] == reference]
    if not len(of_reference):
        return pd.DataFrame({name: pd.Series(dtype="object") for name in ("schedule", *keys, column)})
    others = costs[costs["schedule"] != reference].merge(of_reference, on=keys, suffixes=("", "_there"))
    others[column] = others["cost_mcur"] - others["cost_mcur_there"]
    return others[["schedule", *keys, column]]
