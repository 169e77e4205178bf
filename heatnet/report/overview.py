"""What `heatnet validate` says of a sound instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from heatnet.instance import Instance
from heatnet.instance.records import MARKS, TABLES


def overview(instance: Instance) -> RenderableType:
    """Headline, size, and how well each table is founded: rows by the mark that their source begins with."""
    header, series = instance.header, instance.series
    text = Text()
    text.append(f"{header.title}: valid\n", "bold")
    years = ", ".join(str(stage.year) for stage in header.stages)
    text.append(f"stages {years}; season of {series.days} days; ")
    text.append(f"schedules: {', '.join(sorted(instance.schedules)) or 'none'}\n")
    text.append(f"sha256 {instance.sha256}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("rows by mark of their source")
    for column in ("rows", *MARKS):
        table.add_column(column, justify="right")
    for name, counts in _marks(instance):
        table.add_row(name, str(sum(counts.values())), *[str(counts[mark] or "–") for mark in MARKS])
    return Group(text, table)


def _marks(instance: Instance) -> Iterator[tuple[str, Counter[str]]]:
    for name in TABLES:
        rows = getattr(instance, name)
        if rows:
            yield name, Counter(row.source.split(":")[0] for row in rows)
