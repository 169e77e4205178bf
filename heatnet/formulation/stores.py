"""Heat stores: capacity added by stage; charge, discharge and level over a representative day."""

from __future__ import annotations

import pyomo.environ as pyo

from heatnet.formulation.model import Asset, Core, Expression, Operation


def invest(core: Core) -> None:
    """New capacity in place, MWh by store and stage; links `size`."""
    case, block = core.case, core.block
    stores = {store.id: store for store in case.instance.stores}
    block.new_mwh = pyo.Var(list(stores), case.years, bounds=lambda _, n, y: (0, stores[n].max_new_mwh))
    assets = {n: Asset(store.max_new_mwh, store.earliest_year, store.life_years) for n, store in stores.items()}
    core.restrict_additions("added_mwh", assets, block.new_mwh)
    for store in stores.values():
        core.link_max["size", store.id] = store.existing_mwh + store.max_new_mwh
        for year in case.years:
            new = block.new_mwh[store.id, year]
            size = store.existing_mwh + new
            core.offer(("size", store.id), year, size)
            price = case.weight(year) * store.capex_mcur_per_mwh
            core.cost("stores", year, price * case.annuity(store.life_years) * new)
            core.cost("fixed", year, price * store.fixed_share_per_year * size)


def operate(operation: Operation) -> None:
    """Level over the day, taken as a ring; charge and discharge limited by size over hours."""
    block, steps = operation.block, operation.steps
    hours = operation.case.grid.step_hours
    stores = {store.id: store for store in operation.case.instance.stores}
    block.charge = pyo.Var(list(stores), steps, bounds=(0, None))
    block.discharge = pyo.Var(list(stores), steps, bounds=(0, None))
    block.level = pyo.Var(list(stores), steps, bounds=(0, None))

    def level(b: Expression, n: str, s: int) -> Expression:
        rest = (1.0 - stores[n].loss_share_per_h) ** hours * b.level[n, (s - 1) % len(steps)]
        return b.level[n, s] == rest + hours * (stores[n].efficiency_share * b.charge[n, s] - b.discharge[n, s])

    block.store_level = pyo.Constraint(list(stores), steps, rule=level)
    block.store_size = pyo.Constraint(
        list(stores), steps, rule=lambda b, n, s: b.level[n, s] <= operation.link("size", n)
    )
    block.store_charge = pyo.Constraint(
        list(stores), steps, rule=lambda b, n, s: stores[n].hours * b.charge[n, s] <= operation.link("size", n)
    )
    block.store_discharge = pyo.Constraint(
        list(stores), steps, rule=lambda b, n, s: stores[n].hours * b.discharge[n, s] <= operation.link("size", n)
    )
    for store in stores.values():
        for step in steps:
            operation.balance.add(store.node, step, block.discharge[store.id, step] - block.charge[store.id, step])
