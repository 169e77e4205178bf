"""A city in kind like Jinan, of any size: districts, plants and junctions, corridors between them, and ten years.

What stands at the start heats the city of the first stage, and the boilers of every district cover its guarantee alone.
Later demand grows and small coal sets leave; what may be built in a district is enough for it, so that no plan fails.
What is best is open: long lines from remote plants, new pipes, boilers of gas, heat pumps, stores.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from heatnet.errors import UsageError
from heatnet.generate import catalogue, plane
from heatnet.generate.folder import GENERATED
from heatnet.generate.season import season
from heatnet.instance import Instance
from heatnet.instance import records as r
from heatnet.instance.instance import Array
from heatnet.physics.pipes import capacity_mw

LARGEST_NODES, LARGEST_STAGES, LARGEST_SEED = 2000, 20, 2**32

FIRST_YEAR = 2024
SPANS_YEARS = (1, 1, 2, 2, 5)
"""Years that the first stages stand for; further ones as the last."""

MEDIAN_AREA_MM2, AREA_SIGMA = 6.0, 0.5
"""Heated area of a district at the start, lognormal."""

SHARES = {"large": 0.50, "small": 0.25, "waste": 0.05}
"""Heat of the plants at the start as a share of the demand, by class; where a class is missing the others share it."""

CYCLE = ("large", "small", "waste", "small", "large")
LOCAL_SHARE = 0.42
"""Boilers of a district at the start as a share of its demand: above the guarantee of 40 %."""

REMOTE_SHARE = 0.30
"""Heat of all remote plants as a share of the demand at the end."""

NEW_GAS_SHARE, NEW_AIR_SHARE, NEW_SEWAGE_SHARE, NEW_GEOTHERMAL_SHARE = 0.8, 0.5, 0.15, 0.2
"""What may be built in a district as a share of its demand at the end. Gas and air alone are above 1 in the cold."""

PIPE_MARGIN = 1.15
LACKING_SHARE = 0.4
"""Where the flow at the end is above what stands by more than this share of it, more may be laid."""

LOSS_FACTOR = 1.12
DETOUR = 1.25
SPEED_KM_PER_H = 12.6
"""Water at 3.5 m/s."""

TYPES = {row.id: row for row in catalogue.PIPE_TYPES if row.inner_diameter_mm > 290}
REGIME = {row.id: row for row in catalogue.REGIMES}


def city(nodes: int, stages: int = 6, seed: int = 0) -> Instance:
    """A city of `nodes` districts, plants and junctions over a number of stages from 2024 on.

    Raises UsageError for numbers that cannot be meant.
    """
    for name, value, least, most in (
        ("--nodes", nodes, 2, LARGEST_NODES),
        ("--stages", stages, 1, LARGEST_STAGES),
        ("--seed", seed, 0, LARGEST_SEED),
    ):
        if not least <= value <= most:
            raise UsageError(f"{name} {value}: must be from {least} to {most}.")
    return _City(nodes, stages, seed, np.random.default_rng([1, seed])).instance()


@dataclass(frozen=True)
class _Plan:
    """Places and demands. Places are numbers of `points`: districts, then junctions, plants and remote plants."""

    points: Array
    districts: range
    junctions: range
    plants: range
    remotes: range
    classes: tuple[str, ...]
    index_w_per_m2: Array
    start_mw: Array
    end_mw: Array

    @cached_property
    def radius(self) -> Array:
        """Distance of each place from the centre, km."""
        result: Array = np.linalg.norm(self.points, axis=1)
        return result

    @cached_property
    def ids(self) -> tuple[str, ...]:
        digits = max(2, len(str(len(self.points))))
        kinds = (("D", self.districts), ("J", self.junctions), ("P", self.plants), ("R", self.remotes))
        return tuple(f"{letter}{number:0{digits}}" for letter, places in kinds for number in range(1, len(places) + 1))

    @cached_property
    def plant_mw(self) -> Array:
        """Heat of each plant at the start, MW."""
        present = {name: SHARES[name] for name in self.classes}
        total = self.start_mw.sum() * sum(SHARES.values()) / sum(present.values())
        return np.array([total * present[name] / self.classes.count(name) for name in self.classes])


@dataclass(frozen=True)
class _City:
    nodes: int
    number: int
    seed: int
    rng: np.random.Generator

    @cached_property
    def source(self) -> str:
        return f"{GENERATED} {self.seed}"

    @cached_property
    def years(self) -> tuple[tuple[int, int], ...]:
        """Year and span of each stage."""
        spans = [*SPANS_YEARS, *(SPANS_YEARS[-1:] * self.number)][: self.number]
        return tuple((FIRST_YEAR + sum(spans[:place]), span) for place, span in enumerate(spans))

    def year(self, stage: int) -> int:
        """Year of a stage counted from 0, or of the last."""
        return self.years[min(stage, self.number - 1)][0]

    def instance(self) -> Instance:
        plan = self._plan()
        zones = self._zones(plan)
        units = self._units(plan)
        pipes = self._pipes(plan, zones)
        named = {name for pipe in pipes for name in (*pipe.candidate_types, pipe.existing_type)}
        tables: dict[str, Any] = {
            "zones": tuple(
                r.Zone(id=zone, regimes=("ordinary", "large"), earliest_year=self.year(1), source=self.source)
                for zone in sorted(set(zones.values()))
            ),
            "nodes": self._nodes(plan, zones),
            "pipe_types": tuple(row for row in TYPES.values() if row.id in named),
            "pipes": pipes,
            "units": units,
            "stores": self._stores(plan),
            "demands": self._demands(plan),
            "envelopes": (),
            "connections": (),
            "contingencies": self._contingencies(plan, pipes),
            **catalogue.used(units),
        }
        area_mm2 = float((plan.end_mw / plan.index_w_per_m2).sum())
        return Instance(header=self._header(area_mm2), **tables, series=season(self.rng), schedules=self._schedules())

    # --- places and demands --------------------------------------------------------------------------------

    def _plan(self) -> _Plan:
        remotes = 0 if self.nodes < 5 else 1 if self.nodes < 60 else 2
        plants = max(1, round(0.2 * self.nodes))
        junctions = round(0.1 * self.nodes)
        districts = self.nodes - remotes - plants - junctions
        classes = tuple(CYCLE[place % len(CYCLE)] for place in range(plants))

        radius = 2.2 * math.sqrt(self.nodes)
        spread = plane.scattered(self.rng, self.nodes - remotes, radius)
        spread = spread[np.argsort(np.linalg.norm(spread, axis=1), kind="stable")]
        places = self.rng.permutation(len(spread))
        chosen = np.sort(places[:plants])  # small plants stand inside, large ones outside, as cities have grown
        inward = sorted(range(plants), key=lambda plant: (("small", "waste", "large").index(classes[plant]), plant))
        plant_points = np.empty((plants, 2))
        plant_points[inward] = spread[chosen]
        far = self._remote_points(remotes, radius)
        rest = np.concatenate([spread[np.sort(places[plants + junctions :])], spread[places[plants:][:junctions]]])

        index = self.rng.integers(30, 43, districts).astype(float)
        start = self.rng.lognormal(math.log(MEDIAN_AREA_MM2), AREA_SIGMA, districts) * index
        growth = (1 + self.rng.uniform(0.003, 0.02, districts)) ** (self.year(self.number) - FIRST_YEAR)
        fresh = max(1, districts // 10) if self.number > 1 and districts > 2 else 0
        growth[districts - fresh :] = self.rng.uniform(2.0, 4.0, fresh)  # new towns outside
        bounds = np.cumsum([districts, junctions, plants, remotes]).tolist()
        return _Plan(
            points=np.concatenate([rest, plant_points, far]),
            districts=range(districts),
            junctions=range(*bounds[0:2]),
            plants=range(*bounds[1:3]),
            remotes=range(*bounds[2:4]),
            classes=classes,
            index_w_per_m2=index,
            start_mw=start,
            end_mw=start * (growth if self.number > 1 else 1.0),
        )

    def _remote_points(self, number: int, radius: float) -> Array:
        """Far outside, in different directions."""
        angle = 2 * np.pi * (self.rng.random() + np.arange(number) / max(1, number))
        distance = radius + self.rng.uniform(25, 80, number)
        return np.column_stack([distance * np.cos(angle), distance * np.sin(angle)])

    def _zones(self, plan: _Plan) -> dict[int, str]:
        """Sectors around the centre: zone by place, remote plants in none."""
        number = max(1, round(math.sqrt(len(plan.districts)) / 1.5))
        angle = np.arctan2(plan.points[:, 1], plan.points[:, 0]) / (2 * np.pi) % 1.0
        inside = range(plan.remotes.start)
        return {place: f"Z{int(angle[place] * number) % number + 1:02}" for place in inside}

    def _nodes(self, plan: _Plan, zones: Mapping[int, str]) -> tuple[r.Node, ...]:
        kinds = {"D": "district", "J": "junction", "P": "plant", "R": "plant"}
        return tuple(
            r.Node.model_validate(
                {"id": name, "kind": kinds[name[0]], "zone": zones.get(place), "lat_deg": lat, "lon_deg": lon}
                | {"source": self.source}
            )
            for place, (name, (lat, lon)) in enumerate(zip(plan.ids, plane.geographic(plan.points, 4), strict=True))
        )

    def _demands(self, plan: _Plan) -> tuple[r.Demand, ...]:
        ends = {FIRST_YEAR: plan.start_mw, self.year(self.number): plan.end_mw}
        return tuple(
            r.Demand(
                node=plan.ids[place],
                year=year,
                area_mm2=round(float(load[place] / plan.index_w_per_m2[place]), 3),
                peak_w_per_m2=float(plan.index_w_per_m2[place]),
                shape_series="residential_shape_factor",
                source=self.source,
            )
            for place in plan.districts
            for year, load in ends.items()
        )

    # --- machines and stores -------------------------------------------------------------------------------

    def _units(self, plan: _Plan) -> tuple[r.Unit, ...]:
        rows: list[r.Unit] = []

        def unit(place: int, word: str, technology: str, size_mw: float, **changes: Any) -> None:
            name = plan.ids[place]
            data = {"id": f"{name}-{word}", "node": name, "technology": technology, "source": self.source}
            rows.append(r.Unit.model_validate(data | {"size_mw": round(size_mw, 1)} | changes))

        outer = np.quantile(plan.radius[: len(plan.districts)], 0.67)
        for place in plan.districts:
            start, end = float(plan.start_mw[place]), float(plan.end_mw[place])
            count, size = _machines("gas-boiler", LOCAL_SHARE * start, least=4)
            pump = round(min(20.0, max(5.0, end / 15)))
            new = {"earliest_year": self.year(1)}
            coal = place == 0 or bool(self.rng.random() < 0.5)  # at least one, or a rule would have nothing to close
            if coal:
                leaves = {"may_reserve": True, "retirement_due": place == 0 or bool(self.rng.random() < 0.6)}
                unit(place, "coal", "coal-boiler", size, count=count, **leaves)
                conversion: dict[str, Any] = {"max_new": count, "converts": f"{plan.ids[place]}-coal"}
                unit(place, "gasconv", "gas-conversion", size, **new, **conversion)
            gas = max(1, math.ceil(NEW_GAS_SHARE * end / size))
            unit(place, "gas", "gas-boiler", size, count=0 if coal else count, max_new=gas, **new)
            unit(place, "air", "air-heat-pump", pump, max_new=math.ceil(NEW_AIR_SHARE * end / pump), **new)
            if end > np.quantile(plan.end_mw, 0.67):
                limit = math.ceil(NEW_SEWAGE_SHARE * end / pump)
                unit(place, "sewage", "sewage-heat-pump", pump, max_new=limit, **new)
            if plan.radius[place] > outer:
                unit(place, "geo", "geothermal-5", 5, max_new=math.ceil(NEW_GEOTHERMAL_SHARE * end / 5), **new)

        for place, kind, heat in zip(plan.plants, plan.classes, plan.plant_mw.tolist(), strict=True):
            if kind == "small":
                group: dict[str, Any] = {"group": plan.ids[place], "may_reserve": True, "retirement_due": True}
                names = ["ext-140"] if heat > 240 else ["bp-12", "ext-25"]
                technology = str(self.rng.choice(names))
                count, size = _machines(technology, heat / 2)
                unit(place, "chp", technology, size, count=count, **group)
                count, size = _machines("coal-boiler", heat / 2)
                unit(place, "coal", "coal-boiler", size, count=count, **group)
            elif kind == "waste":
                machine = {"count": 1, "max_new": 1, "earliest_year": self.year(1)}
                unit(place, "waste", "waste-heat-100", heat, **machine)
            else:
                self._large(unit, place, heat)

        for number, place in enumerate(plan.remotes):
            count, size = _machines("takeoff-660", REMOTE_SHARE * plan.end_mw.sum() / len(plan.remotes))
            unit(place, "takeoff", "takeoff-660", size, max_new=count, earliest_year=self.year(1 + number))
        return tuple(rows)

    def _large(self, unit: Any, place: int, heat: float) -> None:
        """A plant that stays: sets of the class that fits its heat, and room for electrode boilers or a new set."""
        names = ["ext-330", "hbp-330", "ext-660-usc-lpcut"] if heat > 300 else ["ext-140"] if heat > 100 else ["ext-25"]
        technology = str(self.rng.choice(names))
        count, size = _machines(technology, heat)
        unit(place, "set", technology, size, count=count, may_retire=False)
        if self.rng.random() < 0.5:
            size = round(min(660.0, 660 * heat / catalogue.heat_mw("ext-660-usc-lpcut")), 1)
            unit(place, "new", "ext-660-usc-lpcut", size, max_new=1, earliest_year=self.year(2))
        else:
            unit(place, "electrode", "electrode-boiler-50", 50, max_new=4, earliest_year=self.year(1))

    def _stores(self, plan: _Plan) -> tuple[r.Store, ...]:
        """Tanks at the largest districts, a pit at the one farthest out."""
        order = np.argsort(-plan.end_mw, kind="stable")[: max(1, len(plan.districts) // 8)].tolist()
        pit = plan.districts[int(np.argmax(plan.radius[: len(plan.districts)]))]
        rows = [(place, "tank", 4.0, self.year(0), catalogue.TANK) for place in order]
        rows.append((pit, "pit", 50.0, self.year(2), catalogue.PIT))
        return tuple(
            r.Store.model_validate(
                {"id": f"{plan.ids[place]}-{word}", "node": plan.ids[place], "source": self.source, **figures}
                | {"max_new_mwh": float(math.ceil(hours * plan.end_mw[place] / 100)) * 100, "earliest_year": year}
            )
            for place, word, hours, year, figures in rows
        )

    # --- corridors -----------------------------------------------------------------------------------------

    def _pipes(self, plan: _Plan, zones: Mapping[int, str]) -> tuple[r.Pipe, ...]:
        """Corridors with the pairs that the first stage needs, and candidates for what the last may need."""
        inside = plan.points[: plan.remotes.start]
        edges = plane.gabriel(inside)
        km = plane.lengths(inside, edges)
        kept = plane.spanning(len(inside), edges, km)
        others = np.flatnonzero(~kept)
        extra = min(len(others), round(0.25 * len(inside)))
        kept[self.rng.choice(others, extra, replace=False)] = True
        edges, km = edges[kept], km[kept]

        gates = [int(np.argmin(np.linalg.norm(inside - plan.points[place], axis=1))) for place in plan.remotes]
        now, later = self._flows(plan, edges, km, gates)
        rows = []
        for number, ((one, other), length) in enumerate(zip(edges.tolist(), km.tolist(), strict=True)):
            zone = zones[one] if zones[one] == zones[other] else None
            data = {
                "id": f"L{number + 1:0{max(2, len(str(len(edges))))}}",
                "from_node": plan.ids[one],
                "to_node": plan.ids[other],
                "length_km": max(0.1, round(DETOUR * length, 1)),
                "zone": zone,
                "regime": None if zone else "ordinary",
                "cost_factor": 1.4
                if max(plan.radius[one], plan.radius[other]) < plan.radius[plan.districts].mean()
                else 1,
                "source": self.source,
            }
            rows.append(r.Pipe.model_validate(data | self._pairs(now[number], later[number])))
        return (*rows, *self._long_lines(plan, gates))

    def _pairs(self, now_mw: float, later_mw: float) -> dict[str, Any]:
        """What is there for the flow at the start, and what may be laid for the flow of the last stage."""
        pairs: dict[str, Any] = {}
        there = 0.0
        if now_mw > 1.0:
            name, number = _fitting(PIPE_MARGIN * now_mw, "ordinary")
            pairs = {"existing_type": name, "existing_pairs": number}
            there = number * _capacity(name, "ordinary")
        lacking = PIPE_MARGIN * later_mw - there
        if lacking > LACKING_SHARE * there or not pairs:
            name, number = _fitting(max(lacking, 0.3 * there, 30.0), "ordinary")
            types = [name, *([_next(name)] if _next(name) else [])]
            pairs |= {"candidate_types": types, "max_new_pairs": number, "earliest_year": self.year(1)}
        return pairs

    def _flows(self, plan: _Plan, edges: plane.Edges, km: Array, gates: list[int]) -> tuple[list[float], list[float]]:
        """Flow in every corridor, MW: of the plants that are there at the start, and of those left at the end."""
        central = 1 - LOCAL_SHARE
        need = LOSS_FACTOR * central * plan.start_mw
        plants = np.array(plan.plants)
        design = np.array([0.85 if kind == "waste" else 1.0 for kind in plan.classes])
        heat = plan.plant_mw * design
        now = _routed(edges, km, plants, 0.5 * heat, heat, need)

        stays = heat * [kind != "small" for kind in plan.classes]
        remote = np.full(len(gates), REMOTE_SHARE * plan.end_mw.sum() / max(1, len(gates)))
        most = np.concatenate([stays, remote])
        need = LOSS_FACTOR * central * plan.end_mw
        need = need * min(1.0, 0.97 * most.sum() / need.sum())
        least = np.concatenate([0 * stays, 0.8 * remote * min(1.0, need.sum() / max(1e-9, remote.sum()))])
        return now, _routed(edges, km, np.concatenate([plants, gates]).astype(int), least, most, need)

    def _long_lines(self, plan: _Plan, gates: list[int]) -> list[r.Pipe]:
        rows = []
        for number, (place, gate) in enumerate(zip(plan.remotes, gates, strict=True)):
            length = round(DETOUR * float(np.linalg.norm(plan.points[place] - plan.points[gate])), 1)
            heat = REMOTE_SHARE * float(plan.end_mw.sum()) / len(plan.remotes)
            name, pairs = _fitting(heat, "large")
            smaller = [other for other in TYPES if _next(other) == name]
            stations = max(1, round(length / 25))
            tunnel = bool(self.rng.random() < 0.5)
            rows.append(
                r.Pipe(
                    id=f"long-{plan.ids[place]}",
                    from_node=plan.ids[place],
                    to_node=plan.ids[gate],
                    length_km=length,
                    regime="large",
                    delay_h=min(24, round(length / SPEED_KM_PER_H)),
                    candidate_types=(*smaller, name),
                    max_new_pairs=pairs,
                    earliest_year=self.year(1 + number),
                    tunnel_km=round(0.05 * length, 1) if tunnel else 0.0,
                    tunnel_cost_factor=9.5 if tunnel else 1.0,
                    relay_stations=stations,
                    relay_mcur_per_mw=0.06,
                    station_power_share=round(0.001 * stations, 4),
                    extra_mcur_per_pair=float(round(0.08 * heat / pairs)),
                    source=self.source,
                )
            )
        return rows

    def _contingencies(self, plan: _Plan, pipes: tuple[r.Pipe, ...]) -> tuple[r.Contingency, ...]:
        """Loss of the largest plant, of each remote plant's line, and of the largest pipes."""
        largest = plan.ids[plan.plants[int(np.argmax(plan.plant_mw))]]
        lines = [pipe.id for pipe in pipes if pipe.regime == "large"]
        existing = [pipe for pipe in pipes if pipe.existing_type]
        existing.sort(key=lambda pipe: (-pipe.existing_pairs * _capacity(str(pipe.existing_type), "ordinary"), pipe.id))
        lines += [pipe.id for pipe in existing[: 1 + self.nodes // 20]]
        return (
            r.Contingency(id=f"lose-{largest}", node=largest, source=self.source),
            *(r.Contingency(id=f"lose-{line}", pipe=line, source=self.source) for line in lines),
        )

    # --- header --------------------------------------------------------------------------------------------

    def _header(self, area_mm2: float) -> r.Header:
        def at(year: int, values: Mapping[int, float]) -> float:
            return round(float(np.interp(year, list(values), list(values.values()))), 3)

        return r.Header(
            schema_version=1,
            name=f"city-{self.nodes}-seed-{self.seed}",
            title=f"Generated city of {self.nodes} nodes, seed {self.seed}",
            currency="CNY",
            base_year=FIRST_YEAR,
            stages=tuple(
                r.Stage(
                    year=year,
                    span_years=span,
                    co2_price_cur_per_t=at(year, catalogue.CO2_PRICE_CNY_PER_T),
                    grid_co2_t_per_mwh=at(year, catalogue.GRID_CO2_T_PER_MWH),
                    **catalogue.POLLUTANT_PRICES_CNY_PER_KG,
                    source=self.source,
                )
                for year, span in self.years
            ),
            season=catalogue.SEASON,
            economics=catalogue.ECONOMICS,
            security=catalogue.SECURITY,
            regimes=catalogue.REGIMES,
            rules=(
                r.RetiredShare(
                    id="small-coal",
                    kind="retired_share",
                    select=(r.Selection(retirement_due=True),),
                    min_share=0.95,
                    by_year=self.year(2),
                    source=self.source,
                ),
                r.YearlyLimit(
                    id="renewable",
                    kind="yearly_limit",
                    quantity="heated_area_mm2",
                    select=(r.Selection(renewable=True),),
                    least=round(0.02 * area_mm2, 2),
                    from_year=self.year(2),
                    source=self.source,
                ),
            ),
            solve=r.SolveDefaults(days=2, step_hours=12, gap=0.01),
        )

    def _schedules(self) -> dict[str, r.Schedule]:
        def schedule(title: str, enabled: bool) -> r.Schedule:
            change = r.RuleChange(rule="small-coal", enabled=enabled)
            return r.Schedule(title=title, rules=(change,), source=self.source)

        return {
            "policy": schedule(f"Small coal leaves by {self.year(2)}", True),
            "free": schedule("No closure rule", False),
        }


def _machines(technology: str, heat_mw: float, least: int = 1) -> tuple[int, float]:
    """How many machines, `least` or more, and of what size (MW, as in the technology), make an amount of heat."""
    each = catalogue.heat_mw(technology)
    count = max(least, round(heat_mw / each))
    return count, math.ceil(10 * catalogue.size_mw(technology) * heat_mw / (count * each)) / 10


def _capacity(name: str, regime: str) -> float:
    row, water = TYPES[name], REGIME[regime]
    return capacity_mw(row.inner_diameter_mm, row.velocity_max_m_per_s, water.supply_c, water.return_c)


def _fitting(flow_mw: float, regime: str) -> tuple[str, int]:
    """The smallest type that carries a flow, or as many pairs of the largest as it takes."""
    for name in TYPES:
        if _capacity(name, regime) >= flow_mw:
            return name, 1
    return name, math.ceil(flow_mw / _capacity(name, regime))


def _next(name: str) -> str | None:
    """The next larger type."""
    names = list(TYPES)
    place = names.index(name) + 1
    return names[place] if place < len(names) else None


def _routed(
    edges: plane.Edges, km: Array, sources: Array | Any, least_mw: Array, most_mw: Array, need_mw: Array
) -> list[float]:
    """Flow in each corridor when sources within their bounds meet the need of the first places over least distance."""
    from scipy.optimize import linprog  # slow to import
    from scipy.sparse import coo_array

    number, nodes = len(edges), int(edges.max()) + 1
    arcs = np.arange(number)
    ends = np.concatenate([edges[:, 1], edges[:, 0], edges[:, 0], edges[:, 1], sources])
    columns = np.concatenate([arcs, arcs, number + arcs, number + arcs, 2 * number + np.arange(len(sources))])
    signs = np.concatenate(
        [np.ones(number), -np.ones(number), np.ones(number), -np.ones(number), np.ones(len(sources))]
    )
    need = np.zeros(nodes)
    need[: len(need_mw)] = need_mw
    balance: Any = coo_array((signs, (ends, columns)), shape=(nodes, 2 * number + len(sources))).tocsr()
    answer = linprog(
        np.concatenate([km, km, np.zeros(len(sources))]),
        A_eq=balance,
        b_eq=need,
        bounds=[(0, None)] * (2 * number) + list(zip(least_mw.tolist(), most_mw.tolist(), strict=True)),
        method="highs",
    )
    assert answer.x is not None, answer.message
    flows: list[float] = np.abs(answer.x[:number] - answer.x[number : 2 * number]).round(3).tolist()
    return flows
