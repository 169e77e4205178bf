"""Cost terms in million of the base year, from the result tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from heatnet.check.calendar import step_means
from heatnet.check.emissions import power_made_taken, tonnes_of_pollutants
from heatnet.check.facts.arrays import numbers

if TYPE_CHECKING:
    from heatnet.check.evidence import Evidence
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array, IntArray
    from heatnet.check.plan import Plan
    from heatnet.instance import Instance

TERMS = (
    "pipes",
    "units",
    "retrofits",
    "stores",
    "regimes",
    "demand_side",
    "fixed",
    "reserve",
    "decommissioning",
    "fuel",
    "carbon",
    "pollutants",
    "variable",
    "start_up",
    "power_sold",
    "power_bought",
    "heat_sold",
    "pumping",
    "unserved",
    "shortfall",
    "contingency",
)
"""In the order of `docs/model.md`."""


def cost_table(instance: Instance, evidence: Evidence) -> pd.DataFrame:
    """Every term in every stage: term, stage, value_mcur."""
    values = {**plan_costs(instance, evidence.facts, evidence.plan), **operation_costs(instance, evidence)}
    rows = [
        (term, int(year), float(value))
        for term in TERMS
        for year, value in zip(evidence.facts.stages.years, values[term], strict=True)
    ]
    return pd.DataFrame(rows, columns=["term", "stage", "value_mcur"])


def plan_costs(instance: Instance, facts: Facts, plan: Plan) -> dict[str, Array]:
    """Terms that the plan alone decides, by stage."""
    stages, lines, units, stores = facts.stages, facts.lines, facts.units, facts.stores
    retrofits, envelopes, connections = facts.retrofits, facts.envelopes, facts.connections
    upkeep = units.size_mw * units.of_technology("fixed_mcur_per_mw_year")
    kept = np.vstack([units.count, plan.units["existing_machines"]])
    left = -np.diff(kept, axis=0) * units.size_mw * units.of_technology("retire_mcur_per_mw")
    fixed = (
        (plan.pipes["pairs"] * lines.capex_mcur * lines.fixed_share).sum(axis=1)
        + (plan.units["machines"] * upkeep).sum(axis=1)
        + (plan.retrofits["machines"] * retrofits.fixed_mcur_per_year).sum(axis=1)
        + (plan.stores["size_mwh"] * stores.capex_mcur_per_mwh * stores.fixed_share).sum(axis=1)
    )
    reserve = plan.units["reserve_machines"] * upkeep * units.of_technology("reserve_fixed_share")
    served = plan.districts["connected"][:, connections.node] * connections.charge_mcur
    penalty = instance.header.economics.shortfall_mcur_per_mw_year

    def charge(new: Array, capex: Array, annuity: Array, life: IntArray) -> Array:
        return np.asarray(stages.weight * stages.standing(new * capex * annuity, life).sum(axis=1), dtype=np.float64)

    machine = units.size_mw * units.of_technology("capex_mcur_per_mw")
    paid = charge(plan.envelopes["new_mm2"], envelopes.capex_mcur_per_mm2, envelopes.annuity, envelopes.life)
    return {
        "pipes": charge(plan.pipes["new_pairs"], lines.capex_mcur, lines.annuity, lines.life),
        "units": charge(plan.units["new_machines"], machine, units.annuity, units.life),
        "retrofits": charge(plan.retrofits["new_machines"], retrofits.capex_mcur, retrofits.annuity, retrofits.life),
        "stores": charge(plan.stores["new_mwh"], stores.capex_mcur_per_mwh, stores.annuity, stores.life),
        "regimes": stages.weight * _substations(facts, plan),
        "demand_side": paid + stages.weight * served.sum(axis=1),
        "fixed": stages.weight * fixed,
        "reserve": stages.weight * reserve.sum(axis=1),
        "decommissioning": stages.once * left.sum(axis=1),
        "shortfall": stages.weight * plan.districts["design_shortfall_mw"].sum(axis=1) * penalty,
        "contingency": stages.weight * plan.security["missing_mw"].sum(axis=1) * penalty,
    }


def _substations(facts: Facts, plan: Plan) -> Array:
    """Million a year for the substations of all zones in their regimes, by stage."""
    total = np.zeros(len(facts.stages.years))
    for z, order in enumerate(facts.zones.order):
        regime = np.array(order, dtype=np.int64)[plan.zone_regime[:, z]]
        total += facts.zones.charge_mcur[np.arange(len(total)), z, regime]
    return total


def operation_costs(instance: Instance, evidence: Evidence) -> dict[str, Array]:
    """Terms of the operation, by stage."""
    facts, calendar, of = evidence.facts, evidence.calendar, evidence.operation.of
    stages, units, connections = facts.stages, facts.units, facts.connections
    wholesale = step_means(calendar, instance.series["power_wholesale_cur_per_mwh"])
    retail = step_means(calendar, instance.series["power_retail_cur_per_mwh"])
    million = stages.weight / 1e6

    def priced(power: Array, price: Array) -> Array:
        """Million by stage; `power` in MW has the axes stages, days, steps, things, `price` days, steps, things."""
        total = np.einsum("ydsi,dsi,d->y", power, np.broadcast_to(price, power.shape[1:]), calendar.energy_weight())
        return np.asarray(total * million, dtype=np.float64)

    fuel, unserved = of("unit", "fuel_mw"), of("node", "unserved_mw")
    pollutants = tonnes_of_pollutants(evidence)
    made, taken = power_made_taken(evidence)
    at_retail = numbers(technology.power_price == "retail" for technology in units.technologies)
    power_price = wholesale[..., None] * (1.0 - at_retail) + retail[..., None] * at_retail
    start_cost = units.size_mw * units.of_technology("start_cur_per_mw")
    variable_heat = units.of_technology("variable_heat_cur_per_mwh")
    variable_power = units.of_technology("variable_power_cur_per_mwh")
    starts = np.einsum("ydsi,i,d->y", of("unit", "starts"), start_cost, calendar.weight)
    sold = (evidence.demand_mw - unserved)[..., connections.node]
    return {
        "fuel": priced(fuel, fuel_prices(instance, evidence)),
        "carbon": priced(fuel, units.co2_t_per_mwh) * stages.co2_price_cur_per_t,
        # A price per kg in currency is one per tonne in thousands.
        "pollutants": stages.weight * (pollutants * stages.pollutant_price_cur_per_kg).sum(axis=1) / 1e3,
        "variable": priced(of("unit", "heat_mw"), variable_heat) + priced(made, variable_power),
        "start_up": np.asarray(starts * million, dtype=np.float64),
        "power_sold": -priced(made, wholesale[..., None]),
        "power_bought": priced(taken, power_price),
        "heat_sold": -priced(sold, connections.heat_price_cur_per_mwh),
        "pumping": priced(of("pipe", "pump_mw"), retail[..., None]),
        "unserved": priced(unserved, np.array(instance.header.economics.unserved_cur_per_mwh)),
    }


def fuel_prices(instance: Instance, evidence: Evidence) -> Array:
    """Price of the fuel of each unit per MWh; axes are days, steps, units. 0 for units without fuel."""
    calendar, units = evidence.calendar, evidence.facts.units
    prices = np.zeros((len(calendar.ids), len(calendar.hours), len(units.ids)))
    for k, fuel in enumerate(units.fuels):
        if fuel is not None:
            factor = step_means(calendar, instance.series[fuel.price_series]) if fuel.price_series else 1.0
            prices[:, :, k] = fuel.price_cur_per_mwh * factor
    return prices
