"""Closes the heat balances and the limits of heat stations, once everything has written into them."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from heatnet.formulation.case import Case
from heatnet.formulation.model import Balance, total


def close(case: Case, block: Any, balance: Balance) -> None:
    """One balance per node and time, one limit per heat station and time."""
    limits = {node.id: node.heat_station_mw for node in case.instance.nodes if node.heat_station_mw is not None}
    stations = [key for key in balance.node_heat if key[0] in limits]
    block.heat_balance = pyo.Constraint(list(balance.inflow), rule=lambda _, n, t: total(balance.inflow[n, t]) == 0)
    block.heat_station = pyo.Constraint(stations, rule=lambda _, n, t: total(balance.node_heat[n, t]) <= limits[n])
