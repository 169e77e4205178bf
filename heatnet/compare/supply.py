"""Frames of a season: fuels and emissions, heat by source, renewable heat, yearly limits."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from heatnet.compare.sides import RENEWABLE, Found

COAL_FROM = 0.32
"""tCO2 per MWh from which a fuel is counted as coal: hard coal, lignite and coke have 0.34 to 0.39, oil 0.28."""

GAS = (0.18, 0.22)
"""tCO2 per MWh of what is counted as gas: natural gas has 0.20."""


def fuels(found: Found) -> pd.DataFrame:
    """stage, fuel, fuel_mwh."""
    burnt = found.season_mwh("fuel_mw")
    fuel = {unit.id: found.instance.technology[unit.technology].fuel or "" for unit in found.instance.units}
    frame = _by_stage(found, burnt, fuel, "fuel", "fuel_mwh")
    return frame[frame["fuel"] != ""].reset_index(drop=True)


def emissions(found: Found) -> pd.DataFrame:
    """The checker's table, and the coal and gas burnt."""
    frame, burnt = found.report.emissions.copy(), fuels(found)
    content = burnt["fuel"].map({fuel.id: fuel.co2_t_per_mwh for fuel in found.instance.fuels}).astype(float)
    for column, chosen in (("coal_mwh", content >= COAL_FROM), ("gas_mwh", content.between(*GAS))):
        sums = burnt[chosen].groupby("stage")["fuel_mwh"].sum()
        frame[column] = frame["stage"].map(sums).fillna(0.0).astype(float)
    return frame


def heat(found: Found) -> pd.DataFrame:
    """stage, source (kind of technology), heat_mwh."""
    kind = {unit.id: found.instance.technology[unit.technology].kind for unit in found.instance.units}
    return _by_stage(found, found.season_mwh("heat_mw"), kind, "source", "heat_mwh")


def _by_stage(found: Found, energy: pd.Series[float], group: Mapping[str, str], name: str, value: str) -> pd.DataFrame:
    """Energy by stage and group of units, every group in every stage."""
    stage, unit = (energy.index.get_level_values(level) for level in ("stage", "id"))
    sums = energy.groupby([stage, unit.map(group)]).sum()
    every = pd.MultiIndex.from_product([found.years, sorted(set(group.values()))], names=["stage", name])
    return sums.rename_axis(["stage", name]).reindex(every, fill_value=0.0).rename(value).reset_index()


def limits(found: Found) -> pd.DataFrame:
    """The checker's table of yearly limits."""
    table = found.report.limits
    return table[table["rule"] != RENEWABLE].reset_index(drop=True)


def renewable(found: Found) -> pd.DataFrame:
    """Area heated by renewable heat, all area of the instance, and the targets in force."""
    table = found.report.limits
    counted = table[table["rule"] == RENEWABLE].set_index("stage")["value"]
    area = dict(zip(found.years, found.facts.nodes.area_mm2.sum(axis=1).tolist(), strict=True))
    asked = table[(table["rule"] != RENEWABLE) & (table["quantity"] == "heated_area_mm2") & table["least"].notna()]
    rows = []
    for year in found.years:
        targets = asked[asked["stage"] == year]
        told = list(zip(targets["rule"], targets["least"], strict=True)) or [("", float("nan"))]
        rows += [(year, float(counted[year]), area[year], rule, float(least)) for rule, least in told]
    return pd.DataFrame(rows, columns=["stage", "renewable_mm2", "heated_mm2", "rule", "target_mm2"])
