"""A network as read → an instance: one stage of one year, the design hour, and a season that gives each load its hours.

Season. The outdoor temperature is the design temperature all the time, so that the load factor is 1 and the load of a
consumer is its design load times a factor column. Each time step of the source is a block of whole days, of 24 h each
at the same load: as many days as its hours fill, or the whole year. The factor is load · hours / (design load · hours
of the block), so that a consumer takes the heat that its hours say, and pipes lose heat as long as the block lasts.

What it costs not to serve a consumer is above anything that this could save: the way of its own that serves it, with
the dearest type all the way, and the dearest heat. So all are served that can be, but for those that may stay off.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import networkx as nx
import numpy as np
import shapely
from pydantic import ValidationError

from heatnet.instance import Instance, Series, messages
from heatnet.instance import records as r
from heatnet.instance.records.base import LARGEST
from heatnet.physics.finance import annuity_share
from heatnet.readers.catalogue import loss_kw_per_m, needed
from heatnet.readers.faults import Faults
from heatnet.readers.network import Consumer, Network, Node, Pipe, Source

Row = TypeVar("Row", bound=r.Record)
Element = TypeVar("Element", Consumer, Node, Pipe, Source)

YEAR = 2025
DESIGN_C, INDOOR_C = -10.0, 20.0
W_PER_M2 = 50.0
"""Design load per heated area of a building of which only the load is known [assumed]; the area is for display."""

NO_LIMIT = 2.0
"""Capacity of a source of which no limit is told, as a multiple of all demand: more than demand and losses."""

PARTS = 10
"""Machines that a source is built of where it must be paid for, so that less than all of it can be built."""


def build(network: Network, name: str, faults: Faults) -> Instance:
    """The instance of a network that has been checked.

    Raises SourceError where a figure would be larger or smaller than an instance may have.
    """
    length_m = sum(pipe.length_m for pipe in network.pipes)
    types = needed(network.types, network.regime, network.demand_kw, length_m)
    there = {pipe.existing_type for pipe in network.pipes} - {kind.id for kind in types}
    kept = (*types, *(kind for kind in (*network.types, *network.existing_types) if kind.id in there))
    candidates = tuple(kind.id for kind in types)
    season = _Season(network)

    rows = _Rows(network.files, faults)
    for kind in kept:  # which readers may have made from others without a look at the figures
        rows.row(f"type {kind.id}", partial(r.PipeType.model_validate, kind.model_dump()))
    nodes = _nodes(network, rows)
    pipes = rows.of(network.pipes, lambda pipe: _pipe(pipe, network.regime.id, candidates))
    fuels = rows.of(network.sources, lambda source: _fuel(source, season.price_column(source)))
    units = rows.of(network.sources, lambda source: _unit(network, source))
    demands = rows.of(network.consumers, lambda consumer: _demand(consumer, season.load_column(consumer)))
    optional = [consumer for consumer in network.consumers if consumer.heat_price_eur_per_mwh is not None]
    connections = rows.of(optional, _connection)
    faults.stop(network.to_degrees)
    size_mw = {unit.node: unit.size_mw for unit in units}
    technologies = rows.of(network.sources, lambda source: _technology(source, size_mw[source.node]))
    header = rows.row("", lambda: _header(network, name, len(season.days), _left_out(network, kept)))
    faults.stop(network.to_degrees)
    assert header is not None
    return Instance(
        header=header,
        zones=(),
        nodes=nodes,
        pipe_types=kept,
        pipes=pipes,
        fuels=fuels,
        technologies=technologies,
        capability=tuple(_corner(unit) for unit in units),
        retrofits=(),
        units=units,
        stores=(),
        demands=demands,
        envelopes=(),
        connections=connections,
        contingencies=(),
        series=season.series(network.economics.power_eur_per_mwh),
    )


@dataclass(frozen=True)
class _Rows:
    """Makes rows of the elements of a source, and tells those that no instance can have."""

    files: str
    faults: Faults

    def row(self, where: str, make: Callable[[], Row]) -> Row | None:
        """A row, or None with its faults told."""
        try:
            return make()
        except ValidationError as error:
            name = re.sub(r"(?<=[a-z])([A-Z])", r" \1", error.title).lower()  # PipeType: pipe type
            for detail in error.errors(include_url=False):
                column, sentence = messages.place(detail, "EUR"), messages.message(detail, r.Record, "EUR")
                self.faults.tell(self.files, where, f"makes {name} {column}, which {sentence}")
        return None

    def of(self, elements: Iterable[Element], make: Callable[[Element], Row]) -> tuple[Row, ...]:
        """The rows of elements that know where they are from."""
        rows = (self.row(element.where, partial(make, element)) for element in elements)
        return tuple(row for row in rows if row is not None)


def _header(network: Network, name: str, days: int, left_out: float) -> r.Header:
    """`left_out`: what a consumer left out saves at most, in million EUR per MW of its load."""
    hours = max(1.0, min(sum(consumer.hours) for consumer in network.consumers))
    return r.Header(
        schema_version=1,
        name=name,
        title=f"{name}, imported from {network.files}",
        currency="EUR",
        base_year=YEAR,
        stages=(r.Stage(year=YEAR, span_years=1, source="assumed: costs are those of one year"),),
        season=r.Season(
            start="01-01",
            design_outdoor_c=DESIGN_C,
            indoor_c=INDOOR_C,
            load_floor_share=0,
            inertia_h=1,
            source="assumed: one year at the design temperature, the loads by factor columns",
        ),
        economics=r.Economics(
            discount_rate_share=network.economics.discount_rate_share,
            unserved_cur_per_mwh=_rounded_up(1e6 * left_out / hours),
            shortfall_mcur_per_mw_year=_rounded_up(left_out),
            source=f"{network.economics.source}; missing heat is priced above the dearest way to any building",
        ),
        regimes=(network.regime,),
        solve=r.SolveDefaults(days=days, step_hours=24, gap=0.01),
    )


class _Season:
    """Blocks of days, one for each time step, and the factor columns that loads and prices need in them."""

    def __init__(self, network: Network) -> None:
        steps = max(len(consumer.load_kw) for consumer in network.consumers)
        told = [*(c.hours for c in network.consumers), *(s.hours for s in network.sources if s.hours)]
        self.days = [max(1, math.ceil(max(hours[step] for hours in told) / 24 - 1e-9)) for step in range(steps)]
        if network.season_days is not None:
            self.days = [network.season_days]
        self.columns: dict[tuple[str, tuple[float, ...]], str] = {}

    def load_column(self, consumer: Consumer) -> str | None:
        """The column that a consumer's load follows; None where it is at its design load all the time."""
        factors = tuple(
            load * hours / (consumer.peak_kw * 24 * days)
            for load, hours, days in zip(consumer.load_kw, consumer.hours, self.days, strict=True)
        )
        return self._column("load", factors)

    def price_column(self, source: Source) -> str | None:
        """The column that a source's price follows; None where it is the same in all time steps."""
        first = source.price_eur_per_mwh[0]
        if len(set(source.price_eur_per_mwh)) == 1 or not first:
            return None
        return self._column("price", tuple(price / first for price in source.price_eur_per_mwh))

    def _column(self, kind: str, factors: tuple[float, ...]) -> str | None:
        if set(factors) == {1.0}:
            return None
        number = sum(other == kind for other, _ in self.columns) + 1
        return self.columns.setdefault((kind, factors), f"{kind}_{number}_factor")

    def series(self, power_eur_per_mwh: float) -> Series:
        """The season, hour by hour."""
        hours = 24 * sum(self.days)
        found = {
            "outdoor_c": np.full(hours, DESIGN_C),
            "power_wholesale_cur_per_mwh": np.full(hours, power_eur_per_mwh),
            "power_retail_cur_per_mwh": np.full(hours, power_eur_per_mwh),
        }
        repeats = [24 * days for days in self.days]
        return Series({**found, **{name: np.repeat(factors, repeats) for (_, factors), name in self.columns.items()}})


def _nodes(network: Network, rows: _Rows) -> tuple[r.Node, ...]:
    kinds = {consumer.node: "district" for consumer in network.consumers}
    kinds |= {source.node: "plant" for source in network.sources}
    sources = {one.node: one.source for one in network.consumers}
    sources |= {one.node: one.source for one in network.sources}
    degrees = shapely.get_coordinates(network.to_degrees(shapely.MultiPoint([node.point for node in network.nodes])))
    place = {node.id: lon_lat for node, lon_lat in zip(network.nodes, degrees.tolist(), strict=True)}

    def row(node: Node) -> r.Node:
        lon, lat = place[node.id]
        return r.Node.model_validate(
            {
                "id": node.id,
                "kind": kinds.get(node.id, "junction"),
                "lat_deg": round(lat, 7),
                "lon_deg": round(lon, 7),
                "source": sources.get(node.id, f"derived: {network.files}, {node.where}"),
            }
        )

    return rows.of(network.nodes, row)


def _pipe(pipe: Pipe, regime: str, candidates: tuple[str, ...]) -> r.Pipe:
    return r.Pipe(
        id=pipe.id,
        from_node=pipe.ends[0],
        to_node=pipe.ends[1],
        length_km=pipe.length_m / 1e3,
        regime=regime,
        existing_type=pipe.existing_type,
        existing_pairs=0 if pipe.existing_type is None else 1,
        candidate_types=candidates if pipe.may_be_laid else (),
        max_new_pairs=1 if pipe.may_be_laid else 0,
        cost_factor=pipe.cost_factor,
        source=pipe.source,
    )


def _fuel(source: Source, column: str | None) -> r.Fuel:
    return r.Fuel(
        id=f"heat-{source.node}"[:64],
        price_cur_per_mwh=source.price_eur_per_mwh[0],
        price_series=column,
        co2_t_per_mwh=0,
        source=source.source,
    )


def _unit(network: Network, source: Source) -> r.Unit:
    capacity_kw = NO_LIMIT * network.demand_kw if source.capacity_kw is None else source.capacity_kw
    paid = source.capex_eur_per_kw > 0
    limit = "" if source.capacity_kw is not None else f"; no limit is told: {NO_LIMIT:g} times all demand is assumed"
    return r.Unit(
        id=f"source-{source.node}"[:64],
        node=source.node,
        technology=f"source-{source.node}"[:64],
        size_mw=capacity_kw / 1e3 / (PARTS if paid else 1),
        count=0 if paid else 1,
        max_new=PARTS if paid else 0,
        may_retire=False,
        source=source.source + limit,
    )


def _technology(source: Source, size_mw: float) -> r.Technology:
    return r.Technology(
        id=f"source-{source.node}"[:64],
        kind="waste_heat",
        fuel=f"heat-{source.node}"[:64],
        size_mw=size_mw,
        capex_mcur_per_mw=source.capex_eur_per_kw / 1e3,
        life_years=source.life_years,
        source=source.source,
    )


def _corner(unit: r.Unit) -> r.Corner:
    return r.Corner(
        technology=unit.technology,
        corner="full",
        heat_mw=unit.size_mw,
        power_mw=0,
        fuel_mw=unit.size_mw,
        source=unit.source,
    )


def _demand(consumer: Consumer, column: str | None) -> r.Demand:
    area_m2 = consumer.area_m2 or 1e3 * consumer.peak_kw / W_PER_M2
    by_load = "" if consumer.area_m2 else f"; area assumed from {W_PER_M2:g} W/m2"
    return r.Demand(
        node=consumer.node,
        year=YEAR,
        area_mm2=area_m2 / 1e6,
        peak_w_per_m2=1e3 * consumer.peak_kw / area_m2,
        shape_series=column,
        source=consumer.source + by_load,
    )


def _connection(consumer: Consumer) -> r.Connection:
    return r.Connection.model_validate(
        {
            "node": consumer.node,
            "heat_price_cur_per_mwh": consumer.heat_price_eur_per_mwh,
            "source": consumer.source,
        }
    )


def _left_out(network: Network, types: tuple[r.PipeType, ...]) -> float:
    """More than it can save in a year to leave a consumer out, in million EUR per MW of its load.

    A consumer is never dearer than a way of its own to some source: the annuity of the dearest type over it, its
    losses, its pump power at most as large as the heat, and the heat itself, for all hours of the year.
    """
    rate = network.economics.discount_rate_share
    yearly_eur_per_m = max(
        1e3 * kind.capex_mcur_per_km * (annuity_share(rate, kind.life_years) + kind.fixed_share_per_year)
        for kind in types
    )
    heat_eur_per_kw = 8.76 * (
        max(max(source.price_eur_per_mwh) for source in network.sources) + network.economics.power_eur_per_mwh
    )
    heat_eur_per_kw += max(source.capex_eur_per_kw for source in network.sources)
    lost_eur_per_m = heat_eur_per_kw * max(loss_kw_per_m(kind, network.regime) for kind in types)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(network.node)
    for pipe in network.pipes:
        cost = pipe.length_m * (yearly_eur_per_m * pipe.cost_factor + lost_eur_per_m)
        known = graph.get_edge_data(*pipe.ends, {"cost": math.inf})
        graph.add_edge(*pipe.ends, cost=min(cost, known["cost"]))
    ways: dict[str, float] = nx.multi_source_dijkstra_path_length(
        graph, {source.node for source in network.sources}, weight="cost"
    )
    return 2e-3 * max(ways[one.node] / one.peak_kw + heat_eur_per_kw for one in network.consumers)


def _rounded_up(value: float) -> float:
    """To two digits, but no more than an instance may have."""
    value = min(value, LARGEST)
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return min(math.ceil(value / step) * step, LARGEST)
