"""Representative days: a few days of the season, in steps of one or more hours, that stand for all of it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from heatnet.errors import UsageError
from heatnet.instance.instance import Array, Instance
from heatnet.physics import finance
from heatnet.physics.load import load_factor


@dataclass(frozen=True)
class TimeGrid:
    """Days of the season with weights, and the stages' weights in money.

    `season_days`: place of each day in the season, from 0. `calendar`: for every day of the season, the number of the
    day that stands for it. `load_scale`: factor on the heat load of each day (1 on the coldest). `step_hours`: hours of
    a step.
    """

    instance: Instance
    season_days: tuple[int, ...]
    calendar: tuple[int, ...]
    load_scale: tuple[float, ...]
    step_hours: int

    @classmethod
    def choose(cls, instance: Instance, days: int, step_hours: int) -> TimeGrid:
        """The coldest day and `days − 1` others, chosen by clustering the rest of the season (tsam, medoids).

        The load of the others is scaled by one factor, so that the season's heat is kept.
        Raises UsageError when the season has fewer days, or a day is not a whole number of steps.
        """
        season = instance.series.days
        if not 1 <= days <= season:
            raise UsageError(
                f"--days {days}: the season of {instance.header.name} has {season} days; ask for 1 to {season}."
            )
        if step_hours < 1 or 24 % step_hours:
            raise UsageError(f"--step-hours {step_hours}: must divide 24 (1, 2, 3, 4, 6, 8, 12 or 24).")
        coldest = coldest_day(instance)
        others = [day for day in range(season) if day != coldest]
        chosen = {coldest: coldest} | _medoids(instance, others, days - 1, coldest)
        season_days = tuple(sorted(set(chosen.values())))
        calendar = tuple(season_days.index(chosen[day]) for day in range(season))
        return cls(instance, season_days, calendar, _load_scale(instance, season_days, calendar, coldest), step_hours)

    @cached_property
    def weight_days(self) -> tuple[float, ...]:
        """Days of the season that each representative day stands for."""
        return tuple(float(self.calendar.count(day)) for day in self.days)

    @property
    def days(self) -> range:
        """Numbers of the representative days."""
        return range(len(self.season_days))

    @property
    def steps(self) -> range:
        """Numbers of the steps of a day."""
        return range(24 // self.step_hours)

    def mean(self, series: str) -> Array:
        """Means of a named series of the instance: shape (days, steps)."""
        if series not in self._means:
            self._means[series] = self.mean_by_step(self.instance.series[series])
        return self._means[series]

    @cached_property
    def _means(self) -> dict[str, Array]:
        return {}

    def mean_by_step(self, hourly: Array) -> Array:
        """Means of an hourly series of the season by representative day and step: shape (days, steps)."""
        by_day = hourly.reshape(-1, 24)[list(self.season_days)]
        steps: Array = by_day.reshape(len(self.season_days), -1, self.step_hours).mean(axis=2)
        return steps

    @cached_property
    def load(self) -> Array:
        """Share of the design heat load, before the shapes of demand rows: shape (days, steps)."""
        load: Array = self.mean_by_step(season_load(self.instance)) * np.array(self.load_scale)[:, None]
        return load

    def profile(self, node: str) -> Array:
        """Heat demand of a node as a share of its design load: shape (days, steps)."""
        shape = self.instance.demands_of[node][0].shape_series
        return self.load if shape is None else self.load * self.mean(shape)

    def demand_mw(self, node: str, year: int) -> Array:
        """Heat demand of a node in MW, before the demand side: shape (days, steps)."""
        return self.instance.design_heat_mw(node, year) * self.profile(node)

    def season_mwh(self, per_step: Array) -> float:
        """Energy of a season in MWh, from MW by day and step."""
        return float(self.step_hours * np.array(self.weight_days) @ per_step.sum(axis=1))

    def season_demand_mwh(self, year: int) -> float:
        """Heat demand of all nodes over a season in MWh, before the demand side."""
        if year not in self._season_demand:
            nodes = self.instance.demand_nodes
            self._season_demand[year] = sum(self.season_mwh(self.demand_mw(node, year)) for node in nodes)
        return self._season_demand[year]

    @cached_property
    def _season_demand(self) -> dict[int, float]:
        return {}

    @cached_property
    def stage_weight(self) -> dict[int, float]:
        """Value in the base year of 1 paid in each year of a stage, by the stage's year."""
        header = self.instance.header
        rate = header.economics.discount_rate_share
        return {s.year: finance.span_weight(rate, s.year, s.span_years, header.base_year) for s in header.stages}

    def calendar_frame(self) -> pd.DataFrame:
        """The days of the season as the table `calendar.csv` of a result."""
        return pd.DataFrame({"season_day": range(len(self.calendar)), "day": self.calendar})

    def frame(self) -> pd.DataFrame:
        """The days as the table `days.csv` of a result."""
        return pd.DataFrame(
            {
                "day": list(self.days),
                "season_day": list(self.season_days),
                "weight_days": list(self.weight_days),
                "load_scale": list(self.load_scale),
            }
        )


@dataclass(frozen=True)
class Hours(TimeGrid):
    """Hours of the season in a row, each as it is: one long day of steps of an hour that stands for itself alone."""

    first: int
    number: int

    @classmethod
    def of(cls, instance: Instance, first: int = 0, number: int | None = None) -> Hours:
        """`number` hours from hour `first` of the season on; all that are left where None."""
        left = instance.series.hours - first
        days = (0,) * instance.series.days
        return cls(instance, (0,), days, (1.0,), 1, first, left if number is None else number)

    @cached_property
    def weight_days(self) -> tuple[float, ...]:
        """The hours stand for themselves."""
        return (1.0,)

    @property
    def steps(self) -> range:
        """Numbers of the hours, from 0."""
        return range(self.number)

    def mean_by_step(self, hourly: Array) -> Array:
        """The hours of a series: shape (1, hours)."""
        return hourly[None, self.first : self.first + self.number]

    def season_demand_mwh(self, year: int) -> float:
        """Heat demand of all nodes over the whole season in MWh, before the demand side."""
        return super().season_demand_mwh(year) if self._is_whole else self._whole.season_demand_mwh(year)

    @property
    def _is_whole(self) -> bool:
        return self.number == self.instance.series.hours

    @cached_property
    def _whole(self) -> Hours:
        return Hours.of(self.instance)


def season_load(instance: Instance) -> Array:
    """Load factor of every hour of the season (see `heatnet.physics.load`)."""
    season = instance.header.season
    outdoor = instance.series["outdoor_c"]
    return load_factor(outdoor, season.indoor_c, season.design_outdoor_c, season.load_floor_share, season.inertia_h)


def coldest_day(instance: Instance) -> int:
    """The day of the season with the lowest mean outdoor temperature, the first of equals."""
    return int(np.argmin(instance.series["outdoor_c"].reshape(-1, 24).mean(axis=1)))


def _load_scale(
    instance: Instance, season_days: Sequence[int], calendar: Sequence[int], coldest: int
) -> tuple[float, ...]:
    load = season_load(instance).reshape(-1, 24).mean(axis=1)
    told = load[list(season_days)][list(calendar)]
    own = np.array(calendar) == season_days.index(coldest)
    others = told[~own].sum()
    scale = (load.sum() - told[own].sum()) / others if others else 1.0
    return tuple(1.0 if day == coldest else float(scale) for day in season_days)


def _medoids(instance: Instance, days: list[int], number: int, coldest: int) -> dict[int, int]:
    """For each of `days`, the one of them that stands for it; the coldest where none is to be chosen."""
    if number == 0:
        return dict.fromkeys(days, coldest)
    if number == len(days):
        return {day: day for day in days}
    import tsam  # brings scikit-learn, which takes longer to import than an instance takes to read

    columns = {"load": season_load(instance)} | {
        name: instance.series[name] for name in ("power_wholesale_cur_per_mwh", "power_retail_cur_per_mwh")
    }
    hours = np.concatenate([np.arange(24 * day, 24 * day + 24) for day in days])
    data = pd.DataFrame(
        {name: values[hours] for name, values in columns.items()},
        index=pd.date_range("2001-01-01", periods=len(hours), freq="h"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of constant series, which are legitimate here
        result = tsam.aggregate(data, n_clusters=number, preserve_column_means=False, weights={"load": 3.0})
    centers = result.clustering.cluster_centers
    assert centers is not None
    return {day: days[int(centers[group])] for day, group in zip(days, result.cluster_assignments, strict=True)}
