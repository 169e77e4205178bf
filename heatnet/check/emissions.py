"""Emissions in tonnes a year, and the power that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from heatnet.check.facts.stages import POLLUTANTS

if TYPE_CHECKING:
    from heatnet.check.evidence import Evidence
    from heatnet.check.findings import Array


def emission_table(evidence: Evidence) -> pd.DataFrame:
    """Tonnes a year by stage: CO2 of fuel, CO2 of power taken from the grid less power made, pollutants of fuel."""
    stages, units, of = evidence.facts.stages, evidence.facts.units, evidence.operation.of
    season = evidence.calendar.energy_weight()
    pollutants = tonnes_of_pollutants(evidence)
    made, taken = power_made_taken(evidence)
    grid = taken.sum(axis=3) - made.sum(axis=3) + of("pipe", "pump_mw").sum(axis=3)
    return pd.DataFrame(
        {
            "stage": stages.years,
            "co2_fuel_t": np.einsum("ydsi,i,d->y", of("unit", "fuel_mw"), units.co2_t_per_mwh, season),
            "co2_grid_t": np.einsum("yds,d->y", grid, season) * stages.grid_co2_t_per_mwh,
            **{f"{name}_t": pollutants[:, k] for k, name in enumerate(POLLUTANTS)},
        }
    )


def power_made_taken(evidence: Evidence) -> tuple[Array, Array]:
    """MW of power made (positive corners) and taken (negative corners, sign turned) by each unit."""
    weights, corner = evidence.operation.of("unit", "corners"), evidence.hours.corner_power
    made = evidence.facts.units.sum_corners(weights * np.maximum(corner, 0.0))
    taken = evidence.facts.units.sum_corners(weights * np.maximum(-corner, 0.0))
    return made, taken


def tonnes_of_pollutants(evidence: Evidence) -> Array:
    """Tonnes a year from fuel; axes are stages and `POLLUTANTS`."""
    burnt = np.einsum("ydsi,d->yi", evidence.operation.of("unit", "fuel_mw"), evidence.calendar.energy_weight())
    return np.asarray(burnt @ evidence.facts.units.pollutants_g_per_mwh / 1e6, dtype=np.float64)
