"""Cost terms in million of the base year, and emissions in tonnes, from the result tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from heatnet.check.facts import POLLUTANTS, Facts, numbers
from heatnet.check.tables import Calendar, Operation, Plan, step_means

if TYPE_CHECKING:
    from heatnet.check.findings import Array
    from heatnet.check.hours import Hours
    from heatnet.instance import Instance

TERMS = (
    "pipes",
    "units",
    "stores",
    "fixed",
    "decommissioning",
    "fuel",
    "carbon",
    "pollutants",
    "variable",
    "start_up",
    "power_sold",
    "power_bought",
    "pumping",
    "unserved",
    "shortfall",
    "contingency",
)
"""In the order of `docs/model.md`."""


def cost_table(
    instance: Instance, facts: Facts, calendar: Calendar, hours: Hours, plan: Plan, operation: Operation
) -> pd.DataFrame:
    """Every term in every stage: term, stage, value_mcur."""
    values = {**plan_costs(instance, facts, plan), **operation_costs(instance, facts, calendar, hours, operation)}
    rows = [
        (term, int(year), float(value))
        for term in TERMS
        for year, value in zip(facts.stages.years, values[term], strict=True)
    ]
    return pd.DataFrame(rows, columns=["term", "stage", "value_mcur"])


def plan_costs(instance: Instance, facts: Facts, plan: Plan) -> dict[str, Array]:
    """Terms that the plan alone decides, by stage."""
    stages, lines, units, stores = facts.stages, facts.lines, facts.units, facts.stores
    built = plan.units["new_machines"] * units.size_mw * units.of_technology("capex_mcur_per_mw")
    size = plan.units["machines"] * units.size_mw * units.of_technology("fixed_mcur_per_mw_year")
    kept = np.vstack([units.count, plan.units["existing_machines"]])
    left = -np.diff(kept, axis=0) * units.size_mw * units.of_technology("retire_mcur_per_mw")
    fixed = (
        (plan.pipes["pairs"] * lines.capex_mcur * lines.fixed_share).sum(axis=1)
        + size.sum(axis=1)
        + (plan.stores["size_mwh"] * stores.capex_mcur_per_mwh * stores.fixed_share).sum(axis=1)
    )
    penalty = instance.header.economics.shortfall_mcur_per_mw_year

    def charge(paid: Array, annuity: Array, in_place: Array) -> Array:
        return np.asarray(stages.weight * np.einsum("bi,byi->y", paid * annuity, in_place), dtype=np.float64)

    added = plan.stores["new_mwh"] * stores.capex_mcur_per_mwh
    return {
        "pipes": charge(plan.pipes["new_pairs"] * lines.capex_mcur, lines.annuity, stages.in_place(lines.life)),
        "units": charge(built, units.annuity, stages.in_place(units.life)),
        "stores": charge(added, stores.annuity, stages.in_place(stores.life)),
        "fixed": stages.weight * fixed,
        "decommissioning": stages.once * left.sum(axis=1),
        "shortfall": stages.weight * plan.districts["design_shortfall_mw"].sum(axis=1) * penalty,
        "contingency": stages.weight * plan.security["missing_mw"].sum(axis=1) * penalty,
    }


def operation_costs(
    instance: Instance, facts: Facts, calendar: Calendar, hours: Hours, operation: Operation
) -> dict[str, Array]:
    """Terms of the operation, by stage."""
    stages, units, of = facts.stages, facts.units, operation.of
    wholesale = step_means(calendar, instance.series["power_wholesale_cur_per_mwh"])
    retail = step_means(calendar, instance.series["power_retail_cur_per_mwh"])
    million = stages.weight / 1e6

    def priced(power: Array, price: Array) -> Array:
        """Million by stage; `power` in MW has the axes stages, days, steps, things, `price` days, steps, things."""
        total = np.einsum("ydsi,dsi,d->y", power, np.broadcast_to(price, power.shape[1:]), calendar.energy_weight())
        return np.asarray(total * million, dtype=np.float64)

    fuel = of("unit", "fuel_mw")
    co2 = numbers(0.0 if row is None else row.co2_t_per_mwh for row in units.fuels)
    pollutants = _tonnes_of_pollutants(facts, calendar, operation)
    made, taken = power_made_taken(facts, hours, operation)
    at_retail = numbers(technology.power_price == "retail" for technology in units.technologies)
    power_price = wholesale[..., None] * (1.0 - at_retail) + retail[..., None] * at_retail
    start_cost = units.size_mw * units.of_technology("start_cur_per_mw")
    variable_heat = units.of_technology("variable_heat_cur_per_mwh")
    variable_power = units.of_technology("variable_power_cur_per_mwh")
    starts = np.einsum("ydsi,i,d->y", of("unit", "starts"), start_cost, calendar.weight)
    return {
        "fuel": priced(fuel, fuel_prices(instance, facts, calendar)),
        "carbon": priced(fuel, co2) * stages.co2_price_cur_per_t,
        # A price per kg in currency is one per tonne in thousands.
        "pollutants": stages.weight * (pollutants * stages.pollutant_price_cur_per_kg).sum(axis=1) / 1e3,
        "variable": priced(of("unit", "heat_mw"), variable_heat) + priced(made, variable_power),
        "start_up": np.asarray(starts * million, dtype=np.float64),
        "power_sold": -priced(made, wholesale[..., None]),
        "power_bought": priced(taken, power_price),
        "pumping": priced(of("pipe", "pump_mw"), retail[..., None]),
        "unserved": priced(of("node", "unserved_mw"), np.array(instance.header.economics.unserved_cur_per_mwh)),
    }


def power_made_taken(facts: Facts, hours: Hours, operation: Operation) -> tuple[Array, Array]:
    """MW of power made (positive corners) and taken (negative corners, sign turned) by each unit."""
    weights, corner = operation.of("unit", "corners"), hours.corner_power
    made = facts.units.sum_corners(weights * np.maximum(corner, 0.0))
    taken = facts.units.sum_corners(weights * np.maximum(-corner, 0.0))
    return made, taken


def fuel_prices(instance: Instance, facts: Facts, calendar: Calendar) -> Array:
    """Price of the fuel of each unit per MWh; axes are days, steps, units. 0 for units without fuel."""
    prices = np.zeros((len(calendar.ids), len(calendar.hours), len(facts.units.ids)))
    for k, fuel in enumerate(facts.units.fuels):
        if fuel is not None:
            factor = step_means(calendar, instance.series[fuel.price_series]) if fuel.price_series else 1.0
            prices[:, :, k] = fuel.price_cur_per_mwh * factor
    return prices


def emission_table(facts: Facts, calendar: Calendar, hours: Hours, operation: Operation) -> pd.DataFrame:
    """Tonnes a year by stage: CO2 of fuel, CO2 of power taken from the grid less power made, pollutants of fuel."""
    season = calendar.energy_weight()
    co2 = numbers(0.0 if row is None else row.co2_t_per_mwh for row in facts.units.fuels)
    pollutants = _tonnes_of_pollutants(facts, calendar, operation)
    made, taken = power_made_taken(facts, hours, operation)
    grid = taken.sum(axis=3) - made.sum(axis=3) + operation.of("pipe", "pump_mw").sum(axis=3)
    return pd.DataFrame(
        {
            "stage": facts.stages.years,
            "co2_fuel_t": np.einsum("ydsi,i,d->y", operation.of("unit", "fuel_mw"), co2, season),
            "co2_grid_t": np.einsum("yds,d->y", grid, season) * facts.stages.grid_co2_t_per_mwh,
            **{f"{name}_t": pollutants[:, k] for k, name in enumerate(POLLUTANTS)},
        }
    )


def _tonnes_of_pollutants(facts: Facts, calendar: Calendar, operation: Operation) -> Array:
    """Tonnes a year from fuel; axes are stages and `POLLUTANTS`."""
    burnt = np.einsum("ydsi,d->yi", operation.of("unit", "fuel_mw"), calendar.energy_weight())
    return np.asarray(burnt @ facts.units.pollutants_g_per_mwh / 1e6, dtype=np.float64)
