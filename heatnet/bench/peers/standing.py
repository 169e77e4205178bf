"""A fixed plan as an instance: one stage in which what stands stays, and nothing else may come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from heatnet.bench.peers.features import PLAN, without
from heatnet.instance.instance import Instance
from heatnet.instance.records import Demand, Pipe
from heatnet.solution import Solution


@dataclass(frozen=True)
class Plan:
    """What stands in a stage: machines by unit, pipes with their pairs, stores in MWh, rows of demand."""

    year: int
    machines: Mapping[str, int]
    pipes: tuple[Pipe, ...]
    stores_mwh: Mapping[str, float]
    demands: tuple[Demand, ...]

    @classmethod
    def at_start(cls, instance: Instance) -> Plan:
        """What stands at the start, and all stores that may be built, so that there is storage to run.

        A pipe from a plant without a machine stays cold and is none.
        """
        machines = {unit.id: unit.count for unit in instance.units}
        warm = {unit.node for unit in instance.units if unit.count}
        cold = {node.id for node in instance.nodes if node.kind == "plant" and node.id not in warm}
        return cls(
            instance.stages[0].year,
            machines,
            tuple(
                _pipe(row, row.id, str(row.existing_type), row.existing_pairs, instance.regimes_of(row)[0])
                for row in instance.pipes
                if row.existing_pairs and not (row.delay_h and row.from_node in cold)
            ),
            {store.id: store.existing_mwh + store.max_new_mwh for store in instance.stores},
            tuple(row for row in instance.demands if row.node not in instance.connection),
        )

    @classmethod
    def of(cls, instance: Instance, solution: Solution, year: int) -> Plan:
        """A stage of a solution. A pipe with pairs of several types becomes several."""
        units, pipes, stores, districts = (
            frame[frame["stage"] == year]
            for frame in (solution.units, solution.pipes, solution.stores, solution.districts)
        )
        rows = {row.id: row for row in instance.pipes}
        loads = dict(zip(districts["node"], districts["design_demand_mw"], strict=True))
        return cls(
            year,
            dict(zip(units["unit"], units["machines"], strict=True)),
            tuple(
                _pipe(rows[pipe], f"{pipe}.{kind}", kind, int(pairs), regime)
                for pipe, kind, regime, pairs in zip(
                    pipes["pipe"], pipes["type"], pipes["regime"], pipes["pairs"], strict=True
                )
                if pairs
            ),
            dict(zip(stores["store"], stores["size_mwh"], strict=True)),
            tuple(_demand(instance, node, year, load) for node, load in loads.items() if load),
        )


def _pipe(row: Pipe, name: str, kind: str, pairs: int, regime: str) -> Pipe:
    stands = {
        "id": name,
        "existing_type": kind,
        "existing_pairs": pairs,
        "regime": regime,
        "zone": None,
        "candidate_types": (),
        "max_new_pairs": 0,
        "earliest_year": None,
    }
    return row.model_copy(update=stands)


def _demand(instance: Instance, node: str, year: int, load_mw: float) -> Demand:
    area = instance.area_mm2(node, year)
    row = instance.demands_of[node][0]
    return row.model_copy(update={"year": year, "area_mm2": area, "peak_w_per_m2": load_mw / area})


def standing(instance: Instance, plan: Plan) -> Instance:
    """The instance with the plan's stage alone. Stores are run over the hours looked at, pit stores too."""
    fixed = without(instance, PLAN)
    stages = tuple(stage for stage in fixed.stages if stage.year == plan.year)
    return fixed.replace(
        header=fixed.header.model_copy(update={"stages": stages}),
        units=tuple(
            row.model_copy(update={"count": plan.machines[row.id], "max_new": 0, "earliest_year": None})
            for row in fixed.units
            if plan.machines[row.id]
        ),
        pipes=plan.pipes,
        stores=tuple(
            row.model_copy(
                update={
                    "existing_mwh": plan.stores_mwh[row.id],
                    "max_new_mwh": 0.0,
                    "earliest_year": None,
                    "seasonal": False,
                }
            )
            for row in fixed.stores
            if plan.stores_mwh[row.id]
        ),
        demands=plan.demands,
    )
