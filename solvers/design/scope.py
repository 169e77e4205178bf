"""What the strategy `design` is made for, and one sentence for everything that it is not."""

from __future__ import annotations

from heatnet.errors import UsageError
from heatnet.instance import Instance


def demand_scope(instance: Instance, step_hours: int) -> None:
    """Raises UsageError, with the place and the strategy that takes it, for what `design` would have to leave out."""
    for what in (_of_tables(instance), _of_header(instance), _of_pipes(instance), _of_units(instance, step_hours)):
        if what is not None:
            raise UsageError(
                f"--solver design: {instance.header.name} has {what}; that is not network design; "
                "use --solver monolithic."
            )


def _of_tables(instance: Instance) -> str | None:
    tables = {
        "stores": [row.id for row in instance.stores],
        "envelopes": [row.node for row in instance.envelopes],
        "contingencies": [row.id for row in instance.contingencies],
        "retrofits": [row.mode for row in instance.retrofits],
    }
    for name, rows in tables.items():
        if rows:
            return f"`{rows[0]}` in {name}.csv"
    return None


def _of_header(instance: Instance) -> str | None:
    if len(instance.stages) > 1:
        return f"{len(instance.stages)} stages"
    if instance.stages[0].firm_power_mw is not None:
        return f"firm_power_mw in the stage {instance.stages[0].year}"
    for rule in instance.header.rules:
        if rule.enabled:
            return f"the rule `{rule.id}`"
    if instance.schedule is not None and instance.schedule.retirements:
        return f"retirements in the schedule `{instance.schedule_name}`"
    return None


def _of_pipes(instance: Instance) -> str | None:
    for zone in instance.zones:
        if zone.regimes:
            return f"temperature regimes in zone `{zone.id}`"
    for pipe in instance.pipes:
        if pipe.delay_h:
            return f"a transport delay in pipe `{pipe.id}`"
    return None


def _of_units(instance: Instance, step_hours: int) -> str | None:
    for unit in instance.units:
        technology = instance.technology[unit.technology]
        ramp = technology.ramp_share_per_h
        told = {
            "a reserve": unit.may_reserve,
            "a group": unit.group is not None,
            "leaves_after_pipe": unit.leaves_after_pipe is not None,
            "a conversion": unit.converts is not None,
            "commitment": technology.commitment != "none",
            "a ramp": ramp is not None and ramp * step_hours < 1.0,
        }
        for what, there in told.items():
            if there:
                return f"{what} at unit `{unit.id}`"
    return None
