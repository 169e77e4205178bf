"""Types of pipe: the catalogue of the package, and types that follow from a law of cost and loss by capacity."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from heatnet.instance import records as r
from heatnet.instance.packaged import packaged
from heatnet.physics import pipes as physics

REGIME = r.Regime(
    id="network", supply_c=80, return_c=50, ground_c=10, source="assumed: a third-generation network with low return"
)


@cache
def catalogue() -> tuple[r.PipeType, ...]:
    """DN20 to DN600 with costs in EUR, the smallest first."""
    types = packaged("heatnet.readers", "pipe_types.csv", r.PipeType, "EUR")
    return tuple(sorted(types, key=lambda kind: kind.inner_diameter_mm))


def capacity_kw(kind: r.PipeType, regime: r.Regime) -> float:
    """Most heat that a pair carries in a regime."""
    return 1e3 * physics.capacity_mw(
        kind.inner_diameter_mm, kind.velocity_max_m_per_s, regime.supply_c, regime.return_c
    )


def loss_kw_per_m(kind: r.PipeType, regime: r.Regime) -> float:
    """Loss of a pair in a regime; 1 MW/km is 1 kW/m."""
    return physics.loss_mw_per_km(kind.heat_transfer_w_per_m_k, regime.supply_c, regime.return_c, regime.ground_c)


def of_capacity(
    name: str,
    most_kw: float,
    cost_eur_per_m: float,
    loss: float,
    regime: r.Regime,
    source: str,
    life_years: int = 40,
    *,
    like: r.PipeType | None = None,
) -> r.PipeType:
    """A type of a given capacity, cost and loss (kW per m of pair).

    It has the diameter of `like`, else of the smallest type of the catalogue that is large enough (the largest where
    none is), and the velocity and U that give its capacity and loss in the regime.
    """
    fitting = (kind for kind in catalogue() if capacity_kw(kind, regime) >= most_kw)
    base = like or next(fitting, catalogue()[-1])
    return base.model_copy(
        update={
            "id": name,
            "velocity_max_m_per_s": base.velocity_max_m_per_s * most_kw / capacity_kw(base, regime),
            "heat_transfer_w_per_m_k": loss
            / physics.loss_mw_per_km(1.0, regime.supply_c, regime.return_c, regime.ground_c),
            "capex_mcur_per_km": cost_eur_per_m / 1e3,
            "fixed_share_per_year": 0.0,
            "life_years": life_years,
            "source": source,
        }
    )


def tabulated(
    prefix: str,
    cost_eur_per_m: Callable[[float], float],
    loss: Callable[[float], float],
    most_kw: float,
    regime: r.Regime,
    source: str,
    life_years: int = 40,
) -> tuple[r.PipeType, ...]:
    """A law of cost and loss by capacity in kW, at the capacities of the catalogue's types, the last at `most_kw`."""
    found = []
    for kind in catalogue():
        capacity = min(capacity_kw(kind, regime), most_kw)
        last = capacity >= most_kw or kind is catalogue()[-1]
        if last and most_kw < float("inf"):
            capacity = most_kw
        name = f"{prefix}{kind.id}"
        cost = cost_eur_per_m(capacity)
        found.append(of_capacity(name, capacity, cost, loss(capacity), regime, source, life_years, like=kind))
        if last:
            break
    return tuple(found)


def needed(types: Iterable[r.PipeType], regime: r.Regime, demand_kw: float, length_m: float) -> tuple[r.PipeType, ...]:
    """The types, the smallest first, up to the first that carries all demand and what all pipes of that type lose.

    More never flows in a pipe unless a dearer one is laid where a cheaper one does: larger types are never needed.
    """
    found = []
    for kind in sorted(types, key=lambda kind: capacity_kw(kind, regime)):
        found.append(kind)
        if capacity_kw(kind, regime) >= demand_kw + loss_kw_per_m(kind, regime) * length_m:
            break
    return tuple(found)
