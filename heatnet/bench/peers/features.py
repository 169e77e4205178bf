"""What a peer leaves out, as data; and the instance without it, so that heatnet leaves out the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from heatnet.instance.instance import Instance


@dataclass(frozen=True)
class Feature:
    """Something that heatnet models and a peer does not: its name, why it goes, and an instance without it."""

    name: str
    why: str
    removed: Callable[[Instance], Instance]


def without(instance: Instance, features: tuple[Feature, ...]) -> Instance:
    """The instance with none of the features."""
    for feature in features:
        instance = feature.removed(instance)
    return instance


# --- the operation of a stage -------------------------------------------------------------------------------


def _without_modes(instance: Instance) -> Instance:
    """With the units that heat in such a mode only."""
    ordinary = tuple(corner for corner in instance.capability if corner.mode is None)
    heats = {corner.technology for corner in ordinary if corner.heat_mw > 0.0}
    return instance.replace(
        retrofits=(),
        capability=tuple(corner for corner in ordinary if corner.technology in heats),
        technologies=tuple(row for row in instance.technologies if row.id in heats),
        units=tuple(row for row in instance.units if row.technology in heats),
    )


def _without_ramps(instance: Instance) -> Instance:
    technologies = tuple(row.model_copy(update={"ramp_share_per_h": None}) for row in instance.technologies)
    return instance.replace(technologies=technologies)


def _without_delay(instance: Instance) -> Instance:
    return instance.replace(pipes=tuple(row.model_copy(update={"delay_h": 0}) for row in instance.pipes))


def _without_clusters(instance: Instance) -> Instance:
    """Each machine under commitment is a unit of its own."""
    units = []
    for unit in instance.units:
        if instance.technology[unit.technology].commitment == "none" or unit.count < 2:
            units.append(unit)
        else:
            names = [f"{unit.id}.{number + 1}" for number in range(unit.count)]
            units += [unit.model_copy(update={"id": name, "count": 1}) for name in names]
    return instance.replace(units=tuple(units))


def _without_limits(instance: Instance) -> Instance:
    header = instance.header.model_copy(update={"rules": ()})
    return instance.replace(header=header, schedules={}, schedule=None, schedule_name=None)


def _without_commitment(instance: Instance) -> Instance:
    free = {"commitment": "none", "min_up_h": 0.0, "min_down_h": 0.0, "start_cur_per_mw": 0.0}
    return instance.replace(technologies=tuple(row.model_copy(update=free) for row in instance.technologies))


LEAST_H, START_CUR_PER_MW = 6.0, 150.0
"""What commitment by the hour is given where the instance commits by the day: hours on and off, price of a start."""


def _by_the_hour(instance: Instance) -> Instance:
    hourly = {
        "commitment": "hourly",
        "min_up_h": LEAST_H,
        "min_down_h": LEAST_H,
        "start_cur_per_mw": START_CUR_PER_MW,
    }
    technologies = tuple(
        row.model_copy(update=hourly) if row.commitment == "daily" else row for row in instance.technologies
    )
    return instance.replace(technologies=technologies)


DAILY = Feature(
    "commitment by the day",
    f"such units are committed by the hour: {LEAST_H:g} h on and off at least, {START_CUR_PER_MW:g} a MW and start",
    _by_the_hour,
)
MODES = Feature("modes", "a unit changes between regions of corner points", _without_modes)
RAMPS = Feature("ramps", "they bound the fuel of a cluster of machines", _without_ramps)
DELAY = Feature("delay", "heat comes out of a pipe hours after it went in", _without_delay)
CLUSTERS = Feature(
    "clusters under commitment",
    "a peer commits one machine at a time; in a ring of hours a cluster may do more, its machines changing places",
    _without_clusters,
)
LIMITS = Feature("rules and schedules", "yearly limits join all days of a season", _without_limits)
COMMITMENT = Feature("commitment", "on, off, starts, minimum times", _without_commitment)

# --- investment over stages ---------------------------------------------------------------------------------


def _without_losses(instance: Instance) -> Instance:
    types = tuple(row.model_copy(update={"heat_transfer_w_per_m_k": 0.0}) for row in instance.pipe_types)
    return instance.replace(pipe_types=types)


def _without_pumping(instance: Instance) -> Instance:
    """Power costs what it costs wholesale, and pumps, which pay retail, nothing."""
    technologies = tuple(row.model_copy(update={"power_price": "wholesale"}) for row in instance.technologies)
    series = dict(instance.series)
    series["power_retail_cur_per_mwh"] = 0.0 * series["power_retail_cur_per_mwh"]
    return instance.replace(technologies=technologies, series=type(instance.series)(series))


def _without_upkeep(instance: Instance) -> Instance:
    types = tuple(row.model_copy(update={"fixed_share_per_year": 0.0}) for row in instance.pipe_types)
    return instance.replace(pipe_types=types)


def _without_choice(instance: Instance) -> Instance:
    types = instance.pipe_type

    def one(names: tuple[str, ...]) -> tuple[str, ...]:
        return (max(names, key=lambda name: types[name].inner_diameter_mm),) if names else ()

    return instance.replace(
        pipes=tuple(row.model_copy(update={"candidate_types": one(row.candidate_types)}) for row in instance.pipes)
    )


def _without_retirement(instance: Instance) -> Instance:
    stays = {"may_retire": False, "may_reserve": False, "group": None, "leaves_after_pipe": None, "converts": None}
    return instance.replace(units=tuple(row.model_copy(update=stays) for row in instance.units))


LEAST = 1e-9
"""The lowest price of heat that the design hour lacks, so that it decides nothing."""


def _without_design(instance: Instance) -> Instance:
    header = instance.header
    economics = header.economics.model_copy(update={"shortfall_mcur_per_mw_year": LEAST})
    stages = tuple(row.model_copy(update={"firm_power_mw": None}) for row in header.stages)
    header = header.model_copy(update={"economics": economics, "stages": stages, "security": None})
    return instance.replace(header=header, contingencies=())


def _without_seasons(instance: Instance) -> Instance:
    return instance.replace(stores=tuple(row.model_copy(update={"seasonal": False}) for row in instance.stores))


def _without_regimes(instance: Instance) -> Instance:
    pipes = tuple(
        row.model_copy(update={"regime": instance.regimes_of(row)[0], "zone": None}) for row in instance.pipes
    )
    zones = tuple(row.model_copy(update={"regimes": (), "earliest_year": None}) for row in instance.zones)
    return instance.replace(pipes=pipes, zones=zones)


def _without_demand_side(instance: Instance) -> Instance:
    """What need not be connected is not."""
    demands = tuple(row for row in instance.demands if row.node not in instance.connection)
    return instance.replace(demands=demands, connections=(), envelopes=())


LOSSES = Feature("losses of pipes", "they follow what is built, not what flows", _without_losses)
PUMPING = Feature("pump power", "its curve is that of what is built", _without_pumping)
UPKEEP = Feature("upkeep of pipes", "with it old pairs would leave", _without_upkeep)
CHOICE = Feature("choice of diameter", "types of a pipe share one trench; the largest stays", _without_choice)
RETIREMENT = Feature("retirement and reserve", "what stands has a life, not a decision", _without_retirement)
DESIGN = Feature("design hour and contingencies", "more than one state of the network", _without_design)
REGIMES = Feature("regimes of zones", "capacity changes with temperature; the first regime stays", _without_regimes)
DEMAND_SIDE = Feature("envelopes and connections", "demand that is a decision; neither is made", _without_demand_side)
SEASONS = Feature("seasonal stores", "levels are carried over days that a model does not hold", _without_seasons)

PLAN = (LIMITS, RETIREMENT, DESIGN, REGIMES, DEMAND_SIDE)
"""What a fixed plan makes idle: nothing is decided but the operation (`standing`)."""

LEFT_OUT: dict[str, tuple[Feature, ...]] = {
    "PyPSA, dispatch": (DAILY, MODES, RAMPS, CLUSTERS),
    "oemof.solph, dispatch": (DAILY, MODES, RAMPS, CLUSTERS, DELAY),
    "PyPSA, season": (DAILY, MODES, RAMPS, DELAY),
    "PyPSA, investment": (
        *PLAN,
        MODES,
        RAMPS,
        DELAY,
        COMMITMENT,
        LOSSES,
        PUMPING,
        UPKEEP,
        CHOICE,
        SEASONS,
    ),
}
"""What each adapter leaves out; in a dispatch and a season besides what the fixed plan makes idle."""
