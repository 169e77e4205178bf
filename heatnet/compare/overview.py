"""The frame `schedules`: a row per schedule, and how sure its differences are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from heatnet.compare import money
from heatnet.compare.schedules import FREE
from heatnet.compare.sides import Found, Side
from heatnet.compare.strictness import asks_more

COLUMNS = {
    **dict.fromkeys(("schedule", "title", "title_local", "status", "stop_reason"), "str"),
    **dict.fromkeys(("cost_mcur", "bound_mcur", "gap_share"), "float64"),
    "met": "bool",
    **dict.fromkeys(("difference_mcur", "difference_least_mcur", "difference_most_mcur"), "float64"),
    "decided": "boolean",
    **dict.fromkeys(("price_mcur", "price_least_mcur", "price_most_mcur"), "float64"),
    "price_decided": "boolean",
    **dict.fromkeys(("unit_cost_cur_per_gj", "unit_cost_cur_per_m2_season", "stranded_mcur"), "float64"),
    "peak_investment_mcur_per_year": "float64",
    "peak_investment_stage": "Int64",
    **dict.fromkeys(("co2_fuel_mt", "coal_twh", "gas_twh", "seconds", "peak_rss_mb"), "float64"),
}
"""Columns and their types; `boolean` and `Int64` may be blank."""


def schedules(sides: Sequence[Side], frames: Mapping[str, pd.DataFrame], reference: str) -> pd.DataFrame:
    """The frame, from the others."""
    by_name = {side.name: side for side in sides}
    rows = []
    for side in sides:
        told, schedule = side.summary, side.instance.schedule
        row: dict[str, object] = {
            "schedule": side.name,
            "title": schedule.title if schedule else "",
            "title_local": schedule.title_local if schedule else "",
            "status": told.status,
            "stop_reason": told.stop_reason,
            "cost_mcur": told.cost,
            "bound_mcur": told.bound,
            "gap_share": told.gap,
            "met": not (frames["missing"]["schedule"] == side.name).any(),
            "seconds": told.seconds.get("total"),
            "peak_rss_mb": told.peak_rss_mb,
        }
        row |= _against(side, by_name.get(reference), "difference", "decided")
        row |= _against(side, by_name.get(FREE), "price", "price_decided")
        row |= _of_plan(side.found, frames, side.name) if side.found is not None else {}
        rows.append(row)
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS)).astype(COLUMNS)


def _against(side: Side, other: Side | None, word: str, verdict: str) -> dict[str, object]:
    """The difference of costs to another schedule with its proved interval; nothing where there is no other."""
    if other is None:
        return {}
    if other is side:
        return dict.fromkeys((f"{word}_mcur", f"{word}_least_mcur", f"{word}_most_mcur"), 0.0)
    (cost, bound), (other_cost, other_bound) = ((one.summary.cost, one.summary.bound) for one in (side, other))
    least, most, decided = interval(
        cost,
        bound,
        other_cost,
        other_bound,
        more=asks_more(side.instance, other.instance),
        less=asks_more(other.instance, side.instance),
    )
    return {
        f"{word}_mcur": _less(cost, other_cost),
        f"{word}_least_mcur": least,
        f"{word}_most_mcur": most,
        verdict: decided,
    }


def _less(one: float | None, other: float | None) -> float | None:
    return one - other if one is not None and other is not None else None


def interval(
    cost: float | None,
    bound: float | None,
    other_cost: float | None,
    other_bound: float | None,
    *,
    more: bool = False,
    less: bool = False,
) -> tuple[float | None, float | None, bool | None]:
    """What a least cost less another lies between, each known to lie from its bound to its cost.

    `more`: the one asks for more than the other, so that it costs no less; `less` the other way round. The third says
    whether the interval leaves out 0. None stands for what is not known.
    """
    least, most = _less(bound, other_cost), _less(cost, other_bound)
    if more and (least is not None or most is not None):
        least = max(least or 0.0, 0.0)
    if less and (least is not None or most is not None):
        most = min(most or 0.0, 0.0)
    if least is None and most is None:
        return None, None, None
    return least, most, (least is not None and least > 0.0) or (most is not None and most < 0.0)


def _of_plan(found: Found, frames: Mapping[str, pd.DataFrame], name: str) -> dict[str, object]:
    def own(frame: str) -> pd.DataFrame:
        return frames[frame][frames[frame]["schedule"] == name]

    gj, m2 = money.whole_unit_costs(found)
    yearly = own("investments").groupby("stage")["investment_mcur_per_year"].sum()
    emitted = own("emissions")
    years = dict(zip(found.years, found.spans, strict=True))
    over_all = emitted[["co2_fuel_t", "coal_mwh", "gas_mwh"]].mul(emitted["stage"].map(years), axis=0).sum() / 1e6
    return {
        "unit_cost_cur_per_gj": gj,
        "unit_cost_cur_per_m2_season": m2,
        "stranded_mcur": float(own("stranded")["discounted_mcur"].sum()),
        "peak_investment_mcur_per_year": float(yearly.max()),
        "peak_investment_stage": yearly.idxmax() if yearly.max() > 0.0 else None,
        "co2_fuel_mt": over_all["co2_fuel_t"],
        "coal_twh": over_all["coal_mwh"],
        "gas_twh": over_all["gas_mwh"],
    }
