"""What a schedule does not meet: where, and how much."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from heatnet.compare.sides import Found, Side

COLUMNS = ["stage", "what", "id", "amount", "unit", "sentence"]

HEAT = ("design_hour", "season", "contingency")
"""What is called the same in a plan and where none can be."""

SMALLEST, SMALL_UNITS = 1e-3, ("MW", "MWh")
"""Below a kW, or a kWh, nothing is called missing: no figure of an instance can tell it."""


def missing(side: Side) -> pd.DataFrame:
    """The rows of a schedule; none where everything is met."""
    rows = list(_of_plan(side.found)) if side.found is not None else list(_without_plan(side))
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"stage": "Int64", "amount": "float64"})
    return frame.sort_values(
        ["stage", "what", "amount"], ascending=[True, True, False], na_position="first", ignore_index=True
    )


def _without_plan(side: Side) -> Iterator[tuple[object, ...]]:
    """That there is no plan, and the least that would have to be given up for one."""
    what = {"infeasible": "infeasible", "invalid": "unsound"}.get(side.summary.status, "plan")
    yield None, what, "", None, "", ""
    if side.given_up is None:
        return
    given_up = side.given_up
    told = (given_up["rule"] != "nothing_helps") & (
        (given_up["missing"] >= SMALLEST) | ~given_up["unit"].isin(SMALL_UNITS)
    )
    for row in given_up[told].itertuples(index=False):
        yield row.stage, row.rule if row.rule in HEAT else "rule", row.id, row.missing, row.unit, row.sentence


def _of_plan(found: Found) -> Iterator[tuple[object, ...]]:
    districts, security = found.solution.districts, found.solution.security
    for what, frame, name, amount, unit in (
        ("design_hour", districts, "node", "design_shortfall_mw", "MW"),
        ("season", districts, "node", "unserved_mwh", "MWh"),
        ("contingency", security, "contingency", "missing_mw", "MW"),
    ):
        for stage, thing, value in zip(frame["stage"], frame[name], frame[amount], strict=True):
            if value >= SMALLEST:
                yield stage, what, thing, float(value), unit, ""
