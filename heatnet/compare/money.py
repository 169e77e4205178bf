"""Frames of money: costs by term, unit costs, investments, and what is lost with assets that leave early."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from heatnet.check.findings import Array
from heatnet.compare.sides import Found
from heatnet.physics.finance import annuity_share

PENALTIES = ("unserved", "shortfall", "contingency")
"""Terms that price a failure; nobody pays them."""

GJ_PER_MWH = 3.6


def costs(found: Found) -> pd.DataFrame:
    """stage, term, cost_mcur."""
    return found.report.costs.rename(columns={"value_mcur": "cost_mcur"})[["stage", "term", "cost_mcur"]]


def unit_costs(found: Found) -> pd.DataFrame:
    """Cost, heat and area of a year of each stage, and cost per GJ and per m² and season."""
    weight = found.facts.stages.weight
    frame = pd.DataFrame({"stage": found.years, "cost_mcur_per_year": _paid(found) / weight})
    frame["heat_gj"], frame["area_m2"] = heat_gj(found), area_m2(found)
    frame["unit_cost_cur_per_gj"] = per(frame["cost_mcur_per_year"], frame["heat_gj"])
    frame["unit_cost_cur_per_m2_season"] = per(frame["cost_mcur_per_year"], frame["area_m2"])
    return frame


def whole_unit_costs(found: Found) -> tuple[float, float]:
    """Cost per GJ and per m² and season over the horizon: cost, heat and area weighted alike."""
    weight, cost = found.facts.stages.weight, _paid(found).sum()
    totals = pd.Series([float(weight @ heat_gj(found)), float(weight @ area_m2(found))])
    gj, m2 = per(pd.Series([cost, cost]), totals)
    return float(gj), float(m2)


def per(cost_mcur: pd.Series[float], amount: pd.Series[float]) -> pd.Series[float]:
    """Million of the currency per an amount, in the currency; not a number where there is no amount."""
    return cost_mcur * 1e6 / amount.where(amount > 0.0)


def _paid(found: Found) -> Array:
    """Cost by stage without penalties, million, discounted."""
    rows = found.report.costs
    paid = rows[~rows["term"].isin(PENALTIES)].groupby("stage")["value_mcur"].sum()
    return paid.reindex(found.years).to_numpy(dtype=np.float64)


def heat_gj(found: Found) -> Array:
    """Heat delivered in a season of each stage, GJ."""
    sums = found.solution.districts.groupby("stage")[["demand_mwh", "unserved_mwh"]].sum().reindex(found.years)
    return (sums["demand_mwh"] - sums["unserved_mwh"]).to_numpy(dtype=np.float64) * GJ_PER_MWH


def area_m2(found: Found) -> Array:
    """Heated area of the nodes served in each stage, m²."""
    return np.asarray((found.facts.nodes.area_mm2 * found.state.connected).sum(axis=1) * 1e6, dtype=np.float64)


def investments(found: Found) -> pd.DataFrame:
    """stage, term, investment_mcur and the same per year of the stage; in full, not discounted."""
    facts, plan = found.facts, found.plan
    units, envelopes = facts.units, facts.envelopes
    machine = units.size_mw * units.of_technology("capex_mcur_per_mw")
    terms = {
        "pipes": plan.pipes["new_pairs"] @ facts.lines.capex_mcur,
        "units": plan.units["new_machines"] @ machine,
        "retrofits": plan.retrofits["new_machines"] @ facts.retrofits.capex_mcur,
        "stores": plan.stores["new_mwh"] @ facts.stores.capex_mcur_per_mwh,
        "regimes": _substations(found),
        "demand_side": plan.envelopes["new_mm2"] @ envelopes.capex_mcur_per_mm2 + _connections(found),
    }
    rows = [
        (year, term, float(value), float(value) / span)
        for term, values in terms.items()
        for year, value, span in zip(found.years, values, found.spans, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["stage", "term", "investment_mcur", "investment_mcur_per_year"])
    return frame.sort_values("stage", kind="stable", ignore_index=True)


def _substations(found: Found) -> Array:
    """What the zones pay that go over to another regime, by stage."""
    paid, load = np.zeros(len(found.years)), found.facts.nodes.full_mw
    for z, order in enumerate(found.facts.zones.order):
        inside = [node.zone == found.facts.zones.ids[z] for node in found.instance.nodes]
        before = order[0]
        for y, place in enumerate(found.plan.zone_regime[:, z]):
            now = order[place]
            if now != before:
                regime = found.instance.header.regimes[now]
                paid[y] += regime.substation_mcur_per_mw * load[y, inside].sum()
            before = now
    return paid


def _connections(found: Found) -> Array:
    """What the nodes pay that are connected, by stage."""
    capex = np.array([row.capex_mcur for row in found.instance.connections], dtype=np.float64)
    connected = found.state.connected[:, found.facts.connections.node]
    begun = np.diff(np.vstack([np.zeros((1, connected.shape[1])), connected]), axis=0)
    return np.asarray(np.maximum(begun, 0.0) @ capex, dtype=np.float64)


def stranded(found: Found) -> pd.DataFrame:
    """What machines and pairs of the start are still worth when they leave."""
    columns = ["stage", "kind", "id", "number", "age_years", "age_known", "life_years", "residual_mcur"]
    frame = pd.DataFrame(_leavers(found), columns=[*columns, "discounted_mcur"])
    return frame.sort_values(["stage", "residual_mcur"], ascending=[True, False], kind="stable", ignore_index=True)


def residual_share(rate: float, age_years: int, life_years: int) -> float:
    """Part of its price that an asset is still worth: that of its yearly charges which are still due."""
    left = life_years - age_years
    return annuity_share(rate, life_years) / annuity_share(rate, left) if left > 0 else 0.0


def _leavers(found: Found) -> Iterator[tuple[object, ...]]:
    facts, plan, base = found.facts, found.plan, found.instance.header.base_year
    units, lines = facts.units, facts.lines
    machine = units.size_mw * units.of_technology("capex_mcur_per_mw")
    lost = (
        ("unit", units.ids, plan.units["retired_machines"], machine, [t.life_years for t in units.technologies]),
        ("pipe", lines.ids, plan.pipes["removed_pairs"], lines.capex_mcur, lines.life.tolist()),
    )
    since = {unit.id: unit.commissioned_year for unit in found.instance.units}
    for kind, ids, left, price, lives in lost:
        for y, k in np.argwhere(left > 0.5):
            year, known, life = found.years[y], since.get(ids[k]) if kind == "unit" else None, int(lives[k])
            age = min(year - (base - life // 2 if known is None else known), life)
            value = round(float(left[y, k])) * float(price[k]) * residual_share(found.rate, max(age, 0), life)
            discounted = value * float(facts.stages.once[y])
            yield year, kind, ids[k], round(float(left[y, k])), age, known is not None, life, value, discounted
