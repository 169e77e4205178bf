"""What the page of a comparison tells of: the tables of docs/compare.md, and each schedule's result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from heatnet.instance import Instance
from heatnet.report.page import style
from heatnet.report.page.plan import Plan, Subject, rows_of, spans
from heatnet.report.page.words import Words

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOOKS = (
    (style.RED, "solid", "circle", ""),
    (style.BLUE, "dash", "square", "/"),
    (style.GREEN, "dot", "triangle-up", "x"),
    (style.ORANGE, "dashdot", "diamond", "."),
    (style.PINK, "longdash", "star", "\\"),
    (style.SKY, "longdashdot", "cross", "+"),
    (style.INK, "2px,6px", "triangle-down", "-"),
    (style.GREY, "12px,3px,3px,3px", "hexagon", "|"),
)
"""Colour, dash, symbol and pattern of the schedules, in order; the letter tells them apart where there are more."""


@dataclass(frozen=True)
class Member:
    """A schedule of a comparison: `letter` marks it in charts, `subject` is its result, `titles` in two languages."""

    name: str
    letter: str
    subject: Subject
    titles: tuple[str, str]
    look: tuple[str, str, str, str]

    def title(self, words: Words) -> str:
        """What the schedule is, in words."""
        return words.either(*self.titles, self.name)


@dataclass(frozen=True)
class Comparison:
    """`told` is `comparison.json`, `frames` are the tables by name, `subjects` the results by schedule, in order.

    What the tables have of a schedule is not blank where its result has a plan.
    """

    told: Mapping[str, Any]
    frames: Mapping[str, pd.DataFrame]
    subjects: Mapping[str, Subject]

    @cached_property
    def members(self) -> list[Member]:
        """The schedules, in order."""
        titles = {listed["name"]: (listed["title"], listed["title_local"]) for listed in self.told["schedules"]}
        letters = [LETTERS[place % 26] + ("" if place < 26 else str(place // 26)) for place in range(len(titles))]
        return [
            Member(name, letters[place], subject, titles[name], LOOKS[place % len(LOOKS)])
            for place, (name, subject) in enumerate(self.subjects.items())
        ]

    @cached_property
    def planned(self) -> list[Member]:
        """The schedules that have a plan."""
        return [member for member in self.members if member.subject.plan is not None]

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """The plan of each schedule that has one."""
        return {name: subject.plan for name, subject in self.subjects.items() if subject.plan is not None}

    @cached_property
    def member(self) -> dict[str, Member]:
        """Schedule by name."""
        return {member.name: member for member in self.members}

    @cached_property
    def base(self) -> Member:
        """The schedule that differences are counted from: `free`, so that they are the price of the policy, if it has a
        plan; else the reference, else the first with a plan.
        """
        for name in (self.told["free"], self.told["reference"]):
            if name in self.plans:
                return self.member[name]
        return (self.planned or self.members)[0]

    @cached_property
    def headline(self) -> Member:
        """The schedule that the page opens with: the first with a plan that is not the base."""
        others = [member for member in self.planned if member.name != self.base.name]
        return (others or self.planned or self.members)[0]

    @cached_property
    def instance(self) -> Instance:
        """The instance, under its first schedule."""
        return self.members[0].subject.instance

    @cached_property
    def currency(self) -> str:
        """Code of the currency."""
        return str(self.told["currency"])

    @property
    def money(self) -> str:
        """How a column of money ends: mcny."""
        return f"m{self.currency.lower()}"

    @cached_property
    def summary(self) -> pd.DataFrame:
        """`schedules.csv` by schedule."""
        return self.frames["schedules"].set_index("schedule")

    @cached_property
    def years(self) -> list[int]:
        """First years of the stages."""
        return [int(stage["year"]) for stage in self.told["stages"]]

    @cached_property
    def spans(self) -> dict[int, str]:
        """How a stage is called: 2026–27."""
        return spans(self.instance)

    def costs(self, name: str) -> pd.Series[float]:
        """Million of the base year by term, of a schedule, over all stages."""
        frame = self.frames["costs"]
        return frame[frame["schedule"] == name].groupby("term", sort=False)[f"cost_{self.money}"].sum()

    def interval(self, name: str, base: str) -> tuple[float, float, float] | None:
        """Cost of a plan less that of another, and the least and most that the least costs can differ by, million.

        None without two plans; without a bound what is not proved is infinite.
        """
        table = self.summary
        cost, bound = table[f"cost_{self.money}"], table[f"bound_{self.money}"].fillna(float("-inf"))
        if pd.isna(cost[name]) or pd.isna(cost[base]):
            return None
        own, other = float(cost[name]), float(cost[base])
        least, most = float(bound[name]) - other, own - float(bound[base])
        more = {listed["name"]: listed["asks_more_than"] for listed in self.told["schedules"]}
        least = max(least, 0.0) if base in more[name] else least
        return own - other, least, min(most, 0.0) if name in more[base] else most

    def values(self, table: str, column: str) -> dict[tuple[str, int], float]:
        """A column of a table with a row per schedule and stage."""
        rows = rows_of(self.frames[table])
        return {(str(row.schedule), int(row.stage)): float(getattr(row, column)) for row in rows}
