"""What the least cost does when one number of the instance is another."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from heatnet.errors import UsageError
from heatnet.instance import Instance
from heatnet.instance.context import suggestion
from heatnet.instance.figures import with_figure
from heatnet.instance.records import file_name
from heatnet.solve import Result
from heatnet.study.points import CHANGES, FIGURES, Study, changes, figures, missing_mwh, table


@dataclass(frozen=True)
class Variation:
    """A number of the instance (`heatnet.instance.figures`) and the values that it is to have, as written."""

    place: str
    values: tuple[str, ...]

    @classmethod
    def parse(cls, instance: Instance, text: str) -> Variation:
        """From `TABLE.ROW.COLUMN=V1,V2`; a value is a factor, `+X` or `-X` to be added, or `=X` in its stead.

        `FUEL_price` stands for `fuels.FUEL.price_cur_per_mwh`. Every value is tried on the instance, so that what
        cannot be meant is told before anything is solved. Raises UsageError or InstanceError.
        """
        place, sign, values = text.partition("=")
        place = place.strip()
        if not sign or not values.strip():
            raise UsageError(
                f"--vary {text}: must be TABLE.ROW.COLUMN=VALUES, as in fuels.gas.price_cur_per_mwh=0.8,1.2."
            )
        if "." not in place:
            fuel = place.removesuffix("_price")
            if fuel not in instance.fuel or fuel == place:
                hint = suggestion(place, [f"{name}_price" for name in instance.fuel])
                raise UsageError(f"--vary {place}: is neither TABLE.ROW.COLUMN nor the price of a fuel{hint}")
            place = f"fuels.{fuel}.{file_name('price_cur_per_mwh', instance.header.currency)}"
        found = cls(place, tuple(value.strip() for value in values.split(",")))
        for value in found.values:
            found.apply(instance, value)
        return found

    def apply(self, instance: Instance, value: str) -> Instance:
        """The instance with one of the values."""
        try:
            return with_figure(instance, self.place, _change(self.place, value))
        except UsageError as error:
            raise UsageError(f"--vary {error}") from None


def _change(place: str, value: str) -> Callable[[float], float]:
    sign, number = (value[0], value[1:]) if value[:1] in ("=", "+", "-") else ("x", value)
    try:
        amount = float(number)
    except ValueError:
        amount = math.nan
    if not math.isfinite(amount):
        raise UsageError(
            f"{place}: {value or 'a blank'} is no value; give a factor (0.8), +10 or -10 to add, or =30 instead."
        )
    if sign == "=":
        return lambda old: amount
    if sign == "x":
        return lambda old: old * amount
    return lambda old: old + (amount if sign == "+" else -amount)


@dataclass(frozen=True)
class Sensitivity:
    """`points`: the base and a row for each value. `changes`: what each plan has otherwise than that of the base."""

    points: pd.DataFrame
    changes: pd.DataFrame


def vary(instance: Instance, variations: list[Variation], study: Study) -> Sensitivity:
    """Solve the base, then every value alone, from the plan of the base."""
    base = study.point("base", instance)
    if base is None:
        raise KeyboardInterrupt
    found: list[tuple[str, str, str, Result]] = [("base", "", "", base)]
    for number, variation in enumerate(variations, start=1):
        for place, value in enumerate(variation.values, start=1):
            name = f"vary-{number}-{place}"
            result = study.point(name, variation.apply(instance, value), base.answer.solution)
            if result is not None:
                found.append((name, variation.place, value, result))
    rows: list[tuple[object, ...]] = []
    moved: list[tuple[object, ...]] = []
    for name, figure, value, result in found:
        rows.append((name, figure, value, *figures(result), *_difference(result, base), missing_mwh(result)))
        moved += changes(name, result, "base", base) if result is not base else []
    return Sensitivity(table(rows, COLUMNS, instance.header.currency), pd.DataFrame(moved, columns=list(CHANGES)))


COLUMNS = (
    "point",
    "figure",
    "value",
    *FIGURES,
    "difference_mcur",
    "difference_least_mcur",
    "difference_most_mcur",
    "unserved_mwh",
)
"""`difference_…` is the cost less that of the base; the least costs differ by no less and no more than the interval."""


def _difference(result: Result, base: Result) -> tuple[float, float, float]:
    (_, cost, bound, _), (_, before, bound_before, _) = figures(result), figures(base)
    return cost - before, bound - before, cost - bound_before


def tornado(frame: pd.DataFrame) -> pd.DataFrame:
    """Of the points of a sensitivity a row for each figure: lowest and highest difference, the widest first."""
    money = next(column for column in frame.columns if column.startswith("difference_m"))
    rows = frame[frame["figure"] != ""].dropna(subset=[money])
    found = []
    for figure, group in rows.groupby("figure", sort=False):
        ordered = group.sort_values(money, kind="stable")
        low, high = ordered.iloc[0], ordered.iloc[-1]
        found.append((figure, low["value"], float(low[money]), high["value"], float(high[money])))
    columns = ["figure", "low_value", f"low_{money}", "high_value", f"high_{money}"]
    wide = pd.DataFrame(found, columns=columns)
    swing = wide[f"high_{money}"].clip(lower=0) - wide[f"low_{money}"].clip(upper=0)
    return wide.loc[swing.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
