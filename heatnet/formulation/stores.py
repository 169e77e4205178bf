"""Heat stores: capacity added by stage; charge, discharge and level over a day, and over the season for pit stores."""

from __future__ import annotations

import pyomo.environ as pyo

from heatnet.formulation.model import Asset, Core, Expression, Operation
from heatnet.instance.records import Store


def invest(core: Core) -> None:
    """New capacity in place, MWh by store and stage; links `size`."""
    case, block = core.case, core.block
    stores = {store.id: store for store in case.instance.stores}
    block.new_mwh = pyo.Var(list(stores), case.years, bounds=lambda _, n, y: (0, stores[n].max_new_mwh))
    assets = {n: Asset(store.max_new_mwh, store.earliest_year, store.life_years) for n, store in stores.items()}
    core.restrict_additions("added_mwh", assets, block.new_mwh)
    for store in stores.values():
        most = store.existing_mwh + store.max_new_mwh
        for year in case.years:
            new = block.new_mwh[store.id, year]
            size = store.existing_mwh + new
            core.offer(("size", store.id), (0, most), year, size)
            price = case.weight(year) * store.capex_mcur_per_mwh
            core.cost("stores", year, price * case.annuity(store.life_years) * new)
            core.cost("fixed", year, price * store.fixed_share_per_year * size)
    _carry(core, {name: store for name, store in stores.items() if store.seasonal})


def _carry(core: Core, stores: dict[str, Store]) -> None:
    """Level of seasonal stores at the beginning of every day of the season; over the rest of the year it falls by loss.

    A representative day changes the level by `net`, and moves it between `low` and `high` above where it began; every
    day that it stands for does the same from a level of its own. What no day can do with the store is ruled out here
    already: the blocks would say so too, but one day at a time.
    """
    case, block = core.case, core.block
    days, calendar = case.grid.days, case.grid.calendar
    most = {name: store.existing_mwh + store.max_new_mwh for name, store in stores.items()}
    keep = {name: (1.0 - store.loss_share_per_h) ** 24 for name, store in stores.items()}
    rest = case.instance.off_season_days
    block.begin_mwh = pyo.Var(list(stores), case.years, range(len(calendar)), bounds=lambda _, n, y, j: (0, most[n]))
    block.net_mwh = pyo.Var(list(stores), case.years, days, bounds=lambda _, n, y, d: (-most[n], most[n]))
    block.low_mwh = pyo.Var(list(stores), case.years, days, bounds=lambda _, n, y, d: (-most[n], 0))
    block.high_mwh = pyo.Var(list(stores), case.years, days, bounds=lambda _, n, y, d: (0, most[n]))
    every = [list(stores), case.years, list(enumerate(calendar))]
    block.carried = pyo.Constraint(
        *every,
        rule=lambda b, n, y, j, d: (
            b.begin_mwh[n, y, (j + 1) % len(calendar)]
            == (keep[n] * b.begin_mwh[n, y, j] + b.net_mwh[n, y, d])
            * keep[n] ** (rest if j + 1 == len(calendar) else 0)
        ),
    )
    block.never_empty = pyo.Constraint(
        *every, rule=lambda b, n, y, j, d: keep[n] * b.begin_mwh[n, y, j] + b.low_mwh[n, y, d] >= 0
    )
    block.never_over = pyo.Constraint(
        *every,
        rule=lambda b, n, y, j, d: b.begin_mwh[n, y, j] + b.high_mwh[n, y, d] <= core.offers["size", n][y, d],
    )
    block.net_by_size = pyo.ConstraintList()
    hours = case.grid.step_hours
    for name, store in stores.items():
        full_day = (
            hours * sum((1.0 - store.loss_share_per_h) ** (hours * step) for step in case.grid.steps) / store.hours
        )
        for year in case.years:
            for day in days:
                net, size = block.net_mwh[name, year, day], core.offers["size", name][year, day]
                block.net_by_size.add(net <= store.efficiency_share * full_day * size)
                block.net_by_size.add(-net <= full_day * size)
                block.net_by_size.add(net >= block.low_mwh[name, year, day])
                block.net_by_size.add(net <= block.high_mwh[name, year, day])
                core.offer(("net", name), (-most[name], most[name]), year, block.net_mwh[name, year, day], day)
                core.offer(("low", name), (-most[name], 0), year, block.low_mwh[name, year, day], day)
                core.offer(("high", name), (0, most[name]), year, block.high_mwh[name, year, day], day)


def operate(operation: Operation) -> None:
    """Level over the day, taken as a ring; charge and discharge limited by size over hours.

    The level of a seasonal store is its change since the day began, within what the core allots to the day.
    """
    block, steps = operation.block, operation.steps
    hours = operation.case.grid.step_hours
    stores = {store.id: store for store in operation.case.instance.stores}
    block.charge = pyo.Var(list(stores), steps, bounds=(0, None))
    block.discharge = pyo.Var(list(stores), steps, bounds=(0, None))
    block.level = pyo.Var(list(stores), steps, bounds=lambda _, n, s: (None if stores[n].seasonal else 0, None))

    def level(b: Expression, n: str, s: int) -> Expression:
        before = 0 if stores[n].seasonal and s == 0 else b.level[n, (s - 1) % len(steps)]
        rest = (1.0 - stores[n].loss_share_per_h) ** hours * before
        return b.level[n, s] == rest + hours * (stores[n].efficiency_share * b.charge[n, s] - b.discharge[n, s])

    block.store_level = pyo.Constraint(list(stores), steps, rule=level)
    seasonal = [name for name, store in stores.items() if store.seasonal]
    block.store_size = pyo.Constraint(
        [name for name in stores if name not in seasonal],
        steps,
        rule=lambda b, n, s: b.level[n, s] <= operation.link("size", n),
    )
    block.store_low = pyo.Constraint(seasonal, steps, rule=lambda b, n, s: b.level[n, s] >= operation.link("low", n))
    block.store_high = pyo.Constraint(seasonal, steps, rule=lambda b, n, s: b.level[n, s] <= operation.link("high", n))
    block.store_net = pyo.Constraint(seasonal, rule=lambda b, n: b.level[n, steps[-1]] == operation.link("net", n))
    block.store_charge = pyo.Constraint(
        list(stores), steps, rule=lambda b, n, s: stores[n].hours * b.charge[n, s] <= operation.link("size", n)
    )
    block.store_discharge = pyo.Constraint(
        list(stores), steps, rule=lambda b, n, s: stores[n].hours * b.discharge[n, s] <= operation.link("size", n)
    )
    for store in stores.values():
        for step in steps:
            operation.balance.add(store.node, step, block.discharge[store.id, step] - block.charge[store.id, step])
