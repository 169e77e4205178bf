"""The folder that a generated instance is written into: whole or not at all, without columns that say nothing."""

from __future__ import annotations

import csv
import tomllib
from contextlib import AbstractContextManager
from pathlib import Path

from heatnet import folders
from heatnet.instance import Instance, records, write

GENERATED = "assumed: generated, seed"
"""How the source of everything begins that a generator chose."""

SCHEDULES = ("free.toml", "policy.toml")


def reserved(out: Path, force: bool) -> AbstractContextManager[Path]:
    """A hidden folder that becomes `out` when the block ends well; with `force` in place of a generated instance."""
    return folders.reserved(out, "a generated instance", _is_generated, force=force)


def save(instance: Instance, folder: Path) -> None:
    """Write an instance into an empty folder, without the columns in which every row has the default.

    Raises RunError when the disk is full or the like.
    """
    write(instance, folder)
    try:
        for table, record in records.TABLES.items():
            rows = getattr(instance, table)
            plain = {
                records.file_name(name, instance.header.currency)
                for name, info in record.model_fields.items()
                if not info.is_required() and all(getattr(row, name) == info.default for row in rows)
            }
            if rows and plain:
                _drop(folder / f"{table}.csv", plain)
    except OSError as error:
        raise folders.unwritable("the instance folder", error) from None


def _drop(file: Path, columns: set[str]) -> None:
    with file.open(encoding="utf-8", newline="") as stream:
        header, *lines = csv.reader(stream)
    kept = [place for place, name in enumerate(header) if name not in columns]
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([line[place] for place in kept] for line in [header, *lines])


def _is_generated(folder: Path) -> bool:
    """Whether a folder holds a generated instance and nothing else that somebody might miss."""
    ours = {"instance.toml", "series", "schedules", *(f"{table}.csv" for table in records.TABLES)}
    try:
        header = tomllib.loads((folder / "instance.toml").read_text(encoding="utf-8"))
        sources = [str(stage["source"]) for stage in header["stages"]]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if not all(source.startswith(GENERATED) for source in sources):
        return False
    inside = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    return inside <= ours | {str(Path("series", "season.csv")), *(str(Path("schedules", name)) for name in SCHEDULES)}
