"""What must hold for the demands of nodes, for what saves of them, and for nodes that may stay unconnected."""

from __future__ import annotations

import math
from collections.abc import Iterator

from heatnet.errors import Issue
from heatnet.instance.context import Context


def one_shape(context: Context) -> Iterator[Issue]:
    """All demand rows of a node have the same shape; only area and index change over the years."""
    shapes: dict[str, str | None] = {}
    for row in context.tables.demands:
        if shapes.setdefault(row.node, row.shape_series) != row.shape_series:
            text = "differs from the shape of another year; a node keeps its shape."
            yield context.issue("demands", row, "shape_series", text)


def with_demand(context: Context) -> Iterator[Issue]:
    """Measures and connections belong to nodes with demand."""
    if not context.whole("demands"):
        return
    without = context.known("nodes") - {row.node for row in context.tables.demands}
    tables = (("envelopes", context.tables.envelopes), ("connections", context.tables.connections))
    for table, rows in tables:
        for row in rows:
            if row.node in without:
                yield context.issue(table, row, "node", "has no row in demands.csv; give its demand there.")


def sensible_envelopes(context: Context) -> Iterator[Issue]:
    """A measure can be taken and saves something; all measures of a node find room on its area."""
    rows = context.tables.envelopes
    for row in rows:
        for column in ("max_share", "saving_share"):
            if getattr(row, column) == 0:
                yield context.issue("envelopes", row, column, "must be above 0; leave out a measure that does nothing.")
    shares: dict[str, list[float]] = {}
    for row in rows:
        shares.setdefault(row.node, []).append(row.max_share)
    for last in {row.node: row for row in rows}.values():
        together = math.fsum(shares[last.node])
        if together > 1 + 1e-9:
            text = f"the measures of {last.node} add up to {together:g} of its area; they must be 1 or less together."
            yield context.issue("envelopes", last, "max_share", text)
