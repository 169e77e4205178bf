"""What must hold for technologies, their corner points and retrofits, and for units and stores."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatnet.errors import Issue
from heatnet.instance import records
from heatnet.instance.context import SEASON, Context, suggestion


def corner_points(context: Context) -> Iterator[Issue]:
    """Every technology has corner points of the ordinary mode; in each mode, each is a true corner of the region."""
    if not context.whole("capability"):
        return
    with_corners = {corner.technology for corner in context.tables.capability}
    for technology in context.tables.technologies:
        if technology.id not in with_corners:
            yield context.issue("technologies", technology, "id", "has no corner points in capability.csv.")
            continue
        corners = [corner for corner in context.tables.capability if corner.technology == technology.id]
        if all(corner.mode for corner in corners):
            text = "has no corner points of the ordinary mode in capability.csv (those whose `mode` is blank)."
            yield context.issue("technologies", technology, "id", text)
        if max(corner.heat_mw for corner in corners) <= 0:
            text = "makes no heat at any corner; one heat_mw must be above 0."
            yield context.issue("capability", corners[0], "heat_mw", text)
        for mode in dict.fromkeys(corner.mode for corner in corners):
            yield from _true_corners(context, [corner for corner in corners if corner.mode == mode])
        if technology.fuel is None and any(corner.fuel_mw > 0 for corner in corners):
            text = "its corner points use fuel, but it names none."
            yield context.issue("technologies", technology, "fuel", text)


def _true_corners(context: Context, corners: list[records.Corner]) -> Iterator[Issue]:
    """Each of the corners of one mode adds to the region that the others span."""
    points = [(corner.heat_mw, corner.power_mw) for corner in corners]
    for corner, point in zip(corners, points, strict=True):
        others = [other for other in points if other != point]
        if points.count(point) > 1:
            text = "stands at the same heat and power as another corner of its technology and mode."
            yield context.issue("capability", corner, "heat_mw", text)
        elif _inside_hull(point, others) and not _saves_fuel(corner, [c for c in corners if c is not corner]):
            text = (
                f"({corner.heat_mw:g} MW heat, {corner.power_mw:g} MW power) lies within the region of the other "
                "corners of its mode and needs no less fuel than they do there; corner points must be convex."
            )
            yield context.issue("capability", corner, "heat_mw", text)


def _inside_hull(point: tuple[float, float], others: list[tuple[float, float]]) -> bool:
    """Whether a point of the plane lies in the convex hull of others: no direction sees it in front of them all.

    Seen from the point, the others must leave no open half-plane empty: the largest angle between neighbours by
    direction is at most 180°.
    """
    if not others:
        return False
    angles = np.sort([np.arctan2(y - point[1], x - point[0]) for x, y in others])
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    return bool(gaps.max() <= np.pi + 1e-9)


def _saves_fuel(corner: records.Corner, others: list[records.Corner]) -> bool:
    """Whether a corner within the region of others needs less fuel than any mix of them at its heat and power."""
    from scipy.optimize import linprog  # slow to import, and rarely needed

    mix = linprog(
        [other.fuel_mw for other in others],
        A_eq=[[other.heat_mw for other in others], [other.power_mw for other in others], [1.0] * len(others)],
        b_eq=[corner.heat_mw, corner.power_mw, 1.0],
    )
    return mix.fun is not None and bool(mix.fun > corner.fuel_mw + 1e-9)


def known_modes(context: Context) -> Iterator[Issue]:
    """A retrofit opens a mode that corner points of its technology have."""
    if not context.whole("capability"):
        return
    for row in context.tables.retrofits:
        corners = [corner for corner in context.tables.capability if corner.technology == row.technology]
        modes = {corner.mode for corner in corners if corner.mode}
        if corners and row.mode not in modes:
            text = f"no corner point of {row.technology} in capability.csv has the mode `{row.mode}`"
            yield context.issue("retrofits", row, "mode", text + suggestion(row.mode, modes))


def sensible_commitment(context: Context) -> Iterator[Issue]:
    """Starts and minimum times are seen only by hourly commitment; elsewhere they would be passed over in silence."""
    for technology in context.tables.technologies:
        if technology.commitment == "hourly":
            continue
        for column in ("start_cur_per_mw", "min_up_h", "min_down_h"):
            if getattr(technology, column) > 0:
                text = f"counts only with hourly commitment, and this is {technology.commitment}; leave it blank."
                yield context.issue("technologies", technology, column, text)


HEAT_PUMP = ("source_drop_k", "sink_in_c", "sink_out_c", "lorenz_share", "cop_max")
"""Columns of a technology that a COP needs, besides its source."""


def sensible_heat_pumps(context: Context) -> Iterator[Issue]:
    """What a COP needs is given together; sources are temperature columns; availability is for uncommitted machines."""
    series = context.tables.series
    for technology in context.tables.technologies:

        def issue(column: str, text: str, row: records.Record = technology) -> Issue:
            return context.issue("technologies", row, column, text)

        given = [column for column in HEAT_PUMP if getattr(technology, column) is not None]
        source = technology.source_series
        if given and len(given) < len(HEAT_PUMP):
            missing = ", ".join(column for column in HEAT_PUMP if column not in given)
            yield issue(given[0], f"stands without {missing}; a COP needs all of them.")
        needs_source = bool(given) or technology.derate_below_c is not None
        if needs_source and source is None:
            yield issue("source_series", "is missing; the COP or the derating follows a source temperature.")
        if (technology.derate_below_c is None) != (technology.derate_share_per_k == 0.0):
            yield issue("derate_below_c", "and derate_share_per_k go together: give both, or neither.")
        temperatures = sorted(name for name in series if name.endswith("_c"))
        if source is not None and series and source not in temperatures:
            hint = suggestion(source, temperatures)
            yield issue("source_series", f"`{source}` is not a temperature column (`…_c`) of {SEASON}{hint}")
        low, high = technology.sink_in_c, technology.sink_out_c
        if low is not None and high is not None and high < low:
            yield issue("sink_out_c", f"is below sink_in_c ({low:g}); the sink is warmed.")
        varies = technology.availability_share < 1.0 or technology.derate_below_c is not None
        if varies and technology.commitment != "none":
            yield issue("availability_share", "and derating are for technologies without commitment; leave them out.")
        if technology.lorenz_share is not None:
            for corner in context.tables.capability:
                if corner.technology == technology.id and corner.power_mw != 0.0:
                    text = "must be 0: the power of this technology follows from its COP."
                    yield context.issue("capability", corner, "power_mw", text)


def sensible_units(context: Context) -> Iterator[Issue]:
    """A unit or store has something, or may get it; what a unit says of leaving and reserve can come true."""
    must_run = {technology.id for technology in context.tables.technologies if technology.must_run}
    for unit in context.tables.units:
        if unit.count == 0 and unit.max_new == 0:
            yield context.issue("units", unit, "count", "has no machines and may not build any; give count or max_new.")
        if unit.may_reserve and unit.technology in must_run:
            text = f"is true, but `{unit.technology}` must run; its machines cannot be held in reserve."
            yield context.issue("units", unit, "may_reserve", text)
        for column in ("group", "leaves_after_pipe"):
            if getattr(unit, column) is None:
                continue
            if unit.count == 0:
                text = (
                    "is for machines that are there at the start, and here count is 0; give count, or leave it blank."
                )
                yield context.issue("units", unit, column, text)
            elif not unit.may_retire:
                text = "is for machines that may leave, and these stay (may_retire is false); leave one of them blank."
                yield context.issue("units", unit, column, text)
    for store in context.tables.stores:
        if store.existing_mwh == 0 and store.max_new_mwh == 0:
            yield context.issue("stores", store, "existing_mwh", "has no size and may not get one.")


def sensible_conversions(context: Context) -> Iterator[Issue]:
    """A unit converts machines of another unit at its node."""
    units = {unit.id: unit for unit in context.tables.units}
    for unit in context.tables.units:
        old = units.get(unit.converts) if unit.converts else None
        if old is not None and (old.node != unit.node or old.count == 0 or old.id == unit.id):
            text = f"`{old.id}` must be another unit at the same node that has machines."
            yield context.issue("units", unit, "converts", text)
