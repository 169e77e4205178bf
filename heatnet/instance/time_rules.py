"""What must hold for the stages of an instance and for its season."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from heatnet.errors import Issue
from heatnet.instance import records
from heatnet.instance.context import HEADER, SEASON, Context, suggestion


def stage_order(context: Context) -> Iterator[Issue]:
    """Stages follow each other without gap or overlap, and the base year is not after the first."""
    stages = context.tables.header.stages
    for number, (stage, following) in enumerate(pairwise(stages), start=1):
        end = stage.year + stage.span_years
        if following.year <= stage.year:
            text = f"stage {following.year} stands after stage {stage.year}; stages must run forward in time."
            yield Issue(HEADER, 0, f"stages[{number}].year", text)
        elif following.year != end:
            text = (
                f"stage {stage.year} stands for {stage.span_years} years and ends before {end}, but the next stage "
                f"begins in {following.year}; span_years should be {following.year - stage.year}."
            )
            yield Issue(HEADER, 0, f"stages[{number - 1}].span_years", text)
    if context.tables.header.base_year > stages[0].year:
        yield Issue(HEADER, 0, "base_year", f"is after the first stage ({stages[0].year}).")


def season(context: Context) -> Iterator[Issue]:
    """The season is whole days; factor columns that rows name are there; temperatures make sense."""
    header, series = context.tables.header, context.tables.series
    if header.season.indoor_c <= header.season.design_outdoor_c:
        yield Issue(HEADER, 0, "season.indoor_c", "must be above design_outdoor_c.")
    if not series:
        return
    if series.hours % 24 or not series.hours:
        yield Issue(SEASON, 0, "hour", f"has {series.hours} hours; a season is whole days of 24.")
    if header.solve.days > max(series.days, 1):
        yield Issue(HEADER, 0, "solve.days", f"is {header.solve.days}, but the season has {series.days} days.")
    retail = series["power_retail_cur_per_mwh"]
    if (retail < 0).any():
        column = records.file_name("power_retail_cur_per_mwh", context.currency)
        text = f"is below 0 in {int((retail < 0).sum())} hours; who buys power would be paid without limit."
        yield Issue(SEASON, int(np.argmax(retail < 0)) + 2, column, text)
    factors = sorted(name for name in series if name.endswith("_factor"))
    negative = {name for name in factors if (series[name] < 0).any()}
    uses: tuple[tuple[str, str], ...] = (("fuels", "price_series"), ("demands", "shape_series"))
    for table, column in uses:
        for row in context.rows(table):
            name = getattr(row, column)
            if name is None:
                continue
            if name not in factors:
                hint = suggestion(name, factors)
                yield context.issue(table, row, column, f"`{name}` is not a factor column of {SEASON}{hint}")
            elif column == "shape_series" and name in negative:
                yield context.issue(table, row, column, f"`{name}` is below 0 in some hour; demand cannot be.")
