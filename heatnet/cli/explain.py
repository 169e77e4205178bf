"""`heatnet explain`: what stands in the way of a plan."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from heatnet.cli.arguments import InstancePath
from heatnet.cli.terminal import INFEASIBLE, OK, interrupts, live, page, warn
from heatnet.instance import read
from heatnet.instance.series import TimeGrid
from heatnet.solve import Limits


def explain(
    instance: InstancePath,
    schedule: Annotated[str | None, typer.Option(help="A schedule of the instance, by name.")] = None,
    days: Annotated[int | None, typer.Option(help="Representative days. [default: the instance's]")] = None,
    step_hours: Annotated[int | None, typer.Option(help="Hours of a time step. [default: the instance's]")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds of each of two searches. [default: none]")] = None,
    threads: Annotated[int, typer.Option(help="Threads of the solver.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON and nothing else to stdout.")] = False,
) -> int:
    """Tell what stands in the way of a plan: the least to be given up of rules, limits and schedule, and what is cold.

    Exit code 3 where something has to be given up, 0 where nothing has.
    """
    from heatnet.explain import explanation  # needed by no other command

    chosen = read(instance).with_schedule(schedule)
    warn(chosen)
    asked = chosen.header.solve
    limits = Limits(1e-4, time_limit, threads)
    grid = TimeGrid.choose(
        chosen, asked.days if days is None else days, asked.step_hours if step_hours is None else step_hours
    )
    with interrupts(), live() as observer:
        found = explanation(grid, limits=limits, observer=observer)
    if as_json:
        sys.stdout.write(found.frame.to_json(orient="records", force_ascii=False) + "\n")
        return OK if found.feasible else INFEASIBLE
    if found.frame.empty:
        page.print("nothing stands in the way: all that is set can be met with all heat served.", soft_wrap=True)
        return OK
    if found.feasible:
        page.print("every rule, limit and schedule can be met, but not with all heat; at the least is missing:")
    else:
        page.print("not everything can be met; the least that has to be given up:")
    for sentence in found.frame["sentence"]:
        page.print(f"  {sentence}", soft_wrap=True)
    if not found.proved:
        page.print("the time ended before it was proved that less will not do.")
    return OK if found.feasible else INFEASIBLE
