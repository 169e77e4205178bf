"""The instance: header, tables and hourly series together, frozen, and valid or not constructed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from heatnet.errors import InstanceError, UsageError
from heatnet.instance import records, rules

Array = npt.NDArray[np.float64]

DAYS_OF_YEAR = 365
"""From the first day of a season to that of the next, where nothing else is said."""


class Series(Mapping[str, Array]):
    """Hourly columns of the season, read-only, all of one length (hours)."""

    def __init__(self, columns: Mapping[str, npt.ArrayLike]) -> None:
        self._columns: dict[str, Array] = {}
        for name, values in columns.items():
            array = np.array(values, dtype=np.float64)
            array.setflags(write=False)
            self._columns[name] = array

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Series):
            return NotImplemented
        return self._columns.keys() == other._columns.keys() and all(
            np.array_equal(v, other[k]) for k, v in self.items()
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def hours(self) -> int:
        """Hours of the season."""
        return len(self["outdoor_c"])

    @property
    def days(self) -> int:
        """Whole days of the season."""
        return self.hours // 24

    @property
    def alike(self) -> bool:
        """Whether every day of the season is like the first, hour by hour and column by column."""
        return all((values.reshape(-1, 24) == values[:24]).all() for values in self.values())


@dataclass(frozen=True)
class Tables:
    """The parts of an instance as read, each row valid by itself, not yet checked against each other."""

    header: records.Header
    zones: tuple[records.Zone, ...]
    nodes: tuple[records.Node, ...]
    pipe_types: tuple[records.PipeType, ...]
    pipes: tuple[records.Pipe, ...]
    fuels: tuple[records.Fuel, ...]
    technologies: tuple[records.Technology, ...]
    capability: tuple[records.Corner, ...]
    retrofits: tuple[records.Retrofit, ...]
    units: tuple[records.Unit, ...]
    stores: tuple[records.Store, ...]
    demands: tuple[records.Demand, ...]
    envelopes: tuple[records.Envelope, ...]
    connections: tuple[records.Connection, ...]
    contingencies: tuple[records.Contingency, ...]
    series: Series
    schedules: Mapping[str, records.Schedule] = field(default_factory=dict)


@dataclass(frozen=True)
class Instance(Tables):
    """A city and its choices.

    Tables are kept sorted by their keys, so that two instances with the same rows are equal and hash alike.
    `schedule_name` and `schedule` are the overlay that was applied by `with_schedule`, None for the instance as it
    is written; the changes of rules are then merged into `header.rules`, new rules stand behind them, and the
    retirements stay in `schedule`.

    Raises InstanceError with every fault when the parts do not fit together.
    """

    schedule_name: str | None = None
    schedule: records.Schedule | None = None

    def __post_init__(self) -> None:
        for table, keys in records.KEYS.items():
            object.__setattr__(self, table, tuple(sorted(getattr(self, table), key=attrgetter(*keys))))
        issues = rules.check(self)
        if issues:
            raise InstanceError(issues)

    def replace(self, **changes: object) -> Instance:
        """A variant with some parts exchanged, checked like any other instance."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def with_schedule(self, name: str | None) -> Instance:
        """The instance under a schedule of its folder; None gives the instance itself.

        Raises UsageError for a name that the folder does not have, and where one is applied already.
        """
        if name is None:
            return self
        if self.schedule is not None:
            raise UsageError(f"{self.header.name} is under the schedule `{self.schedule_name}` already; begin without.")
        if name not in self.schedules:
            known = ", ".join(sorted(self.schedules)) or "none"
            raise UsageError(f"there is no schedule `{name}` in {self.header.name}; it has: {known}.")
        schedule = self.schedules[name]
        changes = {change.rule: change for change in schedule.rules}
        merged = tuple(
            rule.model_copy(update=changes[rule.id].model_dump(exclude={"rule"}, exclude_none=True))
            if rule.id in changes
            else rule
            for rule in self.header.rules
        )
        header = self.header.model_copy(update={"rules": (*merged, *schedule.new_rules)})
        return self.replace(header=header, schedule_name=name, schedule=schedule)

    @cached_property
    def sha256(self) -> str:
        """Hash of everything that the instance says, independent of the order of rows and of the schedule applied.

        The schedules of the folder are overlays and stay out of it, but for the one applied.
        """
        digest = hashlib.sha256()
        parts: dict[str, object] = {"header": self.header.model_dump(mode="json")}
        for table in records.TABLES:
            parts[table] = [row.model_dump(mode="json", exclude=_unsaid(row)) for row in getattr(self, table)]
        # New rules of a schedule stand among the rules of the header once it is applied.
        parts["schedule"] = self.schedule.model_dump(mode="json", exclude={"new_rules"}) if self.schedule else None
        digest.update(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode())
        for name in sorted(self.series):
            digest.update(name.encode())
            digest.update(self.series[name].tobytes())
        return digest.hexdigest()

    # --- look-ups, computed once -------------------------------------------------------------------------

    @cached_property
    def node(self) -> Mapping[str, records.Node]:
        """Node by id."""
        return {row.id: row for row in self.nodes}

    @cached_property
    def zone(self) -> Mapping[str, records.Zone]:
        """Zone by id."""
        return {row.id: row for row in self.zones}

    @cached_property
    def pipe_type(self) -> Mapping[str, records.PipeType]:
        """Pipe type by id."""
        return {row.id: row for row in self.pipe_types}

    @cached_property
    def fuel(self) -> Mapping[str, records.Fuel]:
        """Fuel by id."""
        return {row.id: row for row in self.fuels}

    @cached_property
    def technology(self) -> Mapping[str, records.Technology]:
        """Technology by id."""
        return {row.id: row for row in self.technologies}

    @cached_property
    def regime(self) -> Mapping[str, records.Regime]:
        """Temperature regime by id."""
        return {row.id: row for row in self.header.regimes}

    @cached_property
    def connection(self) -> Mapping[str, records.Connection]:
        """Connection by node."""
        return {row.node: row for row in self.connections}

    def regimes_of(self, pipe: records.Pipe) -> tuple[str, ...]:
        """Ids of the regimes that a pipe may be run in, the one at the start first."""
        return (pipe.regime,) if pipe.regime is not None else self.zone[str(pipe.zone)].regimes

    @cached_property
    def corners(self) -> Mapping[str, tuple[records.Corner, ...]]:
        """Corner points by technology id."""
        return {
            technology.id: tuple(corner for corner in self.capability if corner.technology == technology.id)
            for technology in self.technologies
        }

    @cached_property
    def machine_heat_mw(self) -> Mapping[str, float]:
        """Largest heat of one machine of each unit in the modes that need no retrofit, MW."""
        bought = {(row.technology, row.mode) for row in self.retrofits}
        found = {}
        for unit in self.units:
            corners = (c.heat_mw for c in self.corners[unit.technology] if (c.technology, c.mode) not in bought)
            found[unit.id] = max(corners) * unit.size_mw / self.technology[unit.technology].size_mw
        return found

    @property
    def stages(self) -> tuple[records.Stage, ...]:
        """The stages in order."""
        return self.header.stages

    @property
    def off_season_days(self) -> int:
        """Days from the end of a season to the beginning of the next."""
        told = self.header.season.off_season_days
        return max(0, DAYS_OF_YEAR - self.series.days) if told is None else told

    @cached_property
    def demand_nodes(self) -> tuple[str, ...]:
        """Ids of the nodes with a row in `demands`, in order."""
        return tuple(sorted({row.node for row in self.demands}))

    def area_mm2(self, node: str, year: int) -> float:
        """Heated area of a node in Mm², linear between the years of `demands`."""
        return self._demand(node, year, "area_mm2")

    def peak_w_per_m2(self, node: str, year: int) -> float:
        """Design load per area of a node in W/m², linear between the years of `demands`."""
        return self._demand(node, year, "peak_w_per_m2")

    def consumers(self, node: str, year: int) -> float:
        """Consumers that a node stands for, linear between the years of `demands`."""
        return self._demand(node, year, "consumers")

    def design_heat_mw(self, node: str, year: int) -> float:
        """Design heat load in MW, before the demand side: area [Mm²] times index [W/m²]."""
        return self.area_mm2(node, year) * self.peak_w_per_m2(node, year)

    @cached_property
    def demands_of(self) -> Mapping[str, tuple[records.Demand, ...]]:
        """Rows of `demands` by node, in order of their years."""
        found: dict[str, list[records.Demand]] = {}
        for row in self.demands:
            found.setdefault(row.node, []).append(row)
        return {node: tuple(rows) for node, rows in found.items()}

    def _demand(self, node: str, year: int, column: str) -> float:
        rows = self.demands_of[node]
        return float(np.interp(year, [row.year for row in rows], [getattr(row, column) for row in rows]))

    def guarantee_share(self, node: str) -> float:
        """Share of the design load that is guaranteed at a node in a contingency: of its zone, or of `[security]`."""
        zone = self.zone.get(self.node[node].zone or "")
        if zone is not None and zone.guarantee_share is not None:
            return zone.guarantee_share
        return self.header.security.guarantee_share if self.header.security else 0.0


def _unsaid(row: records.Record) -> set[str]:
    """Columns of a row that came later and are at their default."""
    fields = type(row).model_fields
    return {name for name in records.LATE_COLUMNS if name in fields and getattr(row, name) == fields[name].default}
